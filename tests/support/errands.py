"""Sends a job to the bots that work, as their own scheduler does each minute."""

from __future__ import annotations

from typing import Any

from services.jobs import Job, Jobs
from services.lease import Lease
from services.redis_client import open_redis
from services.streams import broker


async def sent_out(redis_url: str, name: str, **values: Any) -> None:
    """Has the job done by whichever bot takes it."""

    async def nothing(**_: Any) -> None:
        """Done by others."""

    redis = open_redis(redis_url)
    jobs = Jobs(broker(redis_url), [Job(name, nothing)], Lease(redis, "nobody"))
    try:
        await jobs.send(name, **values)
    finally:
        await jobs.close()
        await redis.aclose()
