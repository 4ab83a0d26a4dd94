"""Volunteer events: the public list is the only one there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from api.answer import Answer
from api.errors import BackendError
from api.listing import Listing
from api.periods import PERIOD
from api.values import naive, required, same, sendable
from api.volunteers.sought import ADMIN, PUBLIC, Sought, with_direction
from models.access import Caller
from models.common import as_utc
from models.volunteer import VolunteerEvent
from resources.queries import ListQuery, Page

ROOT = f"{ADMIN}/events"
LIST = Listing(
    f"{PUBLIC}/events",
    key="events",
    total="total",
    filters={"status": "status", "direction_id": "direction_id"},
    bounds=("date_from", "date_to"),
    # Left out, it would mean the upcoming ones.
    params={"status": ""},
)
NUMBERS = (
    "v_coins_reward",
    "photo_bonus",
    "required_volunteers",
    "required_team_leaders",
    "required_supervisors",
)
ALIKE = ("title", "title_kz", "location", "description", "description_kz", "direction_id", "event_date")


class VolunteerEvents(Sought[VolunteerEvent]):
    """The active events. The backend filters by status, direction and dates; the bot searches by itself."""

    model = VolunteerEvent
    listings = (LIST,)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {LIST.path}",),
            "get": (f"GET {LIST.path}",),
            "create": (f"POST {ROOT}",),
            "find_created": (f"GET {LIST.path}",),
            "update": (f"PUT {ROOT}/{{event_id}}", f"GET {LIST.path}"),
            "delete": (f"DELETE {ROOT}/{{event_id}}",),
            "add_task": (f"POST {ROOT}/{{event_id}}/tasks",),
            "remove_link": (f"PUT {ROOT}/{{event_id}}", f"GET {LIST.path}"),
        }
    )
    dates: Mapping[str, Any] = MappingProxyType({})
    """Bounds of the dates that this copy of the source is limited to."""

    def adapt(self, row: Any) -> Any:
        """The row with its direction as an option and the day in words of figures."""
        row = with_direction(row)
        date = _date(row.get("event_date")) if isinstance(row, dict) else None
        return row if date is None else {**row, "day": f"{date.astimezone(self._timezone):%d.%m.%Y}"}

    def texts(self, record: VolunteerEvent) -> Iterable[str | None]:
        """Titles, place and descriptions."""
        return record.title, record.title_kz, record.location, record.description, record.description_kz

    async def page(self, caller: Caller, query: ListQuery) -> Page[VolunteerEvent]:
        """The events of that page; without a period those ahead come first."""
        if PERIOD in query.filters:
            return await super().page(caller, query)
        return await self._ahead_first(caller, query)

    async def _ahead_first(self, caller: Caller, query: ListQuery) -> Page[VolunteerEvent]:
        """The events that lie ahead and then the others: the list itself would begin with the oldest."""
        if not LIST.serves(query):
            return await super().page(caller, query)
        now = self._now().replace(microsecond=0)
        ahead, coming = await self._ahead(now)._part(caller, query, query.skip, query.size)
        before = (now - timedelta(microseconds=1)).replace(tzinfo=None).isoformat()
        room = query.size - len(ahead)
        others, gone = await self._limited(date_to=before)._part(
            caller, query, max(0, query.skip - coming), max(1, room)
        )
        total = coming + gone
        return Page([*ahead, *others[:room]], query, query.skip + query.size < total, total)

    async def get(self, caller: Caller, record_id: int) -> VolunteerEvent:
        """The event. Those ahead are looked through first: they stand at the end of a list that only grows."""
        found, _ = await self._ahead(self._now().replace(microsecond=0)).looked_for(caller, record_id)
        return found if found is not None else await super().get(caller, record_id)

    async def _part(
        self, caller: Caller, query: ListQuery, skip: int, limit: int
    ) -> tuple[Sequence[VolunteerEvent], int]:
        """Rows within this copy's dates, and how many there are."""
        window = {**LIST.narrowing(query), "skip": skip, "limit": limit}
        answer = await self.call("GET", LIST.path, caller, params=window)
        total = answer.part("total").json
        if not isinstance(total, int):
            raise answer.bad("no total")
        return self.many(answer.part("events")).items, total

    def _ahead(self, now: datetime) -> VolunteerEvents:
        """The same source, from ``now`` on."""
        return self._limited(date_from=now.replace(tzinfo=None).isoformat())

    def _limited(self, **dates: Any) -> VolunteerEvents:
        """The same source, between those dates."""
        limited = copy(self)
        limited.dates = dates
        return limited

    async def call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        """The answer; the list within the dates that this copy is limited to."""
        if path == LIST.path and self.dates:
            parts["params"] = {**parts.get("params", {}), **self.dates}
        return await super().call(method, path, caller, **parts)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> VolunteerEvent:
        """The created event; as it was sent when it cannot be read back at once."""
        required(values, "title", "event_date")
        body = _sendable(values)
        made = (await self.write("POST", ROOT, caller, json=body)).part("event_id").json
        try:
            return await self.get(caller, made)
        except BackendError:
            return VolunteerEvent.model_validate(self.adapt({**body, "id": made}))

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> VolunteerEvent | None:
        """The newest event on that very minute that equals ``values``; rows tell no time of creation."""
        wanted = sendable(values, "event_date")
        limited = self._limited(date_from=wanted["event_date"], date_to=wanted["event_date"])
        rows = await limited._window(caller, LIST, 0, 100, LIST.params)
        found = [
            one
            for one in rows.items
            if all(same(getattr(one, name), wanted[name]) for name in ALIKE if name in wanted)
        ]
        return max(found, key=lambda one: one.id, default=None)

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> VolunteerEvent:
        """The event after the change. Title and date are sent again: the backend asks for them each time."""
        required(values, "title", "event_date")
        event = await self._put(caller, record_id, _sendable(values))
        return event.model_copy(update={name: values[name] for name in values if name != "event_date"})

    async def remove_link(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> VolunteerEvent:
        """The event without a link to its group. Nothing shows whether there was one, so an edit cannot empty it;
        an empty text replaces it for certain, where a null may pass for nothing sent."""
        return await self._put(caller, record_id, {"whatsapp_group_link": ""})

    async def _put(self, caller: Caller, record_id: int, body: Mapping[str, Any]) -> VolunteerEvent:
        """The event as it was before the change."""
        event = await self.get(caller, record_id)
        again = {"title": event.title or "", "event_date": _moment(event.event_date)}
        await self.write("PUT", f"{ROOT}/{record_id:d}", caller, json={**again, **body})
        return event

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; it leaves the list for ever."""
        await self.write("DELETE", f"{ROOT}/{record_id:d}", caller)

    async def add_task(
        self, caller: Caller, record_id: int, values: Mapping[str, Any]
    ) -> VolunteerEvent | None:
        """The event with a task more; tasks cannot be listed, changed or deleted afterwards."""
        required(values, "task_title")
        body = {name.removeprefix("task_"): value for name, value in values.items() if value is not None}
        await self.write("POST", f"{ROOT}/{record_id:d}/tasks", caller, json=body)
        return await self.seen(caller, record_id)


def _sendable(values: Mapping[str, Any]) -> dict[str, Any]:
    body = sendable(values, "event_date")
    for name in NUMBERS:
        if name in body and body[name] is None:
            body[name] = 0
    if body.get("direction_id") is not None:
        body["direction_id"] = int(body["direction_id"])
    return body


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else naive(moment)


def _date(text: Any) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return None
