"""A message as a person sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.telegram.chats import Chat, Message
from sandbox.telegram.entities import render
from sandbox.telegram.wire import Json


class MessageView:
    """One visible message; a snapshot, so that a test may keep it and compare after an edit."""

    __slots__ = ("from_bot", "id", "raw")

    def __init__(self, raw: Json, *, from_bot: bool) -> None:
        self.raw = raw
        self.from_bot = from_bot
        self.id = int(raw["message_id"])

    @classmethod
    def of(cls, message: Message) -> MessageView:
        """The message as it is now."""
        return cls(message.payload, from_bot=message.from_bot)

    @property
    def text(self) -> str:
        """The text, or the caption of a photo or document, without markup."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """The entities of the text or caption, offsets in UTF-16 units."""
        found: list[Json] = self.raw.get("entities") or self.raw.get("caption_entities") or []
        return found

    @property
    def html(self) -> str:
        """The text or caption as Telegram HTML."""
        return render(self.text, self.entities)

    @property
    def keyboard(self) -> list[list[Json]]:
        """The rows of inline buttons as raw objects."""
        markup: Json = self.raw.get("reply_markup") or {}
        rows: list[list[Json]] = markup.get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[list[str]]:
        """The rows of button labels."""
        return [[button["text"] for button in row] for row in self.keyboard]

    @property
    def photo(self) -> str | None:
        """The file_id of the photo, or None."""
        sizes = self.raw.get("photo")
        return str(sizes[-1]["file_id"]) if sizes else None

    @property
    def document(self) -> Json | None:
        """The document's file_id, file_name, mime_type and file_size, or None."""
        found: Json | None = self.raw.get("document")
        return found

    @property
    def edited(self) -> bool:
        """Whether it was ever edited."""
        return "edit_date" in self.raw

    def __eq__(self, other: object) -> bool:
        """Same content and same id."""
        return isinstance(other, MessageView) and self.raw == other.raw

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Who, text and buttons, for readable assertion messages."""
        who = "bot" if self.from_bot else "person"
        media = " photo" if self.photo else " document" if self.document else ""
        return f"<{who} #{self.id}{media} {self.text!r} {self.buttons}>"


def find_button(
    chat: Chat, label: str | None, data: str | None, message_id: int | None
) -> tuple[Message, Json]:
    """The newest message with a wanted button, and the button; an exact label wins over a contained one.

    Raises LookupError that lists the buttons of the chat.
    """
    numbers = reversed(chat.keyboards) if message_id is None else [message_id]
    tests: list[Callable[[Json], bool]] = [lambda b: b.get("callback_data") == data]
    if label is not None:
        tests = [lambda b: b["text"] == label, lambda b: label in b["text"]]
    for number in numbers:
        message = chat.messages.get(number)
        if message is None:
            continue
        buttons = [
            b for row in message.payload.get("reply_markup", {}).get("inline_keyboard", []) for b in row
        ]
        for wanted in tests:
            for button in buttons:
                if wanted(button):
                    return message, button
    raise LookupError(_missing(chat, label if label is not None else f"data {data!r}", message_id))


def _missing(chat: Chat, wanted: Any, message_id: int | None) -> str:
    where = f"in message {message_id}" if message_id is not None else "in this chat"
    lines = [repr(MessageView.of(chat.messages[n])) for n in list(chat.keyboards)[-5:]]
    last = [repr(MessageView.of(m)) for m in list(chat.messages.values())[-3:]]
    seen = "\n  ".join(lines) or "(none)"
    return (
        f"no button {wanted!r} {where}; messages with buttons:\n  {seen}\nlast messages:\n  "
        + "\n  ".join(last)
    )
