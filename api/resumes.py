"""Resumes: contract section 2.13. The backend asks for no token, so rights are checked before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from api.listing import Listing
from api.lookups import Cities, Professions, Skills, with_names
from api.source import SCAN_AT_ONCE, Served
from models.access import Caller
from models.resume import Resume
from resources.queries import ListQuery, Page

LIST = "/api/v2/resumes/"
KNOWN = {name: name for name in ("gender", "profession_id", "city_id")}
"""Filters of the backend's own."""


class Resumes(Served[Resume]):
    """Resumes, unpublished ones too, the last updated first. Filters: ``gender``, ``profession_id``, ``city_id`` and
    ``is_published``, of which the backend can leave out the unpublished, not the published. It has no working search:
    everything is looked through."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"page": (f"GET {LIST}",), "get": (f"GET {LIST}{{resume_id}}",)}
    )
    model = Resume
    group = "resumes"
    listings = (
        Listing(LIST, filters=KNOWN, params={"published_only": "false"}, most=SCAN_AT_ONCE),
        Listing(
            LIST,
            filters=KNOWN,
            params={"published_only": "true"},
            most=SCAN_AT_ONCE,
            only={"is_published": "yes"},
        ),
    )
    card = f"{LIST}{{id:d}}"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._professions = Professions(self._backend)
        self._cities = Cities(self._backend)
        self._skills = Skills(self._backend)

    def adapt(self, row: Any) -> Any:
        """Ids as references, still without names."""
        if not isinstance(row, dict):
            return row
        skills = [
            {**skill, "skill": {"id": skill.get("skill_id")}}
            for skill in row.get("skills") or ()
            if isinstance(skill, dict)
        ]
        refs = {
            name: {"id": row[f"{name}_id"]}
            for name in ("profession", "city")
            if row.get(f"{name}_id") is not None
        }
        return {**row, **refs, "skills": skills}

    def texts(self, record: Resume) -> Iterable[str | None]:
        """Name, professional words and what people say about themselves."""
        return (record.full_name, record.about_me, record.phone_number)

    async def page(self, caller: Caller, query: ListQuery) -> Page[Resume]:
        """The resumes of that page, their professions named."""
        page = await super().page(caller, query)
        return replace(page, items=await with_names(caller, page.items, profession=self._professions))

    async def get(self, caller: Caller, record_id: int) -> Resume:
        """The resume with the names of its profession, city and skills."""
        found = await super().get(caller, record_id)
        named, skills = await asyncio.gather(
            with_names(caller, [found], profession=self._professions, city=self._cities),
            self._skills.named(caller, [one.skill.id for one in found.skills]),
        )
        known = tuple(one.model_copy(update={"skill": skills[one.skill.id]}) for one in found.skills)
        return named[0].model_copy(update={"skills": known})
