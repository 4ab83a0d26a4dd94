"""Vacancies: contract section 2.5."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from api import paging
from api.answer import Rows
from api.client import Backend
from api.errors import BackendError, SessionEnded
from api.listing import Listing
from api.lookups import Cities, Professions, Skills, with_names
from api.source import FEW, SCAN_AT_ONCE, SCANNED_AT_MOST, SEES_ALL, Served, after_lost
from api.vacancy_more import PUBLIC, beyond, skills_of
from api.vacancy_values import body_of, lookups_refused, titles_of
from models.access import Caller
from models.common import Ref
from models.vacancy import Share, Vacancy
from resources.queries import ListQuery, Moderated, Page, Writable

ROOT = "/api/v2/vacancies"
ADMIN = f"{ROOT}/admin"
MODERATION = f"{ADMIN}/moderation"
CARD = f"GET {ADMIN}/{{vacancy_id}}"
EDIT = f"PUT {ADMIN}/{{vacancy_id}}"
STATS = f"GET {MODERATION}/stats"
TELLING = (
    "profession_id", "city_id", "description_kz", "description_ru", "requirements_kz", "requirements_ru",
    "employment_type", "work_type", "salary_min", "salary_max", "experience_years", "company_name", "deadline",
)  # fmt: skip
"""What tells a created vacancy from others; the backend changes the spelling of e-mail addresses."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
ONE_BY_ONE = 10
"""Rows of a moderation list that are completed by a call each; of more, the newest are taken from the admin list."""
READ_AT_ONCE = 5
READ_AT_MOST = 100

LIST = Listing(
    f"{ADMIN}/list",
    {"is_active": "is_active"},
    values={"is_active": {"yes": "true", "no": "false"}},
    most=1000,
)
STATUSES = Listing(
    f"{MODERATION}/all-statuses", {"moderation_status": "moderation_status"}, roles=SEES_ALL
)  # fmt: skip


class Vacancies(Served[Vacancy], Writable[Vacancy], Moderated[Vacancy]):
    """The vacancies source.

    ``admin/list`` has whole rows, shows msb its own records only, and cannot filter by moderation status;
    ``all-statuses`` can, shows everyone's, and leaves out titles, profession and city, which are asked for row by
    row. Names come from the lookups. Filters: ``moderation_status``, ``is_active``, ``deadline`` (open, past, none),
    ``employment_type``, ``work_type``. A search looks at everything written in a vacancy, in both languages.
    """

    model = Vacancy
    group = "vacancies"
    listings = (LIST, STATUSES)
    card = f"{ADMIN}/{{id}}"
    moderation = MODERATION
    reads_back = True
    stats = f"{MODERATION}/stats"
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {LIST.path}", f"GET {STATUSES.path}"),
            "get": (CARD,),
            # Beside the card, which does without it: an op of its own, so that none is missing with it.
            "skills": (f"GET {PUBLIC}",),
            "create": (f"POST {ADMIN}/create",),
            "find_created": (f"GET {LIST.path}",),
            "update": (EDIT,),
            "activate": (EDIT,),
            "deactivate": (EDIT,),
            "delete": (f"DELETE {ADMIN}/{{vacancy_id}}",),
            "approve": (f"POST {MODERATION}/{{vacancy_id}}/approve", CARD),
            "reject": (f"POST {MODERATION}/{{vacancy_id}}/reject", CARD),
            "counts": (STATS,),
            "busiest": (f"GET {ROOT}/stats/by-profession", f"GET {ROOT}/stats/by-city"),
        }
    )

    def __init__(
        self,
        backend: Backend,
        *,
        timezone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(backend, timezone=timezone, now=now, clock=clock)
        self._professions = Professions(backend, clock=clock)
        self._cities = Cities(backend, clock=clock)
        self._skills = Skills(backend, clock=clock)

    # --- reading ---------------------------------------------------------------------------------------

    def adapt(self, row: Any) -> Any:
        """The row with references; the empty skills of the moderation routes are no knowledge, so they go."""
        if not isinstance(row, dict):
            return row
        refs = {name: _ref(row[name]) for name in ("profession_id", "city_id") if name in row}
        return {name: value for name, value in row.items() if name != "required_skills"} | refs

    def texts(self, record: Vacancy) -> Iterable[str | None]:
        """Everything that a person may remember of a vacancy."""
        places = (record.profession_id, record.city_id)
        return (
            record.title_kz, record.title_ru, record.company_name,
            *(name for ref in places if ref is not None for name in (ref.kk, ref.ru)),
            record.description_kz, record.description_ru, record.requirements_kz, record.requirements_ru,
        )  # fmt: skip

    def matches(self, record: Vacancy, name: str, value: str, query: ListQuery) -> bool:
        """True when the record has ``value`` for the filter ``name``."""
        if name != "deadline":
            return super().matches(record, name, value, query)
        if record.deadline is None:
            return value == "none"
        today = self._now().astimezone(query.zone or self._timezone).date()
        return value == ("past" if record.deadline < today else "open")

    async def page(self, caller: Caller, query: ListQuery) -> Page[Vacancy]:
        """The records of that page, newest created first."""
        page = await super().page(caller, query)
        return replace(page, items=await self._whole(caller, page.items))

    async def get(self, caller: Caller, record_id: int) -> Vacancy:
        """The vacancy with the names of what it points at, and its skills where they can be had."""
        return await self._complete(caller, await self._raw(caller, record_id))

    async def rows(
        self, caller: Caller, listing: Listing, skip: int, size: int, params: Mapping[str, Any]
    ) -> Rows[Vacancy]:
        """``size`` rows from ``skip`` on, with names; one more is asked for, and only counted."""
        return await self._named(caller, await super().rows(caller, listing, skip, size, params))

    async def busiest(self) -> tuple[list[Share], list[Share]]:
        """The ten professions and the ten cities with most active vacancies, over all owners."""
        kinds = ("profession", "city")
        answers = await asyncio.gather(
            *(self._backend.call("GET", f"{ROOT}/stats/by-{kind}", group=self.group) for kind in kinds)
        )
        professions, cities = (
            answer.many(Share, partial(_share, kind=kind)).items
            for kind, answer in zip(kinds, answers, strict=True)
        )
        return professions, cities

    async def _raw(self, caller: Caller, record_id: int) -> Vacancy:
        return await super().get(caller, record_id)

    async def _complete(
        self, caller: Caller, record: Vacancy, skills: Sequence[Ref] | None = None
    ) -> Vacancy:
        """The record with names; its skills are asked for unless they are given."""
        rows, changes = await asyncio.gather(
            self._named(caller, Rows([record], 1)),
            skills_of(self._backend, record) if skills is None else _given(skills),
        )
        found: Vacancy = rows.items[0]
        return found.model_copy(update=changes)

    async def _named(self, caller: Caller, rows: Rows[Vacancy]) -> Rows[Vacancy]:
        named = await with_names(caller, rows.items, profession_id=self._professions, city_id=self._cities)
        return Rows(named, rows.received)

    async def _window(
        self, caller: Caller, listing: Listing, skip: int, limit: int, params: Mapping[str, Any]
    ) -> Rows[Vacancy]:
        return await self._named(caller, await super()._window(caller, listing, skip, limit, params))

    async def _looked_through(self, caller: Caller, query: ListQuery, usable: list[Listing]) -> Page[Vacancy]:
        if query.search:
            return await self._searched(caller, query)
        # Few wait or were rejected, so the list that knows them is soon read; most are approved.
        few = query.filters.get("moderation_status") in FEW and STATUSES in usable
        return await super()._looked_through(caller, query, [STATUSES if few else LIST])

    async def _searched(self, caller: Caller, query: ListQuery) -> Page[Vacancy]:
        """What the text is found in, in any spelling: the newest 1,000 looked through, beyond them what the backend
        finds by itself."""
        params = LIST.narrowing(query)

        async def window(skip: int, limit: int, more: Mapping[str, Any] = NOTHING) -> Rows[Vacancy]:
            return await self._window(caller, LIST, skip, limit, {**params, **more})

        scan = await paging.scan(window, size=SCAN_AT_ONCE, pages=SCANNED_AT_MOST // SCAN_AT_ONCE)
        found = {one.id: one for one in scan.items}
        if not scan.complete:
            ways = await beyond(caller, query.search, self._professions, self._cities)
            for rows in await asyncio.gather(*(window(0, SCAN_AT_ONCE, way) for way in ways)):
                found.update((one.id, one) for one in rows.items)
        newest = sorted(found.values(), key=lambda one: (one.created_at, one.id), reverse=True)
        return self._sliced(newest, query, LIST, complete=scan.complete)

    async def _whole(self, caller: Caller, items: Sequence[Vacancy]) -> list[Vacancy]:
        """The records, those of a moderation list with what it left out; one that cannot be read stays as it is."""
        bare = [one.id for one in items if not one.is_whole]
        if not bare:
            return list(items)
        newest = await self._window(caller, LIST, 0, LIST.most, {}) if len(bare) > ONE_BY_ONE else Rows([], 0)
        whole: dict[int, Vacancy] = {one.id: one for one in newest.items}
        left = [number for number in bare if number not in whole][:READ_AT_MOST]
        gate = asyncio.Semaphore(READ_AT_ONCE)
        read = await asyncio.gather(*(self._readable(caller, number, gate) for number in left))
        rows = await self._named(caller, Rows([one for one in read if one is not None], len(read)))
        whole.update((one.id, one) for one in rows.items)
        return [whole.get(one.id, one) for one in items]

    async def _readable(self, caller: Caller, record_id: int, gate: asyncio.Semaphore) -> Vacancy | None:
        try:
            async with gate:
                return await self._raw(caller, record_id)
        except SessionEnded:
            raise
        except BackendError:
            return None

    # --- writing ---------------------------------------------------------------------------------------

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Vacancy:
        """The created vacancy: pending for msb, approved for the others."""
        body = await body_of(caller, values, self._skills)
        titles = await titles_of(caller, values, self._professions)
        with lookups_refused():
            answer = await self.write("POST", f"{ADMIN}/create", caller, json={**titles, **body})
        skills = [Ref.model_validate(one) for one in values.get("required_skills") or ()]
        return await self._complete(caller, self.one(answer), skills)

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Vacancy:
        """The vacancy after changing just ``values``; titles cannot be changed.

        Nothing else is sent: for msb the presence of a field is enough to send an approved vacancy back to
        moderation (contract Q22).
        """
        body = await body_of(caller, values, self._skills)
        with lookups_refused():
            answer = await self.write("PUT", f"{ADMIN}/{record_id:d}", caller, json=body)
        return await self._complete(caller, self.one(answer))

    async def activate(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Vacancy:
        """The vacancy, shown on the site again; the route of that name works for nobody (contract Q4)."""
        return await self.update(caller, record_id, {"is_active": True})

    async def deactivate(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Vacancy:
        """The vacancy, off the site; the route of that name works for nobody (contract Q4)."""
        return await self.update(caller, record_id, {"is_active": False})

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; the vacancy is only switched off and stays in the list."""

        async def settled() -> bool:
            return not (await self._raw(caller, record_id)).is_active

        await after_lost(self.write("DELETE", f"{ADMIN}/{record_id:d}", caller), settled)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Vacancy | None:
        """The newest vacancy of the last hour that equals ``values``, None when there is none."""
        found = await self.newest_like(caller, values, TELLING, LIST)
        return None if found is None else await self._complete(caller, found)


async def _given(skills: Sequence[Ref]) -> Mapping[str, Any]:
    return {"required_skills": tuple(skills)}


def _ref(value: Any) -> Any:
    return {"id": value} if isinstance(value, int) else value


def _share(row: Any, *, kind: str) -> Any:
    if not isinstance(row, dict):
        return row
    names = {"id": row.get(f"{kind}_id"), "kk": row.get(f"{kind}_name_kz"), "ru": row.get(f"{kind}_name_ru")}
    return {"ref": names, "count": row.get("vacancies_count")}
