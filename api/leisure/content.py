"""What the sources of places, tickets and promo have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from api.errors import Invalid, NotFound, OutOfReach, Wrong
from api.leisure.columns import LENGTHS, Columns
from api.listing import Listing
from api.source import SEES_ALL, Served
from api.uploads import PHOTO, Uploads
from models.access import Caller
from models.common import Amount, Upload
from models.leisure import Content
from resources.queries import Moderated, Photographed, Writable

C = TypeVar("C", bound=Content)

ROOT = "/api/v2/leisure"
ADMIN = f"{ROOT}/admin"
WINDOW = 250
"""Rows read at once. The admin lists know no limit; with long texts more would be too much for one answer."""
DEEPEST = 10_000
"""How many rows are gone through for one record."""
NEWEST = frozenset(("", "created"))


def newest_first(record: Content) -> float:
    """Key of the lists' own order."""
    return -record.created_at.timestamp()


class ContentSource(Served[C], Writable[C], Moderated[C], Photographed[C]):
    """Places, tickets or promo.

    ``admin/list`` gives whole rows, newest created first, msb's own only; it knows no moderation status.
    ``all-statuses`` knows nothing else, shows everyone's and promises no order, so it is never paged. There is no
    admin detail, and the public one lacks the moderation (that of a place counts a view, too), so one record
    is looked for in the list. Filters: ``moderation_status``, ``status``, ``missing``.
    """

    group: ClassVar[str] = "leisure"
    columns: ClassVar[Columns]
    photo: ClassVar[str] = "main_photo_url"
    orders = MappingProxyType({"": newest_first, "created": newest_first})

    # --- reading ---------------------------------------------------------------------------------------

    def adapt(self, row: Any) -> Any:
        """The row with an absolute photo address."""
        return self.with_urls(row, self.photo)

    def texts(self, record: C) -> Iterable[str | None]:
        """The titles: what the backend itself searches."""
        return record.title, record.title_ru

    async def get(self, caller: Caller, record_id: int) -> C:
        """The record, with its moderation; another admin's is ``NotFound`` for msb."""
        listing = self.listings[0]
        for skip in range(0, DEEPEST, WINDOW):
            rows = await self.rows(caller, listing, skip, WINDOW, {})
            for record in rows.items:
                if record.id == record_id:
                    return record
            if rows.received < WINDOW:
                raise NotFound(f"no {self.model.__name__} of that id", call=listing.path)
        raise OutOfReach(DEEPEST, call=listing.path)

    # --- writing ---------------------------------------------------------------------------------------

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> C:
        """The created record: pending for msb, approved for the others."""
        body = self.columns.created(values)
        return self.one(await self.write("POST", f"{self._base}/create", caller, json=body))

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> C:
        """The record after changing just ``values``: a listed field that is sent counts as changed (contract Q22)."""
        return await self._put(caller, record_id, self.columns.changed(values))

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; its gallery and its promo rows stay behind."""
        await self.write("DELETE", f"{self._base}/{record_id:d}", caller)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> C | None:
        """The newest record of the last hour that equals ``values``, None when there is none."""
        body = self.columns.created(values)
        return await self.newest_like(caller, body, body)

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The stored path; an approved place of msb's waits for approval again."""
        path = await Uploads(self._backend).upload_photo(caller, photo)
        if len(path) > LENGTHS[self.photo]:
            raise Invalid((Wrong((self.photo,), "its name is too long"),))
        await self._put(caller, record_id, {self.photo: path})
        return path

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; also when there was no photo."""
        await self._put(caller, record_id, {self.photo: None})

    async def _put(self, caller: Caller, record_id: int, body: Mapping[str, Any]) -> C:
        """The record after writing ``body``: the route takes any column, so nothing unchecked comes here."""
        return self.one(await self.write("PUT", f"{self._base}/{record_id:d}", caller, json=body))

    @property
    def _base(self) -> str:
        return self.listings[0].path.removesuffix("/list")


def lists_of(plural: str, *filters: str, search: str = "") -> tuple[Listing, ...]:
    """The two lists of a kind."""
    return (
        Listing(
            f"{ADMIN}/{plural}/list",
            filters={name: name for name in filters},
            search=search,
            most=WINDOW,
            orders=NEWEST,
        ),
        Listing(
            f"{ADMIN}/{plural}/moderation/all-statuses",
            filters={"moderation_status": "moderation_status"},
            orders=frozenset(),
            roles=SEES_ALL,
        ),
    )


def operations_of(plural: str, name: str, **more: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """The operations of a kind, spelt as in the backend's OpenAPI document."""
    base = f"{ADMIN}/{plural}"
    one, moderation = f"{base}/{{{name}_id}}", f"{base}/moderation"
    stats = f"GET {moderation}/stats"
    return MappingProxyType(
        {
            "page": (f"GET {base}/list", f"GET {moderation}/all-statuses", stats),
            "get": (f"GET {base}/list",),
            "create": (f"POST {base}/create",),
            "update": (f"PUT {one}",),
            "delete": (f"DELETE {one}",),
            "find_created": (f"GET {base}/list",),
            "approve": (f"POST {moderation}/{{{name}_id}}/approve",),
            "reject": (f"POST {moderation}/{{{name}_id}}/reject",),
            "counts": (stats,),
            "upload_photo": (f"POST {PHOTO}", f"PUT {one}"),
            "delete_photo": (f"PUT {one}",),
            **more,
        }
    )


class PromotedSource(ContentSource[C]):
    """Places or tickets: what promo may be for."""

    related_type: ClassVar[str]

    async def promos_count(self, caller: Caller, record_id: int) -> Amount:
        """How many promos of its newest 250 would point at nothing once the record is gone."""
        params = {"related_type": self.related_type, "skip": 0, "limit": WINDOW}
        rows = (await self.call("GET", f"{ADMIN}/promo/list", caller, params=params)).rows()
        count = sum(isinstance(row, dict) and row.get("related_id") == record_id for row in rows)
        return Amount(count, more=bool(count) and len(rows) == WINDOW)
