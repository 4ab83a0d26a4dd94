"""Fixtures of the suites with real processes; a conftest takes them by import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.nursery import Nursery
from tests.support.redis_server import RedisServer
from tests.support.seeded import seed
from tests.support.stage import Stage


@pytest.fixture(scope="session")
def calm_redis() -> Iterator[RedisServer]:
    """One server for all tests that leave it running."""
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def seeded() -> Path:
    """The seed's records, outside any event loop."""
    return seed()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Forks bots for all tests."""
    forks = Nursery()
    yield forks
    forks.close()


@pytest.fixture
def redis(calm_redis: RedisServer) -> RedisServer:
    """An empty Redis that the test leaves running."""
    calm_redis.flush()
    return calm_redis


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may stop and freeze."""
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
async def polled(redis: RedisServer, nursery: Nursery, seeded: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose bot polls."""
    async with Stage(redis, nursery, tmp_path) as stage:
        yield stage


@pytest.fixture
async def hooked(redis: RedisServer, nursery: Nursery, seeded: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with one webhook replica."""
    async with Stage(redis, nursery, tmp_path, 1) as stage:
        yield stage


@pytest.fixture
async def pair(redis: RedisServer, nursery: Nursery, seeded: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with two webhook replicas."""
    async with Stage(redis, nursery, tmp_path, 2) as stage:
        yield stage


@pytest.fixture
async def shaky(
    own_redis: RedisServer, nursery: Nursery, seeded: Path, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A stage with one webhook replica and a Redis of its own."""
    async with Stage(own_redis, nursery, tmp_path, 1) as stage:
        yield stage
