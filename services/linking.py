"""Linking an account of the site with a Telegram chat by the link that the site drew: for anybody, limited like logins.

A token of the site is known by its keyed hash alone, and nothing of the backend's answer is kept.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from api.errors import BackendError, Conflict, Forbidden, Invalid, NotFound, Refused, UnknownOutcome
from services.login import LoginLimits, Who

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,59}", re.ASCII)
"""What fits behind ``link_`` in the payload of a deep link."""


class Linked(StrEnum):
    """What became of a link.

    ``WAIT``: too many tries, of this person or of all. ``BUSY``: the same link is being checked at this moment;
    ``ALREADY``: it has just linked this very chat. ``NOT_SET_UP``: the backend does not know this bot.
    """

    DONE = "done"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    MALFORMED = "malformed"
    NOT_SET_UP = "not_set_up"
    UNAVAILABLE = "unavailable"
    UNSURE = "unsure"
    BUSY = "busy"
    ALREADY = "already"
    WAIT = "wait"


GUESSED = frozenset((Linked.UNKNOWN, Linked.EXPIRED))
"""What a guess comes to: these count as failures."""
SETTLED = frozenset((Linked.EXPIRED, Linked.UNKNOWN, Linked.TAKEN))
"""Answers that a second try of the same link within the minute gets without another call."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it, and the seconds to wait for ``WAIT``."""

    what: Linked
    wait: int = 0


class Confirming(Protocol):
    """The backend's side (``api.user_telegram.UserTelegram``)."""

    async def confirm(
        self, token: str, chat_id: int, *, username: str | None = None, first_name: str | None = None
    ) -> None:
        """Nothing; the chat is linked."""

    async def is_linked(self, chat_id: int) -> bool:
        """True when some account is linked with the chat."""


class Linking:
    """Confirms links. ``set_up`` is False without a secret of the bot: then nothing is asked."""

    def __init__(self, backend: Confirming, limits: LoginLimits, *, set_up: bool) -> None:
        self._backend = backend
        self._limits = limits
        self._set_up = set_up

    async def link(self, who: Who, token: str, now: float) -> Result:
        """What became of the link. ``who`` is the sender of the update. Raises ``RedisError``: without the counters
        nothing is tried."""
        if not _TOKEN.fullmatch(token):
            return Result(Linked.MALFORMED)
        if not self._set_up:
            return Result(Linked.NOT_SET_UP)
        user_id, attempt = who.telegram_user_id, secrets.token_hex(8)
        if wait := await self._limits.admit(user_id, attempt, now):
            return Result(Linked.WAIT, wait)
        known = await self._limits.claim(token, user_id)
        if known is not None:
            await self._limits.unadmit(user_id, attempt)
            return Result(_known(known, user_id))
        if wait := await self._limits.spend(attempt, now):
            await self._limits.unadmit(user_id, attempt)
            await self._limits.unclaim(token)
            return Result(Linked.WAIT, wait)
        return Result(await self._settled(who, token, attempt, now))

    async def _settled(self, who: Who, token: str, attempt: str, now: float) -> Linked:
        what = await self._confirmed(who, token)
        if what in GUESSED:
            await self._limits.failed(who.telegram_user_id, now)
        else:
            await self._limits.unspend(attempt)
        if what is Linked.DONE:
            await self._limits.succeeded(who.telegram_user_id)
            await self._limits.settle(token, f"+{who.telegram_user_id}")
        elif what in SETTLED:
            await self._limits.settle(token, what)
        else:
            await self._limits.unclaim(token)
        return what

    async def _confirmed(self, who: Who, token: str) -> Linked:
        try:
            await self._backend.confirm(
                token, who.telegram_user_id, username=who.username, first_name=who.first_name
            )
        except UnknownOutcome:
            return await self._read_back(who.telegram_user_id)
        except NotFound:
            return Linked.UNKNOWN
        except Forbidden:
            return Linked.NOT_SET_UP
        except Conflict:
            return Linked.TAKEN
        except Invalid:
            return Linked.MALFORMED
        except Refused as error:
            return Linked.EXPIRED if error.status == 400 else Linked.UNAVAILABLE
        except BackendError:
            return Linked.UNAVAILABLE
        return Linked.DONE

    async def _read_back(self, chat_id: int) -> Linked:
        """After a lost answer: whether the chat is linked now, which it may have been before."""
        try:
            return Linked.DONE if await self._backend.is_linked(chat_id) else Linked.UNAVAILABLE
        except BackendError:
            return Linked.UNSURE


def _known(outcome: str, user_id: int) -> Linked:
    if not outcome:
        return Linked.BUSY
    if outcome.startswith("+"):
        return Linked.ALREADY if outcome == f"+{user_id}" else Linked.UNKNOWN
    return Linked(outcome)
