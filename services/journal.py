"""Write-behind: what Redis must learn soon, but nobody has to wait for.

Kept in memory until the background task writes it (at most every ``interval``) or the person's next click
carries it along in its own round trip. Lost with the process: a read-only update is then answered again,
which harms nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.keys import UiKey, UpdateKey

log = logging.getLogger(__name__)

INTERVAL = 0.05
"""Seconds after which notes are written, unless a click took them along before."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An update this process holds until ``lease_until`` (epoch seconds)."""

    user_id: int
    update_id: int
    lease_until: float


@dataclass(slots=True)
class Pending:
    """What is not written yet for one person."""

    done: list[Mark] = field(default_factory=list)
    ui: dict[str, str] = field(default_factory=dict)

    def held(self, now: float) -> list[Mark]:
        """The marks whose lease is still ours; another holder decides about the others."""
        return [mark for mark in self.done if mark.lease_until > now]


class Journal:
    """Collects and writes; at most ``limit`` persons and ``limit`` marks each way, the oldest dropped."""

    def __init__(
        self,
        redis: Redis,
        *,
        interval: float = INTERVAL,
        limit: int = 20_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._interval = interval
        self._limit = limit
        self._pending: dict[int, Pending] = {}
        self._wake = asyncio.Event()
        self._ended = False
        self._task: asyncio.Task[None] | None = None

    @property
    def pending_count(self) -> int:
        """How many persons something is held for."""
        return len(self._pending)

    def done(self, mark: Mark) -> None:
        """Notes that the update behind ``mark`` is finished."""
        self._of(mark.user_id).done.append(mark)

    def set_ui(self, user_id: int, fields: Mapping[str, str]) -> None:
        """Notes new values of ui fields (``preferences.UiField``); ``""`` clears one."""
        if fields:
            self._of(user_id).ui.update(fields)

    def pending_for(self, user_id: int) -> Pending | None:
        """What is held for that person, which is the caller's to write from now on; None: nothing."""
        return self._pending.pop(user_id, None)

    def put_back(self, user_id: int, pending: Pending) -> None:
        """Takes back what could not be written; values noted since then win."""
        held = self._of(user_id)
        held.done[:0] = pending.done
        held.ui = {**pending.ui, **held.ui}

    async def start(self) -> None:
        """Starts the background task."""
        self._ended = False
        self._task = asyncio.create_task(self._run(), name="journal")

    async def stop(self) -> None:
        """Ends the task and writes what is left."""
        if self._task is not None:
            # The client may swallow a cancellation that meets its answer: then the flag ends the loop.
            self._ended = True
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self.flush()

    async def flush(self) -> bool:
        """True when all is written; False, after a log line, when Redis refused and it waits on."""
        batch, self._pending = self._pending, {}
        if not batch:
            return True
        try:
            await self._write(batch)
        except RedisError as error:
            log.warning("journal not written, tried again", extra={"error": type(error).__name__})
            self._restore(batch)
            return False
        except BaseException:
            self._restore(batch)
            raise
        return True

    def _of(self, user_id: int) -> Pending:
        if user_id not in self._pending and len(self._pending) >= self._limit:
            self._pending.pop(next(iter(self._pending)))
            log.warning("journal full, the oldest entry is dropped")
        held = self._pending.setdefault(user_id, Pending())
        del held.done[: -self._limit]
        self._wake.set()
        return held

    def _restore(self, batch: Mapping[int, Pending]) -> None:
        for user_id, pending in batch.items():
            self.put_back(user_id, pending)

    async def _write(self, batch: Mapping[int, Pending]) -> None:
        now = self._clock()
        pipe = self._redis.pipeline(transaction=False)
        for user_id, pending in batch.items():
            for mark in pending.held(now):
                pipe.set(UpdateKey(user_id, mark.update_id).name, "done", ex=UpdateKey.TTL)
            if pending.ui:
                pipe.hset(UiKey(user_id).name, mapping=dict[Any, Any](pending.ui))
        await pipe.execute()

    async def _run(self) -> None:
        while not self._ended:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(self._interval)
            if not await self.flush():
                await asyncio.sleep(1)
