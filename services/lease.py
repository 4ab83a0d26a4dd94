"""One of many: a lease in Redis says which process may do what only one should do."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from utils.cancellation import pass_on

SECONDS = 15.0
"""How long a dead holder keeps the others waiting."""

# Takes the lease when it is free and prolongs it when it is ours.
_KEEP = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_GIVE_UP = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


class Lease:
    """At most one holder of ``name`` at a time, as far as clocks run equally fast.

    ``keep`` takes it and prolongs it three times within ``seconds``; ``held`` never waits. A holder that was
    asleep, or that cannot reach Redis, stops believing in its lease before Redis gives it to another.
    """

    def __init__(
        self, redis: Redis, name: str, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._name = name
        self._seconds = seconds
        self._clock = clock
        self._me = secrets.token_hex(8)
        self._until = float("-inf")

    @property
    def held(self) -> bool:
        """True while this process holds it."""
        return self._clock() < self._until

    async def keep(self) -> None:
        """Tries again and again to hold it; ends only by being cancelled. Redis out of reach is waited out."""
        while True:
            try:
                await self.renew()
            except (RedisError, OSError) as error:
                structlog.get_logger(__name__).debug("lease_not_renewed", reason=type(error).__name__)
            pass_on()
            await asyncio.sleep(self._seconds / 3)

    async def renew(self) -> bool:
        """True when it is held now. Raises ``RedisError``."""
        # Counted from before the question: Redis begins to count later than that, so we are the first to let go.
        asked = self._clock()
        taken = await self._redis.eval(_KEEP, 1, self._name, self._me, str(int(self._seconds * 1000)))
        self._until = asked + self._seconds if taken else float("-inf")
        return self.held

    async def release(self) -> None:
        """Gives it back so that another need not wait; Redis out of reach lets it run out."""
        if self._until == float("-inf"):
            return
        self._until = float("-inf")
        try:
            await self._redis.eval(_GIVE_UP, 1, self._name, self._me)
        except (RedisError, OSError):
            return
