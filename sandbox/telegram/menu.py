"""The bot's commands, descriptions and menu buttons, by scope and language."""

from __future__ import annotations

import re
from typing import Any

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.wire import Json

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PLAIN_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})
_DEFAULT = ("default", 0)

Scope = tuple[str, int]
"""The scope's type and its chat id, 0 for scopes without one."""


def scope_key(scope: Json | None) -> Scope:
    """The checked scope; 400 for an unknown type or a chat scope without a chat."""
    if not scope:
        return _DEFAULT
    kind = scope.get("type")
    if kind in _PLAIN_SCOPES:
        return str(kind), 0
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: invalid bot command scope type specified")
    try:
        return str(kind), int(scope["chat_id"])
    except (KeyError, TypeError, ValueError):
        raise bad_request("chat not found") from None


def language_key(code: str | None) -> str:
    """The checked two-letter code, or an empty string for every language."""
    if code and not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code or ""


def checked_commands(commands: list[Any]) -> list[Json]:
    """The commands as Telegram keeps them; 400 beyond 100 commands, 32 and 256 characters."""
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = []
    for entry in commands:
        if not isinstance(entry, dict):
            raise bad_request("can't parse BotCommand: expected an Object")
        name = str(entry.get("command") or "").removeprefix("/")
        description = str(entry.get("description") or "").strip()
        if not name:
            raise bad_request("command must be non-empty")
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not description:
            raise bad_request("command description must be non-empty")
        if utf16_length(description) > 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": name, "description": description})
    return kept


class Menu:
    """Everything the bot says about itself."""

    def __init__(self) -> None:
        self.commands: dict[tuple[Scope, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.button: Json = {"type": "commands"}

    def visible(self, chat_id: int, chat_kind: str, language: str) -> list[Json]:
        """The commands that a person sees: chat, then all chats of its kind, then default; language first."""
        everywhere = "all_private_chats" if chat_kind == "private" else "all_group_chats"
        short = language[:2].lower()
        for scope in (("chat", chat_id), (everywhere, 0), _DEFAULT):
            for code in (short, ""):
                found = self.commands.get((scope, code))
                if found is not None:
                    return found
        return []

    def text(self, kind: str, language: str) -> str:
        """The description of this kind for the language, else the general one, else empty."""
        return self.texts.get((kind, language[:2])) or self.texts.get((kind, ""), "")
