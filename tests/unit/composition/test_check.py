"""``main.py check`` against what is there, what is wrong and what is silent."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from redis.asyncio import Redis

import checking
from checking import check
from config import load
from resources.registry import WrongDeclaration
from sandbox.telegram import TelegramServer
from services import checks
from services.audit import Audit, AuditEntry
from services.keys import AuditHeadKey, AuditKey
from tests.support.ports import free_port


class Table(dict[str, tuple[str, str]]):
    """Subject -> mark and finding, of what was printed."""

    def __init__(self, text: str) -> None:
        self.text = text
        width = 9
        for line in text.splitlines():
            if line[:width].strip() in set(checks.Mark):
                subject, _, found = line[width:].partition("  ")
                self[subject] = (line[:width].strip(), found.strip())

    def failed(self) -> set[str]:
        return {subject for subject, (mark, _) in self.items() if mark == "FAIL"}


async def checked(env: dict[str, str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Table]:
    code = await check(load(env, None))
    return code, Table(capsys.readouterr().out)


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


async def test_an_installation_that_works(env: dict[str, str], capsys):
    code, table = await checked(env, capsys)
    assert code == 0
    assert table.failed() == set()
    assert table["TELEGRAM_BOT_TOKEN"] == ("ok", "set hidden")
    assert table["TABYS_API_TIMEOUT"] == ("ok", "default 30.0")
    assert table["telegram"][1].startswith("@tabys_sandbox_bot, ")
    assert table["updates"] == ("ok", "polling, 0 updates waiting")
    assert table["backend"][1].startswith("version 2.0.0, ")
    assert table["operations events"][1].endswith("from /openapi.json")
    assert table["clock against Telegram"] == ("ok", "within 5 s")
    assert table["declarations"][0] == "ok"
    assert "redis persistence" not in table
    assert table.text.splitlines()[-1].startswith("can work: 0 failed")


async def test_a_tampered_audit_is_named(env: dict[str, str], capsys):
    entry = AuditEntry(1_800_000_000.5, 7, 101, "Ada", "administrator", "edit", "events", 42)
    async with Redis.from_url(env["REDIS_URL"], decode_responses=True) as redis:
        await Audit(redis).add(entry, entry, entry)
        code, table = await checked(env, capsys)
        assert (code, table["audit"][0]) == (0, "ok")
        assert table["audit"][1].startswith("3 entries, chain unbroken")
        await redis.xdel(AuditKey.name, (await redis.xrange(AuditKey.name))[1][0])
        code, table = await checked(env, capsys)
        await redis.delete(AuditKey.name, AuditHeadKey.name)
    assert code == 1
    assert table["audit"][0] == "FAIL"
    assert table["audit"][1].startswith("entry 3 of 20")
    assert "does not follow the one before" in table["audit"][1]


async def test_no_secret_is_printed(env: dict[str, str], capsys):
    port = env["REDIS_URL"].rpartition(":")[2]
    secrets = {
        "TELEGRAM_WEBHOOK_SECRET": "hook-secret_of-tests", "TELEGRAM_BOT_LINK_SECRET": "link-secret-of-tests",
        "SESSION_KEYS": "ab" * 32, "REDIS_URL": f"redis://user:redis-password@127.0.0.1:{port}",
    }  # fmt: skip
    _, table = await checked(env | secrets, capsys)
    for secret in (env["TELEGRAM_BOT_TOKEN"], *list(secrets.values())[:3], "redis-password"):
        assert secret not in table.text
    assert table["SESSION_KEYS"] == ("ok", "set hidden")


async def test_a_refused_token_does_not_hide_the_rest(env: dict[str, str], capsys):
    code, table = await checked(env | {"TELEGRAM_BOT_TOKEN": "1:wrong-token"}, capsys)
    assert code == 4
    assert table.failed() == {"telegram"}
    assert table["backend"][0] == "ok"


async def test_nothing_is_reachable(env: dict[str, str], capsys):
    nowhere = f"127.0.0.1:{free_port()}"
    gone = {
        "REDIS_URL": f"redis://{nowhere}",
        "TABYS_API_URL": f"http://{nowhere}",
        "TELEGRAM_API_URL": f"http://{nowhere}",
    }
    code, table = await checked(env | gone, capsys)
    assert code == 1
    assert table.failed() == {"redis", "telegram", "backend"}
    assert table["operations"] == ("warning", "assumed: the backend's /openapi.json could not be read")
    assert table["clock against the backend"][0] == "warning"


async def test_what_is_silent_is_waited_for_together(env: dict[str, str], silent: str, capsys, monkeypatch):
    monkeypatch.setattr(checks.probe, "__defaults__", (checks.Mark.FAIL, 0.3))
    hung = {
        "REDIS_URL": f"redis://{silent}",
        "TABYS_API_URL": f"http://{silent}",
        "TELEGRAM_API_URL": f"http://{silent}",
    }
    started = time.monotonic()
    code, table = await checked(env | hung, capsys)
    assert code == 1
    assert table.failed() == {"redis", "telegram", "backend", "operations"}
    assert table["redis"][1] == "no answer in 0.3 s"
    assert time.monotonic() - started < 3


async def test_a_webhook_that_is_registered_though_we_poll(
    env: dict[str, str], telegram: TelegramServer, capsys
):
    async with asyncio.timeout(10):
        hook = {"TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:1/hook", "TELEGRAM_WEBHOOK_SECRET": "hook-secret"}
        code, table = await checked(env | hook, capsys)
    assert code == 0
    assert table["updates"] == (
        "warning",
        "webhook, 0 updates waiting; not registered: set at the next start",
    )


async def test_wrong_declarations_do_not_hide_the_rest(env: dict[str, str], capsys, monkeypatch):
    def wrong(*_: object) -> None:
        raise WrongDeclaration(["R001 events: no Need", "R002 events: no text"])

    monkeypatch.setattr(checking, "Registry", wrong)
    code, table = await checked(env, capsys)
    assert code == 3
    assert "R001 events: no Need" in table.text
    assert "R002 events: no text" in table.text
    assert table["redis"][0] == "ok"
    assert table["operations sign-in"][0] == "ok"


@pytest.fixture
async def bare_backend() -> AsyncIterator[str]:
    """A backend with a banner, an own clock and next to no operations."""

    async def banner(_request: web.Request) -> web.Response:
        return web.json_response({"version": "3.1"}, headers={"Date": "Fri, 01 Jan 2021 00:00:00 GMT"})

    async def openapi(_request: web.Request) -> web.Response:
        return web.json_response({"paths": {"/api/v1/telegram-auth/verify-otp": {"post": {}}}})

    app = web.Application()
    app.router.add_get("/", banner)
    app.router.add_get("/openapi.json", openapi)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_backend_without_the_operations(env: dict[str, str], bare_backend: str, capsys):
    code, table = await checked(env | {"TABYS_API_URL": bare_backend}, capsys)
    assert code == 1
    assert table.failed() == {"operations sign-in"}
    assert "missing: POST /api/v1/telegram-auth/restore-session" in table.text
    assert table["operations events"][0] == "warning"
    assert table["backend"][1].startswith("version 3.1")
    assert table["clock against the backend"][0] == "warning"
    assert "ahead" in table["clock against the backend"][1]
