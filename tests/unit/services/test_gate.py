"""The gate: one step per click, one per write, and nothing acts twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import fakeredis
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services import drafts
from services.audit import Audit, AuditEntry
from services.gate import LEASE, Begun, Gate, Limits, Seen
from services.journal import Journal
from services.keys import OperationKey, SessionKey, UiKey, UpdateKey
from services.preferences import Preferences, UiField, living_message
from tests.unit.services.forms import open_form

ADA = 101


def blob(now: float, age: float = 0) -> str:
    return json.dumps({"telegram_user_id": ADA, "ends_at": int(now - age) + SessionKey.MAX_AGE})


@pytest.fixture
def journal(redis: Redis, now: float) -> Journal:
    return Journal(redis, clock=lambda: now)


@pytest.fixture
def gate(redis: Redis, journal: Journal) -> Gate:
    return Gate(redis, journal, Limits(guests=3, admins=6), idle_ttl=3600)


@pytest.fixture
async def session(redis: Redis, now: float) -> str:
    await redis.set(SessionKey(ADA).name, blob(now))
    return blob(now)


def act(now: float) -> AuditEntry:
    return AuditEntry(now, 7, ADA, "Ada", "administrator", "approve", "events", 42)


async def test_a_new_update_comes_in_with_everything(
    redis: Redis, gate: Gate, journal: Journal, session: str, now: float
) -> None:
    draft = drafts.new(7, "ev", "create", now, values={"title": "Көктем"})
    await open_form(redis, ADA, draft)
    await Preferences(redis).set_language(ADA, "kk")
    journal.set_ui(ADA, living_message(55, "photo"))

    entry = await gate.enter(1, ADA, now=now)

    assert entry.admitted
    assert entry.session == session
    assert drafts.read(entry.draft, 7) == draft
    assert (entry.ui.message_id, entry.ui.message_kind, entry.ui.language) == (55, "photo", "kk")
    assert (entry.ui.draft, entry.ui.input) == (draft.id, "form")
    assert entry.operation is None


async def test_an_update_runs_once_and_is_done_for_a_day(redis: Redis, gate: Gate, now: float) -> None:
    first = await gate.enter(1, ADA, now=now)
    assert (await gate.enter(1, ADA, now=now + LEASE - 1)).seen is Seen.RUNNING
    await gate.finish(first)
    again = await gate.enter(1, ADA, now=now + 100)
    assert again.seen is Seen.DONE
    assert not again.admitted
    assert 86_000 < await redis.ttl(UpdateKey(ADA, 1).name) <= 86_400


async def test_a_lapsed_lease_is_taken_over_once(gate: Gate, now: float) -> None:
    await gate.enter(1, ADA, now=now)
    taken = await gate.enter(1, ADA, now=now + LEASE + 1)
    assert taken.admitted
    assert taken.redelivered
    assert (await gate.enter(1, ADA, now=now + LEASE + 2)).seen is Seen.RUNNING


async def test_a_hundred_copies_act_once(gate: Gate, session: str, now: float) -> None:
    entries = await asyncio.gather(*(gate.enter(9, ADA, now=now, write_key="k") for _ in range(100)))
    assert sum(entry.admitted for entry in entries) == 1
    assert sum(entry.operation is not None and entry.operation.state is Begun.FRESH for entry in entries) == 1


async def test_an_abandoned_update_and_its_key_are_free_at_once(gate: Gate, session: str, now: float) -> None:
    entry = await gate.enter(1, ADA, now=now, write_key="k")
    await gate.abandon(entry, "k")
    again = await gate.enter(1, ADA, now=now + 1, write_key="k")
    assert again.admitted
    assert again.operation is not None
    assert again.operation.state is Begun.FRESH


async def test_a_late_holder_gives_back_nothing_of_the_next_one(gate: Gate, session: str, now: float) -> None:
    late = await gate.enter(1, ADA, now=now, write_key="k")
    await gate.enter(1, ADA, now=now + LEASE + 1, write_key="k")
    await gate.abandon(late, "k")
    await gate.release(late, "k")
    other = await gate.enter(2, ADA, now=now + LEASE + 2, write_key="k")
    assert other.operation is not None
    assert other.operation.state is Begun.PENDING
    assert (await gate.enter(1, ADA, now=now + LEASE + 2)).seen is Seen.RUNNING


@pytest.mark.parametrize(("signed_in", "burst"), [(False, 3), (True, 6)])
async def test_the_limit_depends_on_the_session(
    redis: Redis, gate: Gate, now: float, signed_in: bool, burst: int
) -> None:
    if signed_in:
        await redis.set(SessionKey(ADA).name, blob(now))
    waits = [(await gate.enter(n, ADA, now=now)).wait for n in range(burst + 1)]
    assert waits == [0] * burst + [60 // burst]
    refused = await gate.enter(burst, ADA, now=now)
    assert not refused.admitted
    assert refused.mark is None
    assert not await redis.exists(UpdateKey(ADA, burst).name)
    assert (await gate.enter(burst, ADA, now=now + 60 // burst)).admitted


async def test_a_refused_click_begins_no_write(gate: Gate, redis: Redis, session: str, now: float) -> None:
    for n in range(6):
        await gate.enter(n, ADA, now=now)
    assert (await gate.enter(6, ADA, now=now, write_key="k")).operation is None
    assert not await redis.exists(OperationKey(ADA, "k").name)


async def test_a_redelivery_is_not_refused_as_too_fast(gate: Gate, now: float) -> None:
    await gate.enter(0, ADA, now=now)
    later = now + LEASE + 1
    for n in range(1, 5):
        await gate.enter(n, ADA, now=later)
    assert (await gate.enter(0, ADA, now=later)).admitted


async def test_one_person_does_not_slow_another(gate: Gate, now: float) -> None:
    for n in range(20):
        await gate.enter(n, ADA, now=now)
    assert (await gate.enter(99, 202, now=now)).wait == 0


async def test_each_click_slides_the_session(redis: Redis, gate: Gate, session: str, now: float) -> None:
    await redis.expire(SessionKey(ADA).name, 10)
    await gate.enter(1, ADA, now=now)
    assert 3595 <= await redis.ttl(SessionKey(ADA).name) <= 3600


async def test_no_session_lives_past_its_end(redis: Redis, gate: Gate, now: float) -> None:
    await redis.set(SessionKey(ADA).name, blob(now, age=SessionKey.MAX_AGE - 60))
    assert (await gate.enter(1, ADA, now=now)).session
    assert await redis.ttl(SessionKey(ADA).name) <= 60
    await redis.set(SessionKey(ADA).name, blob(now, age=SessionKey.MAX_AGE + 1))
    assert (await gate.enter(2, ADA, now=now)).session is None
    assert not await redis.exists(SessionKey(ADA).name)


@pytest.mark.parametrize("value", ["", "not json", "[]", '{"ends_at":"soon"}'])
async def test_an_unreadable_session_stops_nothing(redis: Redis, gate: Gate, now: float, value: str) -> None:
    await redis.set(SessionKey(ADA).name, value)
    assert (await gate.enter(1, ADA, now=now)).admitted


async def test_the_epoch_is_drawn_once_and_stays(gate: Gate, redis: Redis, now: float) -> None:
    first = (await gate.enter(1, ADA, now=now)).ui.epoch
    assert len(first) == 12
    assert (await gate.enter(2, ADA, now=now)).ui.epoch == first
    assert (await gate.enter(3, 202, now=now)).ui.epoch != first
    await redis.flushall()
    assert (await gate.enter(4, ADA, now=now)).ui.epoch != first


async def test_a_write_is_fresh_then_pending_then_done(gate: Gate, session: str, now: float) -> None:
    first = await gate.enter(1, ADA, now=now, write_key="k")
    second = await gate.enter(2, ADA, now=now, write_key="k")
    assert first.operation is not None
    assert second.operation is not None
    assert (first.operation.state, second.operation.state) == (Begun.FRESH, Begun.PENDING)
    await gate.finish(first, write_key="k", result={"id": 42, "title": "Көктем"})
    third = await gate.enter(3, ADA, now=now + 3600, write_key="k")
    assert third.operation is not None
    assert third.operation.state is Begun.DONE
    assert third.operation.result == {"id": 42, "title": "Көктем"}


async def test_a_write_nobody_finished_is_lapsed_for_one_reader(gate: Gate, session: str, now: float) -> None:
    await gate.enter(1, ADA, now=now, write_key="k")
    lapsed = await gate.enter(1, ADA, now=now + LEASE + 1, write_key="k")
    other = await gate.enter(2, ADA, now=now + LEASE + 1, write_key="k")
    assert lapsed.operation is not None
    assert other.operation is not None
    assert (lapsed.operation.state, other.operation.state) == (Begun.LAPSED, Begun.PENDING)


async def test_an_unknown_outcome_stays_unknown_until_settled(gate: Gate, session: str, now: float) -> None:
    first = await gate.enter(1, ADA, now=now, write_key="k")
    await gate.fail(first, "k", note={"seen": "timeout"})
    second = await gate.enter(2, ADA, now=now + 1, write_key="k")
    assert second.operation is not None
    assert (second.operation.state, second.operation.result) == (Begun.LAPSED, {"seen": "timeout"})
    await gate.finish(second, write_key="k", result={"id": 1})
    third = await gate.enter(3, ADA, now=now + 2, write_key="k")
    assert third.operation is not None
    assert third.operation.state is Begun.DONE


async def test_a_released_key_can_be_pressed_again(
    redis: Redis, gate: Gate, session: str, now: float
) -> None:
    first = await gate.enter(1, ADA, now=now, write_key="k")
    await gate.release(first, "k", audit=act(now))
    again = await gate.enter(2, ADA, now=now, write_key="k")
    assert again.operation is not None
    assert again.operation.state is Begun.FRESH
    assert len((await Audit(redis).page()).entries) == 1


async def test_a_guest_begins_no_write(redis: Redis, gate: Gate, now: float) -> None:
    assert (await gate.enter(1, ADA, now=now, write_key="k")).operation is None
    assert not await redis.exists(OperationKey(ADA, "k").name)


async def test_a_request_without_an_update_holds_nothing(gate: Gate, session: str, now: float) -> None:
    entry = await gate.enter(None, ADA, now=now, write_key="k")
    assert entry.admitted
    assert entry.mark is None
    await gate.finish(entry, write_key="k")
    assert (await gate.enter(None, ADA, now=now)).admitted


async def test_the_end_of_a_write_is_stored_together(
    redis: Redis, gate: Gate, session: str, now: float
) -> None:
    keep, drop = (drafts.new(7, "ev", "create", now, values={"title": "A"}) for _ in range(2))
    await open_form(redis, ADA, drop)
    entry = await gate.enter(1, ADA, now=now, write_key="k")
    await gate.finish(
        entry,
        write_key="k",
        result={},
        audit=act(now),
        ui={UiField.INPUT: "search"},
        save_draft=keep,
        drop_draft=drop.id,
    )
    assert [draft.id for draft in await drafts.Drafts(redis).list(ADA, 7)] == [keep.id]
    assert await redis.hget(UiKey(ADA).name, "input") == "search"
    assert (await Audit(redis).page()).entries[0].record_id == 42


async def test_a_write_whose_result_nobody_saw_is_shown_by_the_redelivery(
    gate: Gate, session: str, now: float
) -> None:
    entry = await gate.enter(1, ADA, now=now, write_key="k")
    await gate.finish(entry, write_key="k", result={"go": "cdev.1"})
    assert (await gate.enter(1, ADA, now=now, write_key="k")).seen is Seen.RUNNING
    again = await gate.enter(1, ADA, now=now + LEASE + 1, write_key="k")
    assert again.seen is Seen.NEW
    assert again.operation is not None
    assert (again.operation.state, again.operation.result) == (Begun.DONE, {"go": "cdev.1"})
    gate.done(again)
    assert (await gate.enter(2, ADA, now=now + LEASE + 1)).admitted
    assert (await gate.enter(1, ADA, now=now + LEASE + 2, write_key="k")).seen is Seen.DONE


async def test_a_step_stored_without_a_key_is_done_at_once(gate: Gate, now: float) -> None:
    await gate.finish(await gate.enter(1, ADA, now=now), ui={UiField.INPUT: "form"})
    assert (await gate.enter(1, ADA, now=now)).seen is Seen.DONE


class Trips:
    """Counts the batches that a connection sends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from redis.asyncio.connection import AbstractConnection

        self.sent = 0
        send = AbstractConnection.send_packed_command

        async def counted(connection: AbstractConnection, *args: object, **options: object) -> None:
            self.sent += 1
            await send(connection, *args, **options)

        monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)


async def test_one_trip_per_reading_click_and_two_with_a_write(
    gate: Gate, session: str, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.done(await gate.enter(1, ADA, now=now), ui=living_message(5))
    trips = Trips(monkeypatch)
    for update in range(2, 5):
        gate.done(await gate.enter(update, ADA, now=now), ui=living_message(update))
    assert trips.sent == 3
    trips.sent = 0
    entry = await gate.enter(6, ADA, now=now, write_key="k")
    await gate.finish(entry, write_key="k", result={"id": 1}, audit=act(now), ui=living_message(6))
    assert trips.sent == 2


async def test_the_next_click_carries_the_journal(redis: Redis, gate: Gate, now: float) -> None:
    gate.done(await gate.enter(1, ADA, now=now), ui=living_message(77))
    entry = await gate.enter(2, ADA, now=now)
    assert entry.ui.message_id == 77
    assert await redis.get(UpdateKey(ADA, 1).name) == "done"


async def test_an_update_that_is_not_ours_is_never_marked_done(
    redis: Redis, gate: Gate, journal: Journal, now: float
) -> None:
    await gate.enter(1, ADA, now=now)
    gate.done(await gate.enter(1, ADA, now=now))
    await journal.flush()
    assert await redis.get(UpdateKey(ADA, 1).name) != "done"


async def test_older_ui_values_never_overwrite_the_write_s_own(
    redis: Redis, gate: Gate, journal: Journal, now: float
) -> None:
    entry = await gate.enter(1, ADA, now=now)
    journal.set_ui(ADA, {**living_message(1), UiField.LANGUAGE: "en"})
    await gate.finish(entry, ui=living_message(2))
    await journal.flush()
    assert await redis.hmget(UiKey(ADA).name, "message", "language") == ["2", "en"]


async def test_the_script_comes_back_after_redis_forgot_it(redis: Redis, gate: Gate, now: float) -> None:
    await gate.enter(1, ADA, now=now)
    await redis.script_flush()
    assert (await gate.enter(2, ADA, now=now)).admitted


async def test_a_call_repeated_after_a_lost_reply_is_still_ours(
    gate: Gate, redis: Redis, session: str, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    evalsha = redis.evalsha

    async def twice(*args: Any) -> Any:
        await evalsha(*args)
        return await evalsha(*args)

    await gate.enter(1, ADA, now=now)
    monkeypatch.setattr(redis, "evalsha", twice)
    entry = await gate.enter(2, ADA, now=now, write_key="k")
    assert entry.admitted
    assert entry.operation is not None
    assert entry.operation.state is Begun.FRESH


async def test_a_dead_redis_is_told_and_the_journal_keeps_its_entries(now: float) -> None:
    dead = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    journal = Journal(dead)
    journal.set_ui(ADA, living_message(3))
    with pytest.raises(RedisError):
        await Gate(dead, journal).enter(1, ADA, now=now)
    pending = journal.pending_for(ADA)
    assert pending is not None
    assert pending.ui["message"] == "3"
    await dead.aclose()


async def test_every_key_of_the_script_is_in_one_slot(redis: Redis, gate: Gate, now: float) -> None:
    sent: list[str] = []
    evalsha = redis.evalsha

    async def spy(sha: str, count: int, *rest: str) -> object:
        sent.extend(rest[:count])
        return await evalsha(sha, count, *rest)

    redis.evalsha = spy  # type: ignore[assignment]
    gate.done(await gate.enter(1, ADA, now=now))
    await gate.enter(2, ADA, now=now, write_key="k")
    slots = {_slot(key) for key in sent}
    assert len(sent) == 5 + 7
    assert len(slots) == 1


def _slot(key: str) -> int:
    from redis.crc import key_slot

    return int(key_slot(key.encode()))


async def test_the_script_runs_on_the_demo_s_redis(now: float) -> None:
    async with fakeredis.FakeAsyncRedis(decode_responses=True) as fake:
        gate = Gate(fake, Journal(fake), Limits(guests=1, admins=2))
        await fake.set(SessionKey(ADA).name, blob(now))
        first = await gate.enter(1, ADA, now=now, write_key="k")
        assert first.operation is not None
        assert first.operation.state is Begun.FRESH
        await gate.finish(first, write_key="k", result={"id": 3}, audit=act(now))
        second = await gate.enter(2, ADA, now=now, write_key="k")
        assert second.operation is not None
        assert second.operation.result == {"id": 3}
        assert (await gate.enter(3, ADA, now=now)).wait == 30
        assert (await gate.enter(1, ADA, now=now)).seen is Seen.RUNNING
        assert await fake.ttl(SessionKey(ADA).name) > 86_000
