"""Opens Redis by its address: one server, Sentinel or Cluster."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
CONNECTIONS = 200

COMMON: dict[str, Any] = {
    "socket_connect_timeout": CONNECT_SECONDS,
    "socket_timeout": ANSWER_SECONDS,
    "health_check_interval": 0,
    "decode_responses": True,
}


def open_redis(url: str) -> Any:
    """A client for ``redis[s]://``, ``redis[s]+sentinel://hosts/service`` or ``redis[s]+cluster://hosts``.

    Nothing is connected before the first command. A dead pooled connection costs one silent second try.
    """
    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[2]
    # One retry only: a connection that Redis closed while idle. More would hold a click while Redis is down.
    retry = Retry(NoBackoff(), 1)
    if not kind:
        return Redis.from_url(url, max_connections=CONNECTIONS, retry=retry, **COMMON)
    parts = urlsplit(f"redis://{rest}")
    login: dict[str, Any] = {
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
    hosts = [_host(one) for one in rest.rpartition("@")[2].partition("/")[0].split(",")]
    secure: dict[str, Any] = {"ssl": True} if scheme.startswith("rediss") else {}
    if kind == "cluster":
        nodes = [ClusterNode(host, port or 6379) for host, port in hosts]
        return RedisCluster(
            startup_nodes=nodes,
            **login,
            **secure,
            **{name: value for name, value in COMMON.items() if name != "health_check_interval"},
        )
    service, _, database = parts.path.strip("/").partition("/")
    sentinel: Any = Sentinel(  # type: ignore[no-untyped-call]
        [(host, port or 26379) for host, port in hosts],
        sentinel_kwargs=dict(secure),
        **login,
        **secure,
        **COMMON,
    )
    return sentinel.master_for(service, db=int(database or 0), retry=retry)


def _host(text: str) -> tuple[str, int | None]:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host and port.isdigit() else (text, None)
