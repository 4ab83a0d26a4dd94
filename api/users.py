"""End users of the site: contract section 2.12. The backend lists them and does nothing else."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import NotFound, OutOfReach
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.user import User
from resources.queries import ListQuery, Page

LIST = "/api/v2/auth/users"
STATUS = "status_filter"
AT_ONCE = 1000
READ_AT_MOST = 10_000
"""Users read through for one card, since there is no way to ask for one."""
REMEMBERED = 2000
AROUND = 25
"""Rows before and after the place where a user was seen that are read for its card: the list has no order."""

_PHONE = re.compile(r"\+?[\d\s()\-]{3,}")
_NO_DIGIT = re.compile(r"\D")


class Users(Served[User]):
    """Users. Filters: ``status`` by the backend, ``user_type`` looked through; so is every search, by name, e-mail
    and phone number in any spelling."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        dict.fromkeys(("page", "get"), (f"GET {LIST}",))
    )
    model = User
    group = "users"
    listings = (
        Listing(
            LIST,
            filters={"status": STATUS},
            # The lower-case values of the answers are a 500 here (contract Q7).
            values={"status": {"active": "ACTIVE", "blocked": "BLOCKED"}},
            most=AT_ONCE,
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places: OrderedDict[int, tuple[str | None, int]] = OrderedDict()

    def texts(self, record: User) -> Iterable[str | None]:
        """Name, e-mail, and the number as it is dialled from abroad and at home."""
        number = _NO_DIGIT.sub("", record.phone_number)
        return (record.full_name, record.email, number, f"8{number[1:]}")

    async def page(self, caller: Caller, query: ListQuery) -> Page[User]:
        """The users of that page."""
        digits = _NO_DIGIT.sub("", query.search) if _PHONE.fullmatch(query.search.strip()) else ""
        page = await super().page(caller, replace(query, search=digits or query.search))
        if page.scanned is None:
            self._remember(page, query)
        return replace(page, query=query)

    async def get(self, caller: Caller, record_id: int) -> User:
        """The user, read out of the list. ``OutOfReach`` when it is not among the first ten thousand, which says
        nothing about whether there is such a user."""
        if (place := self._places.get(record_id)) is not None:
            status, at = place
            found, _ = await self._among(caller, record_id, max(0, at - AROUND), 2 * AROUND + 1, status)
            if found is not None:
                return found
        for skip in range(0, READ_AT_MOST, AT_ONCE):
            found, received = await self._among(caller, record_id, skip, AT_ONCE)
            if found is not None:
                return found
            if received < AT_ONCE:
                raise NotFound("no such user", call=f"GET {LIST}")
        raise OutOfReach(READ_AT_MOST, call=f"GET {LIST}")

    async def _among(
        self, caller: Caller, record_id: int, skip: int, limit: int, status: str | None = None
    ) -> tuple[User | None, int]:
        """The user if it is in that window, and how many rows the window had."""
        params = {STATUS: status, "skip": skip, "limit": limit}
        rows = self.many(await self.call("GET", LIST, caller, params=params))
        return next((one for one in rows.items if one.id == record_id), None), rows.received

    def _remember(self, page: Page[User], query: ListQuery) -> None:
        """Where these users were seen, so that a card from page 300 does not read 300 pages."""
        status = self.listings[0].narrowing(query).get(STATUS)
        for index, user in enumerate(page.items):
            self._places[user.id] = (status, query.skip + index)
            self._places.move_to_end(user.id)
        while len(self._places) > REMEMBERED:
            self._places.popitem(last=False)
