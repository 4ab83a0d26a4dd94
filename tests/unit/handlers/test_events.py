"""Lines of a programme and of speakers, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.events import line, next_week, programme_line, read_programme, read_speaker, speaker_line
from models.event import Event
from resources.fields import FieldError
from tests.matrix.strict import LOCALES, locale

EN = locale("en")
WORD = st.from_regex(r"[A-Za-zӘәҒғҚқА-Яа-я]{1,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "time", "what"),
    [
        ("10:00 Registration", 600, "Registration"),
        ("9.30 — Тіркелу", 570, "Тіркелу"),
        ("0930 - Coffee - and tea", 570, "Coffee - and tea"),
        ("23:59   Night", 1439, "Night"),
    ],
)
def test_a_programme_line_is_read(typed: str, time: int, what: str):
    assert read_programme(typed, EN) == {"time": time, "description": what}


@pytest.mark.parametrize(
    "typed", ["", "10:00", "10:00   ", "Registration", "25:00 Late", "10:60 x", "10:00 —"]
)
def test_a_programme_line_needs_a_time_and_words(typed: str):
    with pytest.raises(FieldError):
        read_programme(typed, EN)


@given(st.integers(0, 1439), st.lists(WORD, min_size=1, max_size=5))
def test_a_shown_programme_line_reads_back(time: int, words: list[str]):
    row = {"time": time, "description": " ".join(words)}
    assert read_programme(programme_line(row, EN), EN) == row


@pytest.mark.parametrize(
    ("typed", "row"),
    [
        ("Aigerim Sapar", {"first_name": "Aigerim", "last_name": "Sapar"}),
        ("Aigerim Sapar — moderator", {"first_name": "Aigerim", "last_name": "Sapar", "bio": "moderator"}),
        ("Anna-Maria Ivanova - a - b", {"first_name": "Anna-Maria", "last_name": "Ivanova", "bio": "a - b"}),
        ("A B C D", {"first_name": "A", "last_name": "D", "middle_name": "B C"}),
        ("Aigerim Sapar — ", {"first_name": "Aigerim", "last_name": "Sapar"}),
    ],
)
def test_a_speaker_line_is_read(typed: str, row: dict[str, str]):
    assert read_speaker(typed, EN) == row


@pytest.mark.parametrize("typed", ["", "Aigerim", "— moderator", "Aigerim — moderator"])
def test_a_speaker_has_two_names(typed: str):
    with pytest.raises(FieldError, match=r"events\.speakers\.unclear"):
        read_speaker(typed, EN)


@given(st.lists(WORD, min_size=2, max_size=4), st.one_of(st.just(""), WORD))
def test_a_shown_speaker_line_reads_back(names: list[str], bio: str):
    typed = " ".join(names) + (f" — {bio}" if bio else "")
    row = read_speaker(typed, EN)
    assert speaker_line(row, EN) == typed
    assert read_speaker(speaker_line(row, EN), EN) == row


@pytest.mark.parametrize("language", LOCALES)
def test_a_row_has_its_date_and_a_title(language: str):
    event = Event.model_validate(
        {
            "id": 1,
            "title": "",
            "event_date": "2030-12-25T05:00:00",
            "location": "x",
            "format": "Online",
            "description": "x",
            "created_at": "2026-01-01T00:00:00",
        }
    )
    shown = line(event, locale(language))
    assert "2030" in shown
    assert locale(language).t("card.untitled") in shown


def test_next_week_moves_a_date_and_nothing_else():
    values = {"title": "x", "event_date": "2026-12-25T05:00:00+00:00"}
    assert next_week(values) == {"title": "x", "event_date": "2027-01-01T05:00:00+00:00"}
    assert next_week({"title": "x"}) == {"title": "x"}


def test_a_programme_line_is_not_endless():
    with pytest.raises(FieldError, match=r"field\.error\.too_long"):
        read_programme("10:00 " + "x" * 301, EN)
