"""A sheet written by a process of its own, so that no click waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Self

from services.export.cells import Row
from services.export.writer import Layout

ROOT = Path(__file__).parents[2]
PREFIX = "tabys-export-"
LEFT_AFTER = 3600.0
"""Seconds after which a folder belongs to nobody any more: its processes were both killed."""
CLOSE_WITHIN = 30.0
"""Seconds the process has to pack the file once all rows are there."""
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
"""What the process gets of the surroundings: no token, no secret."""


class SheetFailed(Exception):
    """The process did not write the file."""


class Sheet:
    """A file in the making; entered, it may be added to, and whatever happens nothing stays on the disk.

    ``layout.path`` is filled in here.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._folder: Path | None = None
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        """Raises ``SheetFailed``."""
        self._folder = Path(await asyncio.to_thread(_new_folder))
        try:
            await self._start(self._folder / f"sheet.{self._layout.format}")
        except BaseException:
            await self._clear()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._clear()

    async def _start(self, path: Path) -> None:
        known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-E", "-s", "-X", "utf8", "-m", "services.export.writer",
                cwd=ROOT, env=known, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise SheetFailed(type(error).__name__) from error
        await self._tell(asdict(self._layout) | {"path": str(path)})
        self._path = path

    async def add(self, rows: Sequence[Row]) -> None:
        """Waits until the process has taken them. Raises ``SheetFailed``."""
        await self._tell(rows)

    async def finish(self, limit: int) -> bytes | None:
        """The file; None when it has more than ``limit`` bytes. Raises ``SheetFailed``."""
        await self._tell({"end": True})
        process = self._running()
        if process.stdin is not None:
            process.stdin.close()
        try:
            code = await asyncio.wait_for(process.wait(), CLOSE_WITHIN)
        except TimeoutError as error:
            raise SheetFailed("not packed in time") from error
        if code != 0:
            raise SheetFailed(f"exit code {code}")
        return await asyncio.to_thread(_content, self._path, limit)

    def _running(self) -> Process:
        if self._process is None:
            raise SheetFailed("not started")
        return self._process

    async def _tell(self, what: object) -> None:
        stdin = self._running().stdin
        if stdin is None:
            raise SheetFailed("not started")
        try:
            stdin.write(json.dumps(what, separators=(",", ":")).encode() + b"\n")
            await stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise SheetFailed("the process is gone") from error

    async def _clear(self) -> None:
        process, self._process = self._process, None
        try:
            if process is not None:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                if process.stdin is not None:
                    process.stdin.close()
                await process.wait()
        finally:
            if self._folder is not None:
                # At once: an interrupted job may have no time left to wait for a thread.
                shutil.rmtree(self._folder, ignore_errors=True)


def _new_folder() -> str:
    sweep(time.time())
    return tempfile.mkdtemp(prefix=PREFIX)


def sweep(now: float) -> int:
    """How many folders were removed that killed processes left behind."""
    gone = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if now - folder.stat().st_mtime > LEFT_AFTER:
                shutil.rmtree(folder)
                gone += 1
    return gone


def _content(path: Path, limit: int) -> bytes | None:
    return None if path.stat().st_size > limit else path.read_bytes()
