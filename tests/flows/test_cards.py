"""One record: its card, its texts in full, its participants, decisions, its end."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis

from keyboards.callbacks import Go, Press
from services.keys import AuditKey
from tests.flows.conftest import Stage
from tests.matrix.strict import LOCALES


def pending(stage: Stage) -> dict[str, Any]:
    return stage.events_of("npo", moderation_status="pending")[0]


@pytest.mark.parametrize("language", LOCALES)
async def test_a_card_shows_everything(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    event = stage.event(31)
    await hand.open(31)
    assert event["title"] in hand.text
    assert event["location"] in hand.text
    assert event["description"][:40] in hand.text
    for field in ("event_date", "location", "format", "description", "programs", "speakers"):
        assert hand.t(f"events.field.{field}") in hand.text, field
    assert hand.t(f"choice.format.{event['format']}") in hand.text
    assert hand.t(f"choice.moderation_status.{event['moderation_status']}") in hand.text
    assert "UTC+5" in hand.text
    assert hand.link() == "https://t.me/tabys_sandbox_bot?start=ev_31"


async def test_the_stamp_names_who_decided(stage: Stage):
    hand = await stage.hand("administrator")
    mine = next(
        event for event in stage.crm.events() if event["moderated_by"] == stage.crm.admin_id("administrator")
    )
    await hand.open(mine["id"])
    assert hand.t("stamp.you") in hand.text.splitlines()[1]
    other = await stage.hand("super_admin", user_id=2002)
    await other.open(mine["id"])
    assert stage.crm.admin("administrator").name in other.text.splitlines()[1]


async def test_a_long_text_is_read_in_full(stage: Stage):
    hand = await stage.hand("administrator")
    event = stage.event(12)
    assert len(event["description"]) > 4000
    await hand.open(12)
    assert hand.sees("card.read")
    card = hand.seen()
    await hand.tap("card.read")
    read = hand.text
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        read += hand.text
    for paragraph in set(event["description"].split("\n\n")):
        assert paragraph[-30:] in read
    await hand.tap("pager.previous", "nav.back")
    assert hand.seen() == card


@pytest.mark.parametrize("language", LOCALES)
async def test_participants_page(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    full = next(event for event in stage.crm.events() if event["moderation_status"] == "approved")
    await hand.open(full["id"])
    await hand.tap("events.action.participants")
    assert "1. " in hand.text
    assert "11. " not in hand.text
    pages = 1
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        pages += 1
    assert pages == 6
    assert "60. " in hand.text
    await hand.tap("nav.back")
    assert full["title"] in hand.text


async def test_emails_of_participants_are_shown_when_asked_for_and_that_is_noted(stage: Stage):
    hand = await stage.hand("government")
    event = next(one for one in stage.crm.events() if one["moderation_status"] == "approved")
    await hand.open(event["id"])
    await hand.tap("events.action.participants")
    assert "@" not in hand.text
    assert revealed(stage) == []
    await hand.tap("card.reveal")
    assert "guest1@example.com" in hand.text
    assert "guest11@example.com" not in hand.text
    assert not hand.sees("card.reveal")
    await hand.tap("pager.next")
    assert "guest11@example.com" in hand.text
    assert [(entry["resource"], entry["record_id"]) for entry in revealed(stage)] == [
        ("events", event["id"])
    ] * 2
    assert not any("@" in json.dumps(entry) for entry in revealed(stage))
    await hand.tap("nav.back", "events.action.participants")
    assert "@" not in hand.text


def revealed(stage: Stage) -> list[dict[str, Any]]:
    """What the audit knows of shown contacts."""
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        entries = [json.loads(fields["entry"]) for _, fields in client.xrange(AuditKey.name)]
    return [entry for entry in entries if entry["op"] == "reveal"]


@pytest.mark.parametrize("argument", ["pt", "pt2", "ptf1"])
async def test_participants_of_a_foreign_event_are_nobodys_to_see(stage: Stage, argument: str):
    hand = await stage.hand("npo")
    owner = stage.crm.admin_id("npo")
    foreign = next(
        one
        for one in stage.crm.events()
        if one["admin_id"] != owner and one["moderation_status"] == "approved"
    )
    await hand.tap("events.title")
    stage.crm.clear_requests()
    await hand.forge(Go(Press.ACTION, "ev", foreign["id"], argument).pack())
    assert hand.t("error.gone") in hand.text
    assert not any(one.path.endswith("/participants") for one in stage.crm.requests)
    assert revealed(stage) == []


async def test_nobody_registered(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(pending(stage)["id"])
    await hand.tap("events.action.participants")
    assert hand.t("events.no_participants") in hand.text


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("button", "word"), [("card.approve", "approved"), ("card.reject", "rejected")])
async def test_a_decision_is_stamped_and_reaches_the_crm(stage: Stage, language: str, button: str, word: str):
    hand = await stage.hand("administrator", language)
    event = pending(stage)
    await hand.open(event["id"])
    stage.crm.clear_requests()
    await hand.tap(button)
    assert hand.t(f"choice.moderation_status.{word}") in hand.text.splitlines()[1]
    assert hand.t("stamp.you") in hand.text.splitlines()[1]
    assert not hand.sees(button)
    assert hand.toast == hand.t(f"done.{word}")
    assert stage.event(event["id"])["moderation_status"] == word
    assert len(stage.writes()) == 1


async def test_the_second_presser_gets_the_fact(stage: Stage):
    first = await stage.hand("administrator", user_id=2001)
    second = await stage.hand("super_admin", user_id=2002)
    event = pending(stage)
    await first.open(event["id"])
    await second.open(event["id"])
    stage.crm.clear_requests()
    await first.tap("card.approve")
    await second.tap("card.approve")
    assert second.t("decided.approved") in second.text
    assert stage.crm.admin("administrator").name in second.text
    assert len(stage.writes()) == 1


async def test_a_double_tap_acts_once(stage: Stage):
    hand = await stage.hand("administrator")
    event = pending(stage)
    await hand.open(event["id"])
    data, message = hand.data("card.approve"), hand.screen.id
    stage.crm.clear_requests()
    for _ in range(3):
        await hand.person.press(data, message)
    await hand.person.settle()
    assert len(stage.writes()) == 1
    assert hand.person.unanswered == []
    assert hand.t("choice.moderation_status.approved") in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_a_delete_names_the_record_and_what_goes_with_it(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    full = next(event for event in stage.crm.events() if event["moderation_status"] == "approved")
    await hand.open(full["id"])
    card = hand.seen()
    await hand.tap("card.delete")
    assert full["title"] in hand.text
    assert hand.t("events.impact", n=60, count="60") in hand.text
    assert hand.t("delete.warning") in hand.text
    assert hand.labels[0] == hand.t("nav.cancel")
    await hand.tap("nav.cancel")
    assert hand.seen() == card
    await hand.tap("card.delete")
    data, message = hand.data("delete.confirm"), hand.screen.id
    stage.crm.clear_requests()
    await hand.tap("delete.confirm")
    assert hand.t("deleted.note", title=full["title"]) in hand.text
    assert hand.t("events.title") in hand.text
    assert stage.event(full["id"]) is None
    await hand.person.press(data, message, settle=True)
    assert hand.toast == hand.t("done.deleted")
    assert [request.method for request in stage.writes()] == ["DELETE"]


async def test_what_is_gone_opens_the_list(stage: Stage):
    hand = await stage.hand("administrator")
    other = await stage.hand("super_admin", user_id=2002)
    for button in (
        "card.edit",
        "card.delete",
        "card.approve",
        "events.action.participants",
        "card.duplicate",
    ):
        event = pending(stage)
        await hand.open(event["id"])
        await other.open(event["id"])
        await other.tap("card.delete", "delete.confirm")
        await hand.tap(button)
        assert hand.t("error.gone") in hand.text, button
        assert hand.sees("list.filters"), button
        assert hand.toast == hand.t("error.gone_toast")


@pytest.mark.parametrize("language", LOCALES)
async def test_next_week_again(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    event = next(
        event for event in stage.events_of("npo") if event["title"] and event["event_date"].year == 2027
    )
    await hand.open(event["id"])
    await hand.tap("card.duplicate")
    assert hand.t("form.summary") in hand.text
    stage.crm.clear_requests()
    await hand.tap("form.save")
    copy = stage.crm.events()[-1]
    assert copy["id"] != event["id"]
    assert (copy["event_date"] - event["event_date"]).days == 7
    assert all(copy[name] == event[name] for name in ("title", "location", "format", "description"))
    assert copy["moderation_status"] == "pending"
    assert hand.t("created.pending") in hand.text
    sent = stage.writes()[0].json
    assert len(stage.writes()) == 1
    assert {"programs", "speakers"} & set(sent) or not event["id"] % 2


async def test_a_copy_of_a_past_event_asks_for_a_date(stage: Stage):
    hand = await stage.hand("administrator")
    past = min(stage.crm.events(), key=lambda event: event["event_date"])
    await hand.open(past["id"])
    stage.crm.clear_requests()
    await hand.tap("card.duplicate")
    if hand.sees("form.save"):
        await hand.tap("form.save")
        assert stage.writes() == [] or stage.crm.events()[-1]["event_date"] > past["event_date"]
