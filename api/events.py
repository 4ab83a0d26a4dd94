"""Events: contract section 2.4."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from api import paging
from api.answer import Answer, Rows
from api.client import Backend
from api.errors import BackendError, Invalid, UnknownOutcome, Wrong
from api.events_query import CREATED, NATIVE, EventQuery, naive
from api.moderation import counts
from api.payload import without_nul
from models.access import Caller, Role
from models.common import Amount, ModerationStatus, Upload, as_utc
from models.event import Event, EventFormat, Participant
from resources.queries import Counts, ListQuery, Moderated, Page, Photographed, Writable

ROOT = "/api/v2/events"
ADMIN = f"{ROOT}/admin"
MODERATION = f"{ADMIN}/moderation"
GROUP = "events"
REQUIRED = ("title", "event_date", "location", "format", "description")
SORTABLE = 500
"""Records fetched at most to put them in an order that the backend does not have."""

OWN = 1000
COUNTED = 1000
TOTALS_FOR = 15.0
"""Seconds a total may lag behind writes of others."""

SEES_ALL = frozenset((Role.GOVERNMENT, Role.ADMINISTRATOR, Role.SUPER_ADMIN))
FRESH = timedelta(hours=1)
EXTENSIONS = MappingProxyType(
    {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
)
LIST = f"GET {ADMIN}/list"
STATUSES = f"GET {MODERATION}/all-statuses"
STATS = f"GET {MODERATION}/stats"
CARD = f"GET {ADMIN}/{{event_id}}"
ROWS = f"GET {ROOT}/{{event_id}}/participants"


class Events(Writable[Event], Moderated[Event], Photographed[Event]):
    """The events source.

    Which list serves which filter stays in here. ``admin/list`` knows search, format and dates, shows npo
    its own records only, and has no moderation status; ``all-statuses`` knows nothing but the status and
    shows everyone's. Filters: ``format``, ``moderation_status``, ``period`` (upcoming, past, today, week,
    month). Sort: ``""`` is the backend's own order, ``nearest`` earliest date first, ``created`` newest
    created first.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (LIST, STATUSES, STATS),
            "get": (CARD,),
            "create": (f"POST {ADMIN}/create",),
            "update": (f"PUT {ADMIN}/{{event_id}}",),
            "delete": (f"DELETE {ADMIN}/{{event_id}}",),
            "find_created": (LIST, CARD),
            "approve": (f"POST {MODERATION}/{{event_id}}/approve", CARD),
            "reject": (f"POST {MODERATION}/{{event_id}}/reject", CARD),
            "counts": (STATS,),
            "upload_photo": (f"POST {ROOT}/{{event_id}}/upload-photo",),
            "delete_photo": (f"DELETE {ROOT}/{{event_id}}/photo",),
            "participants": (ROWS,),
            "participants_count": (ROWS,),
        }
    )

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

    async def page(self, caller: Caller, query: ListQuery) -> Page[Event]:
        """The records of that page.

        Looked through by the bot, at most 500 (status: 1,000) and said so in ``scanned`` and ``complete``:
        orders and combinations that no list of the backend has, a search with ``%`` or ``_``, which the
        backend would take for wildcards, and one that finds nothing as it is spelt. With a status the order
        ``""`` is newest created first.
        """
        wanted = EventQuery.of(query, self._now(), query.zone or self._timezone)
        by_creation = wanted.sort == CREATED or (wanted.status is not None and wanted.sort == NATIVE)
        if by_creation and wanted.is_plain and _sees_all(caller):
            return await self._paged(caller, query, f"{MODERATION}/all-statuses", {}, wanted)
        if wanted.status is not None:
            return await self._scanned(caller, query, wanted)
        if wanted.sort == NATIVE and wanted.is_literal:
            page = await self._paged(caller, query, f"{ADMIN}/list", wanted.params, wanted)
            # The backend tells ё from е and қ from к: what it does not find literally is looked for in all spellings.
            if page.items or wanted.loose == wanted.params:
                return page
        rows = await self._list(caller, f"{ADMIN}/list", 0, SORTABLE, wanted.loose, more=1)
        found = wanted.select(rows.items)
        scanned = min(rows.received, SORTABLE)
        return paging.sliced(found, query, scanned=scanned, complete=rows.received <= SORTABLE)

    async def get(self, caller: Caller, record_id: int) -> Event:
        """The event with programme, speakers and moderation."""
        return self._event(await self._call("GET", f"{ADMIN}/{record_id:d}", caller))

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Event:
        """The created event: pending for npo, approved for the others."""
        answer = await self._write("POST", f"{ADMIN}/create", caller, json=_sendable(values))
        return self._event(answer)

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Event:
        """The event after changing just ``values``; programme and speakers cannot be changed."""
        return self._event(await self._write("PUT", f"{ADMIN}/{record_id:d}", caller, json=_sendable(values)))

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; participants, programme and speakers are gone with it."""
        await self._write("DELETE", f"{ADMIN}/{record_id:d}", caller)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Event | None:
        """The newest event of the last hour that equals ``values``, None when there is none.

        Looked for by its date, not by its title: ``%``, ``_`` and ``\\`` in a title are no text to the
        search.
        """
        sent = without_nul(_sendable(values))
        date = as_utc(datetime.fromisoformat(sent["event_date"]))
        window = EventQuery(begins=date - timedelta(minutes=1), ends=date + timedelta(minutes=1))
        rows = await self._list(caller, f"{ADMIN}/list", 0, SORTABLE, window.params)
        since = self._now() - FRESH
        texts = [name for name in REQUIRED if name != "event_date"]
        found = [
            event
            for event in rows.items
            if event.created_at >= since
            and event.event_date == date
            and all(getattr(event, name) == sent.get(name) for name in texts)
        ]
        newest = max(found, key=lambda event: (event.created_at, event.id), default=None)
        return None if newest is None else await self.get(caller, newest.id)

    async def approve(self, caller: Caller, record_id: int) -> Event:
        """The approved event. Subscribers are notified each time (contract Q18)."""
        return await self._decide(caller, record_id, "approve", ModerationStatus.APPROVED)

    async def reject(self, caller: Caller, record_id: int) -> Event:
        """The rejected event; no reason can be stored."""
        return await self._decide(caller, record_id, "reject", ModerationStatus.REJECTED)

    async def counts(self, caller: Caller) -> Counts:
        """Counters by moderation status, over all owners, asked for anew."""
        found = counts(await self._call("GET", f"{MODERATION}/stats", caller))
        self._totals = (self._clock(), found)
        return found

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The stored path of the new photo; the moderation status stays."""
        extension = EXTENSIONS.get(photo.content_type)
        if extension is None:
            raise Invalid((Wrong(("event_photo",), "not a jpeg, png, gif or webp"),))
        # The backend looks at the extension of the name and at nothing else.
        files = {"file": (f"photo.{extension}", photo.content, photo.content_type)}
        return (await self._write("POST", f"{ROOT}/{record_id:d}/upload-photo", caller, files=files)).text(
            "photo_url"
        )

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; also when there was no photo."""
        await self._write("DELETE", f"{ROOT}/{record_id:d}/photo", caller)

    async def participants(self, caller: Caller, record_id: int, query: ListQuery) -> Page[Participant]:
        """Registrations, by id within the page.

        The backend promises no order between pages. Rows are only ever added, one after the other, so
        paging by it holds in practice, and costs the same for ten registrations as for ten thousand.
        """
        params = {"skip": query.skip, "limit": query.size + 1}
        answer = await self._call("GET", f"{ROOT}/{record_id:d}/participants", caller, params=params)
        page = paging.native(answer.many(Participant, keep=query.size), query, None)
        return replace(page, items=sorted(page.items, key=lambda row: row.id))

    async def participants_count(self, caller: Caller, record_id: int) -> Amount:
        """How many registrations a deletion takes along, counted up to 1,000."""
        params = {"skip": 0, "limit": COUNTED + 1}
        answer = await self._call("GET", f"{ROOT}/{record_id:d}/participants", caller, params=params)
        received = len(answer.rows())
        return Amount(min(received, COUNTED), more=received > COUNTED)

    async def _paged(
        self, caller: Caller, query: ListQuery, path: str, params: Mapping[str, Any], wanted: EventQuery
    ) -> Page[Event]:
        if wanted.status is not None:
            params = {**params, "moderation_status": wanted.status}
        total = self._total(caller, wanted.status) if wanted.is_plain and _sees_all(caller) else _unknown()
        rows, count = await asyncio.gather(
            self._list(caller, path, query.skip, query.size, params, more=1), total
        )
        return paging.native(rows, query, count)

    async def _scanned(self, caller: Caller, query: ListQuery, wanted: EventQuery) -> Page[Event]:
        own: set[int] | None = None
        complete = True
        if not _sees_all(caller):
            # This list shows everyone's records and names no owner; only admin/list knows which are the
            # caller's.
            rows = await self._list(caller, f"{ADMIN}/list", 0, OWN, {})
            own, complete = {event.id for event in rows.items}, rows.received < OWN
            if not own:
                return paging.sliced([], query, scanned=0, complete=complete)
        params = {"moderation_status": wanted.status}
        path = f"{MODERATION}/all-statuses"
        scan = await paging.scan(lambda skip, limit: self._list(caller, path, skip, limit, params))
        found = wanted.select(event for event in scan.items if own is None or event.id in own)
        return paging.sliced(found, query, scanned=len(scan.items), complete=complete and scan.complete)

    async def _decide(self, caller: Caller, record_id: int, verb: str, wanted: ModerationStatus) -> Event:
        try:
            return self._event(await self._write("POST", f"{MODERATION}/{record_id:d}/{verb}", caller))
        except UnknownOutcome as unknown:
            # Some moderation routes answer 500 after having done their work (contract Q3).
            try:
                event = await self.get(caller, record_id)
            except BackendError:
                raise unknown from None
            if event.moderation_status is not wanted:
                raise
            return event

    async def _total(self, caller: Caller, status: ModerationStatus | None) -> int | None:
        if self._totals is None or self._clock() - self._totals[0] >= TOTALS_FOR:
            try:
                found = await self.counts(caller)
            except BackendError:
                # A number beside the list is not worth losing the list.
                return None
        else:
            found = self._totals[1]
        return {
            None: found.total,
            "pending": found.pending,
            "approved": found.approved,
            "rejected": found.rejected,
        }[status]

    async def _list(
        self, caller: Caller, path: str, skip: int, size: int, params: Mapping[str, Any], *, more: int = 0
    ) -> Rows[Event]:
        """``size`` rows; ``more`` are asked for beyond them, and only counted."""
        answer = await self._call("GET", path, caller, params={**params, "skip": skip, "limit": size + more})
        return answer.many(Event, self._with_urls, keep=size)

    async def _write(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        try:
            return await self._call(method, path, caller, **parts)
        finally:
            self._totals = None

    async def _call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        return await self._backend.call(method, path, group=GROUP, caller=caller, **parts)

    def _event(self, answer: Answer) -> Event:
        return answer.one(Event, self._with_urls)

    def _with_urls(self, row: Any) -> Any:
        """The row with absolute photo addresses."""
        if not isinstance(row, dict):
            return row
        row = {**row, "event_photo": self._url(row.get("event_photo"))}
        if isinstance(speakers := row.get("speakers"), list):
            row["speakers"] = [
                {**one, "photo_url": self._url(one.get("photo_url"))} if isinstance(one, dict) else one
                for one in speakers
            ]
        return row

    def _url(self, value: Any) -> Any:
        return self._backend.absolute(value) or None if isinstance(value, str) else value


def _sees_all(caller: Caller) -> bool:
    return caller.principal.role in SEES_ALL


async def _unknown() -> None:
    return None


def _sendable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the backend takes them; ``Invalid`` for what it answers 500 to (contract Q7)."""
    empty = [name for name in REQUIRED if name in values and values[name] is None]
    if empty:
        raise Invalid(Wrong((name,), "must not be empty") for name in empty)
    if "format" in values and values["format"] not in tuple(EventFormat):
        raise Invalid((Wrong(("format",), "neither Online nor Offline"),))
    if "event_date" not in values:
        return dict(values)
    try:
        moment = as_utc(datetime.fromisoformat(str(values["event_date"])))
    except ValueError as error:
        raise Invalid((Wrong(("event_date",), "not an ISO date"),)) from error
    return {**values, "event_date": naive(moment)}
