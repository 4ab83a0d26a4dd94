"""Vacancies: what the recordings do not show."""

from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.lookup_tables import City, Profession, Region, Skill
from sandbox.crm.groups.vacancy_public import PARSER_SECRET
from sandbox.crm.groups.vacancy_tables import Vacancy, VacancySkill
from sandbox.crm.store import utc_now
from tests.unit.sandbox.crm.test_quirks import signed

PATH = "/api/v2/vacancies"
NEW = {
    "profession_id": 1,
    "city_id": 1,
    "title_kz": "x",
    "title_ru": "x",
    "description_kz": "Сипаттама",
    "description_ru": "Описание",
    "employment_type": "кез келген мәтін",
    "work_type": "",
    "contact_email": "hr@example.com",
}
FOUND = {"title_kz": "Аспаз", "title_ru": "Повар", "description_kz": "с", "description_ru": "о"}


@pytest.fixture(autouse=True)
def lookups(request: pytest.FixtureRequest) -> None:
    if "crm" not in request.fixturenames:
        return
    crm: CrmServer = request.getfixturevalue("crm")
    with crm.room.db.session() as session:
        session.add(Region(name_ru="Область", name_kz="Облыс"))
        session.add_all(City(region_id=1, name_ru=f"Город {n}", name_kz=f"Қала {n}") for n in (1, 2))
        session.add(Profession(name_ru="Повар", name_kz="Аспаз"))
        session.add(Profession(name_ru="Старая", name_kz="Ескі", is_active=False))
        session.add_all(Skill(name_ru=f"Навык {n}", name_kz=f"Дағды {n}") for n in (1, 2))


async def created(
    crm: CrmServer, client: httpx.AsyncClient, login: str = "msb", **fields: Any
) -> dict[str, Any]:
    answer = await client.post(f"{PATH}/admin/create", json=NEW | fields, headers=signed(crm, login))
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def approved(crm: CrmServer, client: httpx.AsyncClient, **fields: Any) -> str:
    """The path of an approved vacancy of the msb."""
    made = await created(crm, client, **fields)
    judge = f"{PATH}/admin/moderation/{made['id']}/approve"
    assert (await client.post(judge, headers=signed(crm, "administrator"))).is_success
    return f"{PATH}/admin/{made['id']}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description_kz", "Сипаттама"),
        ("description_ru", "Описание"),
        ("requirements_kz", None),
        ("requirements_ru", "y"),
        ("company_name", None),
        ("profession_id", 1),
    ],
)
async def test_sending_a_checked_field_is_enough_to_wait_again(
    crm: CrmServer, client: httpx.AsyncClient, field: str, value: Any
) -> None:
    path = await approved(crm, client)
    edited = (await client.put(path, json={field: value}, headers=signed(crm, "msb"))).json()
    assert (edited["moderation_status"], edited["moderated_by"]) == ("pending", None)


async def test_other_fields_keep_the_verdict(crm: CrmServer, client: httpx.AsyncClient) -> None:
    path = await approved(crm, client)
    body = {"salary_min": 5, "salary_max": 1, "city_id": 2, "deadline": "2020-01-01", "is_active": False}
    edited = (await client.put(path, json=body, headers=signed(crm, "msb"))).json()
    assert edited["moderation_status"] == "approved"
    assert edited["salary_max"] == 1, "nobody compares the ends"


async def test_rejected_stays_rejected_and_administrators_sign(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    path = await approved(crm, client)
    number = path.rpartition("/")[2]
    reject = f"{PATH}/admin/moderation/{number}/reject"
    assert (await client.post(reject, headers=signed(crm, "msb"))).status_code == 500
    body = {"description_ru": "y"}
    edited = (await client.put(path, json=body, headers=signed(crm, "msb"))).json()
    assert edited["moderation_status"] == "rejected"
    signed_by = (await client.put(path, json=body, headers=signed(crm, "super_admin"))).json()
    assert signed_by["moderation_status"] == "rejected"
    assert signed_by["moderated_by"] == crm.admin_id("super_admin")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"profession_id": 2}, 404),
        ({"profession_id": 0}, 500),
        ({"city_id": 0}, 500),
        ({"required_skills": [1, 99]}, 500),
        ({"deadline": "2027-13-01"}, 422),
        ({"contact_email": "hr@local"}, 422),
        ({"description_kz": "\x00"}, 500),
    ],
)
async def test_bodies_that_are_refused_or_break(
    crm: CrmServer, client: httpx.AsyncClient, fields: dict[str, Any], status: int
) -> None:
    answer = await client.post(f"{PATH}/admin/create", json=NEW | fields, headers=signed(crm, "msb"))
    assert answer.status_code == status
    assert crm.rows(Vacancy) == []


@pytest.mark.parametrize("column", ["description_kz", "description_ru", "is_active"])
async def test_null_in_a_required_column_changes_nothing(
    crm: CrmServer, client: httpx.AsyncClient, column: str
) -> None:
    path = await approved(crm, client)
    body = {"salary_min": 7, column: None}
    assert (await client.put(path, json=body, headers=signed(crm, "msb"))).status_code == 500
    assert crm.rows(Vacancy)[0]["salary_min"] is None


async def test_skills_are_replaced_and_kept(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await created(crm, client, required_skills=[1, 2, 2])
    path = f"{PATH}/admin/{made['id']}"
    await client.put(path, json={"salary_min": 1}, headers=signed(crm, "msb"))
    assert {row["skill_id"] for row in crm.rows(VacancySkill)} == {1, 2}
    await client.put(path, json={"required_skills": [2]}, headers=signed(crm, "msb"))
    (shown,) = (await client.get(f"{PATH}/")).json()
    assert shown["required_skills"] == [{"id": 2, "name_ru": "Навык 2", "name_kz": "Дағды 2"}]
    unknown = await client.put(path, json={"required_skills": [9]}, headers=signed(crm, "msb"))
    assert unknown.status_code == 500
    assert [row["skill_id"] for row in crm.rows(VacancySkill)] == [2]


async def test_untitled_ones_break_the_unified_lists_until_titled(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    headers = signed(crm, "client")
    waiting = await created(crm, client)
    assert (await client.get("/api/v1/moderation/queue", headers=headers)).status_code == 500
    assert (await client.get("/api/v1/moderation/queue?entity_type=vacancy", headers=headers)).is_error
    assert (await client.get("/api/v1/moderation/queue?entity_type=event", headers=headers)).json() == []
    assert (await client.get("/api/v1/moderation/stats", headers=headers)).json()["total_pending"] == 1
    assert (await client.get("/api/v1/moderation/recent", headers=headers)).json() == []
    await client.post(
        f"{PATH}/admin/moderation/{waiting['id']}/approve", headers=signed(crm, "administrator")
    )
    assert (await client.get("/api/v1/moderation/queue", headers=headers)).json() == []
    assert (await client.get("/api/v1/moderation/recent", headers=headers)).status_code == 500
    secret = {"X-Parser-Secret": PARSER_SECRET}
    assert (await client.post(f"{PATH}/parser/submit", json=FOUND, headers=secret)).status_code == 201


async def test_parser_is_known_by_its_secret_and_finds_the_city(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    body = FOUND | {"city_name": "қала 2"}
    refused = await client.post(f"{PATH}/parser/submit", json=body, headers={"X-Parser-Secret": "x"})
    assert refused.status_code == 403
    await client.post(f"{PATH}/parser/submit", json=body, headers={"X-Parser-Secret": PARSER_SECRET})
    (row,) = crm.rows(Vacancy)
    assert (row["city_id"], row["title_kz"], row["moderation_status"]) == (2, "Аспаз", "approved")
    recent = "/api/v1/moderation/recent"
    assert (await client.get(recent, headers=signed(crm, "npo"))).json() == [], "moderated by nobody"
    await client.post(f"{PATH}/admin/moderation/{row['id']}/reject", headers=signed(crm, "msb"))
    (item,) = (await client.get(recent, headers=signed(crm, "npo"))).json()
    assert (item["title"], item["entity_type"], item["admin_id"]) == ("Аспаз", "vacancy", None)


async def test_keyword_knows_case_wildcards_and_language(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await created(crm, client)
    for keyword, lang, count in (("ОПИС", "ru", 1), ("о%ие", "ru", 1), ("опис", "kz", 0), ("сип", "kz", 1)):
        params = {"keyword": keyword, "lang": lang}
        admin = await client.get(f"{PATH}/admin/list", params=params, headers=signed(crm, "msb"))
        public = await client.get(f"{PATH}/", params=params)
        assert len(admin.json()) == len(public.json()) == count


async def test_foreign_ones_are_not_found(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await created(crm, client, "administrator")
    for method, purpose in (("GET", "просмотр"), ("PUT", "редактирование"), ("DELETE", "удаление")):
        options: dict[str, Any] = {"json": {}} if method == "PUT" else {}
        path = f"{PATH}/admin/{made['id']}"
        answer = await client.request(method, path, headers=signed(crm, "msb"), **options)
        expected = f"Вакансия не найдена или у вас нет прав на её {purpose}"
        assert (answer.status_code, answer.json()["detail"]) == (404, expected)


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    rows = seeded.rows(Vacancy)
    today = utc_now().date()
    assert len(rows) == 190
    assert Counter(row["admin_id"] for row in rows)[seeded.admin_id("msb")] == 38
    assert len({row["admin_id"] for row in rows}) == 6
    states = Counter(row["moderation_status"] for row in rows)
    assert min(states[state] for state in ("pending", "approved", "rejected")) >= 10
    own = [row for row in rows if row["admin_id"] == seeded.admin_id("msb")]
    assert {row["moderation_status"] for row in own} == {"pending", "approved", "rejected"}
    assert 5 < sum(not row["is_active"] for row in rows) < 40
    assert sum(row["title_kz"] is None and row["title_ru"] is None for row in rows) > 100
    assert sum(bool(row["title_kz"] or row["title_ru"]) for row in rows) > 20
    deadlines = [row["deadline"] for row in rows if row["deadline"]]
    assert min(deadlines) < today - timedelta(days=5)
    assert max(deadlines) > today + timedelta(days=5)
    assert any(len(row["description_kz"]) > 800 for row in rows)
    nullable = ("requirements_kz", "salary_min", "salary_max", "company_name", "deadline", "profession_id")
    assert all(any(row[name] is None for row in rows) for name in nullable)


async def test_seeded_lookups_are_whole(seeded: CrmServer) -> None:
    counts = {table: len(seeded.rows(table)) for table in (Profession, Region, City, Skill)}
    assert counts[Profession] >= 40
    assert counts[City] >= 30
    assert counts[Skill] >= 60
    for table in counts:
        assert any(not row["is_active"] for row in seeded.rows(table))
    known = {table: {row["id"] for row in seeded.rows(table)} for table in counts}
    for row in seeded.rows(Vacancy):
        assert row["profession_id"] is None or row["profession_id"] in known[Profession]
        assert row["city_id"] is None or row["city_id"] in known[City]
