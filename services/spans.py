"""Periods of the statistics: their parts, the parts of the period before, and what fell into them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

K = TypeVar("K")

HOURS = 3
"""Hours in a part of a day."""
DAYS = {"week": 7, "month": 30}
MONTHS = 12


class Span(StrEnum):
    """How long a period is: today, the last 7 or 30 days, the last 12 months; each up to now."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A period up to ``now`` in the zone of a person, and the one before it.

    ``edges`` and ``earlier`` are the begins of the parts and the end of the last one, in UTC. The period before ends
    at the same hour as this one (``then``), so that half a day is not compared with a whole one.
    """

    span: Span
    now: datetime
    then: datetime
    edges: tuple[datetime, ...]
    earlier: tuple[datetime, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, span: Span, now: datetime, zone: ZoneInfo) -> Period:
        """The period of that length around ``now``."""
        here = now.astimezone(zone)
        today = here.date()
        if span is Span.YEAR:
            firsts = [_month(today, back) for back in range(2 * MONTHS - 1, -2, -1)]
            edges, earlier = firsts[MONTHS:], firsts[: MONTHS + 1]
            then = _wall(_year_before(today), here.time(), zone)
            walls = [_midnight(day, zone) for day in edges], [_midnight(day, zone) for day in earlier]
        elif span is Span.DAY:
            yesterday = today - timedelta(days=1)
            then = _wall(yesterday, here.time(), zone)
            walls = _hours(today, zone), _hours(yesterday, zone)
        else:
            length = DAYS[span]
            days = [today + timedelta(days=shift) for shift in range(1 - 2 * length, 2)]
            then = _wall(today - timedelta(days=length), here.time(), zone)
            moments = [_midnight(day, zone) for day in days]
            walls = moments[length:], moments[: length + 1]
        return cls(span, now.astimezone(UTC), then, tuple(walls[0]), tuple(walls[1]), zone)

    @property
    def begins(self) -> datetime:
        """The first moment of this period."""
        return self.edges[0]

    @property
    def since(self) -> datetime:
        """The first moment of the period before."""
        return self.earlier[0]

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        return self.begins.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()

    @property
    def days_before(self) -> tuple[date, date]:
        """First and last day of the period before, as far as it is compared."""
        return self.since.astimezone(self.zone).date(), self.then.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Tally:
    """What came in a period. ``parts`` by state, one number a part of the period; None for what is not known.

    ``now`` and ``before`` are whole; ``before`` up to the same hour; ``parts_before`` all of it.
    """

    now: int | None
    before: int | None
    parts: Mapping[str, tuple[int, ...]]
    parts_before: tuple[int, ...] | None

    @property
    def states(self) -> dict[str, int]:
        """How many of each state came."""
        return {state: sum(numbers) for state, numbers in self.parts.items()}


def tally(
    moments: Iterable[tuple[datetime, str]], period: Period, *, covers: bool = True, known: bool = True
) -> Tally:
    """What came when, with its state. ``covers`` and ``known``: nothing is missing of the period before, and of this
    one; of what is not known there are only the parts that were read."""
    parts: dict[str, Counter[int]] = {}
    earlier = Counter[int]()
    before = 0
    for moment, state in moments:
        if period.begins <= moment <= period.now:
            parts.setdefault(state, Counter())[bisect_right(period.edges, moment) - 1] += 1
        elif period.since <= moment < period.begins:
            earlier[bisect_right(period.earlier, moment) - 1] += 1
            before += moment <= period.then
    size = len(period.edges) - 1
    found = {state: _spread(numbers, size) for state, numbers in parts.items()}
    whole = sum(sum(numbers) for numbers in found.values())
    return Tally(
        whole if known else None,
        before if covers and known else None,
        found,
        _spread(earlier, size) if covers and known else None,
    )


def together(tallies: Sequence[Tally], period: Period) -> Tally:
    """The sum; not known where one of them is not."""
    size = len(period.edges) - 1
    states = {state: None for one in tallies for state in one.parts}
    known = [one.now for one in tallies]
    before = [one.before for one in tallies]
    spread = [one.parts_before for one in tallies]
    return Tally(
        None if None in known else sum(filter(None, known)),
        None if None in before else sum(filter(None, before)),
        {
            state: tuple(
                sum(one.parts.get(state, (0,) * size)[part] for one in tallies) for part in range(size)
            )
            for state in states
        },
        None if None in spread else tuple(map(sum, zip(*filter(None, spread), strict=True))) or (0,) * size,
    )


def _spread(numbers: Counter[int], size: int) -> tuple[int, ...]:
    return tuple(numbers[part] for part in range(size))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return _wall(day, time(), zone)


def _wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """What clocks there show then, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _hours(day: date, zone: ZoneInfo) -> list[datetime]:
    inside = [_wall(day, time(hour), zone) for hour in range(0, 24, HOURS)]
    return [*inside, _midnight(day + timedelta(days=1), zone)]


def _month(day: date, back: int) -> date:
    months = day.year * MONTHS + day.month - 1 - back
    return date(months // MONTHS, months % MONTHS + 1, 1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)
