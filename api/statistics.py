"""Figures over all modules: contract 2.3, 2.7, 2.9, 2.10 and 2.12."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

from api.answer import Answer
from api.client import Backend
from api.errors import BackendError, SessionEnded
from api.moderation import STATS, Stats, counts, stats_of
from api.values import naive
from models.access import Caller
from models.project import ProjectStats
from models.statistics import Arrival, Dashboard, Titled
from models.volunteer import Leader, VolunteerFigures
from resources.queries import Counts

V2 = "/api/v2"
NEWS = f"{V2}/admin/news"
VOLUNTEERS = f"{V2}/admin/volunteer"
DASHBOARD = f"{V2}/admin/analytics/dashboard"
PROJECTS = f"{V2}/projects/admin/list"
ROWS = 1000
"""Rows of a list that are read at most, the newest where it has an order."""
AT_ONCE = 3
FRESH = 45.0
"""Seconds that rows are counted again for another period without asking for them anew."""
KEPT = 32
"""Lists that are kept that long."""
CALLS = 12
"""Calls at the same time, of all who look at statistics: the CRM has other work to do, too."""


NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trail:
    """A list whose rows tell when they came. ``newest`` first, or in no order (contract Q9): then all of it is read."""

    group: str
    path: str
    most: int = 100
    key: str | None = None
    newest: bool = True


TRAILS: Final[Mapping[str, Trail]] = MappingProxyType(
    {
        "events": Trail("events", f"{V2}/events/admin/moderation/all-statuses"),
        "vacancies": Trail("vacancies", f"{V2}/vacancies/admin/list", most=500),
        "courses": Trail("courses", f"{V2}/courses/admin/moderation/all-statuses", newest=False),
        "projects": Trail("projects", PROJECTS, most=500),
        "places": Trail("leisure", f"{V2}/leisure/admin/places/list", most=500),
        "tickets": Trail("leisure", f"{V2}/leisure/admin/tickets/list", most=500),
        "promo_actions": Trail("leisure", f"{V2}/leisure/admin/promo/list", most=500),
        "news": Trail("news", f"{NEWS}/all-statuses"),
        "volunteers": Trail("volunteers", f"{VOLUNTEERS}/volunteers", most=500, key="volunteers"),
        "applications": Trail("volunteers", f"{VOLUNTEERS}/applications", most=500, key="applications"),
    }
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Rows of a list; ``reaches`` is the moment since when none is missing, None when there are no others at all."""

    rows: Sequence[Arrival]
    reaches: datetime | None = None

    def covers(self, since: datetime) -> bool:
        """True when everything that came since then is there."""
        return self.reaches is None or self.reaches <= since


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    since: datetime
    trace: Trace

    def serves(self, since: datetime, now: float) -> bool:
        """True while it is fresh, and reaches as deep as it is wanted or as deep as it can."""
        return now - self.at < FRESH and (self.since <= since or self.trace.covers(since))


class Statistics:
    """The calls of the statistics. Lists are read as deep as a period reaches, and kept for 45 s per admin."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "trace": tuple(f"GET {trail.path}" for trail in TRAILS.values()),
            "moderation": (f"GET {STATS}", f"GET {NEWS}/stats"),
            "news": (f"GET {NEWS}/stats",),
            "most_viewed": (f"GET {NEWS}/top-by-views",),
            "volunteers": (f"GET {VOLUNTEERS}/stats/overview",),
            "leaders": (f"GET {V2}/volunteer/leaderboard",),
            "running": (f"GET {PROJECTS}", f"GET {V2}/projects/{{project_id}}/stats"),
            "dashboard": (f"GET {DASHBOARD}",),
        }
    )

    def __init__(self, backend: Backend, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._backend = backend
        self._clock = clock
        self._kept: OrderedDict[tuple[int, str], _Kept] = OrderedDict()
        self._calls = asyncio.Semaphore(CALLS)

    async def trace(self, caller: Caller, kind: str, since: datetime, *, anew: bool = False) -> Trace:
        """The rows of that list which came since then, and some older ones."""
        key = (caller.principal.admin_id or 0, kind)
        kept = self._kept.get(key)
        if kept is not None and not anew and kept.serves(since, self._clock()):
            return kept.trace
        found = await self._walked(caller, TRAILS[kind], since)
        self._keep(key, _Kept(self._clock(), since, found))
        return found

    def _keep(self, key: tuple[int, str], kept: _Kept) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT or kept.at - next(iter(self._kept.values())).at >= FRESH:
            self._kept.popitem(last=False)

    async def _walked(self, caller: Caller, trail: Trail, since: datetime) -> Trace:
        rows: dict[int, Arrival] = {}
        pages, last, oldest = 0, ROWS // trail.most, NEVER
        while pages < last:
            # Mostly the first page is the only one; the others come three at a time.
            ahead = range(pages, min(pages + (AT_ONCE if pages else 1), last))
            answers = await asyncio.gather(*(self._page(caller, trail, number) for number in ahead))
            pages = ahead.stop
            for found, _ in answers:
                rows.update((row.id, row) for row in found)
            if any(received < trail.most for _, received in answers):
                return Trace(tuple(rows.values()))
            oldest = min((row.created_at for row in rows.values()), default=NEVER)
            if trail.newest and oldest < since:
                return Trace(tuple(rows.values()), oldest)
        return Trace(tuple(rows.values()), oldest if trail.newest else NEVER)

    async def _page(self, caller: Caller, trail: Trail, number: int) -> tuple[list[Arrival], int]:
        window = {"skip": number * trail.most, "limit": trail.most}
        answer = await self._get(trail.group, caller, trail.path, window)
        found = (answer if trail.key is None else answer.part(trail.key)).many(Arrival)
        return found.items, found.received

    async def moderation(self, caller: Caller) -> Stats:
        """Counters of everything that is moderated, news among them."""
        stats, news = await asyncio.gather(self._get("moderation", caller, STATS), self.news(caller))
        found = stats_of(stats)
        return Stats({**found.entities, "news": news}, found.pending + news.pending)

    async def news(self, caller: Caller) -> Counts:
        """Counters of the news."""
        return counts(await self._get("news", caller, f"{NEWS}/stats"))

    async def most_viewed(self, caller: Caller, amount: int) -> list[Titled]:
        """The public articles with most views, of all time."""
        return (await self._get("news", caller, f"{NEWS}/top-by-views", {"limit": amount})).many(Titled).items

    async def volunteers(self, caller: Caller) -> VolunteerFigures:
        """The sums over all volunteers."""
        return (await self._get("volunteers", caller, f"{VOLUNTEERS}/stats/overview")).one(VolunteerFigures)

    async def leaders(self, caller: Caller, amount: int) -> list[Leader]:
        """Who earned most, of all time: the backend ignores the period it is asked for (contract Q10)."""
        answer = await self._get("volunteers", caller, f"{V2}/volunteer/leaderboard", {"limit": amount})
        return answer.part("leaderboard").many(Leader).items

    async def running(self, caller: Caller, amount: int) -> list[tuple[Titled, ProjectStats | None]]:
        """The newest active projects with their figures; None where the backend gives none.

        The route of the figures takes no token: only projects are asked about that the admin list shows the caller.
        """
        answer = await self._get(
            "projects", caller, PROJECTS, {"skip": 0, "limit": amount, "status": "active"}
        )
        projects = answer.many(Titled).items
        return list(
            zip(
                projects,
                await asyncio.gather(*(self._figures(caller, one.id) for one in projects)),
                strict=True,
            )
        )

    async def _figures(self, caller: Caller, project_id: int) -> ProjectStats | None:
        try:
            return (await self._get("projects", caller, f"{V2}/projects/{project_id:d}/stats")).one(
                ProjectStats
            )
        except SessionEnded:
            raise
        except BackendError:
            return None

    async def dashboard(self, caller: Caller, begins: datetime, ends: datetime) -> Dashboard:
        """The sums of the dashboard between two moments."""
        bounds = {"start_date": naive(begins), "end_date": naive(ends)}
        return (await self._get("analytics", caller, DASHBOARD, bounds)).one(Dashboard)

    async def _get(
        self, group: str, caller: Caller, path: str, params: Mapping[str, Any] | None = None
    ) -> Answer:
        async with self._calls:
            return await self._backend.call("GET", path, group=group, caller=caller, params=params)
