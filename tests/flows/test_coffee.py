"""Random coffee: who may what, a round looked through, changed, stored and taken back, and its history."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from keyboards.callbacks import Go, Press, to_base36
from sandbox.crm.groups.community.tables import BarRow, GroupRow, MemberRow
from tests.flows.coffee_stage import (
    READERS,
    ROUNDS,
    STRANGERS,
    WRITERS,
    ZONE,
    all_groups,
    audited,
    bare,
    commits,
    drawn_groups,
    groups,
    heard,
    members_of,
    moving,
    name_of,
    opened,
    prepared,
    rounds,
    stored,
    version,
    written,
)
from tests.flows.conftest import Stage
from tests.matrix.test_access import keyed
from tests.support.stage import until

# --- who may what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", READERS)
async def test_who_may_read_sees_rounds_and_schedule(stage: Stage, role: str):
    hand = await opened(await stage.hand(role))
    assert "of 52" in hand.text
    assert hand.sees("coffee_rounds.action.prepare") == (role in WRITERS)
    await hand.tap(hand.labels[0])
    assert hand.sees("coffee_rounds.action.groups")
    await hand.tap("nav.back", "coffee_rounds.action.schedule")
    assert hand.t("coffee_schedule.field.next_run_at") in hand.text
    assert hand.sees("card.edit") == (role in WRITERS)
    await hand.tap("nav.back")
    assert hand.t("coffee_rounds.title") in hand.text


async def test_the_schedule_opens_as_a_card_from_the_menu(stage: Stage):
    hand = await (await stage.hand("government")).say("/menu")
    await hand.tap("module.community")
    hub = hand.seen()
    await hand.tap("coffee_schedule.title")
    assert hand.t("coffee_schedule.field.weekdays") in hand.text
    await hand.tap("nav.back")
    assert hand.seen() == hub


@pytest.mark.parametrize("role", STRANGERS)
async def test_others_see_nothing_of_it(stage: Stage, role: str):
    hand = await stage.hand(role)
    stage.crm.clear_requests()
    for go in (
        Go(Press.LIST, "cf"), Go(Press.LIST, "cs"), Go(Press.CARD, "cf", 5), Go(Press.CARD, "cs", 1),
        Go(Press.TOOL, "cf", arg="pr"), Go(Press.TOOL, "cf", arg="sc"), Go(Press.ACTION, "cf", 5, "gr"),
        Go(Press.MATCH_REPORT, "cf", arg="1"), Go(Press.MATCH, "cf"),
    ):  # fmt: skip
        await hand.forge(go.pack())
    assert not stage.crm.requests_to("/community/")


@pytest.mark.parametrize("role", ["government", *STRANGERS])
async def test_forged_writes_are_refused(stage: Stage, role: str):
    hand = await stage.hand(role)
    today = datetime.now(ZONE)
    stage.crm.clear_requests()
    for go in (
        Go(Press.MATCH_SOLVE, "cf", arg=f"d{today:%Y%m%d}"), Go(Press.MATCH_SOLVE, "cf", arg="abc-a"),
        Go(Press.MATCH, "cf"), Go(Press.MATCH_TURN, "cf", arg="abc-l1"), Go(Press.MATCH_NOW, "cf", arg="abc"),
        Go(Press.DEED, "cf", 5, "rb"), Go(Press.EDIT, "cs", 1), Go(Press.TOOL, "cf", arg="pr"),
    ):  # fmt: skip
        data = keyed(stage, hand, go) if go.op == Press.MATCH_NOW else go.pack()
        assert await hand.forge(data) in (hand.t("error.forbidden_toast"), ""), go
    await asyncio.sleep(0.5)
    assert written(stage) == []
    assert not stage.crm.requests_to("/coffee/candidates")


# --- history ----------------------------------------------------------------------------------------------


async def test_a_round_shows_who_met_whom_and_how_it_was(stage: Stage):
    last = rounds(stage)[-1]
    hand = await stage.hand("government")
    await hand.open(last["id"], "cf")
    made = groups(stage, last["id"])
    assert f"{hand.t('coffee_rounds.field.size')}: {len(made)}" in hand.text
    await hand.tap("coffee_rounds.action.groups")
    first = next(row for row in stage.crm.rows(GroupRow) if row["round_id"] == last["id"])
    assert " · ".join(name_of(stage, one) for one in first["member_ids"]) in hand.text
    await hand.tap("pager.next", "2 / ")
    pages = -(-len(made) // 8)
    await hand.tap(str(pages))
    assert f"of {len(made)}" in hand.text
    await hand.tap("nav.back", "coffee_rounds.action.feedback")
    assert "▓" in hand.text
    assert hand.t("coffee.answered") in hand.text


# --- preparing --------------------------------------------------------------------------------------------


async def test_a_round_is_stored_just_as_it_was_looked_at(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    assert stage.writes() == []
    first = drawn_groups(hand)
    # Two of different groups change places.
    await hand.tap(first[0], "⇄")
    chosen, other = first[0].split(" · ")[-2], first[1].split(" · ")[-1]
    assert hand.sees(f"● {chosen.removeprefix('🔁 ')}"[:12])
    await hand.tap(f"⇄ {other[:20]}")
    assert heard(hand, hand.t("coffee.swapped"))
    by_hand = [label for label in hand.labels if "✋" in label]
    assert by_hand
    assert hand.t("coffee.proof.hand") in hand.text
    # One of them stays when the rest is matched anew.
    await hand.tap(by_hand[0], "coffee.lock")
    assert hand.sees("coffee.unlock")
    await hand.tap("nav.back")
    locked = next(label for label in hand.labels if "🔒" in label)
    await hand.tap("coffee.again")
    await until(lambda: hand.sees("coffee.commit"))
    assert locked.split(" · ")[-1] in next(label for label in hand.labels if "🔒" in label)
    previewed = await all_groups(hand)
    assert stage.writes() == []
    await hand.tap("coffee.commit")
    assert len(rounds(stage)) == before
    await hand.tap("coffee.commit_now")
    assert heard(hand, hand.t("coffee.committed"))
    one = rounds(stage)[-1]
    assert len(rounds(stage)) == before + 1
    names = {row["id"]: row["full_name"] for row in stage.crm.rows(MemberRow)}
    made = [" · ".join(names[who] for who in sorted(group)) for group in groups(stage, one["id"])]
    assert sorted(made) == sorted(previewed)
    assert one["planned_for"] == datetime.now(ZONE).date()
    assert hand.sees("coffee_rounds.action.roll_back")
    (entry,) = await audited(stage, "commit")
    assert (entry.record_id, entry.after["groups"]) == (one["id"], len(made))
    # The preview is gone, and a button of it does nothing but say so.
    await hand.forge(Go(Press.MATCH, "cf", arg="abc-p1").pack())
    assert hand.t("coffee.gone") in hand.text


async def test_two_members_are_swapped_with_two_taps_across_pages(stage: Stage):
    hand = await prepared(stage)
    first = bare(drawn_groups(hand)[0]).split(" · ")[0]
    await hand.tap(drawn_groups(hand)[0], "⇄", "pager.next")
    assert hand.t("coffee.swap_with", name=first) in hand.text
    other = next(label for label in hand.labels if label.startswith("⇄"))
    await hand.tap(other)
    assert len([label for label in hand.labels if "✋" in label]) >= 1
    await hand.say(first)
    assert other.removeprefix("⇄ ") not in bare(drawn_groups(hand)[0])


async def test_a_group_says_why_it_meets(stage: Stage):
    hand = await prepared(stage)
    await hand.tap(drawn_groups(hand)[0])
    assert hand.t("coffee.why.new") in hand.text or "week" in hand.text
    await hand.tap("nav.back")
    assert hand.sees("coffee.commit")


async def test_a_typed_name_finds_the_group_and_a_number_the_page(stage: Stage):
    hand = await prepared(stage)
    await hand.say("3")
    assert "17–24 of" in hand.text
    name = bare(drawn_groups(hand)[2]).split(" · ")[1]
    await hand.say(name)
    assert hand.sees(name)
    await hand.say("nobody at all")
    assert hand.t("list.nothing_found") in hand.text


async def test_a_button_of_an_earlier_version_changes_nothing(stage: Stage):
    hand = await prepared(stage)
    await hand.tap(drawn_groups(hand)[0])
    lock, choose = hand.data("coffee.lock"), hand.data("⇄")
    await hand.tap("coffee.lock", "nav.back")
    shown = hand.seen()
    for data in (lock, choose):
        await hand.forge(data)
        assert hand.t("coffee.stale") in hand.text
    await hand.say("1")
    assert hand.seen() == shown
    stale = Go.unpack(lock)
    assert stale is not None
    go = Go(Press.MATCH_NOW, "cf", arg=stale.arg.partition("-")[0])
    await hand.forge(keyed(stage, hand, go))
    assert written(stage) == []
    assert hand.t("coffee.stale") in hand.text


async def test_a_bar_keeps_a_swap_from_being_made(stage: Stage):
    hand = await prepared(stage)
    one, other = (await members_of(hand, 0))[0], (await members_of(hand, 1))[0]
    await hand.tap("coffee.drop")
    with stage.crm.room.db.session() as session:
        session.add(BarRow(a_id=min(one, other), b_id=max(one, other), created_by=1))
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.commit"))
    await hand.forge(Go(Press.MATCH, "cf", arg=f"{version(hand)}-g{to_base36(one)}").pack())
    partner = next(who for who in moving(hand) if who != one)
    await hand.forge(Go(Press.MATCH_TURN, "cf", arg=f"{version(hand)}-k{to_base36(partner)}").pack())
    await hand.forge(Go(Press.MATCH_TURN, "cf", arg=f"{version(hand)}-s{to_base36(other)}").pack())
    names = [name_of(stage, who) for who in sorted((one, other))]
    assert heard(hand, hand.t("coffee.refused.barred", a=names[0], b=names[1]))


async def test_dropping_it_leaves_nothing(stage: Stage):
    hand = await prepared(stage)
    await hand.tap("coffee.drop")
    assert heard(hand, hand.t("coffee.dropped"))
    assert not hand.sees("👀")
    assert written(stage) == []


async def test_it_is_found_again_and_is_nobody_else_s(stage: Stage):
    hand = await prepared(stage)
    await opened(hand)
    await hand.tap("coffee_rounds.action.prepare", "👀")
    assert hand.sees("coffee.commit")
    other = await opened(await stage.hand("super_admin", name="Berik", user_id=4200))
    await other.tap("coffee_rounds.action.prepare")
    assert not other.sees("👀")
    await other.forge(hand.data("coffee.commit"))
    assert other.t("coffee.gone") in other.text


async def test_two_store_at_once_and_the_second_is_told_why_not(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    other = await prepared(stage, "super_admin", name="Berik", user_id=4300)
    for one in (hand, other):
        await one.tap("coffee.commit")
    await asyncio.gather(hand.tap("coffee.commit_now"), other.tap("coffee.commit_now"))
    assert len(rounds(stage)) == before + 1
    won, lost = (hand, other) if hand.sees("coffee_rounds.action.groups") else (other, hand)
    assert heard(won, won.t("coffee.committed"))
    assert heard(lost, lost.t("coffee.not_committed"))
    assert "Another one can be stored from" in lost.text
    assert lost.sees("coffee.commit")
    (entry,) = [one for one in await audited(stage, "commit") if one.outcome == "refused"]
    assert entry.resource == "coffee_rounds"


async def test_somebody_who_is_not_due_any_more_is_named(stage: Stage):
    hand = await prepared(stage)
    name = bare(drawn_groups(hand)[0]).split(" · ")[0]
    with stage.crm.room.db.session() as session:
        session.execute(update(MemberRow).where(MemberRow.full_name == name).values(coffee_enabled=False))
    await stored(hand)
    assert heard(hand, hand.t("coffee.not_committed"))
    assert name in hand.text.split("\n")[0]


async def test_a_lost_answer_is_found_again(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    stage.crm.faults.add("reset", f"{ROUNDS}$", method="POST", after=True)
    await stored(hand)
    assert heard(hand, hand.t("coffee.committed"))
    assert len(rounds(stage)) == before + 1


async def test_a_double_tap_stores_one(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    await hand.tap("coffee.commit")
    data = hand.data("coffee.commit_now")
    await asyncio.gather(hand.forge(data), hand.forge(data))
    await hand.forge(data)
    assert len(rounds(stage)) == before + 1
    assert len(commits(stage)) == 1


async def test_a_round_is_taken_back_until_somebody_knows(stage: Stage):
    hand = await stored(await prepared(stage))
    one = rounds(stage)[-1]
    await hand.tap("coffee_rounds.action.roll_back")
    await hand.say("Wrong day")
    await hand.tap("form.save")
    assert rounds(stage)[-1]["status"] == "rolled_back"
    assert rounds(stage)[-1]["rollback_reason"] == "Wrong day"
    assert not hand.sees("coffee_rounds.action.roll_back")
    # Another one may be stored at once: it never was.
    await opened(hand)
    await hand.tap("coffee_rounds.action.prepare")
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.commit"))
    await stored(hand)
    assert rounds(stage)[-1]["id"] > one["id"]
    with stage.crm.room.db.session() as session:
        told = datetime.now(UTC).replace(tzinfo=None)
        session.execute(
            update(GroupRow).where(GroupRow.round_id == rounds(stage)[-1]["id"]).values(notified_at=told)
        )
    await hand.tap("coffee_rounds.action.roll_back")
    assert hand.t("deed.not_now") in hand.text


async def test_too_few_people_are_said(stage: Stage):
    with stage.crm.room.db.session() as session:
        session.execute(update(MemberRow).values(coffee_enabled=False))
    hand = await opened(await stage.hand("administrator"))
    await hand.tap("coffee_rounds.action.prepare")
    assert hand.t("coffee.too_few") in hand.text
    assert not [label for label in hand.labels if label.startswith("🎲")]
    go = Go(Press.MATCH_SOLVE, "cf", arg=f"d{datetime.now(ZONE):%Y%m%d}")
    await hand.forge(go.pack())
    await until(lambda: hand.sees("coffee.try_again"))
    assert hand.t("coffee.too_few") in hand.text


async def test_a_crm_that_is_away_leaves_a_way_on(stage: Stage):
    hand = await opened(await stage.hand("administrator"))
    await hand.tap("coffee_rounds.action.prepare")
    stage.crm.faults.add("status", "/coffee/history", status=503)
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.try_again"))
    assert hand.t("coffee.unavailable") in hand.text
    stage.crm.faults.clear()
    await hand.tap("coffee.try_again")
    await until(lambda: hand.sees("coffee.commit"))


async def test_looking_on_as_another_role_writes_nothing(stage: Stage):
    hand = await stage.hand("super_admin")
    await hand.say("/admin")
    await hand.tap("look.title", "role.administrator")
    await opened(hand)
    await hand.tap("coffee_rounds.action.prepare")
    said = await hand.forge(hand.data(next(label for label in hand.labels if label.startswith("🎲"))))
    assert said == hand.t("look.blocked")
    said = await hand.forge(Go(Press.MATCH_REPORT, "cf", arg="1").pack())
    assert said == hand.t("look.blocked")
    await asyncio.sleep(0.5)
    assert not stage.crm.requests_to("/coffee/history")
    assert written(stage) == []
