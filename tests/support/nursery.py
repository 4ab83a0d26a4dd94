"""Replicas that start in a moment: a process that has imported the bot already forks one for each request.

What runs in the child is ``main.main(["run"])`` as in ``main.py run``, only without the seconds of importing:
a process of its own, to be killed, stopped and asked like any other. Its exit code is not known.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support.bots import ROOT, environment, get, read_log, until_ready
from tests.support.ports import free_port


class Replica:
    """One forked bot; an async context manager that kills it if the test did not."""

    def __init__(self, nursery: Nursery, env: dict[str, str], log: Path) -> None:
        self._nursery = nursery
        self.ops = free_port()
        self.env = env | {"OPS_PORT": str(self.ops)}
        self.log = log
        self.pid = 0

    async def begin(self) -> Replica:
        """Starts it; returns at once."""
        self.pid = await asyncio.to_thread(self._nursery.fork, self.env, self.log)
        return self

    async def ready(self) -> Replica:
        """Returns when it serves."""
        await until_ready(self.ops, self.ended, self.log)
        return self

    def ended(self) -> bool:
        """True when the process is gone."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to this very process."""
        os.kill(self.pid, number)

    async def gone(self, within: float = 30.0) -> None:
        """Returns when the process is gone."""
        async with asyncio.timeout(within):
            # Not our child, so nobody tells us.
            while not self.ended():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def kill(self) -> None:
        """kill -9, and gone when this returns."""
        if self.pid and not self.ended():
            self.signal(signal.SIGKILL)
            await self.gone()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log as events."""
        return read_log(self.log)

    async def get(self, path: str) -> tuple[int, str]:
        """Status and text of a path of the operators' port."""
        return await get(self.ops, path)

    async def __aenter__(self) -> Replica:
        return await (await self.begin()).ready()

    async def __aexit__(self, *_exception: object) -> None:
        await self.kill()


class Nursery:
    """The process that forks. ``close`` ends it; the replicas end with their tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            env=environment({}),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def fork(self, env: dict[str, str], log: Path) -> int:
        """The pid of a new replica."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"log": str(log), "env": env}).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the nursery itself."""
        self._process.communicate(timeout=20)


def _child(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(order["env"])
    os.chdir(Path(order["log"]).parent)
    import main

    code = 70
    try:
        code = main.main(["run"])
    finally:
        sys.stdout.flush()
        os._exit(code)


def _serve() -> None:
    # What takes seconds is imported and read once, before any fork.
    composition = import_module("composition")
    composition.load(composition.LOCALES)

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Line by line from the file descriptor: a forked child must not inherit what was read ahead.
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
