"""Lookups: contract section 2.14. Kept whole in the process, since they are small and hardly ever change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from api import paging
from api.answer import Rows
from api.client import Backend
from api.errors import BackendError, NotFound
from models.access import Caller
from models.common import Record, Ref
from models.lookup import City, Entry, Profession, Region, Skill
from resources.queries import ListQuery, Page, Source
from utils.folding import fold

E = TypeVar("E", bound=Entry)
R = TypeVar("R", bound=Record)

ROOT = "/api/v2/resumes"
GROUP = "lookups"
KEPT_FOR = 600.0
"""Seconds a lookup is kept before it is asked for again."""
NEW_AFTER = 30.0
"""Seconds before an id that the kept rows lack is looked for in new ones."""
PATIENCE = 2.0
"""Seconds that names may cost a screen which can do without them."""
WINDOW = 1000
WINDOWS = 5
"""A lookup is kept up to 5,000 rows; those beyond them are shown by their number."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[E]):
    """All rows of a lookup, and when they were asked for."""

    since: float
    rows: Mapping[int, E] = field(default_factory=dict)
    complete: bool = True


class Lookup(Source[E], Generic[E]):
    """A lookup as a source: search in both languages, in any spelling, and names for the cards of other records.

    Nobody has to sign in for these routes, so no token travels, and one copy serves everybody. While the backend
    does not answer, the last copy does, however old.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]]
    model: ClassVar[type[Any]]
    path: ClassVar[str]
    paged: ClassVar[bool] = True
    """False where the backend ignores skip and limit and gives all rows (contract Q10)."""
    filters: ClassVar[frozenset[str]] = frozenset()
    """Filters of ``page``, compared with the attribute of that name."""

    def __init__(
        self,
        backend: Backend,
        *,
        timezone: ZoneInfo | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._kept: _Kept[E] | None = None
        self._quiet_until = clock()
        self._asking = asyncio.Lock()

    async def page(self, caller: Caller, query: ListQuery) -> Page[E]:
        """The active rows of that page: what begins with the search first, each part by name in the language asked."""
        kept = await self._rows(KEPT_FOR)
        wanted = fold(query.search)
        found: list[tuple[bool, str, E]] = []
        for row in kept.rows.values():
            names = [fold(name) for name in (row.name_kz, row.name_ru) if name]
            if row.is_active and self._fits(row, query) and any(wanted in name for name in names):
                begins = any(name.startswith(wanted) for name in names)
                found.append((not begins, fold(row.ref.best(query.language or "ru")), row))
        found.sort(key=lambda one: (*one[:2], one[2].id))
        page = paging.sliced(
            [row for *_, row in found], query, scanned=len(kept.rows), complete=kept.complete
        )
        # All of them were looked through, so there is nothing to warn of.
        return Page(page.items, query, page.has_next, page.total) if kept.complete else page

    async def get(self, caller: Caller, record_id: int) -> E:
        """The row, an inactive one too."""
        kept = await self._rows(KEPT_FOR)
        if record_id not in kept.rows:
            kept = await self._rows(NEW_AFTER)
        if record_id not in kept.rows:
            raise NotFound("no such row", call=f"GET {self.path}")
        return kept.rows[record_id]

    async def named(self, caller: Caller, ids: Iterable[int | None]) -> dict[int, Ref]:
        """A ``Ref`` for each of ``ids``, in one call for all; without names where none can be had. Never fails."""
        wanted = {one for one in ids if one is not None}
        rows = await self._known(wanted) if wanted else {}
        return {one: rows[one].ref if one in rows else Ref(id=one) for one in wanted}

    async def _known(self, wanted: set[int]) -> Mapping[int, E]:
        """What can be had within ``PATIENCE``; nothing while a try that failed is not long ago."""
        if self._clock() < self._quiet_until:
            return self._kept.rows if self._kept is not None else {}
        try:
            async with asyncio.timeout(PATIENCE):
                kept = await self._rows(KEPT_FOR, PATIENCE)
                return (
                    kept.rows if wanted <= kept.rows.keys() else (await self._rows(NEW_AFTER, PATIENCE)).rows
                )
        except (BackendError, TimeoutError):
            self._quiet_until = self._clock() + NEW_AFTER
            return self._kept.rows if self._kept is not None else {}

    def _fits(self, row: E, query: ListQuery) -> bool:
        return all(
            str(getattr(row, name, None)) == value
            for name, value in query.filters.items()
            if name in self.filters
        )

    async def _rows(self, seconds: float, deadline: float | None = None) -> _Kept[E]:
        """The rows, at most ``seconds`` old unless the backend does not answer."""
        if (kept := self._young(seconds)) is not None:
            return kept
        async with self._asking:
            # Whoever waited here finds what the one before has fetched.
            if (kept := self._young(seconds)) is not None:
                return kept
            try:
                self._kept = await self._asked(deadline)
            except BackendError:
                if self._kept is None:
                    raise
                self._kept = _Kept(self._clock() - KEPT_FOR + NEW_AFTER, self._kept.rows, self._kept.complete)
            return self._kept

    def _young(self, seconds: float) -> _Kept[E] | None:
        kept = self._kept
        return kept if kept is not None and self._clock() - kept.since < seconds else None

    async def _asked(self, deadline: float | None) -> _Kept[E]:
        since = self._clock()
        if not self.paged:
            found = await self._window(None, deadline)
            return _Kept(since, {row.id: row for row in found.items[: WINDOW * WINDOWS]})
        scan = await paging.scan(
            lambda skip, limit: self._window({"skip": skip, "limit": limit}, deadline),
            size=WINDOW, pages=WINDOWS,
        )  # fmt: skip
        return _Kept(since, {row.id: row for row in scan.items}, scan.complete)

    async def _window(self, params: Mapping[str, int] | None, deadline: float | None) -> Rows[E]:
        answer = await self._backend.call("GET", self.path, group=GROUP, params=params, deadline=deadline)
        found: Rows[E] = answer.many(self.model)
        return found


def _reads(path: str) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict.fromkeys(("page", "get", "named"), (f"GET {path}",)))


class Professions(Lookup[Profession]):
    """Professions. The backend ignores every parameter and serves inactive ones too (contract Q10): those keep
    their names, but cannot be picked. Filters: ``category``."""

    model = Profession
    path = f"{ROOT}/professions"
    operations = _reads(path)
    paged = False
    filters = frozenset(("category",))


class Regions(Lookup[Region]):
    """Regions."""

    model = Region
    path = f"{ROOT}/regions"
    operations = _reads(path)


class Cities(Lookup[City]):
    """Cities. Filters: ``region_id``."""

    model = City
    path = f"{ROOT}/cities"
    operations = _reads(path)
    filters = frozenset(("region_id",))


class Skills(Lookup[Skill]):
    """Skills. Filters: ``category``."""

    model = Skill
    path = f"{ROOT}/skills"
    operations = _reads(path)
    filters = frozenset(("category",))


async def with_names(caller: Caller, records: Sequence[R], **lookups: Lookup[Any]) -> list[R]:
    """The records, the ``Ref`` in each attribute of ``lookups`` with its names: at most one call per lookup."""

    async def known(name: str, lookup: Lookup[Any]) -> tuple[str, dict[int, Ref]]:
        refs = [getattr(record, name) for record in records]
        return name, await lookup.named(caller, [ref.id for ref in refs if ref is not None])

    found = await asyncio.gather(*(known(name, lookup) for name, lookup in lookups.items()))
    return [record.model_copy(update=dict(_renamed(record, found))) for record in records]


def _renamed(record: Record, found: Iterable[tuple[str, Mapping[int, Ref]]]) -> Iterator[tuple[str, Ref]]:
    for name, refs in found:
        ref = getattr(record, name)
        if ref is not None:
            yield name, refs[ref.id]
