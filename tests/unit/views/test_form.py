"""Forms: personal data that nobody typed stays masked while it is edited, and in the list of drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers.events import EVENTS
from handlers.volunteers import VOLUNTEERS
from resources.fields import Email, LongText, Phone, Text
from services import drafts
from tests.matrix.strict import LOCALES
from views.form import FormView, draft_label, step_screen, summary_screen

STORED, TYPED = "Bekzat Nursultan", "Aida Sapar"
NAME = Text(name="full_name", masked=True)
PRIVATE = replace(VOLUNTEERS, fields=(NAME, *VOLUNTEERS.fields[1:]))
NUMBER = "+77011234567"


def form(now: str, before: str = "") -> FormView:
    """The form of that one field, which holds ``now``; it edits ``before`` where there is such a value."""
    return FormView(
        PRIVATE, "draft1", bool(before), {"full_name": now}, {"full_name": before} if before else {}, ("full_name",),
        LOCALES["en"], datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_what_nobody_typed_stays_masked_while_it_is_edited() -> None:
    for text, _ in (
        step_screen(form(STORED, STORED), NAME),
        summary_screen(form(TYPED, STORED), "k" * 14, False),
    ):
        assert "Nursultan" not in text
        assert "Be••••" in text


def test_what_was_typed_is_shown_whole() -> None:
    for text, _ in (
        step_screen(form(TYPED, STORED), NAME),
        summary_screen(form(TYPED, STORED), "k" * 14, False),
        step_screen(form(TYPED), NAME),
        summary_screen(form(TYPED), "k" * 14, False),
    ):
        assert TYPED in text


def test_no_personal_data_names_a_draft() -> None:
    resource = replace(VOLUNTEERS, fields=(Phone(name="phone_number"), Text(name="full_name")))
    draft = drafts.new(1, "vo", "create", 0, values={"phone_number": NUMBER, "full_name": "Aida"})
    assert draft_label(resource, draft, LOCALES["en"]).endswith("Aida")
    number = replace(draft, mode="edit", record_id=5, values={"phone_number": NUMBER})
    assert NUMBER not in draft_label(resource, number, LOCALES["en"])


@pytest.mark.parametrize(
    ("mode", "about", "shown"),
    [
        ("ac", "Aida Sapar", "➕ Add V-coins: Aida Sapar"),
        ("ac", "", "➕ Add V-coins: Volunteer"),
        ("edit", "Aida Sapar", "✏️ Editing: Aida Sapar"),
        ("edit", "", "✏️ Editing: Volunteer"),
    ],
)
def test_a_draft_says_what_is_done_to_whom(mode: str, about: str, shown: str) -> None:
    """There is nobody to be made here: the resource has no form, and no text for a new one."""
    draft = drafts.new(1, "vo", mode, 0, record_id=5, values={"reason": "x"}, about=about)
    assert draft_label(VOLUNTEERS, draft, LOCALES["en"]) == shown


def test_a_new_record_is_called_by_its_text_or_as_new() -> None:
    draft = drafts.new(1, "ev", "create", 0, values={"format": "Online"})
    assert draft_label(EVENTS, draft, LOCALES["en"]) == "📅 New event"
    assert draft_label(EVENTS, replace(draft, values={"title": "Forum"}), LOCALES["en"]) == "📅 Forum"


@pytest.mark.parametrize("text", ["a", "1990", "Абай", "№ 12345"])
def test_a_short_answer_is_hidden_whole(text: str) -> None:
    assert Text(name="x", masked=True).mask(text, LOCALES["en"]) == "•••"


def test_a_longer_one_shows_its_ends() -> None:
    assert Email(name="x", masked=True).mask("aida@mail.kz", LOCALES["en"]) == "ai••••••••kz"
    assert Text(name="x", masked=True).mask("", LOCALES["en"]) == ""


def test_what_is_kept_of_personal_data_is_masked() -> None:
    assert Phone(name="x").withheld(NUMBER) == "+7 701 ••• •• 67"
    assert Phone(name="x", masked=False).withheld(NUMBER) == NUMBER
    assert LongText(name="x", masked=True).withheld("Abai street 5, flat 7").startswith("Ab•")
    assert Text(name="x", masked=True).withheld([{"text": "secret"}]) == "•••"
    assert Text(name="x", masked=True).withheld(None) is None
    assert Text(name="x").withheld("open") == "open"
