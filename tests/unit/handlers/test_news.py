"""The news as readers see them, their rows, their hours, and what a form of them asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news import NEWS, check
from handlers.news.screens import line, preview_pages, slots_text, subtitle
from models.news import Article, DaySchedule, Shown
from tests.matrix.strict import LOCALES, locale, visible
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT, units, visible_units

TEXT = st.text(alphabet=st.sampled_from("аә <&>\n🇰🇿👩‍💻z"), max_size=3000)


def article(**values: Any) -> Article:
    return Article.model_validate({"id": 1, "created_at": "2026-11-21T10:00:00", **values})


def asked(**values: Any) -> list[str]:
    """The steps of a form that holds these values."""
    fields = (NEWS.by_name[name] for name in NEWS.form)
    return [one.name for one in fields if one.when is None or one.when(values)]


def test_a_skipped_language_is_not_asked_for():
    steps = asked(title_ru="Тақырып", status="draft")
    assert steps == [
        "title_kz", "title_ru", "description_ru", "content_text_ru", "photo_url", "category", "source_name",
        "status",
    ]  # fmt: skip


def test_without_both_languages_a_base_title_is_asked_for():
    assert asked()[:3] == ["title_kz", "title_ru", "title"]
    assert asked(title="Tabys")[2:5] == ["title", "description", "content_text"]


def test_a_time_is_asked_for_only_when_it_is_to_wait():
    assert "publish_at" not in asked(title_kz="Т", status="published")
    assert "publish_at" in asked(title_kz="Т", status="scheduled")
    assert "source_url" in asked(source_name="Egemen")
    assert "date" not in asked(status="draft")


def test_a_new_article_needs_a_title():
    assert check({"status": "draft", "title": "Tabys"}) is None
    assert check({"status": "draft"}) == ("title_kz", "news.error.no_title")


def test_a_time_that_passed_while_the_form_lay_open():
    late, early = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (-1, 5))
    new = {"title_kz": "Т", "status": "scheduled"}
    assert check({**new, "publish_at": early.isoformat()}) is None
    assert check({**new, "publish_at": late.isoformat()}) == ("publish_at", "field.error.past")


def test_an_article_of_the_crm_keeps_one_title_at_least():
    kept = {field.name: None for field in NEWS.fields} | {"status": "scheduled"}
    assert check({**kept, "title_ru": "Т"}) is None
    assert check(kept) == ("title_kz", "news.error.no_title")


@pytest.mark.parametrize("language", LOCALES)
def test_a_row_says_when_it_goes_out(language: str):
    year = datetime.now(UTC).year
    waits = article(title_kz="Т", status="scheduled", publish_at=f"{year}-12-25T05:00:00")
    assert line(waits, locale(language)).startswith("🕒 25 ")
    assert line(waits, locale(language)).endswith("10:00 · Т")
    bare = Article(id=1)
    assert line(bare, locale(language)) == locale(language).t("card.untitled")


@pytest.mark.parametrize("language", LOCALES)
def test_every_state_has_a_line(language: str):
    lines = set()
    for status in ("draft", "scheduled", "published", None):
        for verdict in ("pending", "approved", "rejected"):
            text = subtitle(
                article(status=status, moderation_status=verdict, publish_at="2027-01-01T10:00:00"),
                locale(language),
            )
            assert not text.startswith("news.")
            # The card cuts a longer one.
            assert units(text) <= 200
            lines.add(text)
    assert len(lines) == len(Shown)


@given(TEXT, TEXT, TEXT, st.sampled_from([CAPTION_LIMIT, 3500]))
def test_a_preview_fits_and_loses_nothing(heading: str, description: str, text: str, room: int):
    made = article(title_kz=heading, description_kz=description, content_text_kz=text)
    parts = preview_pages(made, "kk", room)
    assert all(visible_units(part) <= TEXT_LIMIT for part in parts)
    assert not parts or visible_units(parts[0]) <= room
    shown = "".join(unescape(visible(part)) for part in parts).replace("…", "")
    kept = "".join((description + text).split())
    assert "".join(shown.split()).endswith(kept)


def test_a_preview_of_nothing_is_empty():
    assert preview_pages(article(title_kz=" ", title_ru="Т"), "kk", 3500) == []


@pytest.mark.parametrize("language", LOCALES)
def test_hours_are_told_in_utc_and_in_the_persons_time(language: str):
    slots = [
        {"time": "11:00", "required": 3, "scheduled": 3},
        {"time": "21:00", "required": 4, "scheduled": 1},
    ]
    schedule = DaySchedule.model_validate({"date": f"{datetime.now(UTC).year}-12-25", "slots": slots})
    text = visible(slots_text(schedule, locale(language)))
    first, second = (row for row in text.splitlines() if " UTC (" in row)
    assert first.startswith("11:00 UTC (25 ")
    assert "16:00)" in first
    assert locale(language).t("news.slots.enough") in first
    assert second.startswith("21:00 UTC (26 ")
    assert "02:00)" in second
    assert locale(language).t("news.slots.missing", count="3") in second
    assert "UTC+5" in text
    full = schedule.model_copy(update={"slots": schedule.slots[:1]})
    assert locale(language).t("news.slots.full") in visible(slots_text(full, locale(language)))
    assert schedule.day == date(datetime.now(UTC).year, 12, 25)
