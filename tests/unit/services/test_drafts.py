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

ADA = 101


@pytest.fixture
def store(redis: Redis) -> Drafts:
    return Drafts(redis)


async def test_what_was_typed_comes_back(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(
        7, "ev", "edit", now, record_id=42, values={"title": "Наурыз 🎉"}, before={"title": "x"}, step="title"
    )
    await store.open(ADA, draft)
    assert await store.get(ADA, 7, draft.id) == draft
    assert await redis.ttl(DraftsKey(ADA).name) > 29 * 86_400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(text=st.text(st.characters(codec="utf-8")))
async def test_any_text_survives_the_gate(redis: Redis, store: Drafts, now: float, text: str) -> None:
    draft = drafts.new(7, "ev", "create", now, values={"title": text})
    await store.open(ADA, draft)
    entry = await Gate(redis, Journal(redis)).enter(None, ADA, now=now + _tick())
    assert drafts.read(entry.draft, 7) == draft


_ticks = itertools.count()


def _tick() -> float:
    """Another minute, so that no click is too fast."""
    return 60.0 * next(_ticks)


async def test_a_saved_draft_keeps_its_id(store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now)
    await store.open(ADA, draft)
    await store.save(ADA, drafts.touched(draft, now + 5, values={"title": "A"}, step="date"))
    assert [(one.id, one.values, one.step) for one in await store.list(ADA, 7)] == [
        (draft.id, {"title": "A"}, "date")
    ]


async def test_another_admin_of_the_account_sees_nothing(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now)
    await store.open(ADA, draft)
    assert await store.get(ADA, 8, draft.id) is None
    assert await store.list(ADA, 8) == ()
    entry = await Gate(redis, Journal(redis)).enter(1, ADA, now=now)
    assert drafts.read(entry.draft, 7) == draft
    assert drafts.read(entry.draft, 8) is None
    assert drafts.read(entry.draft, None) is None


async def test_the_eleventh_pushes_out_the_one_touched_longest_ago(store: Drafts, now: float) -> None:
    made = [replace(drafts.new(7, "ev", "create", now), touched_at=now + n) for n in range(LIMIT + 1)]
    for draft in made:
        await store.open(ADA, draft)
    assert [one.id for one in await store.list(ADA, 7)] == [one.id for one in reversed(made[1:])]


async def test_the_draft_just_opened_is_never_the_one_pushed_out(store: Drafts, now: float) -> None:
    for _ in range(4 * LIMIT):
        draft = drafts.new(7, "ev", "create", now)
        await store.open(ADA, draft)
        assert await store.get(ADA, 7, draft.id) == draft


async def test_a_closed_draft_stays_a_draft(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now)
    await store.open(ADA, draft, reader="photo")
    gate = Gate(redis, Journal(redis))
    assert (await gate.enter(1, ADA, now=now)).ui.input == "photo"
    await store.close(ADA)
    entry = await gate.enter(2, ADA, now=now)
    assert (entry.draft, entry.ui.draft, entry.ui.input) == (None, None, None)
    assert await store.get(ADA, 7, draft.id) == draft


async def test_a_deleted_draft_is_gone_for_the_gate_too(redis: Redis, store: Drafts, now: float) -> None:
    draft = drafts.new(7, "ev", "create", now)
    await store.open(ADA, draft)
    await store.delete(ADA, draft.id)
    assert (await Gate(redis, Journal(redis)).enter(1, ADA, now=now)).draft is None


@pytest.mark.parametrize("blob", ["", "{}", "[]", "null", '{"id": 1, "who": 2}'])
async def test_an_unreadable_draft_is_none(blob: str) -> None:
    assert drafts.read(blob, 7) is None


async def test_drafts_outlive_the_session(redis: Redis, store: Drafts, now: float) -> None:
    await store.open(ADA, drafts.new(7, "ev", "create", now))
    await redis.delete(SessionKey(ADA).name)
    assert len(await store.list(ADA, 7)) == 1
