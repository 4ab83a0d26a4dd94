"""When something is done each day: a time on the clock, and whose clock that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from locales.locale import Locale
from resources.fields.base import FieldError
from resources.fields.rows import Clock
from resources.fields.text import Text

ZONES = (
    "Asia/Almaty", "Asia/Aqtau", "Asia/Qyzylorda", "Asia/Tashkent", "Asia/Bishkek", "Europe/Moscow",
    "Europe/Istanbul", "UTC",
)  # fmt: skip
"""Zones to pick from; any other is typed by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfDay(Clock):
    """A time of day, kept as ``HH:MM``."""

    def parse(self, typed: str, locale: Locale) -> Any:
        """``09:30``. Raises ``FieldError``."""
        minutes = Clock.parse(self, typed, locale)
        return f"{minutes // 60:02}:{minutes % 60:02}"

    def show(self, value: Any, locale: Locale) -> str:
        """``09:30``."""
        return str(value or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone(Text):
    """A time zone by its IANA name: picked from a few, or typed, the city alone will do."""

    presets: tuple[str, ...] = ZONES

    def parse(self, typed: str, locale: Locale) -> Any:
        """The name as it is spelled. Raises ``FieldError`` for one that there is not."""
        wanted, names = "_".join(typed.split()).casefold(), sorted(available_timezones())
        whole = (name for name in names if name.casefold() == wanted)
        city = (name for name in names if name.rpartition("/")[2].casefold() == wanted)
        found = next(whole, None) or next(city, None)
        if found is None:
            raise FieldError("field.error.zone")
        return found

    def limits(self, locale: Locale) -> str:
        """A name has no length to speak of."""
        return ""
