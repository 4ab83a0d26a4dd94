"""Linking an account of the site with a Telegram chat: contract section 2.14. The bot's secret opens it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from api.client import Backend

ROOT = "/api/v2/telegram"
GROUP = "user-telegram"
LONGEST_NAME = 255


class UserTelegram:
    """The two calls about a chat's link. What they answer carries a token of that user: nothing of it is kept."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "confirm": (f"POST {ROOT}/confirm-link",),
            "is_linked": (f"GET {ROOT}/auto-auth/{{telegram_chat_id}}",),
        }
    )

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def confirm(
        self, token: str, chat_id: int, *, username: str | None = None, first_name: str | None = None
    ) -> None:
        """Nothing: the account that made ``token`` is linked with this chat, and the token is spent.

        Raises ``Forbidden`` without the right secret, ``NotFound`` for an unknown token, ``Refused`` for one that is
        too old, ``Conflict`` when the chat is another user's. Never repeated once it was sent.
        """
        names = {"telegram_username": username, "telegram_first_name": first_name}
        body = {"token": token, "telegram_chat_id": str(chat_id)} | {
            name: text[:LONGEST_NAME] for name, text in names.items() if text
        }
        await self._backend.call("POST", f"{ROOT}/confirm-link", group=GROUP, json=body, as_bot=True)

    async def is_linked(self, chat_id: int) -> bool:
        """True when some account is linked with this chat."""
        path = f"{ROOT}/auto-auth/{chat_id:d}"
        found = (await self._backend.call("GET", path, group=GROUP, as_bot=True)).part("found")
        return found.json is True
