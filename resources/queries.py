"""What is asked of a resource's records and what comes back, whatever dialect the backend speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from models.access import Caller
from models.common import Record, Upload

M = TypeVar("M", bound=Record)
M_co = TypeVar("M_co", bound=Record, covariant=True)
T_co = TypeVar("T_co", covariant=True)

PAGE_SIZE = 7
"""Rows of one list page (UX U6: 5-8)."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which records, in which order, which page (from 1)."""

    page: int = 1
    size: int = PAGE_SIZE
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    zone: ZoneInfo | None = None
    """Whose days "today" and "7 days" are; None: the source's own."""
    language: str = ""
    """In which names are put in order, where the bot itself orders by name: kk, ru or en; ``""``: as they stand."""

    @property
    def skip(self) -> int:
        """Records before this page."""
        return (self.page - 1) * self.size

    @property
    def is_narrowed(self) -> bool:
        """True when search or filters leave records out."""
        return bool(self.search or self.filters)

    def at(self, page: int) -> ListQuery:
        """The same query on another page."""
        return replace(self, page=max(1, page))


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """One page of records.

    ``total`` is None where the backend gives no true one (contract Q8). ``scanned`` is set when the bot
    itself filtered: how many records it could look through, so that the screen can say so; ``complete`` is
    False when more were there than it looked through. ``note`` is the key of a text that says what the page lacks.
    """

    items: Sequence[T_co]
    query: ListQuery
    has_next: bool
    total: int | None = None
    scanned: int | None = None
    complete: bool = True
    note: str = ""

    @property
    def first(self) -> int:
        """Number of the first row, from 1; 0 on an empty page."""
        return self.query.skip + 1 if self.items else 0

    @property
    def last(self) -> int:
        """Number of the last row; 0 on an empty page."""
        return self.query.skip + len(self.items) if self.items else 0

    @property
    def pages(self) -> int | None:
        """Number of pages, None when the total is unknown."""
        return None if self.total is None else max(1, -(-self.total // self.query.size))


@dataclass(frozen=True, slots=True)
class Counts:
    """Moderation counters of a module."""

    total: int
    pending: int
    approved: int
    rejected: int


class Source(Protocol[M_co]):
    """What serves a resource's records. Every method raises ``api.errors`` only.

    ``operations`` names, per method of the source, the backend operations (``"GET /api/..."``) it calls:
    capabilities compares them with what the running backend offers.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]]

    async def page(self, caller: Caller, query: ListQuery) -> Page[M_co]:
        """The records of that page."""

    async def get(self, caller: Caller, record_id: int) -> M_co:
        """The record; ``NotFound`` also when it is another admin's and this role sees its own only."""


class Writable(Source[M_co], Protocol[M_co]):
    """A source whose records can be written. ``values`` are JSON-ready, by field name."""

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> M_co:
        """The created record."""

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> M_co:
        """The record after changing just ``values``."""

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; ``NotFound`` when it was gone already."""

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> M_co | None:
        """The record that an unanswered ``create`` of ``values`` made, None when it made none."""


class Moderated(Source[M_co], Protocol[M_co]):
    """A source whose records wait for a decision."""

    async def approve(self, caller: Caller, record_id: int) -> M_co:
        """The record after approval."""

    async def reject(self, caller: Caller, record_id: int) -> M_co:
        """The record after rejection."""

    async def counts(self, caller: Caller) -> Counts:
        """Counters by moderation status, over all owners."""


class Child(Source[M_co], Protocol[M_co]):
    """A source whose records belong to a record of another source."""

    def under(self, parent_id: int) -> Source[M_co]:
        """The source of that one record's children."""


class Photographed(Source[M_co], Protocol[M_co]):
    """A source whose records carry a photo in a field of their own."""

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The stored path of the new photo."""

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; also when there was no photo."""
