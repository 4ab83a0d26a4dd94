"""Dates with times: picked by calendar or typed as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from locales.locale import Locale
from models.common import as_utc
from resources.fields.base import Field, FieldError

_SINGLE_DIGIT_HOUR = re.compile(r"(?<![\d:.])(\d)([:.])(\d\d)(?![\d.])")
_HAS_TIME = re.compile(r"\d\d?[:.]\d\d\b|\bчерез\b|\bin\b|\bкейін\b", re.IGNORECASE)


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


def moment_of(value: Any) -> datetime:
    """The aware instant of a kept value (ISO text or datetime)."""
    return as_utc(value if isinstance(value, datetime) else datetime.fromisoformat(value))


def read_moment(typed: str, locale: Locale) -> datetime | None:
    """The instant that people mean by ``завтра 18:30``, ``25.12 10:00`` or ``2026-12-25 10:00``; None if unclear.

    A text without a time is unclear: midnight is never what was meant.
    """
    # Loading dateparser's languages takes 0.4 s: only a person who types a date pays for it, once a process.
    import dateparser

    text = _SINGLE_DIGIT_HOUR.sub(r"0\1:\3", typed.strip()[:64])
    if not _HAS_TIME.search(text):
        return None
    settings: Any = {
        "DATE_ORDER": "DMY",
        "PREFER_LOCALE_DATE_ORDER": False,
        "PREFER_DATES_FROM": "future",
        "TIMEZONE": str(locale.zone),
        "RETURN_AS_TIMEZONE_AWARE": True,
        "RELATIVE_BASE": datetime.now(locale.zone).replace(tzinfo=None),
        "REQUIRE_PARTS": ["day"],
    }
    found = dateparser.parse(text, languages=["ru", "kk", "en"], settings=settings)
    if found is None:
        return None
    return found.replace(second=0, microsecond=0) if found.tzinfo else None


def days_later(value: str, days: int) -> str:
    """The kept value moved by whole days, the clock kept in UTC."""
    return (moment_of(value) + timedelta(days=days)).isoformat()
