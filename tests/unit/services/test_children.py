"""A process of its own: asked once, told bit by bit, slow, broken, talkative, left alone."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from services import children
from services.children import Child, ChildFailed, ask

MODULE = """
import json, os, sys, time
question = json.loads(sys.stdin.readline())
if question == "nothing":
    sys.exit(0)
if question == "fail":
    sys.exit(3)
if question == "sleep":
    time.sleep(60)
if question == "who":
    sys.stdout.write(json.dumps({"pid": os.getpid(), "known": sorted(os.environ)}))
elif question == "talk":
    sys.stdout.write("x" * 300_000)
else:
    sys.stdout.write(json.dumps(question, ensure_ascii=False))
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "echoing.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(children, "ROOT", tmp_path)


async def test_it_answers_what_it_is_asked():
    assert await ask("echoing", {"сұрақ": 1}, within=20, limit=1000) == '{"сұрақ": 1}'.encode()
    assert await ask("echoing", "nothing", within=20, limit=1000) == b""


async def test_a_long_question_and_a_long_answer_do_not_wait_for_each_other():
    question = "ә" * 500_000
    assert len(await ask("echoing", question, within=20, limit=2_000_000)) > 1_000_000


async def test_it_gets_no_secret_and_what_is_added(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:SECRET")
    known = await ask("echoing", "who", within=20, limit=10_000, environment={"ADDED": "1"})
    assert b"TELEGRAM_BOT_TOKEN" not in known
    assert b"ADDED" in known


@pytest.mark.parametrize(("question", "why"), [("fail", "exit code 3"), ("talk", "too much")])
async def test_a_bad_end_is_an_error(question: str, why: str):
    with pytest.raises(ChildFailed, match=why):
        await ask("echoing", question, within=20, limit=100_000)


async def test_one_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ChildFailed):
        await ask("echoing", "nothing", within=20, limit=100)


async def test_a_slow_one_is_killed():
    begun = time.monotonic()
    async with Child("echoing") as child:
        pid = child.process.pid
        await child.tell("sleep")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ChildFailed, match="in time"):
        await ask("echoing", "sleep", within=0.5, limit=100)
    assert time.monotonic() - begun < 30


async def test_one_that_is_left_can_be_told_nothing():
    child = Child("echoing")
    with pytest.raises(ChildFailed):
        await child.tell("who")
    async with child:
        await child.tell("nothing")
        await child.process.wait()
        await asyncio.sleep(0.1)
        with pytest.raises(ChildFailed):
            await child.tell("x" * 1_000_000)
