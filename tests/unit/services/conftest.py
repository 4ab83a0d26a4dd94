"""A real Redis for the services' tests: own port, own directory, nothing saved."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis as blocking
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster

NOW = 1_800_000_000.0


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with _server(tmp_path_factory.mktemp("redis")) as port:
        yield port


@contextmanager
def _server(home: Path, *arguments: str) -> Iterator[int]:
    port = _free_port()
    binary = shutil.which("redis-server")
    assert binary, "these tests need redis-server"
    basics = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    server = subprocess.Popen([binary, *basics, *arguments], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    with blocking.Redis(host="127.0.0.1", port=port) as client:
        while True:
            try:
                client.ping()
            except blocking.ConnectionError:
                assert time.monotonic() < deadline, "redis-server does not answer"
                time.sleep(0.02)
            else:
                return


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
    arguments = ["--cluster-enabled", "yes", "--cluster-port", str(_free_port())]
    with _server(tmp_path, *arguments) as port:
        with blocking.Redis(host="127.0.0.1", port=port) as node:
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            deadline = time.monotonic() + 10
            while "cluster_state:ok" not in str(node.execute_command("CLUSTER", "INFO")):
                assert time.monotonic() < deadline, "the cluster does not form"
                time.sleep(0.05)  # noqa: ASYNC251 - nothing else runs yet
        async with RedisCluster(host="127.0.0.1", port=port, decode_responses=True) as client:
            yield client
