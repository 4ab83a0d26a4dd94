"""A bot that is killed while it runs a round of random coffee: another one goes on, and there is one round."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from handlers.community.coffee import scheduled
from sandbox.crm.groups.community.tables import RoundRow, ScheduleRow
from services.keys import CoffeeSeenKey
from tests.support.errands import sent_out
from tests.support.stage import Stage, until

ROUNDS = "/api/v2/community/coffee/rounds"
ZONE = ZoneInfo("Asia/Almaty")


def due(stage: Stage) -> None:
    """A round was due a few minutes ago."""
    here = datetime.now(ZONE) - timedelta(minutes=3)
    kept = dict(stage.crm.rows(ScheduleRow)[0]["settings"])
    values = {
        "weekdays": [here.weekday()],
        "time": f"{here:%H:%M}",
        "timezone": "Asia/Almaty",
        "holidays": [],
    }
    with stage.crm.room.db.session() as session:
        session.execute(update(ScheduleRow).values(settings=kept | values))


async def known(stage: Stage) -> None:
    """The bot has known the schedule for long."""
    await sent_out(stage.redis.url, scheduled.JOB)
    with stage.redis.client() as client:
        await until(lambda: client.exists(CoffeeSeenKey.name))
        client.hset(CoffeeSeenKey.name, "since", "1")


def commits(stage: Stage) -> list[Any]:
    return [one for one in stage.crm.requests_to(f"{ROUNDS}$") if one.method == "POST"]


def lapse(stage: Stage) -> None:
    """The claim of a dead bot runs out."""
    with stage.redis.client() as client:
        for name in client.keys("once:coffee_run:*"):
            client.delete(name)


@pytest.mark.parametrize("fault", ["delay", "hang"], ids=["after the backend began", "before it did"])
async def test_killed_while_it_stores_the_round_there_is_one(pair: Stage, fault: str):
    before = len(pair.crm.rows(RoundRow))
    async with pair.bot(0) as first:
        await pair.registered()
        await pair.signed_in("administrator")
        due(pair)
        await known(pair)
        pair.crm.faults.add(fault, f"{ROUNDS}$", method="POST", delay=4.0)
        await sent_out(pair.redis.url, scheduled.JOB)
        await until(lambda: commits(pair))
        async with pair.bot(1):
            await first.kill()
            pair.crm.faults.clear()
            await asyncio.sleep(5.0)
            lapse(pair)
            for _ in range(3):
                await sent_out(pair.redis.url, scheduled.JOB)
            await until(lambda: len(pair.crm.rows(RoundRow)) == before + 1)
            lapse(pair)
            await sent_out(pair.redis.url, scheduled.JOB)
            await asyncio.sleep(2.0)
    assert len(pair.crm.rows(RoundRow)) == before + 1


async def test_two_replicas_that_are_told_at_once_store_one(pair: Stage):
    before = len(pair.crm.rows(RoundRow))
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        await pair.signed_in("administrator")
        due(pair)
        await known(pair)
        for _ in range(6):
            await sent_out(pair.redis.url, scheduled.JOB)
        await until(lambda: len(pair.crm.rows(RoundRow)) == before + 1)
        lapse(pair)
        for _ in range(3):
            await sent_out(pair.redis.url, scheduled.JOB)
        await asyncio.sleep(3.0)
    assert len(pair.crm.rows(RoundRow)) == before + 1
    assert len(commits(pair)) == 1
