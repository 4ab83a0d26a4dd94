"""Reading courses past the rows that the backend itself cannot show.

A course that was saved without ``is_free`` holds null there. From then on its card and every list that contains it
are 500 until it is saved whole (contract Q2): one such row must not hide all the others, nor itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from api.answer import Answer, Rows
from api.errors import BackendError, Broken, NotFound
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.course import Course

PUBLIC = "/api/v2/courses"
ADMIN = f"{PUBLIC}/admin"
QUEUE = "/api/v1/moderation/queue"
RECENT = "/api/v1/moderation/recent"
TRACED = 100
"""Most rows that the unified moderation lists give at once."""
TRACES = 7
"""Pages of them that are read: the list of what was decided takes the last hundred of each of seven kinds."""
PROBED = 60
"""Most ids that are tried to find the damaged courses of a list."""
AT_ONCE = 10
AHEAD = 3
"""Ids beyond the newest readable course that are tried too."""
MOST_BROKEN = 120
"""Failing calls after which it is no longer single rows that are broken."""


@dataclass(slots=True)
class Count:
    """What a reading met: rows that cannot be shown, and calls that failed because of them."""

    rows: int = 0
    calls: int = 0


class Damaged(Served[Course]):
    """A source of courses that reads past damaged ones, and has stand-ins for them."""

    model = Course
    group = "courses"
    card = f"{ADMIN}/{{id}}"
    stats = f"{ADMIN}/moderation/stats"
    _met: frozenset[int] = frozenset()
    """Ids of the damaged courses of the last list, to be tried first."""

    def adapt(self, row: Any) -> Any:
        """The cover absolute, categories as references."""
        if not isinstance(row, dict):
            return row
        categories = [
            {"id": one.get("id"), "kk": one.get("name"), "ru": one.get("name")}
            for one in row.get("categories") or ()
            if isinstance(one, dict)
        ]
        return self.with_urls({**row, "categories": categories}, "cover_image")

    def many(self, answer: Answer, *, keep: int | None = None) -> Rows[Course]:
        """The courses in that list without their chapters: a list shows none, and they are most of its bytes."""
        return answer.many(
            Course,
            lambda row: self.adapt({**row, "chapters": ()} if isinstance(row, dict) else row),
            keep=keep,
        )

    async def read(self, caller: Caller, record_id: int) -> Course:
        """The course as the backend shows it. ``Broken`` for a damaged one."""
        return self.one(await self.call("GET", self.card.format(id=record_id), caller))

    async def get(self, caller: Caller, record_id: int) -> Course:
        """The course; a stand-in for one that only the backend's fault keeps from being shown."""
        try:
            return await self.read(caller, record_id)
        except Broken as broken:
            try:
                await self.counts(caller)
            except BackendError:
                raise broken from None
            traces = await self._traces(caller)
            return traces.get(record_id) or Course(id=record_id, damaged=True)

    async def readable(
        self, caller: Caller, listing: Listing, skip: int, limit: int, params: Mapping[str, Any], met: Count
    ) -> Rows[Course]:
        """The rows of that window without the damaged ones, which are found by halving it and counted in ``met``."""
        window = {**params, "skip": skip, "limit": limit}
        try:
            answer = await self.call("GET", listing.path, caller, params=window)
        except Broken:
            met.calls += 1
            if met.calls == 1:
                # Without a sign of life elsewhere it is the backend that is broken, not a row.
                await self.counts(caller)
            if limit == 1:
                met.rows += 1
                return Rows([], 1)
            if met.calls >= MOST_BROKEN:
                raise
            half = limit // 2
            parts = await asyncio.gather(
                self.readable(caller, listing, skip, half, params, met),
                self.readable(caller, listing, skip + half, limit - half, params, met),
            )
            return Rows([one for part in parts for one in part.items], sum(part.received for part in parts))
        return self.many(answer)

    async def stand_ins(
        self, caller: Caller, known: Collection[int], status: str | None, wanted: int
    ) -> list[Course]:
        """Stand-ins for the damaged courses of that status: ``wanted`` of them, or as many as can be traced.

        The unified lists know them, but are broken themselves while a vacancy lacks a title (contract Q1). Over all
        statuses a course that is there and in no list can be told from its id as well: it lies in a gap.
        """
        traces = await self._traces(caller)
        suspects = [
            number for number, trace in traces.items() if status is None or trace.moderation_status == status
        ]
        if status is None:
            newest = max(known, default=0) + AHEAD
            suspects += [*self._met, *range(newest, 0, -1)]
        left = [number for number in dict.fromkeys(suspects) if number not in known][:PROBED]
        found: list[Course] = []
        while left and len(found) < wanted:
            asked = await asyncio.gather(*(self._is_damaged(caller, number) for number in left[:AT_ONCE]))
            found += [
                traces.get(number) or Course(id=number, damaged=True)
                for number, damaged in zip(left[:AT_ONCE], asked, strict=True)
                if damaged
            ]
            del left[:AT_ONCE]
        self._met = frozenset(one.id for one in found) if status is None else self._met
        return found

    async def _is_damaged(self, caller: Caller, record_id: int) -> bool:
        try:
            await self.read(caller, record_id)
        except Broken:
            return True
        except NotFound:
            return False
        return False

    async def _traces(self, caller: Caller) -> Mapping[int, Course]:
        """What the unified moderation lists say of courses; they show damaged ones too. Either list may fail."""
        asked = await asyncio.gather(
            self._trace(caller, QUEUE, {"entity_type": "course"}), self._trace(caller, RECENT, {})
        )
        return MappingProxyType({one.id: one for rows in asked for one in rows})

    async def _trace(self, caller: Caller, path: str, params: Mapping[str, str]) -> list[Course]:
        found: list[Course] = []
        try:
            for number in range(TRACES):
                window = {**params, "skip": number * TRACED, "limit": TRACED}
                answer = await self._backend.call(
                    "GET", path, group="moderation", caller=caller, params=window
                )
                found += [
                    Course.model_validate({**row, "damaged": True})
                    for row in answer.rows()
                    if isinstance(row, dict) and row.get("entity_type") == "course"
                ]
                if len(answer.rows()) < TRACED:
                    break
        except (BackendError, ValueError):
            return found
        return found
