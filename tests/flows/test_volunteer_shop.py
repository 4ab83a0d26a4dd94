"""Reports, promotions, purchases, benefits and the requirements of a status, as their admins work on them."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.volunteers import fixed, tables
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.pictures import picture
from tests.flows.volunteering import WRITERS, balance, fill, forge, poor, row, rows, said
from tests.matrix.strict import LOCALES

Report, Purchase, Benefit = tables.TaskReport, tables.Purchase, tables.Benefit
Promotion, Requirement = tables.PromotionRequest, tables.StatusRequirement


# --- reports ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("role", WRITERS)
async def test_a_report_is_accepted_and_paid_once(stage: Stage, role: str, language: str):
    hand = await stage.hand(role, language)
    without = poor(stage)
    one = next(
        one
        for one in rows(stage, Report, report_status="pending")
        if one["volunteer_id"] not in without and one["report_photo_url"]
    )
    before = balance(stage, one["volunteer_id"])
    bonus = row(stage, tables.VolunteerTask, one["task_id"])["v_coins_bonus"]
    await hand.open(one["id"], "vr")
    assert hand.has_photo
    await hand.tap("task_reports.action.approve")
    assert hand.t("task_reports.ask.approve") in hand.text
    assert hand.labels[0] == hand.t("nav.cancel")
    await hand.tap("task_reports.action.approve")
    assert said(hand, hand.t("task_reports.done.approve"))
    assert not hand.sees("task_reports.action.approve")
    for _ in range(2):
        await forge(stage, hand, Press.DEED_NOW, "vr", one["id"], "ap")
    assert row(stage, Report, one["id"])["report_status"] == "approved"
    assert balance(stage, one["volunteer_id"]) == before + bonus


async def test_a_report_is_rejected_with_a_comment_only(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    one = rows(stage, Report, report_status="pending")[0]
    await hand.open(one["id"], "vr")
    await hand.tap("task_reports.action.reject")
    assert not hand.sees("form.skip")
    await fill(hand, "Фото анық емес <b>")
    after = row(stage, Report, one["id"])
    assert (after["report_status"], after["admin_comment"]) == ("rejected", "Фото анық емес <b>")
    assert "Фото анық емес <b>" in hand.text


async def test_decided_reports_are_not_offered_again(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    for status in ("approved", "rejected", "not_submitted"):
        await hand.open(rows(stage, Report, report_status=status)[0]["id"], "vr")
        assert not hand.sees("task_reports.action.approve"), status
        assert not hand.sees("task_reports.action.reject"), status


async def test_reports_are_filtered_by_state(stage: Stage):
    hand = await stage.hand("government")
    await hand.tap("module.volunteers", "task_reports.title", "list.filters")
    await hand.tap("choice.task_reports_status.rejected", "list.show")
    assert all(one.startswith("⛔") for one in hand.labels[:7])


@pytest.mark.parametrize("language", LOCALES)
async def test_reports_are_narrowed_to_an_event(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    tasks = {one["id"]: one["event_id"] for one in rows(stage, tables.VolunteerTask)}
    events = {one["id"]: one for one in rows(stage, tables.VolunteerEvent, is_active=True)}
    number = next(found for one in rows(stage, Report) if (found := tasks[one["task_id"]]) in events)
    event = events[number]
    await hand.tap("module.volunteers", "task_reports.title", "list.filters")
    caption = hand.t("filter.task_reports_event")
    await hand.tap(caption[0].upper() + caption[1:])
    await hand.say(event["title"])
    name = (event["title_kz"] if language == "kk" else None) or event["title"]
    day = event["event_date"].replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Almaty"))
    await hand.tap(f"{name} · {day:%d.%m.%Y}")
    mine = [one["id"] for one in rows(stage, Report) if tasks[one["task_id"]] == number]
    assert cards(hand, "vr") == mine[:7]
    assert mine


def cards(hand: Hand, code: str) -> list[int]:
    """Ids of the records on the page."""
    goes = [Go.unpack(button.get("callback_data")) for line in hand.screen.keyboard for button in line]
    return [go.id for go in goes if go and (go.op, go.res) == (Press.CARD, code)]


# --- promotions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("comment", ["Лайықты", None])
async def test_a_volunteer_is_promoted(stage: Stage, language: str, comment: str | None):
    hand = await stage.hand("volunteer_admin", language)
    one = rows(stage, Promotion, status="pending")[0]
    await hand.open(one["id"], "vq")
    await hand.tap("promotion_requests.action.approve")
    stage.crm.clear_requests()
    await fill(hand, comment)
    after = row(stage, Promotion, one["id"])
    assert (after["status"], after["admin_comment"]) == ("approved", comment)
    assert row(stage, tables.Volunteer, one["volunteer_id"])["volunteer_status"] == one["requested_status"]
    assert said(hand, hand.t("promotion_requests.done.approve"))
    assert len(stage.writes()) == 1


async def test_q18_a_promotion_is_decided_once_by_two_persons(stage: Stage):
    first = await stage.hand("volunteer_admin", user_id=2001)
    second = await stage.hand("administrator", user_id=2002)
    one = rows(stage, Promotion, status="pending")[0]
    for hand in (first, second):
        await hand.open(one["id"], "vq")
        await hand.tap(
            "promotion_requests.action.reject" if hand is second else "promotion_requests.action.approve"
        )
    stage.crm.clear_requests()
    await fill(first, None)
    await fill(second, "Ерте")
    assert said(second, second.t("deed.not_now"))
    assert row(stage, Promotion, one["id"])["status"] == "approved"
    assert len(stage.writes()) == 1


# --- purchases --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", WRITERS)
async def test_a_purchase_goes_from_waiting_to_handed_over(stage: Stage, role: str):
    hand = await stage.hand(role)
    one = rows(stage, Purchase, status="pending")[0]
    await hand.open(one["id"], "vu")
    assert not hand.sees("purchases.action.complete")
    await hand.tap("purchases.action.approve")
    assert row(stage, Purchase, one["id"])["status"] == "approved"
    await hand.tap("purchases.action.complete")
    stage.crm.clear_requests()
    await fill(hand, "Қолына берілді")
    after = row(stage, Purchase, one["id"])
    assert (after["status"], after["admin_notes"]) == ("completed", "Қолына берілді")
    assert [call.method for call in stage.writes()] == ["POST"]
    for name in ("approve", "complete", "cancel"):
        assert not hand.sees(f"purchases.action.{name}")


@pytest.mark.parametrize("language", LOCALES)
async def test_q18_a_cancelled_purchase_is_refunded_once(stage: Stage, language: str):
    first = await stage.hand("volunteer_admin", language, user_id=2001)
    second = await stage.hand("administrator", language, user_id=2002)
    without = poor(stage)
    one = next(one for one in rows(stage, Purchase, status="pending") if one["volunteer_id"] not in without)
    before = balance(stage, one["volunteer_id"])
    for hand in (first, second):
        await hand.open(one["id"], "vu")
        await hand.tap("purchases.action.cancel")
        assert not hand.sees("form.skip")
        await hand.say("Қоймада жоқ")
    data, message = first.data("form.save"), first.screen.id
    for _ in range(3):
        await first.person.press(data, message)
    await first.person.settle()
    await second.tap("form.save")
    assert row(stage, Purchase, one["id"])["status"] == "cancelled"
    assert balance(stage, one["volunteer_id"]) == before + one["cost"]
    assert said(second, second.t("deed.not_now"))
    await first.open(one["id"], "vu")
    assert not first.sees("purchases.action.cancel")


async def test_a_lost_refund_is_read_back_and_not_repeated(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    without = poor(stage)
    one = next(one for one in rows(stage, Purchase, status="approved") if one["volunteer_id"] not in without)
    before = balance(stage, one["volunteer_id"])
    await hand.open(one["id"], "vu")
    await hand.tap("purchases.action.cancel")
    await hand.say("x")
    stage.crm.faults.add("reset", f"purchases/{one['id']}/cancel", after=True, times=1)
    await hand.tap("form.save")
    assert said(hand, hand.t("purchases.done.cancel"))
    assert balance(stage, one["volunteer_id"]) == before + one["cost"]


# --- benefits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", WRITERS)
async def test_a_new_benefit_with_its_picture(stage: Stage, role: str):
    hand = await stage.hand(role)
    await hand.tap("module.volunteers", "benefits.title", "list.new")
    for answer in ("Термос", "Термос (қаз)", "Стальной <b>", None, "80"):
        await (hand.tap("form.skip") if answer is None else hand.say(answer))
    await hand.tap("choice.volunteers_status.TEAM_LEADER")
    for answer in ("merch", "12"):
        await hand.say(answer)
    await hand.person.send_photo(picture())
    await hand.person.settle()
    await hand.tap("form.save")
    made = rows(stage, Benefit)[0]
    assert (made["title"], made["v_coins_cost"], made["min_status"]) == ("Термос", 80, "TEAM_LEADER")
    assert (made["stock_limit"], made["stock_available"], made["description"]) == (12, 12, "Стальной <b>")
    assert made["icon_url"]
    assert hand.has_photo


async def test_an_edit_keeps_all_other_fields_of_a_benefit(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    before = next(
        one
        for one in rows(stage, Benefit)
        if one["stock_limit"] and one["stock_available"] < one["stock_limit"]
    )
    await hand.open(before["id"], "vb")
    assert hand.t("benefits.refill", limit=str(before["stock_limit"])) in hand.text
    await hand.tap("card.edit", "benefits.field.v_coins_cost")
    await hand.say("77")
    await hand.tap("form.save")
    # The stock is what the backend itself fills up; the card said so before.
    assert row(stage, Benefit, before["id"]) == {
        **before,
        "v_coins_cost": 77,
        "stock_available": before["stock_limit"],
    }


@pytest.mark.parametrize("language", LOCALES)
async def test_a_deleted_benefit_stays_as_deleted(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    one = rows(stage, Benefit, is_active=True)[0]
    await hand.open(one["id"], "vb")
    await hand.tap("card.delete")
    assert hand.t("benefits.no_way_back") in hand.text
    await hand.tap("delete.confirm")
    assert not row(stage, Benefit, one["id"])["is_active"]
    await hand.open(one["id"], "vb")
    assert hand.t("benefits.deleted") in hand.text


async def test_benefits_are_filtered(stage: Stage):
    hand = await stage.hand("government")
    await hand.tap(
        "module.volunteers", "benefits.title", "list.filters", "choice.benefits_active.no", "list.show"
    )
    assert f"of {len(rows(stage, Benefit, is_active=False))}" in hand.text
    assert all("🚫" in one for one in hand.labels[:3])


# --- requirements -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_a_requirement_is_edited_and_all_are_reset(stage: Stage, language: str):
    hand = await stage.hand("volunteer_admin", language)
    await hand.open(2, "vs")
    assert hand.t("status_requirements.ignored") in hand.text
    await hand.tap("card.edit", "status_requirements.field.benefits_kz")
    await hand.say("Жаңа мәтін")
    await hand.tap("form.save")
    assert row(stage, Requirement, 2)["benefits_kz"] == "Жаңа мәтін"
    assert row(stage, Requirement, 2)["v_coins_required"] == 150
    await hand.tap("status_requirements.action.reset")
    assert hand.t("status_requirements.ask.reset") in hand.text
    await hand.tap("status_requirements.action.reset")
    assert said(hand, hand.t("status_requirements.done.reset"))
    assert "Жаңа мәтін" not in hand.text
    kept = [{name: one[name] for name in one if name != "id"} for one in rows(stage, Requirement)[::-1]]
    assert kept == fixed.default_requirements()
    await hand.tap("card.edit", "status_requirements.field.v_coins_required")
    await hand.say("175")
    await hand.tap("form.save")
    assert [one["v_coins_required"] for one in rows(stage, Requirement, status="TEAM_LEADER")] == [175]
