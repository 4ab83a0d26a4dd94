"""Categories of courses: listed and created through routes that ask for no token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.answer import Rows
from api.courses.damaged import ADMIN, PUBLIC
from api.courses.form import wrong
from api.errors import Invalid, NotFound
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.course import CourseCategory
from resources.queries import ListQuery, Page
from utils.folding import fold

CATEGORIES = f"{PUBLIC}/categories"
STATS = f"{ADMIN}/moderation/stats"
LIST = Listing(CATEGORIES, paged=False, orders=frozenset())
KEPT_FOR = 600.0
"""Seconds a read list is good for; what this bot adds shows at once."""


class CourseCategories(Served[CourseCategory]):
    """The categories, by name; what a course is sorted under is picked from here."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({
        "page": (f"GET {CATEGORIES}",),
        "get": (f"GET {CATEGORIES}",),
        "create": (f"GET {STATS}", f"GET {CATEGORIES}", f"POST {CATEGORIES}"),
        "find_created": (f"GET {CATEGORIES}",),
    })  # fmt: skip
    model = CourseCategory
    group = "courses"
    listings = (LIST,)
    orders = MappingProxyType({"": lambda category: (fold(category.name), category.id)})
    _kept: tuple[float, Rows[CourseCategory]] | None = None

    def texts(self, record: CourseCategory) -> Iterable[str | None]:
        """Name and description."""
        return (record.name, record.description)

    async def page(self, caller: Caller, query: ListQuery) -> Page[CourseCategory]:
        """The categories of that page, by name."""
        return self._sliced(await self._all(caller), query, LIST, complete=True)

    async def get(self, caller: Caller, record_id: int) -> CourseCategory:
        """The category."""
        found = next((one for one in await self._all(caller) if one.id == record_id), None)
        if found is None:
            raise NotFound("no such category")
        return found

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> CourseCategory:
        """The created category. The route asks for no token, so an admin route says first whether the caller may
        see courses at all; two of one name could never be told apart again, nor deleted."""
        await self.call("GET", STATS, caller)
        name = str(values.get("name") or "").strip()
        if not name:
            raise Invalid((wrong("name", "field.error.blank"),))
        if await self._named(caller, name) is not None:
            raise Invalid((wrong("name", "course_categories.error.exists"),))
        body = {"name": name, "description": values.get("description") or None}
        try:
            return self.one(await self.write("POST", CATEGORIES, caller, json=body))
        finally:
            self._kept = None

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> CourseCategory | None:
        """The category of that name; there is never a second one."""
        return await self._named(caller, str(values.get("name") or "").strip())

    async def _named(self, caller: Caller, name: str) -> CourseCategory | None:
        self._kept = None
        wanted = _alike(name)
        return next((one for one in await self._all(caller) if _alike(one.name) == wanted), None)

    async def _all(self, caller: Caller) -> list[CourseCategory]:
        if self._kept is None or self._clock() - self._kept[0] >= KEPT_FOR:
            self._kept = (self._clock(), await self.rows(caller, LIST, 0, 10**6, {}))
        return self._kept[1].items


def _alike(name: str) -> str:
    """The name without case and runs of white space; Kazakh letters stay, they make other words."""
    return " ".join(name.casefold().split())
