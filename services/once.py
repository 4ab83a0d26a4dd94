"""Deeds that pay each time they are done, or reach people: claimed before they are sent, by whoever comes first."""

from __future__ import annotations

from redis.asyncio import Redis

from services.keys import OnceKey


class Once:
    """Remembers what was done. Every method lets ``RedisError`` through: without a memory nothing is done."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def claim(self, scope: str, seconds: int = OnceKey.TTL) -> bool:
        """True for the first who asks; for so long nobody else may do it, whichever admin, whichever button."""
        return bool(await self._redis.set(OnceKey(scope).name, "1", nx=True, ex=seconds))

    async def doubt(self, scope: str) -> None:
        """Nobody knows whether it was done, and the record does not show it: it may be tried again once a write that
        is still under way must have landed."""
        name = OnceKey(scope).name
        # Who doubts again and again must not prolong it for ever.
        if await self._redis.ttl(name) > OnceKey.DOUBT:
            await self._redis.expire(name, OnceKey.DOUBT)

    async def release(self, scope: str) -> None:
        """Lets it be done again, because it surely was not."""
        await self._redis.delete(OnceKey(scope).name)
