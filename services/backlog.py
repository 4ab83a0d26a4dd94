"""How much there is to do, read from Redis for the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.keys import ExportsKey, JobsKey, MailingsKey, OpenDecisionsKey, as_text
from services.streams import GROUP


class Backlog:
    """Counts for all processes together. Lets ``RedisError`` through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def read(self) -> Mapping[str, int]:
        """``jobs`` wait, ``jobs_running`` are in work or left by a worker that died; ``exports``, ``mailings`` and
        ``decisions`` are open. Exports and mailings that are just over may still be counted."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.scard(ExportsKey.name)
        pipe.scard(MailingsKey.name)
        pipe.hlen(OpenDecisionsKey.name)
        exports, mailings, decisions = await pipe.execute()
        return {"exports": exports, "mailings": mailings, "decisions": decisions, **await self._jobs()}

    async def _jobs(self) -> Mapping[str, int]:
        try:
            groups: list[dict[str, Any]] = await self._redis.xinfo_groups(JobsKey.name)
        except ResponseError:
            # No job was ever sent, and no worker was ever started.
            return {"jobs": 0, "jobs_running": 0}
        found = next((one for one in groups if as_text(one["name"]) == GROUP), {})
        # Redis does not know how many wait once entries that nobody read were trimmed away.
        lag = found.get("lag")
        return {"jobs_running": found.get("pending", 0)} | ({} if lag is None else {"jobs": lag})
