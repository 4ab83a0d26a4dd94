"""One order a person, one worker an order, one file a worker: whoever dies when."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis, RedisCluster

from services.export.orders import LEASE, OVERDUE, TRIES, Order, Orders, State
from services.keys import ExportsKey
from tests.support.clock import Clock

ORDER = Order(
    id="a1b2c3d4", user_id=101, admin_id=5, resource="ev", format="xlsx", columns=("id", "title"),
    language="kk", zone="Asia/Almaty", created_at=1000.0, ids=(3, 4), search="Ә", filters={"format": "Online"},
)  # fmt: skip


@pytest.fixture
def orders(redis: Redis, clock: Clock) -> Orders:
    return Orders(redis, clock)


async def test_an_order_comes_back_as_it_was(orders: Orders):
    assert await orders.begin(ORDER)
    standing = await orders.current(101)
    assert standing is not None
    assert (standing.order, standing.state) == (ORDER, State.WAITING)
    assert await orders.current(202) is None


async def test_there_is_no_second_order_before_the_first_is_over(orders: Orders):
    assert await orders.begin(ORDER)
    other = replace(ORDER, id="ffffffff")
    assert not await orders.begin(other)
    assert await orders.claim(101, ORDER.id, "me")
    assert not await orders.begin(other)
    assert await orders.sending(ORDER, "me", 60)
    assert not await orders.begin(other)
    assert await orders.settle(ORDER, "me", State.SENDING, State.SENT)
    assert await orders.begin(other)


async def test_of_many_workers_one_gets_it(orders: Orders):
    await orders.begin(ORDER)
    got = await asyncio.gather(*(orders.claim(101, ORDER.id, f"w{number}") for number in range(20)))
    assert len([one for one in got if one]) == 1


async def test_a_dead_workers_order_is_another_ones_after_the_lease(orders: Orders, clock: Clock):
    await orders.begin(ORDER)
    assert await orders.claim(101, ORDER.id, "dead")
    clock.now += LEASE - 1
    assert await orders.claim(101, ORDER.id, "second") is None
    assert await orders.keep(ORDER, "dead", 10)
    clock.now += LEASE + 1
    assert await orders.claim(101, ORDER.id, "second")
    # It was not dead, only asleep: it goes on with nothing.
    assert not await orders.keep(ORDER, "dead", 20)
    assert not await orders.sending(ORDER, "dead", 60)
    assert await orders.sending(ORDER, "second", 60)


async def test_what_may_have_been_sent_is_never_sent_again(orders: Orders, clock: Clock):
    await orders.begin(ORDER)
    await orders.claim(101, ORDER.id, "dead")
    assert await orders.sending(ORDER, "dead", 60)
    clock.now += 59
    assert await orders.claim(101, ORDER.id, "second") is None
    clock.now += 2
    standing = await orders.claim(101, ORDER.id, "second")
    assert standing is not None
    assert standing.state is State.UNKNOWN
    assert await orders.claim(101, ORDER.id, "third") is None
    assert not await orders.sending(ORDER, "second", 60)


async def test_an_order_that_kills_its_workers_is_given_up(orders: Orders, clock: Clock):
    await orders.begin(ORDER)
    for number in range(TRIES):
        standing = await orders.claim(101, ORDER.id, f"w{number}")
        assert standing is not None
        assert standing.state is State.RUNNING
        clock.now += LEASE + 1
    standing = await orders.claim(101, ORDER.id, "last")
    assert standing is not None
    assert standing.state is State.FAILED
    assert await orders.claim(101, ORDER.id, "after") is None


@pytest.mark.parametrize("claimed", [False, True])
async def test_what_is_stopped_is_not_sent(orders: Orders, claimed: bool):
    await orders.begin(ORDER)
    if claimed:
        await orders.claim(101, ORDER.id, "me")
    assert await orders.stop(101, ORDER.id) is State.STOPPED
    assert not await orders.keep(ORDER, "me", 1)
    assert not await orders.sending(ORDER, "me", 60)
    assert await orders.claim(101, ORDER.id, "other") is None


async def test_what_is_being_sent_cannot_be_stopped(orders: Orders):
    await orders.begin(ORDER)
    await orders.claim(101, ORDER.id, "me")
    await orders.sending(ORDER, "me", 60)
    assert await orders.stop(101, ORDER.id) is State.SENDING
    assert await orders.stop(101, "00000000") is None
    assert await orders.stop(202, ORDER.id) is None


async def test_only_what_nobody_works_on_is_due(orders: Orders, clock: Clock, redis: Redis):
    await orders.begin(ORDER)
    assert await orders.due() == []
    clock.now += OVERDUE
    assert await orders.due() == [(101, ORDER.id)]
    assert await orders.due() == []
    await orders.claim(101, ORDER.id, "me")
    clock.now += OVERDUE
    assert await orders.due() == []
    clock.now += LEASE
    assert await orders.due() == [(101, ORDER.id)]
    await orders.stop(101, ORDER.id)
    assert await orders.due() == []
    assert await redis.scard(ExportsKey.name) == 0


async def test_a_clean_end_hands_it_over_at_once(orders: Orders):
    await orders.begin(ORDER)
    await orders.claim(101, ORDER.id, "me")
    assert await orders.settle(ORDER, "me", State.RUNNING, State.WAITING)
    assert await orders.claim(101, ORDER.id, "other")


async def test_an_order_of_another_version_is_no_order(orders: Orders, redis: Redis):
    await orders.begin(ORDER)
    await redis.hset("{tg_session:101}:export", "order", '{"strange": 1}')
    assert await orders.current(101) is None
    assert await orders.claim(101, ORDER.id, "me") is None


async def test_it_works_on_a_cluster(cluster: RedisCluster):
    orders = Orders(cluster)
    assert await orders.begin(ORDER)
    assert await orders.claim(101, ORDER.id, "me")
    assert await orders.keep(ORDER, "me", 5)
    assert await orders.due() == []
    assert await orders.stop(101, ORDER.id) is State.STOPPED
