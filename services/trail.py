"""The audit as records that are listed, narrowed, searched and exported like all others."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from api.errors import NotFound
from models.access import Caller
from models.act import Act, Kind
from resources.queries import ListQuery, Page, Source
from services.audit import Audit, AuditEntry, Kept
from utils.folding import fold

AT_ONCE = 500
LOOKED_THROUGH = 2000
"""Entries one narrowed page looks through, from where the page before ended."""
REMEMBERED = 500
IN_A_MILLISECOND = 1000
OP, DAY, MODULE, PERSON, OUTCOME = "op", "day", "module", "person", "outcome"

_DAY = re.compile(
    r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})(?:[./](?P<y>\d{4}))?|(?P<Y>\d{4})-(?P<M>\d{2})-(?P<D>\d{2})", re.ASCII
)
_ROOM: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"today": (0, 1), "yesterday": (1, 1), "week": (6, 7), "month": (29, 30)}
)
"""Days that a period began ago, and days it lasts."""

_Place = tuple[int, str, str, tuple[tuple[str, str], ...], int, int]


class Trail(Source[Act]):
    """Acts, the newest first. Filters: person (admin id), module, op, day, outcome. A search finds names, numbers of
    records, and days as they are written (``25.12``, ``25.12.2026``, ``2026-12-25``). ``attach`` gives it the audit."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({"page": (), "get": ()})

    def __init__(self, *_: Any, timezone: ZoneInfo, **__: Any) -> None:
        self._timezone = timezone
        self._audit: Audit | None = None
        self._modules: Mapping[str, str] = {}
        self._ends: OrderedDict[_Place, str] = OrderedDict()

    def attach(self, audit: Audit, modules: Mapping[str, str]) -> None:
        """Reads from there; ``modules`` are the modules of the declarations by key."""
        self._audit, self._modules = audit, modules

    async def page(self, caller: Caller, query: ListQuery) -> Page[Act]:
        """The acts of that page. It goes on where the page before ended, however many were written meanwhile."""
        span = self._span(query)
        narrowed = bool(query.search or query.filters)
        start, skip = self._start(caller, query)
        found: list[tuple[str, Act]] = []
        looked, more = 0, False
        async for kept in self._walk(span, start):
            looked += 1
            if narrowed and looked > LOOKED_THROUGH:
                break
            if not narrowed and looked <= skip:
                continue
            entry = kept.entry
            if not self._matches(entry, query):
                continue
            if narrowed and skip:
                skip -= 1
                continue
            if len(found) == query.size:
                more = True
                break
            found.append((kept.key, self._act(kept, entry)))
        cut = narrowed and looked > LOOKED_THROUGH
        if more:
            self._remember(caller, query, found[-1][0])
        total = await self._total(narrowed)
        return Page([act for _, act in found], query, more, total, LOOKED_THROUGH if cut else None, not cut)

    async def get(self, caller: Caller, record_id: int) -> Act:
        """The act. Raises ``NotFound`` once the stream dropped it."""
        milliseconds, count = divmod(record_id, IN_A_MILLISECOND)
        key = f"{milliseconds}-{count}"
        rows = await self._audit.newest(1, key, key) if self._audit is not None else []
        if not rows:
            raise NotFound("no such entry")
        return self._act(rows[0], rows[0].entry)

    async def _walk(self, span: tuple[str, str], start: str) -> AsyncIterator[Kept]:
        oldest, newest = span
        newest = start or newest
        while self._audit is not None:
            rows = await self._audit.newest(AT_ONCE, newest, oldest)
            for row in rows:
                yield row
            if len(rows) < AT_ONCE:
                return
            newest = f"({rows[-1].key}"

    async def _total(self, narrowed: bool) -> int | None:
        return None if narrowed or self._audit is None else await self._audit.count()

    # --- what is asked for ------------------------------------------------------------------------------------

    def _span(self, query: ListQuery) -> tuple[str, str]:
        """The oldest and the newest id of the stream that the query is about."""
        zone = query.zone or self._timezone
        today = datetime.now(zone).date()
        if (asked := query.filters.get(DAY)) in _ROOM:
            ago, days = _ROOM[str(asked)]
            return _bounds(today - timedelta(days=ago), days, zone)
        if (day := _written(query.search, today)) is not None:
            return _bounds(day, 1, zone)
        return "-", "+"

    def _matches(self, entry: AuditEntry, query: ListQuery) -> bool:
        wanted = query.filters
        module = self._modules.get(entry.resource, "")
        told = {PERSON: str(entry.admin_id), MODULE: module, OP: Kind.of(entry.op), OUTCOME: entry.outcome}
        if any(told[name] != value for name, value in wanted.items() if name in told):
            return False
        text = query.search.strip()
        if not text or _written(text, date.today()) is not None:
            return True
        return text.lstrip("#") == str(entry.record_id) or any(
            fold(text) in fold(part) for part in (entry.name, entry.op, entry.resource)
        )

    # --- where the page before ended --------------------------------------------------------------------------

    def _start(self, caller: Caller, query: ListQuery) -> tuple[str, int]:
        """The id to go on from and how many to leave out first."""
        end = self._ends.get(_place(caller, query, query.page - 1))
        return (f"({end}", 0) if end is not None and query.page > 1 else ("", query.skip)

    def _remember(self, caller: Caller, query: ListQuery, key: str) -> None:
        place = _place(caller, query, query.page)
        self._ends[place] = key
        self._ends.move_to_end(place)
        for old in list(islice(self._ends, max(0, len(self._ends) - REMEMBERED))):
            del self._ends[old]

    def _act(self, kept: Kept, entry: AuditEntry) -> Act:
        milliseconds, _, count = kept.key.partition("-")
        return Act(
            id=int(milliseconds) * IN_A_MILLISECOND + int(count or 0),
            at=datetime.fromtimestamp(entry.at, UTC),
            name=entry.name,
            admin_id=entry.admin_id,
            telegram_user_id=entry.telegram_user_id,
            role=entry.role,
            op=entry.op,
            resource=entry.resource,
            module=self._modules.get(entry.resource, ""),
            record_id=entry.record_id,
            under=entry.under,
            before=entry.before,
            after=entry.after,
            outcome=entry.outcome,
            number=kept.number,
            hash=kept.hash,
        )


def _place(caller: Caller, query: ListQuery, page: int) -> _Place:
    filters = tuple(sorted(query.filters.items()))
    return caller.principal.telegram_user_id, query.search, str(query.zone), filters, query.size, page


def _bounds(day: date, days: int, zone: ZoneInfo) -> tuple[str, str]:
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    after = day + timedelta(days=days)
    ends = datetime(after.year, after.month, after.day, tzinfo=zone)
    return str(int(begins.timestamp() * 1000)), f"({int(ends.timestamp() * 1000)}"


def _written(text: str, today: date) -> date | None:
    """The day that was typed; one without a year is the last such day."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    year = int(match["y"] or match["Y"] or today.year)
    try:
        found = date(year, int(match["m"] or match["M"]), int(match["d"] or match["D"]))
    except ValueError:
        return None
    if found > today and not (match["y"] or match["Y"]):
        return found.replace(year=year - 1) if (found.month, found.day) != (2, 29) else None
    return found
