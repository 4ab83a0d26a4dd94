"""Dates as people type them, in three languages and several zones; nonsense is refused, never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.fields import Date, DateTime, FieldError, days_later, moment, moment_of, read_moment
from tests.matrix.strict import LOCALES, locale

ALMATY = ZoneInfo("Asia/Almaty")
WEDNESDAY = datetime(2026, 11, 18, 15, 20, tzinfo=ALMATY)
FIELD = DateTime(name="at", required=True, future=True)


class Clock(datetime):
    """A Wednesday afternoon in Almaty."""

    @classmethod
    def now(cls, tz=None):
        return WEDNESDAY.astimezone(tz)


@pytest.fixture
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "datetime", Clock)


@pytest.mark.usefixtures("wednesday")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("завтра 18:30", "2026-11-19 18:30"),
        ("Завтра в 18:30", "2026-11-19 18:30"),
        ("завтра 18.30", "2026-11-19 18:30"),
        ("послезавтра 9:00", "2026-11-20 09:00"),
        ("сегодня 23:00", "2026-11-18 23:00"),
        ("25.12 10:00", "2026-12-25 10:00"),
        ("25.12 10.00", "2026-12-25 10:00"),
        ("01.12 9:00", "2026-12-01 09:00"),
        ("1.12 9:00", "2026-12-01 09:00"),
        ("05.03 9:00", "2027-03-05 09:00"),
        ("25.12.2026 10:00", "2026-12-25 10:00"),
        ("25.12.26 10:00", "2026-12-25 10:00"),
        ("25/12/2026 10:00", "2026-12-25 10:00"),
        ("2026-12-25 10:00", "2026-12-25 10:00"),
        ("2027-02-03 04:05", "2027-02-03 04:05"),
        ("25 декабря 10:00", "2026-12-25 10:00"),
        ("25 декабря 2027 в 10:00", "2027-12-25 10:00"),
        ("25 желтоқсан 10:00", "2026-12-25 10:00"),
        ("ертең 18:30", "2026-11-19 18:30"),
        ("бүгін 20:00", "2026-11-18 20:00"),
        ("tomorrow 18:30", "2026-11-19 18:30"),
        ("25 Dec 10:00", "2026-12-25 10:00"),
        ("December 25, 2026 10:00", "2026-12-25 10:00"),
        ("Dec 25 6:30 pm", "2026-12-25 18:30"),
        ("в пятницу 18:00", "2026-11-20 18:00"),
        ("пятница 18:00", "2026-11-20 18:00"),
        ("жұма 18:00", "2026-11-20 18:00"),
        ("Friday 18:00", "2026-11-20 18:00"),
        ("  25.12   10:00  ", "2026-12-25 10:00"),
        ("18:00 25.12", "2026-12-25 18:00"),
        ("среда 18:00", "2026-11-18 18:00"),
        ("wed 10:00", "2026-11-25 10:00"),
        ("дүйсенбі 10:00", "2026-11-23 10:00"),
        ("через 2 часа", "2026-11-18 17:20"),
        ("in 3 days", "2026-11-21 15:20"),
        ("25.12.2027 6:30 PM", "2027-12-25 18:30"),
    ],
)
def test_people_are_understood(typed: str, expected: str):
    found = read_moment(typed, locale("ru"))
    assert found is not None
    assert f"{found.astimezone(ALMATY):%Y-%m-%d %H:%M}" == expected


@pytest.mark.usefixtures("wednesday")
@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "завтра", "25.12", "25.12.2026", "25.12.26", "2026-12-25", "31.02 10:00", "30.02.2027 10:00",
        "32.12 10:00", "25.13 10:00", "25.12 25:00", "25.12 10:61", "10:00 утра нет", "когда-нибудь", "aaaa", "!!!",
        "10",
        "💥", "nonsense 10:00", "25.12 в полдень", "x" * 5000, "31 ноября 10:00",
        "10:00", "25.12.2027 13:00 pm", "29.02 10:00",
    ],
)  # fmt: skip
def test_what_is_unclear_is_not_guessed(typed: str):
    assert read_moment(typed, locale("ru")) is None


@pytest.mark.usefixtures("wednesday")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("18.11", "2026-11-18"), ("18/11", "2026-11-18"), ("среда", "2026-11-18"), ("в среду", "2026-11-18"),
        ("сәрсенбі", "2026-11-18"), ("Wednesday", "2026-11-18"), ("18 ноября", "2026-11-18"),
        ("18 қараша", "2026-11-18"), ("18 November", "2026-11-18"), ("сегодня", "2026-11-18"),
        ("бүгін", "2026-11-18"), ("today", "2026-11-18"), ("18.11.2026", "2026-11-18"), ("2026-11-18", "2026-11-18"),
        ("17.11", "2027-11-17"), ("17 ноября", "2027-11-17"), ("вторник", "2026-11-24"), ("19.11", "2026-11-19"),
        ("18 ноября 2027", "2027-11-18"), ("18.11.27", "2027-11-18"), ("18 ноября 27", "2027-11-18"),
        ("через год", "2027-11-18"), ("через 3 дня", "2026-11-21"), ("завтра", "2026-11-19"),
    ],
)  # fmt: skip
def test_today_is_not_past_where_only_the_day_counts(typed: str, expected: str):
    """Typed at 15:20 on that very Wednesday."""
    assert Date(name="day", future=True).parse(typed, locale("ru")) == expected


@pytest.mark.usefixtures("wednesday")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("18 ноября 18:00", "2026-11-18 18:00"), ("18 Nov 18:00", "2026-11-18 18:00"),
        ("18 қараша 18:00", "2026-11-18 18:00"), ("18 ноября 15:20", "2026-11-18 15:20"),
        ("18 ноября 10:00", "2027-11-18 10:00"), ("18 ноября 2027 18:00", "2027-11-18 18:00"),
    ],
)  # fmt: skip
def test_a_time_still_ahead_today_is_todays_also_by_the_name_of_the_month(typed: str, expected: str):
    found = read_moment(typed, locale("ru"))
    assert found is not None
    assert f"{found.astimezone(ALMATY):%Y-%m-%d %H:%M}" == expected


@pytest.mark.usefixtures("wednesday")
@pytest.mark.parametrize(
    "typed", ["", " ", "31.02", "32.12", "25.13", "aaaa", "!!!", "💥", "10:00", "25.12 10:00", "x" * 5000]
)
def test_no_day_is_guessed(typed: str):
    with pytest.raises(FieldError, match=r"field\.error\.date"):
        Date(name="day").parse(typed, locale("ru"))


@pytest.mark.usefixtures("wednesday")
@pytest.mark.parametrize("zone", ["Asia/Almaty", "Europe/London", "Asia/Kolkata", "America/St_Johns", "UTC"])
@pytest.mark.parametrize("language", LOCALES)
def test_the_time_is_that_of_the_persons_zone(zone: str, language: str):
    found = read_moment("25.12.2026 10:00", locale(language, zone))
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 12, 25, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.usefixtures("wednesday")
def test_tomorrow_is_that_of_the_persons_zone():
    """At 15:20 in Almaty it is the 18th everywhere west of it, and the 19th on Kiritimati."""
    found = read_moment("завтра 10:00", locale("ru", "Pacific/Kiritimati"))
    assert found is not None
    assert found == datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Pacific/Kiritimati"))


MOMENTS = st.datetimes(datetime(2027, 1, 1), datetime(2090, 1, 1)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
ZONES = st.sampled_from(["Asia/Almaty", "UTC", "Asia/Kolkata", "Europe/London"])


@settings(max_examples=60, deadline=None)
@given(MOMENTS, ZONES, st.sampled_from(["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%d.%m.%y %H:%M"]))
def test_what_is_written_in_figures_is_read_back(at: datetime, zone: str, style: str):
    if style == "%d.%m.%y %H:%M" and at.year > 2068:
        return
    found = read_moment(at.strftime(style), locale("en", zone))
    assert found is not None
    assert found.astimezone(UTC) == at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str):
    found = read_moment(text, locale("kk"))
    assert found is None or found.tzinfo is not None


@given(MOMENTS.map(lambda at: at.replace(tzinfo=UTC)))
def test_a_kept_moment_is_shown_with_its_zone(at: datetime):
    kept = FIELD.accept(at)
    assert moment_of(kept) == at
    for each in LOCALES.values():
        shown = FIELD.show(kept, each)
        assert f"{at.astimezone(ALMATY):%H:%M}" in shown
        assert "UTC+" in shown
    assert FIELD.value_of(at) == kept
    assert moment_of(days_later(kept, 7)) - at == timedelta(days=7)


def test_the_past_is_refused_where_only_the_future_counts():
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(FieldError, match=r"field\.error\.past"):
        FIELD.accept(past)
    assert DateTime(name="at").accept(past) == "2020-01-01T00:00:00+00:00"
    assert FIELD.accept(past, now=datetime(2019, 1, 1, tzinfo=UTC))


def test_nothing_is_shown_for_nothing():
    assert FIELD.show(None, locale()) == ""
    assert FIELD.value_of(None) is None
