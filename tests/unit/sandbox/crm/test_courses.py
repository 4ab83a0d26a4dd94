"""Courses: what the recordings do not show."""

from collections import Counter
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups import course_tables as tables
from tests.unit.sandbox.crm.test_quirks import signed

PATH = "/api/v2/courses"
FORM = {
    "title": "Курс",
    "description": "Сипаттама",
    "course_url": "https://example.com",
    "language": "kz",
    "duration": "60",
    "skills": "x",
    "currency": "KZT",
    "price": "0",
    "is_free": "true",
    "level": "beginner",
}


async def created(crm: CrmServer, client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(
        f"{PATH}/admin/create", data=FORM | fields, headers=signed(crm, "administrator")
    )
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def test_update_without_is_free_damages_until_repaired(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    course = (await created(crm, client))["id"]
    headers = signed(crm, "administrator")
    damaging = {name: value for name, value in FORM.items() if name != "is_free"}
    path = f"{PATH}/admin/{course}"
    assert (await client.put(path, data=damaging, headers=headers)).status_code == 500
    broken = (path, f"{PATH}/{course}", f"{PATH}/", f"{PATH}/admin/moderation/all-statuses")
    for address in broken:
        assert (await client.get(address, headers=headers)).status_code == 500
    assert (await client.get(f"{PATH}/admin/moderation/stats", headers=headers)).json()["approved"] == 1
    assert (await client.get("/api/v1/moderation/recent", headers=headers)).status_code == 200
    assert (await client.put(path, data=FORM, headers=headers)).status_code == 200
    for address in broken:
        assert (await client.get(address, headers=headers)).status_code == 200


@pytest.mark.parametrize("left_out", sorted(set(FORM) - {"is_free", "level"}))
async def test_update_without_a_required_field_changes_nothing(
    crm: CrmServer, client: httpx.AsyncClient, left_out: str
) -> None:
    course = (await created(crm, client))["id"]
    body = FORM | {"skills": "y", "title": "y"}
    body.pop(left_out)
    answer = await client.put(f"{PATH}/admin/{course}", data=body, headers=signed(crm, "administrator"))
    assert answer.status_code == 500
    assert crm.rows(tables.Course)[0]["skills"] == "x"


@pytest.mark.parametrize(
    "fields",
    [
        {"language": "de"},
        {"level": "guru"},
        {"currency": "BTC"},
        {"duration": "0"},
        {"price": "-1"},
        {"invite_code": "x" * 101},
        {"title": "\x00"},
    ],
)
async def test_values_that_break_the_backend(
    crm: CrmServer, client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    headers = signed(crm, "administrator")
    course = (await created(crm, client))["id"]
    for method, path in (("POST", "create"), ("PUT", course)):
        answer = await client.request(method, f"{PATH}/admin/{path}", data=FORM | fields, headers=headers)
        assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert len(crm.rows(tables.Course)) == 1


async def test_invite_code_is_kept_in_capitals(crm: CrmServer, client: httpx.AsyncClient) -> None:
    paid = {"price": "5000", "is_free": "false"}
    course = await created(crm, client, **paid, invite_code=" abc ")
    assert course["requires_invite_code"] is True
    assert "invite_code" not in course
    headers = signed(crm, "super_admin")
    path = f"{PATH}/admin/{course['id']}"
    assert (await client.put(path, data=FORM | paid, headers=headers)).status_code == 200
    assert (await client.get(path, headers=headers)).json()["invite_code"] == "ABC"


async def test_categories_repeat_and_stay(crm: CrmServer, client: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        assert (await client.post(f"{PATH}/categories", json={"name": name})).status_code == 201
    course = await created(crm, client, categories=["3", "1", "99"])
    assert [category["id"] for category in course["categories"]] == [1, 3]
    headers = signed(crm, "administrator")
    path = f"{PATH}/admin/{course['id']}"
    kept = (await client.put(path, data=FORM, headers=headers)).json()["categories"]
    assert [category["id"] for category in kept] == [1, 3]
    changed = (await client.put(path, data=FORM | {"categories": ["2"]}, headers=headers)).json()
    assert [category["id"] for category in changed["categories"]] == [2]
    found = (await client.get(f"{PATH}/search", params={"category_id": 2})).json()
    assert [row["id"] for row in found] == [course["id"]]


async def test_cover_keeps_its_name_and_is_served(crm: CrmServer, client: httpx.AsyncClient) -> None:
    files = {"cover_image": ("../мұқаба 1.PNG", b"x", "image/png")}
    answer = await client.post(
        f"{PATH}/admin/create", data=FORM, files=files, headers=signed(crm, "administrator")
    )
    cover = answer.json()["cover_image"]
    assert cover.startswith("uploads/courses/")
    assert cover.endswith("-мұқаба 1.PNG")
    assert (await client.get("/" + quote(cover))).content == b"x"
    assert [file.parent.name for file in crm.room.uploads.rglob("*.PNG")] == ["courses"]


async def test_reading_counts_views_but_not_for_admins(crm: CrmServer, client: httpx.AsyncClient) -> None:
    course = (await created(crm, client))["id"]
    await client.get(f"{PATH}/{course}")
    await client.get(f"{PATH}/admin/{course}", headers=signed(crm, "government"))
    assert (await client.get(f"{PATH}/{course}")).json()["views_count"] == 2


async def test_deleting_takes_chapters_along(crm: CrmServer, client: httpx.AsyncClient) -> None:
    course = (await created(crm, client))["id"]
    answer = tables.CourseTestAnswer(answer_text="4")
    test = tables.CourseTest(question="2+2?", answers=[answer])
    lesson = tables.CourseLesson(title="1", description="x", video_url="x", order=1, tests=[test])
    with crm.room.db.session() as session:
        session.add(tables.CourseChapter(course_id=course, title="1", order=1, lessons=[lesson]))
    assert (await client.delete(f"{PATH}/{course}")).status_code == 204
    assert crm.rows(tables.CourseTestAnswer) == crm.rows(tables.CourseChapter) == []


@pytest.mark.parametrize(
    "path", ["?skip=-1", "search?level=guru", "free?limit=-1", "moderation/pending?skip=-1"]
)
async def test_lists_that_break(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"{PATH}/{path}")).status_code == 500


async def test_waiting_courses_have_no_owner(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await created(crm, client)
    (item,) = (await client.get("/api/v1/moderation/recent", headers=signed(crm, "client"))).json()
    assert (item["entity_type"], item["admin_id"]) == ("course", None)


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    rows = seeded.rows(tables.Course)
    assert len(rows) == 130
    assert min(Counter(row["moderation_status"] for row in rows).values()) > 20
    assert {row["language"] for row in rows} == {"kz", "ru", "en"}
    assert {row["level"] for row in rows} == {None, "beginner", "intermediate", "advanced", "expert"}
    assert all(row["is_free"] is not None for row in rows)
    assert any(row["invite_code"] and row["price"] > 0 for row in rows)
    assert any("<script>" in row["title"] for row in rows)
    assert any(row["title"] == "" for row in rows)
    assert any(len(row["description"]) > 5000 for row in rows)
    assert {row["status"] for row in rows} == {"pending", "rejected"}
    for table in (tables.CourseChapter, tables.CourseLesson, tables.CourseTest, tables.CourseTestAnswer):
        assert len(seeded.rows(table)) > 40
    covers = {row["cover_image"] for row in rows if row["cover_image"]}
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        statuses = Counter([(await client.get("/" + quote(cover))).status_code for cover in covers])
        assert statuses[200] == 3
        assert statuses[404] > 0
        headers = {"Authorization": f"Bearer {seeded.token('government')}"}
        whole = await client.get(
            f"{PATH}/admin/moderation/all-statuses", params={"limit": 100}, headers=headers
        )
        assert len(whole.json()) == 100
