"""Volunteer events and their roll call, applications with all that the backend does to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from keyboards.callbacks import Press
from sandbox.crm.groups.volunteers import tables
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.volunteering import (
    WRITERS,
    balance,
    fill,
    forge,
    poor,
    remove,
    row,
    rows,
    said,
    under,
)
from tests.matrix.strict import LOCALES

Application, Event = tables.VolunteerApplication, tables.VolunteerEvent


def waiting(stage: Stage, **wanted: Any) -> dict[str, Any]:
    """An approved application that nobody has marked, of a volunteer with a balance."""
    without = poor(stage)
    return next(
        one
        for one in rows(stage, Application, status="approved", attended=False, missed=False, **wanted)
        if one["volunteer_id"] not in without and row(stage, Event, one["event_id"])["is_active"]
    )


async def roll_call(stage: Stage, hand: Hand, event_id: int) -> Hand:
    """The roll call of that event."""
    await hand.open(event_id, "ve")
    return await hand.tap("event_applications.title")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("role", WRITERS)
async def test_a_new_event_from_the_first_step_to_its_card(stage: Stage, role: str, language: str):
    hand = await stage.hand(role, language)
    await hand.tap("module.volunteers", "volunteer_events.title", "list.new")
    await hand.say("Субботник <b>&")
    await hand.say("Сенбілік")
    await hand.say("25.12.2027 10:00")
    await hand.say("Орталық саябақ")
    await hand.tap("choice.volunteers_direction.5")
    stage.crm.clear_requests()
    await fill(hand, "Описание", None, "20", None, "30", None, None, "chat.whatsapp.com/x")
    made = rows(stage, Event)[0]
    assert (made["title"], made["title_kz"], made["location"]) == (
        "Субботник <b>&",
        "Сенбілік",
        "Орталық саябақ",
    )
    assert made["event_date"] == datetime(2027, 12, 25, 5, 0)
    assert (made["direction_id"], made["v_coins_reward"], made["photo_bonus"]) == (5, 20, 5)
    assert made["whatsapp_group_link"] == "https://chat.whatsapp.com/x"
    assert ("Сенбілік" if language == "kk" else "Субботник <b>&") in hand.text
    assert len(stage.writes()) == 1


async def test_an_edit_keeps_everything_else(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = row(stage, Event, 1)
    await hand.open(1, "ve")
    await hand.tap("card.edit", "volunteer_events.field.location")
    await hand.say("Жаңа орын")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert row(stage, Event, 1) == {**before, "location": "Жаңа орын"}
    assert set(stage.writes()[0].json) == {"title", "event_date", "location"}


@pytest.mark.parametrize("language", LOCALES)
async def test_a_delete_says_that_nothing_brings_it_back(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    await hand.open(1, "ve")
    await hand.tap("card.delete")
    taken = len(rows(stage, Application, event_id=1, status="approved"))
    assert hand.t("volunteer_events.no_way_back") in hand.text
    assert hand.t("volunteer_events.impact", n=taken, count=str(taken)) in hand.text
    await hand.tap("delete.confirm")
    assert not row(stage, Event, 1)["is_active"]
    await hand.open(1, "ve")
    assert hand.t("error.gone") in hand.text


async def test_a_task_is_added(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await hand.open(1, "ve")
    await hand.tap("volunteer_events.action.add_task")
    await hand.say("Фотоесеп")
    await hand.tap("form.skip", "choice.volunteer_events_role.TEAM_LEADER", "flag.no")
    await hand.say("15")
    await hand.tap("form.save")
    made = rows(stage, tables.VolunteerTask)[0]
    assert (made["event_id"], made["title"], made["for_role"]) == (1, "Фотоесеп", "TEAM_LEADER")
    assert (made["is_required"], made["v_coins_bonus"]) == (False, 15)
    assert said(hand, hand.t("volunteer_events.done.add_task"))


async def test_a_copy_is_held_next_week(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = row(stage, Event, 1)
    await hand.open(1, "ve")
    await hand.tap("card.duplicate", "form.save")
    copy = rows(stage, Event)[0]
    assert copy["id"] != 1
    assert (copy["event_date"] - before["event_date"]).days == 7
    assert copy["title_kz"] == before["title_kz"]


async def test_events_are_narrowed_and_what_lies_ahead_is_first(stage: Stage):
    hand = await stage.hand("government")
    await hand.tap("module.volunteers", "volunteer_events.title")
    assert "🏁" not in hand.labels[0]
    assert "of 56" in hand.text
    await hand.tap("list.filters", "choice.volunteer_events_status.completed", "list.show")
    assert all("🏁" in one for one in hand.labels[:7])
    await hand.tap(f"✕ {hand.t('choice.volunteer_events_status.completed')}")
    await hand.tap("list.filters", "choice.period.past", "list.show")
    assert any(mark in hand.labels[0] for mark in "🏁🚫")


# --- the roll call ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", WRITERS)
async def test_who_came_is_paid_once_with_one_tap(stage: Stage, role: str):
    hand = await stage.hand(role)
    one = waiting(stage, event_id=1)
    before, reward = balance(stage, one["volunteer_id"]), row(stage, Event, 1)["v_coins_reward"]
    await roll_call(stage, hand, 1)
    assert hand.sees("event_applications.action.came")
    await forge(stage, hand, Press.DEED_NOW, "vh", one["id"], "cml", under(1))
    assert row(stage, Application, one["id"])["attended"]
    assert balance(stage, one["volunteer_id"]) == before + reward
    assert said(hand, hand.t("event_applications.done.came_green"))
    for _ in range(2):
        await forge(stage, hand, Press.DEED_NOW, "vh", one["id"], "cml", under(1))
        await forge(stage, hand, Press.DEED_NOW, "vp", one["id"], "cm")
    assert balance(stage, one["volunteer_id"]) == before + reward


@pytest.mark.parametrize("language", LOCALES)
async def test_the_buttons_of_a_row_go_when_it_is_marked(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    one = waiting(stage, event_id=1)
    name = row(stage, tables.Volunteer, one["volunteer_id"])["full_name"]
    await roll_call(stage, hand, 1)
    await hand.say(name)
    amount = hand.labels.count(f"✖️ {hand.t('event_applications.action.missed')}")
    assert amount
    await hand.tap("event_applications.action.missed")
    assert hand.t("event_applications.was.missed") in " ".join(hand.labels)
    assert hand.labels.count(f"✖️ {hand.t('event_applications.action.missed')}") == amount - 1
    levels = ("green", "yellow", "orange", "red")
    assert any(said(hand, hand.t(f"event_applications.done.missed_{level}")) for level in levels)


async def test_a_miss_tells_the_warning_and_counts_once(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    one = waiting(stage, event_id=1)
    volunteer = row(stage, tables.Volunteer, one["volunteer_id"])
    level = ("green", "yellow", "orange", "red")[min(3, volunteer["missed_in_a_row"] + 1)]
    await roll_call(stage, hand, 1)
    answers = []
    for _ in range(3):
        answers.append(await forge(stage, hand, Press.DEED_NOW, "vh", one["id"], "msl", under(1)))
        await forge(stage, hand, Press.DEED_NOW, "vp", one["id"], "ms")
    after = row(stage, tables.Volunteer, one["volunteer_id"])
    assert after["missed_in_a_row"] == volunteer["missed_in_a_row"] + 1
    assert answers[0] == hand.t(f"event_applications.done.missed_{level}")
    assert set(answers[1:]) == {hand.t("deed.not_now")}


async def test_two_persons_with_the_same_button_pay_once(stage: Stage):
    first = await stage.hand("volunteer_admin", user_id=2001)
    second = await stage.hand("administrator", user_id=2002)
    one = waiting(stage)
    before = balance(stage, one["volunteer_id"])
    reward = row(stage, Event, one["event_id"])["v_coins_reward"]
    await first.open(one["id"], "vp")
    await second.open(one["id"], "vp")
    await first.tap("volunteer_applications.action.came")
    assert said(first, first.t("volunteer_applications.done.came_green"))
    await second.tap("volunteer_applications.action.came")
    assert said(second, second.t("deed.not_now"))
    assert balance(stage, one["volunteer_id"]) == before + reward


@pytest.mark.parametrize("language", LOCALES)
async def test_q7_without_a_balance_it_is_told_and_opening_one_mends_it(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    without = poor(stage)
    one = next(
        one
        for one in rows(stage, Application, status="approved", attended=False)
        if one["volunteer_id"] in without and row(stage, Event, one["event_id"])["is_active"]
    )
    await hand.open(one["id"], "vp")
    await hand.tap("volunteer_applications.action.came")
    assert hand.t("event_applications.no_balance") in hand.text
    assert not row(stage, Application, one["id"])["attended"]
    await hand.open(one["volunteer_id"], "vo")
    await hand.tap("volunteers.action.open_balance", "volunteers.action.open_balance")
    await hand.open(one["id"], "vp")
    await hand.tap("volunteer_applications.action.came")
    assert row(stage, Application, one["id"])["attended"]
    assert balance(stage, one["volunteer_id"]) == row(stage, Event, one["event_id"])["v_coins_reward"]


async def test_the_roll_call_goes_back_to_its_event(stage: Stage):
    hand = await stage.hand("government")
    await roll_call(stage, hand, 1)
    amount = len(rows(stage, Application, event_id=1))
    assert f"of {amount}" in hand.text
    await hand.tap("list.filters", "choice.volunteer_applications_status.pending", "list.show")
    assert f"of {len(rows(stage, Application, event_id=1, status='pending'))}" in hand.text
    await hand.tap("nav.back")
    assert row(stage, Event, 1)["title"] in hand.text


# --- applications of all events ---------------------------------------------------------------------


@pytest.mark.parametrize("role", WRITERS)
async def test_an_application_is_approved_and_told_once(stage: Stage, role: str):
    hand = await stage.hand(role)
    one = rows(stage, Application, status="pending")[0]
    await hand.open(one["id"], "vp")
    data, message = hand.data("volunteer_applications.action.approve"), hand.screen.id
    stage.crm.clear_requests()
    await hand.tap("volunteer_applications.action.approve")
    await hand.person.press(data, message, settle=True)
    assert row(stage, Application, one["id"])["status"] == "approved"
    assert len(stage.writes()) == 1
    assert not hand.sees("volunteer_applications.action.approve")


async def test_an_application_is_rejected_with_a_reason_or_without(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    first, second = rows(stage, Application, status="pending")[:2]
    stage.crm.clear_requests()
    for one, reason in ((first, "Орын <жоқ>"), (second, None)):
        await hand.open(one["id"], "vp")
        await hand.tap("volunteer_applications.action.reject")
        await fill(hand, reason)
        assert row(stage, Application, one["id"])["status"] == "rejected"
    assert [one.query for one in stage.writes()] == [{"reason": "Орын <жоқ>"}, {}]


async def test_the_cancelled_are_left_alone(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await hand.open(rows(stage, Application, status="cancelled")[0]["id"], "vp")
    for name in ("came", "missed", "approve", "reject"):
        assert not hand.sees(f"volunteer_applications.action.{name}")


@pytest.mark.parametrize("language", LOCALES)
async def test_q7_a_deleted_volunteer_hides_one_row_and_no_more(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    newest = rows(stage, Application)
    orphan = next(one for one in newest[:7] if row(stage, Event, one["event_id"])["is_active"])
    gone = orphan["volunteer_id"]
    remove(stage, tables.Volunteer, gone)
    await hand.tap("module.volunteers", "volunteer_applications.title")
    assert hand.t("volunteer_applications.left_out") in hand.text
    kept = [one for one in newest[:7] if one["volunteer_id"] != gone]
    assert len([one for one in hand.labels if " · " in one]) == len(kept)
    await hand.tap("list.filters", "choice.volunteer_applications_status.pending", "list.show")
    assert hand.labels[0].startswith("⏳")
    await hand.open(kept[0]["id"], "vp")
    assert hand.t("volunteer_applications.field.status") in hand.text
    await roll_call(stage, hand, orphan["event_id"])
    others = [
        one for one in rows(stage, Application, event_id=orphan["event_id"]) if one["volunteer_id"] != gone
    ]
    assert (str(len(others)) in hand.text) if others else (hand.t("event_applications.empty") in hand.text)


# --- answers that are lost --------------------------------------------------------------------------


async def test_a_lost_answer_of_presence_is_read_back_and_paid_once(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    one = waiting(stage)
    before = balance(stage, one["volunteer_id"])
    reward = row(stage, Event, one["event_id"])["v_coins_reward"]
    await hand.open(one["id"], "vp")
    stage.crm.faults.add("reset", "/attendance$", after=True, times=1)
    await hand.tap("volunteer_applications.action.came")
    assert said(hand, hand.t("volunteer_applications.done.came"))
    for _ in range(2):
        await forge(stage, hand, Press.DEED_NOW, "vp", one["id"], "cm")
    assert balance(stage, one["volunteer_id"]) == before + reward


async def test_lost_coins_are_never_paid_again_blindly(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = balance(stage, 21)
    await hand.open(21, "vo")
    await hand.tap("volunteers.action.add_coins")
    await hand.say("25")
    await hand.say("x")
    stage.crm.faults.add("reset", "/coins$", after=True, times=1)
    await hand.tap("form.save")
    assert hand.t("error.unknown_outcome").split(":")[0] in hand.text
    await hand.tap("error.retry")
    assert hand.t("form.again_question") in hand.text
    assert balance(stage, 21) == before + 25


async def test_coins_that_were_paid_are_not_said_to_have_failed(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = balance(stage, 141)
    await hand.open(141, "vo")
    await hand.tap("volunteers.action.add_coins")
    await hand.say("25")
    await hand.say("x")
    data, message = hand.data("form.save"), hand.screen.id
    # The list is read once before the coins are paid, and fails ever after.
    stage.crm.faults.add("status", "admin/volunteer/volunteers$", status=500)
    stage.crm.faults.add("delay", "admin/volunteer/volunteers$", times=1)
    await hand.tap("form.save")
    assert said(hand, hand.t("volunteers.done.add_coins"))
    await hand.person.press(data, message, settle=True)
    assert balance(stage, 141) == before + 25


async def test_the_link_to_the_group_is_removed_after_a_question(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    one = next(one for one in rows(stage, Event, is_active=True) if one["whatsapp_group_link"])
    await hand.open(one["id"], "ve")
    stage.crm.clear_requests()
    await hand.tap("volunteer_events.action.remove_link")
    assert hand.t("volunteer_events.ask.remove_link") in hand.text
    assert stage.writes() == []
    await hand.tap("volunteer_events.action.remove_link")
    assert said(hand, hand.t("volunteer_events.done.remove_link"))
    after = row(stage, Event, one["id"])
    assert not after["whatsapp_group_link"]
    assert after == one | {"whatsapp_group_link": after["whatsapp_group_link"]}
    assert len(stage.writes()) == 1


async def test_the_link_to_the_group_is_not_the_readers_to_remove(stage: Stage):
    hand = await stage.hand("government")
    one = next(one for one in rows(stage, Event, is_active=True) if one["whatsapp_group_link"])
    await hand.open(one["id"], "ve")
    assert not hand.sees("volunteer_events.action.remove_link")
    assert await forge(stage, hand, Press.DEED_NOW, "ve", one["id"], "rl") == hand.t("error.forbidden_toast")
    assert row(stage, Event, one["id"]) == one
