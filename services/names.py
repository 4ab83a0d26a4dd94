"""Names of admins by id: the backend stores only ids beside decisions."""

from __future__ import annotations

import asyncio
import time

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.keys import as_text

KEY = "admin_names"
FRESH = 300.0


class AdminNames:
    """What admins who met this bot are called; shared by all processes, read anew every five minutes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._names: dict[int, str] = {}
        self._read_at = -FRESH
        self._reading: asyncio.Task[None] | None = None

    def of(self, admin_id: int) -> str | None:
        """The name, None for an admin this bot has not met; never waits."""
        if time.monotonic() - self._read_at > FRESH and (self._reading is None or self._reading.done()):
            self._read_at = time.monotonic()
            self._reading = asyncio.create_task(self.read())
        return self._names.get(admin_id)

    async def read(self) -> None:
        """Reads all names; Redis out of reach leaves the known ones."""
        try:
            found = await self._redis.hgetall(KEY)
        except RedisError:
            return
        self._names = {int(as_text(key)): as_text(value) for key, value in found.items()}

    async def learn(self, admin_id: int, name: str) -> None:
        """Keeps the name an admin signed in with; without Redis for this process alone."""
        self._names[admin_id] = name
        try:
            await self._redis.hset(KEY, str(admin_id), name)
        except RedisError:
            return

    async def stop(self) -> None:
        """Waits for a reading that is under way."""
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)
