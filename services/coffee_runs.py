"""What the bot keeps about scheduled rounds: who wants reports, how far each run is, who was told what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from services.keys import CoffeeReportsKey, CoffeeRunKey, CoffeeSeenKey, CoffeeToldKey, as_text

# ARGV: the schedule, now. Answers since when the schedule is like that.
_SEEN = """
if redis.call('HGET', KEYS[1], 'schedule') ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'schedule', ARGV[1], 'since', ARGV[2])
end
return redis.call('HGET', KEYS[1], 'since')
"""


BEGUN, DONE, ASKED, FEW = "begun", "done", "asked", "few"
"""A round may be stored already; it is, and told of; somebody was asked; there were too few people."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was due: ``how`` is one of the four, ``""`` while nobody began it."""

    how: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """True when nothing is left to do about it."""
        return self.how in (DONE, ASKED, FEW)


class CoffeeRuns:
    """Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    # --- reports -------------------------------------------------------------------------------------------

    async def subscribers(self) -> dict[int, int]:
        """Telegram id -> admin id of those who asked for reports."""
        found = await self._redis.hgetall(CoffeeReportsKey.name)
        return {int(as_text(user_id)): int(as_text(admin_id)) for user_id, admin_id in found.items()}

    async def subscribed(self, user_id: int, admin_id: int) -> bool:
        """True when that person asked for reports, as that admin."""
        kept = await self._redis.hget(CoffeeReportsKey.name, str(user_id))
        return kept is not None and as_text(kept) == str(admin_id)

    async def subscribe(self, user_id: int, admin_id: int, *, wanted: bool) -> None:
        """Reports from now on, or no more."""
        if wanted:
            await self._redis.hset(CoffeeReportsKey.name, str(user_id), str(admin_id))
        else:
            await self._redis.hdel(CoffeeReportsKey.name, str(user_id))

    # --- runs ----------------------------------------------------------------------------------------------

    async def since(self, schedule: str, now: float) -> float:
        """Since when the schedule is like that, as far as this bot saw it: what was due before was not due then."""
        return float(as_text(await self._redis.eval(_SEEN, 1, CoffeeSeenKey.name, schedule, str(now))))

    async def run(self, due: int) -> Run:
        """How far the run due at that epoch second is."""
        found = await self._redis.get(CoffeeRunKey(due).name)
        how, _, numbers = as_text(found).partition(" ") if found is not None else ("", "", "")
        return Run(how, json.loads(numbers or "{}"))

    async def note(self, due: int, how: str, numbers: Mapping[str, Any] | None = None) -> None:
        """How far that run is; ``numbers`` are told of its round once it is stored."""
        value = f"{how} {json.dumps(dict(numbers))}" if numbers else how
        await self._redis.set(CoffeeRunKey(due).name, value, ex=CoffeeRunKey.TTL)

    async def tell_once(self, about: str, user_id: int) -> bool:
        """True for the first time: then that person is to be told, and never again of the same."""
        key = CoffeeToldKey(about)
        pipe = self._redis.pipeline(transaction=False)
        pipe.sadd(key.name, str(user_id))
        pipe.expire(key.name, key.TTL)
        return bool((await pipe.execute())[0])
