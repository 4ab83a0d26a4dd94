"""What a list query means for events: what the backend filters, and what the bot compares by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.errors import Invalid, Wrong
from models.common import ModerationStatus
from models.event import Event, EventFormat
from resources.queries import ListQuery
from utils.folding import fold, loosened

NATIVE = ""
NEAREST = "nearest"
CREATED = "created"
PERIODS = ("upcoming", "past", "today", "week", "month")
FILTERS: Mapping[str, tuple[str, ...]] = {
    "format": tuple(EventFormat),
    "moderation_status": tuple(ModerationStatus),
    "period": PERIODS,
}
WILDCARDS = frozenset("%_\\")


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A checked query; ``begins`` and ``ends`` are UTC and belong to the period."""

    search: str = ""
    format: EventFormat | None = None
    status: ModerationStatus | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    sort: str = NATIVE

    @classmethod
    def of(cls, query: ListQuery, now: datetime, timezone: ZoneInfo) -> EventQuery:
        """The query; ``Invalid`` for filters, values and orders that do not exist (500, contract Q7)."""
        _check(query)
        begins, ends = _period(query.filters.get("period"), now, timezone)
        form, status = query.filters.get("format"), query.filters.get("moderation_status")
        return cls(
            search=query.search.strip(),
            format=EventFormat(form) if form else None,
            status=ModerationStatus(status) if status else None,
            begins=begins,
            ends=ends,
            sort=query.sort,
        )

    @property
    def is_plain(self) -> bool:
        """True without search, format and period."""
        return not self.search and self.format is None and self.begins is None and self.ends is None

    @property
    def is_literal(self) -> bool:
        """True when the backend's search finds just what was typed: ``%`` and ``_`` are wildcards there."""
        return WILDCARDS.isdisjoint(self.search)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of ``admin/list``; a search with a backslash is left to the bot, there it escapes."""
        return {
            "search": self.search if self.search and "\\" not in self.search else None,
            "format": self.format,
            "from_date": naive(self.begins),
            "to_date": naive(self.ends),
        }

    @property
    def loose(self) -> dict[str, Any]:
        """The same with a search that finds every spelling; ``select`` then keeps the right ones."""
        return self.params | ({"search": loosened(self.search)} if self.params["search"] else {})

    def matches(self, event: Event) -> bool:
        """True when the event is in format and period and holds the text in title or description."""
        if self.format is not None and event.format is not self.format:
            return False
        if self.begins is not None and event.event_date < self.begins:
            return False
        if self.ends is not None and event.event_date > self.ends:
            return False
        text = fold(self.search)
        return not text or text in fold(event.title) or text in fold(event.description)

    def select(self, events: Iterable[Event]) -> list[Event]:
        """Those that match, in the order asked for; in the order given when that is the backend's own."""
        found = [event for event in events if self.matches(event)]
        if self.sort == NEAREST:
            found.sort(key=lambda event: (event.event_date, event.id))
        elif self.sort == CREATED:
            found.sort(key=lambda event: (event.created_at, event.id), reverse=True)
        return found


def naive(moment: datetime | None) -> str | None:
    """UTC without an offset, to the second: an aware date always counts as a change (contract 2.4)."""
    return (
        None if moment is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    )


def _check(query: ListQuery) -> None:
    if query.sort not in (NATIVE, NEAREST, CREATED):
        raise Invalid((Wrong(("sort",), "unknown order"),))
    for name, value in query.filters.items():
        if value not in FILTERS.get(name, ()):
            raise Invalid((Wrong((name,), "unknown filter or value"),))


def _period(name: str | None, now: datetime, timezone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """First and last second, in UTC; days, weeks (from Monday) and months are those of ``timezone``."""
    now = now.replace(microsecond=0)
    if name is None or name == "upcoming":
        return (None if name is None else now.astimezone(UTC)), None
    if name == "past":
        return None, now.astimezone(UTC)
    today = now.astimezone(timezone).replace(hour=0, minute=0, second=0)
    if name == "today":
        begin, end = today, today + timedelta(days=1)
    elif name == "week":
        begin = today - timedelta(days=today.weekday())
        end = begin + timedelta(days=7)
    else:
        begin = today.replace(day=1)
        end = (begin + timedelta(days=32)).replace(day=1)
    return begin.astimezone(UTC), end.astimezone(UTC) - timedelta(seconds=1)
