"""What is known of many records together, in a Cluster where each is in a slot of its own."""

from __future__ import annotations

from typing import cast

from redis.asyncio import Redis, RedisCluster

from services.alerts import Alerts
from services.keys import DecidedKey


async def test_decided_records_are_found_in_every_slot(cluster: RedisCluster):
    refs = [f"ev:0:{number}" for number in range(20)]
    for ref in refs[::2]:
        await cluster.set(DecidedKey(ref).name, "{}")
    alerts = Alerts(cast(Redis, cluster))
    assert await alerts.decided(refs) == frozenset(refs[::2])
    assert await alerts.decided([]) == frozenset()
