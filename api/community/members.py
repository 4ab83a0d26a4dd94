"""Members of the community: docs/community-api.md."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Any, ClassVar

from api import paging
from api.community.base import MOST, ROOT, YES_NO, Community, nested
from api.community.cities import Cities
from api.errors import Conflict, Explained, NotFound
from api.listing import Listing
from api.values import required
from models.access import Caller
from models.common import sent
from models.community import Member, MemberFigures
from resources.queries import ListQuery, Page
from utils.folding import fold, loosened

LIST = f"{ROOT}/members"
ONE = f"{LIST}/{{member_id}}"
STATS = f"GET {LIST}/stats"
CITY = "city"
ALIKE = 0.88
"""How much of two names has to be the same, 0 to 1: a letter or two of a full name may differ."""
TWINS = 10
"""Most members that are told to be like another one."""
DECIDED = "members.decided"


@dataclass(frozen=True, slots=True)
class Twin:
    """A member who may be the same person: by e-mail address, or by name alone."""

    member: Member
    same_email: bool


def _listing(sort: str, *names: str) -> Listing:
    return Listing(
        LIST,
        filters={
            "status": "status",
            "segment": "segment",
            "level": "level",
            CITY: CITY,
            "mentorship_role": "mentorship_role",
            "coffee_enabled": "coffee",
        },
        values={"coffee_enabled": YES_NO},
        search="q",
        key="items",
        total="total",
        orders=frozenset(names),
        params={"sort": sort},
    )


class Members(Community[Member]):
    """The members, newest first, oldest first (``first``) or by name (``name``).

    Filters, all by the backend: ``status``, ``segment``, ``level``, ``city`` (the id of one of ``Cities``),
    ``mentorship_role``, ``coffee_enabled``. So is the search, over name, nickname, e-mail and affiliation."""

    model = Member
    listings = (_listing("-created_at", ""), _listing("full_name", "name"), _listing("created_at", "first"))
    card = f"{LIST}/{{id}}"
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {LIST}",),
            "get": (f"GET {ONE}",),
            "update": (f"PATCH {ONE}",),
            "delete": (f"DELETE {ONE}",),
            "accept": (f"POST {ONE}/approve",),
            "refuse": (f"POST {ONE}/reject",),
            "block": (f"POST {ONE}/block",),
            "unblock": (f"POST {ONE}/unblock",),
            "figures": (STATS,),
            "alike": (f"GET {LIST}",),
            "waiting": (f"GET {LIST}",),
        }
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cities = Cities(self._backend)

    def texts(self, record: Member) -> Iterable[str | None]:
        """What the backend's search looks at, too."""
        return record.full_name, record.nickname, record.email, record.affiliation

    async def page(self, caller: Caller, query: ListQuery) -> Page[Member]:
        """The members of that page."""
        if CITY not in query.filters:
            return await super().page(caller, query)
        try:
            city = await self._cities.get(caller, int(query.filters[CITY]))
        except NotFound:
            # Nobody lives there any more.
            return paging.sliced([], query, scanned=0, complete=True)
        named = replace(query, filters={**query.filters, CITY: city.name})
        return replace(await super().page(caller, named), query=query)

    async def update(
        self, caller: Caller, record_id: int, values: Mapping[str, Any], *, version: int | None = None
    ) -> Member:
        """The member after changing just ``values``. ``Outdated`` when it is not in that ``version`` any more."""
        required(values, "full_name", "language", "channel", "coffee_frequency", "mentorship_role")
        plain = {name: sent(value) for name, value in values.items()}
        for name in ("mentorship_topics", "mentorship_languages"):
            plain |= {name: list(plain[name] or ())} if name in plain else {}
        locked = {} if version is None else {"If-Match": str(version)}
        path = f"/members/{record_id:d}"
        return self.one(await self.send("PATCH", path, caller, json=nested(plain), also=locked))

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; what is personal is erased for good."""
        await self.send("DELETE", f"/members/{record_id:d}", caller)

    async def accept(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Member:
        """The approved member. ``Explained`` when somebody else was faster."""
        return await self._decided(caller, record_id, "approve")

    async def refuse(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Member:
        """The rejected member, who is told ``reason``. ``Explained`` when somebody else was faster."""
        return await self._decided(caller, record_id, "reject", _reason(values))

    async def block(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Member:
        """The blocked member."""
        return self.one(
            await self.send("POST", f"/members/{record_id:d}/block", caller, json=_reason(values))
        )

    async def unblock(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Member:
        """The member in the state from before."""
        return self.one(await self.send("POST", f"/members/{record_id:d}/unblock", caller))

    async def figures(self, caller: Caller, period: str = "30d") -> MemberFigures:
        """All members counted, and the registrations of a period: 7d, 30d, 90d or 365d."""
        answer = await self.call("GET", f"{LIST}/stats", caller, params={"period": period})
        return answer.one(MemberFigures)

    async def waiting(self, caller: Caller) -> int:
        """How many members wait for a decision."""
        answer = await self.call("GET", LIST, caller, params={"status": "pending", "limit": 1})
        total = answer.part("total").json
        if not isinstance(total, int):
            raise answer.bad("no total")
        return total

    async def alike(self, caller: Caller, member: Member) -> list[Twin]:
        """Members who may be the same person, those with the same e-mail address first; at most ten."""
        by_email, by_name = await asyncio.gather(
            self._found(caller, member.email), self._found(caller, _rarest(member.full_name))
        )
        found = {
            one.id: Twin(one, same_email=same_address(one.email, member.email))
            for one in (*by_email, *by_name)
            if one.id != member.id
            and (same_address(one.email, member.email) or similar(one.full_name, member.full_name))
        }
        return sorted(found.values(), key=lambda twin: (not twin.same_email, twin.member.id))[:TWINS]

    async def _found(self, caller: Caller, text: str | None) -> list[Member]:
        """What the backend finds, in every spelling."""
        if not text:
            return []
        params = {"q": loosened(text), "limit": MOST}
        answer = await self.call("GET", LIST, caller, params=params)
        return self.many(answer.part("items")).items

    async def _decided(
        self, caller: Caller, record_id: int, verb: str, body: Mapping[str, str] | None = None
    ) -> Member:
        try:
            return self.one(await self.send("POST", f"/members/{record_id:d}/{verb}", caller, json=body))
        except Conflict as error:
            raise Explained(DECIDED, call=error.call, status=error.status) from error


def same_address(one: str | None, other: str | None) -> bool:
    """True when both are the same e-mail address, whatever the case; no address is like no other."""
    return bool(one and other) and str(one).casefold() == str(other).casefold()


def similar(one: str, other: str) -> bool:
    """True when two names mean the same person as far as letters tell: any order, any spelling, a slip or two."""
    first, second = (" ".join(sorted(fold(name).split())) for name in (one, other))
    if not (first and second):
        return False
    return first == second or SequenceMatcher(None, first, second).ratio() >= ALIKE


def _rarest(name: str) -> str:
    """The longest word of a name: the least common one, mostly."""
    return max(name.split(), key=len, default="")


def _reason(values: Mapping[str, Any]) -> dict[str, str]:
    required({"reason": values.get("reason")}, "reason")
    return {"reason": str(values["reason"])}
