"""Categories of places: contract section 2.8. Their routes ask for no token, so check rights before calling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.client import Backend
from api.errors import BackendError, NotFound
from api.listing import Listing
from api.source import Served
from api.values import required
from models.access import Caller
from models.common import Amount, Ref, Upload
from models.leisure import LeisureCategory
from resources.queries import Writable

CATEGORIES = "/api/v2/leisure/categories"
PLACES = "/api/v2/leisure/admin/places/list"
ONE = f"{CATEGORIES}/{{category_id}}"
NAMED_FOR = 60.0
"""Seconds that names are kept for: a category that was just renamed here is not read under its old name for long."""
NAMED_WITHIN = 2.0
"""Seconds that a card waits for names."""
COUNTED = 100
FORM = ("name", "name_ru")


class LeisureCategories(Served[LeisureCategory], Writable[LeisureCategory]):
    """The categories source: one list, by name, which comes whole. All owners share it."""

    model = LeisureCategory
    group: ClassVar[str] = "leisure"
    listings = (Listing(CATEGORIES, paged=False, orders=frozenset(("",))),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {CATEGORIES}",),
            "get": (f"GET {CATEGORIES}",),
            "create": (f"POST {CATEGORIES}",),
            "update": (f"PUT {ONE}",),
            "delete": (f"DELETE {ONE}",),
            "find_created": (f"GET {CATEGORIES}",),
            "upload_photo": (f"PUT {ONE}",),
            "places_count": (f"GET {PLACES}",),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with an absolute icon address."""
        return self.with_urls(row, "icon_url")

    def texts(self, record: LeisureCategory) -> Iterable[str | None]:
        """Both names."""
        return record.name, record.name_ru

    async def get(self, caller: Caller, record_id: int) -> LeisureCategory:
        """The category, out of the list: the backend has no detail of it."""
        for category in await self._all(caller):
            if category.id == record_id:
                return category
        raise NotFound("no category of that id", call=CATEGORIES)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> LeisureCategory:
        """The created category."""
        return self.one(await self.write("POST", CATEGORIES, caller, data=_form(values)))

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> LeisureCategory:
        """The category after changing just ``values``, read back: the backend answers a sentence only."""
        await self.write("PUT", f"{CATEGORIES}/{record_id:d}", caller, data=_form(values))
        return await self.get(caller, record_id)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; its places keep the id."""
        await self.write("DELETE", f"{CATEGORIES}/{record_id:d}", caller)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> LeisureCategory | None:
        """The newest category of these names, None when there is none; the backend keeps no times of them."""
        form = _form(values)
        found = [one for one in await self._all(caller) if {"name": one.name, "name_ru": one.name_ru} == form]
        return max(found, key=lambda one: one.id, default=None)

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The address of the new icon."""
        files = {"icon": (photo.name, photo.content, photo.content_type)}
        await self.write("PUT", f"{CATEGORIES}/{record_id:d}", caller, files=files)
        return (await self.get(caller, record_id)).icon_url or ""

    async def places_count(self, caller: Caller, record_id: int) -> Amount:
        """How many places would keep the id of a category that is gone, counted up to 100."""
        params = {"category_id": record_id, "skip": 0, "limit": COUNTED + 1}
        received = len((await self.call("GET", PLACES, caller, params=params)).rows())
        return Amount(min(received, COUNTED), more=received > COUNTED)

    async def _all(self, caller: Caller) -> list[LeisureCategory]:
        return self.many(await self.call("GET", CATEGORIES, caller)).items


class CategoryNames:
    """Names of categories by id, a minute old at most."""

    def __init__(self, backend: Backend, clock: Callable[[], float]) -> None:
        self._backend = backend
        self._clock = clock
        self._until = float("-inf")
        self._refs: Mapping[int, Ref] = {}

    def ref(self, category_id: int) -> Ref:
        """The category as far as its names are known; one that was deleted has none."""
        return self._refs.get(category_id) or Ref(id=category_id)

    async def learn(self) -> None:
        """Nothing; asks for the names when it is time to. A name beside a record is not worth losing the record."""
        if self._clock() < self._until:
            return
        self._until = self._clock() + NAMED_FOR
        try:
            answer = await self._backend.call("GET", CATEGORIES, group="leisure", deadline=NAMED_WITHIN)
            self._refs = {one.id: one.ref for one in answer.many(LeisureCategory).items}
        except BackendError:
            return


def _form(values: Mapping[str, Any]) -> dict[str, str]:
    """The form of those values. An empty one would be ignored, or refused: ``Invalid``."""
    required(values, *FORM)
    return {name: str(values[name]) for name in FORM if name in values}
