"""Work in a process of its own, so that no click waits for it: fed with lines of JSON, killed when it is left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

ROOT = Path(__file__).parents[1]
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
"""What the process gets of the surroundings: no token, no secret."""
_PIECE = 65_536
_NOTHING: Mapping[str, str] = MappingProxyType({})


class ChildFailed(Exception):
    """The process did not do what it was asked."""


class Child:
    """``python -m module``; entered, it may be told things, and however it is left, the process is gone.

    ``environment`` is added to the little that it gets. The module lowers its own priority (``os.nice``), and takes
    a stdin that ends too early for a parent that died.
    """

    def __init__(
        self, module: str, *, environment: Mapping[str, str] = _NOTHING, answers: bool = False
    ) -> None:
        self._module = module
        self._environment = environment
        self._answers = answers
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        """Raises ``ChildFailed``."""
        known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-E", "-s", "-X", "utf8", "-m", self._module,
                cwd=ROOT, env={**known, **self._environment}, stdin=PIPE, stdout=PIPE if self._answers else DEVNULL,
                stderr=DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise ChildFailed(type(error).__name__) from error
        return self

    async def __aexit__(self, *_exception: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        if process.stdin is not None:
            process.stdin.close()
        # A pipe that is full would stay open for ever.
        while process.stdout is not None and await process.stdout.read(_PIECE):
            pass
        await process.wait()

    @property
    def process(self) -> Process:
        """The running process. Raises ``ChildFailed`` before it was entered and after it was left."""
        if self._process is None:
            raise ChildFailed("not started")
        return self._process

    async def tell(self, what: object) -> None:
        """Waits until the process has taken this line. Raises ``ChildFailed``."""
        stdin = self.process.stdin
        if stdin is None:
            raise ChildFailed("takes nothing")
        try:
            stdin.write(json.dumps(what, separators=(",", ":")).encode() + b"\n")
            await stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise ChildFailed("the process is gone") from error

    async def end(self) -> None:
        """Nothing more comes; waits until the process has ended well. Raises ``ChildFailed``."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        code = await self.process.wait()
        if code != 0:
            raise ChildFailed(f"exit code {code}")

    async def said(self, limit: int) -> bytes:
        """All it wrote to stdout, of one that ``answers``. Raises ``ChildFailed`` over ``limit`` bytes."""
        stdout, found = self.process.stdout, bytearray()
        while stdout is not None and (piece := await stdout.read(_PIECE)):
            found += piece
            if len(found) > limit:
                raise ChildFailed("says too much")
        return bytes(found)


def swept(prefix: str, seconds: float, now: float) -> int:
    """How many temporary folders of that prefix were removed: killed processes left them so many seconds ago."""
    gone = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if now - folder.stat().st_mtime > seconds:
                shutil.rmtree(folder)
                gone += 1
    return gone


async def ask(
    module: str,
    question: object,
    *,
    within: float,
    limit: int,
    environment: Mapping[str, str] = _NOTHING,
) -> bytes:
    """What ``python -m module`` writes to stdout after one line of JSON on stdin.

    Raises ``ChildFailed`` when it takes longer than ``within`` seconds, says more than ``limit`` bytes, or ends badly.
    """
    try:
        async with asyncio.timeout(within), Child(module, environment=environment, answers=True) as child:
            # It may answer before it has heard everything: a pipe that nobody empties would hold both up.
            said, _ = await asyncio.gather(child.said(limit), child.tell(question))
            await child.end()
    except TimeoutError as error:
        raise ChildFailed("not done in time") from error
    return said
