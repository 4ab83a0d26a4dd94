"""From an address to the client of one server, Sentinel or Cluster."""

from __future__ import annotations

import asyncio
import time

import pytest
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import SSLConnection
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisError, SlotNotCoveredError

from services.redis_client import ANSWER_SECONDS, CONNECTIONS, Address, answers, open_redis
from tests.support.ports import free_port


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "service", "database"),
    [
        ("redis://one", "", (("one", 6379),), "", 0),
        ("redis://one:7000/3", "", (("one", 7000),), "", 3),
        ("redis://u:p@one/2?protocol=2", "", (("one", 6379),), "", 2),
        ("redis+cluster://a,b:7001", "cluster", (("a", 6379), ("b", 7001)), "", 0),
        ("redis+sentinel://a,b:1/main", "sentinel", (("a", 26379), ("b", 1)), "main", 0),
        ("rediss+sentinel://a/main/4", "sentinel", (("a", 26379),), "main", 4),
        ("redis+cluster://[::1]:7000,[fe80::2]", "cluster", (("::1", 7000), ("fe80::2", 6379)), "", 0),
    ],
)
def test_the_parts_of_an_address(url: str, kind: str, hosts: tuple, service: str, database: int):
    address = Address.of(url)
    assert (address.kind, address.hosts, address.service, address.database) == (
        kind,
        hosts,
        service,
        database,
    )


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
def test_login_and_tls_are_taken_from_the_address_and_never_shown(scheme: str):
    path = "main" if scheme.endswith("sentinel") else ""
    address = Address.of(f"{scheme}://us%40er:p%40ss%3A%2C@a:1,b:2/{path}")
    assert address.options == {"username": "us@er", "password": "p@ss:,"}
    assert "p@ss" not in repr(address)
    assert "p%40ss" not in repr(address)
    assert "password" not in address.sentinel_options
    secure = Address.of(f"{scheme.replace('redis', 'rediss')}://:secret@a/{path}")
    assert secure.options == {"ssl": True, "password": "secret"}
    assert secure.sentinel_options["ssl"] is True


def test_one_server():
    client = open_redis("redis://127.0.0.1:7000/3")
    assert isinstance(client, Redis)
    options = client.connection_pool.connection_kwargs
    assert (options["host"], options["port"], options["db"]) == ("127.0.0.1", 7000, 3)
    assert options["socket_timeout"] == ANSWER_SECONDS
    assert client.connection_pool.max_connections == CONNECTIONS


def test_one_server_with_tls():
    assert open_redis("rediss://one").connection_pool.connection_class is SSLConnection


def test_a_silent_sentinel_has_its_time():
    client = open_redis("redis+sentinel://:secret@a,b:1/main/4")
    assert client.connection_pool.service_name == "main"
    assert client.connection_pool.connection_kwargs["db"] == 4
    for sentinel in client.connection_pool.sentinel_manager.sentinels:
        options = sentinel.connection_pool.connection_kwargs
        assert options["socket_timeout"] == ANSWER_SECONDS
        assert not options.get("password")


async def test_answers_are_text_on_every_kind(redis_port: int, cluster: RedisCluster, sentinel: str):
    node = cluster.get_default_node()
    for url in (f"redis://127.0.0.1:{redis_port}/0", f"redis+cluster://127.0.0.1:{node.port}", sentinel):
        client = open_redis(url)
        await client.set("here", "yes")
        assert await client.get("here") == "yes"
        await client.aclose()
        if manager := getattr(getattr(client, "connection_pool", None), "sentinel_manager", None):
            for one in manager.sentinels:
                await one.aclose()


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
@pytest.mark.parametrize("command", ["ping", "eval", "pipeline"])
async def test_a_redis_that_refuses_is_told_within_the_clicks_time(scheme: str, command: str):
    """By an error of redis-py's tree: nothing else is caught on the way of a click."""
    client = open_redis(f"{scheme}://127.0.0.1:{free_port()}/{'main' if 'sentinel' in scheme else ''}")
    calls = {
        "ping": lambda: client.ping(),
        "eval": lambda: client.eval("return 1", 1, "key"),
        "pipeline": lambda: client.pipeline(transaction=False).set("key", 1).execute(),
    }
    started = time.monotonic()
    with pytest.raises(RedisGone):
        await calls[command]()
    assert time.monotonic() - started < 2.5
    await client.aclose()


async def test_a_connection_that_redis_closed_costs_no_error(redis_port: int, redis: Redis):
    client = open_redis(f"redis://127.0.0.1:{redis_port}/0")
    assert await client.ping()
    await redis.client_kill_filter(_type="normal", skipme=True)
    assert await client.ping()
    await client.aclose()


async def test_a_hung_redis_is_told_too(unused_server: int):
    client = open_redis(f"redis://127.0.0.1:{unused_server}/0")
    client.connection_pool.connection_kwargs["socket_timeout"] = 0.05
    with pytest.raises((RedisError, OSError)):
        await client.ping()
    await client.aclose()


@pytest.fixture
async def unused_server():
    ended = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    ended.set()
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0)


async def test_readiness_asks_one_server(redis_port: int):
    client = open_redis(f"redis://127.0.0.1:{redis_port}/0")
    assert await answers(client)
    await client.aclose()


async def test_a_cluster_is_there_as_long_as_one_master_answers(cluster: RedisCluster, unused_server: int):
    node = cluster.get_default_node()
    client = open_redis(f"redis+cluster://127.0.0.1:{node.port}")
    assert await answers(client)
    silent = ClusterNode("127.0.0.1", unused_server, "primary", socket_timeout=0.8)
    client.nodes_manager.nodes_cache[silent.name] = silent
    started = time.monotonic()
    assert await answers(client)
    assert time.monotonic() - started < 0.6
    living = client.nodes_manager.nodes_cache.pop(node.name)
    with pytest.raises(RedisGone):
        await answers(client)
    # The one that was not waited for lets go by itself.
    await asyncio.sleep(1)
    await silent.disconnect()
    await living.disconnect()
    await client.aclose()


@pytest.mark.parametrize("where", ["command", "pipeline"])
async def test_a_slot_that_nobody_serves_is_a_lost_connection(
    where: str, cluster: RedisCluster, monkeypatch: pytest.MonkeyPatch
):
    client = open_redis(f"redis+cluster://127.0.0.1:{cluster.get_default_node().port}")
    await client.ping()

    def nobody(*_: object, **__: object) -> None:
        raise SlotNotCoveredError("nobody")

    monkeypatch.setattr(type(client.nodes_manager), "get_node_from_slot", nobody)
    with pytest.raises(RedisGone):
        await (
            client.get("x") if where == "command" else client.pipeline(transaction=False).get("x").execute()
        )
    await client.aclose()
