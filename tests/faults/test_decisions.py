"""kill -9 while decisions can still be undone, and while they are carried out: each is carried out exactly once."""

from __future__ import annotations

import asyncio

import pytest

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.volunteers.tables import Purchase, VolunteerBalance
from services.decisions import WINDOW
from services.keys import OnceKey
from tests.flows.hand import Hand
from tests.support.deciding import (
    at,
    calls,
    carried_out,
    decider,
    from_the_first,
    go_to,
    lapse,
    open_decisions,
    state,
)
from tests.support.nursery import Replica
from tests.support.stage import Stage, addresses, until

MODES = ("polling", "webhook", "two replicas")


def stage_of(mode: str, polled: Stage, hooked: Stage, pair: Stage) -> Stage:
    return {"polling": polled, "webhook": hooked, "two replicas": pair}[mode]


async def begun(stage: Stage, number: int = 0) -> Replica:
    """A replica that serves."""
    bot = await (await stage.bot(number).begin()).ready()
    if stage.ports:
        await stage.registered()
    return bot


async def approve(hand: Hand) -> int:
    """The id of the record that was approved; the next one is on the screen."""
    number = at(hand)
    await hand.tap("card.approve")
    return number


@pytest.mark.parametrize("mode", MODES)
async def test_one_kill_with_decisions_of_every_age_loses_none_and_repeats_none(
    mode: str, polled: Stage, hooked: Stage, pair: Stage
):
    stage = stage_of(mode, polled, hooked, pair)
    bot = await begun(stage)
    other: Replica | None = None
    try:
        hand = await decider(stage, "administrator")
        await from_the_first(hand)
        # Begun and done at the backend, whose answer never comes; begun and never done.
        answerless = at(hand)
        stage.crm.faults.add("hang", f"/{answerless}/approve$", after=True)
        await approve(hand)
        undone_there = at(hand)
        stage.crm.faults.add("hang", f"/{undone_there}/approve$")
        await approve(hand)
        await asyncio.sleep(2.0)
        rejected = at(hand)
        await hand.tap("card.reject", "reason.content.2")
        taken_back = await approve(hand)
        await hand.tap("approvals.undo")
        assert at(hand) == taken_back
        await hand.tap("approvals.skip")
        await asyncio.sleep(2.0)
        middle = await approve(hand)
        if mode == "two replicas":
            other = await begun(stage, 1)
        await until(lambda: {answerless, undone_there} <= set(calls(stage)), WINDOW + 5)
        # The youngest was pressed this very moment.
        youngest = at(hand)
        data = hand.data("card.approve")
        await hand.person.press(data, hand.screen.id)
        await until(lambda: f"ev:0:{youngest}" in open_decisions(stage))
        await bot.kill()
        assert calls(stage) == {answerless: 1, undone_there: 1}
        assert state(stage, answerless) == "approved"
        stage.crm.faults.clear()
        other = other or await begun(stage)

        await carried_out(stage, rejected, middle, youngest)
        # What the dead one had begun is left alone as long as it could still be at it.
        assert calls(stage) == dict.fromkeys((answerless, undone_there, rejected, middle, youngest), 1)
        for number in (answerless, undone_there):
            lapse(stage, number)
        await carried_out(stage, answerless, undone_there)
        await asyncio.sleep(1.5)
        await hand.person.settle(10)
        assert calls(stage) == {answerless: 1, undone_there: 2, rejected: 1, middle: 1, youngest: 1}
        assert state(stage, rejected) == "rejected"
        assert {state(stage, one) for one in (answerless, undone_there, middle, youngest)} == {"approved"}
        assert state(stage, taken_back) == "pending"
        assert open_decisions(stage) == {}
        assert hand.person.unanswered == []
        await _everybody_sees_it(stage, hand, answerless, rejected, taken_back)
    finally:
        await bot.kill()
        if other is not None:
            await other.kill()


async def _everybody_sees_it(stage: Stage, hand: Hand, approved: int, rejected: int, waiting: int) -> None:
    """The inbox of who decided, and the screens of somebody else."""
    await hand.say("/approvals")
    titles = {number: stage.event(number)["title"] for number in (approved, rejected, waiting)}
    for number, title in titles.items():
        await hand.say(title)
        shown = {go.id for go in map(Go.unpack, addresses(hand.screen)) if go.op == Press.TRIAGE}
        assert (number in shown) == (number == waiting), (number, title)
    bek = await decider(stage, "super_admin", name="Bek", user_id=7300)
    name = stage.crm.admin("administrator").name
    for number, word in ((approved, "approved"), (rejected, "rejected")):
        await go_to(bek, number)
        assert name in bek.text, bek.text
        assert word in bek.text.lower()
    await bek.open(waiting)
    assert bek.sees("card.approve")


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize("pause", [0.0, 0.02, 0.1], ids=["at once", "in between", "as it is stored"])
async def test_killed_right_after_the_press_it_is_decided_once(
    mode: str, pause: float, polled: Stage, hooked: Stage
):
    stage = polled if mode == "polling" else hooked
    bot = await begun(stage)
    try:
        hand = await decider(stage, "administrator")
        await from_the_first(hand)
        number, data = at(hand), hand.data("card.approve")
        stage.crm.faults.add("delay", f"/events/(admin/)?{number}", method="GET", delay=0.05)
        await hand.person.press(data, hand.screen.id)
        await asyncio.sleep(pause)
        await bot.kill()
        bot = await begun(stage)
        # The press comes again by itself; a person who saw nothing presses once more.
        await hand.person.settle(20)
        await hand.person.press(data, hand.screen.id, timeout=15, settle=True)
        await carried_out(stage, number)
        await asyncio.sleep(WINDOW + 1.5 if pause else 1.5)
        assert calls(stage) == {number: 1}
        assert hand.person.unanswered == []
    finally:
        await bot.kill()


@pytest.mark.parametrize("mode", ["polling", "two replicas"])
async def test_coins_go_back_once_although_the_bot_died_over_it(mode: str, polled: Stage, pair: Stage):
    """The backend gives them back each time it is told that a purchase is cancelled."""
    stage = polled if mode == "polling" else pair
    bot = await begun(stage)
    other: Replica | None = None
    try:
        hand = await decider(stage, "volunteer_admin")
        done, lost = [one["id"] for one in stage.crm.rows(Purchase) if one["status"] == "pending"][:2]
        purses = {number: purse(stage, number) for number in (done, lost)}
        stage.crm.faults.add("hang", f"/{done}/cancel$", after=True)
        stage.crm.faults.add("hang", f"/{lost}/cancel$")
        for number in (done, lost):
            await go_to(hand, number, "vu")
            await hand.tap("card.reject", "reason.purchases.1")
        if mode == "two replicas":
            other = await begun(stage, 1)
        await until(lambda: {done, lost} <= set(calls(stage)), WINDOW + 5)
        await bot.kill()
        stage.crm.faults.clear()
        other = other or await begun(stage)
        for _ in range(2):
            # Nobody can tell yet whether the one without effect is still under way: it is not repeated blindly.
            for number in (done, lost):
                lapse(stage, number, "vu")
            await until(lambda: "vu:0:" + str(done) not in open_decisions(stage))
            await asyncio.sleep(1.5)
            assert calls(stage) == {done: 1, lost: 1}
        with stage.redis.client() as client:
            (doubtful,) = client.keys(f"once:*:{lost}")
            assert 0 < client.ttl(doubtful) <= OnceKey.DOUBT
            client.delete(doubtful)
        lapse(stage, lost, "vu")
        await until(lambda: not open_decisions(stage))
        assert calls(stage) == {done: 1, lost: 2}
        for number, (before, cost) in purses.items():
            assert purse(stage, number)[0] - before == sum(
                purses[one][1] for one in purses if owner(stage, one) == owner(stage, number)
            ), (number, cost)
    finally:
        await bot.kill()
        if other is not None:
            await other.kill()


def owner(stage: Stage, number: int) -> int:
    return next(int(one["volunteer_id"]) for one in stage.crm.rows(Purchase) if one["id"] == number)


def purse(stage: Stage, number: int) -> tuple[int, int]:
    """The coins of whoever made that purchase, and what it cost."""
    cost = next(int(one["cost"]) for one in stage.crm.rows(Purchase) if one["id"] == number)
    rows = stage.crm.rows(VolunteerBalance)
    balance = next((int(one["balance"]) for one in rows if one["volunteer_id"] == owner(stage, number)), 0)
    return balance, cost
