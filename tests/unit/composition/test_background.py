"""What runs beside the updates: worker, scheduler, gauges; in ``run`` and alone in ``worker``."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from redis.exceptions import ConnectionError as RedisGone

import composition
from composition import serving
from config import load
from ingress import Drain
from sandbox.crm import CrmServer
from sandbox.telegram import TelegramServer
from services.jobs import Job, Jobs
from services.keys import IdleKey, JobsKey, SchedulerKey
from services.lease import Lease
from services.redis_client import open_redis
from services.streams import broker
from tests.support.bots import environment, get, read_log, until_ready
from tests.support.redis_server import RedisServer
from tests.support.stage import until

ROOT = Path(__file__).parents[3]


async def have_it_swept(redis: RedisServer) -> None:
    """Sends the sweep as the scheduler would at the next minute."""
    client = open_redis(redis.url)
    jobs = Jobs(broker(redis.url), [Job("sweep_sessions", asyncio.sleep)], Lease(client, SchedulerKey.name))
    await jobs.send("sweep_sessions")
    await jobs._broker.shutdown()
    await client.aclose()


def owe_a_logout(redis: RedisServer, user_id: int) -> None:
    with redis.client() as client:
        client.zadd(IdleKey.name, {str(user_id): time.time() - 60})


def owed(redis: RedisServer) -> int:
    with redis.client() as client:
        return int(client.zcard(IdleKey.name))


def logouts(crm: CrmServer) -> int:
    return sum(request.path.endswith("/telegram-auth/logout") for request in crm.requests)


@asynccontextmanager
async def working(env: dict[str, str]) -> AsyncIterator[Drain]:
    """``main.py worker`` in this event loop."""
    drain, ready = Drain(lambda: None), asyncio.Event()
    task = asyncio.create_task(composition._work(load(env, None), drain, ready.set))
    await asyncio.wait({task, asyncio.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    yield drain
    # A second request would end the process at once.
    if not drain.requested:
        drain.request()
    assert await task is True


async def test_run_works_in_the_background_too(env: dict[str, str], redis: RedisServer, crm: CrmServer):
    owe_a_logout(redis, 77)
    async with serving(load(env, None)):
        await have_it_swept(redis)
        await until(lambda: owed(redis) == 0)
        assert logouts(crm) == 1
        with redis.client() as client:
            await until(lambda: client.exists(SchedulerKey.name))
    with redis.client() as client:
        assert not client.exists(SchedulerKey.name)
        assert client.xpending(JobsKey.name, "workers")["pending"] == 0


async def test_the_worker_alone(
    env: dict[str, str], redis: RedisServer, crm: CrmServer, telegram: TelegramServer
):
    owe_a_logout(redis, 78)
    port = int(env["OPS_PORT"])
    async with working(env) as drain:
        assert (await get(port, "/readyz"))[0] == 200
        await have_it_swept(redis)
        await until(lambda: owed(redis) == 0)
        drain.request()
        await until(lambda: not _holds_lease(redis))
    assert logouts(crm) == 1
    assert not any(call.method == "getUpdates" for call in telegram.calls)


def _holds_lease(redis: RedisServer) -> bool:
    with redis.client() as client:
        return bool(client.exists(SchedulerKey.name))


async def test_one_scheduler_among_two_processes(env: dict[str, str], redis: RedisServer):
    async with working(env), serving(load(env | {"OPS_PORT": "0"}, None)):
        await until(lambda: _holds_lease(redis))
        with redis.client() as client:
            holder = client.get(SchedulerKey.name)
            assert client.ttl(SchedulerKey.name) <= 15
            await asyncio.sleep(0.2)
            assert client.get(SchedulerKey.name) == holder


async def test_the_worker_as_a_process_ends_well_on_sigterm(env: dict[str, str], tmp_path: Path):
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "main.py"), "worker", env=environment(env), cwd=tmp_path,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        await until_ready(int(env["OPS_PORT"]), lambda: process.returncode is not None, log)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 25) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert [line for line in read_log(log) if line.get("level") not in (None, "info")] == []


async def test_gauges_and_breakers_are_shown(env: dict[str, str], telegram: TelegramServer, monkeypatch):
    monkeypatch.setattr(composition, "GAUGES_EVERY", 0.05)
    port = int(env["OPS_PORT"])

    async def shows(figure: str) -> bool:
        return f"{figure}\n" in (await get(port, "/metrics"))[1]

    async with CrmServer(seed=True) as crm, serving(load(env | {"TABYS_API_URL": crm.url}, None)):
        person = telegram.person("Ann", language_code="en")
        await person.send(f"/login {crm.otp('super_admin')}")
        await person.settle()
        async with asyncio.timeout(5):
            while not await shows("tabys_sessions 1.0"):  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.02)
        assert await shows('tabys_breaker_state{group="telegram-auth"} 0.0')
        assert await shows("tabys_drafts 0.0")


@pytest.mark.parametrize("state", ["closed", "half_open", "open"])
def test_every_state_of_a_breaker_can_be_shown(state: str):
    from types import SimpleNamespace

    from api import State
    from services.metrics import Metrics

    metrics = Metrics()
    composition._show_breakers(SimpleNamespace(breakers={"events": State(state)}), metrics)
    assert b'tabys_breaker_state{group="events"}' in metrics.render()


async def test_upkeep_goes_on_after_a_failure_and_ends_when_asked():
    errors = iter([RedisGone("gone"), OSError("gone"), RuntimeError("bug"), KeyError("another bug")])
    runs = 0

    async def task() -> None:
        nonlocal runs
        runs += 1
        if error := next(errors, None):
            raise error

    with structlog.testing.capture_logs() as logs:
        async with composition._running(composition._every(0.001, task)):
            await until(lambda: runs > 5)
    assert [line["reason"] for line in logs] == ["ConnectionError", "OSError", "RuntimeError", "KeyError"]
