"""Applications: of all events, and of one event, whose list has no pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from api.answer import Rows
from api.errors import BackendError, Broken, Explained, UnknownOutcome
from api.listing import Listing
from api.source import SCANNED_AT_MOST
from api.volunteers.sought import ADMIN, Sought, flat, with_phone
from models.access import Caller
from models.volunteer_work import Application, ApplicationStatus
from resources.queries import ListQuery, Page

ROOT = f"{ADMIN}/applications"
ONE = f"{ROOT}/{{application_id}}"
OF_EVENT = f"{ADMIN}/events/{{event_id}}/applications"
SPLITS = 64
"""Failing calls after which a list is given up: two or three rows of deleted volunteers in a hundred cost less."""
LEFT_OUT = "volunteer_applications.left_out"
UNREADABLE = "volunteer_applications.unreadable"
NO_BALANCE = "event_applications.no_balance"
WRITES: Mapping[str, tuple[str, ...]] = {
    "accept": (f"POST {ONE}/approve",),
    "refuse": (f"POST {ONE}/reject",),
    "came": (f"PATCH {ONE}/attendance",),
    "missed": (f"PATCH {ONE}/attendance",),
}


class Attended(Sought[Application]):
    """What can be done with an application, wherever it is listed."""

    model = Application

    def texts(self, record: Application) -> Iterable[str | None]:
        """Volunteer, phone and event."""
        return record.volunteer_name, record.volunteer_phone, record.event_title

    async def accept(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Application | None:
        """The approved application; the volunteer is told each time (contract Q18)."""
        await self.write("POST", f"{ROOT}/{record_id:d}/approve", caller)
        return await self.seen(caller, record_id)

    async def refuse(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Application | None:
        """The rejected application; the reason reaches the volunteer and is kept nowhere."""
        params = {"reason": values.get("reason") or None}
        await self.write("POST", f"{ROOT}/{record_id:d}/reject", caller, params=params)
        return await self.seen(caller, record_id)

    async def came(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Application | None:
        """The application of somebody who was there: pays the event's coins each time it is called."""
        return await self._mark(caller, record_id, attended=True)

    async def missed(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Application | None:
        """The application of somebody who was not there: counts a miss, takes nothing back."""
        return await self._mark(caller, record_id, attended=False)

    async def _mark(self, caller: Caller, record_id: int, *, attended: bool) -> Application | None:
        try:
            answer = await self.write(
                "PATCH", f"{ROOT}/{record_id:d}/attendance", caller, params={"attended": attended}
            )
        except UnknownOutcome as lost:
            return await self._unmarked(caller, record_id, lost, attended=attended)
        marked = {"attended": attended, "missed": not attended, "warning_level": _level(answer.json)}
        return await self.seen(caller, record_id, **marked)

    async def _unmarked(
        self, caller: Caller, record_id: int, lost: UnknownOutcome, *, attended: bool
    ) -> Application:
        """The application when it was marked after all. A 500 that marked nothing is what a volunteer without a
        balance gets (contract Q7)."""
        try:
            record = await self.get(caller, record_id)
        except BackendError:
            raise lost from None
        if record.attended if attended else record.missed:
            return record
        if lost.status == 500 and not record.attended:
            raise Explained(NO_BALANCE) from lost
        raise lost


class Applications(Attended):
    """All applications, newest first. One of a deleted volunteer makes its whole page a 500 (contract Q7): the page
    is then read in smaller and smaller parts, and that row is left out."""

    listings = (Listing(ROOT, key="applications", filters={"status": "status"}),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"page": (f"GET {ROOT}",), "get": (f"GET {ROOT}",), **WRITES}
    )
    _lost: int = 0
    """Rows that this copy of the source had to leave out."""
    _read: int = 0
    _failures: int = 0

    def adapt(self, row: Any) -> Any:
        """The row with its role under the name that the other list has for it."""
        return with_phone(flat(row, {"role": "applied_role"}, {}), "volunteer_phone")

    async def page(self, caller: Caller, query: ListQuery) -> Page[Application]:
        """The applications of that page, with a note where some could not be read."""
        counting = copy(self)
        page = await super(Applications, counting).page(caller, query)
        if counting._lost and not counting._read:
            raise Explained(UNREADABLE)
        return replace(page, note=LEFT_OUT) if counting._lost else page

    async def get(self, caller: Caller, record_id: int) -> Application:
        """The application."""
        return await super(Applications, copy(self)).get(caller, record_id)

    async def rows(
        self, caller: Caller, listing: Listing, skip: int, size: int, params: Mapping[str, Any]
    ) -> Rows[Application]:
        """``size`` readable rows from ``skip`` on; one more is asked for, and only counted."""
        lost = self._lost
        found = await self._window(caller, listing, skip, min(size + 1, listing.most), params)
        if self._lost == lost:
            return Rows(found.items[:size], found.received)
        # With rows left out nobody can tell which one was the one more: the page alone says what stands on it.
        return Rows((await self._window(caller, listing, skip, size, params)).items, found.received)

    async def _window(
        self, caller: Caller, listing: Listing, skip: int, limit: int, params: Mapping[str, Any]
    ) -> Rows[Application]:
        try:
            found = await super()._window(caller, listing, skip, limit, params)
            self._read += found.received
            return found
        except Broken as error:
            self._failures += 1
            if self._failures > SPLITS:
                raise Explained(UNREADABLE) from error
            if limit == 1:
                self._lost += 1
                return Rows([], 1)
        half = limit // 2
        first, second = await asyncio.gather(
            self._window(caller, listing, skip, half, params),
            self._window(caller, listing, skip + half, limit - half, params),
        )
        return Rows([*first.items, *second.items], first.received + second.received)


class EventApplications(Attended):
    """The applications of one event, all at once; who missed it is asked of the other list."""

    listings = (Listing(OF_EVENT, key="applications", paged=False, filters={"status": "status_filter"}),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"page": (f"GET {OF_EVENT}",), "get": (f"GET {OF_EVENT}",), **WRITES}
    )
    _event: int = 0

    def under(self, parent_id: int) -> EventApplications:
        """The applications of that event."""
        bound = copy(self)
        bound._event = parent_id
        return bound

    def adapt(self, row: Any) -> Any:
        """The row with its volunteer laid open."""
        volunteer = {"id": "volunteer_id", "name": "volunteer_name", "status": "volunteer_status"}
        return flat(row, {"application_id": "id"}, volunteer)

    async def rows(
        self, caller: Caller, listing: Listing, skip: int, size: int, params: Mapping[str, Any]
    ) -> Rows[Application]:
        """All applications of the event; those whose volunteer missed it are marked as far as that is known."""
        bound = replace(listing, path=listing.path.format(event_id=self._event))
        found, marks = await asyncio.gather(
            super().rows(caller, bound, skip, size, params), self._marks(caller)
        )
        records = [_marked(one, marks.get(one.id)) for one in found.items]
        # Who was taken stands first, and marking moves nobody.
        records.sort(key=lambda one: one.status != ApplicationStatus.APPROVED)
        return Rows(records, found.received)

    async def _marks(self, caller: Caller) -> dict[int, Application]:
        """The same applications out of the list of all, which knows phones and misses; empty where it fails."""
        params = {"event_id": self._event, "skip": 0, "limit": SCANNED_AT_MOST}
        try:
            answer = await self.call("GET", ROOT, caller, params=params)
            rows = answer.part("applications").many(
                Application, lambda row: with_phone(row, "volunteer_phone")
            )
        except BackendError:
            return {}
        return {one.id: one for one in rows.items}


def _marked(one: Application, other: Application | None) -> Application:
    if other is None:
        return one
    known = {
        "missed": other.missed,
        "volunteer_phone": other.volunteer_phone,
        "event_title": other.event_title,
    }
    return one.model_copy(update=known)


def _level(body: Any) -> str | None:
    level = body.get("warning_level") if isinstance(body, dict) else None
    return str(level) if level else None
