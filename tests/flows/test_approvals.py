"""The inbox of approvals: what waits, decided one after the other, undone, carried out once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from handlers.modules import RESOURCES
from keyboards.callbacks import Go, Press
from resources.resource import Op
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.groups.vacancy_tables import Vacancy
from services.decisions import WINDOW
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import drawn, keyed
from tests.support.stage import until

WAITING = [resource for resource in RESOURCES if resource.waiting is not None]
SEEING = {
    "administrator": {item.key for item in WAITING} - {"admins"},
    "super_admin": {item.key for item in WAITING},
    "government": {item.key for item in WAITING} - {"project_submissions", "admins"},
    "volunteer_admin": {"volunteer_applications", "task_reports", "promotion_requests", "purchases"},
    "npo": {"project_submissions"},
    "msb": set(),
    "client": set(),
}


async def inbox(hand: Hand) -> Hand:
    return await hand.say("/approvals")


def items(hand: Hand, op: str = Press.TRIAGE) -> list[Go]:
    """The rows of the inbox; the button that begins with the first of them is left out."""
    found = [go for go in drawn(hand) if go.op == op and go.id]
    return found[:-1] if op == Press.TRIAGE and hand.sees("approvals.one_by_one") else found


async def only(hand: Hand, code: str) -> Hand:
    """The inbox narrowed to one kind."""
    await inbox(hand)
    await hand.forge(Go(Press.APPROVALS, code).pack())
    return hand


async def carried_out(stage: Stage, path: str) -> None:
    """Returns when the CRM was told."""
    await until(lambda: [one for one in stage.writes() if path in one.path], within=WINDOW + 5)


@pytest.mark.parametrize("login", SEEING)
async def test_each_role_sees_what_it_decides(stage: Stage, login: str):
    hand = await stage.hand(login)
    await hand.say("/menu")
    assert hand.sees("approvals.title") == bool(SEEING[login])
    await inbox(hand)
    await hand.forge(Go(Press.APPROVALS, arg="k").pack())
    codes = {go.res for go in drawn(hand) if go.op == Press.APPROVALS and go.res}
    keys = {item.key for item in WAITING if item.code in codes}
    assert keys <= SEEING[login]
    # Every kind has something that waits in the seed, but npo may own no project with submissions.
    assert keys == SEEING[login] or login == "npo"


async def test_oldest_first_over_all_kinds_and_pages(stage: Stage):
    hand = await stage.hand("administrator")
    await inbox(hand)
    first = items(hand)
    assert len(first) == 7
    seen = {(go.res, go.id) for go in first}
    await hand.tap("pager.next")
    second = {(go.res, go.id) for go in items(hand)}
    assert len(second) == 7
    assert not seen & second
    ages = [label for label in hand.labels if "·" in label and ("🔴" in label or "🟡" in label)]
    assert ages


async def test_q1_the_queue_that_dies_is_read_kind_by_kind(stage: Stage):
    waits = [row for row in stage.crm.rows(Vacancy) if row["moderation_status"] == "pending"]
    assert any(not row["title_kz"] and not row["title_ru"] for row in waits)
    hand = await stage.hand("administrator")
    await inbox(hand)
    queue = [one for one in stage.crm.requests if one.path == "/api/v1/moderation/queue"]
    assert queue, "the unified queue was not asked"
    await hand.forge(Go(Press.APPROVALS, arg="k").pack())
    kinds = {go.res for go in drawn(hand) if go.op == Press.APPROVALS and go.res}
    assert {"ev", "va", "co", "pr", "pl", "tk", "pm", "nw"} <= kinds
    await only(hand, "va")
    assert hand.t("card.untitled") not in hand.text


async def test_typing_searches(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    title = next(row["title"] for row in stage.crm.events() if row["moderation_status"] == "pending")
    await hand.say(title[:12].upper())
    assert any(title[:8] in label for label in hand.labels)
    assert len(items(hand)) <= 7


async def test_decide_brings_the_next_one_and_is_carried_out_later(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one")
    assert hand.t("approvals.position", number=1, total=len(stage_pending(stage))) in hand.text
    places = hand.labels[:4]
    stage.crm.clear_requests()
    await hand.tap("card.approve")
    assert hand.toast == hand.t("approvals.toast_approved")
    assert hand.labels[:4] == places
    assert stage.writes() == []
    assert stage.event(go.id)["moderation_status"] == "pending"
    await carried_out(stage, f"/{go.id}/approve")
    assert len(stage.writes()) == 1
    assert stage.event(go.id)["moderation_status"] == "approved"


def stage_pending(stage: Stage) -> list[dict[str, Any]]:
    return [row for row in stage.crm.events() if row["moderation_status"] == "pending"]


async def test_undo_keeps_it_waiting(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one", "card.approve")
    undo = hand.data("approvals.undo")
    stage.crm.clear_requests()
    await hand.tap("approvals.undo")
    assert hand.toast == hand.t("approvals.undone")
    assert Go.unpack(hand.data("approvals.full")).id == go.id
    await asyncio.sleep(WINDOW + 1.5)
    assert stage.writes() == []
    assert await hand.forge(undo) == hand.t("approvals.too_late")


async def test_undo_of_another_person_is_worth_nothing(stage: Stage):
    hand = await stage.hand("administrator")
    other = await stage.hand("super_admin", user_id=7300)
    await only(hand, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one", "card.approve")
    await inbox(other)
    assert await other.forge(hand.data("approvals.undo")) == other.t("approvals.too_late")
    await carried_out(stage, f"/{go.id}/approve")


async def test_a_restart_inside_the_window_still_carries_it_out_once(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one", "card.reject", "reason.content.2")
    stage.crm.clear_requests()
    await stage.restart()
    await carried_out(stage, f"/{go.id}/reject")
    await asyncio.sleep(1.5)
    assert len(stage.writes()) == 1


@pytest.mark.parametrize("language", LOCALES)
async def test_a_reason_the_backend_does_not_take_stands_on_the_card(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    await only(hand, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one", "card.reject")
    assert hand.t("reason.kept") in hand.text
    await hand.say("Афиша <b>басқа</b> & қате")
    assert hand.t("approvals.rejected", title="")[:6] in hand.text
    await carried_out(stage, f"/{go.id}/reject")
    await asyncio.sleep(0.3)
    other = await stage.hand("super_admin", language, user_id=7300)
    await other.open(go.id)
    assert "Афиша <b>басқа</b> & қате" in other.text


async def test_a_reason_the_backend_takes_reaches_it(stage: Stage):
    hand = await stage.hand("volunteer_admin")
    await only(hand, "vr")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one", "card.reject")
    assert not hand.sees("reason.none")
    assert hand.t("reason.kept") not in hand.text
    stage.crm.clear_requests()
    await hand.tap("reason.reports.1")
    await until(lambda: stage.writes(), within=WINDOW + 5)
    sent = stage.writes()[0]
    assert str(go.id) in sent.path
    assert hand.t("reason.reports.1") in str(sent.json or sent.query)


async def test_the_second_presser_learns_who_decides(stage: Stage):
    hand = await stage.hand("administrator")
    other = await stage.hand("super_admin", user_id=7300)
    await only(hand, "ev")
    await only(other, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one")
    await other.tap("approvals.one_by_one")
    name = stage.crm.admin("administrator").name
    assert other.t("approvals.viewed_by", names=name) in other.text
    await hand.tap("card.approve")
    stage.crm.clear_requests()
    await other.tap("card.reject", "reason.content.1")
    assert name in other.text
    await carried_out(stage, f"/{go.id}/approve")
    await asyncio.sleep(1)
    assert [one.path.rsplit("/", 1)[-1] for one in stage.writes()] == ["approve"]
    # Later the card says it, too, and a press on an old button reaches nobody.
    stage.crm.clear_requests()
    await other.forge(keyed(stage, other, Go(Press.DECIDE, "ev", go.id, "a-ev")))
    assert stage.writes() == []
    assert name in other.text


async def test_deciding_on_the_card_waits_for_nobody_and_blocks_others(stage: Stage):
    hand = await stage.hand("administrator")
    other = await stage.hand("super_admin", user_id=7300)
    await only(hand, "ev")
    go = items(hand)[0]
    await hand.tap("approvals.one_by_one", "card.approve")
    await other.open(go.id)
    stage.crm.clear_requests()
    await other.tap("card.approve")
    assert stage.writes() == []
    name = stage.crm.admin("administrator").name
    assert name in other.text


async def test_two_at_once_on_one_card_reach_the_backend_once(stage: Stage):
    hand = await stage.hand("administrator")
    other = await stage.hand("super_admin", user_id=7300)
    pending = stage_pending(stage)[0]["id"]
    for one in (hand, other):
        await one.open(pending)
    stage.crm.clear_requests()
    await asyncio.gather(hand.tap("card.approve"), other.tap("card.approve"))
    assert len(stage.writes()) == 1


async def test_a_double_tap_decides_once_and_skips_none(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    first, second = items(hand)[:2]
    await hand.tap("approvals.one_by_one")
    data = hand.data("card.approve")
    await hand.forge(data)
    await hand.forge(data)
    assert Go.unpack(hand.data("approvals.full")).id == second.id
    stage.crm.clear_requests()
    await carried_out(stage, f"/{first.id}/approve")
    await asyncio.sleep(1)
    assert len(stage.writes()) == 1


async def test_when_many_were_decided_meanwhile_the_inbox_is_read_anew(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    await hand.tap("approvals.one_by_one")
    first = stage_pending(stage)
    with stage.crm.room.db.session() as session:
        gone = [row["id"] for row in sorted(first, key=lambda row: row["created_at"])[:9]]
        session.execute(update(Event).where(Event.id.in_(gone)).values(moderation_status="rejected"))
        session.commit()
    await hand.tap("approvals.skip")
    assert hand.t("approvals.end") not in hand.text
    assert hand.t("approvals.legend") in hand.text
    assert not set(gone) & {go.id for go in items(hand)}


async def test_skip_and_the_full_card_lead_back(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    first, second = items(hand)[:2]
    await hand.tap("approvals.one_by_one", "approvals.skip")
    assert Go.unpack(hand.data("approvals.full")).id == second.id
    before = hand.seen()
    await hand.tap("approvals.full")
    assert hand.sees("card.edit")
    await hand.tap("nav.back")
    assert hand.seen() == before
    assert first.id != second.id


async def test_government_looks_on(stage: Stage):
    hand = await stage.hand("government")
    await only(hand, "ev")
    assert hand.t("approvals.read_only") in hand.text
    assert not hand.sees("approvals.one_by_one")
    go = items(hand, Press.CARD)[0]
    stage.crm.clear_requests()
    for op, arg in ((Press.TRIAGE, ""), (Press.REASON, ""), (Press.DECIDE, "a-"), (Press.UNDO, "00000000")):
        data = keyed(stage, hand, Go(op, "ev", go.id, arg))
        assert await hand.forge(data) == hand.t("error.forbidden_toast"), op
    assert stage.writes() == []
    await only(hand, "ev")
    await hand.forge(go.pack())
    await hand.tap("nav.back")
    assert hand.t("approvals.title") in hand.text


@pytest.mark.parametrize("resource", WAITING, ids=lambda resource: resource.key)
async def test_every_kind_is_decided(stage: Stage, resource: Any):
    """Approved here, rejected there: what the CRM gets is what its own screens would send."""
    stage.crm.add_admin("second_newcomer", "npo", approval_status="pending")
    hand = await stage.hand("super_admin" if resource.key == "admins" else "administrator")
    await only(hand, resource.code)
    first, second = items(hand)[:2]
    await hand.forge(first.pack())
    await hand.tap("card.approve")
    await hand.forge(second.pack())
    await hand.tap("card.reject", f"reason.{resource.waiting.reasons}.1")
    stage.crm.clear_requests()
    await until(lambda: len(stage.writes()) >= 2, within=WINDOW + 5)
    await asyncio.sleep(0.5)
    assert {str(first.id), str(second.id)} <= set("/".join(one.path for one in stage.writes()).split("/"))
    assert len(stage.writes()) == 2
    still = await only(hand, resource.code)
    assert not {first.id, second.id} & {go.id for go in items(still) if go.view == first.view}


async def test_a_session_that_ends_inside_the_window_is_told(stage: Stage):
    hand = await stage.hand("administrator")
    await only(hand, "ev")
    await hand.tap("approvals.one_by_one", "card.approve")
    stage.crm.clear_requests()
    await hand.say("/logout")
    await until(
        lambda: hand.t("approvals.failed.rights") in "".join(one.text for one in hand.person.messages), 15
    )
    assert [one for one in stage.writes() if "approve" in one.path] == []


def test_rights_follow_the_declarations():
    """A kind without deeds is decided by MODERATE; one with deeds by theirs."""
    for resource in WAITING:
        deeds = [resource.deciding(approve=one) for one in (True, False)]
        assert (None in deeds) == (Op.MODERATE in resource.needs)
