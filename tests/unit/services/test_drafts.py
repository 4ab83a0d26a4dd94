"""Typed text is never lost, and never another's."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from services import drafts
from services.drafts import LIMIT, Drafts
from services.gate import Gate
from services.journal import Journal
from services.keys import DraftsKey, SessionKey
from tests.unit.services.forms import open_form

ADA = 101


@pytest.fixture
def store(redis: Redis) -> Drafts:
    return Drafts(redis)


async def test_what_was_typed_comes_back(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(
        7, "ev", "edit", now, record_id=42, values={"title": "Наурыз 🎉"}, before={"title": "x"}, step="title"
    )
    await open_form(redis, ADA, draft)
    assert await store.get(ADA, 7, draft.id) == draft
    assert await redis.ttl(DraftsKey(ADA).name) > 29 * 86_400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(text=st.text(st.characters(codec="utf-8")))
async def test_any_text_survives_the_gate(redis: Redis, store: Drafts, now: float, text: str) -> None:
    draft = drafts.new(7, "ev", "create", now, values={"title": text})
    await open_form(redis, ADA, draft)
    entry = await Gate(redis, Journal(redis)).enter(None, ADA, now=now + _tick())
    assert drafts.read(entry.draft, 7) == draft


_ticks = itertools.count()


def _tick() -> float:
    """Another minute, so that no click is too fast."""
    return 60.0 * next(_ticks)


async def test_a_saved_draft_keeps_its_id(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now)
    await open_form(redis, ADA, draft)
    await open_form(redis, ADA, drafts.touched(draft, now + 5, values={"title": "A"}, step="date"))
    found = [(one.id, one.values, one.step) for one in await store.list(ADA, 7)]
    assert found == [(draft.id, {"title": "A"}, "date")]


async def test_another_admin_of_the_account_sees_nothing(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now)
    await open_form(redis, ADA, draft)
    assert await store.get(ADA, 8, draft.id) is None
    assert await store.list(ADA, 8) == ()
    entry = await Gate(redis, Journal(redis)).enter(1, ADA, now=now)
    assert drafts.read(entry.draft, 7) == draft
    assert drafts.read(entry.draft, 8) is None
    assert drafts.read(entry.draft, None) is None


async def test_room_is_made_by_the_ones_touched_longest_ago(redis: Redis, store: Drafts, now: float) -> None:
    made = [
        replace(drafts.new(7, "ev", "create", now, values={"title": "A"}), touched_at=now + n)
        for n in range(LIMIT + 3)
    ]
    for draft in made:
        await open_form(redis, ADA, draft)
    await store.make_room(ADA)
    assert [one.id for one in await store.list(ADA, 7)] == [one.id for one in reversed(made[4:])]


async def test_untouched_forms_are_neither_offered_nor_kept(redis: Redis, store: Drafts, now: float) -> None:
    empty = drafts.new(7, "ev", "create", now)
    same = drafts.new(7, "ev", "edit", now, record_id=1, values={"title": "A"}, before={"title": "A"})
    typed = drafts.new(7, "ev", "create", now, values={"title": "B"})
    for draft in (empty, same, typed):
        await open_form(redis, ADA, draft)
    assert [one.id for one in await store.list(ADA, 7)] == [typed.id]
    await store.make_room(ADA)
    assert await redis.hkeys(DraftsKey(ADA).name) in ([typed.id], [typed.id.encode()])


@pytest.mark.parametrize("blob", ["", "{}", "[]", "null", '{"id": 1, "who": 2}'])
async def test_an_unreadable_draft_is_none(blob: str) -> None:
    assert drafts.read(blob, 7) is None


async def test_an_unreadable_draft_blocks_no_form(redis: Redis, store: Drafts, now: float) -> None:
    typed = drafts.new(7, "ev", "create", now, values={"title": "B"})
    await open_form(redis, ADA, typed)
    await redis.hset(DraftsKey(ADA).name, "newer", '{"id": "newer", "colour": "red"}')
    await redis.hset(DraftsKey(ADA).name, "broken", "[")
    await store.make_room(ADA)
    assert [one.id for one in await store.list(ADA, 7)] == [typed.id]
    assert len(await redis.hkeys(DraftsKey(ADA).name)) == 3


async def test_a_doubtful_draft_knows_what_was_sent(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now, values={"title": "\ud83d", "rows": [{"a": 1}]})
    assert not draft.is_doubtful
    sent = drafts.doubtful(draft, now)
    assert sent.is_doubtful
    assert sent.is_as_sent
    assert not replace(sent, values={"title": "B"}).is_as_sent


async def test_doubt_is_kept(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now, values={"title": "A"})
    await open_form(redis, ADA, draft)
    await store.doubt(ADA, draft, now + 5)
    found = await store.get(ADA, 7, draft.id)
    assert found is not None
    assert (found.doubted_at, found.is_as_sent) == (now + 5, True)


async def test_drafts_outlive_the_session(redis: Redis, store: Drafts, now: float) -> None:
    await open_form(redis, ADA, drafts.new(7, "ev", "create", now, values={"title": "A"}))
    await redis.delete(SessionKey(ADA).name)
    assert len(await store.list(ADA, 7)) == 1


async def test_the_drafts_of_all_persons_are_counted(redis: Redis, store: Drafts, now: float) -> None:
    assert await store.count(now) == 0
    kept, dropped = (drafts.new(7, "ev", "create", now, values={"title": "A"}) for _ in range(2))
    pipe = redis.pipeline(transaction=False)
    drafts.put(pipe, ADA, kept)
    drafts.put(pipe, ADA, kept)
    drafts.put(pipe, ADA, dropped)
    drafts.put(pipe, ADA + 1, drafts.new(8, "ev", "create", now))
    await pipe.execute()
    assert await store.count(now) == 3
    drafts.remove(pipe, ADA, dropped.id)
    await pipe.execute()
    assert await store.count(now) == 2
    await store.make_room(ADA + 1)
    assert await store.count(now) == 1
    assert await store.count(now + DraftsKey.TTL + 1) == 0
