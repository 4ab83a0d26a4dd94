"""Whether the audit is what was written: its chain walked, and signed states of it compared.

The chain shows what was changed, taken out of the middle or put in. It carries no secret, so whoever may write to
Redis could make all of it anew; the seals, signed with a key that Redis does not hold, show that too, up to the last
of them. See the decision on the audit's chain in docs/adr.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from redis.asyncio import Redis

from services.audit import Audit, Kept
from services.keys import AuditHeadKey, AuditKey, AuditSealsKey, as_text

AT_ONCE = 500
_HASHES = "return redis.sha1hex and 1 or 0"


class Why(StrEnum):
    """What is wrong with an entry: it is not what was hashed, one before it is missing, those that came first are,
    those that came last are, or a signed state says otherwise."""

    CHANGED = "changed"
    MISSING = "missing"
    HEAD_CUT = "head cut"
    TAIL_CUT = "tail cut"
    RESEALED = "resealed"
    FORGED = "forged seal"


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not hold. ``key`` is its id in the stream, ``""`` for one that is not there."""

    why: Why
    number: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked through: chained entries, those from before there was a chain, seals that hold, and seals of
    another key, which say nothing any more."""

    entries: int = 0
    unchained: int = 0
    seals: int = 0
    foreign: int = 0
    broken: Break | None = None


@dataclass(frozen=True, slots=True)
class _Seal:
    hash: str
    signature: str
    signer: str


class Chain:
    """Signs the state of the audit's chain, and verifies all of it. ``secret`` is the operator's, never in Redis."""

    def __init__(self, redis: Redis, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._secret = secret
        self._signer = hashlib.sha256(secret).hexdigest()[:8]
        self._audit = Audit(redis)
        self._clock = clock

    async def seal(self) -> bool:
        """True when something was written since the last seal, and is signed now."""
        number, state = await self._head()
        newest = await self._redis.xrevrange(AuditSealsKey.name, count=1) or []
        last = {
            as_text(name): as_text(value) for _, fields in newest for name, value in (fields or {}).items()
        }
        if not number or (last.get("number"), last.get("signer")) == (str(number), self._signer):
            return False
        fields = {
            "number": str(number), "hash": state, "at": str(int(self._clock())),
            "signature": self._signed(number, state), "signer": self._signer,
        }  # fmt: skip
        await self._redis.xadd(
            AuditSealsKey.name, dict[Any, Any](fields), maxlen=AuditSealsKey.LENGTH, approximate=True
        )
        # A copy outside of Redis: who rewinds the stream and its seals cannot rewind the log.
        structlog.get_logger("audit").info("audit_sealed", number=number, hash=state)
        return True

    async def verify(self) -> Verdict:
        """What the whole stream looks like, and the first entry that does not hold."""
        seals = await self._seals()
        number, state = await self._head()
        walk = _Walk(await self._audit.count(), hashed=bool(await self._redis.eval(_HASHES, 0)))
        start = "-"
        sealed: dict[int, str] = {}
        while rows := await self._audit.oldest(AT_ONCE, start):
            for row in rows:
                walk.take(row)
                if row.number in seals:
                    sealed[row.number] = row.hash
            start = f"({rows[-1].key}"
        broken = walk.broken or _end(walk.last, number, state, max(seals, default=0))
        return self._judged(walk, seals, sealed, broken)

    def _judged(
        self, walk: _Walk, seals: dict[int, _Seal], sealed: dict[int, str], broken: Break | None
    ) -> Verdict:
        held = foreign = 0
        for number, seal in sorted(seals.items()):
            if seal.signer != self._signer:
                foreign += 1
                continue
            why = None
            if not hmac.compare_digest(seal.signature, self._signed(number, seal.hash)):
                why = Why.FORGED
            elif number in sealed and sealed[number] != seal.hash:
                why = Why.RESEALED
            held += why is None
            if why is not None and (broken is None or number < broken.number):
                broken = Break(why, number)
        return Verdict(walk.chained, walk.unchained, held, foreign, broken)

    async def _head(self) -> tuple[int, str]:
        number, state = await self._redis.hmget(AuditHeadKey.name, "number", "hash")
        return (int(as_text(number)), as_text(state or "")) if number else (0, "")

    async def _seals(self) -> dict[int, _Seal]:
        found: dict[int, _Seal] = {}
        for _, fields in await self._redis.xrange(AuditSealsKey.name) or []:
            known = {as_text(name): as_text(value) for name, value in (fields or {}).items()}
            if known.get("number", "").isdigit():
                found[int(known["number"])] = _Seal(
                    known.get("hash", ""), known.get("signature", ""), known.get("signer", "")
                )
        return found

    def _signed(self, number: int, state: str) -> str:
        return hmac.digest(self._secret, f"{number}\n{state}".encode(), hashlib.sha256).hex()


class _Walk:
    """From the oldest entry to the newest. ``length`` is how many there were when it began; not ``hashed`` where
    Redis has no means to, as in the demo."""

    def __init__(self, length: int, *, hashed: bool) -> None:
        self._length = length
        self._hashed = hashed
        self.chained = self.unchained = 0
        self.last: Kept | None = None
        self.broken: Break | None = None

    def take(self, row: Kept) -> None:
        if not row.number and self.last is None:
            self.unchained += 1
            return
        self.chained += 1
        if self.broken is None and (why := self._wrong(row)) is not None:
            self.broken = Break(why, row.number, row.key)
        self.last = row

    def _wrong(self, row: Kept) -> Why | None:
        if row.hash != (row.follows if self._hashed else ""):
            return Why.CHANGED
        if self.last is None:
            # The stream drops its oldest entries by itself, but only beyond its length.
            trimmed = row.number > 1 or bool(row.before)
            return Why.HEAD_CUT if trimmed and self._length < AuditKey.LENGTH else None
        follows = (row.number, row.before) == (self.last.number + 1, self.last.hash)
        return None if follows else Why.MISSING


def _end(last: Kept | None, number: int, state: str, sealed: int) -> Break | None:
    """What is wrong with the newest entry: the head, read before the walk, and the last seal name a later one."""
    reached = last.number if last is not None else 0
    if reached < max(number, sealed):
        return Break(Why.TAIL_CUT, reached + 1)
    if last is not None and last.number == number and last.hash != state:
        return Break(Why.CHANGED, last.number, last.key)
    return None
