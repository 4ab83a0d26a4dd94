"""What the sources share: one ``page`` over lists that know different filters, moderation, lost answers.

A module's source says which lists the backend has (``Listing``) and how its rows become records; which list serves
which query, and what the bot has to look through by itself, is decided here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from api import paging
from api.answer import Answer, Rows
from api.client import Backend
from api.errors import BackendError, Cause, UnknownOutcome
from api.listing import Listing
from api.moderation import counts
from api.payload import without_nul
from api.periods import PERIOD, Period
from api.values import same
from models.access import Caller, Role
from models.common import ModerationStatus, Record
from resources.queries import Counts, ListQuery, Page
from utils.folding import fold, loosened

M = TypeVar("M", bound=Record)

FRESH = timedelta(hours=1)
"""How long ago a record may have been made to be the one whose answer was lost."""
TOTALS_FOR = 15.0
"""Seconds a total may lag behind writes of others."""
SCAN_AT_ONCE = 500
SCANNED_AT_MOST = 1000
SEES_ALL = frozenset((Role.GOVERNMENT, Role.ADMINISTRATOR, Role.SUPER_ADMIN, Role.VOLUNTEER_ADMIN))
FEW = frozenset((ModerationStatus.PENDING, ModerationStatus.REJECTED))
"""States that few records are in: a list which knows them is soon read."""
MISSING = "missing"
"""Name of the filter of languages nothing is written in."""


class Served(Generic[M]):
    """Base of the sources. A subclass sets the class variables, and overrides what its module does otherwise.

    Filters that no list knows are compared with the record's attribute of that name (``matches``), searches
    with ``texts``, orders with ``orders``; all of these look through at most 1,000 records, and the page says so.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]]
    model: ClassVar[type[Any]]
    group: ClassVar[str]
    """Name of the calls' breaker and metrics."""
    listings: ClassVar[tuple[Listing, ...]]
    """The lists, the one to prefer first."""
    card: ClassVar[str] = ""
    """Path of one record, with ``{id}``."""
    moderation: ClassVar[str] = ""
    """Path before ``/{id}/approve``."""
    reads_back: ClassVar[bool] = False
    """True where a decision answers less than the record's card."""
    stats: ClassVar[str] = ""
    """Path of the moderation counters."""
    orders: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
        {"created": lambda record: _backwards(record.created_at)}
    )
    """Sort -> key, ascending, for orders that a list does not have by itself."""

    def __init__(
        self,
        backend: Backend,
        *,
        timezone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend = backend
        self._timezone = timezone
        self._now = now
        self._clock = clock
        self._totals: tuple[float, Counts] | None = None

    # --- what a module says of itself ------------------------------------------------------------------

    def adapt(self, row: Any) -> Any:
        """The row before it becomes a record: photos absolute, references named."""
        return row

    def texts(self, record: M) -> Iterable[str | None]:
        """What a search looks at where the bot itself searches."""
        return ()

    def matches(self, record: M, name: str, value: str, query: ListQuery) -> bool:
        """True when the record has ``value`` for the filter ``name``."""
        if name == MISSING:
            return record.lacks(value)
        found = getattr(record, name, None)
        if isinstance(found, bool):
            return found is (value == "yes")
        return str(found.id if isinstance(found, BaseModel) and hasattr(found, "id") else found) == value

    # --- reading ---------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: ListQuery) -> Page[M]:
        """The records of that page, from the list that serves it, else looked through by the bot."""
        usable = [one for one in self.listings if one.open_to(caller.principal.role) and one.holds(query)]
        serving = next((one for one in usable if one.serves(query)), None)
        if serving is not None:
            page = await self._paged(caller, query, serving)
            # The backend tells ё from е and қ from к: what it does not find literally is looked for in all spellings.
            if page.items or not query.search or loosened(query.search) == query.search:
                return page
        return await self._looked_through(caller, query, usable)

    async def get(self, caller: Caller, record_id: int) -> M:
        """The record."""
        return self.one(await self.call("GET", self.card.format(id=record_id), caller))

    async def counts(self, caller: Caller) -> Counts:
        """Counters by moderation status, over all owners, asked for anew."""
        found = counts(await self.call("GET", self.stats, caller))
        self._totals = (self._clock(), found)
        return found

    async def rows(
        self, caller: Caller, listing: Listing, skip: int, size: int, params: Mapping[str, Any]
    ) -> Rows[M]:
        """``size`` rows from ``skip`` on; one more is asked for, and only counted."""
        window = listing.window(skip, min(size + 1, listing.most)) if listing.paged else {}
        answer = await self.call("GET", listing.path, caller, params={**params, **window})
        return self.many(answer if listing.key is None else answer.part(listing.key), keep=size)

    def _narrowing(self, listing: Listing, query: ListQuery, *, loose: bool = False) -> dict[str, Any]:
        """Parameters for what that list can narrow by itself."""
        params = listing.narrowing(query, loose=loose)
        if listing.bounds and PERIOD in query.filters:
            params.update(zip(listing.bounds, self.period(query).bounds, strict=True))
        return params

    def period(self, query: ListQuery) -> Period:
        """The period that the query asks for, in the zone of whoever asks."""
        return Period.of(query.filters[PERIOD], self._now(), query.zone or self._timezone)

    async def _paged(self, caller: Caller, query: ListQuery, listing: Listing) -> Page[M]:
        params = self._narrowing(listing, query)
        if listing.total:
            window = listing.window(query.skip, query.size)
            answer = await self.call("GET", listing.path, caller, params={**params, **window})
            total = answer.part(listing.total).json
            if not isinstance(total, int):
                raise answer.bad(f"no {listing.total}")
            found = self.many(answer.part(listing.key) if listing.key else answer)
            return Page(found.items, query, query.skip + found.received < total, total)
        rows, count = await asyncio.gather(
            self.rows(caller, listing, query.skip, query.size, params), self._total(caller, query)
        )
        return paging.native(rows, query, count)

    async def _looked_through(self, caller: Caller, query: ListQuery, usable: list[Listing]) -> Page[M]:
        if not usable:
            return paging.sliced([], query, scanned=0, complete=True)
        # Rows move between the windows of a list without an order and are missed (contract Q9): it serves for the few
        # that wait or were rejected, never for the many others, where a list with an order has them too.
        ordered = [one for one in usable if one.orders]
        if ordered and query.filters.get("moderation_status") not in FEW:
            usable = ordered
        # The list that narrows most by itself leaves least to look through.
        listing = max(
            usable,
            key=lambda one: sum(map(one.knows, query.filters)) + bool(query.search and one.search),
        )
        scan = await self._scan(caller, listing, self._narrowing(listing, query, loose=True))
        return self._sliced(scan.items, query, listing, complete=scan.complete)

    async def scan(self, caller: Caller) -> paging.Scan[M]:
        """The records that this caller sees, up to 1,000 of them, for what is counted over all."""
        usable = (one for one in self.listings if one.open_to(caller.principal.role) and not one.only)
        listing = next(usable, None)
        if listing is None:
            return paging.Scan([], complete=True)
        return await self._scan(caller, listing, dict(listing.params))

    async def _scan(self, caller: Caller, listing: Listing, params: Mapping[str, Any]) -> paging.Scan[M]:
        if not listing.paged:
            found = await self.rows(caller, listing, 0, 10**9, params)
            return paging.Scan(found.items, complete=True)
        at_once = min(listing.most, SCAN_AT_ONCE)
        return await paging.scan(
            lambda skip, limit: self._window(caller, listing, skip, limit, params),
            size=at_once, pages=SCANNED_AT_MOST // at_once,
        )  # fmt: skip

    async def _window(
        self, caller: Caller, listing: Listing, skip: int, limit: int, params: Mapping[str, Any]
    ) -> Rows[M]:
        window = listing.window(skip, limit)
        answer = await self.call("GET", listing.path, caller, params={**params, **window})
        return self.many(answer if listing.key is None else answer.part(listing.key))

    def _sliced(self, items: Iterable[M], query: ListQuery, listing: Listing, *, complete: bool) -> Page[M]:
        seen = list(items)
        text = fold(query.search)
        found = [
            one
            for one in seen
            if all(
                self.matches(one, name, value, query)
                for name, value in query.filters.items()
                if not listing.knows(name)
            )
            and (not text or any(text in fold(part) for part in self.texts(one) if part))
        ]
        if query.sort not in listing.orders:
            found.sort(key=self.orders[query.sort])
        scanned = None if complete and not query.is_narrowed and query.sort in listing.orders else len(seen)
        page = paging.sliced(found, query, scanned=len(seen), complete=complete)
        return page if scanned is not None else Page(page.items, query, page.has_next, page.total)

    async def _total(self, caller: Caller, query: ListQuery) -> int | None:
        status = query.filters.get("moderation_status")
        plain = not query.search and query.filters.keys() <= {"moderation_status"}
        if not (self.stats and plain and caller.principal.role in SEES_ALL):
            return None
        if self._totals is None or self._clock() - self._totals[0] >= TOTALS_FOR:
            try:
                found = await self.counts(caller)
            except BackendError:
                # A number beside the list is not worth losing the list.
                return None
        else:
            found = self._totals[1]
        return found.total if status is None else int(getattr(found, status))

    # --- writing ---------------------------------------------------------------------------------------

    async def approve(self, caller: Caller, record_id: int) -> M:
        """The approved record."""
        return await self.decide(caller, record_id, "approve", ModerationStatus.APPROVED)

    async def reject(self, caller: Caller, record_id: int) -> M:
        """The rejected record; no reason can be stored."""
        return await self.decide(caller, record_id, "reject", ModerationStatus.REJECTED)

    async def decide(self, caller: Caller, record_id: int, verb: str, wanted: ModerationStatus) -> M:
        """The record after the decision. A lost answer is settled by reading back: some of these routes answer 500
        after having done their work (contract Q3), and some (``reads_back``) do not answer the whole record."""
        lost: UnknownOutcome | None = None
        try:
            answer = await self.write("POST", f"{self.moderation}/{record_id:d}/{verb}", caller)
            if not self.reads_back:
                return self.one(answer)
        except UnknownOutcome as error:
            lost = error
        try:
            record = await self.get(caller, record_id)
        except BackendError as error:
            raise lost or UnknownOutcome(Cause.ANSWER, str(error)) from error
        if lost is not None and getattr(record, "moderation_status", None) != wanted:
            raise lost
        return record

    async def newest_like(
        self, caller: Caller, values: Mapping[str, Any], names: Iterable[str], listing: Listing | None = None
    ) -> M | None:
        """The newest record of the last hour that equals ``values`` in all of ``names``; None when there is none.

        Looked for by its values among the newest hundred, never by a search: ``%`` and ``_`` are no text to it.
        """
        wanted = without_nul({name: values[name] for name in names if name in values})
        rows = await self.rows(
            caller, listing or self.listings[0], 0, 99, (listing or self.listings[0]).params
        )
        since = self._now() - FRESH
        found = [
            record
            for record in rows.items
            if _born(record) >= since
            and all(same(getattr(record, name, None), value) for name, value in wanted.items())
        ]
        return max(found, key=lambda record: (_born(record), record.id), default=None)

    async def write(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        """The answer of a call that changes something: totals are asked for anew afterwards."""
        try:
            return await self.call(method, path, caller, **parts)
        finally:
            self._totals = None

    async def call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        """The answer of a call in this source's group."""
        return await self._backend.call(method, path, group=self.group, caller=caller, **parts)

    def one(self, answer: Answer) -> M:
        """The record in that body."""
        found: M = answer.one(self.model, self.adapt)
        return found

    def many(self, answer: Answer, *, keep: int | None = None) -> Rows[M]:
        """The records in that list."""
        found: Rows[M] = answer.many(self.model, self.adapt, keep=keep)
        return found

    def url(self, value: Any) -> Any:
        """The absolute address of a stored file; None for an empty one."""
        return self._backend.absolute(value) or None if isinstance(value, str) else value

    def with_urls(self, row: Any, *names: str) -> Any:
        """The row with the files of ``names`` as absolute addresses."""
        return (
            row if not isinstance(row, dict) else {**row, **{name: self.url(row.get(name)) for name in names}}
        )


async def after_lost(attempt: Awaitable[Any], settled: Callable[[], Awaitable[bool]]) -> None:
    """Nothing when the write was done, also where its answer was lost but ``settled`` says that it was."""
    try:
        await attempt
    except UnknownOutcome as lost:
        try:
            if await settled():
                return
        except BackendError:
            raise lost from None
        raise


def _born(record: Any) -> datetime:
    return getattr(record, "created_at", None) or datetime.min.replace(tzinfo=UTC)


def _backwards(moment: datetime | None) -> float:
    return -moment.timestamp() if moment is not None else 0.0
