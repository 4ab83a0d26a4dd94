"""Groups, channels, forwards, bots: never a session, no data, at most one polite answer."""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message

from locales.catalogue import Texts
from services.login import normalise

PAUSE = 3600.0
"""Seconds between two answers in the same chat."""
REMEMBERED = 1000


class Strangers:
    """Answers what is not a person writing in a private chat, once an hour and chat."""

    def __init__(self, bot: Bot, bot_username: str, texts: dict[str, Texts], default_language: str) -> None:
        self._bot = bot
        self._mention = f"@{bot_username}".lower()
        self._texts = texts
        self._default = default_language
        self._answered: OrderedDict[int, float] = OrderedDict()

    def text(self, key: str, language: str | None) -> str:
        """The text in the language Telegram reports, or the default one."""
        return (self._texts.get((language or "")[:2]) or self._texts[self._default])(key)

    @staticmethod
    def is_personal(message: Message) -> bool:
        """True when a person typed this, here, themselves: the only thing that may sign in or act."""
        return (
            message.chat.type == ChatType.PRIVATE
            and message.from_user is not None
            and not message.from_user.is_bot
            and message.from_user.id == message.chat.id
            and message.sender_chat is None
            and message.forward_origin is None
            and message.via_bot is None
            and message.edit_date is None
        )

    async def refuse(self, message: Message) -> None:
        """One polite sentence where it may help; a message that carries a code is removed where that is allowed."""
        if message.text and carries_code(message.text):
            with contextlib.suppress(TelegramAPIError):
                await self._bot.delete_message(message.chat.id, message.message_id)
        if not self._is_addressed(message) or not self._is_due(message.chat.id):
            return
        private = message.chat.type == ChatType.PRIVATE
        language = message.from_user.language_code if message.from_user else None
        with contextlib.suppress(TelegramAPIError):
            await self._bot.send_message(
                message.chat.id, self.text("private.type_yourself" if private else "private.only", language)
            )

    def _is_addressed(self, message: Message) -> bool:
        if message.chat.type == ChatType.PRIVATE:
            return message.from_user is not None and not message.from_user.is_bot
        text = (message.text or "").lower()
        return message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP) and (
            text.startswith("/") or self._mention in text
        )

    def _is_due(self, chat_id: int) -> bool:
        now = time.monotonic()
        if now - self._answered.get(chat_id, -PAUSE) < PAUSE:
            return False
        self._answered[chat_id] = now
        self._answered.move_to_end(chat_id)
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return True


def carries_code(text: str) -> bool:
    """True when a text is, or ends with, something that could be a one-time password."""
    words = text.split()
    if text.lstrip().lower().startswith("/login") or text.lstrip().lower().startswith("/start otp_"):
        return True
    return len(words) == 1 and normalise(text) is not None
