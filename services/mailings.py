"""Mailings in Redis: one per person at a time, sent batch by batch, no batch twice.

    waiting ──> running ──> done
       └─ stopped ─┘└─> broken

A worker holds a mailing by a lease and notes each batch before it leaves. A batch whose worker died in between may
have gone out: nobody knows, so it is counted as such and never sent again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

from services.keys import MailingKey, MailingListKey, MailingsKey, as_text
from services.ordered import STOP, overdue

LEASE = 45.0
"""Seconds that a dead worker keeps the others waiting; longer than one batch may take."""
OVERDUE = 10.0
"""Seconds a mailing waits before a worker is asked once more."""
FAILURES = 1000
"""Recipients that were not reached whose names are kept."""


class State(StrEnum):
    """How far a mailing is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    BROKEN = "broken"


OPEN = frozenset((State.WAITING, State.RUNNING))


@dataclass(frozen=True, slots=True)
class Mailing:
    """What is to be sent, all of it at the moment of ordering; never a token.

    ``resource`` is the code of what is sent. ``to`` are the recipients where they are known; empty: they are looked
    up when it begins. ``expected`` is how many the person was told of.
    """

    id: str
    user_id: int
    admin_id: int
    resource: str
    values: Mapping[str, Any]
    language: str
    zone: str
    created_at: float
    to: tuple[str, ...] = ()
    expected: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A mailing and how far it is. ``next`` is the number of recipients that were tried, of ``total``; ``unknown``
    of them are in batches whose answer is lost. ``why`` is the key of what broke it."""

    mailing: Mailing
    state: State
    total: int = 0
    next: int = 0
    sent: int = 0
    unknown: int = 0
    failed: int = 0
    failures: tuple[str, ...] = field(default=())
    begun_at: float = 0.0
    why: str = ""


# ARGV: id, mailing, now, ttl, states in the way... Answers 1 also for the one that is there already.
_BEGIN = """
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then return 1 end
local state = redis.call('HGET', KEYS[1], 'state')
for i = 5, #ARGV do if state == ARGV[i] then return 0 end end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'mailing', ARGV[2], 'state', 'waiting', 'asked', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""

# ARGV: id, holder, now, lease. Takes it for the holder; a batch that was on its way is unknown from now on.
_CLAIM = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'waiting' and state ~= 'running' then return 0 end
if state == 'running' and tonumber(redis.call('HGET', KEYS[1], 'until') or '0') > tonumber(ARGV[3]) then return 0 end
local flying = tonumber(redis.call('HGET', KEYS[1], 'flying') or '0')
if flying > 0 then
  redis.call('HINCRBY', KEYS[1], 'next', flying)
  redis.call('HINCRBY', KEYS[1], 'unknown', flying)
end
redis.call('HSET', KEYS[1], 'state', 'running', 'holder', ARGV[2], 'until', ARGV[3] + ARGV[4], 'flying', 0)
redis.call('HSETNX', KEYS[1], 'begun', ARGV[3])
return 1
"""

# ARGV: id, holder, until, flying. Prolongs the lease and notes a batch that leaves now, while it is the holder's.
_FLY = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[3], 'flying', ARGV[4])
return 1
"""

# ARGV: id, holder, tried, sent, unknown, failed, failures. Counts a batch that came back, also of a stopped mailing.
_LAND = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'flying', 0, 'failures', ARGV[7])
for i, name in ipairs({'next', 'sent', 'unknown', 'failed'}) do redis.call('HINCRBY', KEYS[1], name, ARGV[i + 2]) end
return 1
"""

# ARGV: id, holder, to, why.
_SETTLE = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'why', ARGV[4], 'until', 0)
return 1
"""


class Mailings:
    """Keeps the mailings. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock

    async def begin(self, mailing: Mailing) -> bool:
        """False when this person has another one that is not over yet; beginning the same one again does nothing."""
        blob = json.dumps(asdict(mailing), ensure_ascii=False)
        names = MailingKey(mailing.user_id).name, MailingListKey(mailing.user_id).name
        # Before and after: whoever looks in between takes the person out again.
        await self._redis.sadd(MailingsKey.name, str(mailing.user_id))
        began = await self._redis.eval(
            _BEGIN, 2, *names, mailing.id, blob, str(self._clock()), str(MailingKey.TTL), *sorted(OPEN)
        )
        await self._redis.sadd(MailingsKey.name, str(mailing.user_id))
        return bool(began)

    async def current(self, user_id: int) -> Standing | None:
        """The last mailing of a person and how it stands; None without one."""
        found = await self._redis.hgetall(MailingKey(user_id).name)
        return _standing({as_text(name): as_text(value) for name, value in found.items()})

    async def claim(self, user_id: int, mailing_id: str, holder: str) -> Standing | None:
        """The mailing, when ``holder`` has it now; None when there is nothing for this worker to do."""
        taken = await self._redis.eval(
            _CLAIM, 1, MailingKey(user_id).name, mailing_id, holder, str(self._clock()), str(LEASE)
        )
        return await self.current(user_id) if taken else None

    async def recipients(self, user_id: int) -> list[str] | None:
        """Whom it goes to; None while that was not looked up."""
        blob = await self._redis.get(MailingListKey(user_id).name)
        return None if blob is None else list(json.loads(as_text(blob)))

    async def keep_recipients(self, user_id: int, found: Sequence[str]) -> None:
        """Whom it goes to, in this order, whoever goes on with it."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.set(MailingListKey(user_id).name, json.dumps(list(found)), ex=MailingListKey.TTL)
        pipe.hset(MailingKey(user_id).name, "total", str(len(found)))
        await pipe.execute()

    async def fly(self, mailing: Mailing, holder: str, size: int) -> bool:
        """True when the holder may send that many now (0: go on looking): it was neither stopped nor taken over."""
        until = str(self._clock() + LEASE)
        name = MailingKey(mailing.user_id).name
        return bool(await self._redis.eval(_FLY, 1, name, mailing.id, holder, until, str(size)))

    async def land(self, standing: Standing, holder: str, *, before: Standing) -> None:
        """Counts what came back since ``before``."""
        mailing = standing.mailing
        steps = [
            str(getattr(standing, name) - getattr(before, name))
            for name in ("next", "sent", "unknown", "failed")
        ]
        failures = json.dumps(standing.failures[:FAILURES], ensure_ascii=False)
        name = MailingKey(mailing.user_id).name
        await self._redis.eval(_LAND, 1, name, mailing.id, holder, *steps, failures)

    async def settle(self, mailing: Mailing, holder: str, went: State, why: str = "") -> bool:
        """True when the mailing went from running to that state; the lease is given back."""
        name = MailingKey(mailing.user_id).name
        return bool(await self._redis.eval(_SETTLE, 1, name, mailing.id, holder, went, why))

    async def stop(self, user_id: int, mailing_id: str) -> State | None:
        """The state after stopping what is still going on; None for a mailing that is no longer known."""
        state = as_text(await self._redis.eval(STOP, 1, MailingKey(user_id).name, mailing_id))
        return State(state) if state in State._value2member_map_ else None

    async def due(self) -> list[tuple[int, str]]:
        """Person and id of each mailing that nobody works on; told once in ``OVERDUE`` seconds."""
        found = await overdue(
            self._redis, MailingsKey.name, lambda one: MailingKey(int(one)).name, self._clock(), OVERDUE, OPEN
        )
        return [(int(user_id), number) for user_id, number in found]


def _standing(fields: Mapping[str, str]) -> Standing | None:
    try:
        values: dict[str, Any] = json.loads(fields["mailing"])
        mailing = Mailing(**values | {"to": tuple(values["to"])})
        state = State(fields["state"])
        failures = tuple(json.loads(fields.get("failures") or "[]"))
    except (KeyError, TypeError, ValueError):
        return None
    numbers = {name: int(fields.get(name) or 0) for name in ("total", "next", "sent", "unknown", "failed")}
    begun = float(fields.get("begun") or 0)
    return Standing(mailing, state, **numbers, failures=failures, begun_at=begun, why=fields.get("why", ""))
