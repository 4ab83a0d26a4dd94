"""A mailing is one at a time, in one pair of hands, and no batch of it goes out twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from services.mailings import LEASE, OVERDUE, Mailing, Mailings, State
from tests.support.clock import Clock

MAILING = Mailing(
    id="m1", user_id=101, admin_id=5, resource="nt", values={"title_ru": "Қ"}, language="kk", zone="UTC",
    created_at=1.0, expected=9,
)  # fmt: skip


@pytest.fixture
def mailings(redis: Redis, clock: Clock) -> Mailings:
    return Mailings(redis, clock)


async def test_one_at_a_time_and_the_same_one_again_is_no_other(mailings: Mailings):
    assert await mailings.begin(MAILING)
    assert await mailings.begin(MAILING)
    assert not await mailings.begin(replace(MAILING, id="m2"))
    standing = await mailings.current(101)
    assert standing is not None
    assert (standing.mailing, standing.state) == (MAILING, State.WAITING)
    await mailings.stop(101, "m1")
    assert await mailings.begin(replace(MAILING, id="m2"))


async def test_beginning_again_what_is_over_does_not_send_it_again(mailings: Mailings):
    await mailings.begin(MAILING)
    await mailings.claim(101, "m1", "a")
    await mailings.settle(MAILING, "a", State.DONE)
    assert await mailings.begin(MAILING)
    assert await mailings.claim(101, "m1", "b") is None


async def test_it_is_in_one_pair_of_hands_until_the_lease_ends(mailings: Mailings, clock: Clock):
    await mailings.begin(MAILING)
    assert await mailings.claim(101, "m1", "a")
    assert await mailings.claim(101, "m1", "b") is None
    clock.now += LEASE + 1
    assert await mailings.claim(101, "m1", "b")
    assert not await mailings.fly(MAILING, "a", 5)
    assert await mailings.fly(MAILING, "b", 5)


async def test_what_was_on_its_way_when_a_worker_died_is_unknown_and_left_behind(
    mailings: Mailings, clock: Clock
):
    await mailings.begin(MAILING)
    standing = await mailings.claim(101, "m1", "a")
    assert standing is not None
    await mailings.keep_recipients(101, [str(number) for number in range(9)])
    await mailings.fly(MAILING, "a", 4)
    await mailings.land(replace(standing, next=4, sent=3, failed=1, failures=("x",)), "a", before=standing)
    await mailings.fly(MAILING, "a", 4)
    clock.now += LEASE + 1
    found = await mailings.claim(101, "m1", "b")
    assert found is not None
    assert (found.total, found.next, found.sent, found.failed, found.unknown) == (9, 8, 3, 1, 4)
    assert found.failures == ("x",)
    assert await mailings.recipients(101) == [str(number) for number in range(9)]


async def test_a_stop_lets_nothing_more_out_but_counts_what_left(mailings: Mailings):
    await mailings.begin(MAILING)
    standing = await mailings.claim(101, "m1", "a")
    assert standing is not None
    await mailings.fly(MAILING, "a", 4)
    assert await mailings.stop(101, "m1") is State.STOPPED
    await mailings.land(replace(standing, next=4, sent=4), "a", before=standing)
    assert not await mailings.fly(MAILING, "a", 4)
    assert not await mailings.settle(MAILING, "a", State.DONE)
    found = await mailings.current(101)
    assert found is not None
    assert (found.state, found.sent) == (State.STOPPED, 4)
    assert await mailings.stop(101, "other") is None


async def test_what_nobody_works_on_is_told_of_now_and_then(mailings: Mailings, clock: Clock):
    await mailings.begin(MAILING)
    assert await mailings.due() == []
    clock.now += OVERDUE + 1
    assert await mailings.due() == [(101, "m1")]
    assert await mailings.due() == []
    await mailings.claim(101, "m1", "a")
    clock.now += OVERDUE + 1
    assert await mailings.due() == []
    clock.now += LEASE
    assert await mailings.due() == [(101, "m1")]
    await mailings.stop(101, "m1")
    assert await mailings.due() == []
