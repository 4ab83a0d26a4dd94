"""Moderation counters over all modules: contract section 2.3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from api.answer import Answer
from api.client import Backend
from models.access import Caller
from models.moderation import Queued
from resources.queries import Counts

STATS = "/api/v1/moderation/stats"
QUEUE = "/api/v1/moderation/queue"
AT_ONCE = 100
"""Most of what the queue gives at once (contract Q9)."""
PENDING = "total_pending"


class CountsBody(BaseModel):
    """Counters as the backend sends them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    total: int
    pending: int
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Counters by entity: events, vacancies, courses, projects, places, tickets, promo_actions."""

    entities: Mapping[str, Counts]
    pending: int


class Moderation:
    """The unified moderation calls: without news and admin registrations, over all owners."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"stats": (f"GET {STATS}",), "queue": (f"GET {QUEUE}",)}
    )

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def stats(self, caller: Caller) -> Stats:
        """Counters of every entity, and how many records wait in all of them together."""
        return stats_of(await self._backend.call("GET", STATS, group="moderation", caller=caller))

    async def entities(self, caller: Caller) -> Mapping[str, Counts]:
        """Counters of every entity."""
        return (await self.stats(caller)).entities

    async def queue(self, caller: Caller, entity: str = "", skip: int = 0) -> list[Queued]:
        """At most 100 rows of what waits, newest first; of one entity or of all. While an untitled vacancy waits the
        whole queue is a 500 (contract Q1)."""
        params = {"entity_type": entity or None, "skip": skip, "limit": AT_ONCE}
        answer = await self._backend.call("GET", QUEUE, group="moderation", caller=caller, params=params)
        return list(answer.many(Queued).items)


def stats_of(answer: Answer) -> Stats:
    """The counters of all entities in that body."""
    pending = answer.part(PENDING).json
    if not isinstance(pending, int):
        raise answer.bad(f"no {PENDING}")
    return Stats({name: counts(answer.part(name)) for name in answer.json if name != PENDING}, pending)


def counts(answer: Answer) -> Counts:
    """The counters in that body."""
    return Counts(**answer.one(CountsBody).model_dump())
