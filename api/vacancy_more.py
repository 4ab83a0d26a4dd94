"""What of vacancies no admin route of the backend tells: skills, and finds beyond the newest (contract 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.client import Backend
from api.errors import BackendError
from api.lookups import PATIENCE, Lookup
from models.access import Caller
from models.lookup import Skill
from models.vacancy import SkillsNote, Vacancy
from resources.queries import ListQuery
from utils.folding import loosened

PUBLIC = "/api/v2/vacancies/"
ALIKE = 100
"""Most active vacancies that are looked through for one with the same place and conditions."""
PLACES = 3
"""Most professions, and most cities, that a search is taken to mean."""
NARROWING = MappingProxyType(
    {
        "profession_id": "profession_id",
        "city_id": "city_id",
        "employment_type": "employment_type",
        "work_type": "work_type",
        "salary_min": "min_salary",
        "salary_max": "max_salary",
    }
)
"""Attribute -> parameter of the public list, by which a vacancy is found among the others."""


class PublicRow(BaseModel):
    """What the public list tells and no other route: the skills."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    required_skills: tuple[Skill, ...] = ()


async def skills_of(backend: Backend, vacancy: Vacancy) -> Mapping[str, Any]:
    """The skills, as changes of the record: known for active vacancies only, and never worth losing the card.

    The caller has read the vacancy by its admin route before: this one looks at no rights.
    """
    if not vacancy.is_active:
        return {"skills_note": SkillsNote.HIDDEN}
    values = vacancy.model_dump(mode="json")
    params = {
        parameter: value["id"] if isinstance(value, dict) else value
        for name, parameter in NARROWING.items()
        if (value := values[name]) not in (None, "")
    }
    try:
        answer = await backend.call(
            "GET", PUBLIC, group="vacancies.public", params={**params, "limit": ALIKE}, deadline=PATIENCE
        )
        rows = answer.many(PublicRow).items
    except BackendError:
        rows = []
    found = next((row for row in rows if row.id == vacancy.id), None)
    if found is None:
        return {"skills_note": SkillsNote.UNREAD}
    return {"required_skills": tuple(skill.ref for skill in found.required_skills)}


async def beyond(
    caller: Caller, text: str, professions: Lookup[Any], cities: Lookup[Any]
) -> list[dict[str, Any]]:
    """Parameters under which the admin list finds older vacancies that ``text`` may mean.

    Its ``keyword`` looks at titles and descriptions in one language, so it is asked in both; professions and cities
    of that name are asked for by id.
    """
    ways: list[dict[str, Any]] = []
    if "\\" not in text:
        keyword = loosened(" ".join(text.split()))
        ways += [{"keyword": keyword, "lang": "ru"}, {"keyword": keyword, "lang": "kz"}]
    for name, lookup in (("profession_id", professions), ("city_id", cities)):
        try:
            page = await lookup.page(caller, ListQuery(search=text, size=PLACES))
        except BackendError:
            continue
        ways += [{name: row.id} for row in page.items]
    return ways
