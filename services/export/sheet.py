"""A sheet written by a process of its own, so that no click waits for it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Self

from services.children import Child, ChildFailed, swept
from services.export.cells import Row
from services.export.writer import Layout

WRITER = "services.export.writer"
PREFIX = "tabys-export-"
LEFT_AFTER = 3600.0
"""Seconds after which a folder belongs to nobody any more: its processes were both killed."""
CLOSE_WITHIN = 30.0
"""Seconds the process has to pack the file once all rows are there."""


class Sheet:
    """A file in the making; entered, it may be added to, and whatever happens nothing stays on the disk.

    ``layout.path`` is filled in here.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.folder: Path | None = None
        self.child = Child(WRITER)

    async def __aenter__(self) -> Self:
        """Raises ``ChildFailed``."""
        self.folder = Path(await asyncio.to_thread(_new_folder))
        self._path = self.folder / f"sheet.{self._layout.format}"
        try:
            await self.child.__aenter__()
            await self.child.tell(asdict(self._layout) | {"path": str(self._path)})
        except BaseException:
            await self._clear()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._clear()

    async def add(self, rows: Sequence[Row]) -> None:
        """Waits until the process has taken them. Raises ``ChildFailed``."""
        await self.child.tell(rows)

    async def finish(self, limit: int) -> bytes | None:
        """The file; None when it has more than ``limit`` bytes. Raises ``ChildFailed``."""
        await self.child.tell({"end": True})
        try:
            await asyncio.wait_for(self.child.end(), CLOSE_WITHIN)
        except TimeoutError as error:
            raise ChildFailed("not packed in time") from error
        return await asyncio.to_thread(_content, self._path, limit)

    async def _clear(self) -> None:
        try:
            await self.child.__aexit__()
        finally:
            if self.folder is not None:
                # At once: an interrupted job may have no time left to wait for a thread.
                shutil.rmtree(self.folder, ignore_errors=True)


def _new_folder() -> str:
    sweep(time.time())
    return tempfile.mkdtemp(prefix=PREFIX)


def sweep(now: float) -> int:
    """How many folders were removed that killed processes left behind."""
    return swept(PREFIX, LEFT_AFTER, now)


def _content(path: Path, limit: int) -> bytes | None:
    return None if path.stat().st_size > limit else path.read_bytes()
