"""When rounds of random coffee are due: arithmetic on days, clocks and zones, nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

BACK = 8
"""Days that are looked back: what is older is forgotten anyway."""
AHEAD = 400
GRACE = timedelta(hours=1)
"""How late a round is run by itself; later than that somebody is asked."""


class Times(Protocol):
    """What of the schedule says when; Monday is 0, ``time`` is ``HH:MM`` in ``timezone``."""

    @property
    def enabled(self) -> bool: ...
    @property
    def weekdays(self) -> Collection[int]: ...
    @property
    def time(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def holidays(self) -> Collection[date]: ...


@dataclass(frozen=True, slots=True)
class Due:
    """A round that was to be run: the day in the schedule's zone, and the instant (UTC)."""

    day: date
    at: datetime


def zone_of(times: Times) -> ZoneInfo:
    """The schedule's zone; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(times.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def today(times: Times, now: datetime) -> date:
    """What day it is there."""
    return now.astimezone(zone_of(times)).date()


def latest_due(times: Times, now: datetime) -> Due | None:
    """The last moment at or before ``now`` at which a round was to be run, within the last days; else None."""
    if not times.enabled:
        return None
    here = today(times, now)
    found = (_due(times, here - timedelta(days=back)) for back in range(BACK))
    return next((one for one in found if one is not None and one.at <= now), None)


def next_due(times: Times, now: datetime) -> Due | None:
    """The next moment after ``now``; None while it is off, or no day is left."""
    if not times.enabled:
        return None
    here = today(times, now)
    found = (_due(times, here + timedelta(days=ahead)) for ahead in range(AHEAD))
    return next((one for one in found if one is not None and one.at > now), None)


def _due(times: Times, day: date) -> Due | None:
    """The moment of that day, None for a day without one.

    Once a day whatever the clocks do: of two equal times the first counts, one that is left out comes as much later
    as the clocks were put forward.
    """
    if day.weekday() not in times.weekdays or day in times.holidays:
        return None
    try:
        clock = time.fromisoformat(times.time)
    except ValueError:
        return None
    return Due(day, datetime.combine(day, clock, zone_of(times)).astimezone(UTC))
