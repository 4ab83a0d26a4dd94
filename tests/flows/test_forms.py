"""Forms: filling in, leaving, coming back, mending; one field of an existing record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.events import EVENTS
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.pictures import picture
from tests.matrix.strict import LOCALES

VALUES: dict[str, str] = {
    "title": "Жастар форумы <b>&",
    "event_date": "25.12.2027 10:00",
    "location": "Астана, Мәңгілік Ел 1",
    "description": "Бірінші абзац.\n\nВторой абзац.",
}
TYPED = {**VALUES, "programs": "10:00 Тіркелу\n11.30 Пленар", "speakers": "Айгерім Сапар — модератор"}


async def begin(stage: Stage, login: str = "npo", language: str = "en") -> Hand:
    hand = await stage.hand(login, language)
    await hand.tap(hand.events, "list.new")
    return hand


async def answer(hand: Hand, name: str, photo: bytes | None = None) -> None:
    """Answers the step of that field."""
    assert hand.t(f"events.field.{name}") in hand.text, hand.text
    if name == "format":
        await hand.tap("choice.format.Online")
    elif name == "event_photo":
        if photo is None:
            await hand.tap("form.skip")
        else:
            await hand.person.send_photo(photo)
            await hand.person.settle()
    else:
        await hand.say(TYPED[name])
        if name in ("programs", "speakers"):
            await hand.tap("form.next")


async def fill(hand: Hand, photo: bytes | None = None, until: str = "") -> None:
    for name in EVENTS.form:
        if name == until:
            return
        await answer(hand, name, photo)
    assert hand.t("form.summary") in hand.text


def newest(stage: Stage) -> dict[str, Any]:
    return stage.crm.events()[-1]


@pytest.mark.parametrize("language", LOCALES)
async def test_a_new_event_from_the_first_step_to_its_card(stage: Stage, language: str):
    hand = await begin(stage, language=language)
    assert hand.t("form.step", number=1, total=8) in hand.text
    await fill(hand, picture())
    assert "Жастар форумы <b>&" in hand.text
    assert "UTC+5" in hand.text
    stage.crm.clear_requests()
    await hand.tap("form.save")
    event = newest(stage)
    assert event["title"] == VALUES["title"]
    assert event["event_date"] == datetime(2027, 12, 25, 5, 0, tzinfo=UTC).replace(tzinfo=None)
    assert event["format"] == "Online"
    assert event["description"] == VALUES["description"]
    assert event["event_photo"]
    assert event["moderation_status"] == "pending"
    assert hand.t("created.pending") in hand.text
    assert "10:00 Тіркелу" in hand.text
    assert "Айгерім Сапар" in hand.text
    assert hand.has_photo
    body = next(one for one in stage.writes() if one.path.endswith("/create")).json
    assert body["programs"] == [
        {"time": 600, "description": "Тіркелу"},
        {"time": 690, "description": "Пленар"},
    ]
    assert body["speakers"] == [{"first_name": "Айгерім", "last_name": "Сапар", "bio": "модератор"}]
    assert [one.path.rpartition("/")[2] for one in stage.writes()] == ["create", "upload-photo"]
    await hand.say("/drafts")
    assert hand.t("drafts.none") in hand.text


async def test_an_administrators_event_is_approved_at_once(stage: Stage):
    hand = await begin(stage, "administrator")
    await fill(hand)
    await hand.tap("form.save")
    assert newest(stage)["moderation_status"] == "approved"
    assert hand.t("created.pending") not in hand.text


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg"])
async def test_a_photo_sent_as_a_file(stage: Stage, mime: str):
    hand = await begin(stage)
    await fill(hand, until="event_photo")
    await hand.person.send_document(picture("PNG" if mime.endswith("png") else "JPEG"), "poster", mime)
    await hand.person.settle()
    assert hand.t("events.field.programs") in hand.text
    await hand.tap("form.skip", "form.skip", "form.save")
    assert newest(stage)["event_photo"]


async def test_a_photo_from_a_link(stage: Stage):
    hand = await begin(stage)
    await fill(hand, until="event_photo")
    poster = next(event["event_photo"] for event in stage.crm.events() if event["event_photo"])
    await hand.say(f"{stage.crm.url}{poster}")
    assert hand.t("events.field.programs") in hand.text
    await hand.tap("form.skip", "form.skip", "form.save")
    assert newest(stage)["event_photo"] not in (None, poster)


async def test_what_is_no_photo_is_refused_and_the_step_stays(stage: Stage):
    hand = await begin(stage)
    await fill(hand, until="event_photo")
    await hand.person.send_document(b"%PDF-1.7", "a.pdf", "application/pdf")
    await hand.person.settle()
    assert hand.t("photo.no_picture") in hand.text
    for link in ("http://127.0.0.1:9/x.png", "nonsense", "https://10.0.0.1/x.png"):
        await hand.say(link)
        assert hand.t("photo.link_failed") in hand.text or hand.t("field.error.link") in hand.text
        assert link in hand.text
    assert hand.sees("form.skip")


async def test_a_photo_where_none_is_asked(stage: Stage):
    hand = await begin(stage)
    await hand.person.send_photo(picture())
    await hand.person.settle()
    assert hand.t("form.no_photo_here") in hand.text
    assert hand.t("events.field.title") in hand.text
    await hand.say("/menu")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    assert hand.t("form.no_photo_here") in hand.text


@pytest.mark.parametrize("step", EVENTS.form[1:])
async def test_a_form_is_left_at_any_step_and_found_again(stage: Stage, step: str):
    hand = await begin(stage)
    await fill(hand, until=step)
    asked = hand.seen()
    await hand.tap("nav.home")
    assert hand.sees(hand.t("menu.drafts", n=1))
    await stage.restart()
    await hand.tap(hand.t("menu.drafts", n=1))
    await hand.tap(hand.labels[0])
    assert hand.seen() == asked
    rest = EVENTS.form[EVENTS.form.index(step) :]
    for name in rest:
        await answer(hand, name)
    await hand.tap("form.save")
    assert newest(stage)["title"] == VALUES["title"]


async def test_a_restart_in_the_middle_of_typing_loses_nothing(stage: Stage):
    hand = await begin(stage)
    for name in EVENTS.form:
        await answer(hand, name)
        await stage.restart()
    assert hand.t("form.summary") in hand.text
    await hand.tap("form.save")
    assert newest(stage)["description"] == VALUES["description"]


@pytest.mark.parametrize(
    ("step", "typed", "key"),
    [
        ("title", "x" * 201, "field.error.too_long"),
        ("event_date", "31.02 10:00", "field.error.moment"),
        ("event_date", "25.12.2027", "field.error.moment"),
        ("event_date", "01.01.2020 10:00", "field.error.past"),
        ("format", "by post", "field.error.choice"),
        ("programs", "Registration", "field.error.row"),
        ("programs", "25:00 Registration", "field.error.row"),
        ("speakers", "Aigerim", "field.error.row"),
    ],
)
async def test_wrong_input_stays_and_is_explained(stage: Stage, step: str, typed: str, key: str):
    hand = await begin(stage)
    await fill(hand, until=step)
    await hand.say(typed)
    assert hand.t(f"events.field.{step}") in hand.text
    assert typed[:100] in hand.text
    beginning = hand.t(key, n=201, limit=200, length=201, number=1, reason="").rstrip()
    assert beginning in hand.text
    await answer(hand, step)


@pytest.mark.parametrize("language", LOCALES)
async def test_the_summary_mends_any_field(stage: Stage, language: str):
    hand = await begin(stage, language=language)
    await fill(hand)
    await hand.tap("events.field.title")
    assert hand.t("form.now") in hand.text
    await hand.say("Another title")
    assert hand.t("form.summary") in hand.text
    assert "Another title" in hand.text
    await hand.tap("events.field.format", "choice.format.Offline")
    assert hand.t("form.summary") in hand.text
    await hand.tap("events.field.location", "nav.back")
    assert hand.t("form.summary") in hand.text
    await hand.tap("form.save")
    assert (newest(stage)["title"], newest(stage)["format"]) == ("Another title", "Offline")


async def test_rows_are_added_mended_and_removed(stage: Stage):
    hand = await begin(stage)
    await fill(hand, until="programs")
    await hand.say("10:00 Registration")
    await hand.say("11:00 Plenary\n12:00 Lunch")
    await hand.tap("11:00 Plenary", "events.programs.time")
    await hand.say("noon")
    assert hand.t("field.error.clock") in hand.text
    await hand.say("11:45")
    await hand.tap("events.programs.description")
    await hand.say("Opening")
    await hand.tap("nav.back")
    assert hand.sees("11:45 Opening")
    await hand.tap("12:00 Lunch", "form.row_delete")
    assert not hand.sees("12:00 Lunch")
    await hand.tap("form.next")
    await hand.say("Aigerim K. Sapar")
    await hand.tap("Aigerim K. Sapar", "events.speakers.bio")
    await hand.say("Moderator")
    await hand.tap("nav.back", "form.next", "form.save")
    body = next(one for one in stage.writes() if one.path.endswith("/create")).json
    assert body["programs"] == [
        {"time": 600, "description": "Registration"},
        {"time": 705, "description": "Opening"},
    ]
    assert body["speakers"][0]["middle_name"] == "K."
    assert body["speakers"][0]["bio"] == "Moderator"


async def test_a_speaker_needs_no_description(stage: Stage):
    hand = await begin(stage)
    await fill(hand, until="programs")
    await hand.tap("form.skip")
    await hand.say("Айгерім Сапар")
    await hand.tap("form.next", "form.save")
    assert newest(stage)["title"] == VALUES["title"]
    body = next(one for one in stage.writes() if one.path.endswith("/create")).json
    assert body["speakers"] == [{"first_name": "Айгерім", "last_name": "Сапар", "bio": ""}]


async def test_optional_fields_are_cleared(stage: Stage):
    hand = await begin(stage)
    await fill(hand, picture())
    await hand.tap("events.field.event_photo", "form.clear")
    await hand.tap("form.skip")
    assert hand.t("form.summary") in hand.text
    await hand.tap("form.save")
    assert newest(stage)["event_photo"] is None


async def test_steps_go_back_one_by_one(stage: Stage):
    hand = await begin(stage)
    await fill(hand, until="description")
    for name in ("location", "format", "event_date", "title"):
        await hand.tap("nav.back")
        assert hand.t(f"events.hint.{name}") in hand.text
        assert hand.t("form.now") in hand.text
    await hand.tap("nav.back")
    assert hand.sees("list.new")
    assert stage.writes() == []


async def test_cancel_asks_keeps_or_throws_away(stage: Stage):
    hand = await begin(stage)
    await hand.say("A title")
    asked = hand.seen()
    await hand.tap("nav.cancel", "form.go_on")
    assert hand.seen() == asked
    await hand.tap("nav.cancel", "form.keep")
    assert hand.sees(hand.t("menu.drafts", n=1))
    await hand.tap(hand.t("menu.drafts", n=1), "A title", "nav.cancel", "form.discard")
    await hand.say("/drafts")
    assert hand.t("drafts.none") in hand.text
    assert len(stage.crm.events()) == 200


async def test_the_cancel_command_keeps_the_draft(stage: Stage):
    hand = await begin(stage)
    await hand.say("A title")
    await hand.say("/cancel")
    assert hand.t("form.kept") in hand.text
    await hand.say("A word that is searched now")
    assert hand.t("find.results", text="A word that is searched now") in hand.text
    await hand.say("/drafts")
    await hand.tap("A title")
    assert hand.t("events.hint.event_date") in hand.text


async def test_a_draft_survives_sign_out_and_belongs_to_its_admin(stage: Stage):
    hand = await begin(stage)
    await hand.say("A title")
    await hand.say("/logout")
    await hand.say(f"/login {stage.crm.otp('npo2')}")
    assert not hand.sees(hand.t("menu.drafts", n=1))
    await hand.say("/drafts")
    assert hand.t("drafts.none") in hand.text
    await hand.say(f"/login {stage.crm.otp('npo')}")
    await hand.say("/drafts")
    assert hand.sees("A title")


async def test_the_calendar_and_the_clock(stage: Stage):
    hand = await begin(stage)
    await hand.say("A title")
    data = next(
        button["callback_data"]
        for row in hand.screen.keyboard
        for button in row
        if "›" in button["text"] and button.get("callback_data", "").startswith("caev")
    )
    await hand.person.click(data=data)
    day = next(label for label in reversed(hand.labels) if label.isdigit())
    await hand.tap(day)
    assert hand.sees("10:00")
    await hand.tap("10:00")
    assert hand.t("events.hint.format") in hand.text
    await hand.tap("nav.back")
    assert ", 10:00 (UTC+5)" in hand.text


async def test_a_long_text_may_come_in_several_messages(stage: Stage):
    hand = await begin(stage)
    await fill(hand, until="description")
    await hand.say("а" * 4096)
    await hand.say("и конец")
    assert hand.t("events.hint.event_photo") in hand.text
    await hand.tap(*["form.skip"] * 3, "form.save")
    assert newest(stage)["description"] == "а" * 4096 + "\nи конец"


async def test_a_double_tap_on_save_creates_one(stage: Stage):
    hand = await begin(stage)
    await fill(hand)
    data, message = hand.data("form.save"), hand.screen.id
    for _ in range(3):
        await hand.person.press(data, message)
    await hand.person.settle()
    assert len(stage.crm.events()) == 201
    assert hand.person.unanswered == []


async def test_a_form_without_an_answer_leaves_no_draft(stage: Stage):
    hand = await begin(stage)
    await hand.tap("nav.home")
    assert not hand.sees(hand.t("menu.drafts", n=1))


async def test_ten_drafts_are_kept(stage: Stage):
    hand = await stage.hand("npo")
    for number in range(12):
        await hand.say("/menu")
        await hand.tap(hand.events, "list.new")
        await hand.say(f"Draft number {number}")
    await hand.say("/drafts")
    drafts = [label for label in hand.labels if "Draft number" in label]
    assert [label.partition(" · ")[0] for label in drafts] == [
        f"📅 Draft number {n}" for n in range(11, 1, -1)
    ]


# --- editing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_one_field_is_edited_with_its_difference(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    event = stage.events_of("npo", moderation_status="pending")[0]
    await hand.open(event["id"])
    await hand.tap("card.edit")
    assert event["location"] in hand.text
    await hand.tap("events.field.location")
    assert hand.t("form.now") in hand.text
    assert event["location"] in hand.text
    await hand.say("Алматы, Абай 10")
    assert hand.t("edit.before") in hand.text
    assert event["location"] in hand.text
    assert "Алматы, Абай 10" in hand.text
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.toast == hand.t("done.saved")
    assert "Алматы, Абай 10" in hand.text
    assert [one.json for one in stage.writes()] == [{"location": "Алматы, Абай 10"}]
    assert stage.event(event["id"])["location"] == "Алматы, Абай 10"


async def test_the_same_value_saves_nothing(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1)
    await hand.tap("card.edit", "events.field.title")
    stage.crm.clear_requests()
    await hand.say(stage.event(1)["title"])
    assert hand.t("edit.unchanged") in hand.text
    assert not hand.sees("form.save")
    assert stage.writes() == []


@pytest.mark.parametrize("field", ["format", "event_date", "description"])
async def test_other_kinds_of_fields_are_edited(stage: Stage, field: str):
    hand = await stage.hand("administrator")
    event = stage.event(5)
    await hand.open(5)
    await hand.tap("card.edit", f"events.field.{field}")
    if field == "format":
        other = "Offline" if event["format"] == "Online" else "Online"
        await hand.tap(f"choice.format.{other}")
    else:
        await hand.say(TYPED[field])
    await hand.tap("form.save")
    assert stage.event(5)[field] != event[field]
    changed = {name for name in event if stage.event(5)[name] != event[name]}
    assert changed <= {field, "updated_at", "moderated_at", "moderated_by"}


async def test_an_npo_is_warned_that_an_edit_goes_back_to_moderation(stage: Stage):
    npo = await stage.hand("npo")
    event = stage.events_of("npo", moderation_status="approved")[0]
    await npo.open(event["id"])
    await npo.tap("card.edit")
    assert npo.t("edit.remoderation") in npo.text
    await npo.tap("events.field.location")
    await npo.say("Elsewhere")
    assert npo.t("edit.remoderation") in npo.text
    await npo.tap("form.save")
    assert stage.event(event["id"])["moderation_status"] == "pending"
    assert npo.t("choice.moderation_status.pending") in npo.text


async def test_a_field_that_somebody_else_changed_is_compared_again(stage: Stage):
    hand = await stage.hand("administrator", user_id=2001)
    other = await stage.hand("super_admin", user_id=2002)
    for one, place in ((hand, "Here"), (other, "There")):
        await one.open(1)
        await one.tap("card.edit", "events.field.location")
        await one.say(place)
    await other.tap("form.save")
    await hand.tap("form.save")
    assert hand.t("edit.changed_meanwhile") in hand.text
    assert "There" in hand.text
    assert stage.event(1)["location"] == "There"
    await hand.tap("form.save")
    assert stage.event(1)["location"] == "Here"


async def test_the_photo_is_replaced_and_removed(stage: Stage):
    hand = await stage.hand("administrator")
    event = next(event for event in stage.crm.events() if event["event_photo"])
    await hand.open(event["id"])
    assert hand.has_photo
    await hand.tap("card.edit", "events.field.event_photo")
    assert not hand.has_photo
    await hand.person.send_photo(picture("JPEG"))
    await hand.person.settle()
    stage.crm.clear_requests()
    await hand.tap("form.save")
    replaced = stage.event(event["id"])["event_photo"]
    assert replaced not in (None, event["event_photo"])
    assert hand.has_photo
    await hand.tap("card.edit", "events.field.event_photo", "form.clear", "form.save")
    assert stage.event(event["id"])["event_photo"] is None
    assert not hand.has_photo
    assert [(one.method, one.path.rpartition("/")[2]) for one in stage.writes()] == [
        ("POST", "upload-photo"),
        ("DELETE", "photo"),
    ]


async def test_an_edit_without_a_change_is_simply_left(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1)
    await hand.tap("card.edit")
    fields = hand.seen()
    await hand.tap("events.field.title", "nav.cancel")
    assert hand.seen() == fields
    await hand.tap("events.field.title", "nav.back")
    assert hand.seen() == fields
    await hand.tap("nav.home")
    assert not hand.sees(hand.t("menu.drafts", n=1))


async def test_a_refusal_of_the_backend_leads_back_to_the_step(stage: Stage):
    hand = await begin(stage)
    await fill(hand)
    detail = '{"detail": [{"loc": ["body", "location"], "msg": "too <short>", "type": "value_error"}]}'
    stage.crm.faults.add("status", "/create$", status=422, body=detail, times=1)
    await hand.tap("form.save")
    assert hand.t("events.hint.location") in hand.text
    assert "too <short>" in hand.text
    assert VALUES["location"] in hand.text
    await hand.say("Astana")
    assert hand.t("form.summary") in hand.text
    await hand.tap("form.save")
    assert newest(stage)["location"] == "Astana"


async def test_a_photo_that_fails_does_not_lose_the_record(stage: Stage):
    hand = await begin(stage)
    await fill(hand, picture())
    stage.crm.faults.add("status", "upload-photo", status=400)
    await hand.tap("form.save")
    assert hand.t("photo.not_attached") in hand.text
    assert newest(stage)["title"] == VALUES["title"]
