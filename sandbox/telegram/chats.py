"""Chats and what happened in them: messages, keyboards, the state of the other side."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from sandbox.telegram.errors import bad_request
from sandbox.telegram.wire import Json


@dataclass(slots=True, eq=False)
class Message:
    """One message: `payload` is what the Bot API shows; `changed` is the loop time of the last change."""

    chat: Chat
    id: int
    payload: Json
    from_bot: bool
    editable: bool = True
    changed: float = 0.0


class Activity:
    """What the bot owes this chat right now, and a way to wait until it owes nothing."""

    __slots__ = ("_waiters", "last", "pending", "running")

    def __init__(self) -> None:
        self.pending = 0
        self.running = 0
        self.last = 0.0
        self._waiters: list[asyncio.Future[None]] = []

    def touch(self) -> None:
        """Notes that something happened and wakes everybody who waits."""
        self.last = asyncio.get_running_loop().time()
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def changed(self, patience: float) -> bool:
        """Whether something happened within `patience` seconds."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        handle = loop.call_later(max(patience, 0.0), _give_up, waiter)
        try:
            await waiter
        except TimeoutError:
            return False
        else:
            return True
        finally:
            handle.cancel()
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def quiet(self, seconds: float, deadline: float) -> bool:
        """Whether nothing was owed and nothing happened for `seconds` before the loop time `deadline`."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            if not self.pending and not self.running and now - self.last >= seconds:
                return True
            if now >= deadline:
                return False
            busy = self.pending or self.running
            rest = deadline - now if busy else min(self.last + seconds - now, deadline - now)
            await self.changed(rest)


def _give_up(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


@dataclass(slots=True, eq=False)
class Chat:
    """One chat; `info` is how it appears inside messages, `user` the person of a private chat.

    `keyboards` holds the ids of messages with an inline keyboard in order, so that pressing a button does not
    scan the history.
    """

    id: int
    info: Json
    user: Json | None = None
    started: bool = False
    blocked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    keyboards: dict[int, None] = field(default_factory=dict)
    reply_keyboard: Json | None = None
    menu_button: Json | None = None
    pinned: list[int] = field(default_factory=list)
    action: tuple[str, float] | None = None
    answers: list[Json] = field(default_factory=list)
    activity: Activity = field(default_factory=Activity)
    next_id: int = 1

    @property
    def kind(self) -> str:
        """private, group, supergroup or channel."""
        return str(self.info["type"])

    def add(self, payload: Json, *, from_bot: bool, editable: bool = True) -> Message:
        """The stored message with the next id; `payload` gets message_id and chat in front."""
        number = self.next_id
        self.next_id = number + 1
        message = Message(
            self, number, {"message_id": number, "chat": self.info} | payload, from_bot, editable
        )
        self.messages[number] = message
        if "reply_markup" in payload:
            self.keyboards[number] = None
        message.changed = asyncio.get_running_loop().time()
        return message

    def find(self, number: int | None, missing: str) -> Message:
        """The message with this id; 400 with the reason `missing` when there is none."""
        if number is None:
            raise bad_request("message identifier is not specified")
        message = self.messages.get(number)
        if message is None:
            raise bad_request(missing)
        return message

    def replace(self, message: Message, payload: Json) -> None:
        """Puts `payload` in place of the message's; readers of the old one keep it unchanged."""
        message.payload = payload
        message.changed = asyncio.get_running_loop().time()
        if "reply_markup" in payload:
            self.keyboards[message.id] = None
        else:
            self.keyboards.pop(message.id, None)

    def remove(self, message: Message) -> None:
        """Makes the message vanish for both sides."""
        del self.messages[message.id]
        self.keyboards.pop(message.id, None)
        if message.id in self.pinned:
            self.pinned.remove(message.id)
