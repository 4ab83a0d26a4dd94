"""Search tokens and ticks belong to one person."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.keys import SearchKey
from services.list_state import MAX_TEXT, MAX_TICKS, ListState


@pytest.fixture
def lists(redis: Redis) -> ListState:
    return ListState(redis, b"s" * 32)


async def test_equal_searches_share_a_token_for_a_week(redis: Redis, lists: ListState) -> None:
    token = await lists.token(101, " наурыз ")
    assert re.fullmatch(r"[A-Za-z0-9_-]{6}", token)
    assert token == await lists.token(101, "наурыз") != await lists.token(101, "көктем")
    assert await lists.text(101, token) == "наурыз"
    assert 6 * 86_400 < await redis.ttl(SearchKey(101, token).name) <= 7 * 86_400


async def test_a_token_tells_another_person_nothing(lists: ListState) -> None:
    token = await lists.token(101, "наурыз")
    assert await lists.text(202, token) is None
    assert token != await lists.token(202, "наурыз")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(text=st.text())
async def test_any_text_comes_back_cut(lists: ListState, text: str) -> None:
    assert await lists.text(101, await lists.token(101, text)) == text.strip()[:MAX_TEXT]


async def test_ticks_turn_and_add_up(lists: ListState) -> None:
    assert await lists.toggle(101, "ev", 5) == {5}
    assert await lists.toggle(101, "ev", 6) == {5, 6}
    assert await lists.toggle(101, "ev", 5) == {6}
    assert await lists.tick_all(101, "ev", [6, 7, 8]) == {6, 7, 8} == await lists.ticked(101, "ev")
    assert await lists.ticked(101, "vc") == await lists.ticked(101, "ev", "pending") == frozenset()
    assert await lists.ticked(202, "ev") == frozenset()
    await lists.clear_ticks(101, "ev")
    assert await lists.ticked(101, "ev") == frozenset()


async def test_no_more_than_a_hundred_ticks(lists: ListState) -> None:
    assert len(await lists.tick_all(101, "ev", range(MAX_TICKS + 20))) == MAX_TICKS
    assert 999 not in await lists.toggle(101, "ev", 999)
    assert 5 not in await lists.toggle(101, "ev", 5)
    assert 999 in await lists.toggle(101, "ev", 999)
