"""Views belong to one admin on one account, survive what they must, and stay few."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis, RedisCluster

from services.keys import SavedViewsKey
from services.saved_views import LIMIT, PINNED, UNDO_FOR, SavedView, SavedViews, TooMany

VIEW = SavedView(
    id="", admin_id=5, resource="ev", name="Күтуде", created_at=1000.0,
    filters={"moderation_status": "pending"}, sort="nearest", search="наурыз",
)  # fmt: skip


@pytest.fixture
def views(redis: Redis) -> SavedViews:
    return SavedViews(redis)


def numbered(number: int) -> SavedView:
    return replace(VIEW, search=f"s{number}", created_at=1000.0 + number)


async def test_a_view_comes_back_as_it_was_saved(views: SavedViews, redis: Redis):
    saved = await views.save(101, VIEW)
    assert replace(saved, id="") == VIEW
    assert await views.kept(101, 5) == (saved,)
    assert await views.get(101, 5, saved.id) == saved
    assert await redis.ttl(SavedViewsKey(101).name) > 399 * 86_400


async def test_another_login_and_another_person_see_nothing(views: SavedViews):
    saved = await views.save(101, VIEW)
    assert await views.kept(101, 6) == ()
    assert await views.get(101, 6, saved.id) is None
    assert await views.restore(101, 6, saved.id, 1000.0) is None
    assert await views.kept(202, 5) == ()
    # The other admin has the whole number to fill.
    for number in range(LIMIT):
        await views.save(101, replace(numbered(number), admin_id=6))
    assert len(await views.kept(101, 6)) == LIMIT
    assert len(await views.kept(101, 5)) == 1


async def test_the_same_list_is_kept_once_under_its_last_name(views: SavedViews):
    first = await views.save(101, VIEW)
    again = await views.save(101, replace(VIEW, name="Другое", created_at=2000.0))
    assert again == replace(first, name="Другое")
    assert await views.kept(101, 5) == (again,)


async def test_there_are_at_most_twenty(views: SavedViews):
    for number in range(LIMIT):
        await views.save(101, numbered(number))
    with pytest.raises(TooMany):
        await views.save(101, numbered(99))
    await views.save(101, replace(numbered(3), name="renamed"))
    first, *_ = await views.kept(101, 5)
    await views.delete(101, first, 5000.0)
    await views.save(101, numbered(99))
    with pytest.raises(TooMany):
        await views.restore(101, 5, first.id, 5001.0)


async def test_pinned_ones_come_first_and_are_few(views: SavedViews):
    saved = [await views.save(101, numbered(number)) for number in range(PINNED + 1)]
    for view in reversed(saved[1:]):
        await views.pin(101, view, pinned=True)
    with pytest.raises(TooMany):
        await views.pin(101, saved[0], pinned=True)
    assert [view.search for view in await views.kept(101, 5)] == ["s1", "s2", "s3", "s4", "s0"]
    await views.pin(101, replace(saved[1], pinned=True), pinned=True)
    await views.pin(101, saved[1], pinned=False)
    await views.pin(101, saved[0], pinned=True)


async def test_a_deleted_one_can_be_brought_back_for_an_hour(views: SavedViews):
    saved = await views.pin(101, await views.save(101, VIEW), pinned=True)
    await views.delete(101, saved, 5000.0)
    assert await views.kept(101, 5) == ()
    assert await views.get(101, 5, saved.id) is None
    assert await views.restore(101, 5, saved.id, 5000.0 + UNDO_FOR) == saved
    assert await views.restore(101, 5, saved.id, 9_999_999.0) == saved
    await views.delete(101, saved, 5000.0)
    assert await views.restore(101, 5, saved.id, 5001.0 + UNDO_FOR) is None


async def test_what_was_deleted_long_ago_is_forgotten(views: SavedViews, redis: Redis):
    await views.delete(101, await views.save(101, VIEW), 5000.0)
    await views.save(101, replace(numbered(1), created_at=5001.0 + UNDO_FOR))
    assert await redis.hlen(SavedViewsKey(101).name) == 1


async def test_what_another_version_wrote_is_left_out(views: SavedViews, redis: Redis):
    saved = await views.save(101, VIEW)
    await redis.hset(SavedViewsKey(101).name, mapping={"a": "{}", "b": "no json", "c": '{"new": 1}'})
    assert await views.kept(101, 5) == (saved,)
    assert await views.get(101, 5, "b") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(name=st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
async def test_any_name_comes_back(views: SavedViews, name: str):
    saved = await views.save(101, replace(VIEW, name=name))
    found = await views.get(101, 5, saved.id)
    assert found is not None
    assert found.name == name


async def test_it_works_on_a_cluster(cluster: RedisCluster):
    views = SavedViews(cluster)
    saved = await views.save(101, VIEW)
    assert await views.kept(101, 5) == (saved,)
