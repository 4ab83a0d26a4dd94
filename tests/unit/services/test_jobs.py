"""Jobs on a real Redis: sent once, done once, taken over, waited out, ended in good order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone
from taskiq.exceptions import SendTaskError
from taskiq.scheduler.scheduled_task import ScheduledTask

from api.errors import Cause, Unavailable
from sandbox.demo import embedded_redis
from services import jobs as module
from services import streams
from services.jobs import EVERY_MINUTE, Job, Jobs
from services.keys import JobsKey, SchedulerKey
from services.lease import Lease
from services.streams import ClusterBroker, SentinelBroker, ServerBroker, broker
from tests.unit.redis_server import redis_server
from utils.tracing import request_id, requested


async def until(condition: Callable[[], object | Awaitable[object]], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.01)


class Work:
    """A job's work that can be held up, and that notes what was done."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.done: list[Any] = []
        self.go = asyncio.Event()
        self.go.set()
        self.error: Exception | None = None

    async def __call__(self, number: int = 0) -> None:
        self.begun.append(number)
        await self.go.wait()
        if self.error:
            raise self.error
        self.done.append(number)


@asynccontextmanager
async def working(jobs: Jobs) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(jobs.run())
    try:
        yield task
    finally:
        await jobs.stop(5)
        await task


@pytest.fixture
def url(redis_port: int) -> str:
    return f"redis://127.0.0.1:{redis_port}/0"


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def make(url: str, redis: Redis) -> AsyncIterator[Callable[..., Jobs]]:
    brokers = []

    def made(*jobs: Job, at: str = url, reclaim_after: float | None = None) -> Jobs:
        channel = broker(at)
        brokers.append(channel)
        if reclaim_after is not None:
            channel.reclaim_after = channel.reclaim_every = reclaim_after
        return Jobs(channel, jobs, Lease(redis, SchedulerKey.name))

    yield made
    for channel in brokers:
        await channel.shutdown()


async def pending(redis: Redis) -> int:
    return (await redis.xpending(JobsKey.name, "workers"))["pending"]


async def test_a_sent_job_is_done_once_by_one_of_many_workers(make, redis: Redis, work: Work):
    one, two = make(Job("work", work)), make(Job("work", work))
    async with working(one), working(two):
        for number in range(20):
            await one.send("work", number=number)
        await until(lambda: len(work.done) == 20)
        await until(lambda: _is_empty(redis))
    assert sorted(work.done) == list(range(20))


async def _is_empty(redis: Redis) -> bool:
    return await pending(redis) == 0


async def test_what_was_sent_before_the_first_worker_started_is_done(make, work: Work):
    jobs = make(Job("work", work))
    await jobs.send("work", number=7)
    async with working(jobs):
        await until(lambda: work.done == [7])


async def test_a_job_is_acknowledged_only_when_it_is_done(make, redis: Redis, work: Work):
    work.go.clear()
    jobs = make(Job("work", work))
    async with working(jobs):
        await jobs.send("work")
        await until(lambda: work.begun)
        assert await pending(redis) == 1
        work.go.set()
        await until(lambda: _is_empty(redis))


async def test_what_a_crashed_worker_left_is_taken_over(make, redis: Redis, work: Work):
    jobs = make(Job("work", work), reclaim_after=0.2)
    await jobs.send("work", number=3)
    await redis.xgroup_create(JobsKey.name, "workers", id="0")
    await redis.xreadgroup("workers", "crashed", {JobsKey.name: ">"}, count=10)
    await asyncio.sleep(0.25)
    async with working(jobs):
        await until(lambda: work.done == [3])
        await until(lambda: _is_empty(redis))


async def test_a_job_that_does_not_end_in_time_is_interrupted_and_left_to_another(
    make, redis: Redis, work: Work
):
    work.go.clear()
    jobs = make(Job("work", work))
    task = asyncio.create_task(jobs.run())
    await jobs.send("work", number=1)
    await until(lambda: work.begun)
    assert await jobs.stop(0.05) is False
    await task
    assert await pending(redis) == 1
    work.go.set()
    other = make(Job("work", work), reclaim_after=0.05)
    async with working(other):
        await until(lambda: work.done == [1])


async def test_a_job_that_ends_in_time_is_waited_for(make, redis: Redis, work: Work):
    work.go.clear()
    jobs = make(Job("work", work))
    task = asyncio.create_task(jobs.run())
    await jobs.send("work", number=1)
    await until(lambda: work.begun)
    stopping = asyncio.create_task(jobs.stop(5))
    await asyncio.sleep(0.02)
    work.go.set()
    assert await stopping is True
    await task
    assert work.done == [1]
    assert await pending(redis) == 0


async def test_an_idle_worker_stops_at_once_and_gives_the_lease_back(make, redis: Redis, work: Work):
    jobs = make(Job("work", work))
    task = asyncio.create_task(jobs.run())
    await until(lambda: redis.exists(SchedulerKey.name))
    started = time.monotonic()
    assert await jobs.stop(5)
    await task
    # Not waiting for the read that waits for messages.
    assert time.monotonic() - started < streams.BLOCK
    assert not await redis.exists(SchedulerKey.name)


async def test_cancelling_ends_it_in_good_order_too(make, redis: Redis, work: Work):
    jobs = make(Job("work", work))
    task = asyncio.create_task(jobs.run())
    await until(lambda: redis.exists(SchedulerKey.name))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not await redis.exists(SchedulerKey.name)


@pytest.mark.parametrize("error", [Unavailable(Cause.CONNECT), RedisGone("gone"), OSError("gone")])
async def test_an_expected_failure_is_one_line_and_not_repeated(
    make, redis: Redis, work: Work, error: Exception
):
    work.error = error
    jobs = make(Job("work", work))
    with structlog.testing.capture_logs() as logs:
        async with working(jobs):
            await jobs.send("work")
            await until(lambda: work.begun)
            await until(lambda: _is_empty(redis))
    assert [line["event"] for line in logs] == ["job_failed"]
    assert logs[0]["reason"] == type(error).__name__
    assert "exc_info" not in logs[0]


async def test_a_bug_in_a_job_is_logged_and_the_next_one_is_done(make, work: Work, caplog):
    work.error = ValueError("bug")
    jobs = make(Job("work", work))
    async with working(jobs):
        await jobs.send("work")
        await until(lambda: "Exception found" in caplog.text)
        work.error = None
        await jobs.send("work", number=2)
        await until(lambda: work.done == [2])


async def test_a_job_has_its_time(make, redis: Redis, work: Work):
    work.go.clear()
    jobs = make(Job("work", work, seconds=0.05))
    with structlog.testing.capture_logs() as logs:
        async with working(jobs):
            await jobs.send("work")
            await until(lambda: logs)
            await until(lambda: _is_empty(redis))
    assert logs[0]["reason"] == "TimeoutError"


def test_a_job_longer_than_the_takeover_is_refused(make, work: Work):
    with pytest.raises(ValueError, match="shorter"):
        make(Job("work", work, seconds=streams.RECLAIM_AFTER))


async def test_an_unknown_job_and_a_missing_redis_are_told(make, work: Work):
    jobs = make(Job("work", work), at="redis://127.0.0.1:1/0")
    with pytest.raises(KeyError):
        await jobs.send("other")
    with pytest.raises(SendTaskError):
        await jobs.send("work")


async def test_the_stream_keeps_its_length(make, redis: Redis, work: Work, monkeypatch):
    jobs = make(Job("work", work))
    jobs._broker.maxlen, jobs._broker.approximate = 5, False
    for number in range(20):
        await jobs.send("work", number=number)
    assert await redis.xlen(JobsKey.name) == 5
    assert await redis.keys("*") == [JobsKey.name]


async def test_entries_that_were_trimmed_while_pending_are_passed_over(make, redis: Redis, work: Work):
    jobs = make(Job("work", work), reclaim_after=0.05)
    for number in range(3):
        await jobs.send("work", number=number)
    await redis.xgroup_create(JobsKey.name, "workers", id="0")
    await redis.xreadgroup("workers", "crashed", {JobsKey.name: ">"}, count=10)
    await redis.xtrim(JobsKey.name, maxlen=1, approximate=False)
    await asyncio.sleep(0.06)
    async with working(jobs):
        await until(lambda: work.done == [2])


async def test_workers_that_are_gone_leave_the_group(make, redis: Redis, work: Work, monkeypatch):
    monkeypatch.setattr(streams, "GONE_AFTER", 0.02)
    await redis.xgroup_create(JobsKey.name, "workers", id="0", mkstream=True)
    await redis.xgroup_createconsumer(JobsKey.name, "workers", "gone")
    jobs = make(Job("work", work))
    await jobs.send("work")
    await redis.xreadgroup("workers", "holds one", {JobsKey.name: ">"}, count=1)
    await asyncio.sleep(0.03)
    async with working(jobs):
        await until(lambda: _is_struck(redis, "gone"))
    assert not await _is_struck(redis, "holds one")


async def _is_struck(redis: Redis, name: str) -> bool:
    return name not in {worker["name"] for worker in await redis.xinfo_consumers(JobsKey.name, "workers")}


# --- the scheduler


def due() -> ScheduledTask:
    return ScheduledTask(task_name="work", labels={}, args=[], kwargs={}, schedule_id="1", cron=EVERY_MINUTE)


async def test_only_the_holder_of_the_lease_sends(make, redis: Redis, work: Work):
    one, two = make(Job("work", work, EVERY_MINUTE)), make(Job("work", work, EVERY_MINUTE))
    await one._lease.renew()
    await two._lease.renew()
    for jobs in (one, two):
        scheduler = jobs._scheduler
        await scheduler.on_ready(scheduler.sources[0], due())
    assert await redis.xlen(JobsKey.name) == 1


async def test_the_schedule_comes_from_the_jobs(make, monkeypatch, work: Work):
    jobs = make(Job("timed", work, EVERY_MINUTE), Job("asked", work))
    source = jobs._scheduler.sources[0]
    await source.startup()
    assert [(task.task_name, task.cron) for task in await source.get_schedules()] == [("timed", EVERY_MINUTE)]


async def test_a_minute_that_begins_has_the_job_done_once_by_two_processes(
    make, redis: Redis, work: Work, monkeypatch
):
    """The clock of taskiq's loop is put to just before a minute."""
    shift = datetime.now(UTC).replace(second=58, microsecond=0).timestamp() - time.time()

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(time.time() + shift, tz)

    monkeypatch.setattr("taskiq.cli.scheduler.run.datetime", Clock)
    one, two = make(Job("work", work, EVERY_MINUTE)), make(Job("work", work, EVERY_MINUTE))
    async with working(one), working(two):
        await until(lambda: work.done)
        await asyncio.sleep(1.2)
    assert work.done == [0]


async def test_what_cannot_be_sent_is_one_line(make, work: Work):
    jobs = make(Job("work", work, EVERY_MINUTE), at="redis://127.0.0.1:1/0")
    await jobs._lease.renew()
    with structlog.testing.capture_logs() as logs:
        await jobs._scheduler.on_ready(jobs._scheduler.sources[0], due())
    assert [line["event"] for line in logs] == ["job_not_sent"]


# --- Redis comes and goes


async def test_a_redis_that_comes_back_empty(make, redis: Redis, work: Work, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(streams, "BLOCK", 0.05)
    jobs = make(Job("work", work))
    with structlog.testing.capture_logs() as logs:
        async with working(jobs):
            await jobs.send("work", number=1)
            await until(lambda: work.done == [1])
            await redis.flushall()
            await until(lambda: redis.exists(JobsKey.name))
            await jobs.send("work", number=2)
            await until(lambda: work.done == [1, 2])
    assert [line["event"] for line in logs] == ["jobs_interrupted"]


async def test_a_redis_that_is_away_is_waited_out(tmp_path, make, work: Work, monkeypatch, caplog):
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.1)
    with redis_server(tmp_path) as port:
        at = f"redis://127.0.0.1:{port}/0"
        jobs = make(Job("work", work), at=at)
        task = asyncio.create_task(jobs.run())
        await jobs.send("work", number=1)
        await until(lambda: work.done == [1])
    with structlog.testing.capture_logs() as logs:
        await asyncio.sleep(0.5)
    assert [line["event"] for line in logs] == ["jobs_interrupted"]
    with redis_server(tmp_path, port=port):
        await until(lambda: _sent(jobs, 2))
        await until(lambda: 2 in work.done)
        assert await jobs.stop(5)
        await task
    assert "never retrieved" not in caplog.text


async def _sent(jobs: Jobs, number: int) -> bool:
    try:
        await jobs.send("work", number=number)
    except SendTaskError:
        return False
    return True


async def test_a_job_whose_acknowledgement_is_lost_is_one_line(make, redis: Redis, work: Work, tmp_path):
    work.go.clear()
    with structlog.testing.capture_logs() as logs:
        with redis_server(tmp_path) as port:
            jobs = make(Job("work", work), at=f"redis://127.0.0.1:{port}/0")
            task = asyncio.create_task(jobs.run())
            await jobs.send("work")
            await until(lambda: work.begun)
        work.go.set()
        await until(lambda: any(line["event"] == "job_not_acknowledged" for line in logs))
        await jobs.stop(5)
        await task


async def test_stopping_without_redis_takes_no_longer(make, work: Work):
    jobs = make(Job("work", work), at="redis://127.0.0.1:1/0")
    task = asyncio.create_task(jobs.run())
    await asyncio.sleep(0.1)
    started = time.monotonic()
    assert await jobs.stop(5)
    await task
    assert time.monotonic() - started < 1


# --- other kinds of Redis


async def test_on_the_embedded_redis_of_the_demo(work: Work):
    with embedded_redis() as port:
        at = f"redis://127.0.0.1:{port}/0"
        async with AsyncExitStack() as stack:
            redis = Redis.from_url(at, decode_responses=True)
            stack.push_async_callback(redis.aclose)
            jobs = Jobs(broker(at), [Job("work", work)], Lease(redis, SchedulerKey.name))
            async with working(jobs):
                await jobs.send("work", number=4)
                await until(lambda: work.done == [4])
                await until(lambda: jobs._lease.held)
                await until(lambda: _is_empty(redis))
            assert not await redis.exists(SchedulerKey.name)


async def test_on_a_cluster(cluster, work: Work):
    port = cluster.get_default_node().port
    channel = broker(f"redis+cluster://127.0.0.1:{port}")
    assert isinstance(channel, ClusterBroker)
    channel.reclaim_after = channel.reclaim_every = 0.2
    jobs = Jobs(channel, [Job("work", work)], Lease(cluster, SchedulerKey.name))
    await jobs.send("work", number=1)
    await cluster.xgroup_create(JobsKey.name, "workers", id="0")
    await cluster.xreadgroup("workers", "crashed", {JobsKey.name: ">"}, count=1)
    await asyncio.sleep(0.25)
    async with working(jobs):
        await jobs.send("work", number=2)
        await until(lambda: sorted(work.done) == [1, 2])


async def test_on_sentinel(sentinel: str, work: Work, redis: Redis):
    channel = broker(sentinel)
    assert isinstance(channel, SentinelBroker)
    jobs = Jobs(channel, [Job("work", work)], Lease(redis, SchedulerKey.name))
    async with working(jobs):
        await jobs.send("work", number=1)
        await until(lambda: work.done == [1])


def test_waiting_reads_outlast_the_block_and_have_a_pool_of_their_own(url: str):
    channel = broker(url)
    assert isinstance(channel, ServerBroker)
    options = channel.connection_pool.connection_kwargs
    assert options["socket_timeout"] > streams.BLOCK
    assert channel.connection_pool.max_connections == streams.CONNECTIONS


async def test_a_job_has_an_id_and_names_what_ordered_it(make):
    seen: list[dict[str, Any]] = []

    async def look() -> None:
        seen.append({"request_id": request_id.get(), **structlog.contextvars.get_contextvars()})

    jobs = make(Job("look", look))
    async with working(jobs):
        with requested("7") as update:
            await jobs.send("look")
        await jobs.send("look")
        await until(lambda: len(seen) == 2)
    ordered, by_itself = sorted(seen, key=lambda one: "asked_by" not in one)
    assert ordered["asked_by"] == update
    assert "asked_by" not in by_itself
    assert {one["request_id"].partition("-")[0] for one in seen} == {"look"}
    assert ordered["request_id"] != by_itself["request_id"]


async def test_outcomes_of_jobs_are_counted(url: str, redis: Redis, work: Work):
    told: list[tuple[str, str]] = []

    async def slow() -> None:
        await asyncio.Event().wait()

    async def crash() -> None:
        raise KeyError("x")

    jobs = Jobs(
        broker(url),
        [Job("work", work), Job("slow", slow, seconds=0.05), Job("crash", crash)],
        Lease(redis, SchedulerKey.name),
        lambda name, outcome, seconds: told.append((name, outcome)),
    )
    async with working(jobs):
        for name in ("work", "slow", "crash"):
            await jobs.send(name)
        await until(lambda: len(told) == 3)
        work.error = Unavailable(Cause.TIMEOUT)
        await jobs.send("work")
        await until(lambda: len(told) == 4)
    assert sorted(told) == [("crash", "crashed"), ("slow", "late"), ("work", "done"), ("work", "failed")]
