"""The audit cannot be changed without ``check`` seeing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import fakeredis
import pytest
from redis.asyncio import Redis, RedisCluster

from services.audit import Audit, AuditEntry, append
from services.chain import Break, Chain, Why
from services.keys import AuditHeadKey, AuditKey, AuditSealsKey, SessionKey

ENTRY = AuditEntry(
    1_800_000_000.5, 7, 101, "Ада", "administrator", "edit", "events", 42, {"title": "A"}, {"title": "B"}
)
SECRET = b"s" * 32


@pytest.fixture
def audit(redis: Redis) -> Audit:
    return Audit(redis)


@pytest.fixture
def chain(redis: Redis) -> Chain:
    return Chain(redis, SECRET)


async def write(audit: Audit, count: int) -> None:
    await audit.add(*(replace(ENTRY, record_id=number) for number in range(1, count + 1)))


async def tamper(redis: Redis, number: int, **fields: str) -> None:
    """Puts other values in place of an entry; a stream takes no change, so all of it is written anew."""
    rows: Any = await redis.xrange(AuditKey.name)
    await redis.delete(AuditKey.name)
    for key, kept in rows:
        await redis.xadd(
            AuditKey.name, dict[Any, Any](kept | (fields if kept["number"] == str(number) else {})), id=key
        )


async def test_each_entry_carries_the_hash_of_the_one_before(
    redis: Redis, audit: Audit, chain: Chain
) -> None:
    await write(audit, 3)
    rows = [fields for _, fields in await redis.xrange(AuditKey.name)]
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert [row["before"] for row in rows] == ["", rows[0]["hash"], rows[1]["hash"]]
    verdict = await chain.verify()
    assert (verdict.entries, verdict.broken) == (3, None)


async def test_an_empty_audit_holds(chain: Chain) -> None:
    assert (await chain.verify()).broken is None
    assert not await chain.seal()


async def test_a_changed_entry_is_named(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 5)
    row = (await redis.xrange(AuditKey.name))[2][1]
    await tamper(redis, 3, entry=row["entry"].replace('"B"', '"C"'))
    broken = (await chain.verify()).broken
    assert broken is not None
    assert (broken.why, broken.number) == (Why.CHANGED, 3)


async def test_an_entry_taken_out_is_named_by_the_next_one(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 5)
    await redis.xdel(AuditKey.name, (await redis.xrange(AuditKey.name))[1][0])
    broken = (await chain.verify()).broken
    assert broken is not None
    assert (broken.why, broken.number) == (Why.MISSING, 3)


async def test_entries_cut_off_at_either_end_are_missed(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 4)
    keys = [key for key, _ in await redis.xrange(AuditKey.name)]
    await redis.xdel(AuditKey.name, keys[-1])
    assert (await chain.verify()).broken == Break(Why.TAIL_CUT, 4)
    await redis.xdel(AuditKey.name, keys[0])
    broken = (await chain.verify()).broken
    assert broken is not None
    assert (broken.why, broken.number) == (Why.HEAD_CUT, 2)


async def test_a_bounded_stream_still_verifies(
    redis: Redis, audit: Audit, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AuditKey, "LENGTH", 100)
    await write(audit, 450)
    assert await redis.xlen(AuditKey.name) < 300
    verdict = await chain.verify()
    assert verdict.broken is None
    assert verdict.entries >= 100


async def test_a_chain_made_anew_is_seen_by_the_seals(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 3)
    assert await chain.seal()
    assert not await chain.seal(), "nothing new: nothing to seal"
    await redis.delete(AuditKey.name, AuditHeadKey.name)
    await audit.add(*(replace(ENTRY, name="Nobody", record_id=number) for number in range(4)))
    broken = (await chain.verify()).broken
    assert broken is not None
    assert (broken.why, broken.number) == (Why.RESEALED, 3)


async def test_a_wiped_audit_is_seen_by_the_seals(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 3)
    await chain.seal()
    await redis.delete(AuditKey.name, AuditHeadKey.name)
    assert (await chain.verify()).broken == Break(Why.TAIL_CUT, 1)


async def test_a_seal_signed_by_nobody_is_forged(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 2)
    await chain.seal()
    sealed: Any = await redis.xrange(AuditSealsKey.name)
    fields = sealed[0][1]
    await redis.delete(AuditSealsKey.name)
    await redis.xadd(AuditSealsKey.name, {**fields, "hash": "0" * 40})
    assert (await chain.verify()).broken == Break(Why.FORGED, 2)


async def test_seals_of_another_key_say_nothing(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 2)
    await chain.seal()
    other = Chain(redis, b"o" * 32)
    verdict = await other.verify()
    assert (verdict.seals, verdict.foreign, verdict.broken) == (0, 1, None)
    assert await other.seal(), "the new key signs what the old one had signed"


async def test_entries_from_before_the_chain_are_counted_apart(
    redis: Redis, audit: Audit, chain: Chain
) -> None:
    await redis.xadd(AuditKey.name, {"entry": "{}"})
    await write(audit, 2)
    verdict = await chain.verify()
    assert (verdict.unchained, verdict.entries, verdict.broken) == (1, 2, None)


async def test_an_unchained_entry_put_in_later_is_seen(redis: Redis, audit: Audit, chain: Chain) -> None:
    await write(audit, 2)
    await redis.xadd(AuditKey.name, {"entry": "{}"})
    broken = (await chain.verify()).broken
    assert broken is not None
    assert broken.why is Why.CHANGED


async def test_two_writers_make_one_chain_in_a_cluster(cluster: RedisCluster) -> None:
    for user_id in (1, 2, 3):
        pipe = cluster.pipeline(transaction=False)
        pipe.set(SessionKey(user_id).name, "x")
        append(pipe, replace(ENTRY, telegram_user_id=user_id))
        await pipe.execute()
    verdict = await Chain(cluster, SECRET).verify()
    assert (verdict.entries, verdict.broken) == (3, None)


async def test_the_demo_s_redis_chains_too() -> None:
    async with fakeredis.FakeAsyncRedis(decode_responses=True) as fake:
        await write(Audit(fake), 3)
        verdict = await Chain(fake, SECRET).verify()
    assert (verdict.entries, verdict.broken) == (3, None)
