"""A person with a private chat with the bot, driven by tests and by the page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.telegram import compose
from sandbox.telegram.chats import Chat
from sandbox.telegram.state import State
from sandbox.telegram.updates import Update
from sandbox.telegram.views import MessageView, find_button
from sandbox.telegram.wire import Json

Wait = Literal["none", "answer", "screen", "settle"]
"""After a press: nothing, the answer, the answer and a changed chat, or quiet."""

QUIET = 0.05
"""Seconds without any Bot API call after which the bot counts as quiet."""


@dataclass(slots=True, frozen=True)
class Press:
    """One press: `answer` has text and show_alert, or is None while the bot has not answered."""

    update_id: int
    query_id: str
    answer: Json | None
    seconds: float


class Person:
    """One person; what it does returns the id of the update, 0 when the bot did not ask for that kind."""

    def __init__(self, state: State, chat: Chat, user: Json) -> None:
        self._state = state
        self.chat = chat
        self.user = user
        self.id = int(user["id"])
        self.quiet = QUIET

    # --- sending -------------------------------------------------------------------------------------------

    async def send(self, text: str, *, entities: list[Json] | None = None, **extra: Any) -> int:
        """Sends a text; commands and links get their entities. `extra` adds raw message fields."""
        return self._deliver(compose.text_fields(text, entities) | extra)

    async def start(self, payload: str | None = None) -> int:
        """Presses START, with the payload of a deep link if any (1-64 of A-Za-z0-9_-, else ValueError)."""
        if payload is None:
            return await self.send("/start")
        if not 1 <= len(payload) <= 64 or not all(
            c.isascii() and (c.isalnum() or c in "_-") for c in payload
        ):
            raise ValueError("a start payload is 1-64 characters of A-Za-z0-9_-")
        return await self.send(f"/start {payload}")

    async def send_photo(self, data: bytes, caption: str | None = None) -> int:
        """Sends a picture as a photo; ApiError when Telegram would not take it."""
        return self._deliver(compose.photo_fields(self._state, data, caption))

    async def send_document(
        self,
        data: bytes,
        name: str = "file.bin",
        mime: str = "application/octet-stream",
        caption: str | None = None,
    ) -> int:
        """Sends a file."""
        return self._deliver(compose.document_fields(self._state, data, name, mime, caption))

    async def forward(
        self, message: MessageView | str, *, sender: Json | None = None, hidden_name: str | None = None
    ) -> int:
        """Forwards a message or text that `sender` (a user, default the bot) or a hidden person wrote."""
        content: Json = (
            compose.text_fields(message, None) if isinstance(message, str) else _content(message.raw)
        )
        if isinstance(message, MessageView) and sender is None:
            sender = message.raw.get("from")
        return self._deliver(content | {"forward_origin": compose.origin(self._state, sender, hidden_name)})

    async def send_via_bot(self, text: str, *, username: str = "other_bot", bot_id: int = 777_001) -> int:
        """Sends a text through another bot's inline mode."""
        bot = {"id": bot_id, "is_bot": True, "first_name": "Other bot", "username": username}
        return self._deliver(compose.text_fields(text, None) | {"via_bot": bot})

    async def edit(self, message_id: int, text: str) -> int:
        """Edits an own message; LookupError when it is gone."""
        message = self.chat.messages.get(message_id)
        if message is None or message.from_bot:
            raise LookupError(f"no own message {message_id}")
        name = "text" if "text" in message.payload else "caption"
        fields = compose.text_fields(text, None) if name == "text" else compose.caption_fields(text)
        return _id(compose.redeliver_edited(self._state, message, fields))

    def delete(self, message_id: int) -> None:
        """Deletes a message of either side, as a person may in a private chat; the bot is not told."""
        message = self.chat.messages.get(message_id)
        if message is not None:
            self._state.remove(message)

    def _deliver(self, content: Json) -> int:
        if self.chat.blocked:
            self.unblock()
        self.chat.started = True
        return _id(compose.deliver(self._state, self.chat, content, self.user))

    # --- buttons -------------------------------------------------------------------------------------------

    async def click(
        self,
        label: str | None = None,
        *,
        data: str | None = None,
        message_id: int | None = None,
        timeout: float = 15.0,  # noqa: ASYNC109 - a person's patience, not a cancellation scope
        settle: bool = True,
    ) -> Press:
        """Presses the visible inline button with this label or data and waits until the bot is done.

        LookupError lists the buttons when there is none; ValueError when the button is no callback button;
        TimeoutError when the query is not answered, or the bot is not quiet, within `timeout` seconds.
        """
        return await self.act(label, data, message_id, timeout, "settle" if settle else "none")

    async def press(
        self,
        data: str,
        message_id: int | None = None,
        *,
        chat: Chat | None = None,
        inaccessible: bool = False,
        timeout: float = 15.0,  # noqa: ASYNC109
        settle: bool = False,
    ) -> Press:
        """Sends a forged callback query, whatever the message shows; `chat` presses in a group's chat."""
        where = chat or self.chat
        number = message_id or next(reversed(where.keyboards), where.next_id - 1 or 1)
        return await self._press(where, number, data, timeout, "settle" if settle else "none", inaccessible)

    async def act(
        self, label: str | None, data: str | None, message_id: int | None, patience: float, wait: Wait
    ) -> Press:
        """A press of a visible button with a choice of what to wait for; errors as `click`."""
        message, button = find_button(self.chat, label, data, message_id)
        if "callback_data" not in button:
            raise ValueError(f"{button['text']!r} is no callback button: {button}")
        return await self._press(self.chat, message.id, button["callback_data"], patience, wait)

    async def _press(
        self, chat: Chat, number: int, data: str, patience: float, wait: Wait, inaccessible: bool = False
    ) -> Press:
        loop = asyncio.get_running_loop()
        began = loop.time()
        query_id, update = compose.press(
            self._state, chat, self.chat, self.user, number, data, inaccessible=inaccessible
        )
        if wait != "none":
            await self._await(query_id, began, began + patience, wait)
        answer = next((a for a in reversed(self.chat.answers[-50:]) if a["query_id"] == query_id), None)
        return Press(_id(update), query_id, answer, loop.time() - began)

    async def _await(self, query_id: str, began: float, deadline: float, wait: Wait) -> None:
        loop = asyncio.get_running_loop()
        activity = self.chat.activity
        while query_id in self._state.queries.open or (wait == "screen" and not self._redrawn(began)):
            if loop.time() >= deadline:
                data = getattr(self._state.queries.open.get(query_id), "data", "")
                raise TimeoutError(f"the bot did not answer the press of {data!r} (query {query_id}) in time")
            await activity.changed(deadline - loop.time())
        if wait == "settle" and not await activity.quiet(self.quiet, deadline):
            raise TimeoutError(_busy(self.chat))

    def _redrawn(self, since: float) -> bool:
        newest = max((m.changed for m in _newest(self.chat) if m.from_bot), default=0.0)
        return newest >= since

    async def settle(self, timeout: float = 15.0) -> None:  # noqa: ASYNC109
        """Waits until the bot took everything sent here and was quiet; TimeoutError after `timeout` s."""
        deadline = asyncio.get_running_loop().time() + timeout
        if not await self.chat.activity.quiet(self.quiet, deadline):
            raise TimeoutError(_busy(self.chat))

    # --- seeing --------------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[MessageView]:
        """Everything visible in the chat, oldest first."""
        return [MessageView.of(message) for message in self.chat.messages.values()]

    @property
    def bot_messages(self) -> list[MessageView]:
        """The bot's visible messages, oldest first."""
        return [MessageView.of(message) for message in self.chat.messages.values() if message.from_bot]

    @property
    def last(self) -> MessageView:
        """The bot's last message; LookupError when there is none."""
        for message in reversed(self.chat.messages.values()):
            if message.from_bot:
                return MessageView.of(message)
        raise LookupError("the bot has no message in this chat")

    @property
    def answers(self) -> list[Json]:
        """All answers to presses: text, show_alert, data, query_id."""
        return self.chat.answers

    @property
    def alerts(self) -> list[tuple[str, bool]]:
        """The answers that had a text, as (text, show_alert)."""
        return [(answer["text"], answer["show_alert"]) for answer in self.chat.answers if answer["text"]]

    @property
    def unanswered(self) -> list[str]:
        """The data of presses that the bot never answered."""
        return [query.data for query in self._state.queries.of(self.chat)]

    @property
    def commands(self) -> list[Json]:
        """The commands menu as this person sees it."""
        language = str(self.user.get("language_code", ""))
        return self._state.menu.visible(self.chat.id, "private", language)

    @property
    def reply_keyboard(self) -> Json | None:
        """The keyboard shown instead of the letters, or None."""
        return self.chat.reply_keyboard

    def overview(self) -> Json:
        """Everything the chat page draws: person, messages, commands, keyboard, pins, waiting presses."""
        state, chat = self._state, self.chat
        language = str(self.user.get("language_code", ""))
        acting = chat.action and chat.action[1] > state.clock()
        return {
            "person": self.user,
            "started": chat.started,
            "blocked": chat.blocked,
            "messages": [{"out": not m.from_bot, "message": m.payload} for m in chat.messages.values()],
            "waiting": [[q.id, q.message_id, q.data] for q in state.queries.of(chat)],
            "commands": self.commands,
            "keyboard": chat.reply_keyboard,
            "menu_button": chat.menu_button or state.menu.button,
            "description": state.menu.text("description", language),
            "pinned": chat.pinned[-1] if chat.pinned else None,
            "action": chat.action[0] if chat.action and acting else None,
        }

    # --- belonging -----------------------------------------------------------------------------------------

    def block(self) -> None:
        """Blocks the bot; it is told by my_chat_member and can send nothing more."""
        self._membership("member", "kicked")
        self.chat.blocked = True

    def unblock(self) -> None:
        """Lets the bot in again."""
        self.chat.blocked = False
        self._membership("kicked", "member")

    def _membership(self, before: str, after: str) -> None:
        members = [
            {"user": self._state.me, "status": status} | ({"until_date": 0} if status == "kicked" else {})
            for status in (before, after)
        ]
        content = {
            "chat": self.chat.info,
            "from": self.user,
            "date": self._state.now(),
            "old_chat_member": members[0],
            "new_chat_member": members[1],
        }
        self._state.updates.push("my_chat_member", content, self.chat)


def _newest(chat: Chat) -> list[Any]:
    numbers = list(chat.keyboards)[-4:] if len(chat.keyboards) <= 64 else [next(reversed(chat.keyboards))]
    last = next(reversed(chat.messages), None)
    if last is not None:
        numbers.append(last)
    return [chat.messages[number] for number in numbers]


def _content(raw: Json) -> Json:
    names = ("text", "entities", "caption", "caption_entities", "photo", "document")
    return {name: raw[name] for name in names if name in raw}


def _id(update: Update | None) -> int:
    return update.id if update else 0


def _busy(chat: Chat) -> str:
    state = chat.activity
    owed = f"{state.pending} updates not confirmed, {state.running} calls running"
    return f"the bot is not quiet in chat {chat.id}: {owed}"
