"""Tellings in Redis: who of a match was told in which channel, nobody twice.

    waiting ──> running ──> done
       └─ stopped ─┘└─> broken

A worker holds a telling by a lease and notes each message before it leaves. One whose worker died in between may have
arrived: it is unclear from then on, and only a person has it sent once more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

from services.keys import TellingKey, TellingPaceKey, TellingsKey, as_text
from services.ordered import STOP, overdue

LEASE = 45.0
"""Seconds that a dead worker keeps the others waiting."""
OVERDUE = 10.0
"""Seconds a telling waits before a worker is asked once more."""
PACE = 25
"""Messages a second that all tellings together may send: Telegram takes about thirty of one bot."""
SOON = 1.0
"""Seconds that a place among the others is kept for whoever asked; a longer wait is asked for again."""


class State(StrEnum):
    """How far a telling is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    BROKEN = "broken"


OPEN = frozenset((State.WAITING, State.RUNNING))


class Line(StrEnum):
    """What became of one message to one member; what failed carries its reason behind a colon.

    ``DUE``: to be tried (again). ``BLOCKED``: Telegram delivers nothing to that person. ``NO_WAY``: the member chose
    a channel without an address in it. ``DECLINED``: the member does not want to be told.
    """

    DUE = "due"
    FLYING = "flying"
    SENT = "sent"
    UNCLEAR = "unclear"
    BLOCKED = "blocked"
    FAILED = "failed"
    NO_WAY = "no_way"
    DECLINED = "declined"

    @classmethod
    def of(cls, value: str) -> Line:
        """The line without its reason; what another version wrote counts as unclear."""
        name = value.partition(":")[0]
        return cls(name) if name in cls._value2member_map_ else cls.UNCLEAR


AGAIN = frozenset((Line.FAILED, Line.BLOCKED, Line.UNCLEAR))
"""What another try is offered for."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What members are told of, and by whose order; never a token.

    ``user_id`` and ``admin_id`` are 0 where nobody ordered it; ``reports`` are the Telegram ids of who else is told
    what became of it.
    """

    kind: str
    record_id: int
    user_id: int
    admin_id: int
    language: str
    zone: str
    created_at: float
    reports: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Its id: there is one telling of a match."""
        return f"{self.kind}:{self.record_id}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A telling and how far it is. ``total`` members are to be told; ``lines`` are by member and channel (``-`` for
    none). ``why`` is the key of what broke it or keeps it waiting; ``turn`` grows with each further try."""

    telling: Telling
    state: State
    total: int = 0
    lines: Mapping[tuple[int, str], str] = field(default_factory=dict)
    begun_at: float = 0.0
    why: str = ""
    turn: int = 0

    def members(self, *lines: Line) -> list[int]:
        """The members with a message in one of these states, by id."""
        return sorted({member for (member, _), value in self.lines.items() if Line.of(value) in lines})

    @property
    def handled(self) -> int:
        """Members with nothing left to do for."""
        waits = set(self.members(Line.DUE, Line.FLYING))
        return len({member for member, _ in self.lines} - waits)


# ARGV: telling, now, ttl, id. Answers 1 when it was begun here.
_BEGIN = """
if redis.call('HEXISTS', KEYS[1], 'state') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'id', ARGV[4], 'telling', ARGV[1], 'state', 'waiting', 'asked', ARGV[2], 'turn', 0)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""

# ARGV: holder, now, lease. Takes it for the holder; what was on its way is unclear from now on.
_CLAIM = """
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'waiting' and state ~= 'running' then return 0 end
if state == 'running' and tonumber(redis.call('HGET', KEYS[1], 'until') or '0') > tonumber(ARGV[2]) then return 0 end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i + 1] == 'flying' and string.sub(all[i], 1, 2) == 'm:' then redis.call('HSET', KEYS[1], all[i], 'unclear') end
end
redis.call('HSET', KEYS[1], 'state', 'running', 'holder', ARGV[1], 'until', ARGV[2] + ARGV[3])
redis.call('HSETNX', KEYS[1], 'begun', ARGV[2])
return 1
"""

# ARGV: holder, until. Prolongs the lease while it is the holder's.
_HOLD = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2])
return 1
"""

# ARGV: holder, until, line. 1: the message leaves now. 0: it left before. -1: no longer the holder's to send.
_FLY = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return -1 end
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return -1 end
local line = redis.call('HGET', KEYS[1], ARGV[3])
if line and line ~= 'due' then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2], ARGV[3], 'flying')
return 1
"""

# ARGV: holder, line, what became of it. A worker that was taken for dead still knows what it did, not what is due.
_LAND = """
local line = redis.call('HGET', KEYS[1], ARGV[2])
if line ~= 'flying' and line ~= 'unclear' then return 0 end
if ARGV[3] == 'due' and (line ~= 'flying' or redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
"""

# ARGV: holder, to, why, asked.
_SETTLE = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'why', ARGV[3], 'until', 0, 'asked', ARGV[4])
return 1
"""

# ARGV: turn, telling, now, ttl. Has everything tried anew that did not surely arrive, once for each turn.
_AGAIN = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'waiting' or state == 'running' then return 0 end
if redis.call('HGET', KEYS[1], 'turn') ~= ARGV[1] then return 0 end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'm:' and all[i + 1] ~= 'sent' then redis.call('HSET', KEYS[1], all[i], 'due') end
end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'turn', ARGV[1] + 1, 'telling', ARGV[2], 'asked', ARGV[3], 'why', '')
redis.call('HDEL', KEYS[1], 'begun')
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""

# ARGV: now, gap, soon (ms). Answers the ms to wait; a place is taken only where the wait is short.
_SLOT = """
local now, at = tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or '0')
if at - now > tonumber(ARGV[3]) then return math.ceil(at - now) end
if at < now then at = now end
redis.call('SET', KEYS[1], string.format('%.0f', at + ARGV[2]), 'PX', 60000)
return math.ceil(at - now)
"""

# ARGV: until, ttl (ms). Nobody sends before that.
_FLOOD = """
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class Tellings:
    """Keeps the tellings. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock

    async def begin(self, telling: Telling) -> bool:
        """True when it was begun here; False when there is one of this match, whatever became of it."""
        key = _key(telling)
        # Before and after: whoever looks in between takes it out again.
        await self._redis.sadd(TellingsKey.name, telling.name)
        began = await self._redis.eval(
            _BEGIN, 1, key.name, _blob(telling), str(self._clock()), str(TellingKey.TTL), telling.name
        )
        await self._redis.sadd(TellingsKey.name, telling.name)
        return bool(began)

    async def standing(self, kind: str, record_id: int) -> Standing | None:
        """The telling of that match and how it stands; None without one."""
        found = await self._redis.hgetall(TellingKey(kind, record_id).name)
        return _standing({as_text(name): as_text(value) for name, value in found.items()})

    async def claim(self, kind: str, record_id: int, holder: str) -> Standing | None:
        """The telling, when ``holder`` has it now; None when there is nothing for this worker to do."""
        name = TellingKey(kind, record_id).name
        taken = await self._redis.eval(_CLAIM, 1, name, holder, str(self._clock()), str(LEASE))
        return await self.standing(kind, record_id) if taken else None

    async def hold(self, telling: Telling, holder: str) -> bool:
        """True while it is the holder's: neither stopped nor taken over."""
        until = str(self._clock() + LEASE)
        return bool(await self._redis.eval(_HOLD, 1, _key(telling).name, holder, until))

    async def expect(self, telling: Telling, total: int) -> None:
        """So many members are to be told."""
        await self._redis.hset(_key(telling).name, "total", str(total))

    async def fly(self, telling: Telling, holder: str, member_id: int, channel: str) -> bool | None:
        """True when the holder may send that message now; False when it left before; None when the telling is no
        longer the holder's: stopped, or taken over."""
        until, line = str(self._clock() + LEASE), _line(member_id, channel)
        answer = int(await self._redis.eval(_FLY, 1, _key(telling).name, holder, until, line))
        return None if answer < 0 else bool(answer)

    async def land(self, telling: Telling, holder: str, member_id: int, channel: str, became: str) -> None:
        """Notes what became of a message that left; ``DUE`` for one that surely did not get out."""
        await self._redis.eval(_LAND, 1, _key(telling).name, holder, _line(member_id, channel), became)

    async def owe(self, telling: Telling, member_id: int, channel: str) -> None:
        """Notes that a message is due of which nothing is known."""
        await self._redis.hsetnx(_key(telling).name, _line(member_id, channel), Line.DUE)

    async def note(self, telling: Telling, member_id: int, became: str, dropped: Sequence[str] = ()) -> None:
        """Notes that nothing is sent to a member (``became`` without a channel; ``""`` for nothing to note), and
        drops what stood under channels that are none any more."""
        name = _key(telling).name
        if dropped:
            await self._redis.hdel(name, *(_line(member_id, channel) for channel in dropped))
        if became:
            await self._redis.hset(name, _line(member_id, NO_CHANNEL), became)

    async def settle(
        self, telling: Telling, holder: str, went: State, why: str = "", wait: float = 0
    ) -> bool:
        """True when it went from running to that state; the lease is given back. One that waits is taken up again
        after ``wait`` seconds at the earliest."""
        asked = str(self._clock() + max(0.0, wait - OVERDUE))
        return bool(await self._redis.eval(_SETTLE, 1, _key(telling).name, holder, went, why, asked))

    async def stop(self, kind: str, record_id: int) -> State | None:
        """The state after stopping what is still going on; None for a telling that is not known."""
        key = TellingKey(kind, record_id)
        state = as_text(await self._redis.eval(STOP, 1, key.name, f"{kind}:{record_id}"))
        return State(state) if state in State._value2member_map_ else None

    async def again(self, telling: Telling, turn: int) -> bool:
        """True when everything that did not surely arrive is tried anew, by order of who ``telling`` names now; once
        for each ``turn``, and only of what is over."""
        # Before and after, as in ``begin``.
        await self._redis.sadd(TellingsKey.name, telling.name)
        began = await self._redis.eval(
            _AGAIN, 1, _key(telling).name, str(turn), _blob(telling), str(self._clock()), str(TellingKey.TTL)
        )
        await self._redis.sadd(TellingsKey.name, telling.name)
        return bool(began)

    async def due(self) -> list[tuple[str, int]]:
        """Kind and record of each telling that nobody works on; told once in ``OVERDUE`` seconds."""
        found = await overdue(self._redis, TellingsKey.name, _named, self._clock(), OVERDUE, OPEN)
        return [(kind, int(number)) for (kind, _, number) in (one.partition(":") for one, _ in found)]

    # --- Telegram's limits, for all workers together -----------------------------------------------------------

    async def slot(self) -> float:
        """Seconds to wait before the next message; over ``SOON`` it has to be asked for again afterwards."""
        now, gap, soon = self._clock() * 1000, 1000 / PACE, SOON * 1000
        return (
            int(await self._redis.eval(_SLOT, 1, TellingPaceKey.name, str(now), str(gap), str(soon))) / 1000
        )

    async def flood(self, seconds: float) -> None:
        """Nobody sends anything for so long: Telegram asked for it."""
        until = (self._clock() + seconds) * 1000
        ttl = int(seconds * 1000) + 60_000
        await self._redis.eval(_FLOOD, 1, TellingPaceKey.name, f"{until:.0f}", str(ttl))


NO_CHANNEL = "-"


def _key(telling: Telling) -> TellingKey:
    return TellingKey(telling.kind, telling.record_id)


def _line(member_id: int, channel: str) -> str:
    return f"m:{member_id}:{channel}"


def _blob(telling: Telling) -> str:
    return json.dumps(asdict(telling), ensure_ascii=False)


def _standing(fields: Mapping[str, str]) -> Standing | None:
    try:
        values: dict[str, Any] = json.loads(fields["telling"])
        telling = Telling(**values | {"reports": tuple(values["reports"])})
        state = State(fields["state"])
    except (KeyError, TypeError, ValueError):
        return None
    lines: dict[tuple[int, str], str] = {}
    for name, value in fields.items():
        if name.startswith("m:"):
            _, member, channel = name.split(":")
            lines[int(member), channel] = value
    return Standing(
        telling,
        state,
        int(fields.get("total") or 0),
        lines,
        float(fields.get("begun") or 0),
        fields.get("why", ""),
        int(fields.get("turn") or 0),
    )


def _named(telling: str) -> str:
    """The hash of the telling of that name."""
    kind, _, number = telling.partition(":")
    return TellingKey(kind, int(number)).name
