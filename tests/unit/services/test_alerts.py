"""Who asked for alerts, and what they were told: each once, and nothing they chose meanwhile is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis, RedisCluster

from services.alerts import Alerts, Watch


def watch(**values: Any) -> Watch:
    return replace(Watch(1, 2, "en", "Asia/Almaty"), **values)


async def test_what_the_person_chose_meanwhile_stays(redis: Redis):
    alerts = Alerts(redis)
    await alerts.keep(watch())
    (seen,) = await alerts.watches()
    await alerts.keep(replace(seen, quiet="22-7", kinds=("ev",)))
    await alerts.advance(1, lambda one: replace(one, primed=True))
    assert await alerts.watch(1) == watch(quiet="22-7", kinds=("ev",), primed=True)


async def test_who_turned_them_off_meanwhile_has_them_off(redis: Redis):
    alerts = Alerts(redis)
    await alerts.keep(watch())
    await alerts.stop(1)
    assert await alerts.advance(1, lambda one: replace(one, primed=True)) is None
    assert await alerts.watches() == []


async def test_a_change_between_reading_and_storing_is_not_overwritten(redis: Redis):
    alerts, tries = Alerts(redis), 0
    await alerts.keep(watch())

    class Meanwhile:
        """The person mutes them right after they were read for the first time."""

        eval = redis.eval

        async def hget(self, name: str, key: str) -> Any:
            nonlocal tries
            tries += 1
            found = await redis.hget(name, key)
            if tries == 1:
                await alerts.keep(watch(muted_until=9.0))
            return found

    slow: Any = Meanwhile()
    await Alerts(slow).advance(1, lambda one: replace(one, merged=5))
    assert await alerts.watch(1) == watch(muted_until=9.0, merged=5)
    assert tries == 2


async def test_of_many_who_come_to_it_at_once_one_tells_it(redis: Redis):
    claims = await asyncio.gather(*(Alerts(redis).claim(1, ["ev:0:1", "ev:0:2"]) for _ in range(20)))
    assert sorted(ref for claim in claims for ref in claim) == ["ev:0:1", "ev:0:2"]
    assert await Alerts(redis).claim(1, ["ev:0:1", "ev:0:3"]) == {"ev:0:3"}
    assert await Alerts(redis).claim(1, []) == frozenset()


async def test_of_two_who_send_the_digest_of_a_day_one_does(redis: Redis):
    alerts = Alerts(redis)
    await alerts.keep(watch(digest="9"))

    def today(one: Watch) -> Watch | None:
        return None if one.digest_day == "2026-11-21" else replace(one, digest_day="2026-11-21")

    found = await asyncio.gather(*(alerts.advance(1, today) for _ in range(10)))
    assert len([one for one in found if one is not None]) == 1


async def test_on_a_cluster(cluster: RedisCluster):
    alerts = Alerts(cluster)
    await alerts.keep(watch())
    assert await alerts.advance(1, lambda one: replace(one, primed=True)) == watch(primed=True)
    assert await alerts.claim(1, ["ev:0:1"]) == {"ev:0:1"}
