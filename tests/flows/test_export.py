"""Exports: a list or a selection becomes a file with what the CRM has, in the person's language."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import tempfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis
from openpyxl import load_workbook
from sqlalchemy import update
from taskiq.exceptions import SendTaskError

from handlers import events, modules
from resources.fields import Text
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.groups.volunteers import tables
from sandbox.telegram.views import MessageView
from services.jobs import Jobs
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.volunteering import remove
from tests.flows.volunteering import rows as records
from tests.support.stage import until

ZONE = ZoneInfo("Asia/Almaty")


def files(hand: Hand) -> list[MessageView]:
    """The documents in the chat, oldest first."""
    return [message for message in hand.person.bot_messages if message.document]


def content(stage: Stage, message: MessageView) -> bytes:
    assert message.document is not None
    stored = stage.telegram.state.files.by_id(message.document["file_id"])
    assert stored is not None
    return stored.data


def sheet(stage: Stage, message: MessageView) -> list[list[Any]]:
    """The rows of an XLSX file, the headings first."""
    book = load_workbook(io.BytesIO(content(stage, message)))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


async def arrived(hand: Hand, number: int = 1) -> MessageView:
    """The newest document, once there are ``number`` of them and no screen says that one is being made."""
    await until(lambda: len(files(hand)) >= number)
    await until(lambda: hand.t("export.stop") not in str(living(hand).buttons))
    return files(hand)[-1]


def living(hand: Hand) -> MessageView:
    """The living message: files stand below it."""
    return [message for message in hand.person.bot_messages if not message.document][-1]


async def tap(hand: Hand, label: str) -> None:
    """Presses a button of the living message, wherever it stands."""
    message, wanted = living(hand), hand.t(label)
    data = next(
        button["callback_data"]
        for row in message.keyboard
        for button in row
        if wanted in button["text"] and "callback_data" in button
    )
    await hand.person.click(data=data, message_id=message.id)


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
async def test_a_list_becomes_a_workbook_with_what_the_crm_has(stage: Stage, language: str):
    ann = await stage.hand("administrator", language)
    await ann.tap(ann.events, "export.button")
    assert ann.t("export.title") in ann.text
    assert not ann.sees("export.complete")
    await ann.tap("export.make")
    found = await arrived(ann)
    today = datetime.now(ZONE).date()
    assert found.document["file_name"] == f"events-{today:%Y-%m-%d}.xlsx"
    head, *rows = sheet(stage, found)
    t = ann.t
    assert head == [
        t("export.column.id"),
        t("events.field.title"),
        f"{t('events.field.event_date')} (Asia/Almaty)",
        t("events.field.format"),
        t("events.field.location"),
        f"{t('export.column.created_at')} (Asia/Almaty)",
    ]
    stored = {event["id"]: event for event in stage.crm.events()}
    assert len(rows) == len(stored)
    assert {row[0] for row in rows} == set(stored)
    for number, title, date, kind, location, created in rows:
        event = stored[number]
        assert (title or "") == event["title"]
        assert location == event["location"]
        assert kind == t(f"choice.format.{event['format']}")
        assert date == local(event["event_date"])
        assert created == local(event["created_at"])
    done = ann.t("export.done", n=len(rows), count=len(rows), name=found.document["file_name"])
    assert done in living(ann).text
    assert living(ann).id < found.id


def local(moment: Any) -> datetime:
    """An instant of the CRM on the clock of the person, to the second."""
    found = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    aware = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return aware.astimezone(ZONE).replace(tzinfo=None, microsecond=0)


async def test_csv_has_the_mark_of_utf8_the_separator_of_the_language_and_no_formula(stage: Stage):
    evil = stage.crm.events()[3]["id"]
    retitle(stage, evil, '=HYPERLINK("http://evil.example";"Ә")')
    for language, separator in (("ru", ";"), ("en", ",")):
        ann = await stage.hand(
            "administrator", language, user_id=100 + len(language + separator) + ord(separator)
        )
        await ann.tap(ann.events, "export.button", "CSV", "export.make")
        found = await arrived(ann)
        assert found.document["file_name"].endswith(".csv")
        raw = content(stage, found)
        assert raw.startswith(b"\xef\xbb\xbf")
        head, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=separator)
        assert head[1] == ann.t("events.field.title")
        assert len(rows) == len(stage.crm.events())
        titles = {int(row[0]): row[1] for row in rows}
        assert titles[evil] == '\'=HYPERLINK("http://evil.example";"Ә")'
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row)


async def test_a_formula_is_text_in_a_workbook_too(stage: Stage):
    evil = stage.crm.events()[3]["id"]
    retitle(stage, evil, "=1+1")
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button", "export.make")
    book = load_workbook(io.BytesIO(content(stage, await arrived(ann))))
    cells = {row[0].value: row[1] for row in book.worksheets[0].iter_rows()}
    assert (cells[evil].value, cells[evil].data_type) == ("=1+1", "s")


def retitle(stage: Stage, record_id: int, title: str) -> None:
    with stage.crm.room.db.session() as session:
        session.execute(update(Event).where(Event.id == record_id).values(title=title))
        session.commit()


async def test_filters_and_search_narrow_the_file_as_they_narrow_the_list(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(
        ann.events, "list.filters", "choice.moderation_status.pending", "list.show", "export.button"
    )
    wanted = {e["id"] for e in stage.crm.events() if e["moderation_status"] == "pending"}
    assert ann.t("export.records", n=len(wanted), count=len(wanted)) in ann.text
    await ann.tap("export.make")
    found = await arrived(ann)
    head, *rows = sheet(stage, found)
    assert ann.t("export.column.moderation_status") in head
    assert {row[0] for row in rows} == wanted
    assert ann.t("choice.moderation_status.pending") in found.raw["caption"]

    stored = next(event for event in stage.crm.events() if len(event["title"]) > 12)
    await tap(ann, "nav.back")
    await ann.say("/menu")
    await ann.tap(ann.events)
    await ann.say(stored["title"])
    await ann.tap("export.button", "export.make")
    head, *rows = sheet(stage, await arrived(ann, 2))
    assert stored["id"] in {row[0] for row in rows}
    assert all(stored["title"] in row[1] for row in rows)


async def test_ticked_rows_alone_are_in_the_file_and_all_their_columns(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "list.select")
    rows = [label for label in ann.labels if label.startswith("☐")][:2]
    for label in rows:
        await ann.tap(label)
    ticked = [int(button["callback_data"].split(".")[1], 36) for row in ann.screen.keyboard for button in row
              if button["text"].startswith("☑") and button["callback_data"].startswith("ti")
              and button["callback_data"].split(".")[1]]  # fmt: skip
    assert len(ticked) == 2
    await ann.tap("export.button")
    assert ann.t("export.ticked", n=2, count=2) in ann.text
    await ann.tap("export.all_columns", "export.make")
    head, *found = sheet(stage, await arrived(ann))
    assert {row[0] for row in found} == set(ticked)
    about = head.index(ann.t("events.field.description"))
    stored = {e["id"]: e for e in stage.crm.events()}
    assert {row[0]: (row[about] or "") for row in found} == {n: stored[n]["description"] for n in ticked}
    await tap(ann, "nav.back")
    assert ann.t("bulk.title") in living(ann).text


async def test_columns_that_only_cards_have_are_read_from_the_cards(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events)
    stored = stage.events_of("administrator")[0]
    await ann.say(stored["title"])
    await ann.tap("export.button")
    assert ann.sees(f"☐ {ann.t('events.field.programs')}")
    stage.crm.clear_requests()
    await ann.tap(f"☐ {ann.t('export.column.moderation_status')}", "export.make")
    head, *rows = sheet(stage, await arrived(ann))
    state = head.index(ann.t("export.column.moderation_status"))
    by_id = {e["id"]: e for e in stage.crm.events()}
    assert rows
    for row in rows:
        assert row[state] == ann.t(f"choice.moderation_status.{by_id[row[0]]['moderation_status']}")
    assert len(stage.crm.requests_to(r"/events/admin/\d+$")) == len(rows)


async def test_an_owner_exports_own_records_only(stage: Stage):
    ann = await stage.hand("npo")
    await ann.tap(ann.events, "export.button", "export.make")
    _, *rows = sheet(stage, await arrived(ann))
    assert {row[0] for row in rows} == {e["id"] for e in stage.events_of("npo")}


@pytest.mark.parametrize("login", ["volunteer_admin", "msb", "client"])
async def test_who_may_not_read_a_module_cannot_order_its_file(stage: Stage, login: str):
    ann = await stage.hand(login)
    assert not ann.sees(ann.events)
    stage.crm.clear_requests()
    for data in ("exev", "exev..x0f", "xnev..x0f", "xnev..x1zz", "xsev..00000000"):
        assert await ann.forge(data) == ann.t("error.forbidden_toast")
    await ann.person.settle()
    assert not stage.crm.requests_to("/events/")
    assert not files(ann)


async def test_government_reads_and_so_exports_a_selection(stage: Stage):
    ann = await stage.hand("government")
    await ann.tap(ann.events, "list.select", "bulk.page")
    assert not ann.sees("approve")
    await ann.tap("export.button", "export.make")
    _, *rows = sheet(stage, await arrived(ann))
    assert len(rows) == 7


async def test_every_column_can_be_added_and_taken_away_and_none_makes_no_file(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button", "export.all_columns")
    assert not ann.sees("export.all_columns")
    for label in [label for label in ann.labels if label.startswith("☑")]:
        await ann.tap(label)
    assert ann.t("export.no_columns") in ann.text
    assert not ann.sees("export.make")
    await ann.forge("xnev..x00")
    await ann.person.settle()
    assert not files(ann)


# --- while it is made ---------------------------------------------------------------------------------------


def slow(stage: Stage, seconds: float = 1.5) -> None:
    stage.crm.faults.add("delay", "/events/admin/list", delay=seconds)


async def begun(stage: Stage, ann: Hand) -> None:
    """An export whose pages take their time."""
    await ann.tap(ann.events, "export.button")
    slow(stage)
    await ann.tap("export.make")
    assert ann.sees("export.stop")


async def test_stop_ends_it_without_a_file(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    slow(stage, 15.0)
    await ann.tap("export.make")
    await until(leftovers)
    await ann.tap("export.stop")
    assert ann.t("export.stopped") in ann.text
    # At once: what is being read is not waited for.
    await until(lambda: not leftovers(), 8)
    stage.crm.faults.clear()
    assert not files(ann)
    await ann.tap("error.retry", "export.make")
    assert len(sheet(stage, await arrived(ann))) == len(stage.crm.events()) + 1


async def test_stop_in_the_last_moment_ends_it_too(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    reached: list[str] = []

    async def stopped(making: Any) -> None:
        # Everything is ready, and nothing has left yet.
        reached.append(str(await making._app.exports.stop(making._order.user_id, making._order.id)))

    monkeypatch.setattr("handlers._engine.exporting._Making._audit", stopped)
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button", "export.make")
    await until(lambda: reached and not leftovers())
    await ann.person.settle(3)
    assert reached == ["stopped"]
    assert not files(ann)


@pytest.fixture(autouse=True)
def own_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for temporary files that no other test writes to."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def leftovers() -> list[Any]:
    """Folders of exports on the disk."""
    return list(Path(tempfile.gettempdir()).glob("tabys-export-*"))


async def test_a_double_tap_and_an_old_button_make_one_file(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    data, screen = ann.data("export.make"), ann.screen.id
    slow(stage)
    await ann.person.press(data, screen)
    await ann.person.press(data, screen)
    await ann.forge("exev")
    assert ann.sees("export.stop")
    await arrived(ann)
    await ann.person.settle(3)
    assert len(files(ann)) == 1


async def test_who_goes_on_meanwhile_keeps_their_screen_and_gets_the_file(stage: Stage):
    ann = await stage.hand("administrator")
    await begun(stage, ann)
    await ann.tap("nav.home")
    menu = living(ann)
    await arrived(ann)
    assert living(ann).text == menu.text
    assert len([m for m in ann.person.bot_messages if not m.document]) == 1


async def test_progress_is_told_in_the_same_message_and_not_often(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    stage.crm.faults.add("delay", "/events/admin/list", delay=4.0)
    stage.telegram.clear_calls()
    await ann.tap("export.make")
    await arrived(ann)
    edits = [call for call in stage.telegram.calls.of("editMessageText") if call.status == 200]
    assert 3 <= len(edits) <= 6
    # The first is the answer to the tap, the last one the end.
    gaps = [later.at - sooner.at for sooner, later in pairwise(edits[1:-1])]
    assert all(gap >= 2.9 for gap in gaps)
    assert not stage.telegram.calls.of("sendMessage")


async def test_a_restart_in_the_middle_gives_one_file(stage: Stage):
    ann = await stage.hand("administrator")
    await begun(stage, ann)
    await until(lambda: stage.crm.requests_to("/events/admin/list"))
    await stage.restart()
    stage.crm.faults.clear()
    found = await arrived(ann)
    await ann.person.settle(3)
    assert len(files(ann)) == 1
    assert len(sheet(stage, found)) == len(stage.crm.events()) + 1
    assert found.document["file_name"] in living(ann).text
    assert not leftovers()


async def test_an_order_whose_job_could_not_be_sent_is_done_nevertheless(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    sent: list[str] = []

    async def send(jobs: Jobs, name: str, **values: Any) -> None:
        sent.append(name)
        if len(sent) <= 2:
            raise SendTaskError
        await original(jobs, name, **values)

    original = Jobs.send
    monkeypatch.setattr(Jobs, "send", send)
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button", "export.make")
    assert ann.sees("export.stop")
    # Once by the tap, and again by who looks after orders that nobody works on: neither gives up.
    await until(lambda: files(ann), 60)
    assert len(sent) >= 3


async def test_a_role_that_is_taken_away_ends_it(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    age(stage, ann)
    stage.crm.set_role("administrator", "msb")
    await ann.person.press(ann.data("export.make"), ann.screen.id, settle=True)
    await ann.person.settle(3)
    assert not files(ann)


async def test_a_role_that_is_taken_away_while_it_is_made_ends_it(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    # Longer than the session is taken as known.
    stage.crm.faults.add("delay", "/events/admin/list", delay=6.0)
    await ann.tap("export.make")
    await until(lambda: stage.crm.requests_to("/events/admin/list"))
    stage.crm.set_role("administrator", "msb")
    age(stage, ann)
    await until(lambda: ann.t("error.forbidden") in living(ann).text)
    assert not files(ann)
    await until(lambda: not leftovers())


async def test_signing_out_ends_it(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    stage.crm.faults.add("delay", "/events/admin/list", delay=6.0)
    await ann.tap("export.make")
    await ann.say("/logout")
    if ann.sees("nav.cancel"):
        await ann.tap(ann.labels[0])
    await until(lambda: not leftovers(), 20)
    await ann.person.settle(3)
    assert not files(ann)


def age(stage: Stage, ann: Hand, seconds: float = 90.0) -> None:
    """Makes the last check of the session that much older."""
    with redis.Redis.from_url(stage.redis_url) as client:
        name = f"tg_session:{ann.person.id}"
        blob = json.loads(client.get(name))
        client.set(name, json.dumps(blob | {"checked_at": blob["checked_at"] - seconds}), keepttl=True)


async def test_a_backend_that_does_not_answer_is_told_with_a_way_to_try_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("handlers._engine.reading.PAUSES", (0.1,))
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    stage.crm.faults.add("status", "/events/admin/list", status=503)
    await ann.tap("export.make")
    await until(lambda: ann.t("export.unavailable") in living(ann).text)
    stage.crm.faults.clear()
    assert not files(ann)
    await until(lambda: not leftovers())
    assert ann.sees("error.retry")


async def test_a_file_that_telegram_refuses_is_told(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    stage.telegram.faults.add("flood", method="sendDocument", seconds=60)
    await ann.tap("export.make")
    await until(lambda: ann.t("file.not_sent") in living(ann).text)
    stage.telegram.faults.clear()
    await ann.tap("error.retry", "export.make")
    await arrived(ann)


async def test_a_file_that_may_have_come_is_not_sent_again(stage: Stage):
    ann = await stage.hand("administrator")
    await begun(stage, ann)
    name = f"{{tg_session:{ann.person.id}}}:export"
    with redis.Redis.from_url(stage.redis_url) as client:
        # As a worker leaves it that was killed while it sent.
        client.hset(name, mapping={"state": "sending", "holder": "dead", "until": "1", "asked": "1"})
    await until(lambda: ann.t("export.unknown") in living(ann).text, 30)
    await ann.person.settle(3)
    assert not files(ann)


async def test_an_empty_list_makes_no_file(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events)
    await ann.say("zzzz nothing of that name")
    assert not ann.sees("export.button")
    view = ann.data("list.filters").removeprefix("flev...")
    await ann.forge(f"xnev..x0f.{view}")
    await until(lambda: ann.t("export.nothing") in living(ann).text)
    assert not files(ann)


async def test_a_failure_is_told_also_to_who_went_on(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("handlers._engine.reading.PAUSES", (0.1,))
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    stage.crm.faults.add("status", "/events/admin/list", status=503, delay=1.0)
    await ann.tap("export.make")
    await ann.tap("nav.home")
    menu = ann.screen
    await until(lambda: ann.t("export.unavailable") in ann.text)
    assert ann.screen.id != menu.id
    stage.crm.faults.clear()
    # What is pressed becomes the living message, and the other one goes.
    await ann.tap("error.retry")
    assert ann.sees("export.make")
    assert len(ann.person.bot_messages) == 1


async def test_a_forgotten_search_does_not_make_a_larger_file(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events)
    await ann.say(next(event for event in stage.crm.events() if len(event["title"]) > 12)["title"])
    await ann.tap("export.button")
    with redis.Redis.from_url(stage.redis_url) as client:
        client.delete(*client.keys("*:search:*"))
    await ann.tap("export.make")
    await ann.person.settle()
    assert ann.t("stale.search_lost") in ann.text
    assert not files(ann)


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are personal data here: the events have none."""
    fields = tuple(
        Text(name="location", required=True, masked=True) if field.name == "location" else field
        for field in events.EVENTS.fields
    )
    changed = dataclasses.replace(events.EVENTS, fields=fields)
    resources = tuple(changed if one is events.EVENTS else one for one in modules.RESOURCES)
    monkeypatch.setattr("composition.RESOURCES", resources)


@pytest.mark.parametrize("full", [False, True])
async def test_personal_data_is_whole_only_when_asked_for_and_that_is_recorded(
    private: None, stage: Stage, full: bool
):
    await stage.restart()
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button")
    place = ann.t("events.field.location")
    assert ann.t("export.shortened", names=place) in ann.text
    if full:
        await ann.tap("export.complete")
        assert ann.t("export.whole", names=place) in ann.text
    await ann.tap("export.make")
    head, *rows = sheet(stage, await arrived(ann))
    stored = {event["id"]: event["location"] for event in stage.crm.events()}
    whole = [row[head.index(place)] == stored[row[0]] for row in rows]
    assert all(whole) if full else not any(whole)
    assert exported(stage)["after"]["full"] is full


def exported(stage: Stage) -> dict[str, Any]:
    """The one entry of the audit about an export."""
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        entries = [json.loads(fields["entry"]) for _, fields in client.xrange("audit")]
    (entry,) = [one for one in entries if one["op"] == "export"]
    return entry


async def test_the_audit_says_who_took_what(stage: Stage):
    ann = await stage.hand("administrator")
    await ann.tap(ann.events, "export.button", "export.make")
    await arrived(ann)
    entry = exported(stage)
    assert entry["resource"] == "events"
    assert entry["admin_id"] == stage.crm.admin_id("administrator")
    assert entry["after"]["rows"] == len(stage.crm.events())
    assert entry["sid"]


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
async def test_what_the_crm_cannot_show_is_said_beside_the_file(stage: Stage, language: str):
    """A row of a deleted volunteer fails the whole page (contract Q7): it is left out, and said to be."""
    ann = await stage.hand("volunteer_admin", language)
    orphan = records(stage, tables.VolunteerApplication)[0]
    remove(stage, tables.Volunteer, orphan["volunteer_id"])
    await ann.tap("module.volunteers", "volunteer_applications.title", "export.button", "export.make")
    found = await arrived(ann)
    kept = [
        one
        for one in records(stage, tables.VolunteerApplication)
        if one["volunteer_id"] != orphan["volunteer_id"]
    ]
    assert len(sheet(stage, found)) == 1 + len(kept)
    assert ann.t("volunteer_applications.left_out") in living(ann).text
    assert ann.t("volunteer_applications.left_out") in found.raw["caption"]


async def test_why_a_list_cannot_be_read_is_said_instead_of_a_file(stage: Stage):
    ann = await stage.hand("volunteer_admin")
    await ann.tap("module.volunteers", "volunteer_applications.title", "export.button")
    stage.crm.faults.add("status", "/applications$", method="GET", status=500)
    await ann.tap("export.make")
    await until(lambda: ann.t("export.stop") not in str(living(ann).buttons))
    assert ann.t("volunteer_applications.unreadable") in living(ann).text
    assert ann.t("export.unavailable") not in living(ann).text
    assert files(ann) == []
