"""Telegram's own menu of commands, per language and for guests and admins apart."""

from __future__ import annotations

import contextlib

from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from locales.catalogue import LANGUAGES
from middlewares.context import App

GUEST = ("start", "login", "help")
ADMIN = ("menu", "approvals", "find", "admin", "drafts", "status", "settings", "help", "cancel", "logout")


def commands(app: App, names: tuple[str, ...], language: str) -> list[BotCommand]:
    """The commands with their descriptions in that language."""
    return [BotCommand(command=name, description=app.texts[language](f"command.{name}")) for name in names]


async def register(app: App) -> None:
    """Sets what everyone without a session sees, in each language and without one."""
    scope = BotCommandScopeAllPrivateChats()
    await app.bot.set_my_commands(commands(app, GUEST, app.default_language), scope=scope)
    for language in LANGUAGES:
        await app.bot.set_my_commands(commands(app, GUEST, language), scope=scope, language_code=language)


async def show_commands(app: App, chat_id: int, *, signed_in: bool, language: str) -> None:
    """Sets this chat's menu; after a sign-out it falls back to the guests' one. Failing to is no reason to fail."""
    scope = BotCommandScopeChat(chat_id=chat_id)
    with contextlib.suppress(TelegramAPIError):
        if signed_in:
            await app.bot.set_my_commands(commands(app, ADMIN, language), scope=scope)
        else:
            await app.bot.delete_my_commands(scope=scope)
