"""Cities of the community: the backend keeps them as text, so the ones in use are read off its counters."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from api import paging
from api.client import Backend
from api.community.base import GROUP, ROOT
from api.errors import NotFound
from models.access import Caller
from models.community import MemberCity, MemberFigures
from resources.queries import ListQuery, Page, Source
from utils.folding import fold

KEPT_FOR = 600.0
"""Seconds the cities are kept before they are asked for again."""


class Cities(Source[MemberCity]):
    """The cities that members live in, the one with most members first."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        dict.fromkeys(("page", "get"), (f"GET {ROOT}/members/stats",))
    )

    def __init__(
        self,
        backend: Backend,
        *,
        timezone: ZoneInfo | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._kept: tuple[float, dict[int, MemberCity]] | None = None

    async def page(self, caller: Caller, query: ListQuery) -> Page[MemberCity]:
        """The cities of that page, searched in any spelling."""
        cities = (await self._cities(caller)).values()
        found = [city for city in cities if fold(query.search) in fold(city.name)]
        return paging.sliced(found, query, scanned=len(cities), complete=True)

    async def get(self, caller: Caller, record_id: int) -> MemberCity:
        """The city. ``NotFound`` when nobody lives there."""
        cities = await self._cities(caller)
        if record_id not in cities:
            raise NotFound("no such city")
        return cities[record_id]

    async def _cities(self, caller: Caller) -> dict[int, MemberCity]:
        if self._kept is None or self._clock() - self._kept[0] > KEPT_FOR:
            answer: Any = await self._backend.call("GET", f"{ROOT}/members/stats", group=GROUP, caller=caller)
            figures: MemberFigures = answer.one(MemberFigures)
            made = (_city(name, count) for name, count in figures.by_city.items() if name)
            ordered = sorted(made, key=lambda city: (-city.members, city.name))
            self._kept = (self._clock(), {city.id: city for city in ordered})
        return self._kept[1]


def _city(name: str, members: int) -> MemberCity:
    number = zlib.crc32(name.encode()) % (2**31 - 1) or 1
    return MemberCity(id=number, name=name, name_kz=name, name_ru=name, members=members)
