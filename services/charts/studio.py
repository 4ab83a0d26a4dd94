"""Has charts drawn by a process of its own, one at a time, and hands their addresses out."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import Enum

import structlog

from services.charts.chart import Chart
from services.children import ChildFailed, ask, swept
from services.keys import DAY
from services.pictures import PictureShelf

DRAWER = "services.charts.draw"
DRAW_WITHIN = 15.0
"""Seconds one picture may take; the first one of a process reads the fonts."""
FAILED_FOR = 60.0
"""Seconds until a chart that could not be drawn is tried again."""
LIMIT = 2 * 1024 * 1024
REMEMBERED = 100
WAITING = 8
"""Charts that may wait for their turn: of more, the figures are shown without."""
LEFT_AFTER = 2 * DAY
"""Seconds after which a folder of fonts belongs to nobody, or is made again by whoever still needs it."""
PNG = b"\x89PNG\r\n\x1a\n"
PREFIX = "tabys-charts-"

_log = structlog.get_logger("charts")


class State(Enum):
    """What became of a chart."""

    READY = "ready"
    LATE = "late"
    """It is still being drawn: there is none yet."""
    FAILED = "failed"


class Studio:
    """Draws charts for whoever asks. The same chart is drawn once, however many ask for it at the same time."""

    def __init__(self, pictures: PictureShelf) -> None:
        self._pictures = pictures
        self._one = asyncio.Semaphore(1)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._following: set[asyncio.Task[None]] = set()
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._folder: str | None = None

    async def prepared(self, chart: Chart, within: float) -> State:
        """Waits at most ``within`` seconds until the picture at ``chart.address`` can be shown. Never raises."""
        address = chart.address
        if await self._pictures.has(address):
            return State.READY
        if self._failed.get(address, 0.0) > time.monotonic():
            return State.FAILED
        task = self._running.get(address)
        if task is None and len(self._running) >= WAITING:
            return State.LATE
        if task is None:
            task = self._running[address] = asyncio.create_task(self._draw(chart, address))
            task.add_done_callback(lambda _: self._running.pop(address, None))
        await asyncio.wait({task}, timeout=within)
        if not task.done():
            return State.LATE
        return State.FAILED if address in self._failed else State.READY

    def then(self, chart: Chart, act: Callable[[], Awaitable[None]]) -> None:
        """Has ``act`` done once the chart that came late is there; nothing where it fails."""
        running = self._running.get(chart.address)
        if running is None:
            return

        async def follow() -> None:
            await asyncio.wait({running})
            if await self._pictures.has(chart.address):
                await act()

        task = asyncio.create_task(follow())
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _draw(self, chart: Chart, address: str) -> None:
        try:
            async with self._one:
                content = await ask(
                    DRAWER, asdict(chart), within=DRAW_WITHIN, limit=LIMIT,
                    environment={"MPLCONFIGDIR": await self._fonts()},
                )  # fmt: skip
                if not content.startswith(PNG):
                    raise ChildFailed("no picture")
                self._pictures.lay(address, content)
        except (ChildFailed, OSError) as error:
            _log.warning("chart_not_drawn", reason=str(error))
            self._failed[address] = time.monotonic() + FAILED_FOR
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)
        else:
            self._failed.pop(address, None)

    async def _fonts(self) -> str:
        """A folder where the library notes which fonts there are, so that it looks for them once."""
        if self._folder is None:
            self._folder = await asyncio.to_thread(_new_folder)
        return self._folder

    async def close(self) -> None:
        """Ends what is being drawn, and what waits for it."""
        running = [*self._following, *self._running.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _new_folder() -> str:
    swept(PREFIX, LEFT_AFTER, time.time())
    return tempfile.mkdtemp(prefix=PREFIX)
