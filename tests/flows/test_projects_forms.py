"""Forms of projects, their questions, and what people send in with them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
import redis

from api.projects.fields import numbers
from keyboards.callbacks import Go, Press
from sandbox.crm.groups.projects import tables
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.projects_stage import (
    ROLES,
    child,
    drawn,
    form_of,
    of,
    opened,
    projects,
    with_form,
    without_form,
)
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import keyed

WRITERS = ("npo", "administrator", "super_admin")


def fields(stage: Stage, project_id: int) -> list[dict[str, Any]]:
    """The questions as the CRM has them now."""
    found = form_of(stage, project_id)
    return found["fields"] if found else []


def number_of(stage: Stage, project_id: int, name: str) -> int:
    """The record id of the question that the backend knows by that text."""
    rows = fields(stage, project_id)
    return numbers(row["id"] for row in rows)[[row["id"] for row in rows].index(name)]


def submissions(stage: Stage, project_id: int, **wanted: Any) -> list[dict[str, Any]]:
    found = of(stage, tables.FormSubmission, project_id)
    return [row for row in found if all(row[name] == wanted[name] for name in wanted)]


def unasked(stage: Stage, login: str) -> dict[str, Any]:
    """A project whose form nobody has filled in."""
    return next(
        row
        for row in projects(stage, login, project_type="application")
        if form_of(stage, row["id"]) and not submissions(stage, row["id"])
    )


def files(hand: Hand) -> list[dict[str, Any]]:
    return [message.document for message in hand.person.bot_messages if message.document]


def noted(stage: Stage, op: str) -> list[dict[str, Any]]:
    """The entries of the audit about that op."""
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        entries = [json.loads(fields["entry"]) for _, fields in client.xrange("audit")]
    return [entry for entry in entries if entry["op"] == op]


async def closed(stage: Stage, project_id: int) -> None:
    """Switches the form off behind the bot's back."""
    with stage.crm.room.db.session() as session:
        session.query(tables.FormTemplate).filter_by(project_id=project_id).update({"is_active": False})


# --- rights --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
async def test_government_and_others_get_no_forms_no_questions_no_submissions(stage: Stage, role: str):
    """The backend refuses them to government in practice (contract 5.2), although it may read projects."""
    row = with_form(stage, "npo" if role == "npo" else "npo2")
    sent = submissions(stage, row["id"])[0]
    hand = await stage.hand(role)
    await hand.open(row["id"], "pr")
    keys = ("project_forms.title", "project_fields.title", "project_submissions.title")
    assert [hand.sees(key) for key in keys] == [role in WRITERS] * 3
    stage.crm.clear_requests()
    question = number_of(stage, row["id"], fields(stage, row["id"])[0]["id"])
    tries: Iterable[Go] = (
        child("pt", row["id"]), child("pt", row["id"], row["id"]),
        child("pt", row["id"], row["id"], Press.DEED_NOW, "dv"),
        child("pf", row["id"]), child("pf", row["id"], question), child("pf", row["id"], question, Press.DELETE_NOW),
        child("pf", row["id"], 0, Press.CREATE), child("ps", row["id"]), child("ps", row["id"], sent["id"]),
        child("ps", row["id"], sent["id"], Press.REVEAL), child("ps", row["id"], sent["id"], Press.DEED, "ok"),
        child("ps", row["id"], 0, Press.TOOL, "an"), child("ps", row["id"], 0, Press.TOOL, "tb"),
    )  # fmt: skip
    if role in WRITERS:
        return
    for go in tries:
        assert await hand.forge(keyed(stage, hand, go)) == hand.t("error.forbidden_toast"), go
    asked = ("form-template", "submissions", "analytics")
    assert [one for one in stage.crm.requests if any(part in one.path for part in asked)] == []
    assert stage.writes() == []
    assert files(hand) == []


async def test_npo_reaches_nothing_of_others(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo2")
    form, sent = form_of(stage, row["id"]), submissions(stage, row["id"])
    question = number_of(stage, row["id"], fields(stage, row["id"])[0]["id"])
    stage.crm.clear_requests()
    for go in (
        child("pt", row["id"]), child("pf", row["id"]), child("ps", row["id"]), child("ps", row["id"], sent[0]["id"]),
        child("pt", row["id"], row["id"], Press.DEED_NOW, "dv"), child("pt", row["id"], row["id"], Press.DELETE_NOW),
        child("pf", row["id"], question, Press.DELETE_NOW), child("pf", row["id"], question, Press.DEED_NOW, "dn"),
        child("ps", row["id"], 0, Press.TOOL, "an"), child("ps", row["id"], 0, Press.TOOL, "tb"),
        child("ps", projects(stage, "npo", project_type="application")[0]["id"], sent[0]["id"]),
    ):  # fmt: skip
        await hand.forge(keyed(stage, hand, go))
        assert hand.t("error.gone") in hand.text, go
        assert hand.t("error.backend") not in hand.text
    assert (form_of(stage, row["id"]), submissions(stage, row["id"])) == (form, sent)
    assert [
        one for one in stage.crm.requests if f"{row['id']}/form" in one.path or one.path.endswith("export")
    ] == []


# --- the form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_a_form_is_made_closed_opened_and_deleted(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = without_form(stage, "npo")
    await hand.open(row["id"], "pr")
    await hand.tap("project_forms.title")
    assert hand.t("project_forms.empty") in hand.text
    await hand.tap("list.new")
    for text in ("Сауалнама", "Анкета", "Толтырыңыз"):
        await hand.say(text)
    await hand.tap("form.skip", "form.save")
    made = form_of(stage, row["id"])
    assert made is not None
    assert (made["title_kz"], made["title_ru"], made["description_kz"], made["is_active"], made["fields"]) == (
        "Сауалнама", "Анкета", "Толтырыңыз", True, [],
    )  # fmt: skip
    assert hand.t("project_forms.open") in hand.text
    await hand.tap("project_forms.action.deactivate")
    assert hand.t("project_forms.ask.deactivate") in hand.text
    await hand.tap("project_forms.action.deactivate")
    assert not form_of(stage, row["id"])["is_active"]
    assert hand.t("project_forms.closed") in hand.text
    await hand.tap("nav.back")
    assert not any(go.op in (Press.CREATE, Press.SELECT) for go in drawn(hand))
    await hand.tap("project_forms.closed", "project_forms.action.activate")
    assert form_of(stage, row["id"])["is_active"]
    await hand.tap("card.delete", "delete.confirm")
    assert form_of(stage, row["id"]) is None
    assert hand.t("project_forms.empty") in hand.text


async def test_a_closed_form_is_404_for_admins_too_and_is_worked_on_all_the_same(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    await closed(stage, row["id"])
    await opened(hand, "pt", row["id"], row["id"])
    assert hand.t("project_forms.closed") in hand.text
    await hand.tap("card.edit", "project_forms.field.title_ru")
    await hand.say("Новая анкета")
    await hand.tap("form.save")
    now = form_of(stage, row["id"])
    assert (now["title_ru"], now["is_active"]) == ("Новая анкета", False)
    await opened(hand, "pf", row["id"])
    assert any(go.op == Press.CARD for go in drawn(hand))


@pytest.mark.parametrize("language", LOCALES)
async def test_q7_a_form_that_was_filled_in_stays_and_it_is_said_why(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    row = with_form(stage)
    before = form_of(stage, row["id"])
    await opened(hand, "pt", row["id"], row["id"])
    await hand.tap("card.delete", "delete.confirm")
    assert hand.t("project_forms.error.kept") in hand.text
    assert form_of(stage, row["id"]) == before


async def test_a_second_form_is_not_offered_and_a_forged_one_is_refused_in_words(stage: Stage):
    hand = await stage.hand("administrator")
    row = with_form(stage)
    before = form_of(stage, row["id"])
    await opened(hand, "pt", row["id"])
    assert not any(go.op == Press.CREATE for go in drawn(hand))
    await hand.forge(child("pt", row["id"], 0, Press.CREATE).pack())
    await hand.say("А")
    await hand.say("Б")
    await hand.tap("form.skip", "form.skip", "form.save")
    assert hand.t("project_forms.error.exists") in hand.text
    assert form_of(stage, row["id"]) == before


# --- questions -------------------------------------------------------------------------------------------------


async def ask(hand: Hand, kind: str, kz: str, ru: str, options: str = "", *, required: bool = False) -> None:
    """Fills in a new question up to its summary."""
    await hand.tap("list.new", f"choice.project_fields.type.{kind}")
    await hand.say(kz)
    await hand.say(ru)
    if options:
        await hand.say(options)
    await hand.tap("flag.yes" if required else "flag.no")
    for _ in range(4):
        await hand.tap("form.skip")


@pytest.mark.parametrize("language", LOCALES)
async def test_the_first_questions_make_the_form(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = without_form(stage, "npo")
    await hand.open(row["id"], "pr")
    await hand.tap("project_fields.title")
    assert hand.t("project_fields.empty") in hand.text
    await ask(hand, "text", "Аты-жөні", "ФИО", required=True)
    await hand.tap("form.save")
    assert (form_of(stage, row["id"])["title_kz"], form_of(stage, row["id"])["title_ru"]) == (
        row["title"], row["title_ru"],
    )  # fmt: skip
    await hand.tap("nav.back")
    await ask(hand, "dropdown", "Қайдан?", "Откуда?", "Дос\nTV & <радио>")
    await hand.tap("form.save")
    first, second = fields(stage, row["id"])
    assert (first["type"], first["label_kz"], first["label_ru"], first["required"], first["order"]) == (
        "text", "Аты-жөні", "ФИО", True, 1,
    )  # fmt: skip
    assert (second["type"], second["options"], second["required"], second["order"]) == (
        "dropdown", ["Дос", "TV & <радио>"], False, 2,
    )  # fmt: skip
    assert hand.t("choice.project_fields.type.dropdown") in hand.text
    assert "TV & <радио>" in hand.text


async def test_a_choice_needs_options_and_asks_for_them(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    before = fields(stage, row["id"])
    await opened(hand, "pf", row["id"])
    await hand.tap("list.new", "choice.project_fields.type.radio")
    await hand.say("А")
    await hand.say("Б")
    await hand.tap("form.skip", "flag.no")
    for _ in range(4):
        await hand.tap("form.skip")
    await hand.tap("form.save")
    assert hand.t("project_fields.error.options") in hand.text
    assert fields(stage, row["id"]) == before


async def test_options_of_a_free_question_are_refused_at_their_step(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    name = next(one["id"] for one in fields(stage, row["id"]) if one["type"] == "text")
    before = fields(stage, row["id"])
    await opened(hand, "pf", row["id"], number_of(stage, row["id"], name))
    await hand.tap("card.edit", "project_fields.field.options")
    await hand.say("А\nБ")
    await hand.tap("form.save")
    assert hand.t("project_fields.error.no_options") in hand.text
    assert fields(stage, row["id"]) == before


async def test_questions_stand_in_their_order_and_move(stage: Stage):
    hand = await stage.hand("npo", "ru")
    row = with_form(stage, "npo")
    before = fields(stage, row["id"])
    await opened(hand, "pf", row["id"])
    shown = [label for label in hand.labels if label[:1].isdigit()]
    assert shown[0].startswith(f"1. {before[0]['label_ru']}")
    await opened(hand, "pf", row["id"], number_of(stage, row["id"], before[0]["id"]))
    assert not hand.sees("project_fields.action.move_up")
    await hand.tap("project_fields.action.move_down")
    after = fields(stage, row["id"])
    assert [one["id"] for one in after[:2]] == [before[1]["id"], before[0]["id"]]
    assert [one["order"] for one in after] == list(range(1, len(before) + 1))
    kept = [{**one, "order": 0} for one in after]
    assert sorted(kept, key=str) == sorted(({**one, "order": 0} for one in before), key=str)
    await hand.tap("project_fields.action.move_up")
    assert [one["id"] for one in fields(stage, row["id"])] == [one["id"] for one in before]


async def test_an_old_button_means_the_same_question_after_others_moved(stage: Stage):
    hand = await stage.hand("npo", "ru")
    row = with_form(stage, "npo")
    before = fields(stage, row["id"])
    number = number_of(stage, row["id"], before[2]["id"])
    go = child("pf", row["id"], number)
    await hand.forge(child("pf", row["id"], number_of(stage, row["id"], before[0]["id"])).pack())
    await hand.tap("card.delete", "delete.confirm")
    await hand.forge(go.pack())
    assert before[2]["label_ru"] in hand.text


async def test_a_question_is_changed_and_keeps_the_rest(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    before = fields(stage, row["id"])
    await opened(hand, "pf", row["id"], number_of(stage, row["id"], "name"))
    await hand.tap("card.edit", "project_fields.field.label_ru")
    await hand.say("Ваше имя")
    await hand.tap("form.save")
    assert fields(stage, row["id"]) == [
        one | ({"label_ru": "Ваше имя"} if one["id"] == "name" else {}) for one in before
    ]


async def test_whether_an_answer_is_needed_is_changed_and_never_cleared(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    before = fields(stage, row["id"])
    asked = next(one for one in before if one["required"])
    await opened(hand, "pf", row["id"], number_of(stage, row["id"], asked["id"]))
    await hand.tap("card.edit", "project_fields.field.required")
    assert not hand.sees("form.clear")
    await hand.tap("flag.no", "form.save")
    assert fields(stage, row["id"]) == [
        one | ({"required": False} if one["id"] == asked["id"] else {}) for one in before
    ]


@pytest.mark.parametrize("language", LOCALES)
async def test_deleting_a_question_says_what_becomes_of_its_answers(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = with_form(stage, "npo")
    count = len(submissions(stage, row["id"]))
    await opened(hand, "pf", row["id"], number_of(stage, row["id"], "city"))
    assert hand.t("choice.project_fields.type.city") in hand.text
    await hand.tap("card.delete")
    assert hand.t("project_fields.impact", n=count, count=str(count)) in hand.text
    await hand.tap("delete.confirm")
    left = fields(stage, row["id"])
    assert "city" not in [one["id"] for one in left]
    assert next(one for one in left if one["id"] == "district")["depends_on"] is None


# --- submissions -----------------------------------------------------------------------------------------------


def sent_in(stage: Stage, project_id: int, **wanted: Any) -> dict[str, Any]:
    """A submission with a name, a mail and an answer to everything."""
    return next(
        row
        for row in submissions(stage, project_id, **wanted)
        if row["applicant_name"]
        and row["email"]
        and "phone2" in row["responses"]
        and row["responses"]["topics"]
    )


@pytest.mark.parametrize("language", LOCALES)
async def test_submissions_are_listed_filtered_and_searched(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = with_form(stage, "npo")
    rows = submissions(stage, row["id"])
    await hand.open(row["id"], "pr")
    await hand.tap("project_submissions.title")
    assert str(len(rows)) in hand.text
    await hand.tap("list.filters", "choice.project_submissions.status.rejected", "list.show")
    rejected = {one["id"] for one in submissions(stage, row["id"], status="rejected")}
    shown = {go.id for go in drawn(hand) if go.op == Press.CARD and go.res == "ps"}
    assert shown
    assert shown <= rejected
    await opened(hand, "ps", row["id"])
    one = next(one for one in rows if one["email"])
    await hand.say(one["email"])
    assert {go.id for go in drawn(hand) if go.op == Press.CARD and go.res == "ps"} == {
        other["id"] for other in rows if one["email"] in (other["email"] or "")
    }
    await opened(hand, "ps", row["id"])
    await hand.tap("list.filters", "choice.project_submissions.period.week", "list.show")
    assert "start_date" in stage.crm.requests_to("submissions$")[-1].query


@pytest.mark.parametrize("language", LOCALES)
async def test_answers_stand_under_the_words_of_the_persons_language(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = with_form(stage, "npo")
    one = sent_in(stage, row["id"])
    await opened(hand, "ps", row["id"], one["id"])
    text = hand.text
    if hand.sees("card.read"):
        await hand.tap("card.read")
        text += hand.text
    column = "label_kz" if language == "kk" else "label_ru"
    if language != "en":
        for field in fields(stage, row["id"]):
            assert f"{field[column]}{'' if field[column].endswith('?') else ':'} " in text, field["id"]
    assert ", ".join(one["responses"]["topics"]) in text
    assert one["responses"]["site"] in text
    assert "api.tabys.example" not in text


async def test_phones_and_mails_are_masked_until_somebody_asks_and_that_is_noted(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    one = sent_in(stage, row["id"])
    private = (one["phone_number"], one["email"], one["responses"]["mail"], one["responses"]["phone2"],
               one["responses"]["address"])  # fmt: skip
    await opened(hand, "ps", row["id"])
    assert not any(text in str(hand.screen.buttons) + hand.text for text in private)
    await opened(hand, "ps", row["id"], one["id"])
    assert not any(text in hand.text for text in private)
    assert "•••" in hand.text
    if hand.sees("card.read"):
        await hand.tap("card.read")
        while True:
            assert not any(text in hand.text for text in private)
            if not hand.sees("pager.next"):
                break
            await hand.tap("pager.next")
        await hand.tap("nav.back")
    assert noted(stage, "reveal") == []
    await hand.tap("card.reveal")
    for text in private:
        assert text in hand.text
    assert [entry["record_id"] for entry in noted(stage, "reveal")] == [one["id"]]


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("deed", "status", "other"), [
    ("accept", "approved", "rejected"), ("decline", "rejected", "approved"),
])  # fmt: skip
async def test_a_decision_with_a_comment(stage: Stage, language: str, deed: str, status: str, other: str):
    hand = await stage.hand("npo", language)
    row = with_form(stage, "npo")
    one = submissions(stage, row["id"], status=other)[0]
    await opened(hand, "ps", row["id"], one["id"])
    assert not hand.sees(f"project_submissions.action.{'decline' if deed == 'accept' else 'accept'}")
    stage.crm.clear_requests()
    await hand.tap(f"project_submissions.action.{deed}")
    await hand.say("Түсіндірме <b>&")
    await hand.tap("form.save")
    now = submissions(stage, row["id"], id=one["id"])[0]
    assert (now["status"], now["admin_comment"]) == (status, "Түсіндірме <b>&")
    assert now["reviewed_by"] == stage.crm.admin_id("npo")
    assert hand.toast == hand.t(f"project_submissions.done.{deed}")
    assert "Түсіндірме <b>&" in hand.text
    assert len(stage.writes()) == 1


async def test_a_decision_without_a_comment_does_not_keep_the_old_one(stage: Stage):
    hand = await stage.hand("administrator")
    row = with_form(stage)
    one = submissions(stage, row["id"], status="rejected")[0]
    assert one["admin_comment"]
    await opened(hand, "ps", row["id"], one["id"])
    await hand.tap("project_submissions.action.accept", "form.skip", "form.save")
    now = submissions(stage, row["id"], id=one["id"])[0]
    assert now["status"] == "approved"
    assert not now["admin_comment"]


@pytest.mark.parametrize("language", LOCALES)
async def test_the_figures_of_submissions(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = with_form(stage, "npo")
    rows = submissions(stage, row["id"])
    await opened(hand, "ps", row["id"])
    await hand.tap("project_submissions.action.analytics")
    assert hand.t("project_submissions.stats.total", n=len(rows), count=str(len(rows))) in hand.text
    counts = sum(one["responses"].get("experience") == "5+" for one in rows)
    assert f"{counts} · 5+" in hand.text
    assert ("Тәжірибе" if language == "kk" else "Опыт") in hand.text
    assert "▓" in hand.text
    await hand.tap("nav.back")
    assert hand.t("project_submissions.title") in hand.text


async def test_the_csv_comes_as_a_file_with_a_byte_order_mark_and_is_noted(stage: Stage):
    hand = await stage.hand("npo")
    row = with_form(stage, "npo")
    await opened(hand, "ps", row["id"])
    await hand.tap("list.filters", "choice.project_submissions.status.approved", "list.show")
    await hand.tap("project_submissions.action.table")
    sent = files(hand)
    assert [one["file_name"] for one in sent] == [f"project-{row['id']}-submissions-approved.csv"]
    content = stage.telegram.state.files.by_id(sent[0]["file_id"]).data
    assert content.startswith(b"\xef\xbb\xbfID,")
    approved = submissions(stage, row["id"], status="approved")
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == len(approved) + 1
    assert all(any(line.startswith(f"{one['id']},") for line in lines) for one in approved)
    entry = noted(stage, "table")[0]
    assert (entry["resource"], entry["record_id"], entry["after"]) == (
        "project_submissions", row["id"], {"status": "approved"},
    )  # fmt: skip


@pytest.mark.parametrize("language", LOCALES)
async def test_q7_nothing_to_export_is_said_in_words(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = unasked(stage, "npo")
    await opened(hand, "ps", row["id"])
    assert hand.t("project_submissions.empty") in hand.text
    await hand.tap("project_submissions.action.table")
    assert hand.t("project_submissions.error.nothing") in hand.text
    assert files(hand) == []
