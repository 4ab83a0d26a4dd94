"""What waits is counted, on one server and on a Cluster."""

from __future__ import annotations

from typing import cast

from redis.asyncio import Redis, RedisCluster

from services.backlog import Backlog
from services.keys import ExportsKey, JobsKey, MailingsKey, OpenDecisionsKey
from services.streams import GROUP


async def test_nothing_waits_before_anything_was_done(redis: Redis):
    assert await Backlog(redis).read() == {
        "exports": 0,
        "mailings": 0,
        "decisions": 0,
        "jobs": 0,
        "jobs_running": 0,
    }


async def fill(redis: Redis) -> None:
    await redis.sadd(ExportsKey.name, "1", "2")
    await redis.sadd(MailingsKey.name, "1")
    await redis.hset(OpenDecisionsKey.name, "ev:0:1", "{}")
    for number in range(5):
        await redis.xadd(JobsKey.name, {"data": str(number)})
    await redis.xgroup_create(JobsKey.name, GROUP, id="0")
    await redis.xreadgroup(GROUP, "one", {JobsKey.name: ">"}, count=2)


async def test_everything_is_counted(redis: Redis):
    await fill(redis)
    assert await Backlog(redis).read() == {
        "exports": 2,
        "mailings": 1,
        "decisions": 1,
        "jobs": 3,
        "jobs_running": 2,
    }


async def test_on_a_cluster_too(cluster: RedisCluster):
    redis = cast(Redis, cluster)
    await fill(redis)
    assert (await Backlog(redis).read())["jobs"] == 3


async def test_what_redis_does_not_know_is_not_shown(redis: Redis):
    await fill(redis)
    await redis.xdel(JobsKey.name, (await redis.xrange(JobsKey.name))[-2][0])
    assert "jobs" not in await Backlog(redis).read()
