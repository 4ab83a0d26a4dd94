"""Binding of Telegram accounts to admins: contract section 2.1.

``verify``, ``restore`` and ``logout`` need nothing but a Telegram id (contract Q13): it must come from the
sender of the update itself, never from what somebody typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from api.client import Backend
from api.errors import CodeRefused, Invalid, NotFound, Refused, Wrong
from models.access import Caller
from models.auth import Login, TelegramSession

ROOT = "/api/v1/telegram-auth"
GROUP = "telegram-auth"
LONGEST_ID = 20
LONGEST_NAME = 255
PREFIX = "OTP token is invalid: "
REASONS: Mapping[str, str] = MappingProxyType(
    {"already used": "used", "revoked": "revoked", "expired": "expired"}
)


class TelegramAuth:
    """The login calls. None of the first three carries a token."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "verify": (f"POST {ROOT}/verify-otp",),
            "restore": (f"POST {ROOT}/restore-session",),
            "logout": (f"POST {ROOT}/logout",),
            "sessions": (f"GET {ROOT}/sessions",),
            "revoke": (f"DELETE {ROOT}/sessions/{{telegram_user_id}}",),
        }
    )

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def verify(
        self,
        code: str,
        telegram_user_id: int,
        *,
        username: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
    ) -> Login:
        """The login that ``code`` (8 characters) buys; the code is spent, the account bound to its admin.

        Raises ``CodeRefused`` with every reason the backend names. Never repeated once it was sent: after
        ``UnknownOutcome`` ask ``restore``, which answers with that login when the code had been accepted.
        """
        names = {
            "telegram_username": username,
            "telegram_first_name": first_name,
            "telegram_last_name": last_name,
        }
        values = {name: text[:LONGEST_NAME] for name, text in names.items() if text}
        body = {"otp_token": code, "telegram_user_id": _digits(telegram_user_id), **values}
        try:
            answer = await self._backend.call(
                "POST", f"{ROOT}/verify-otp", group=GROUP, json=body, as_bot=True
            )
        except Refused as error:
            if error.status != 401:
                raise
            raise CodeRefused(_reasons(error.detail), call=error.call, status=error.status) from error
        return answer.one(Login)

    async def restore(self, telegram_user_id: int) -> Login | None:
        """A login with a fresh token and the present role while the binding is active, else None."""
        body = {"telegram_user_id": _digits(telegram_user_id)}
        try:
            answer = await self._backend.call(
                "POST", f"{ROOT}/restore-session", group=GROUP, json=body, write=False, as_bot=True
            )
        except NotFound:
            return None
        return answer.one(Login)

    async def logout(self, telegram_user_id: int) -> bool:
        """True when an active binding was ended, False when there was none.

        Ending twice does no harm, so a lost answer is asked for again; the second one may then say False.
        """
        body = {"telegram_user_id": _digits(telegram_user_id)}
        try:
            await self._backend.call(
                "POST", f"{ROOT}/logout", group=GROUP, json=body, write=False, as_bot=True
            )
        except NotFound:
            return False
        return True

    async def sessions(self, caller: Caller) -> list[TelegramSession]:
        """Every active binding of every admin."""
        answer = await self._backend.call("GET", f"{ROOT}/sessions", group=GROUP, caller=caller)
        return answer.part("sessions").many(TelegramSession).items

    async def revoke(self, caller: Caller, telegram_user_id: int) -> None:
        """Nothing; ``NotFound`` when that account is not bound any more. Issued tokens keep working."""
        path = f"{ROOT}/sessions/{_digits(telegram_user_id)}"
        await self._backend.call("DELETE", path, group=GROUP, caller=caller)


def _digits(telegram_user_id: int) -> str:
    """The id as the backend takes it; a longer one makes it fail after the code was checked (contract Q7)."""
    text = str(telegram_user_id)
    if not text.isdecimal() or len(text) > LONGEST_ID:
        raise Invalid((Wrong(("telegram_user_id",), "not the id of a person"),))
    return text


def _reasons(detail: str) -> frozenset[str]:
    named = detail.removeprefix(PREFIX).split(", ") if detail.startswith(PREFIX) else ()
    return frozenset(REASONS[name] for name in named if name in REASONS) or frozenset(("unknown",))
