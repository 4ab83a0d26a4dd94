"""Volunteers: who may what, their coins, their list, the screens about all of them."""

from __future__ import annotations

import pytest

from api.volunteers import Volunteers
from keyboards.callbacks import Go, Press
from resources.fields.base import short_code
from sandbox.crm.groups.volunteers import tables
from services.capabilities import Capabilities
from tests.flows.conftest import Stage
from tests.flows.volunteering import (
    LISTS,
    READERS,
    STRANGERS,
    WRITERS,
    balance,
    fill,
    forge,
    poor,
    row,
    rows,
    said,
    under,
)
from tests.matrix.strict import LOCALES

WRITES = (
    (Press.DEED_NOW, "vo", "ob"), (Press.DEED, "vo", "ac"), (Press.DEED, "vo", "dc"), (Press.EDIT, "vo", ""),
    (Press.CREATE, "ve", ""), (Press.EDIT, "ve", ""), (Press.DELETE_NOW, "ve", ""), (Press.DEED, "ve", "tk"),
    (Press.DEED_NOW, "vp", "ap"), (Press.DEED, "vp", "rj"), (Press.DEED_NOW, "vp", "cm"),
    (Press.DEED_NOW, "vp", "ms"),
    (Press.DEED_NOW, "vr", "ap"), (Press.DEED, "vr", "rj"),
    (Press.DEED_NOW, "vq", "ap"), (Press.DEED, "vq", "rj"),
    (Press.CREATE, "vb", ""), (Press.EDIT, "vb", ""), (Press.DELETE_NOW, "vb", ""),
    (Press.DEED_NOW, "vu", "ap"), (Press.DEED, "vu", "co"), (Press.DEED, "vu", "cn"),
    (Press.EDIT, "vs", ""), (Press.DEED_NOW, "vs", "rs"),
)  # fmt: skip
"""Every way to change something, as its button's address says it."""
CHANGES = ("card.edit", "card.delete", "list.new")
DEEDS = (
    "volunteers.action.add_coins", "volunteers.action.deduct_coins", "volunteers.action.open_balance",
    "volunteer_events.action.add_task", "volunteer_applications.action.came", "volunteer_applications.action.missed",
    "volunteer_applications.action.approve", "volunteer_applications.action.reject", "purchases.action.complete",
    "purchases.action.cancel", "status_requirements.action.reset",
)  # fmt: skip


@pytest.mark.parametrize("role", WRITERS)
async def test_who_may_all_sees_all_lists_and_their_writes(stage: Stage, role: str):
    hand = await stage.hand(role)
    await hand.tap("module.volunteers")
    for key in LISTS:
        await hand.tap(f"{key}.title")
        assert hand.t(f"{key}.title") in hand.text
        assert hand.sees("list.new") == (key in ("volunteer_events", "benefits"))
        await hand.tap(hand.labels[0])
        assert hand.sees("card.edit") == (
            key in ("volunteers", "volunteer_events", "benefits", "status_requirements")
        )
        assert hand.sees("card.delete") == (key in ("volunteer_events", "benefits"))
        await hand.tap("nav.back", "nav.back")


async def test_government_reads_and_changes_nothing(stage: Stage):
    hand = await stage.hand("government")
    await hand.tap("module.volunteers")
    for key in LISTS:
        await hand.tap(f"{key}.title")
        assert not any(map(hand.sees, CHANGES)), key
        await hand.tap(hand.labels[0])
        assert not any(map(hand.sees, (*CHANGES, *DEEDS))), key
        await hand.tap("nav.back", "nav.back")
    await hand.open(1, "ve")
    await hand.tap("event_applications.title")
    assert not any(map(hand.sees, DEEDS))


@pytest.mark.parametrize("role", ["government", *STRANGERS])
async def test_forged_writes_are_refused(stage: Stage, role: str):
    hand = await stage.hand(role)
    stage.crm.clear_requests()
    for press, code, arg in WRITES:
        answer = await forge(stage, hand, press, code, 0 if press is Press.CREATE else 1, arg)
        assert answer == hand.t("error.forbidden_toast"), (press, code, arg)
    for arg in ("cm", "ms", "ap"):
        answer = await forge(stage, hand, Press.DEED_NOW, "vh", 1, arg, under(1))
        assert answer == hand.t("error.forbidden_toast"), arg
    assert stage.writes() == []


@pytest.mark.parametrize("role", STRANGERS)
async def test_strangers_see_nothing_of_it(stage: Stage, role: str):
    hand = await stage.hand(role)
    assert not hand.sees("module.volunteers")
    stage.crm.clear_requests()
    for code in ("vo", "ve", "vp", "vr", "vu", "vq", "vb", "vs"):
        for press in (Press.LIST, Press.CARD, Press.HUB):
            answer = await forge(stage, hand, press, code, 1 if press is Press.CARD else 0)
            assert answer == hand.t("error.forbidden_toast"), (press, code)
    for arg in ("ov", "lb"):
        assert await forge(stage, hand, Press.TOOL, "vo", 0, arg) == hand.t("error.forbidden_toast")
    assert await forge(stage, hand, Press.LIST, "vh", 0, "", under(1)) == hand.t("error.forbidden_toast")
    assert [one for one in stage.crm.requests if "auth" not in one.path] == []


async def test_a_volunteer_is_found_by_name_and_by_filters(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await hand.tap("module.volunteers", "volunteers.title")
    assert "1–7 of 150" in hand.text
    await hand.tap("list.filters", "choice.volunteers_status.COORDINATOR", "list.show")
    assert "1–7 of 15" in hand.text
    await hand.tap("list.filters", "choice.volunteers_direction.3", "list.show")
    wanted = rows(stage, tables.Volunteer, volunteer_status="COORDINATOR", direction_id=3)
    assert f"of {len(wanted)}" in hand.text or f"–{len(wanted)}" in hand.text
    await hand.tap("list.reset")
    name = row(stage, tables.Volunteer, 21)["full_name"]
    await hand.say(name.split()[0])
    assert any(name in one for one in hand.labels)


async def test_a_phone_is_masked_until_somebody_asks(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await hand.open(21, "vo")
    assert "••• ••" in hand.text
    await hand.tap("card.reveal")
    assert "••• ••" not in hand.text
    assert "+77" in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_coins_are_added_with_a_reason(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    before = balance(stage, 21)
    await hand.open(21, "vo")
    await hand.tap("volunteers.action.add_coins")
    stage.crm.clear_requests()
    await fill(hand, "25", "Белсенділік үшін")
    assert balance(stage, 21) == before + 25
    assert said(hand, hand.t("volunteers.done.add_coins"))
    assert hand.t("volunteers.field.v_coins_balance") in hand.text
    assert len(stage.writes()) == 1


async def test_coins_are_taken_and_never_below_one(stage: Stage):
    hand = await stage.hand("administrator")
    rich = max(rows(stage, tables.VolunteerBalance), key=lambda one: one["balance"])
    await hand.open(rich["volunteer_id"], "vo")
    await hand.tap("volunteers.action.deduct_coins")
    for wrong in ("0", "-5", "1.5", "x"):
        await hand.say(wrong)
        assert not hand.sees("form.save")
    await fill(hand, "10", "Түзету")
    assert balance(stage, rich["volunteer_id"]) == rich["balance"] - 10


async def test_too_few_coins_are_told_in_the_words_of_the_crm(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = balance(stage, 21)
    await hand.open(21, "vo")
    await hand.tap("volunteers.action.deduct_coins")
    await fill(hand, "999999", "x")
    assert "Недостаточно V-coins" in hand.text
    assert balance(stage, 21) == before


async def test_a_double_tap_pays_once(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = balance(stage, 21)
    await hand.open(21, "vo")
    await hand.tap("volunteers.action.add_coins")
    await hand.say("25")
    await hand.say("x")
    data, message = hand.data("form.save"), hand.screen.id
    for _ in range(3):
        await hand.person.press(data, message)
    await hand.person.settle()
    assert balance(stage, 21) == before + 25


async def test_name_status_and_balance_are_edited(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await hand.open(21, "vo")
    await hand.tap("card.edit", "volunteers.field.full_name")
    await hand.say("Айгерім Сапар")
    await hand.tap("form.save")
    await hand.tap("card.edit", "volunteers.field.volunteer_status", "choice.volunteers_status.SUPERVISOR")
    await hand.tap("form.save")
    await hand.tap("card.edit", "volunteers.field.v_coins_balance")
    await hand.say("77")
    await hand.tap("form.save")
    found = row(stage, tables.Volunteer, 21)
    assert (found["full_name"], found["volunteer_status"]) == ("Айгерім Сапар", "SUPERVISOR")
    assert balance(stage, 21) == 77


async def test_a_balance_that_is_not_there_is_told_and_can_be_opened(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    number = max(poor(stage))
    await hand.open(number, "vo")
    await hand.tap("card.edit", "volunteers.field.v_coins_balance")
    await hand.say("50")
    await hand.tap("form.save")
    assert hand.t("volunteers.no_balance") in hand.text
    assert balance(stage, number) is None
    await hand.open(number, "vo")
    await hand.tap("volunteers.action.open_balance")
    assert hand.t("volunteers.ask.open_balance") in hand.text
    await hand.tap("volunteers.action.open_balance")
    assert balance(stage, number) == 0


@pytest.mark.parametrize("language", LOCALES)
async def test_the_overview_sums_up(stage: Stage, language: str):
    hand = await stage.hand("government", language)
    await hand.tap("module.volunteers", "volunteers.title", "volunteers.action.overview")
    assert f"{hand.t('volunteers.sum.total_volunteers')}: 150" in hand.text
    for status in ("VOLUNTEER", "TEAM_LEADER", "SUPERVISOR", "COORDINATOR"):
        number = len(rows(stage, tables.Volunteer, volunteer_status=status))
        assert f"{hand.t(f'choice.volunteers_status.{status}')}: {number}" in hand.text
    await hand.tap("nav.back")
    assert hand.t("volunteers.title") in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_the_leaders_are_paged(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    await hand.tap("module.volunteers", "volunteers.title", "volunteers.action.leaderboard")
    best = max(rows(stage, tables.VolunteerBalance), key=lambda one: one["total_earned"])
    assert row(stage, tables.Volunteer, best["volunteer_id"])["full_name"] in hand.text.splitlines()[2]
    pages = 1
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        pages += 1
    assert pages == -(-len(rows(stage, tables.VolunteerBalance)) // 10)
    assert not any("period" in one.query for one in stage.crm.requests)


@pytest.mark.parametrize("role", READERS)
async def test_every_reader_has_the_tools(stage: Stage, role: str):
    hand = await stage.hand(role)
    await hand.tap("module.volunteers", "volunteers.title")
    assert hand.sees("volunteers.action.overview")
    assert hand.sees("volunteers.action.leaderboard")


async def test_a_screen_that_the_crm_lost_is_neither_drawn_nor_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    lost = set(Volunteers.operations["leaders"])
    monkeypatch.setattr(Capabilities, "offers", lambda self, name: name not in lost)
    await stage.restart()
    hand = await stage.hand("volunteer_admin")
    await hand.tap("module.volunteers", "volunteers.title")
    assert hand.sees("volunteers.action.overview")
    assert not hand.sees("volunteers.action.leaderboard")
    stage.crm.clear_requests()
    await hand.forge(Go(Press.TOOL, "vo", arg="lb").pack())
    assert stage.crm.requests_to("/leaderboard") == []


async def test_a_forged_edit_reaches_no_field_of_a_deed(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await hand.open(21, "vo")
    await hand.forge(Go(Press.EDIT_FIELD, "vo", 21, short_code("amount")).pack())
    assert hand.t("edit.title") in hand.text
    assert hand.t("volunteers.hint.amount") not in hand.text
    assert hand.sees("volunteers.field.full_name")
