"""One holder at a time, whatever happens to it, to the others and to Redis."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone

from services.lease import Lease
from tests.support.clock import Clock


async def test_one_holder_at_a_time(redis: Redis):
    one, two = Lease(redis, "lease"), Lease(redis, "lease")
    assert await one.renew()
    assert not await two.renew()
    assert await one.renew()
    assert (one.held, two.held) == (True, False)


async def test_it_is_given_back_and_taken_at_once(redis: Redis):
    one, two = Lease(redis, "lease"), Lease(redis, "lease")
    await one.renew()
    await two.renew()
    await two.release()
    assert not await two.renew()
    await one.release()
    assert not one.held
    assert await two.renew()


async def test_a_dead_holder_is_followed(redis: Redis):
    one, two = Lease(redis, "lease", 0.05), Lease(redis, "lease", 0.05)
    await one.renew()
    await asyncio.sleep(0.06)
    assert await two.renew()
    assert not await one.renew()
    assert not one.held


async def test_a_holder_that_slept_no_longer_believes_in_it(redis: Redis, clock: Clock):
    lease = Lease(redis, "lease", 10, clock)
    await lease.renew()
    clock.now += 9.9
    assert lease.held
    clock.now += 0.1
    assert not lease.held


async def test_the_time_counts_from_the_question(redis: Redis, clock: Clock, monkeypatch):
    lease = Lease(redis, "lease", 10, clock)
    ask = redis.eval

    async def slow(*values):
        answer = await ask(*values)
        clock.now += 11
        return answer

    monkeypatch.setattr(redis, "eval", slow)
    assert not await lease.renew()


async def test_one_that_was_lost_to_another_is_not_given_back(redis: Redis):
    one, two = Lease(redis, "lease"), Lease(redis, "lease")
    await one.renew()
    await redis.delete("lease")
    await two.renew()
    await one.release()
    assert await redis.exists("lease")


async def test_kept_through_failures_of_redis(redis: Redis, monkeypatch):
    lease = Lease(redis, "lease", 0.3)
    ask, failures = redis.eval, iter([RedisGone("gone"), OSError("gone")])

    async def flaky(*values):
        if error := next(failures, None):
            raise error
        return await ask(*values)

    monkeypatch.setattr(redis, "eval", flaky)
    keeping = asyncio.create_task(lease.keep())
    await asyncio.sleep(0.5)
    assert lease.held
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_given_back_without_redis(redis: Redis, monkeypatch):
    lease = Lease(redis, "lease")
    await lease.renew()

    async def gone(*_):
        raise RedisGone("gone")

    monkeypatch.setattr(redis, "eval", gone)
    await lease.release()
    assert not lease.held
