"""The process that solves: its answer, its end with whoever waits for it, and nothing of it in the bot."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.children import Child, ChildFailed
from services.matching.apart import SOLVER, arranged
from services.matching.coffee import arrange
from services.matching.solver import NICE
from services.matching.task import Candidate, Refused, Task
from services.matching.wire import ARRANGEMENT, TASK
from tests.support.matching import ON, crowd

LONG = crowd(2_000, 20, majority=0.7)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the processes that were started since."""
    found: list[int] = []
    enter = Child.__aenter__

    async def noted(self: Child) -> Child:
        await enter(self)
        found.append(self.process.pid)
        return self

    monkeypatch.setattr(Child, "__aenter__", noted)
    return found


async def at_work(started: list[int]) -> int:
    """The process's id, once it has taken the task: from then on a thread of it waits for the end."""
    while not started:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    threads = Path(f"/proc/{started[0]}/task")
    while len(await asyncio.to_thread(os.listdir, threads)) < 2:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)
    return started[0]


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_the_answer_is_that_of_the_function():
    task = crowd(301)
    assert await arranged(task) == arrange(task)


def test_tasks_and_rounds_survive_json():
    task = crowd(31, locked=((3, 4),), bars=((1, 2),))
    assert TASK.validate_json(TASK.dump_json(task)) == task
    found = arrange(task)
    assert ARRANGEMENT.validate_json(ARRANGEMENT.dump_json(found)) == found


async def test_the_same_round_whatever_python_hashes_by():
    """Each process draws its own seed of hashes."""
    task = crowd(120, majority=0.6)
    first, second = await asyncio.gather(arranged(task), arranged(task))
    assert first == second


async def test_a_cancelled_wait_ends_the_process(started: list[int]):
    waiting = asyncio.create_task(arranged(LONG))
    pid = await at_work(started)
    began = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert is_gone(pid)
    assert time.monotonic() - began < 2


async def test_what_takes_too_long_is_ended(started: list[int]):
    with pytest.raises(ChildFailed, match="not done in time"):
        await arranged(LONG, seconds=0.3)
    assert all(is_gone(pid) for pid in started)


async def test_a_killed_process_is_an_error(started: list[int]):
    waiting = asyncio.create_task(arranged(LONG))
    os.kill(await at_work(started), signal.SIGKILL)
    with pytest.raises(ChildFailed):
        await waiting


async def test_a_process_whose_parent_is_gone_ends(started: list[int]):
    async with Child(SOLVER, answers=True) as child:
        await child.tell(TASK.dump_json(LONG).decode())
        await at_work(started)
        assert child.process.stdin is not None
        # As the kernel does it for a process that was killed.
        child.process.stdin.close()
        assert await asyncio.wait_for(child.process.wait(), 5) == 1


async def test_a_contradiction_needs_no_process(started: list[int]):
    with pytest.raises(Refused):
        await arranged(Task((Candidate(1), Candidate(2)), ON, 1, bars=((1, 2),), locked=((1, 2),)))
    assert not started


async def test_clicks_come_first(started: list[int]):
    waiting = asyncio.create_task(arranged(LONG))
    assert os.getpriority(os.PRIO_PROCESS, await at_work(started)) >= NICE
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


def test_the_solver_stays_out_of_the_bot():
    """networkx costs memory and seconds at the start that only the process needs."""
    code = (
        "import sys, services.matching.apart, services.matching.swaps, services.matching.mentorship;"
        "sys.exit('networkx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
