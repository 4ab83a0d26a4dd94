"""A real Redis for the services' tests: own port, own directory, nothing saved."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis as blocking
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster

from tests.support.ports import free_port
from tests.unit.redis_server import redis_server

NOW = 1_800_000_000.0


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with redis_server(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture
async def redis(redis_port: int) -> AsyncIterator[Redis]:
    pool = BlockingConnectionPool(
        host="127.0.0.1", port=redis_port, decode_responses=True, max_connections=32
    )
    client = Redis.from_pool(pool)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def now() -> float:
    return NOW


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[RedisCluster]:
    """A Cluster of one node, which refuses what does not stay in one slot."""
    # Its own bus port: the default, 10,000 above, need not exist.
    arguments = ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
    with redis_server(tmp_path, *arguments) as port:
        with blocking.Redis(host="127.0.0.1", port=port) as node:
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            deadline = time.monotonic() + 10
            while "cluster_state:ok" not in str(node.execute_command("CLUSTER", "INFO")):
                assert time.monotonic() < deadline, "the cluster does not form"
                time.sleep(0.05)  # noqa: ASYNC251 - nothing else runs yet
        async with RedisCluster(host="127.0.0.1", port=port, decode_responses=True) as client:
            yield client


@pytest.fixture
def sentinel(tmp_path: Path, redis_port: int) -> Iterator[str]:
    """The address of one Sentinel, which watches the Redis of these tests as ``tabys``."""
    config = tmp_path / "sentinel.conf"
    config.write_text(f"sentinel monitor tabys 127.0.0.1 {redis_port} 1\n")
    with redis_server(tmp_path, str(config), "--sentinel") as port:
        yield f"redis+sentinel://127.0.0.1:{port}/tabys"
