"""Volunteers, their coins, and the sums over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import BackendError, Explained, Invalid, Wrong
from api.listing import Listing
from api.source import TOTALS_FOR
from api.values import required
from api.volunteers.sought import ADMIN, PUBLIC, Sought, with_direction, with_phone
from models.access import Caller
from models.volunteer import Leader, Volunteer, VolunteerFigures
from resources.queries import ListQuery, Page

ROOT = f"{ADMIN}/volunteers"
COINS = f"POST {ROOT}/{{volunteer_id}}/coins"
NO_BALANCE = "volunteers.no_balance"
PLACES = 1000
"""Most places of the leaderboard that are asked for."""


class Volunteers(Sought[Volunteer]):
    """The volunteers, newest first. The backend filters by status and direction; the bot searches by itself."""

    model = Volunteer
    listings = (
        Listing(
            ROOT,
            key="volunteers",
            filters={"volunteer_status": "status_filter", "direction_id": "direction_id"},
        ),
    )
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}",),
            "get": (f"GET {ROOT}",),
            "update": (f"PUT {ROOT}/{{volunteer_id}}",),
            "add_coins": (COINS,),
            "deduct_coins": (COINS,),
            "open_balance": (COINS,),
            "figures": (f"GET {ADMIN}/stats/overview",),
            "leaders": (f"GET {PUBLIC}/leaderboard",),
        }
    )
    _figures: tuple[float, VolunteerFigures] | None = None

    def adapt(self, row: Any) -> Any:
        """The row with a full phone number and its direction as an option."""
        return with_direction(with_phone(row, "phone_number"))

    def texts(self, record: Volunteer) -> Iterable[str | None]:
        """Name and phone."""
        return record.full_name, record.phone_number

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Volunteer:
        """The volunteer after the change, without what its answer leaves out. ``Explained`` for a balance that the
        backend drops without a word, because this volunteer has none yet."""
        required(values, "full_name", "volunteer_status", "v_coins_balance")
        answer = await self.write("PUT", f"{ROOT}/{record_id:d}", caller, params=values)
        found = self.one(answer.part("volunteer"))
        if "v_coins_balance" in values and found.v_coins_balance != values["v_coins_balance"]:
            raise Explained(NO_BALANCE)
        return found

    async def add_coins(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Volunteer | None:
        """The volunteer with so many coins more."""
        return await self._coins(caller, record_id, "add", *_amount(values))

    async def deduct_coins(
        self, caller: Caller, record_id: int, values: Mapping[str, Any]
    ) -> Volunteer | None:
        """The volunteer with so many coins less; ``Refused`` when there are not so many."""
        return await self._coins(caller, record_id, "deduct", *_amount(values))

    async def open_balance(
        self, caller: Caller, record_id: int, values: Mapping[str, Any]
    ) -> Volunteer | None:
        """The volunteer with a balance, without which presence cannot be marked: no coins are added to it."""
        return await self._coins(caller, record_id, "add", 0, "-")

    async def figures(self, caller: Caller) -> VolunteerFigures:
        """The sums over all volunteers."""
        answer = await self.call("GET", f"{ADMIN}/stats/overview", caller)
        found = answer.one(VolunteerFigures)
        self._figures = (self._clock(), found)
        return found

    async def leaders(self, caller: Caller, query: ListQuery) -> Page[Leader]:
        """A page of those who earned most. The backend ignores its period and knows no pages, only how many."""
        wanted = min(query.skip + query.size + 1, PLACES)
        answer = await self.call("GET", f"{PUBLIC}/leaderboard", caller, params={"limit": wanted})
        found = answer.part("leaderboard").many(Leader)
        rows: Sequence[Leader] = found.items[query.skip : query.skip + query.size]
        return Page(rows, query, has_next=found.received > query.skip + query.size and wanted < PLACES)

    async def _total(self, caller: Caller, query: ListQuery) -> int | None:
        """How many there are by the sums, since the list's own total is the length of its page (contract Q8)."""
        if query.search or not query.filters.keys() <= {"volunteer_status"}:
            return None
        known = self._figures
        try:
            fresh = known is not None and self._clock() - known[0] < TOTALS_FOR
            figures = known[1] if fresh and known is not None else await self.figures(caller)
        except BackendError:
            # A number beside the list is not worth losing the list.
            return None
        status = query.filters.get("volunteer_status")
        return figures.total_volunteers if status is None else figures.volunteers_by_status.get(status, 0)

    async def _coins(
        self, caller: Caller, record_id: int, kind: str, amount: int, reason: str
    ) -> Volunteer | None:
        params = {"amount": amount, "reason": reason, "type": kind}
        answer = await self.write("POST", f"{ROOT}/{record_id:d}/coins", caller, params=params)
        balance = answer.part("new_balance").json
        return await self.seen(caller, record_id, v_coins_balance=balance)


def _amount(values: Mapping[str, Any]) -> tuple[int, str]:
    """Coins and reason; the backend would take a negative amount and turn the deed round."""
    amount, reason = values.get("amount"), str(values.get("reason") or "").strip()
    if not isinstance(amount, int) or amount < 1:
        raise Invalid((Wrong(("amount",), "less than 1"),))
    if not reason:
        raise Invalid((Wrong(("reason",), "must not be empty"),))
    return amount, reason
