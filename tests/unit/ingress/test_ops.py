import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from ingress import ops as module
from ingress.ops import Ops
from ingress.server import Server
from services.metrics import Metrics


class Redis:
    """Pings well, badly or never."""

    def __init__(self) -> None:
        self.mood: object = True

    async def ping(self) -> object:
        if self.mood == "hung":
            await asyncio.Event().wait()
        if isinstance(self.mood, Exception):
            raise self.mood
        return self.mood


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.fixture
def ops(redis: Redis) -> Ops:
    return Ops(Metrics(), {"redis": redis.ping})


@pytest.fixture
async def session(ops: Ops) -> AsyncIterator[aiohttp.ClientSession]:
    server = Server(ops.app(), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield session
    await server.close()


async def get(session: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with session.get(path) as response:
        return response.status, await response.json()


async def test_ready_only_between_start_and_drain(session: aiohttp.ClientSession, ops: Ops):
    assert await get(session, "/readyz") == (503, {"ready": False, "failed": ["started"]})
    ops.started = True
    assert await get(session, "/readyz") == (200, {"ready": True, "failed": []})
    ops.draining = True
    assert await get(session, "/readyz") == (503, {"ready": False, "failed": ["draining"]})
    assert await get(session, "/livez") == (200, {"live": True})


@pytest.mark.parametrize("mood", [False, ConnectionError("refused"), "hung"])
async def test_not_ready_without_redis(
    session: aiohttp.ClientSession, ops: Ops, redis: Redis, mood: object, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.05)
    ops.started = True
    redis.mood = mood
    assert await get(session, "/readyz") == (503, {"ready": False, "failed": ["redis"]})
    redis.mood = True
    assert (await get(session, "/readyz"))[0] == 200


async def test_metrics_are_prometheus_text(session: aiohttp.ClientSession):
    async with session.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "# TYPE tabys_updates_total counter" in await response.text()


async def test_nothing_else_is_served(session: aiohttp.ClientSession):
    for path in ("/", "/hook", "/metrics/", "/debug"):
        async with session.get(path) as response:
            assert response.status == 404
    async with session.post("/metrics") as response:
        assert response.status == 405
