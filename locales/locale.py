"""How one person reads: language, time zone and the texts in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from locales.catalogue import Texts
from utils.html import Html


@dataclass(frozen=True, slots=True)
class Locale:
    """The language, the zone and the texts of one person; a value, made anew for each update."""

    texts: Texts
    zone: ZoneInfo

    @property
    def language(self) -> str:
        """kk, ru or en."""
        return self.texts.language

    def t(self, key: str, **params: Any) -> str:
        """Plain text of ``key``, for buttons and alerts."""
        return self.texts(key, **params)

    def html(self, key: str, **params: Any) -> Html:
        """Html text of ``key``; parameters are escaped."""
        return self.texts.html(key, **params)

    def local(self, moment: datetime) -> datetime:
        """``moment`` in the person's zone."""
        return moment.astimezone(self.zone)

    def moment(self, moment: datetime) -> str:
        """Date and time in words, with the zone: ``25 December 2026, 10:00 (UTC+5)``."""
        here = self.local(moment)
        return f"{self.day(here.date())}, {self.clock(here)} ({offset_name(here)})"

    def day(self, day: date) -> str:
        """A date in words: ``25 December 2026``."""
        return _written(date(day.year, day.month, day.day), "d MMMM y", self.language)

    def short(self, moment: datetime) -> str:
        """An instant short enough for a row of a list: ``25 Dec 10:00``, in other years ``25 Dec 2027``."""
        here = self.local(moment)
        day = self.short_day(here.date())
        return f"{day} {self.clock(here)}" if here.year == datetime.now(self.zone).year else day

    def short_day(self, day: date) -> str:
        """A date short enough for a row of a list: ``25 Dec``, in other years ``25 Dec 2027``."""
        pattern = "d MMM" if day.year == datetime.now(self.zone).year else "d MMM y"
        return _written(date(day.year, day.month, day.day), pattern, self.language).replace(".", "")

    def month(self, year: int, month: int) -> str:
        """Name of a month with its year, for the calendar's head."""
        text = format_date(date(year, month, 1), "LLLL y", locale=self.language)
        return text[:1].upper() + text[1:]

    def month_name(self, month: int) -> str:
        """Name of a month alone, 1 to 12: ``December``."""
        text = format_date(date(2000, month, 1), "LLLL", locale=self.language)
        return text[:1].upper() + text[1:]

    def clock(self, moment: datetime) -> str:
        """Hours and minutes as they stand in ``moment``."""
        return f"{moment:%H:%M}"

    def number(self, value: float) -> str:
        """A number with the language's grouping."""
        return _grouped(value, self.language)


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, language: str) -> str:
    # Babel parses the pattern and the language anew each time: 50 microseconds for every row of a list.
    return format_date(day, pattern, locale=language)


@lru_cache(maxsize=1024)
def _grouped(value: float, language: str) -> str:
    return format_decimal(value, locale=language)


def offset_name(moment: datetime) -> str:
    """How far an aware ``moment`` is from UTC: ``UTC+5``, ``UTC+5:30``; the same in every language."""
    offset = moment.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
