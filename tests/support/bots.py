"""The bot as a process: ``main.py run`` with an environment of its own, its log in a file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
START_WITHIN = 40.0


def environment(env: dict[str, str]) -> dict[str, str]:
    """``env`` and of the surroundings only what Python itself needs: nobody's .env or settings leak in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | env


class BotProcess:
    """One replica; an async context manager that ends it hard if the test did not."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.ops = free_port()
        self.env = env | {"OPS_PORT": str(self.ops)}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> BotProcess:
        """Starts it; returns at once."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "main.py"), "run"],
                env=environment(self.env),
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    async def ready(self) -> BotProcess:
        """Returns when /readyz is 200; AssertionError with the log when it ended instead."""
        await until_ready(self.ops, self.ended, self.log)
        return self

    def ended(self) -> bool:
        """True when the process is gone."""
        return self.process is None or self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to this very process."""
        assert self.process is not None
        self.process.send_signal(number)

    async def exit_code(self, within: float = 30.0) -> int:
        """The exit code; TimeoutError when it does not end in time."""
        assert self.process is not None
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), within)

    async def kill(self) -> None:
        """kill -9."""
        if not self.ended():
            self.signal(signal.SIGKILL)
            await self.exit_code()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log as events; a line that is no JSON is given as ``event``."""
        return read_log(self.log)

    async def get(self, path: str) -> tuple[int, str]:
        """Status and text of a path of the operators' port."""
        return await get(self.ops, path)

    async def __aenter__(self) -> BotProcess:
        return await self.begin().ready()

    async def __aexit__(self, *_exception: object) -> None:
        await self.kill()


def read_log(log: Path) -> list[dict[str, Any]]:
    """The events of a log file."""
    found = []
    for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        found.append(event if isinstance(event, dict) else {"event": line})
    return found


async def get(port: int, path: str) -> tuple[int, str]:
    """Status and text of a path on a port of this machine."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def until_ready(port: int, ended: Any, log: Path) -> None:
    """Returns when the replica with that operators' port serves."""
    limit = time.monotonic() + START_WITHIN
    async with aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            assert not ended(), f"the bot ended: {read_log(log)[-20:]}"
            assert time.monotonic() < limit, f"the bot is not ready: {read_log(log)[-20:]}"
            await asyncio.sleep(0.05)
