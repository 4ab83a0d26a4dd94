"""A bot that is killed while it sends a scheduled broadcast: another one goes on, and nobody gets it twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from handlers.broadcasts import sending
from sandbox.crm.groups.broadcasts.tables import Broadcast, Delivery
from services.keys import OnceKey
from tests.support.errands import sent_out
from tests.support.stage import Stage, until


def scheduled(stage: Stage) -> int:
    """The id of a broadcast that is due."""
    due = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)
    author = stage.crm.admin_id("administrator")
    with stage.crm.room.db.session() as session:
        one = Broadcast(title="Due", message="Hi", status="scheduled", scheduled_at=due, created_by=author)
        session.add(one)
        session.flush()
        return one.id


def status(stage: Stage, number: int) -> str:
    return next(one["status"] for one in stage.crm.rows(Broadcast) if one["id"] == number)


def messages(stage: Stage, number: int) -> Counter[str]:
    """How many messages each recipient got."""
    rows = stage.crm.rows(Delivery)
    return Counter(one["telegram_user_id"] for one in rows if one["broadcast_id"] == number)


def lapse(stage: Stage, *numbers: int) -> None:
    """The claims of a dead bot run out."""
    with stage.redis.client() as client:
        for number in numbers:
            client.delete(OnceKey(f"broadcast_send:{number}").name)


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize("fault", ["delay", "hang"], ids=["after the backend began", "before it did"])
async def test_killed_in_the_middle_it_is_sent_once_by_the_next(
    polled: Stage, pair: Stage, mode: str, fault: str
):
    stage = polled if mode == "polling" else pair
    numbers = [scheduled(stage) for _ in range(3)]
    async with stage.bot(0) as first, AsyncExitStack() as stack:
        if mode == "webhook":
            await stage.registered()
        people = [await stage.signed_in("administrator"), await stage.signed_in("npo", name="Bek")]
        stage.crm.faults.add(fault, "/send$", delay=4.0)
        await sent_out(stage.redis.url, sending.JOB)
        await until(lambda: stage.crm.requests_to(f"/api/v1/broadcasts/{numbers[0]}/send"))
        if mode == "webhook":
            await stack.enter_async_context(stage.bot(1))
        await first.kill()
        if mode == "polling":
            # Two that poll would take each other's updates.
            await stack.enter_async_context(stage.bot(1))
        stage.crm.faults.clear()
        # While the claim of the dead one stands, nobody touches what it held.
        await sent_out(stage.redis.url, sending.JOB)
        await until(lambda: all(status(stage, one) == "sent" for one in numbers[1:]))
        assert len(stage.crm.requests_to(f"/api/v1/broadcasts/{numbers[0]}/send")) == 1
        lapse(stage, *numbers)
        for _ in range(2):
            await sent_out(stage.redis.url, sending.JOB)
        await until(lambda: status(stage, numbers[0]) == "sent")
        lapse(stage, *numbers)
        await sent_out(stage.redis.url, sending.JOB)
    expected = Counter({str(person.id): 1 for person in people})
    assert [messages(stage, number) for number in numbers] == [expected] * 3


async def test_two_replicas_that_are_told_at_once_send_it_once(pair: Stage):
    number = scheduled(pair)
    path = f"/api/v1/broadcasts/{number}/send"
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        person = await pair.signed_in("administrator")
        # The backend does nothing yet, so that its state keeps nobody from sending it, too.
        pair.crm.faults.add("hang", path)
        for _ in range(6):
            await sent_out(pair.redis.url, sending.JOB)
        await until(lambda: pair.crm.requests_to(path))
        await asyncio.sleep(3.0)
        assert len(pair.crm.requests_to(path)) == 1
        pair.crm.faults.clear()
        lapse(pair, number)
        for _ in range(3):
            await sent_out(pair.redis.url, sending.JOB)
        await until(lambda: status(pair, number) == "sent")
    assert messages(pair, number) == Counter({str(person.id): 1})
