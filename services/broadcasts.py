"""What the bot keeps about broadcasts, which are the backend's: who was asked about a late one, who read one."""

from __future__ import annotations

from redis.asyncio import Redis

from services.keys import BroadcastAskedKey, BroadcastReadersKey, as_text

ALL = "*"
"""Stands for everybody: nobody else is to be asked."""


class BroadcastNotes:
    """Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def asked(self, broadcast_id: int, scheduled_at: int) -> frozenset[str] | None:
        """Telegram ids of those who were asked about that time (epoch seconds); None when all who should be were."""
        found = await self._redis.smembers(BroadcastAskedKey(broadcast_id, scheduled_at).name)
        members = frozenset(as_text(one) for one in found)
        return None if ALL in members else members

    async def note_asked(self, broadcast_id: int, scheduled_at: int, who: int | None) -> None:
        """``who`` was asked; None: everybody who should be."""
        key = BroadcastAskedKey(broadcast_id, scheduled_at)
        pipe = self._redis.pipeline(transaction=False)
        pipe.sadd(key.name, ALL if who is None else str(who))
        pipe.expire(key.name, key.TTL)
        await pipe.execute()

    async def note_read(self, broadcast_id: int, user_id: int) -> None:
        """That person pressed the button under the message: the backend has no place for it."""
        key = BroadcastReadersKey(broadcast_id)
        pipe = self._redis.pipeline(transaction=False)
        pipe.sadd(key.name, str(user_id))
        pipe.expire(key.name, key.TTL)
        await pipe.execute()

    async def readers(self, broadcast_id: int) -> int:
        """How many people pressed it."""
        return int(await self._redis.scard(BroadcastReadersKey(broadcast_id).name))
