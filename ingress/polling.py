"""Updates by long polling, confirmed only when their work is done.

Telegram forgets every update below the ``offset`` that getUpdates sends, so the offset follows the finished
ones: it stands behind the last update before which nothing is unfinished. While one is unfinished, getUpdates
returns at once and with everything from there on; what is known already is skipped, and the next call waits a
little, so that a slow update costs neither a busy loop nor the others' time. At most 100 updates (one answer
of getUpdates) are therefore in work; a deployment that needs more uses the webhook.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog

from ingress.bot_api import BotApi, CallFailed
from ingress.contract import Handle, is_update
from ingress.lanes import AT_ONCE, Lanes
from ingress.offsets import Offsets
from ingress.pace import LONGEST_SECONDS, Backoff, sleep_unless

POLL_SECONDS = 25
ANSWER_SECONDS = 10.0
BATCH = 100
CONFIRM_SECONDS = 5.0
FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.05
STALLED_AFTER = 10.0
STALLED_PAUSE = 1.0

_log = structlog.get_logger("ingress")


class Polling:
    """One poller. ``poll`` is how many seconds Telegram may hold an empty answer back."""

    def __init__(
        self,
        api: BotApi,
        handle: Handle,
        *,
        allowed_updates: Sequence[str],
        poll: int = POLL_SECONDS,
        at_once: int = AT_ONCE,
        longest_backoff: float = LONGEST_SECONDS,
    ) -> None:
        self._api = api
        self._allowed = list(allowed_updates)
        self._poll = poll
        self._offsets = Offsets()
        self._lanes = Lanes(handle, self._finished, at_once)
        self._backoff = Backoff(longest=longest_backoff)
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._pause = FIRST_PAUSE
        self._is_stale = False
        self._moved_at = time.monotonic()
        self._unreadable: set[str] = set()

    async def run(self) -> None:
        """Take updates until ``stop``. Raises ``TokenRefused``; everything else is waited out."""
        try:
            await self._until_done("deleteWebhook", {"drop_pending_updates": False})
            while not self._stopping.is_set():
                await self._room_to_finish()
                answer = await self._until_done("getUpdates", self._request(), self._poll + ANSWER_SECONDS)
                if answer is not None:
                    self._take(answer)
        finally:
            if not self._stopping.is_set():
                await self._lanes.cancel()

    async def stop(self, limit: float) -> bool:
        """Take no more, finish what runs, confirm it; False when something ran past ``limit`` seconds."""
        self._stopping.set()
        clean = await self._lanes.close(limit)
        if self._offsets.has_news:
            request = {
                "offset": self._offsets.next,
                "limit": 1,
                "timeout": 0,
                "allowed_updates": self._allowed,
            }
            try:
                await self._api.call("getUpdates", request, CONFIRM_SECONDS)
            except CallFailed as failure:
                # They come once more, and the gate knows them.
                _log.warning("finished updates not confirmed", reason=failure.reason)
        return clean

    def _request(self) -> dict[str, Any]:
        request = {"limit": BATCH, "timeout": self._poll, "allowed_updates": self._allowed}
        offset = self._offsets.sending()
        return request if offset is None else {"offset": offset, **request}

    async def _until_done(self, method: str, params: dict[str, Any], seconds: float = 15.0) -> Any:
        """The result; None when stopping cut it short or, for getUpdates, after one failure waited out."""
        while not self._stopping.is_set():
            try:
                result = await self._unless_stopped(method, params, seconds)
            except CallFailed as failure:
                await sleep_unless(self._stopping, self._backoff.after(method, failure))
                if method == "getUpdates":
                    return None
            else:
                self._backoff.succeeded()
                return result
        return None

    async def _unless_stopped(self, method: str, params: dict[str, Any], seconds: float) -> Any:
        call = asyncio.create_task(self._api.call(method, params, seconds))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({call, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # An answer that stopping made useless confirmed nothing: its updates come again.
            return call.result() if call.done() else None
        finally:
            call.cancel()
            stopping.cancel()
            await asyncio.gather(call, stopping, return_exceptions=True)

    async def _room_to_finish(self) -> None:
        """Wait until all is finished, but not long: other persons' updates may have come meanwhile."""
        # All finished and still the same answer: there is something in it that cannot be confirmed.
        reason_to_go_on = self._stopping if self._is_stale and self._idle.is_set() else self._idle
        if await sleep_unless(reason_to_go_on, self._pause):
            return
        stalled = time.monotonic() - self._moved_at > STALLED_AFTER
        self._pause = min(self._pause * 2, STALLED_PAUSE if stalled else LONGEST_PAUSE)

    def _take(self, answer: object) -> None:
        self._offsets.sent()
        updates: list[Any] = answer if isinstance(answer, list) else [answer]
        readable = [update for update in updates if is_update(update)]
        self._note_unreadable([update for update in updates if not is_update(update)])
        self._is_stale = bool(updates)
        for update in sorted(readable, key=lambda update: update["update_id"]):
            if self._offsets.begin(update["update_id"]):
                self._idle.clear()
                self._is_stale = False
                self._pause, self._moved_at = FIRST_PAUSE, time.monotonic()
                self._lanes.put(update)

    def _finished(self, update_id: int) -> None:
        self._moved_at = time.monotonic()
        if self._offsets.finish(update_id):
            self._idle.set()

    def _note_unreadable(self, values: list[Any]) -> None:
        """One line for each, although they come again until a later update is confirmed."""
        for value in values:
            mark = repr(value)[:200]
            if mark not in self._unreadable and len(self._unreadable) < BATCH:
                self._unreadable.add(mark)
                _log.error("unreadable update", type=type(value).__name__)
