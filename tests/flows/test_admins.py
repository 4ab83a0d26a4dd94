"""Admins and registrations: found, decided, explained; for super admins alone."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Stage
from tests.flows.hand import Hand

ICON = "🧑‍💼"
NEWCOMER = "Қоғамдық қор «Жас Өркен»"


async def at_admins(stage: Stage, login: str = "super_admin", **more: int) -> Hand:
    hand = await stage.hand(login, **more)
    return await hand.tap("office.title", "admins.title")


def decisions(stage: Stage) -> list[object]:
    return [one.json for one in stage.crm.requests_to("/approve$", "PATCH")]


async def test_registrations_that_wait_are_counted_and_come_first(stage: Stage) -> None:
    hand = await stage.hand("super_admin")
    await hand.tap("office.title")
    assert f"🧑‍💼 {hand.t('admins.title')} ⏳ 1" in hand.labels
    await hand.tap("admins.title")
    assert hand.labels[0] == f"⏳ {NEWCOMER} · {hand.t('role.npo')}"


async def test_a_newcomer_is_approved_and_the_next_step_is_said(stage: Stage) -> None:
    hand = await at_admins(stage)
    await hand.tap(NEWCOMER)
    assert hand.t("admins.advice.cannot") in hand.text
    assert hand.t("admins.advice.pending") in hand.text
    await hand.tap("admins.action.approve")
    assert hand.t("admins.ask.approve") in hand.text
    await hand.tap("admins.action.approve")
    assert hand.toast == hand.t("admins.done.approve")
    assert hand.t("admins.advice.next_step") in hand.text, "nobody of them is in Telegram yet"
    assert not hand.sees("admins.action.approve")
    assert decisions(stage) == [{"approval_status": "approved", "approval_reason": None}]
    assert stage.crm.admin("newcomer").approval_status == "approved"
    other = await stage.hand("newcomer", user_id=7500)
    assert other.sees("menu.status"), "with the code they are in"
    await hand.open(stage.crm.admin_id("newcomer"), "ad")
    assert hand.t("admins.advice.next_step") not in hand.text
    assert hand.t("admins.field.last_seen") in hand.text


async def test_a_registration_is_rejected_with_a_reason(stage: Stage) -> None:
    hand = await at_admins(stage)
    await hand.tap(NEWCOMER, "admins.action.reject")
    await hand.say("Ask for <another> role")
    await hand.tap("form.save")
    stored = stage.crm.admin("newcomer")
    assert (stored.approval_status, stored.approval_reason) == ("rejected", "Ask for <another> role")
    assert "Ask for <another> role" in hand.text
    assert hand.t("admins.advice.rejected") in hand.text


@pytest.mark.parametrize("role", ["administrator", "super_admin"])
async def test_a_powerful_role_is_warned_of_everywhere(stage: Stage, role: str) -> None:
    stage.crm.add_admin("climber", role, "Climber", approval_status="pending")
    hand = await at_admins(stage)
    assert any(label.startswith("⚠️ ⏳ Climber") for label in hand.labels)
    await hand.tap("Climber")
    assert hand.t("admins.warning", role=hand.t(f"role.{role}")) in hand.text
    await hand.tap("admins.action.approve")
    assert hand.t("admins.ask.approve_powerful") in hand.text


async def test_two_decide_at_once_and_the_second_gets_the_fact(stage: Stage) -> None:
    stage.crm.add_admin("super2", "super_admin", "Second")
    first, second = await at_admins(stage), await at_admins(stage, "super2", user_id=7600)
    for hand in (first, second):
        await hand.tap(NEWCOMER, "admins.action.approve")
    await first.tap("admins.action.approve")
    await second.tap("admins.action.approve")
    assert second.toast == second.t("deed.not_now")
    assert len(decisions(stage)) == 1


async def test_nobody_rejects_themselves(stage: Stage) -> None:
    hand = await at_admins(stage)
    own = stage.crm.admin("super_admin")
    await hand.open(own.id, "ad")
    assert hand.t("admins.you") in hand.text
    assert not hand.sees("admins.action.reject")


async def test_search_and_filters(stage: Stage) -> None:
    hand = await at_admins(stage)
    await hand.say("gulnur")
    assert hand.t("list.nothing_found") in hand.text
    await hand.say("npo2")
    assert [label for label in hand.labels if "Мәдина" in label]
    assert not [label for label in hand.labels if "Нұрлан" in label]


async def test_a_login_that_breaks_the_list_is_explained_and_the_waiting_still_come(stage: Stage) -> None:
    stage.crm.add_admin("ab", "npo", "Short")
    hand = await at_admins(stage)
    assert hand.t("admins.broken") in hand.text


async def test_from_the_card_to_the_sessions_of_that_admin(stage: Stage) -> None:
    await stage.hand("npo", user_id=7700, name="Nurlan")
    await stage.hand("msb", user_id=7701, name="Gulnur")
    hand = await at_admins(stage)
    await hand.tap("Гүлнұр", "admins.action.sessions")
    listed = [label for label in hand.labels if "·" in label]
    assert len(listed) == 1
    assert "Гүлнұр" in listed[0]


@pytest.mark.parametrize("login", ["administrator", "government", "npo", "client"])
async def test_others_neither_see_nor_reach_them(stage: Stage, login: str) -> None:
    hand = await stage.hand(login)
    await hand.say("/admin")
    assert not hand.sees("admins.title")
    stage.crm.clear_requests()
    for data in ("liad", "cdad.a", "ddad.a.ap", "liau", "lk--..npo"):
        said = await hand.forge(data)
        assert hand.t("error.forbidden_toast") in (said or hand.text), data
    assert stage.crm.requests_to("^/api/v2/admin/(list|pending)$") == []
    assert decisions(stage) == []


async def test_registrations_wait_in_the_inbox_of_super_admins(stage: Stage) -> None:
    hand = await stage.hand("super_admin")
    await hand.say("/approvals")
    assert any(ICON in label for label in hand.labels)
    other = await stage.hand("administrator", user_id=7800)
    await other.say("/approvals")
    assert not any(ICON in label for label in other.labels)
