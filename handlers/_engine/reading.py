"""Reading every record of an order with the rights that its person has at that moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from api.errors import BackendError, NotFound, SessionEnded, TooMany, Unavailable
from middlewares.context import App
from models.access import SIGNED_IN, Caller, Principal
from resources.fields import Relation
from resources.queries import ListQuery, Page
from resources.resource import Op, Resource
from services import policy
from services.export import columns
from services.export.cells import Row
from services.export.orders import Order
from services.sessions import Session

R = TypeVar("R")

PAGE = 99
"""Records asked for at once: with the one more that tells of a next page it is what every list takes (contract Q9)."""
CARDS_AT_ONCE = 4
SESSION_EVERY = 5.0
"""Seconds after which the session is looked at again: a logout ends the export, too."""
NAMED = 300
"""Names that are asked for one by one; sources of few rows have them all at hand."""
PAUSES = (1.0, 4.0, 10.0)
"""Seconds to wait for a backend that does not answer, before each further try."""
LONGEST_PAUSE = 30.0
HOPELESS = 3
"""Cards that lack what they were read for, after which no more are read for it."""


@dataclass(slots=True)
class Notes:
    """What the person must know about the file."""

    cut: bool = False
    """There were more records than fit."""
    scanned: int | None = None
    """The bot itself looked for what the filters leave, through so many records and not all."""
    late: bool = False
    """The time was up before all were read."""
    plain: int = 0
    """Rows whose cards were not read any more, so that some of their cells are empty."""
    gone: int = 0
    """Ticked records that are not there any more."""
    lacks: str = ""
    """Key of the text that says what the CRM cannot show of the list."""


@dataclass(slots=True)
class Reader:
    """Reads for one order. ``rows`` and ``cards`` bound it; ``until`` (monotonic seconds) ends it early."""

    app: App
    order: Order
    resource: Resource[Any]
    rows: int
    cards: int
    until: float
    notes: Notes = field(default_factory=Notes)
    session: Session | None = None
    known: dict[columns.Pointer, dict[str, Any]] = field(default_factory=dict)
    """Names of what the records point at by number alone."""
    _looked_at: float = float("-inf")
    _asked: set[columns.Pointer] = field(default_factory=set)
    _missed: dict[str, int] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)

    async def batches(self) -> AsyncIterator[list[tuple[Any, Any]]]:
        """Records, each with its card where the list's row does not carry all columns, else None.

        Raises ``api.errors`` and ``services.policy.Denied``.
        """
        async for records in self._ticked() if self.order.ids else self._listed():
            if self.order.ids or not any(map(self._hoped, records)):
                await self._learn(records)
                yield [(record, None) for record in records]
                continue
            for start in range(0, len(records), CARDS_AT_ONCE):
                some = records[start : start + CARDS_AT_ONCE]
                cards = await asyncio.gather(*map(self._card, some))
                await self._learn([*some, *filter(None, cards)])
                yield list(zip(some, cards, strict=True))

    async def principal(self) -> Principal:
        """Who the order is made for now. Raises ``SessionEnded`` and ``Denied``."""
        return (await self._caller()).principal

    async def _listed(self) -> AsyncIterator[list[Any]]:
        """All records of the list, each once. Some lists of the backend have no order (contract Q9): where fewer came
        than it counts, they are read a second time."""
        seen: set[int] = set()
        total = 0
        for _ in range(2):
            async for page in self._pages():
                total = total or page.total or 0
                fresh = {one.id: one for one in page.items if one.id not in seen}
                room = self.rows - len(seen)
                seen |= fresh.keys()
                self.notes.cut = len(fresh) > room or (len(fresh) == room and page.has_next)
                yield list(fresh.values())[:room]
                if self.notes.cut:
                    return
            if len(seen) >= total or self.notes.late:
                return

    async def _pages(self) -> AsyncIterator[Page[Any]]:
        query = ListQuery(
            size=PAGE, search=self.order.search, filters=self.order.filters, sort=self.order.sort,
            zone=ZoneInfo(self.order.zone),
        )  # fmt: skip
        while True:
            page = await self._page(query)
            if page.scanned is not None and not page.complete:
                self.notes.scanned = page.scanned
            self.notes.lacks = page.note or self.notes.lacks
            self.notes.late = page.has_next and time.monotonic() > self.until
            yield page
            if not page.has_next or not page.items or self.notes.late:
                return
            query = query.at(query.page + 1)

    async def _ticked(self) -> AsyncIterator[list[Any]]:
        for start in range(0, len(self.order.ids), CARDS_AT_ONCE):
            some = self.order.ids[start : start + CARDS_AT_ONCE]
            found = await asyncio.gather(*(self._get(record_id) for record_id in some))
            self.notes.gone += found.count(None)
            yield [record for record in found if record is not None]

    def _hoped(self, record: Any) -> list[str]:
        """The columns that the record's row lacks and that its card may have."""
        return [
            name
            for name in self.order.columns
            if not columns.carries(record, name)
            and (name in self._given or self._missed.get(name, 0) < HOPELESS)
        ]

    async def _card(self, record: Any) -> Any:
        """The card of a record whose row lacks a column that cards may have."""
        hoped = self._hoped(record)
        if not hoped:
            return None
        if self.cards <= 0 or time.monotonic() > self.until:
            self.notes.plain += 1
            return None
        self.cards -= 1
        card = await self._get(record.id)
        for name in hoped:
            if card is not None and columns.carries(card, name):
                self._given.add(name)
            else:
                self._missed[name] = self._missed.get(name, 0) + 1
        return card

    async def _learn(self, records: Sequence[Any]) -> None:
        """Names of what the records point at by number alone; a number that has none stays a number."""
        found = {
            one for record in records for one in columns.pointers(self.resource, self.order.columns, record)
        }
        new = sorted(found - self._asked)[: NAMED - len(self._asked)]
        self._asked |= set(new)
        for start in range(0, len(new), CARDS_AT_ONCE):
            await asyncio.gather(*map(self._name, new[start : start + CARDS_AT_ONCE]))

    async def _name(self, pointer: columns.Pointer) -> None:
        name, on, record_id = pointer
        relation = self.resource.by_name[name]
        source = relation.source({relation.depends: on}) if isinstance(relation, Relation) else None
        if source is None or time.monotonic() > self.until:
            return
        try:
            found = await self.app.records.look_up(await self._caller(), source, record_id)
        except SessionEnded:
            raise
        except BackendError:
            return
        self.known[pointer] = found.ref.model_dump()

    async def _page(self, query: ListQuery) -> Page[Any]:
        async def read(caller: Caller) -> Page[Any]:
            return await self.app.records.page(caller, self.resource, query)

        return await self._patient(read)

    async def _get(self, record_id: int) -> Any:
        async def read(caller: Caller) -> Any:
            try:
                return await self.app.records.get(caller, self.resource, record_id)
            except NotFound:
                return None

        return await self._patient(read)

    async def _patient(self, read: Callable[[Caller], Awaitable[R]]) -> R:
        """What is read; a backend that does not answer is waited for, while there is time."""
        for pause in PAUSES:
            try:
                return await read(await self._caller())
            except (Unavailable, TooMany) as error:
                wanted = min(LONGEST_PAUSE, max(pause, error.retry_after or 0.0))
                if time.monotonic() + wanted > self.until:
                    raise
            await asyncio.sleep(wanted)
        return await read(await self._caller())

    async def _caller(self) -> Caller:
        """The person's caller; role at most a minute old, session looked at every five seconds."""
        now = time.monotonic()
        if self.session is None or now - self._looked_at > SESSION_EVERY:
            self._looked_at = now
            session = await self.app.sessions.load(self.order.user_id)
            if session is None or session.admin_id != self.order.admin_id:
                raise SessionEnded("the export's session is over")
            self.session = session
        self.session = await self.app.sessions.revalidate(self.session, time.time(), writing=True)
        principal = self.session.principal
        if not all(
            self.app.records.may(principal, self.resource, op) for op in (Op.EXPORT, Op.LIST, Op.CARD)
        ):
            raise policy.Denied(principal, self.resource.need(Op.EXPORT) or SIGNED_IN)
        return self.app.sessions.caller(self.session)


def rows_of(made: Sequence[columns.Column], batch: Sequence[tuple[Any, Any]]) -> list[Row]:
    """The batch as rows of the sheet."""
    return [columns.row(made, record, card) for record, card in batch]
