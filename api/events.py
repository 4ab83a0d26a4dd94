"""Events: contract section 2.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from api import paging
from api.errors import Invalid, Wrong
from api.listing import Listing
from api.payload import without_nul
from api.periods import PERIOD
from api.source import FRESH, SEES_ALL, Served
from api.values import naive, required, same, sendable
from models.access import Caller
from models.common import Amount, Upload, as_utc
from models.event import Event, EventFormat, Participant
from resources.queries import ListQuery, Moderated, Page, Photographed, Writable

ROOT = "/api/v2/events"
ADMIN = f"{ROOT}/admin"
MODERATION = f"{ADMIN}/moderation"
REQUIRED = ("title", "event_date", "location", "format", "description")
STATUS = "moderation_status"
COUNTED = 1000
BOUNDS = ("from_date", "to_date")
EXTENSIONS = MappingProxyType(
    {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
)
CARD = f"GET {ADMIN}/{{event_id}}"
ROWS = f"GET {ROOT}/{{event_id}}/participants"
LIST = Listing(
    f"{ADMIN}/list",
    {"format": "format"},
    search="search",
    bounds=BOUNDS,
    untold=frozenset((STATUS,)),
    most=1000,
)
STATUSES = Listing(
    f"{MODERATION}/all-statuses", {STATUS: STATUS}, orders=frozenset(("", "created")), roles=SEES_ALL
)


class Events(Served[Event], Writable[Event], Moderated[Event], Photographed[Event]):
    """The events source.

    ``admin/list`` knows search, format and dates, shows npo its own records only, and has no moderation status;
    ``all-statuses`` knows nothing but the status and shows everyone's. Filters: ``format``, ``moderation_status``,
    ``period``. Sort: ``""`` is the latest date first (with a status: newest created first), ``nearest`` the
    earliest date first, ``created`` newest created first. The routes of photo and participants ask for no token:
    before each of them the event is read by its admin route, so that another admin's is ``NotFound`` for npo.
    """

    model = Event
    group = "events"
    listings = (LIST, STATUSES)
    card = f"{ADMIN}/{{id}}"
    moderation = MODERATION
    stats = f"{MODERATION}/stats"
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {LIST.path}", f"GET {STATUSES.path}", f"GET {stats}"),
            "get": (CARD,),
            "create": (f"POST {ADMIN}/create",),
            "update": (f"PUT {ADMIN}/{{event_id}}",),
            "delete": (f"DELETE {ADMIN}/{{event_id}}",),
            "find_created": (f"GET {LIST.path}", CARD),
            "approve": (f"POST {MODERATION}/{{event_id}}/approve", CARD),
            "reject": (f"POST {MODERATION}/{{event_id}}/reject", CARD),
            "counts": (f"GET {stats}",),
            "upload_photo": (f"POST {ROOT}/{{event_id}}/upload-photo", CARD),
            "delete_photo": (f"DELETE {ROOT}/{{event_id}}/photo", CARD),
            "participants": (ROWS, CARD),
            "participants_count": (ROWS, CARD),
        }
    )
    orders: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
        {
            "nearest": lambda event: (event.event_date, event.id),
            "created": lambda event: (-event.created_at.timestamp(), -event.id),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with absolute photo addresses."""
        row = self.with_urls(row, "event_photo")
        if isinstance(row, dict) and isinstance(speakers := row.get("speakers"), list):
            row["speakers"] = [self.with_urls(one, "photo_url") for one in speakers]
        return row

    def texts(self, record: Event) -> Iterable[str | None]:
        """Title and description, as the backend's own search."""
        return record.title, record.description

    def matches(self, record: Event, name: str, value: str, query: ListQuery) -> bool:
        """True when the record has ``value`` for the filter ``name``."""
        if name == PERIOD:
            return record.event_date in self.period(query)
        return super().matches(record, name, value, query)

    async def page(self, caller: Caller, query: ListQuery) -> Page[Event]:
        """The records of that page. npo's own of a status are looked through: no list of the backend has them."""
        if STATUS not in query.filters or STATUSES.open_to(caller.principal.role):
            return await super().page(caller, query)
        # all-statuses shows everyone's records and names no owner; only admin/list knows which are the caller's.
        mine = await self.rows(caller, LIST, 0, LIST.most - 1, {})
        own, complete = {event.id for event in mine.items}, mine.received < LIST.most
        if not own:
            return paging.sliced([], query, scanned=0, complete=complete)
        scan = await self._scan(caller, STATUSES, STATUSES.narrowing(query))
        found = (event for event in scan.items if event.id in own)
        return self._sliced(found, query, STATUSES, complete=complete and scan.complete)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Event:
        """The created event: pending for npo, approved for the others."""
        return self.one(await self.write("POST", f"{ADMIN}/create", caller, json=_body(values)))

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Event:
        """The event after changing just ``values``; programme and speakers cannot be changed."""
        return self.one(await self.write("PUT", f"{ADMIN}/{record_id:d}", caller, json=_body(values)))

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; participants, programme and speakers are gone with it."""
        await self.write("DELETE", f"{ADMIN}/{record_id:d}", caller)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Event | None:
        """The newest event of the last hour that equals ``values``, None when there is none.

        Looked for by its date: the list is ordered by it, so the newest made may be on any page, and ``%`` and
        ``_`` in a title are no text to the search.
        """
        sent = _body(values)
        date = as_utc(datetime.fromisoformat(sent["event_date"]))
        around = (naive(date - timedelta(minutes=1)), naive(date + timedelta(minutes=1)))
        window = dict(zip(BOUNDS, around, strict=True))
        rows = await self.rows(caller, LIST, 0, LIST.most - 1, window)
        since = self._now() - FRESH
        sent = without_nul({name: sent[name] for name in REQUIRED if name in sent})
        found = [
            event
            for event in rows.items
            if event.created_at >= since
            and all(same(getattr(event, name), value) for name, value in sent.items())
        ]
        newest = max(found, key=lambda event: (event.created_at, event.id), default=None)
        return None if newest is None else await self.get(caller, newest.id)

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The stored path of the new photo; the moderation status stays."""
        extension = EXTENSIONS.get(photo.content_type)
        if extension is None:
            raise Invalid((Wrong(("event_photo",), "not a jpeg, png, gif or webp"),))
        await self.get(caller, record_id)
        # The backend looks at the extension of the name and at nothing else.
        files = {"file": (f"photo.{extension}", photo.content, photo.content_type)}
        return (await self.write("POST", f"{ROOT}/{record_id:d}/upload-photo", caller, files=files)).text(
            "photo_url"
        )

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; also when there was no photo."""
        await self.get(caller, record_id)
        await self.write("DELETE", f"{ROOT}/{record_id:d}/photo", caller)

    async def participants(self, caller: Caller, record_id: int, query: ListQuery) -> Page[Participant]:
        """Registrations, by id within the page.

        The backend promises no order between pages. Rows are only ever added, one after the other, so
        paging by it holds in practice, and costs the same for ten registrations as for ten thousand.
        """
        await self.get(caller, record_id)
        params = {"skip": query.skip, "limit": query.size + 1}
        answer = await self.call("GET", f"{ROOT}/{record_id:d}/participants", caller, params=params)
        page = paging.native(answer.many(Participant, keep=query.size), query, None)
        return replace(page, items=sorted(page.items, key=lambda row: row.id))

    async def participants_count(self, caller: Caller, record_id: int) -> Amount:
        """How many registrations a deletion takes along, counted up to 1,000."""
        await self.get(caller, record_id)
        params = {"skip": 0, "limit": COUNTED + 1}
        answer = await self.call("GET", f"{ROOT}/{record_id:d}/participants", caller, params=params)
        received = len(answer.rows())
        return Amount(min(received, COUNTED), more=received > COUNTED)


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the backend takes them; ``Invalid`` for what it answers 500 to (contract Q7)."""
    required(values, *REQUIRED)
    if "format" in values and values["format"] not in tuple(EventFormat):
        raise Invalid((Wrong(("format",), "neither Online nor Offline"),))
    try:
        body = sendable(values, "event_date")
    except ValueError as error:
        raise Invalid((Wrong(("event_date",), "not an ISO date"),)) from error
    if body.get("speakers"):
        # The backend asks for a description of each, which may be empty but neither null nor left out.
        body["speakers"] = [{**speaker, "bio": speaker.get("bio") or ""} for speaker in body["speakers"]]
    return body
