"""Signing in with a one-time password: what counts as a code, how often one may try, and what comes of it.

Codes carry some 40 bits and the backend counts nothing, so every limit is here, in Redis, for all replicas.
A code is never stored or logged: only its keyed hash is.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.errors import BackendError, CodeRefused, UnknownOutcome
from models.access import Role
from models.auth import Login as Confirmed
from services.keys import (
    HOUR,
    MINUTE,
    LoginBudgetKey,
    LoginCodeKey,
    LoginFailuresKey,
    LoginTriesKey,
    as_text,
)
from services.sessions import Session, Sessions

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE = re.compile(f"[{ALPHABET}]{{8}}")
_LOOK_ALIKES = str.maketrans("АВЕКМНРСТУҮХЅЈԚԜ", "ABEKMHPCTYYXSJQW")
_SKIPPED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})
_MINUS = "\N{MINUS SIGN}"
_LONGEST = 64

PATIENCE = 5
"""Failures in a row before waits begin to grow: 1, 2, 4 ... minutes."""
LONGEST_WAIT = HOUR


def normalise(text: str) -> str | None:
    """The code that was meant: case, spaces, dashes, full-width forms and Cyrillic look-alikes forgiven."""
    if len(text) > _LONGEST:
        return None
    folded = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES)
    kept = "".join(char for char in folded if unicodedata.category(char) not in _SKIPPED and char != _MINUS)
    return kept if _CODE.fullmatch(kept) else None


class LoginUnavailable(Exception):
    """The limits cannot be kept just now, so nobody is signed in."""


class Refused(StrEnum):
    """Why a login was refused.

    ``WAIT``: this person tried too often; ``CROWDED``: everybody did. ``BUSY``: the same code is being
    checked at this moment; ``SIGNED_IN``: it has just signed this very person in.
    """

    MALFORMED = "malformed"
    WAIT = "wait"
    CROWDED = "crowded"
    BUSY = "busy"
    UNKNOWN = "unknown"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SIGNED_IN = "signed_in"
    UNAVAILABLE = "unavailable"
    UNKNOWN_ROLE = "unknown_role"


@dataclass(frozen=True, slots=True)
class Who:
    """The sender, as Telegram names them."""

    telegram_user_id: int
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    @property
    def account(self) -> str:
        """The account as people name it."""
        return f"@{self.username}" if self.username else self.first_name or ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; ``others`` and ``former_admin`` as in ``sessions.Started``."""

    session: Session
    others: Sequence[int] = ()
    former_admin: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """No session, and why.

    ``wait``: seconds until the next try is welcome. ``causes``: all the backend's reasons, ``cause`` first.
    """

    cause: Refused
    wait: int = 0
    causes: Sequence[Refused] = ()


class Verifier(Protocol):
    """The backend's side of a login (``api.telegram_auth.TelegramAuth``)."""

    async def verify(
        self,
        code: str,
        telegram_user_id: int,
        *,
        username: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
    ) -> Confirmed:
        """The login the code buys."""

    async def restore(self, telegram_user_id: int) -> Confirmed | None:
        """The login of an active binding."""


# One try: refused while a wait runs or the minute is full, else counted. Answers ms to wait, 0 = go.
_TRY = """
local now, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local until_ = tonumber(redis.call('HGET', KEYS[2], 'until') or 0)
if until_ > now then return math.ceil(until_ - now) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
if redis.call('ZCARD', KEYS[1]) >= limit then
  return math.max(1, math.ceil(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + 60000 - now))
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('EXPIRE', KEYS[1], 61)
return 0
"""

# One place in the minute's budget, taken before the answer is known: a crowd cannot slip through together.
_SPEND = """
local now = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  return math.max(1, math.ceil(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + 60000 - now))
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('EXPIRE', KEYS[1], 61)
return 0
"""


class LoginLimits:
    """The counters, shared by all replicas; those of another ``scope`` count apart. Lets ``RedisError`` through."""

    def __init__(
        self, redis: Redis, secret: bytes, *, per_minute: int = 5, budget: int = 30, scope: str = "login"
    ) -> None:
        self._scope = scope
        self._redis = redis
        self._secret = secret
        self._per_minute = per_minute
        self._budget = budget

    async def admit(self, user_id: int, attempt: str, now: float) -> int:
        """Seconds this person has to wait, 0 = the try is counted."""
        keys = (
            LoginTriesKey(user_id, self._scope).name,
            LoginFailuresKey(user_id, self._scope).name,
        )
        return _seconds(await self._redis.eval(_TRY, 2, *keys, *_args(now, self._per_minute, attempt)))

    async def spend(self, attempt: str, now: float) -> int:
        """Seconds until the whole bot may try again, 0 = a place is taken."""
        arguments = _args(now, self._budget, attempt)
        return _seconds(await self._redis.eval(_SPEND, 1, LoginBudgetKey(self._scope).name, *arguments))

    async def unadmit(self, user_id: int, attempt: str) -> None:
        """The try did not reach the backend after all."""
        await self._redis.zrem(LoginTriesKey(user_id, self._scope).name, attempt)

    async def unspend(self, attempt: str) -> None:
        """The try was not a failure."""
        await self._redis.zrem(LoginBudgetKey(self._scope).name, attempt)

    async def failed(self, user_id: int, now: float) -> None:
        """Counts a failure; from the fifth in a row on, the wait doubles each time."""
        name = LoginFailuresKey(user_id, self._scope).name
        pipe = self._redis.pipeline(transaction=False)
        pipe.hincrby(name, "count", 1)
        pipe.expire(name, LoginFailuresKey.TTL)
        count = (await pipe.execute())[0]
        if count >= PATIENCE:
            wait = min(LONGEST_WAIT, MINUTE * 2 ** min(count - PATIENCE, 10))
            await self._redis.hset(name, "until", int((now + wait) * 1000))

    async def succeeded(self, user_id: int) -> None:
        """Forgets the failures of this person."""
        await self._redis.delete(LoginFailuresKey(user_id, self._scope).name)

    async def claim(self, code: str, user_id: int) -> str | None:
        """None when the code is ours to check; else what ``settle`` kept, ``""`` while it is checked."""
        name = self._code_key(code)
        if await self._redis.set(name, f"?{user_id}", nx=True, ex=LoginCodeKey.LEASE):
            return None
        held = await self._redis.get(name)
        known = "" if held is None else as_text(held)
        return "" if known.startswith("?") else known

    async def settle(self, code: str, outcome: str) -> None:
        """Keeps for a minute what became of the code: causes, or ``+<Telegram id>`` it signed in."""
        await self._redis.set(self._code_key(code), outcome, ex=LoginCodeKey.TTL)

    async def unclaim(self, code: str) -> None:
        """The code may be tried again at once."""
        await self._redis.delete(self._code_key(code))

    def _code_key(self, code: str) -> str:
        digest = hmac.digest(self._secret, code.encode(), hashlib.sha256).hex()[:32]
        return LoginCodeKey(digest, self._scope).name


class Login:
    """Signs people in."""

    def __init__(self, verifier: Verifier, sessions: Sessions, limits: LoginLimits) -> None:
        self._verifier = verifier
        self._sessions = sessions
        self._limits = limits

    async def sign_in(self, who: Who, text: str, now: float) -> SignedIn | Refusal:
        """The new session, or the exact cause why there is none; raises ``LoginUnavailable`` without Redis.

        ``text`` is what was typed after ``/login``. The caller has made sure that ``who`` sent it in private.
        """
        code = normalise(text)
        if code is None:
            return Refusal(Refused.MALFORMED)
        try:
            return await self._limited(who, code, now)
        except RedisError as error:
            raise LoginUnavailable from error

    async def _limited(self, who: Who, code: str, now: float) -> SignedIn | Refusal:
        user_id, attempt = who.telegram_user_id, secrets.token_hex(8)
        if wait := await self._limits.admit(user_id, attempt, now):
            return Refusal(Refused.WAIT, wait)
        known = await self._limits.claim(code, user_id)
        if known is not None:
            await self._limits.unadmit(user_id, attempt)
            return _known(known, user_id)
        if wait := await self._limits.spend(attempt, now):
            await self._limits.unadmit(user_id, attempt)
            await self._limits.unclaim(code)
            return Refusal(Refused.CROWDED, wait)
        return await self._checked(who, code, attempt, now)

    async def _checked(self, who: Who, code: str, attempt: str, now: float) -> SignedIn | Refusal:
        user_id = who.telegram_user_id
        try:
            confirmed = await self._verified(who, code)
        except CodeRefused as error:
            causes = _causes(error.reasons)
            await self._limits.failed(user_id, now)
            await self._limits.settle(code, ",".join(causes))
            return Refusal(causes[0], causes=causes)
        except BackendError:
            confirmed = None
        await self._limits.unspend(attempt)
        if confirmed is None:
            await self._limits.unclaim(code)
            return Refusal(Refused.UNAVAILABLE)
        return await self._signed_in(who, code, confirmed, now)

    async def _verified(self, who: Who, code: str) -> Confirmed | None:
        # First the end of what is over, so that a binding found after a lost answer is this login's.
        await self._sessions.settle(who.telegram_user_id)
        try:
            return await self._verifier.verify(
                code,
                who.telegram_user_id,
                username=who.username,
                first_name=who.first_name,
                last_name=who.last_name,
            )
        except UnknownOutcome:
            return await self._verifier.restore(who.telegram_user_id)

    async def _signed_in(self, who: Who, code: str, confirmed: Confirmed, now: float) -> SignedIn | Refusal:
        user_id = who.telegram_user_id
        if Role.known(confirmed.role) is None:
            await self._sessions.drop_binding(user_id, now)
            await self._limits.settle(code, Refused.UNKNOWN_ROLE)
            return Refusal(Refused.UNKNOWN_ROLE)
        started = await self._sessions.start(user_id, confirmed, now, who.account)
        await self._limits.settle(code, f"+{user_id}")
        await self._limits.succeeded(user_id)
        return SignedIn(started.session, started.others, started.former_admin)


def _known(outcome: str, user_id: int) -> Refusal:
    if not outcome:
        return Refusal(Refused.BUSY)
    if outcome.startswith("+"):
        return Refusal(Refused.SIGNED_IN if outcome == f"+{user_id}" else Refused.USED)
    causes = tuple(Refused(cause) for cause in outcome.split(","))
    return Refusal(causes[0], causes=causes)


def _causes(reasons: frozenset[str]) -> tuple[Refused, ...]:
    order = (Refused.USED, Refused.REVOKED, Refused.EXPIRED)
    return tuple(cause for cause in order if cause in reasons) or (Refused.UNKNOWN,)


def _args(now: float, limit: int, attempt: str) -> tuple[str, str, str]:
    return str(int(now * 1000)), str(limit), attempt


def _seconds(milliseconds: Any) -> int:
    return math.ceil(int(milliseconds) / 1000)
