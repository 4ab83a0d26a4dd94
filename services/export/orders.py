"""Orders of exports in Redis: one per person at a time, made by one worker at a time, sent at most once.

    waiting ──> running ──> sending ──> sent
       └─ stopped ─┘└─> failed └─> unknown

A worker holds an order by a lease. One whose worker died is taken up by another, from the beginning, unless the
file was on its way already: then nobody knows whether it came, and it is never sent a second time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

from services.keys import ExportKey, ExportsKey, as_text
from services.ordered import STOP, overdue

LEASE = 15.0
"""Seconds that a dead worker keeps the others waiting."""
OVERDUE = 10.0
"""Seconds an order waits before a worker is asked once more."""
TRIES = 4
"""Workers that may take an order up: one that kills them all must not go round for ever."""


class State(StrEnum):
    """How far an order is."""

    WAITING = "waiting"
    RUNNING = "running"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Its worker died while the file was on its way."""


OPEN = frozenset((State.WAITING, State.RUNNING, State.SENDING))


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted, all of it at the moment of ordering; never a token.

    ``resource`` is the resource's code, ``under`` the record of its parent. ``ids`` are the ticked records, empty
    for all that ``filters`` and ``search`` leave. ``columns`` by name; ``full`` shows personal data whole.
    ``title`` says what the file is of, in the person's language; ``view`` leads back to the list, ``arg`` to the
    same choice. ``expected`` is how many records the list told, None where it does not know.
    """

    id: str
    user_id: int
    admin_id: int
    resource: str
    format: str
    columns: tuple[str, ...]
    language: str
    zone: str
    created_at: float
    title: str = ""
    under: int = 0
    view: str = ""
    arg: str = ""
    full: bool = False
    ids: tuple[int, ...] = ()
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An order and how far it is: ``rows`` written, ``begun_at`` (epoch seconds) by the worker that holds it."""

    order: Order
    state: State
    rows: int = 0
    begun_at: float = 0.0


# Stores a new order, unless one of the states ARGV[5..] is in the way; answers 1, or 0 for that one.
_BEGIN = """
local state = redis.call('HGET', KEYS[1], 'state')
for i = 5, #ARGV do if state == ARGV[i] then return 0 end end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'order', ARGV[2], 'state', 'waiting', 'asked', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""

# ARGV: id, holder, now, lease, tries. Takes the order for the holder; answers the state it is in then.
_CLAIM = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 'gone' end
local state = redis.call('HGET', KEYS[1], 'state')
local until_ = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if state ~= 'waiting' and until_ > tonumber(ARGV[3]) then return 'held' end
if state == 'sending' then
  redis.call('HSET', KEYS[1], 'state', 'unknown')
  return 'unknown'
end
if state ~= 'waiting' and state ~= 'running' then return 'over' end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) > tonumber(ARGV[5]) then
  redis.call('HSET', KEYS[1], 'state', 'failed')
  return 'failed'
end
redis.call('HSET', KEYS[1], 'state', 'running', 'holder', ARGV[2], 'until', ARGV[3] + ARGV[4],
  'rows', 0, 'begun', ARGV[3])
return 'running'
"""

# ARGV: id, holder, until, from, to, rows. Prolongs the lease and moves the order on, when it is still the holder's.
_MOVE = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[1], 'state') ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[5], 'until', ARGV[3])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'rows', ARGV[6]) end
return 1
"""


class Orders:
    """Keeps the orders. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock
        self.here: set[str] = set()
        """Holders at work in this process."""

    async def begin(self, order: Order) -> bool:
        """False when this person has an order that is not over yet."""
        blob = json.dumps(asdict(order), ensure_ascii=False)
        name = ExportKey(order.user_id).name
        # Before and after: whoever looks in between takes the person out again, and a crash in between
        # must leave no order that nobody looks for.
        await self._redis.sadd(ExportsKey.name, str(order.user_id))
        began = await self._redis.eval(
            _BEGIN, 1, name, order.id, blob, str(self._clock()), str(ExportKey.TTL), *sorted(OPEN)
        )
        await self._redis.sadd(ExportsKey.name, str(order.user_id))
        return bool(began)

    async def current(self, user_id: int) -> Standing | None:
        """The last order of a person and how it stands; None without one."""
        found = await self._redis.hgetall(ExportKey(user_id).name)
        return _standing({as_text(name): as_text(value) for name, value in found.items()})

    async def claim(self, user_id: int, order_id: str, holder: str) -> Standing | None:
        """The order, when ``holder`` has it now, or when it just turned out to have failed or to be unknown.

        None when there is nothing for this worker to do.
        """
        state = await self._redis.eval(
            _CLAIM, 1, ExportKey(user_id).name, order_id, holder, str(self._clock()), str(LEASE), str(TRIES)
        )
        if as_text(state) not in (State.RUNNING, State.UNKNOWN, State.FAILED):
            return None
        return await self.current(user_id)

    async def keep(self, order: Order, holder: str, rows: int) -> bool:
        """True while the order is still the holder's to go on with: neither stopped nor taken over."""
        return await self._move(order, holder, State.RUNNING, State.RUNNING, LEASE, rows)

    async def sending(self, order: Order, holder: str, seconds: float) -> bool:
        """True when the holder, and nobody else ever, may send the file now; it takes at most ``seconds``."""
        return await self._move(order, holder, State.RUNNING, State.SENDING, seconds)

    async def settle(self, order: Order, holder: str, came: State, went: State) -> bool:
        """True when the order went from one state to the other; the lease is given back."""
        return await self._move(order, holder, came, went, 0.0)

    async def stop(self, user_id: int, order_id: str) -> State | None:
        """The state after stopping what can be stopped; None for an order that is no longer known."""
        state = as_text(await self._redis.eval(STOP, 1, ExportKey(user_id).name, order_id))
        return State(state) if state in State._value2member_map_ else None

    async def due(self) -> list[tuple[int, str]]:
        """Person and id of each order that nobody works on; told once in ``OVERDUE`` seconds."""
        found = await overdue(
            self._redis, ExportsKey.name, lambda one: ExportKey(int(one)).name, self._clock(), OVERDUE, OPEN
        )
        return [(int(user_id), number) for user_id, number in found]

    async def _move(
        self, order: Order, holder: str, came: State, went: State, lease: float, rows: int | None = None
    ) -> bool:
        until = str(self._clock() + lease if lease else 0)
        told = "" if rows is None else str(rows)
        name = ExportKey(order.user_id).name
        return bool(await self._redis.eval(_MOVE, 1, name, order.id, holder, until, came, went, told))


def _standing(fields: Mapping[str, str]) -> Standing | None:
    try:
        values: dict[str, Any] = json.loads(fields["order"])
        order = Order(**values | {"columns": tuple(values["columns"]), "ids": tuple(values["ids"])})
        state = State(fields["state"])
    except (KeyError, TypeError, ValueError):
        return None
    return Standing(order, state, int(fields.get("rows", 0)), float(fields.get("begun", 0)))
