"""Lookups: what the recordings do not show."""

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.lookup_tables import Profession, Skill

PATH = "/api/v2/resumes"


async def test_deleted_profession_is_listed_but_not_found(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = (await client.post(f"{PATH}/professions", json={"name_ru": "Повар", "name_kz": "Аспаз"})).json()
    for word, language in (("ПОВ", "ru"), ("асп", "kz")):
        params = {"query": word, "language": language}
        assert (await client.get(f"{PATH}/professions/search", params=params)).json() == [made]
    assert (await client.delete(f"{PATH}/professions/{made['id']}")).status_code == 200
    assert (await client.get(f"{PATH}/professions/search", params={"query": "Пов"})).json() == []
    (listed,) = (await client.get(f"{PATH}/professions")).json()
    assert listed["is_active"] is False


@pytest.mark.parametrize(
    "path", ["regions?limit=-1", "cities?skip=-1", "skills?limit=-1", "skills?search=%00"]
)
async def test_queries_that_break(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"{PATH}/{path}")).status_code == 500


async def test_seeded_lists_are_whole_and_sorted(seeded: CrmServer) -> None:
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        regions = (await client.get(f"{PATH}/regions")).json()
        cities = (await client.get(f"{PATH}/cities", params={"region_id": 1})).json()
        skills = (await client.get(f"{PATH}/skills", params={"limit": 100})).json()
        professions = (await client.get(f"{PATH}/professions")).json()
    assert len(regions) == 20
    assert len(cities) == 10
    assert [row["name_ru"] for row in skills] == sorted(row["name_ru"] for row in skills)
    assert len(skills) == sum(row["is_active"] for row in seeded.rows(Skill)) >= 55
    assert len(professions) == len(seeded.rows(Profession)) >= 40
    assert {row["category"] for row in professions} >= {None, "IT"}
    assert not all(row["is_active"] for row in professions)
