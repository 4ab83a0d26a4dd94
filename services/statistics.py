"""What the dashboard shows: the figures of one area in one period, as far as the CRM gives them in time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog

from api.errors import BackendError, Forbidden, SessionEnded
from api.moderation import Stats
from api.statistics import Statistics, Trace
from models.access import Caller, Module, Need, Permission
from models.project import ProjectStats
from models.statistics import Dashboard, Titled
from models.volunteer import Leader, VolunteerFigures
from resources.queries import Counts
from services import policy
from services.spans import Period, Tally, tally

NEED = Need(Permission.READ, Module.ANALYTICS)
KINDS = ("events", "news", "vacancies", "courses", "projects", "places", "tickets", "promo_actions")
"""What is moderated."""
READ_WITHIN = 2.8
"""Seconds all calls of one area may take together: what is not there by then is said to be missing."""
READ_MORE = 2.7
"""Seconds more while nothing at all is there."""
TOP = 5
RUNNING = 4


class Area(StrEnum):
    """What the figures are about."""

    MODERATION = "moderation"
    NEWS = "news"
    VOLUNTEERS = "volunteers"
    PROJECTS = "projects"
    REGISTRATIONS = "registrations"


@dataclass(frozen=True, slots=True)
class ModerationReport:
    """What came, by kind (None: not read), and the counters of now."""

    period: Period
    came: Mapping[str, Tally | None]
    stats: Stats | None


@dataclass(frozen=True, slots=True)
class NewsReport:
    """What came, by its status; the counters of now; the most viewed of all time."""

    period: Period
    came: Tally | None
    counts: Counts | None
    viewed: Sequence[Titled] | None


@dataclass(frozen=True, slots=True)
class VolunteersReport:
    """Who came, what they applied for, and the sums of now."""

    period: Period
    came: Tally | None
    applications: Tally | None
    figures: VolunteerFigures | None
    leaders: Sequence[Leader] | None


@dataclass(frozen=True, slots=True)
class ProjectsReport:
    """What came, by its status; how many there are of each, ``all`` of them or only the newest; what runs now."""

    period: Period
    came: Tally | None
    statuses: Mapping[str, int]
    all: bool
    running: Sequence[tuple[Titled, ProjectStats | None]] | None


@dataclass(frozen=True, slots=True)
class RegistrationsReport:
    """The sums of this period and of the one before, as far as it is compared."""

    period: Period
    dashboard: Dashboard | None
    before: Dashboard | None


Report = ModerationReport | NewsReport | VolunteersReport | ProjectsReport | RegistrationsReport


class Reports:
    """Makes the reports. A part that the CRM does not give is None; when it gives none at all, its error is raised."""

    def __init__(self, source: Statistics) -> None:
        self._source = source

    async def report(self, area: Area, caller: Caller, period: Period, *, anew: bool = False) -> Report:
        """The report of that area. ``anew`` asks for what was read a moment ago, too.

        Raises ``services.policy.Denied`` and ``api.errors``.
        """
        policy.require(caller.principal, NEED)
        made: Report
        if area is Area.MODERATION:
            made = await self._moderation(caller, period, anew)
        elif area is Area.NEWS:
            made = await self._news(caller, period, anew)
        elif area is Area.VOLUNTEERS:
            made = await self._volunteers(caller, period, anew)
        elif area is Area.PROJECTS:
            made = await self._projects(caller, period, anew)
        else:
            made = await self._registrations(caller, period)
        return made

    async def _moderation(self, caller: Caller, period: Period, anew: bool) -> ModerationReport:
        stats, *traces = await _parts(
            self._source.moderation(caller),
            *(self._source.trace(caller, kind, period.since, anew=anew) for kind in KINDS),
        )
        came = {
            kind: _tallied(trace, period, moderated=True) for kind, trace in zip(KINDS, traces, strict=True)
        }
        return ModerationReport(period, came, stats)

    async def _news(self, caller: Caller, period: Period, anew: bool) -> NewsReport:
        trace, counts, viewed = await _parts(
            self._source.trace(caller, "news", period.since, anew=anew),
            self._source.news(caller),
            self._source.most_viewed(caller, TOP),
        )
        return NewsReport(period, _tallied(trace, period), counts, viewed)

    async def _volunteers(self, caller: Caller, period: Period, anew: bool) -> VolunteersReport:
        came, applications, figures, leaders = await _parts(
            self._source.trace(caller, "volunteers", period.since, anew=anew),
            self._source.trace(caller, "applications", period.since, anew=anew),
            self._source.volunteers(caller),
            self._source.leaders(caller, TOP),
        )
        return VolunteersReport(
            period, _tallied(came, period), _tallied(applications, period), figures, leaders
        )

    async def _projects(self, caller: Caller, period: Period, anew: bool) -> ProjectsReport:
        trace, running = await _parts(
            self._source.trace(caller, "projects", period.since, anew=anew),
            self._source.running(caller, RUNNING),
        )
        found: Trace = trace or Trace(())
        statuses = Counter(row.status or "" for row in found.rows)
        return ProjectsReport(period, _tallied(trace, period), statuses, found.reaches is None, running)

    async def _registrations(self, caller: Caller, period: Period) -> RegistrationsReport:
        now, before = await _parts(
            self._source.dashboard(caller, period.begins, period.now),
            self._source.dashboard(caller, period.since, period.then),
        )
        return RegistrationsReport(period, now, before)


def _tallied(trace: Trace | None, period: Period, *, moderated: bool = False) -> Tally | None:
    if trace is None:
        return None
    moments = (
        (row.created_at, (row.moderation_status if moderated else row.status) or "") for row in trace.rows
    )
    return tally(moments, period, covers=trace.covers(period.since), known=trace.covers(period.begins))


async def _parts(*calls: Awaitable[Any]) -> list[Any]:
    """The answers in order, None for each that failed or came too late.

    Raises the error of the first when all failed, and what concerns the person rather than a part.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        done, _ = await asyncio.wait(tasks, timeout=READ_WITHIN)
        if not done:
            # Late figures are better than none.
            await asyncio.wait(tasks, timeout=READ_MORE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
    _raise(found)
    return [None if isinstance(one, BaseException) else one for one in found]


def _raise(found: Iterable[Any]) -> None:
    errors = [one for one in found if isinstance(one, BaseException)]
    for error in errors:
        if not isinstance(error, BackendError | asyncio.CancelledError) or isinstance(
            error, SessionEnded | Forbidden
        ):
            raise error
    failed = [error for error in errors if isinstance(error, BackendError)]
    log = structlog.get_logger("statistics")
    for error in failed:
        log.warning("figures_missing", reason=str(error))
    if errors and len(errors) == len(list(found)):
        raise failed[0] if failed else TimeoutError
