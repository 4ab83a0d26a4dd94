"""A preview is one person's, in one version; only what was seen is changed."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from redis.asyncio import Redis

from services.coffee import Known, Previews, State
from services.coffee_runs import ASKED, BEGUN, DONE, FEW, CoffeeRuns
from services.matching.coffee import arrange
from services.matching.swaps import locking, swapped
from services.matching.task import Candidate, Meeting, Task
from tests.support.clock import Clock

ME, ADMIN = 101, 7
DAY = date(2026, 11, 23)
TASK = Task(
    tuple(Candidate(one, "npo" if one % 2 else None, "Astana") for one in range(1, 8)), DAY, 7,
    history=(Meeting(date(2026, 11, 2), (1, 2)),), bars=((1, 3),),
)  # fmt: skip
PEOPLE = {one.id: Known(f"Әсел {one.id}", one.segment, one.city) for one in TASK.candidates}


@pytest.fixture
def previews(redis: Redis, clock: Clock) -> Previews:
    return Previews(redis, clock)


async def ready(previews: Previews) -> int:
    """The version of a round that stands."""
    version = await previews.begin(ME, ADMIN, DAY)
    assert await previews.gathered(ME, version, TASK, PEOPLE)
    assert await previews.solved(ME, version, arrange(TASK))
    return version


async def test_what_was_solved_is_kept_whole(previews: Previews):
    version = await ready(previews)
    preview = await previews.load(ME, ADMIN)
    assert preview is not None
    assert (preview.version, preview.state, preview.day, preview.chosen) == (version, State.READY, DAY, 0)
    assert preview.arrangement == arrange(TASK)
    assert preview.people == PEOPLE
    assert await previews.task(ME) == TASK


async def test_it_is_nobody_else_s(previews: Previews):
    await ready(previews)
    assert await previews.load(ME, ADMIN + 1) is None
    assert await previews.load(ME + 1, ADMIN) is None
    assert await previews.task(ME + 1) is None


async def test_a_new_one_takes_the_place_and_the_old_order_comes_to_nothing(previews: Previews, clock: Clock):
    first = await previews.begin(ME, ADMIN, DAY)
    second = await previews.begin(ME, ADMIN, DAY)
    assert second > first
    assert not await previews.gathered(ME, first, TASK, PEOPLE)
    assert not await previews.solved(ME, first, arrange(TASK))
    assert not await previews.failed(ME, first, "coffee.failed", back=False)
    assert await previews.task(ME) is None
    clock.now += 1
    assert await previews.begin(ME, ADMIN, DAY) > second + 900


async def test_a_change_is_made_to_what_was_seen_only(previews: Previews):
    version = await ready(previews)
    made = swapped(arrange(TASK), TASK, *[one.members[0] for one in arrange(TASK).groups[:2]])
    changed = await previews.turn(ME, version, made)
    assert changed is not None
    assert changed > version
    for stale in (version, version - 1, 0):
        assert await previews.turn(ME, stale, arrange(TASK)) is None
        assert await previews.choose(ME, stale, 1) is None
        assert await previews.again(ME, stale, TASK) is None
        assert not await previews.drop(ME, stale)
    preview = await previews.load(ME, ADMIN)
    assert preview is not None
    assert preview.arrangement == made


async def test_of_two_presses_at_the_same_moment_one_counts(previews: Previews):
    version = await ready(previews)
    made = await asyncio.gather(*(previews.choose(ME, version, one) for one in range(1, 6)))
    assert len([one for one in made if one is not None]) == 1


async def test_a_choice_ends_with_the_change(previews: Previews):
    version = await previews.choose(ME, await ready(previews), 3)
    preview = await previews.load(ME, ADMIN)
    assert version is not None
    assert preview is not None
    assert preview.chosen == 3
    await previews.turn(ME, version, arrange(TASK))
    preview = await previews.load(ME, ADMIN)
    assert preview is not None
    assert preview.chosen == 0


async def test_what_is_locked_is_solved_again_with_the_rest(previews: Previews):
    version = await ready(previews)
    group = arrange(TASK).groups[0]
    locked = locking(TASK, group.members)
    again = await previews.again(ME, version, locked)
    preview = await previews.load(ME, ADMIN)
    assert again is not None
    assert preview is not None
    assert (preview.state, preview.again) == (State.SOLVING, True)
    assert (await previews.task(ME)) == locked
    # It fails: the round from before stands.
    assert await previews.failed(ME, again, "coffee.unavailable", back=preview.again)
    preview = await previews.load(ME, ADMIN)
    assert preview is not None
    assert (preview.state, preview.why) == (State.READY, "coffee.unavailable")
    assert preview.arrangement == arrange(TASK)


async def test_it_lapses_in_a_day_and_is_dropped_at_once(previews: Previews, redis: Redis):
    version = await ready(previews)
    (name,) = await redis.keys("*coffee")
    assert 86_000 < await redis.ttl(name) <= 86_400
    assert await previews.drop(ME, version)
    assert await previews.load(ME, ADMIN) is None


# --- runs --------------------------------------------------------------------------------------------------


async def test_reports_are_for_who_asked_for_them_as_that_admin(redis: Redis):
    runs = CoffeeRuns(redis)
    await runs.subscribe(ME, ADMIN, wanted=True)
    assert await runs.subscribed(ME, ADMIN)
    assert not await runs.subscribed(ME, ADMIN + 1)
    assert await runs.subscribers() == {ME: ADMIN}
    await runs.subscribe(ME, ADMIN, wanted=False)
    assert await runs.subscribers() == {}


async def test_a_schedule_is_like_that_since_it_was_seen(redis: Redis):
    runs = CoffeeRuns(redis)
    assert await runs.since("a", 100.0) == 100.0
    assert await runs.since("a", 200.0) == 100.0
    assert await runs.since("b", 300.0) == 300.0
    assert await runs.since("a", 400.0) == 400.0


async def test_how_far_a_run_is(redis: Redis):
    runs = CoffeeRuns(redis)
    assert (await runs.run(5)).how == ""
    await runs.note(5, BEGUN, {"people": 4, "proof": "best"})
    run = await runs.run(5)
    assert (run.how, run.numbers, run.is_over) == (BEGUN, {"people": 4, "proof": "best"}, False)
    for how in (DONE, ASKED, FEW):
        await runs.note(5, how)
        assert (await runs.run(5)).is_over
    assert not (await runs.run(6)).is_over


async def test_somebody_is_told_once_of_the_same(redis: Redis):
    runs = CoffeeRuns(redis)
    told = await asyncio.gather(*(runs.tell_once("round:1", ME) for _ in range(5)))
    assert sorted(told) == [False, False, False, False, True]
    assert await runs.tell_once("round:1", ME + 1)
    assert await runs.tell_once("round:2", ME)
