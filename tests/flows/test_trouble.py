"""Trouble as a person meets it: one clear text, the way on one tap away, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.projects.tables import Project
from sandbox.telegram import Fault
from sandbox.telegram.files import FileStore
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES, TEXTS

CARD = r"/admin/1$"


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"kind": "status", "status": 503}, "error.unavailable"),
        ({"kind": "reset"}, "error.unavailable"),
        ({"kind": "status", "status": 429, "retry_after": 7}, "error.too_many"),
        ({"kind": "status", "status": 409, "body": '{"detail": "no <way>"}'}, "error.refused"),
        ({"kind": "broken_json"}, "error.backend"),
    ],
)
async def test_a_read_that_fails_is_told_and_tried_again(
    stage: Stage, language: str, fault: dict[str, Any], key: str
):
    hand = await stage.hand("administrator", language)
    await hand.tap(hand.events)
    stage.crm.faults.add(path=CARD, **fault)
    await hand.forge("cdev.1")
    assert hand.t("error.title") in hand.text
    assert hand.t(key, n=7, reason="no <way>") in hand.text
    assert hand.sees("nav.back")
    assert hand.sees("nav.home")
    stage.crm.faults.clear()
    if hand.sees("error.retry"):
        await hand.tap("error.retry")
        assert stage.event(1)["location"] in hand.text


async def test_back_from_a_list_that_fails_leads_past_it(stage: Stage):
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/events/", status=503)
    await hand.tap(hand.events)
    assert hand.t("error.title") in hand.text
    await hand.tap("nav.back")
    assert hand.t("error.title") not in hand.text
    assert hand.sees("menu.settings")


async def test_back_from_a_list_of_a_record_that_fails_leads_to_the_record(stage: Stage):
    hand = await stage.hand("administrator")
    project = stage.crm.rows(Project)[0]
    await hand.open(project["id"], "pr")
    stage.crm.faults.add("status", "/project", status=503)
    await hand.tap("project_gallery.title")
    assert hand.t("error.title") in hand.text
    assert Go.unpack(hand.data("nav.back")) == Go(Press.CARD, "pr", project["id"])
    assert not hand.sees("list.new")


async def unanswered_delete(stage: Stage) -> Hand:
    """The screen after a delete of which nobody knows whether it was done."""
    hand = await stage.hand("administrator")
    await hand.open(1)
    await hand.tap("card.delete")
    stage.crm.faults.add("status", CARD, method="DELETE", status=500, times=1)
    stage.crm.clear_requests()
    await hand.tap("delete.confirm")
    return hand


async def test_a_write_without_an_answer_is_not_repeated(stage: Stage):
    hand = await unanswered_delete(stage)
    assert hand.t("error.unknown_outcome") in hand.text
    assert len(stage.writes()) == 1
    assert stage.event(1) is not None
    await hand.tap("nav.back")
    assert stage.event(1)["location"] in hand.text


async def test_checking_only_looks(stage: Stage):
    hand = await unanswered_delete(stage)
    await hand.tap("error.check")
    assert len(stage.writes()) == 1
    assert stage.event(1) is not None


async def test_a_write_that_was_done_without_an_answer_counts_as_done(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1)
    await hand.tap("card.delete")
    stage.crm.faults.add("reset", CARD, method="DELETE", after=True, times=1)
    await hand.tap("delete.confirm")
    assert hand.t("events.title") in hand.text
    assert stage.event(1) is None


async def test_a_role_that_shrank_meanwhile_is_redrawn(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1)
    stage.crm.set_role("administrator", "client")
    stage.crm.clear_requests()
    await hand.tap("card.approve" if hand.sees("card.approve") else "card.reject")
    assert not hand.sees(hand.events)
    assert hand.t("error.forbidden") in hand.text or hand.t("menu.no_rights") in hand.text
    assert [one.status for one in stage.writes() if one.status < 400] == []


async def test_an_expired_token_is_renewed_unseen(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    stage.crm.expire_tokens()
    await hand.tap("pager.next")
    assert hand.sees("pager.previous")


async def test_the_menu_needs_no_counters(stage: Stage):
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/stats$", status=500)
    await hand.say("/menu")
    assert hand.sees(hand.events)


# --- Telegram --------------------------------------------------------------------------------------------


async def test_a_living_message_that_was_deleted_comes_anew(stage: Stage):
    hand = await stage.hand("administrator")
    old, data = hand.screen.id, hand.data(hand.events)
    hand.person.delete(old)
    await hand.say("/menu")
    assert len(hand.person.bot_messages) == 1
    hand.person.delete(hand.screen.id)
    await hand.person.press(data, old, settle=True, inaccessible=True)
    assert hand.sees("list.filters")
    assert len(hand.person.bot_messages) == 1


async def test_an_unchanged_screen_is_no_error(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    before = hand.seen()
    await hand.forge("liev")
    assert hand.seen() == before
    assert len(hand.person.messages) == 1


@pytest.mark.parametrize("kind", ["flood", "server_error", "bad_gateway", "empty"])
async def test_a_telegram_that_stumbles_once(stage: Stage, kind: str):
    hand = await stage.hand("administrator")
    fault: Fault = stage.telegram.faults.add(kind, method="editMessageText", times=1, seconds=1)
    data = hand.data(hand.events)
    await hand.person.press(data, hand.screen.id, settle=True, timeout=10)
    assert fault.hits == 1
    await hand.person.press(data, hand.screen.id, settle=True, timeout=10)
    assert hand.sees("list.filters")
    assert hand.person.unanswered == []


async def test_a_person_who_blocked_the_bot_comes_back(stage: Stage):
    hand = await stage.hand("administrator")
    data, message = hand.data(hand.events), hand.screen.id
    hand.person.block()
    await hand.person.press(data, message)
    hand.person.unblock()
    await hand.say("/menu")
    assert hand.sees(hand.events)


async def test_a_photo_that_telegram_forgot_is_sent_anew(stage: Stage):
    hand = await stage.hand("administrator")
    event = next(one for one in stage.crm.events() if one["event_photo"] and "lost" not in one["event_photo"])
    await hand.open(event["id"])
    assert hand.has_photo
    stage.telegram.state.files = FileStore()
    await hand.tap("nav.home")
    await hand.open(event["id"])
    assert event["title"] in hand.text
    assert hand.sees("card.edit")
    await hand.tap("nav.home")
    await hand.open(event["id"])
    assert hand.has_photo


# --- strangers -------------------------------------------------------------------------------------------


async def test_groups_forwards_and_edits_get_one_polite_answer(stage: Stage):
    person = (await stage.hand("administrator", user_id=2001)).person
    group = stage.telegram.group("Team", [person])
    for _ in range(3):
        await group.send(person, "/start")
    await group.settle()
    assert [message.text for message in group.messages if message.from_bot] == [TEXTS["en"]("private.only")]
    guest = await stage.hand(None, user_id=2002)
    code = stage.crm.otp("administrator2")
    await guest.person.forward(f"/login {code}")
    await guest.person.send_via_bot(f"/login {code}")
    await guest.person.settle()
    assert guest.t("private.type_yourself") in [message.text for message in guest.person.bot_messages]
    assert not [message for message in guest.person.messages if code in message.text]
    assert stage.crm.requests_to("verify-otp")[-1].json["otp_token"] != code
