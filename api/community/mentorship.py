"""Mentors, mentees, their pairs, and who is never matched: docs/community-api.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from api.community.base import MOST, ROOT, YES_NO, Community, pointing
from api.errors import Conflict, Explained, NotFound
from api.listing import Listing
from api.values import required, sendable
from models.access import Caller
from models.community import Bar, Member, Mentee, Mentor, Pair

MENTORS = f"{ROOT}/mentorship/mentors"
MENTEES = f"{ROOT}/mentorship/mentees"
PAIRS = f"{ROOT}/mentorship/pairs"
PAIR = f"{PAIRS}/{{pair_id}}"
BARS = f"{ROOT}/matching/bars"
MEMBER = f"{ROOT}/members/{{member_id}}"

P = TypeVar("P", bound=Member)


class Board(Community[P]):
    """Base of the boards: lists of members in a role, each with what only the board knows of them."""

    def texts(self, record: P) -> Iterable[str | None]:
        """What the backend's search looks at, too."""
        return record.full_name, record.nickname, record.email, record.affiliation

    async def get(self, caller: Caller, record_id: int) -> P:
        """The member as the board shows it. ``NotFound`` for one who is not on it (any more)."""
        path = MEMBER.format(member_id=record_id)
        name = str((await self.call("GET", path, caller)).part("full_name").json or "")
        # No route shows one row of a board, so it is looked for by its name.
        rows = await self._window(caller, self.listings[0], 0, MOST, {"q": name or None})
        found = next((one for one in rows.items if one.id == record_id), None)
        if found is None:
            raise NotFound("not on the board", call=f"GET {self.listings[0].path}")
        return found


class Mentors(Board[Mentor]):
    """Approved mentors, those with most room first. Filters: ``available``, ``language``."""

    model = Mentor
    listings = (
        Listing(
            MENTORS, filters={"available": "available", "language": "language"}, values={"available": YES_NO},
            search="q", key="items", total="total",
        ),
    )  # fmt: skip
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {MENTORS}",),
            "get": (f"GET {MEMBER}", f"GET {MENTORS}"),
            "with_room": (f"GET {MENTORS}",),
        }
    )

    async def with_room(self, caller: Caller) -> list[Mentor]:
        """All mentors who could take another mentee."""
        return await self.every(caller, available="true")


class FreeMentors(Mentors):
    """Mentors who have room: those whom a mentee can be given to."""

    listings = (Listing(MENTORS, search="q", key="items", total="total", params={"available": "true"}),)


class Mentees(Board[Mentee]):
    """Approved mentees: who waits longest first, then those who have a mentor. Filters: ``unmatched``, ``language``."""

    model = Mentee
    listings = (
        Listing(
            MENTEES, filters={"unmatched": "unmatched", "language": "language"}, values={"unmatched": YES_NO},
            search="q", key="items", total="total",
        ),
    )  # fmt: skip
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {MENTEES}",),
            "get": (f"GET {MEMBER}", f"GET {MENTEES}"),
            "without_mentor": (f"GET {MENTEES}",),
        }
    )

    async def without_mentor(self, caller: Caller) -> list[Mentee]:
        """All mentees who wait, longest first."""
        return await self.every(caller, unmatched="true")


class WaitingMentees(Mentees):
    """Mentees without a mentor, who waits longest first."""

    listings = (Listing(MENTEES, search="q", key="items", total="total", params={"unmatched": "true"}),)


class Pairs(Community[Pair]):
    """Pairs, newest first. Filters: ``status``, ``mentor_id``, ``mentee_id``; the bot searches by itself."""

    model = Pair
    listings = (
        Listing(
            PAIRS, filters={"status": "status", "mentor_id": "mentor_id", "mentee_id": "mentee_id"},
            key="items", total="total",
        ),
    )  # fmt: skip
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {PAIRS}",),
            "get": (f"GET {PAIRS}",),
            "create": (f"POST {PAIRS}", f"GET {PAIRS}", f"GET {BARS}"),
            "find_created": (f"GET {PAIRS}",),
            "end": (f"POST {PAIR}/end",),
            "notified": (f"POST {PAIR}/notified",),
            "of": (f"GET {PAIRS}",),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with both in brief and by name."""
        return pointing(row, "mentor", "mentee")

    def texts(self, record: Pair) -> Iterable[str | None]:
        """Both names."""
        return record.mentor.full_name, record.mentee.full_name

    async def get(self, caller: Caller, record_id: int) -> Pair:
        """The pair, read out of the list, since no route shows one."""
        return await self.sought(caller, record_id)

    async def of(
        self,
        caller: Caller,
        *,
        mentor_id: int | None = None,
        mentee_id: int | None = None,
        status: str | None = None,
    ) -> list[Pair]:
        """All pairs of a mentor or of a mentee, newest first; of everybody when neither is named."""
        return await self.every(caller, mentor_id=mentor_id, mentee_id=mentee_id, status=status)

    async def create(self, caller: Caller, values: Mapping[str, Any], *, key: str = "") -> Pair:
        """The new pair of ``mentor_id`` and ``mentee_id``, with an optional ``note``. ``Explained`` when the mentee has
        a mentor, the mentor no room, or the two are barred."""
        body = sendable(values)
        try:
            return self.one(await self.send("POST", "/mentorship/pairs", caller, key=key, json=body))
        except Conflict as error:
            why = await self._why(caller, body["mentor_id"], body["mentee_id"])
            raise Explained(why, call=error.call, status=error.status) from error

    async def _why(self, caller: Caller, mentor_id: int, mentee_id: int) -> str:
        """The key of what keeps the two apart; the backend's sentence is for nobody to read."""
        if await self.of(caller, mentee_id=mentee_id, status="active"):
            return "mentorship.taken"
        barred = await Bars(self._backend, timezone=self._timezone).all(caller)
        two = (min(mentor_id, mentee_id), max(mentor_id, mentee_id))
        return "mentorship.barred" if two in barred else "mentorship.full"

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Pair | None:
        """The active pair of just those two, None when there is none."""
        wanted = sendable(values)
        found = await self.of(
            caller, mentor_id=wanted["mentor_id"], mentee_id=wanted["mentee_id"], status="active"
        )
        return found[0] if found else None

    async def end(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Pair:
        """The pair, which has ended for ``reason``."""
        required({"reason": values.get("reason")}, "reason")
        body = {"reason": values["reason"]}
        return self.one(await self.send("POST", f"/mentorship/pairs/{record_id:d}/end", caller, json=body))

    async def notified(self, caller: Caller, record_id: int) -> Pair:
        """The pair, both of whom were told; the first time counts."""
        return self.one(await self.send("POST", f"/mentorship/pairs/{record_id:d}/notified", caller))


class Bars(Community[Bar]):
    """Bars, newest first; the bot searches by itself."""

    model = Bar
    listings = (Listing(BARS, key="items", total="total"),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {BARS}",),
            "get": (f"GET {BARS}",),
            "create": (f"POST {BARS}",),
            "find_created": (f"GET {BARS}",),
            "delete": (f"DELETE {BARS}/{{bar_id}}",),
            "all": (f"GET {BARS}",),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with both by name."""
        return pointing(row, "a", "b")

    def texts(self, record: Bar) -> Iterable[str | None]:
        """Both names and the reason."""
        return record.a_id.ru, record.b_id.ru, record.reason

    async def get(self, caller: Caller, record_id: int) -> Bar:
        """The bar, read out of the list, since no route shows one."""
        return await self.sought(caller, record_id)

    async def all(self, caller: Caller) -> frozenset[tuple[int, int]]:
        """Every two who are never matched, the lower id first."""
        return frozenset(_both(bar) for bar in await self.every(caller))

    async def create(self, caller: Caller, values: Mapping[str, Any], *, key: str = "") -> Bar:
        """The new bar between ``a_id`` and ``b_id``, with an optional ``reason``."""
        return self.one(await self.send("POST", "/matching/bars", caller, key=key, json=sendable(values)))

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Bar | None:
        """The bar between just those two, None when there is none."""
        wanted = sendable(values)
        two = tuple(sorted((wanted["a_id"], wanted["b_id"])))
        return next((bar for bar in await self.every(caller) if _both(bar) == two), None)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; the two may be matched again."""
        await self.send("DELETE", f"/matching/bars/{record_id:d}", caller)


def _both(bar: Bar) -> tuple[int, int]:
    low, high = sorted((bar.a_id.id, bar.b_id.id))
    return low, high
