"""What the volunteers' sources share: records that no route shows alone are looked for in their list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from api.errors import BackendError, NotFound, OutOfReach
from api.source import Served
from models.access import Caller
from models.common import Record

M = TypeVar("M", bound=Record)

ADMIN = "/api/v2/admin/volunteer"
PUBLIC = "/api/v2/volunteer"
FIRST = 100
"""Rows of the first look for a record: what is opened mostly stands near the top."""
WINDOW = 1000
DEEPEST = 10_000
"""How many rows are gone through for one record."""


class Sought(Served[M]):
    """Base of sources without a route for one record: ``get`` goes through the first 10,000 of the first list."""

    group: ClassVar[str] = "volunteers"

    async def get(self, caller: Caller, record_id: int) -> M:
        """The record. ``NotFound`` when it is in no list; ``OutOfReach`` when it may lie deeper than was looked."""
        found, complete = await self.looked_for(caller, record_id)
        if found is not None:
            return found
        raise NotFound("in no list") if complete else OutOfReach(DEEPEST)

    async def looked_for(self, caller: Caller, record_id: int) -> tuple[M | None, bool]:
        """The record, None when it is not among those looked at; and whether there were no others."""
        listing = self.listings[0]
        if not listing.paged:
            return _of(record_id, (await self.rows(caller, listing, 0, 10**9, listing.params)).items), True
        skip = 0
        for end in (FIRST, *range(WINDOW, DEEPEST + 1, WINDOW)):
            rows = await self._window(caller, listing, skip, end - skip, listing.params)
            found = _of(record_id, rows.items)
            if found is not None or rows.received < end - skip:
                return found, True
            skip = end
        return None, False

    async def seen(self, caller: Caller, record_id: int, **known: Any) -> M | None:
        """The record after a write, with what only the answer of the write told; None when it cannot be read now,
        which must not make a done write look failed."""
        try:
            record = await self.get(caller, record_id)
        except BackendError:
            return None
        return record.model_copy(update=known)


def flat(row: Any, renamed: Mapping[str, str], volunteer: Mapping[str, str]) -> Any:
    """The row with keys renamed, and those of its ``volunteer`` (who may be gone) laid beside them."""
    if not isinstance(row, dict):
        return row
    nested = row.get("volunteer")
    person = nested if isinstance(nested, dict) else {}
    return {
        **{renamed.get(name, name): value for name, value in row.items() if name != "volunteer"},
        **{ours: person.get(theirs) for theirs, ours in volunteer.items()},
    }


def with_phone(row: Any, name: str) -> Any:
    """The row with the plus that the backend leaves out of its phone numbers."""
    phone = row.get(name) if isinstance(row, dict) else None
    if (
        isinstance(phone, str)
        and phone.isascii()
        and phone.isdigit()
        and len(phone) == 11
        and phone[0] == "7"
    ):
        return {**row, name: f"+{phone}"}
    return row


def with_direction(row: Any) -> Any:
    """The row with its direction's id as text, as an option of a fixed list."""
    if isinstance(row, dict) and row.get("direction_id") is not None:
        return {**row, "direction_id": str(row["direction_id"])}
    return row


def _of(record_id: int, records: Iterable[M]) -> M | None:
    return next((one for one in records if one.id == record_id), None)
