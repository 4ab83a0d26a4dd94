"""What admins are called: learned at sign-in, shared through Redis, never waited for."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone

from services import names as module
from services.names import KEY, AdminNames


@pytest.fixture
def names(redis: Redis) -> AdminNames:
    return AdminNames(redis)


async def test_a_name_is_known_here_at_once_and_elsewhere_after_reading(names: AdminNames, redis: Redis):
    await names.learn(7, "Айгүл")
    assert names.of(7) == "Айгүл"
    other = AdminNames(redis)
    assert other.of(7) is None
    await other.stop()
    assert other.of(7) == "Айгүл"
    await names.stop()


async def test_it_is_read_at_most_every_five_minutes(names: AdminNames, redis: Redis, monkeypatch):
    names.of(1)
    await names.stop()
    await redis.hset(KEY, "1", "new")
    assert names.of(1) is None
    await names.stop()
    assert names.of(1) is None
    later = module.time.monotonic() + module.FRESH + 1
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    names.of(1)
    await names.stop()
    assert names.of(1) == "new"


async def test_it_is_read_right_after_the_start_of_the_machine(redis: Redis, monkeypatch):
    """The monotonic clock begins near zero there."""
    await redis.hset(KEY, "1", "known")
    monkeypatch.setattr(module.time, "monotonic", lambda: 1.0)
    names = AdminNames(redis)
    names.of(1)
    await names.stop()
    assert names.of(1) == "known"


async def test_one_reading_at_a_time(names: AdminNames, redis: Redis, monkeypatch):
    readings, go = 0, asyncio.Event()

    async def slow(_key: str) -> dict[str, str]:
        nonlocal readings
        readings += 1
        await go.wait()
        return {}

    monkeypatch.setattr(redis, "hgetall", slow)
    clock = iter(range(0, 100_000, 1_000))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    for _ in range(5):
        names.of(1)
        await asyncio.sleep(0)
    assert readings == 1
    go.set()
    await names.stop()


async def test_without_redis_the_known_names_stay(names: AdminNames, redis: Redis, monkeypatch):
    await names.learn(7, "known")

    async def gone(*_: object) -> None:
        raise RedisGone("gone")

    monkeypatch.setattr(redis, "hgetall", gone)
    await names.read()
    assert names.of(7) == "known"
    await names.stop()


async def test_a_sign_in_does_not_fail_for_a_name(names: AdminNames, redis: Redis, monkeypatch):
    async def gone(*_: object) -> None:
        raise RedisGone("gone")

    monkeypatch.setattr(redis, "hset", gone)
    await names.learn(7, "known")
    assert names.of(7) == "known"
    await names.stop()


async def test_stopping_without_a_reading(names: AdminNames):
    await names.stop()
