"""Decisions on what waits: held back for a moment in which they can be undone, then carried out exactly once.

    waiting ──(8 s)──> running ──> decided
       └─ undone

A decision is stored before anybody is told of it, so a restart carries it out all the same. One record has at most
one open decision, whoever makes it; who comes second is told the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from redis.asyncio import Redis

from api.errors import Refused
from services.keys import (
    DecidedKey,
    DecisionTriesKey,
    DueDecisionsKey,
    OpenDecisionsKey,
    ViewersKey,
    as_text,
)

WINDOW = 8.0
"""Seconds in which a decision can be undone."""
LEASE = 30.0
"""Seconds after which a decision whose worker died is taken up again."""
TRIES = 20
"""Times a decision is taken up: one whose outcome nobody can find out must not go round for ever."""
AT_ONCE = 10
"""Decisions that one process carries out at the same time."""

# KEYS: open, due, tries. ARGV: ref, decision, due.
_BEGIN = """
local found = redis.call('HGET', KEYS[1], ARGV[1])
if found then return found end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return false
"""
# ARGV: ref, id. Only what nobody has begun to carry out.
_UNDO = """
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found or cjson.decode(found).id ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
"""
# ARGV: now, end of the lease, how many.
_CLAIM = """
local claimed = {}
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  local found = redis.call('HGET', KEYS[1], ref)
  if found then
    redis.call('ZADD', KEYS[2], ARGV[2], ref)
    table.insert(claimed, found)
    table.insert(claimed, redis.call('HINCRBY', KEYS[3], ref, 1))
  else
    redis.call('ZREM', KEYS[2], ref)
  end
end
return claimed
"""
# ARGV: ref, id. Whoever lost the lease to another must not end what that one is at.
_END = """
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found or cjson.decode(found).id ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
"""
_KEYS = (OpenDecisionsKey.name, DueDecisionsKey.name, DecisionTriesKey.name)


def ref_of(code: str, under: int, record_id: int) -> str:
    """How a record is named among decisions: ``ev:0:31``, a child with its parent ``ps:12:5``."""
    return f"{code}:{under}:{record_id}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one admin decided of one record; ``at`` and ``due`` in epoch seconds. Never a token.

    ``id`` tells it from an earlier one on the same record. ``reason`` is what was given for a rejection.
    """

    id: str
    code: str
    under: int
    record_id: int
    approve: bool
    user_id: int
    admin_id: int
    name: str
    at: float
    due: float
    reason: str = ""
    title: str = ""
    language: str = ""
    zone: str = ""
    sid: str = ""

    @property
    def ref(self) -> str:
        """The record's name."""
        return ref_of(self.code, self.under, self.record_id)


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a record beside the record: who has its card open, what is being decided, what was."""

    viewers: tuple[str, ...] = ()
    open: Decision | None = None
    last: Decision | None = None


class BeingDecided(Refused):
    """Somebody is deciding that record at this moment: ``decision`` says who."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.ref} is being decided")
        self.decision = decision


class Decisions:
    """Keeps decisions. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def begin(self, decision: Decision) -> Decision | None:
        """None when it is kept now; else the one that is open on that record already, which stays."""
        found = await self._redis.eval(
            _BEGIN, len(_KEYS), *_KEYS, decision.ref, _dump(decision), str(decision.due)
        )
        return _load(found) if found else None

    async def undo(self, ref: str, decision_id: str) -> bool:
        """True when the decision will not be carried out; False when it was begun, is done or was undone before."""
        return bool(await self._redis.eval(_UNDO, len(_KEYS), *_KEYS, ref, decision_id))

    async def claim(self, now: float, most: int = AT_ONCE) -> list[tuple[Decision, int]]:
        """Decisions that are due, each with how often it was taken up, this time included."""
        found = await self._redis.eval(_CLAIM, len(_KEYS), *_KEYS, str(now), str(now + LEASE), str(most))
        return [(_load(raw), int(tries)) for raw, tries in zip(found[::2], found[1::2], strict=True)]

    async def end(self, decision: Decision, *, done: bool) -> None:
        """The decision is open no more; ``done``: it is the record's last one."""
        if done:
            await self.note(decision)
        await self._redis.eval(_END, len(_KEYS), *_KEYS, decision.ref, decision.id)

    async def note(self, decision: Decision) -> None:
        """Keeps the decision as the record's last one."""
        await self._redis.set(DecidedKey(decision.ref).name, _dump(decision), ex=DecidedKey.TTL)

    async def last(self, ref: str) -> Decision | None:
        """The record's last decision through this bot."""
        raw = await self._redis.get(DecidedKey(ref).name)
        return _load(raw) if raw else None

    async def open(self, refs: Iterable[str]) -> Mapping[str, Decision]:
        """The open decisions among ``refs``."""
        names = list(refs)
        if not names:
            return {}
        found = await self._redis.hmget(OpenDecisionsKey.name, names)
        return {name: _load(raw) for name, raw in zip(names, found, strict=True) if raw}

    async def look(self, ref: str, user_id: int, name: str, now: float, *, noted: bool = True) -> Look:
        """What is known of the record; that this admin has it open now is ``noted`` for three minutes."""
        me, key = f"{user_id}:{name[:60]}", ViewersKey(ref)
        pipe = self._redis.pipeline(transaction=False)
        pipe.zrangebyscore(key.name, now - key.TTL, "+inf")
        pipe.hget(OpenDecisionsKey.name, ref)
        pipe.get(DecidedKey(ref).name)
        if noted:
            pipe.zadd(key.name, {me: now})
            pipe.expire(key.name, key.TTL)
        viewers, opened, last, *_ = await pipe.execute()
        others = [as_text(one) for one in viewers if not as_text(one).startswith(f"{user_id}:")]
        return Look(
            tuple(one.partition(":")[2] for one in others),
            _load(opened) if opened else None,
            _load(last) if last else None,
        )


def _dump(decision: Decision) -> str:
    return json.dumps(asdict(decision), ensure_ascii=False)


def _load(raw: Any) -> Decision:
    return Decision(**json.loads(as_text(raw)))
