"""What a course is made of, to be looked at: the backend has no route that adds, renames, moves or deletes a chapter
or a lesson (its reorder is 422, contract Q5)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Self

from api.courses.damaged import ADMIN
from api.errors import NotFound
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.course import Chapter
from resources.queries import ListQuery, Page


class Chapters(Served[Chapter]):
    """The chapters of one course, out of its card: the public one would count a view."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"page": (f"GET {ADMIN}/{{course_id}}",), "get": (f"GET {ADMIN}/{{course_id}}",)}
    )
    model = Chapter
    group = "courses"
    orders = MappingProxyType({"": lambda chapter: (chapter.order, chapter.id)})
    _course = 0

    def under(self, parent_id: int) -> Self:
        """The same source, of that course."""
        bound = copy.copy(self)
        bound._course = parent_id
        return bound

    def texts(self, record: Chapter) -> Iterable[str | None]:
        """Titles of the chapter and of its lessons."""
        return (record.title, *(lesson.title for lesson in record.lessons))

    async def page(self, caller: Caller, query: ListQuery) -> Page[Chapter]:
        """The chapters of that page, in the order of the course."""
        return await self._looked_through(caller, query, [self._listing])

    async def get(self, caller: Caller, record_id: int) -> Chapter:
        """The chapter; ``NotFound`` for one of another course."""
        rows = await self.rows(caller, self._listing, 0, 10**6, {})
        found = next((one for one in rows.items if one.id == record_id), None)
        if found is None:
            raise NotFound("no such chapter of this course")
        return found

    @property
    def _listing(self) -> Listing:
        path = f"{ADMIN}/{self._course:d}"
        return Listing(path, key="chapters", paged=False, orders=frozenset())
