"""The resumes source on recorded answers and a small backend (contract 2.13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import NotFound
from api.resumes import Resumes
from models.common import Ref
from resources.queries import ListQuery
from tests.contract.recorded import recordings

NAMES = {
    "/api/v2/resumes/professions": [{"id": 1, "name_ru": "Разработчик", "name_kz": "Әзірлеуші"}],
    "/api/v2/resumes/cities": [{"id": 1, "name_ru": "Караганда", "name_kz": "Қарағанды"}],
    "/api/v2/resumes/skills": [{"id": 1, "name_ru": "Питон", "name_kz": None}],
}


def recorded(name: str) -> Any:
    return next(one["response"]["json"] for one in recordings("resumes") if one["name"] == name)


ROW = recorded("list (published)")[0]


def resume(number: int) -> dict[str, Any]:
    return ROW | {
        "id": number,
        "full_name": f"Ёлкина {number}",
        "gender": "female" if number % 2 else "male",
        "is_published": number % 3 != 0,
        "profession_id": 1 + number % 2,
        "city_id": 1 + number % 3,
        "phone_number": f"+7701000{number:04d}",
    }


@dataclass
class Crm:
    """Lists as the backend gives them, and the lookups."""

    rows: list[dict[str, Any]]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    names: int = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, asked = request.url.path, dict(request.url.params)
        self.asked.append((path, asked))
        if path in NAMES:
            return httpx.Response(self.names, json=NAMES[path])
        if path != "/api/v2/resumes/":
            return httpx.Response(200, json=recorded("detail"))
        rows = [
            row
            for row in self.rows
            if (row["is_published"] or asked.get("published_only") == "false")
            and all(
                asked.get(name) in (None, str(row[name])) for name in ("gender", "profession_id", "city_id")
            )
        ]
        skip, limit = int(asked["skip"]), int(asked["limit"])
        return httpx.Response(200, json=rows[skip : skip + limit])

    def lists(self) -> list[dict[str, str]]:
        return [asked for path, asked in self.asked if path == "/api/v2/resumes/"]


@pytest.fixture
def resumes(wire) -> Resumes:
    return Resumes(wire.backend, timezone=ZoneInfo("Asia/Almaty"))


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([resume(number) for number in range(1, 31)])
    return crm


def query(page: int = 1, size: int = 7, search: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters)


def ids(page) -> list[int]:
    return [item.id for item in page.items]


async def test_the_list_shows_unpublished_ones_too(crm, resumes, admin):
    page = await resumes.page(admin, query())
    assert ids(page) == [1, 2, 3, 4, 5, 6, 7]
    assert crm.lists() == [{"published_only": "false", "skip": "0", "limit": "8"}]
    assert page.scanned is None


async def test_published_ones_are_the_backends_to_find(crm, resumes, admin):
    page = await resumes.page(admin, query(is_published="yes", gender="male"))
    assert ids(page) == [2, 4, 8, 10, 14, 16, 20]
    assert crm.lists() == [{"published_only": "true", "gender": "male", "skip": "0", "limit": "8"}]


async def test_profession_and_city_are_the_backends_to_find(crm, resumes, admin):
    page = await resumes.page(admin, query(profession_id="1", city_id="1"))
    assert ids(page) == [6, 12, 18, 24, 30]
    assert crm.lists() == [
        {"published_only": "false", "profession_id": "1", "city_id": "1", "skip": "0", "limit": "8"}
    ]
    assert page.scanned is None


async def test_a_search_within_a_profession(crm, resumes, admin):
    page = await resumes.page(admin, query(search="елкина 1", profession_id="1", is_published="no"))
    assert ids(page) == [12, 18]
    assert crm.lists()[0]["profession_id"] == "1"


async def test_unpublished_ones_are_looked_through(crm, resumes, admin):
    page = await resumes.page(admin, query(is_published="no", gender="female"))
    assert ids(page) == [3, 9, 15, 21, 27]
    assert page.scanned == 15
    assert crm.lists()[0]["published_only"] == "false"


async def test_q5_the_search_route_is_never_asked(crm, resumes, admin):
    page = await resumes.page(admin, query(search="елкина 12"))
    assert ids(page) == [12]
    assert page.scanned == 30
    assert "/api/v2/resumes/search" not in [path for path, _ in crm.asked]


async def test_a_search_among_published_ones(crm, resumes, admin):
    page = await resumes.page(admin, query(search="елкина 1", is_published="yes", size=20))
    assert ids(page) == [1, 10, 11, 13, 14, 16, 17, 19]


async def test_rows_of_a_list_have_their_profession_named(crm, resumes, admin):
    page = await resumes.page(admin, query())
    assert page.items[1].profession == Ref(id=1, kk="Әзірлеуші", ru="Разработчик")
    # Not in the lookup: a number is all there is.
    assert page.items[0].profession == Ref(id=2)


async def test_names_that_cannot_be_had_do_not_cost_the_list(crm, resumes, admin, hurried):
    crm.names = 500
    page = await resumes.page(admin, query())
    assert page.items[1].profession == Ref(id=1)


async def test_the_card_names_profession_city_and_skills(crm, resumes, admin):
    found = await resumes.get(admin, 1)
    assert found.profession == Ref(id=1, kk="Әзірлеуші", ru="Разработчик")
    assert found.city == Ref(id=1, kk="Қарағанды", ru="Караганда")
    assert [(one.skill.ru, one.skill_level) for one in found.skills] == [("Питон", "Орташа")]
    assert found.education[0].education_level == "bachelor"
    assert found.work_experience[0].is_current
    crm.asked.clear()
    await resumes.get(admin, 1)
    assert [path for path, _ in crm.asked] == ["/api/v2/resumes/1"]


async def test_a_resume_that_is_not_there(wire, resumes, admin):
    wire.says(httpx.Response(404, json=recorded("detail: unknown")))
    with pytest.raises(NotFound):
        await resumes.get(admin, 999999)


def test_nothing_can_be_written():
    for write in ("create", "update", "delete"):
        assert not hasattr(Resumes, write)
