"""A bot that is killed while it tells members of a coffee round: each is told once or named as unclear, never twice."""

from __future__ import annotations

import asyncio
import signal
import time

import psutil
import pytest

from handlers.community.coffee import scheduled
from handlers.community.telling.running import AT_ONCE
from sandbox.crm.groups.community.tables import RoundRow
from sandbox.telegram import Person
from services.keys import TellingKey
from services.tellings import PACE, Line, Standing, State
from tests.faults.figures import Figures
from tests.faults.test_coffee import due, known
from tests.support import community
from tests.support.errands import sent_out
from tests.support.stage import Stage, until

NOTIFIED = "/notified$"
COFFEE = "Your random coffee"
GROUPS = 10
MANY = 240


def lapse(stage: Stage, round_id: int) -> None:
    """The lease of a dead bot runs out."""
    with stage.redis.client() as client:
        client.hset(TellingKey("coffee", round_id).name, mapping={"until": "0", "asked": "0"})


async def round_of_many(stage: Stage) -> tuple[int, list[int], list[Person], tuple[int, int]]:
    """A round, its members with their chats, and the admin who orders that they are told."""
    admin = await stage.signed_in("administrator")
    ids = community.members(stage.crm, 2 * GROUPS)
    chats = [community.with_chat(stage.crm, stage.telegram, one) for one in ids]
    groups = [ids[number : number + 2] for number in range(0, len(ids), 2)]
    round_id = community.coffee_round(stage.crm, *groups)
    return round_id, ids, chats, (admin.id, stage.crm.admin_id("administrator"))


def received(chats: list[Person]) -> int:
    return sum(community.received(chats, COFFEE).values())


def check(stage: Stage, round_id: int, found: Standing, ids: list[int], chats: list[Person]) -> None:
    """Everybody was told once, or is named as one of whom that is not known; every group is noted as told."""
    got = community.received(chats, COFFEE)
    assert found.state is State.DONE
    assert {member for member, _ in found.lines} == set(ids)
    for member, chat in zip(ids, chats, strict=True):
        line = Line.of(found.lines[member, "telegram"])
        assert line in (Line.SENT, Line.UNCLEAR)
        assert got[chat.id] == 1 or (line is Line.UNCLEAR and got[chat.id] == 0), (member, line, got[chat.id])
    assert all(row["notified_at"] for row in community.groups_of(stage.crm, round_id))
    (row,) = [one for one in stage.crm.rows(RoundRow) if one["id"] == round_id]
    assert row["status"] == "notified"


MOMENTS = ["begun", "first", "middle", "in flight", "at the CRM", "late"]


async def moment(stage: Stage, which: str, chats: list[Person]) -> None:
    """Returns when the work has come that far."""
    if which == "begun":
        await until(lambda: stage.crm.requests_to("/coffee/rounds/"), pause=0.002)
    elif which == "in flight":
        await until(
            lambda: len(stage.telegram.calls.of("sendMessage")) > 4 or received(chats) > 3, pause=0.002
        )
    elif which == "at the CRM":
        await until(lambda: stage.crm.requests_to(NOTIFIED), pause=0.002)
    else:
        wanted = {"first": 1, "middle": GROUPS, "late": 2 * GROUPS - 1}[which]
        await until(lambda: received(chats) >= wanted, pause=0.002)


def slow(stage: Stage, which: str) -> None:
    """Makes the moment long enough to be met."""
    if which == "in flight":
        stage.telegram.faults.add("latency", method="sendMessage", seconds=0.6)
    if which == "at the CRM":
        stage.crm.faults.add("delay", NOTIFIED, delay=2.0)


@pytest.mark.parametrize("which", MOMENTS)
async def test_killed_and_started_again_everybody_is_told_once_or_named(polled: Stage, which: str):
    async with polled.bot(0) as first:
        round_id, ids, chats, by = await round_of_many(polled)
        slow(polled, which)
        await community.ordered(polled.redis.url, "coffee", round_id, *by)
        await moment(polled, which, chats)
        await first.kill()
    polled.crm.faults.clear()
    polled.telegram.faults.clear()
    # What Telegram took before the process died arrives.
    await asyncio.sleep(1.0)
    lapse(polled, round_id)
    async with polled.bot(1):
        found = await community.over(polled.redis.url, "coffee", round_id, 40)
        check(polled, round_id, found, ids, chats)
        assert len(found.members(Line.UNCLEAR)) <= AT_ONCE
        for _ in range(3):
            await community.ordered(polled.redis.url, "coffee", round_id, *by)
        await asyncio.sleep(1.0)
        assert received(chats) <= len(ids)
        check(polled, round_id, found, ids, chats)


@pytest.mark.parametrize("which", ["first", "in flight", "at the CRM"])
async def test_another_replica_goes_on_while_both_are_asked_again_and_again(pair: Stage, which: str):
    async with pair.bot(0) as first:
        await pair.registered()
        round_id, ids, chats, by = await round_of_many(pair)
        slow(pair, which)
        await community.ordered(pair.redis.url, "coffee", round_id, *by)
        await moment(pair, which, chats)
        async with pair.bot(1):
            # The first one is at it: nobody else touches it.
            for _ in range(3):
                await community.ordered(pair.redis.url, "coffee", round_id, *by)
            await first.kill()
            pair.crm.faults.clear()
            pair.telegram.faults.clear()
            await asyncio.sleep(1.0)
            lapse(pair, round_id)
            found = await community.over(pair.redis.url, "coffee", round_id, 40)
            check(pair, round_id, found, ids, chats)


async def test_two_replicas_that_are_told_at_once_tell_everybody_once(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        round_id, ids, chats, by = await round_of_many(pair)
        for _ in range(8):
            await community.ordered(pair.redis.url, "coffee", round_id, *by)
        found = await community.over(pair.redis.url, "coffee", round_id, 40)
        check(pair, round_id, found, ids, chats)
        assert not found.members(Line.UNCLEAR)
        assert len(pair.crm.requests_to(NOTIFIED)) == GROUPS


async def test_sigterm_in_the_middle_leaves_nothing_unclear(pair: Stage):
    async with pair.bot(0) as first:
        await pair.registered()
        round_id, ids, chats, by = await round_of_many(pair)
        slow(pair, "in flight")
        await community.ordered(pair.redis.url, "coffee", round_id, *by)
        await moment(pair, "in flight", chats)
        async with pair.bot(1):
            first.signal(signal.SIGTERM)
            await first.gone()
            pair.telegram.faults.clear()
            lapse(pair, round_id)
            found = await community.over(pair.redis.url, "coffee", round_id, 60)
            check(pair, round_id, found, ids, chats)
            assert not found.members(Line.UNCLEAR)


async def test_a_flood_limit_met_by_one_replica_is_obeyed_by_the_other(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        round_id, ids, _chats, by = await round_of_many(pair)
        other = community.coffee_round(pair.crm, *(ids[number : number + 2] for number in range(0, 8, 2)))
        pair.telegram.faults.add("flood", method="sendMessage", times=1, seconds=3)
        pair.telegram.clear_calls()
        for one in (round_id, other):
            await community.ordered(pair.redis.url, "coffee", one, *by)
        for one in (round_id, other):
            found = await community.over(pair.redis.url, "coffee", one, 40)
            assert not found.members(Line.UNCLEAR, Line.FAILED)
        calls = pair.telegram.calls.of("sendMessage")
        refused = next(call.at for call in calls if call.status == 429)
        # What was on its way already may still arrive.
        hasty = [call for call in calls if refused + 0.5 < call.at < refused + 2.8]
        assert hasty == []


async def test_killed_between_a_scheduled_round_and_its_telling_its_people_are_told(pair: Stage):
    async with pair.bot(0) as first:
        await pair.registered()
        await pair.signed_in("administrator")
        due(pair)
        await known(pair)
        before = {row["id"] for row in pair.crm.rows(RoundRow)}
        # The backend stores it at once and answers late: nobody else has heard of it when the bot dies.
        pair.crm.faults.add("delay", "/coffee/rounds$", method="POST", delay=4.0)
        await sent_out(pair.redis.url, scheduled.JOB)
        await until(lambda: {row["id"] for row in pair.crm.rows(RoundRow)} - before)
        async with pair.bot(1):
            await first.kill()
            pair.crm.faults.clear()
            await asyncio.sleep(1.0)
            with pair.redis.client() as client:
                for name in client.keys("once:coffee_run:*"):
                    client.delete(name)
            await sent_out(pair.redis.url, scheduled.JOB)
            (round_id,) = {row["id"] for row in pair.crm.rows(RoundRow)} - before
            with pair.redis.client() as client:
                await until(lambda: client.exists(TellingKey("coffee", round_id).name))
            found = await community.over(pair.redis.url, "coffee", round_id, 60)
            assert found.state is State.DONE
            assert all(row["notified_at"] for row in community.groups_of(pair.crm, round_id))


async def test_many_are_told_as_fast_as_telegram_takes_it(pair: Stage, figures: Figures):
    """Two rounds at once, a replica for each: together they keep the pace that one bot may have."""
    async with pair.bot(0) as first, pair.bot(1) as second:
        await pair.registered()
        admin = await pair.signed_in("administrator")
        ids = community.members(pair.crm, MANY)
        chats = [community.with_chat(pair.crm, pair.telegram, one) for one in ids]
        half = len(ids) // 4 * 2
        rounds = [
            community.coffee_round(pair.crm, *(part[number : number + 2] for number in range(0, half, 2)))
            for part in (ids[:half], ids[half : 2 * half])
        ]
        bots = [psutil.Process(one.pid) for one in (first, second)]
        idle = -_cpu(bots)
        await asyncio.sleep(3.0)
        idle += _cpu(bots)
        before, began = _cpu(bots), time.monotonic()
        pair.telegram.clear_calls()
        for one in rounds:
            await community.ordered(
                pair.redis.url, "coffee", one, admin.id, pair.crm.admin_id("administrator")
            )
        for one in rounds:
            await community.over(pair.redis.url, "coffee", one, 60)
        took, busy = time.monotonic() - began, _cpu(bots) - before
        got = community.received(chats[: 2 * half], COFFEE)
        assert set(got.values()) == {1}
        sent = sorted(call.at for call in pair.telegram.calls.of("sendMessage") if call.status == 200)
        pace = (len(sent) - 1) / (sent[-1] - sent[0])
        most = max(sum(at <= other < at + 1 for other in sent) for at in sent)
        figures.note(
            "messages to members, two replicas", messages=len(sent), seconds=round(took, 1),
            messages_per_s=round(pace, 1), most_in_one_s=most, cpu_share_of_a_core=f"{100 * busy / took:.1f} %",
            both_idle=f"{100 * idle / 3:.1f} %",
            cpu_ms_per_message=round(1000 * busy / len(sent), 1),
        )  # fmt: skip
        # Telegram refuses from about thirty a second on; half the pace is left to a machine that does much else.
        assert most <= 30
        assert pace > PACE / 2


def _cpu(processes: list[psutil.Process]) -> float:
    """Seconds of CPU that these have taken."""
    return sum(one.cpu_times().user + one.cpu_times().system for one in processes)
