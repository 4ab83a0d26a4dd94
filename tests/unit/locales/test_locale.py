"""How one person reads: dates, numbers, zones, plurals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from locales.catalogue import LANGUAGES, load
from tests.matrix.strict import LOCALES, TEXTS, locale

AT = datetime(2031, 12, 25, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(("language", "month"), [("kk", "желтоқсан"), ("ru", "декабря"), ("en", "December")])
def test_a_moment_is_said_in_the_persons_language_and_zone(language: str, month: str):
    assert locale(language).moment(AT) == f"25 {month} 2031, 10:00 (UTC+5)"
    assert locale(language, "Asia/Kolkata").moment(AT).endswith("10:30 (UTC+5:30)")
    assert locale(language, "America/New_York").moment(AT).endswith("00:00 (UTC-5)")


def test_a_short_date_names_another_year_only():
    now = datetime.now(UTC)
    assert "2031" in locale("en").short(AT)
    assert str(now.year) not in locale("en", "UTC").short(now)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_grouped(language: str):
    shown = locale(language).number(1_234_567)
    assert "".join(character for character in shown if character.isdigit()) == "1234567"
    assert len(shown) == 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_and_days_are_named(language: str):
    here = LOCALES[language]
    assert "2026" in here.month(2026, 6)
    assert here.month(2026, 6)[0].isupper()
    assert here.day(date(2026, 6, 1)).startswith("1 ")


def test_parameters_are_escaped_in_html_only():
    texts = TEXTS["en"]
    assert texts.html("login.done", name="<b>&") == "✅ You are signed in as <b>&lt;b&gt;&amp;</b>."
    assert texts("start.unknown_command", name="<b>") == "There is no command /<b>."


def test_a_key_without_a_text_is_shown_as_itself():
    assert TEXTS["en"]("choice.format.Hybrid") == "choice.format.Hybrid"
    assert "choice.format.Hybrid" not in TEXTS["en"]


def test_one_text_has_one_place(tmp_path: Path):
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        for room in ("a", "b"):
            (tmp_path / language / f"{room}.po").write_text(
                'msgid ""\nmsgstr ""\n\nmsgid "x.y"\nmsgstr "z"\n'
            )
    with pytest.raises(ValueError, match=r"kk/b\.po: x\.y"):
        load(tmp_path)
