"""The inbox as several persons use it at once: one bot that polls, or two replicas behind a webhook."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.decisions import WINDOW
from tests.flows.hand import Hand
from tests.support.deciding import (
    at,
    calls,
    carried_out,
    decider,
    from_the_first,
    go_to,
    open_decisions,
    state,
)
from tests.support.replicas import MODES, serving, via
from tests.support.stage import Stage, until


@pytest.fixture(params=MODES)
def several(request: pytest.FixtureRequest) -> Stage:
    """A stage whose bot polls, and one with two replicas."""
    found = request.getfixturevalue("polled" if request.param == "polling" else "pair")
    assert isinstance(found, Stage)
    return found


async def two(stage: Stage) -> tuple[Hand, Hand]:
    """An administrator and a super admin with the inbox open."""
    first = await decider(stage, "administrator", user_id=7001)
    return first, await decider(stage, "super_admin", name="Bek", user_id=7002)


def minutes() -> set[str]:
    """The last two minutes as the bot shows them."""
    now = datetime.now(ZoneInfo("Asia/Almaty"))
    return {f"{now.hour:02}:{now.minute:02}", f"{now.hour:02}:{(now.minute - 1) % 60:02}"}


async def test_two_approve_the_same_record_at_the_same_moment(several: Stage):
    async with serving(several):
        ann, bek = await two(several)
        for round_ in range(4):
            number = several.pending_events()[round_]
            for hand in (ann, bek):
                await go_to(hand, number)
            assert at(ann) == at(bek) == number
            # One after the other in the turns of the webhook: each press has a replica of its own.
            await asyncio.gather(ann.tap("card.approve"), bek.tap("card.approve"))
            (decision,) = open_decisions(several).values()
            winner, loser = (ann, bek) if decision["user_id"] == ann.person.id else (bek, ann)
            assert winner.toast == winner.t("approvals.toast_approved")
            assert loser.toast != loser.t("approvals.toast_approved")
            assert decision["name"] in loser.text, loser.text
            await carried_out(several, number)
            await asyncio.sleep(0.6)
            assert calls(several)[number] == 1
            # Later, too, whoever comes to it reads who was first, and when.
            await go_to(loser, number)
            said = {loser.t("approvals.was.approved", name=decision["name"], time=one) for one in minutes()}
            assert any(one in loser.text for one in said), (said, loser.text)
        assert sum(calls(several).values()) == 4


async def test_two_approve_on_the_full_card_at_the_same_moment(several: Stage):
    async with serving(several):
        ann, bek = await two(several)
        for number in several.pending_events()[:4]:
            for hand in (ann, bek):
                await hand.open(number)
            await asyncio.gather(ann.tap("card.approve"), bek.tap("card.approve"))
            assert calls(several)[number] == 1
            assert state(several, number) == "approved"
            names = {several.crm.admin(login).name for login in ("administrator", "super_admin")}
            told = [name for name in names for hand in (ann, bek) if name in hand.text]
            assert told, (ann.text, bek.text)


async def test_who_has_it_open_is_seen_by_others_wherever_they_are_served(several: Stage):
    async with serving(several):
        ann, bek = await two(several)
        number = several.pending_events()[0]
        via(several, 0)
        await go_to(ann, number)
        via(several, -1)
        await go_to(bek, number)
        name = several.crm.admin("administrator").name
        assert bek.t("approvals.viewed_by", names=name) in bek.text
        # Nobody is told of themselves.
        assert several.crm.admin("super_admin").name not in bek.text


async def test_who_hops_between_replicas_keeps_the_place(several: Stage):
    async with serving(several):
        ann = await decider(several, "administrator")
        await from_the_first(ann)
        seen, total = [], None
        for number in range(1, 9):
            ids = ann.text.split("\n")[0]
            total = total or ids.split(" · ")[0].rpartition(" ")[2]
            assert ids.startswith(ann.t("approvals.position", number=number, total=total)), ids
            seen.append(ann.data("approvals.full"))
            await ann.tap("approvals.skip")
        assert len(set(seen)) == 8


async def test_undo_is_pressed_on_the_other_replica(several: Stage):
    async with serving(several):
        ann = await decider(several, "administrator")
        await from_the_first(ann)
        number = at(ann)
        via(several, 0)
        await ann.tap("card.approve")
        via(several, -1)
        await ann.tap("approvals.undo")
        assert ann.toast == ann.t("approvals.undone")
        assert at(ann) == number
        await asyncio.sleep(WINDOW + 1.5)
        assert calls(several) == {}
        assert state(several, number) == "pending"
        # It can be decided anew, and that counts.
        await ann.tap("card.approve")
        await until(lambda: calls(several)[number] == 1, WINDOW + 5)
