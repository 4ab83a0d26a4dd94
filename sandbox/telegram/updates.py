"""Updates on their way to the bot: numbered, filtered, kept until confirmed, polled or handed over."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.chats import Chat
from sandbox.telegram.errors import conflict
from sandbox.telegram.wire import Json

UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that the bot gets only when it names them in allowed_updates."""

HISTORY = 20_000
"""How many updates are kept for redelivery."""


@dataclass(slots=True, eq=False)
class Update:
    """One update; `queue` names the webhook queue, `chat` is told when the update is confirmed."""

    id: int
    payload: Json
    queue: tuple[int, str]
    chat: Chat | None = None
    attempts: int = 0
    encoded: bytes | None = None

    def body(self) -> bytes:
        """The update as JSON, encoded once."""
        if self.encoded is None:
            self.encoded = json.dumps(self.payload, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return self.encoded


class UpdateHub:
    """All unconfirmed updates; either waiting for getUpdates or handed to `deliver` (the webhook)."""

    def __init__(self, first_id: int) -> None:
        self.pending: deque[Update] = deque()
        self.history: dict[int, Update] = {}
        self.allowed: frozenset[str] | None = None
        self.deliver: Callable[[Update], None] | None = None
        self.replays: deque[Update] = deque()
        self._next = first_id
        self._poller: asyncio.Future[str] | None = None

    def push(self, kind: str, content: Json, chat: Chat | None) -> Update | None:
        """The queued update, or None when the bot did not ask for this kind."""
        if (kind in UNASKED) if self.allowed is None else (kind not in self.allowed):
            return None
        number = self._next
        self._next = number + 1
        queue = (chat.id if chat else 0, kind)
        update = Update(number, {"update_id": number, kind: content}, queue, chat)
        self.enqueue(update)
        return update

    def push_raw(self, payload: Json) -> Update:
        """The queued update with any content; a missing update_id is filled in, a given one is kept."""
        number = payload.get("update_id")
        if not isinstance(number, int):
            number = self._next
            if "update_id" not in payload:
                payload = {"update_id": number} | payload
        self._next = max(self._next, number + 1)
        update = Update(number, payload, (0, "raw"))
        self.enqueue(update)
        return update

    def skip(self, count: int) -> None:
        """Leaves a gap of `count` in the numbering, as Telegram may."""
        self._next += count

    def enqueue(self, update: Update) -> None:
        """Hands the update over to whoever takes updates now."""
        self.history[update.id] = update
        if len(self.history) > HISTORY:
            self._forget()
        if update.chat:
            update.chat.activity.pending += 1
            update.chat.activity.touch()
        if self.deliver:
            self.deliver(update)
            return
        if self.pending and self.pending[-1].id > update.id:
            self.pending = deque(sorted([*self.pending, update], key=lambda item: item.id))
        else:
            self.pending.append(update)
        self._wake("")

    def _forget(self) -> None:
        for number in list(self.history)[: HISTORY // 2]:
            del self.history[number]

    def replay(self, update: Update, times: int) -> None:
        """Gives the update `times` more to the next getUpdates, whatever its offset."""
        self.replays.extend([update] * times)
        self._wake("")

    def confirmed(self, update: Update) -> None:
        """Notes that the bot has taken this update for good."""
        if update.chat:
            update.chat.activity.pending -= 1
            update.chat.activity.touch()

    def drop_all(self) -> None:
        """Forgets everything that waits for getUpdates."""
        while self.pending:
            self.confirmed(self.pending.popleft())

    def allow(self, kinds: list[Any] | None) -> None:
        """Sets the kinds the bot wants; None keeps the former choice, an empty list means the default."""
        if kinds is not None:
            self.allowed = frozenset(str(kind) for kind in kinds) or None

    def _wake(self, reason: str) -> None:
        if self._poller and not self._poller.done():
            self._poller.set_result(reason)

    def end_poll(self, reason: str) -> None:
        """Ends a running long poll with 409 and this reason."""
        self._wake(reason)

    async def poll(self, offset: int, limit: int, patience: float) -> list[Json]:
        """The unconfirmed updates from `offset` on, at most `limit`; waits up to `patience` seconds for one.

        A greater offset confirms everything before it; a negative one keeps only the last -offset updates.
        Raises ApiError 409 when another getUpdates takes over or a webhook is set.
        """
        self._wake("terminated by other getUpdates request; make sure that only one bot instance is running")
        self._confirm(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while not self.pending and not self.replays:
            rest = deadline - loop.time()
            if rest <= 0:
                return []
            waiter = self._poller = loop.create_future()
            handle = loop.call_later(rest, _finish, waiter)
            try:
                reason = await waiter
            finally:
                handle.cancel()
                if self._poller is waiter:
                    self._poller = None
            if reason:
                raise conflict(reason)
        if self.replays:
            batch = [update.payload for update in self.replays]
            self.replays.clear()
            return batch
        return [update.payload for update, _ in zip(self.pending, range(limit), strict=False)]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self.pending) > -offset:
                self.confirmed(self.pending.popleft())
            return
        while self.pending and self.pending[0].id < offset:
            self.confirmed(self.pending.popleft())


def _finish(waiter: asyncio.Future[str]) -> None:
    if not waiter.done():
        waiter.set_result("")
