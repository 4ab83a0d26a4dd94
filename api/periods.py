"""The filter ``period``: named stretches of time in the zone of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from api.values import naive

PERIOD: Final = "period"
"""Name of the filter; its values are upcoming, past, today, week and month."""


@dataclass(frozen=True, slots=True)
class Period:
    """First and last second, in UTC; None where it has no bound."""

    begins: datetime | None
    ends: datetime | None

    @classmethod
    def of(cls, name: str, now: datetime, zone: ZoneInfo) -> Period:
        """The stretch of that name around ``now``: days, weeks (from Monday) and months are those of ``zone``."""
        now = now.replace(microsecond=0)
        if name == "upcoming":
            return cls(now.astimezone(UTC), None)
        if name == "past":
            return cls(None, now.astimezone(UTC))
        begins = now.astimezone(zone).replace(hour=0, minute=0, second=0)
        if name == "today":
            ends = begins + timedelta(days=1)
        elif name == "week":
            begins -= timedelta(days=begins.weekday())
            ends = begins + timedelta(days=7)
        else:
            begins = begins.replace(day=1)
            ends = (begins + timedelta(days=32)).replace(day=1)
        return cls(begins.astimezone(UTC), ends.astimezone(UTC) - timedelta(seconds=1))

    @property
    def bounds(self) -> tuple[str | None, str | None]:
        """First and last second as the backend takes them."""
        return (
            naive(self.begins) if self.begins is not None else None,
            naive(self.ends) if self.ends is not None else None,
        )

    def __contains__(self, moment: datetime) -> bool:
        return (self.begins is None or moment >= self.begins) and (self.ends is None or moment <= self.ends)
