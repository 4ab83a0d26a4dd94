"""Everything the sandbox knows, in one place that the methods and the persons share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.telegram.callbacks import Queries
from sandbox.telegram.calls import CallLog
from sandbox.telegram.chats import Chat, Message
from sandbox.telegram.errors import bad_request, forbidden
from sandbox.telegram.faults import Faults
from sandbox.telegram.files import FileStore
from sandbox.telegram.flood import FloodGate
from sandbox.telegram.menu import Menu
from sandbox.telegram.params import Params
from sandbox.telegram.stream import Stream
from sandbox.telegram.updates import UpdateHub
from sandbox.telegram.webhook import Reply, Webhook, WebhookPace
from sandbox.telegram.wire import Json


@dataclass(slots=True)
class Limits:
    """What may be tuned: `callback_age` and `delete_age` in seconds, `calls_kept` entries of the call log."""

    callback_age: float = 150.0
    delete_age: float = 48 * 3600.0
    calls_kept: int = 20_000


async def _no_reply(_call: Json) -> None:
    return None


@dataclass(slots=True)
class State:
    """The world of one bot; `clock` gives Unix time, `webhook_targets` maps a set URL to replica addresses,
    `reply` performs the method that a webhook response carries.
    """

    token: str
    me: Json
    limits: Limits = field(default_factory=Limits)
    pace: WebhookPace = field(default_factory=WebhookPace)
    webhook_targets: dict[str, list[str]] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    chats: dict[int, Chat] = field(default_factory=dict)
    updates: UpdateHub = field(default_factory=lambda: UpdateHub(100_001))
    faults: Faults = field(default_factory=Faults)
    files: FileStore = field(default_factory=FileStore)
    flood: FloodGate = field(default_factory=FloodGate)
    menu: Menu = field(default_factory=Menu)
    stream: Stream = field(default_factory=Stream)
    webhook: Webhook | None = None
    reply: Reply = _no_reply
    queries: Queries = field(init=False)
    calls: CallLog = field(init=False)

    def __post_init__(self) -> None:
        """Builds the parts that depend on the limits."""
        self.queries = Queries(self.limits.callback_age)
        self.calls = CallLog(self.limits.calls_kept)

    def now(self) -> int:
        """Unix time in whole seconds, as messages carry it."""
        return int(self.clock())

    def chat(self, params: Params, name: str = "chat_id") -> Chat:
        """The chat a call names, by id or @username; 400 when it is missing or unknown."""
        value = params.values.get(name)
        if value is None or value == "":
            raise bad_request(f"{name} is empty")
        try:
            number = int(value)
        except (TypeError, ValueError):
            return self._by_username(str(value))
        params.values[name] = number
        chat = self.chats.get(number)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _by_username(self, name: str) -> Chat:
        wanted = name.removeprefix("@").lower()
        for chat in self.chats.values():
            # Persons are not found by name: Telegram resolves only public groups and channels.
            if chat.user is None and str(chat.info.get("username", "")).lower() == wanted and wanted:
                return chat
        raise bad_request("chat not found")

    def open_chat(self, params: Params) -> Chat:
        """The chat a call writes to; 403 before the first message of a person and after a block."""
        chat = self.chat(params)
        if chat.blocked:
            reason = (
                "bot was blocked by the user" if chat.user else f"bot was kicked from the {chat.kind} chat"
            )
            raise forbidden(reason)
        if chat.user and not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def post(self, chat: Chat, payload: Json, *, editable: bool = True) -> Message:
        """The new message of the bot in this chat."""
        message = chat.add({"from": self.me, "date": self.now()} | payload, from_bot=True, editable=editable)
        chat.action = None
        self.announce(chat, "message", message)
        return message

    def change(self, message: Message, payload: Json) -> Json:
        """The payload of the bot's message after an edit."""
        payload["edit_date"] = self.now()
        message.chat.replace(message, payload)
        self.announce(message.chat, "edit", message)
        return payload

    def remove(self, message: Message) -> None:
        """Deletes the message for both sides."""
        message.chat.remove(message)
        message.chat.activity.touch()
        if self.stream.watched:
            self.stream.publish({"kind": "delete", "chat_id": message.chat.id, "message_id": message.id})

    def announce(self, chat: Chat, kind: str, message: Message) -> None:
        """Tells the waiting persons and the open pages about a new or changed message."""
        chat.activity.touch()
        if self.stream.watched:
            self.stream.publish(
                {"kind": kind, "chat_id": chat.id, "out": not message.from_bot, "message": message.payload}
            )
