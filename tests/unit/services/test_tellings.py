"""A telling is one for each match, in one pair of hands, and no message of it leaves twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from services.tellings import LEASE, OVERDUE, PACE, SOON, Line, State, Telling, Tellings
from tests.support.clock import Clock

COFFEE = Telling("coffee", 7, 101, 5, "kk", "Asia/Almaty", 1.0, (102, 103))


@pytest.fixture
def tellings(redis: Redis, clock: Clock) -> Tellings:
    return Tellings(redis, clock)


async def begun(tellings: Tellings, holder: str = "a") -> None:
    """A telling in the hands of a worker."""
    await tellings.begin(COFFEE)
    assert await tellings.claim("coffee", 7, holder)


async def lines(tellings: Tellings) -> dict[tuple[int, str], str]:
    standing = await tellings.standing("coffee", 7)
    assert standing is not None
    return dict(standing.lines)


async def test_however_often_it_is_ordered_there_is_one(tellings: Tellings):
    assert await tellings.begin(COFFEE)
    assert not await tellings.begin(replace(COFFEE, user_id=999))
    standing = await tellings.standing("coffee", 7)
    assert standing is not None
    assert (standing.telling, standing.state) == (COFFEE, State.WAITING)
    assert await tellings.standing("coffee", 8) is None
    assert await tellings.begin(replace(COFFEE, kind="ask"))


async def test_what_is_over_is_not_begun_again(tellings: Tellings):
    await begun(tellings)
    await tellings.settle(COFFEE, "a", State.DONE)
    assert not await tellings.begin(COFFEE)
    assert await tellings.claim("coffee", 7, "b") is None


async def test_it_is_in_one_pair_of_hands_until_the_lease_ends(tellings: Tellings, clock: Clock):
    await begun(tellings)
    assert await tellings.claim("coffee", 7, "b") is None
    clock.now += LEASE - 1
    assert await tellings.hold(COFFEE, "a")
    clock.now += LEASE - 1
    assert await tellings.claim("coffee", 7, "b") is None
    clock.now += 2
    assert await tellings.claim("coffee", 7, "b")
    assert not await tellings.hold(COFFEE, "a")
    assert await tellings.fly(COFFEE, "a", 1, "telegram") is None
    assert await tellings.fly(COFFEE, "b", 1, "telegram") is True


async def test_a_message_leaves_once(tellings: Tellings):
    await begun(tellings)
    assert await tellings.fly(COFFEE, "a", 1, "telegram")
    assert await tellings.fly(COFFEE, "a", 1, "telegram") is False
    await tellings.land(COFFEE, "a", 1, "telegram", Line.SENT)
    assert await tellings.fly(COFFEE, "a", 1, "telegram") is False
    assert await tellings.fly(COFFEE, "a", 1, "email") is True
    assert await lines(tellings) == {(1, "telegram"): "sent", (1, "email"): "flying"}


async def test_what_was_on_its_way_when_a_worker_died_is_unclear_and_stays_so(
    tellings: Tellings, clock: Clock
):
    await begun(tellings)
    await tellings.fly(COFFEE, "a", 1, "telegram")
    await tellings.land(COFFEE, "a", 1, "telegram", Line.SENT)
    await tellings.fly(COFFEE, "a", 2, "telegram")
    clock.now += LEASE + 1
    found = await tellings.claim("coffee", 7, "b")
    assert found is not None
    assert found.lines == {(1, "telegram"): "sent", (2, "telegram"): "unclear"}
    assert await tellings.fly(COFFEE, "b", 2, "telegram") is False
    assert found.members(Line.UNCLEAR) == [2]


async def test_a_worker_taken_for_dead_still_knows_what_it_did_but_not_what_is_due(
    tellings: Tellings, clock: Clock
):
    await begun(tellings)
    for member in (1, 2):
        await tellings.fly(COFFEE, "a", member, "telegram")
    clock.now += LEASE + 1
    await tellings.claim("coffee", 7, "b")
    await tellings.land(COFFEE, "a", 1, "telegram", Line.SENT)
    await tellings.land(COFFEE, "a", 2, "telegram", Line.DUE)
    assert await lines(tellings) == {(1, "telegram"): "sent", (2, "telegram"): "unclear"}


async def test_what_surely_did_not_get_out_may_leave_again(tellings: Tellings):
    await begun(tellings)
    await tellings.fly(COFFEE, "a", 1, "telegram")
    await tellings.land(COFFEE, "a", 1, "telegram", Line.DUE)
    assert await tellings.fly(COFFEE, "a", 1, "telegram") is True


async def test_a_stop_lets_nothing_more_out_but_notes_what_left(tellings: Tellings):
    await begun(tellings)
    await tellings.fly(COFFEE, "a", 1, "telegram")
    assert await tellings.stop("coffee", 7) is State.STOPPED
    await tellings.land(COFFEE, "a", 1, "telegram", Line.SENT)
    assert await tellings.fly(COFFEE, "a", 2, "telegram") is None
    assert not await tellings.settle(COFFEE, "a", State.DONE)
    assert await lines(tellings) == {(1, "telegram"): "sent"}
    assert await tellings.stop("coffee", 9) is None


async def test_another_try_is_for_all_who_were_not_surely_told_and_begins_once_a_turn(tellings: Tellings):
    await begun(tellings)
    for member, became in ((1, Line.SENT), (2, Line.UNCLEAR), (3, "failed:mail"), (4, Line.BLOCKED)):
        await tellings.fly(COFFEE, "a", member, "telegram")
        await tellings.land(COFFEE, "a", member, "telegram", became)
    await tellings.note(COFFEE, 5, Line.DECLINED)
    assert not await tellings.again(COFFEE, 0), "not while it goes on"
    await tellings.settle(COFFEE, "a", State.DONE)
    assert not await tellings.again(COFFEE, 1)
    assert await tellings.again(replace(COFFEE, user_id=104), 0)
    assert not await tellings.again(COFFEE, 0)
    standing = await tellings.claim("coffee", 7, "b")
    assert standing is not None
    assert (standing.turn, standing.telling.user_id) == (1, 104)
    assert standing.members(Line.DUE) == [2, 3, 4, 5]
    assert await tellings.fly(COFFEE, "b", 1, "telegram") is False
    assert await tellings.fly(COFFEE, "b", 2, "telegram") is True
    await tellings.land(COFFEE, "b", 2, "telegram", Line.UNCLEAR)
    await tellings.settle(COFFEE, "b", State.DONE)
    assert not await tellings.again(COFFEE, 0), "an old button"


async def test_a_message_that_is_owed_is_never_one_that_left(tellings: Tellings):
    await begun(tellings)
    await tellings.fly(COFFEE, "a", 1, "telegram")
    await tellings.owe(COFFEE, 1, "telegram")
    await tellings.owe(COFFEE, 2, "telegram")
    assert await lines(tellings) == {(1, "telegram"): "flying", (2, "telegram"): "due"}


async def test_a_channel_that_is_none_any_more_is_dropped(tellings: Tellings):
    await begun(tellings)
    await tellings.owe(COFFEE, 1, "telegram")
    await tellings.note(COFFEE, 1, Line.DECLINED, ["telegram"])
    assert await lines(tellings) == {(1, "-"): "declined"}


async def test_what_nobody_works_on_is_told_of_now_and_then(tellings: Tellings, clock: Clock):
    await tellings.begin(COFFEE)
    assert await tellings.due() == []
    clock.now += OVERDUE + 1
    assert await tellings.due() == [("coffee", 7)]
    assert await tellings.due() == []
    await tellings.claim("coffee", 7, "a")
    clock.now += OVERDUE + 1
    assert await tellings.due() == []
    clock.now += LEASE
    assert await tellings.due() == [("coffee", 7)]
    await tellings.settle(COFFEE, "a", State.WAITING, "tellings.nobody", 60.0)
    clock.now += 59
    assert await tellings.due() == []
    clock.now += 2
    assert await tellings.due() == [("coffee", 7)]
    await tellings.stop("coffee", 7)
    clock.now += OVERDUE + 1
    assert await tellings.due() == []


async def test_why_it_waits_is_known_to_who_goes_on(tellings: Tellings):
    await begun(tellings)
    await tellings.settle(COFFEE, "a", State.WAITING, "tellings.nobody", 60.0)
    standing = await tellings.claim("coffee", 7, "b")
    assert standing is not None
    assert standing.why == "tellings.nobody"


async def test_all_workers_together_keep_the_pace(tellings: Tellings, redis: Redis, clock: Clock):
    other = Tellings(redis, clock)
    waits = [await one.slot() for _ in range(PACE // 2) for one in (tellings, other)]
    assert waits[0] == 0
    assert waits[-1] == pytest.approx((len(waits) - 1) / PACE, abs=0.02)
    far = [await tellings.slot() for _ in range(2 * PACE)]
    assert SOON < far[-1] < SOON + 2 / PACE, "no place is kept that far ahead"
    clock.now += 2
    assert await other.slot() == 0


async def test_a_flood_limit_holds_for_all_workers(tellings: Tellings, redis: Redis, clock: Clock):
    await tellings.flood(30)
    await tellings.flood(5)
    other = Tellings(redis, clock)
    assert await other.slot() == pytest.approx(30, abs=0.1)
    clock.now += 29.5
    assert await other.slot() == pytest.approx(0.5, abs=0.1)


async def test_handled_are_those_with_nothing_left_to_do(tellings: Tellings):
    await begun(tellings)
    for member, channel, became in ((1, "telegram", ""), (2, "telegram", Line.SENT), (2, "email", "")):
        await tellings.fly(COFFEE, "a", member, channel)
        await tellings.land(COFFEE, "a", member, channel, became or Line.FLYING)
    await tellings.fly(COFFEE, "a", 3, "email")
    await tellings.land(COFFEE, "a", 3, "email", "failed:mail")
    standing = await tellings.standing("coffee", 7)
    assert standing is not None
    assert standing.handled == 1
    assert Line.of("from another version") is Line.UNCLEAR
