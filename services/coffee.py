"""A round of random coffee before it is stored: one per person, in Redis, every state of it with a version.

Addresses of its buttons carry the version. A change is made only to the version that was seen, so that two presses,
two processes, or a button of yesterday never change something else than what stood on the screen.
"""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

from services.keys import CoffeePreviewKey, as_text
from services.matching.arrangement import Arrangement, Group, LeftOut
from services.matching.task import Task
from services.matching.wire import ARRANGEMENT, TASK


class State(StrEnum):
    """Whether the round is there yet."""

    SOLVING = "solving"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Known:
    """How somebody is called, and what of them speaks for or against a group."""

    name: str = ""
    segment: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A round that somebody prepares.

    ``day`` is what it is planned for. ``chosen`` is the member who is to change places, 0 for nobody. ``again`` is
    True where only what is not locked is solved anew. ``why`` is the key of what went wrong.
    """

    version: int
    state: State
    admin_id: int
    day: date
    asked_at: float
    people: Mapping[int, Known] = field(default_factory=dict)
    arrangement: Arrangement | None = None
    chosen: int = 0
    again: bool = False
    why: str = ""

    def group_of(self, member_id: int) -> Group | None:
        """The group that somebody is in; None for who is left out, or not in the round."""
        groups = self.arrangement.groups if self.arrangement is not None else ()
        return next((one for one in groups if member_id in one.members), None)

    def left_out(self, member_id: int) -> LeftOut | None:
        """Why somebody meets nobody; None for all others."""
        left = self.arrangement.skipped if self.arrangement is not None else ()
        return next((one for one in left if one.id == member_id), None)


# ARGV: ttl, then fields and values.
_BEGIN = """
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""

# ARGV: the version that was seen, ttl, then fields and values. Changes just that version; answers whether it did.
_CHANGE = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""

# ARGV: the version that was seen.
_DROP = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""
_SHOWN = ("version", "state", "admin", "day", "asked", "people", "arrangement", "chosen", "again", "why")


class Previews:
    """Keeps the previews. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock

    async def begin(self, user_id: int, admin_id: int, day: date) -> int:
        """The version of a new preview, which is to be solved; the one before is gone."""
        name = CoffeePreviewKey(user_id).name
        kept = await self._redis.hget(name, "version")
        version = self._next(int(as_text(kept)) if kept else 0)
        fields = {
            "version": version, "state": State.SOLVING.value, "admin": admin_id, "day": day.isoformat(),
            "asked": self._clock(),
        }  # fmt: skip
        flat = [str(part) for pair in fields.items() for part in pair]
        await self._redis.eval(_BEGIN, 1, name, str(CoffeePreviewKey.TTL), *flat)
        return version

    async def load(self, user_id: int, admin_id: int) -> Preview | None:
        """What that person prepares, as that admin; None for nothing."""
        found = await self._redis.hmget(CoffeePreviewKey(user_id).name, list(_SHOWN))
        preview = _preview(dict(zip(_SHOWN, found, strict=True)))
        return preview if preview is not None and preview.admin_id == admin_id else None

    async def task(self, user_id: int) -> Task | None:
        """What was solved; None while nothing was."""
        blob = await self._redis.hget(CoffeePreviewKey(user_id).name, "task")
        return _unpacked(blob) if blob else None

    async def gathered(self, user_id: int, version: int, task: Task, people: Mapping[int, Known]) -> bool:
        """Keeps whom it is about while it is solved; False when it is not wanted any more."""
        return await self._change(user_id, version, {"task": _packed(task), "people": _written(people)})

    async def solved(self, user_id: int, version: int, arrangement: Arrangement) -> bool:
        """Keeps the round; False when it is not wanted any more."""
        return await self._change(
            user_id,
            version,
            {"state": State.READY, "arrangement": ARRANGEMENT.dump_json(arrangement), "chosen": 0, "why": ""},
        )

    async def failed(self, user_id: int, version: int, why: str, *, back: bool) -> bool:
        """Keeps why there is none; with ``back`` the round from before stands again."""
        state = State.READY if back else State.FAILED
        return await self._change(user_id, version, {"state": state, "why": why})

    async def asked(self, user_id: int, version: int) -> bool:
        """Notes that a worker was asked for it once more."""
        return await self._change(user_id, version, {"asked": str(self._clock())})

    async def again(self, user_id: int, version: int, task: Task) -> int | None:
        """The new version, in which ``task`` is solved anew; None when that version is there no more."""
        fields = {"state": State.SOLVING, "task": _packed(task), "again": 1, "asked": str(self._clock())}
        return await self._turned(user_id, version, {**fields, "chosen": 0, "why": ""})

    async def choose(self, user_id: int, version: int, member_id: int) -> int | None:
        """The new version, in which that member is to change places (0: nobody)."""
        return await self._turned(user_id, version, {"chosen": member_id, "why": ""})

    async def turn(
        self, user_id: int, version: int, arrangement: Arrangement, task: Task | None = None
    ) -> int | None:
        """The new version, changed by hand."""
        fields: dict[str, Any] = {"arrangement": ARRANGEMENT.dump_json(arrangement), "chosen": 0, "why": ""}
        if task is not None:
            fields["task"] = _packed(task)
        return await self._turned(user_id, version, fields)

    async def drop(self, user_id: int, version: int) -> bool:
        """Forgets just that version."""
        name = CoffeePreviewKey(user_id).name
        return bool(await self._redis.eval(_DROP, 1, name, str(version)))

    async def _turned(self, user_id: int, version: int, fields: Mapping[str, Any]) -> int | None:
        fresh = self._next(version)
        return fresh if await self._change(user_id, version, {**fields, "version": fresh}) else None

    async def _change(self, user_id: int, version: int, fields: Mapping[str, Any]) -> bool:
        flat = [part for pair in fields.items() for part in pair]
        name, ttl = CoffeePreviewKey(user_id).name, str(CoffeePreviewKey.TTL)
        return bool(await self._redis.eval(_CHANGE, 1, name, str(version), ttl, *flat))

    def _next(self, version: int) -> int:
        # Milliseconds: what another preview once had is never used again.
        return max(int(self._clock() * 1000), version + 1)


def _packed(task: Task) -> str:
    # A year of history is megabytes of the same few characters.
    return base64.b64encode(zlib.compress(TASK.dump_json(task), 3)).decode()


def _unpacked(blob: Any) -> Task:
    return TASK.validate_json(zlib.decompress(base64.b64decode(as_text(blob))))


def _written(people: Mapping[int, Known]) -> str:
    rows = {str(one): [known.name, known.segment, known.city] for one, known in people.items()}
    return json.dumps(rows, ensure_ascii=False)


def _preview(fields: Mapping[str, Any]) -> Preview | None:
    if not fields["version"] or not fields["state"]:
        return None
    text = {name: "" if value is None else as_text(value) for name, value in fields.items()}
    people = {int(one): Known(*row) for one, row in json.loads(text["people"] or "{}").items()}
    return Preview(
        version=int(text["version"]),
        state=State(text["state"]),
        admin_id=int(text["admin"]),
        day=date.fromisoformat(text["day"]),
        asked_at=float(text["asked"] or 0),
        people=people,
        arrangement=ARRANGEMENT.validate_json(text["arrangement"]) if text["arrangement"] else None,
        chosen=int(text["chosen"] or 0),
        again=text["again"] == "1",
        why=text["why"],
    )
