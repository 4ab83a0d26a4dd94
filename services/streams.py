"""taskiq's Redis Streams brokers as the jobs need them: alike on one server, Sentinel and Cluster.

taskiq-redis reclaims what a crashed worker left behind on one server only, and there only after the next new
message. Reading is therefore done here; sending, acknowledging and declaring the group are its own.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError
from taskiq import AckableMessage
from taskiq_redis import RedisStreamBroker, RedisStreamClusterBroker, RedisStreamSentinelBroker

from services.keys import HOUR, JobsKey
from services.redis_client import TIMEOUTS, Address
from utils.cancellation import pass_on

GROUP = "workers"
BLOCK = 2.0
"""Seconds that one read waits; also how soon a lost connection is noticed."""
BATCH = 4
"""Messages one worker takes at once: what it holds, others have to wait for."""
LENGTH = 10_000
"""Entries kept in the stream, done ones included."""
RECLAIM_AFTER = 300.0
"""Seconds until a message that was taken and not acknowledged is given to another; no job may take longer."""
RECLAIM_EVERY = 30.0
CONNECTIONS = 16
GONE_AFTER = HOUR
"""Seconds of silence after which a worker without messages is struck from the group."""


class _Reading(ABC):
    """Reads new and reclaimed messages; a broker of taskiq-redis gives the rest."""

    queue_name: str
    consumer_group_name: str
    consumer_name: str
    reclaim_after = RECLAIM_AFTER
    reclaim_every = RECLAIM_EVERY

    @abstractmethod
    def _client(self) -> AbstractAsyncContextManager[Any]:
        """The broker's own client."""

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Messages, each to be acknowledged when its job is done. Raises ``RedisError`` when Redis is lost."""
        async with self._client() as redis:
            await self._strike_the_gone(redis)
            due = float("-inf")
            while True:
                if time.monotonic() >= due:
                    due = time.monotonic() + self.reclaim_every
                    for message in await self._reclaimed(redis):
                        yield message
                for message in await self._new(redis):
                    yield message
                pass_on()

    async def _new(self, redis: Any) -> list[AckableMessage]:
        streams = await redis.xreadgroup(
            self.consumer_group_name,
            self.consumer_name,
            {self.queue_name: ">"},
            block=int(BLOCK * 1000),
            count=BATCH,
        )
        return [message for _, entries in streams or () for message in self._messages(entries)]

    async def _reclaimed(self, redis: Any) -> list[AckableMessage]:
        reply = await redis.xautoclaim(
            self.queue_name,
            self.consumer_group_name,
            self.consumer_name,
            min_idle_time=int(self.reclaim_after * 1000),
            count=BATCH,
        )
        return self._messages(reply[1])

    async def _strike_the_gone(self, redis: Any) -> None:
        """Every start makes a worker's name; without this the group would keep them all for ever."""
        for worker in await redis.xinfo_consumers(self.queue_name, self.consumer_group_name):
            if not worker["pending"] and worker["idle"] > GONE_AFTER * 1000:
                await redis.xgroup_delconsumer(self.queue_name, self.consumer_group_name, worker["name"])

    def _messages(self, entries: Any) -> list[AckableMessage]:
        # An entry that was trimmed away while it was pending has no fields any more.
        return [
            AckableMessage(data=fields[b"data"], ack=self._ack_generator(entry, self.queue_name))
            for entry, fields in entries
            if fields and b"data" in fields
        ]

    def _ack_generator(self, id: str, queue_name: str) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            try:
                async with self._client() as redis:
                    await redis.xack(queue_name, self.consumer_group_name, id)
            except (RedisError, RedisClusterException, OSError) as error:
                # It will be done once more: jobs are made for that.
                structlog.get_logger(__name__).warning("job_not_acknowledged", reason=type(error).__name__)

        return acknowledge


class ServerBroker(_Reading, RedisStreamBroker):
    """On one server; a pool of its own, so that waiting reads take nothing from the clicks."""

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        yield Redis(connection_pool=self.connection_pool)


class SentinelBroker(_Reading, RedisStreamSentinelBroker):
    """On the master that Sentinel names."""

    def _client(self) -> AbstractAsyncContextManager[Any]:
        return self._acquire_master_conn()

    async def shutdown(self) -> None:
        """Ends the connections to the Sentinels too."""
        await super().shutdown()
        for sentinel in self.sentinel.sentinels:
            await sentinel.aclose()


class ClusterBroker(_Reading, RedisStreamClusterBroker):
    """On the node of the stream's slot."""

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        yield self.redis


Broker = ServerBroker | SentinelBroker | ClusterBroker


def broker(url: str) -> Broker:
    """The broker for the Redis at ``url`` (``redis_client.Address``); nothing is connected before it starts."""
    address = Address.of(url)
    stream: dict[str, Any] = {
        "queue_name": JobsKey.name,
        "consumer_group_name": GROUP,
        # From the first entry: a job sent before the first worker ever started is not lost.
        "consumer_id": "0",
        "maxlen": LENGTH,
    }
    waiting = {**TIMEOUTS, "socket_timeout": BLOCK + TIMEOUTS["socket_timeout"]}
    if not address.kind:
        return ServerBroker(
            url, max_connection_pool_size=CONNECTIONS, retry=Retry(NoBackoff(), 1), **stream, **waiting
        )
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.hosts]
        one = f"redis://{nodes[0].host}:{nodes[0].port}"
        return ClusterBroker(
            one,
            max_connection_pool_size=CONNECTIONS,
            startup_nodes=nodes,
            **stream,
            **address.options,
            **waiting,
        )
    return SentinelBroker(
        list(address.hosts), address.service, sentinel_kwargs=address.sentinel_options, db=address.database,
        **stream, **address.options, **waiting,
    )  # fmt: skip
