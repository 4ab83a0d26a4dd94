"""Write-behind: soon, in one batch, bounded, and never in a click's way."""

from __future__ import annotations

import asyncio
import logging

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisDown

from services.journal import Journal, Mark
from services.keys import UiKey, UpdateKey
from services.preferences import living_message

ADA = 101


def mark(now: float, update_id: int = 1) -> Mark:
    return Mark(ADA, update_id, now + 10)


async def test_the_background_task_writes_soon(redis: Redis, now: float) -> None:
    journal = Journal(redis, interval=0.01, clock=lambda: now)
    await journal.start()
    journal.done(mark(now))
    journal.set_ui(ADA, living_message(5))
    async with asyncio.timeout(5):
        while await redis.get(UpdateKey(ADA, 1).name) != "done":  # noqa: ASYNC110 - Redis has no event
            await asyncio.sleep(0.01)
    await journal.stop()
    assert await redis.hget(UiKey(ADA).name, "message") == "5"


async def test_stopping_writes_the_rest(redis: Redis, now: float) -> None:
    journal = Journal(redis, interval=60, clock=lambda: now)
    await journal.start()
    journal.done(mark(now))
    await journal.stop()
    assert await redis.get(UpdateKey(ADA, 1).name) == "done"


async def test_a_lapsed_lease_is_not_marked_done(redis: Redis, now: float) -> None:
    journal = Journal(redis, clock=lambda: now + 11)
    journal.done(mark(now))
    assert await journal.flush()
    assert not await redis.exists(UpdateKey(ADA, 1).name)


async def test_one_batch_for_many_persons(redis: Redis, now: float, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(redis, clock=lambda: now)
    for user_id in range(50):
        journal.set_ui(user_id, living_message(user_id))
    batches = []
    pipeline = redis.pipeline

    def counted(transaction: bool) -> Pipeline:
        batches.append(1)
        return pipeline(transaction=transaction)

    monkeypatch.setattr(redis, "pipeline", counted)
    await journal.flush()
    assert len(batches) == 1
    assert await redis.hget(UiKey(49).name, "message") == "49"


async def test_what_redis_refused_is_tried_again_and_newer_values_win(
    redis: Redis, now: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(redis, clock=lambda: now)
    journal.done(mark(now))
    journal.set_ui(ADA, {"message": "1", "language": "en"})

    async def down(_: object) -> None:
        journal.set_ui(ADA, {"message": "2"})
        raise RedisDown

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(journal, "_write", down)
        assert not await journal.flush()
    assert "tried again" in caplog.text
    assert await journal.flush()
    assert await redis.hmget(UiKey(ADA).name, "message", "language") == ["2", "en"]
    assert await redis.get(UpdateKey(ADA, 1).name) == "done"


async def test_the_task_survives_an_outage(redis: Redis, now: float) -> None:
    dead = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    journal = Journal(dead, interval=0.001, clock=lambda: now)
    await journal.start()
    journal.done(mark(now))
    await asyncio.sleep(0.1)
    await journal.stop()
    assert journal.pending_count == 1
    await dead.aclose()


async def test_memory_is_bounded(redis: Redis, now: float) -> None:
    journal = Journal(redis, limit=10, clock=lambda: now)
    for user_id in range(25):
        journal.set_ui(user_id, living_message(1))
    for update_id in range(40):
        journal.done(mark(now, update_id))
    assert journal.pending_count == 10
    assert journal.pending_for(0) is None
    pending = journal.pending_for(ADA)
    assert pending is not None
    assert len(pending.done) <= 11
    assert pending.done[-1].update_id == 39


async def test_stopping_ends_even_when_the_client_swallows_the_cancellation(
    redis: Redis, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, original = asyncio.Event(), Pipeline.execute

    async def swallowing(self: Pipeline, raise_on_error: bool = True) -> list[object]:
        begun.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            monkeypatch.setattr(Pipeline, "execute", original)
        return await original(self, raise_on_error)

    monkeypatch.setattr(Pipeline, "execute", swallowing)
    journal = Journal(redis, interval=0, clock=lambda: now)
    await journal.start()
    journal.done(mark(now))
    await begun.wait()
    async with asyncio.timeout(5):
        await journal.stop()
    assert await redis.get(UpdateKey(ADA, 1).name) == "done"
