"""Opens Redis by its address: one server, Sentinel or Cluster."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode, ClusterPipeline
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisClusterException, RedisError

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
CONNECTIONS = 200
SERVER_PORT = 6379
SENTINEL_PORT = 26379

TIMEOUTS: dict[str, Any] = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": ANSWER_SECONDS}


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is: ``kind`` is ``""`` for one server, ``sentinel`` or ``cluster``."""

    url: str = field(repr=False)
    kind: str
    hosts: tuple[tuple[str, int], ...]
    service: str
    """Sentinel's name of the master, ``""`` without Sentinel."""
    options: dict[str, Any] = field(repr=False)
    """Login and TLS, as redis-py's connections take them."""
    database: int

    @property
    def sentinel_options(self) -> dict[str, Any]:
        """For the Sentinels themselves: the login is the master's, but a silent one must not hold a click."""
        own = {"ssl": True} if "ssl" in self.options else {}
        return {**TIMEOUTS, **own, "retry": Retry(NoBackoff(), 1)}

    @classmethod
    def of(cls, url: str) -> Address:
        """The parts of ``redis[s]://``, ``redis[s]+sentinel://hosts/service[/db]``, ``redis[s]+cluster://hosts``."""
        scheme, _, rest = url.partition("://")
        kind = scheme.partition("+")[2]
        # By hand: several hosts, IPv6 ones among them, are no URL that urlsplit takes in every Python.
        login, _, place = rest.partition("?")[0].rpartition("@")
        written, _, path = place.partition("/")
        name, _, password = login.partition(":")
        options: dict[str, Any] = {"ssl": True} if scheme.startswith("rediss") else {}
        options |= {"username": unquote(name)} if name else {}
        options |= {"password": unquote(password)} if password else {}
        port = SENTINEL_PORT if kind == "sentinel" else SERVER_PORT
        hosts = tuple(_host(one, port) for one in written.split(","))
        service, _, database = path.strip("/").partition("/")
        if kind != "sentinel":
            service, database = "", service
        return cls(url, kind, hosts, service, options, int(database or 0))


def open_redis(url: str) -> Any:
    """A client of the Redis at ``url`` (``Address.of``). Nothing is connected before the first command.

    A dead pooled connection costs one silent second try.
    """
    address = Address.of(url)
    # One retry only: a connection that Redis closed while idle. More would hold a click while Redis is down.
    retry = Retry(NoBackoff(), 1)
    common: dict[str, Any] = {**TIMEOUTS, "decode_responses": True}
    if not address.kind:
        return Redis.from_url(
            url, max_connections=CONNECTIONS, retry=retry, health_check_interval=0, **common
        )
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.hosts]
        return _Cluster(startup_nodes=nodes, retry=retry, **address.options, **common)
    sentinel: Any = Sentinel(  # type: ignore[no-untyped-call]
        list(address.hosts), sentinel_kwargs=address.sentinel_options, **address.options, **common
    )
    return sentinel.master_for(address.service, db=address.database, retry=retry)


class _Cluster(RedisCluster):
    """A Cluster whose absence is a lost connection as everywhere: redis-py's own error for it is no RedisError."""

    async def initialize(self, *args: Any, **kwargs: Any) -> Any:
        """The client, its nodes known. Raises ``ConnectionError`` of redis when none can be reached."""
        try:
            return await super().initialize(*args, **kwargs)
        except RedisClusterException as error:
            raise RedisGone(str(error)) from error

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """The answer. Raises ``ConnectionError`` of redis, too, when a slot's node is not to be found."""
        try:
            return await super().execute_command(*args, **kwargs)
        except RedisClusterException as error:
            raise RedisGone(type(error).__name__) from error

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        """Commands that are sent together, to each node what is its own."""
        return _ClusterPipeline(self)  # type: ignore[abstract]


class _ClusterPipeline(ClusterPipeline):
    """As the client: no error but redis-py's own tree."""

    async def execute(self, raise_on_error: bool = True, allow_redirections: bool = True) -> list[Any]:
        """The answers in their order. Raises ``RedisError``."""
        try:
            return await super().execute(raise_on_error, allow_redirections)
        except RedisClusterException as error:
            raise RedisGone(type(error).__name__) from error


async def answers(redis: Any) -> bool:
    """True when Redis answers; of a Cluster, when any primary does: the persons of the others can go on working.

    Raises ``RedisError`` otherwise.
    """
    if not isinstance(redis, RedisCluster):
        return bool(await redis.ping())
    await redis.initialize()
    asked = [asyncio.ensure_future(node.execute_command("PING")) for node in redis.get_primaries()]
    try:
        for one in asyncio.as_completed(asked):
            with contextlib.suppress(RedisError, OSError):
                return bool(await one)
    finally:
        # Not waited for: a node that is frozen lets go of its connection only when its own time is over.
        for task in asked:
            task.add_done_callback(_seen)
            task.cancel()
    raise RedisGone("no node answers")


def _seen(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _host(text: str, default: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default)
    return host.removeprefix("[").removesuffix("]"), int(port)
