"""Dates with times: picked by calendar or typed as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from locales.locale import Locale
from models.common import as_utc
from resources.fields.base import Field, FieldError

_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):(\d\d)(?![\d:])(?:\s*([ap])m\b)?")
_DOTTED_CLOCK = re.compile(r"(?<=\s)(\d{1,2})\.(\d\d)$")
_DAY_MONTH = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d\d))?")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})")
_RELATIVE = re.compile(r"\bчерез\b|\bin\b|\bкейін\b")
_FIGURES = re.compile(r"\d+", re.ASCII)
_SMALL_WORDS = re.compile(r"\b(?:в|во|at|on|сағат)\b|,")
_WEEKDAYS = (
    ("понедельник", "пн", "дүйсенбі", "дс", "monday", "mon"), ("вторник", "вт", "сейсенбі", "сс", "tuesday", "tue"),
    ("среда", "среду", "ср", "сәрсенбі", "wednesday", "wed"), ("четверг", "чт", "бейсенбі", "бс", "thursday", "thu"),
    ("пятница", "пятницу", "пт", "жұма", "жм", "friday", "fri"),
    ("суббота", "субботу", "сб", "сенбі", "saturday", "sat"),
    ("воскресенье", "вс", "жексенбі", "жс", "sunday", "sun"),
)  # fmt: skip
"""Days of the week, Monday first, as they are typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTime(Field):
    """An instant. Kept and sent as ISO text in UTC; typed and shown in the person's zone.

    ``future`` refuses what is past: a typo in the year is the usual cause.
    """

    kind: ClassVar[str] = "moment"

    future: bool = False

    def parse(self, typed: str, locale: Locale) -> Any:
        """ISO text in UTC. Raises ``FieldError`` when no date with a time can be read, or it is past."""
        moment = read_moment(typed, locale)
        if moment is None:
            raise FieldError("field.error.moment")
        return self.accept(moment)

    def accept(self, moment: datetime, now: datetime | None = None) -> str:
        """ISO text of an aware ``moment``. Raises ``FieldError`` when it is past and must not be."""
        if self.future and moment < (now or datetime.now(UTC)):
            raise FieldError("field.error.past")
        return moment.astimezone(UTC).isoformat()

    def value_of(self, raw: Any) -> Any:
        """ISO text in UTC of a record's instant."""
        return as_utc(raw).isoformat() if isinstance(raw, datetime) else raw

    def show(self, value: Any, locale: Locale) -> str:
        """Date and time in words, with the zone."""
        return "" if not value else locale.moment(moment_of(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Field):
    """A day without a time. Kept and sent as ``YYYY-MM-DD``; ``future`` refuses days before today."""

    kind: ClassVar[str] = "date"

    future: bool = False

    def parse(self, typed: str, locale: Locale) -> Any:
        """ISO text of the day. Raises ``FieldError`` when no day can be read, or it is past."""
        day = read_day(typed, locale)
        if day is None:
            raise FieldError("field.error.date")
        return self.accept(day, locale)

    def accept(self, day: date, locale: Locale) -> str:
        """ISO text of ``day``. Raises ``FieldError`` when it is past and must not be."""
        if self.future and day < datetime.now(locale.zone).date():
            raise FieldError("field.error.past")
        return day.isoformat()

    def value_of(self, raw: Any) -> Any:
        """ISO text of a record's day."""
        return raw.isoformat() if isinstance(raw, date) else raw

    def show(self, value: Any, locale: Locale) -> str:
        """The day in words."""
        if self.format is not None:
            return self.format(value, locale)
        return "" if not value else locale.day(date.fromisoformat(str(value)[:10]))


def moment_of(value: Any) -> datetime:
    """The aware instant of a kept value (ISO text or datetime)."""
    return as_utc(value if isinstance(value, datetime) else datetime.fromisoformat(value))


def read_moment(typed: str, locale: Locale) -> datetime | None:
    """The instant that people mean by ``завтра 18:30``, ``25.12 10:00`` or ``2026-12-25 10:00``; None if unclear.

    A text without a time is unclear: midnight is never what was meant. A date without a year, and a day of the
    week, is the next one.
    """
    text = " ".join(typed.split()).casefold()[:64]
    now = datetime.now(locale.zone)
    found = _CLOCK.search(text) or _DOTTED_CLOCK.search(text)
    if found is None:
        return _in_words(text, locale, now) if _RELATIVE.search(text) else None
    hour, minute = int(found[1]), int(found[2])
    if found.re is _CLOCK and found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    clock = time(hour, minute, tzinfo=locale.zone)
    rest = " ".join(_SMALL_WORDS.sub(" ", text[: found.start()] + " " + text[found.end() :]).split())
    return _on_day(rest, clock, locale, now)


def read_day(typed: str, locale: Locale) -> date | None:
    """The day that people mean by ``завтра``, ``25.12`` or ``пятница``; None if unclear. Today is not past yet."""
    text = " ".join(_SMALL_WORDS.sub(" ", typed.casefold()[:64]).split())
    end_of_day = time.max.replace(tzinfo=locale.zone)
    moment = _on_day(text, end_of_day, locale, datetime.now(locale.zone))
    return None if moment is None else moment.date()


def _on_day(text: str, clock: time, locale: Locale, now: datetime) -> datetime | None:
    """``clock`` on the day that ``text`` names."""
    for number, names in enumerate(_WEEKDAYS):
        if text in names:
            day = now.date() + timedelta(days=(number - now.weekday()) % 7)
            return _next(datetime.combine(day, clock), now, timedelta(days=7))
    if (figures := _YEAR_FIRST.fullmatch(text)) is not None:
        return _moment(int(figures[1]), int(figures[2]), int(figures[3]), clock)
    if (figures := _DAY_MONTH.fullmatch(text)) is not None:
        day_number, month = int(figures[1]), int(figures[2])
        if figures[3]:
            year = int(figures[3]) + (2000 if len(figures[3]) == 2 else 0)
            return _moment(year, month, day_number, clock)
        coming = (_moment(now.year + ahead, month, day_number, clock) for ahead in range(2))
        return next((moment for moment in coming if moment is not None and moment >= now), None)
    if not any(character.isalpha() for character in text):
        return None
    named = _in_words(text, locale, now)
    if named is None:
        return None
    day = named.astimezone(locale.zone).date()
    # Today by its name counts as past there: it is next year's only when the clock on it is past, too.
    if (day.month, day.day) == (now.month, now.day) and _names_no_year(text, now.day):
        today = datetime.combine(now.date(), clock)
        return today if today >= now else datetime.combine(day, clock)
    return datetime.combine(day, clock)


def _names_no_year(text: str, day: int) -> bool:
    """True for ``25 декабря``: no number but that of the day, and no span such as ``через год``."""
    return [int(figures) for figures in _FIGURES.findall(text)] == [day] and not _RELATIVE.search(text)


def _next(moment: datetime, now: datetime, step: timedelta) -> datetime:
    return moment if moment >= now else moment + step


def _moment(year: int, month: int, day: int, clock: time) -> datetime | None:
    try:
        return datetime.combine(date(year, month, day), clock)
    except ValueError:
        return None


def _in_words(text: str, locale: Locale, now: datetime) -> datetime | None:
    """What ``завтра``, ``25 декабря`` or ``in 2 hours`` mean."""
    # Loading dateparser's languages takes 0.4 s: only a person who types words pays for it, once a process.
    import dateparser

    settings: Any = {
        "DATE_ORDER": "DMY",
        "PREFER_LOCALE_DATE_ORDER": False,
        "PREFER_DATES_FROM": "future",
        "TIMEZONE": str(locale.zone),
        "RETURN_AS_TIMEZONE_AWARE": True,
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "REQUIRE_PARTS": ["day"],
    }
    found = dateparser.parse(text, languages=["ru", "kk", "en"], settings=settings)
    return found.replace(second=0, microsecond=0) if found is not None and found.tzinfo else None


def days_later(value: str, days: int) -> str:
    """The kept value moved by whole days, the clock kept in UTC."""
    return (moment_of(value) + timedelta(days=days)).isoformat()
