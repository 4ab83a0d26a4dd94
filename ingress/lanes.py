"""Persons side by side, each person's updates one after the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable

import structlog

from ingress.contract import Handle, Handled, Update
from ingress.pace import Backoff, sleep_unless

AT_ONCE = 64
BUSY_SECONDS = 0.2
UNAVAILABLE_SECONDS = 2.0

_log = structlog.get_logger("ingress")


class Lanes:
    """Runs updates, ``at_once`` at the same time; ``finished`` hears of each one that is DONE."""

    def __init__(self, handle: Handle, finished: Callable[[int], None], at_once: int = AT_ONCE) -> None:
        self._handle = handle
        self._finished = finished
        self._room = asyncio.Semaphore(at_once)
        self._waiting: dict[Hashable, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    def put(self, update: Update) -> None:
        """Queue it behind what the same person sent before."""
        key = person(update)
        lane = self._waiting.get(key)
        if lane is not None:
            lane.append(update)
            return
        self._waiting[key] = deque((update,))
        task = asyncio.create_task(self._serve(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, limit: float) -> bool:
        """Begin nothing more, finish what runs; False when it was cancelled after ``limit`` seconds."""
        self._closing.set()
        if not self._tasks:
            return True
        _, late = await asyncio.wait(self._tasks, timeout=limit)
        await self.cancel()
        return not late

    async def cancel(self) -> None:
        """End everything now; unfinished updates stay unconfirmed."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, key: Hashable) -> None:
        lane = self._waiting[key]
        try:
            while lane and not self._closing.is_set():
                if await self._finish(lane[0]):
                    lane.popleft()
        finally:
            del self._waiting[key]

    async def _finish(self, update: Update) -> bool:
        """True when DONE; False when closing began before that, so that it comes again."""
        backoff = Backoff(first=0.1, longest=UNAVAILABLE_SECONDS)
        while not self._closing.is_set():
            async with self._room:
                # Closing may have begun while this one waited for room.
                handled = Handled.BUSY if self._closing.is_set() else await self._handle(update)
            if handled is Handled.DONE:
                self._finished(update["update_id"])
                return True
            seconds = backoff.next() if handled is Handled.UNAVAILABLE else BUSY_SECONDS
            await sleep_unless(self._closing, seconds)
        return False


def person(update: Update) -> Hashable:
    """Whose update it is: the sender's id, else the chat's, else nobody's but its own."""
    for value in update.values():
        if not isinstance(value, dict):
            continue
        for name in ("from", "user", "chat"):
            owner = value.get(name)
            if isinstance(owner, dict) and type(owner.get("id")) is int:
                return int(owner["id"])
    return "update", update["update_id"]
