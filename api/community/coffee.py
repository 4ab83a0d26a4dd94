"""Random coffee: its schedule, who is due, who met whom, and the rounds: docs/community-api.md."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from api.answer import Answer
from api.client import Backend
from api.community.base import GROUP, ROOT, Community, flat, keyed
from api.errors import BackendError, Conflict, Explained, NotFound, SessionEnded
from api.listing import Listing
from api.values import required
from models.access import Caller
from models.community import Candidate, CoffeeRound, CoffeeSchedule, PastGroup, RoundStatus

COFFEE = f"{ROOT}/coffee"
ROUNDS = f"{COFFEE}/rounds"
ROUND = f"{ROUNDS}/{{round_id}}"
SETTINGS = (
    "enabled", "weekdays", "time", "timezone", "lookback_weeks", "odd_policy", "holidays", "cooldown_minutes",
)  # fmt: skip
READ_WITHIN = 15.0
"""Seconds for the lists that come whole: thousands of members, a year of rounds."""
TOO_LATE = "coffee_rounds.too_late"
AT_ONCE = 10
"""Rounds asked for at once: each carries all its groups."""
NAMED_AT_ONCE = 8
NAMED_FOR = 600.0
"""Seconds for which a member's name is known."""
NAMES = 20_000


class Coffee:
    """What a round is made from. Nothing of it is kept: it changes with every member and every round."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "schedule": (f"GET {COFFEE}/schedule",),
            "reschedule": (f"GET {COFFEE}/schedule", f"PUT {COFFEE}/schedule"),
            "candidates": (f"GET {COFFEE}/candidates",),
            "history": (f"GET {COFFEE}/history",),
        }
    )

    def __init__(self, backend: Backend, *, timezone: ZoneInfo | None = None) -> None:
        self._backend = backend

    async def schedule(self, caller: Caller) -> CoffeeSchedule:
        """When rounds are due."""
        return (await self._call("GET", "/schedule", caller)).one(CoffeeSchedule)

    async def reschedule(self, caller: Caller, values: Mapping[str, Any]) -> CoffeeSchedule:
        """The schedule after changing just ``values``: the backend takes it whole, so it is read first."""
        kept = (await self.schedule(caller)).model_dump(mode="json", include=set(SETTINGS))
        headers = keyed("PUT", "/coffee/schedule")
        answer = await self._call("PUT", "/schedule", caller, json={**kept, **values}, headers=headers)
        return answer.one(CoffeeSchedule)

    async def candidates(self, caller: Caller, on: date | None = None) -> list[Candidate]:
        """Who is due on that day (today unless given): approved, taking part, not paused; by id."""
        params = {"on": on.isoformat() if on else None}
        answer = await self._call("GET", "/candidates", caller, params=params, deadline=READ_WITHIN)
        return answer.part("items").many(Candidate, flat).items

    async def history(self, caller: Caller, weeks: int) -> list[PastGroup]:
        """Who met whom in the last 1 to 104 weeks, oldest first, without rounds that were rolled back."""
        params = {"weeks": max(1, min(104, weeks))}
        answer = await self._call("GET", "/history", caller, params=params, deadline=READ_WITHIN)
        return answer.part("groups").many(PastGroup).items

    async def _call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        return await self._backend.call(method, f"{COFFEE}{path}", group=GROUP, caller=caller, **parts)


class CoffeeRounds(Community[CoffeeRound]):
    """Coffee rounds, newest first."""

    model = CoffeeRound
    listings = (Listing(ROUNDS, key="items", total="total"),)
    card = f"{ROUNDS}/{{id}}"
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROUNDS}",),
            "get": (f"GET {ROUND}",),
            "commit": (f"POST {ROUNDS}",),
            "told": (f"POST {ROUND}/groups/{{group_id}}/notified",),
            "roll_back": (f"POST {ROUND}/rollback",),
            "latest": (f"GET {ROUNDS}",),
            "people": (f"GET {ROOT}/members/{{member_id}}",),
        }
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: dict[int, tuple[float, str]] = {}

    async def latest(self, caller: Caller, count: int) -> list[CoffeeRound]:
        """The newest rounds, rolled back ones among them."""
        found: list[CoffeeRound] = []
        while len(found) < count:
            size = min(AT_ONCE, count - len(found))
            rows = await self._window(caller, self.listings[0], len(found), size, {})
            found += rows.items
            if rows.received < size:
                break
        return found

    async def stored(self, caller: Caller, groups: Iterable[Sequence[int]], seed: int) -> CoffeeRound | None:
        """The round of just these groups among the newest, one whose answer was lost; None when there is none."""
        wanted = {tuple(sorted(group)) for group in groups}
        for one in await self.latest(caller, 3):
            kept = {tuple(sorted(group.member_ids)) for group in one.groups}
            if one.status != RoundStatus.ROLLED_BACK and one.seed == seed and kept == wanted:
                return one
        return None

    async def people(self, caller: Caller, ids: Iterable[int]) -> dict[int, str]:
        """Names of members by id, as they were in the last minutes; ``""`` for who is erased or cannot be read."""
        now, wanted = self._clock(), list(dict.fromkeys(ids))
        missing = [one for one in wanted if self._names.get(one, (0.0, ""))[0] <= now]
        gate = asyncio.Semaphore(NAMED_AT_ONCE)

        async def learn(member_id: int) -> None:
            async with gate:
                try:
                    answer = await self.call("GET", f"{ROOT}/members/{member_id:d}", caller)
                except SessionEnded:
                    raise
                except NotFound:
                    self._names[member_id] = (now + NAMED_FOR, "")
                except BackendError:
                    # A name is not worth losing the round.
                    return
                else:
                    self._names[member_id] = (now + NAMED_FOR, str(answer.part("full_name").json or ""))

        if len(self._names) > NAMES:
            self._names.clear()
        await asyncio.gather(*map(learn, missing))
        return {one: self._names.get(one, (0.0, ""))[1] for one in wanted}

    async def commit(
        self,
        caller: Caller,
        groups: Iterable[Sequence[int]],
        *,
        skipped: Iterable[int] = (),
        seed: int = 0,
        planned_for: date | None = None,
        key: str = "",
    ) -> CoffeeRound:
        """The round, stored. ``Conflict`` within the cooldown, for a member twice, or for somebody who is not due on
        ``planned_for``. With the same ``key`` it is stored once, however often it is sent."""
        body: dict[str, Any] = {
            "groups": [list(group) for group in groups],
            "skipped": list(skipped),
            "seed": seed,
        }
        if planned_for is not None:
            body["planned_for"] = planned_for.isoformat()
        return self.one(await self.send("POST", "/coffee/rounds", caller, key=key, json=body))

    async def told(
        self, caller: Caller, round_id: int, group_id: int, channel: str, *, key: str = ""
    ) -> None:
        """Notes that a group was told; the first time counts. ``Conflict`` when the round was rolled back.

        The answer, the whole round each time, is left unread: a round has hundreds of groups.
        """
        path = f"/coffee/rounds/{round_id:d}/groups/{group_id:d}/notified"
        await self.send("POST", path, caller, key=key, json={"channel": channel})

    async def roll_back(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> CoffeeRound:
        """The round, which never was, for ``reason``. ``Explained`` when somebody was told already."""
        required({"reason": values.get("reason")}, "reason")
        path, body = f"/coffee/rounds/{record_id:d}/rollback", {"reason": str(values["reason"])}
        try:
            return self.one(await self.send("POST", path, caller, json=body))
        except Conflict as error:
            raise Explained(TOO_LATE, call=error.call, status=error.status) from error
