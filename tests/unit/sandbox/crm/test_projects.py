"""projects: what the recordings show once or not at all, and their demo data."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.notifications import Notification
from sandbox.crm.groups.projects import tables
from sandbox.crm.groups.projects.shapes import FormFieldType
from sandbox.crm.store import utc_now

PROJECTS = "/api/v2/projects"
ADMIN = f"{PROJECTS}/admin"
PROJECT = {
    "title": "Жоба",
    "title_ru": "Проект",
    "description": "Сипаттама",
    "description_ru": "Описание",
    "author": "Қор",
    "project_type": "application",
    "start_date": "2020-01-01T10:00:00",
    "end_date": "2099-01-01T10:00:00",
}


def signed(crm: CrmServer, login: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


async def create(crm: CrmServer, client: httpx.AsyncClient, login: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(f"{ADMIN}/create", json=PROJECT | fields, headers=signed(crm, login))
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def with_form(crm: CrmServer, client: httpx.AsyncClient, *fields: dict[str, Any]) -> int:
    """The id of an active project of the npo with that form."""
    made = await create(crm, client, "npo")
    await client.post(f"{ADMIN}/moderation/{made['id']}/approve", headers=signed(crm, "npo"))
    form = {"project_id": 0, "title_kz": "x", "title_ru": "x", "fields": fields}
    path = f"{PROJECTS}/{made['id']}/form-template"
    assert (await client.post(path, json=form, headers=signed(crm, "npo"))).status_code == 201
    return int(made["id"])


@pytest.mark.parametrize(
    ("login", "wanted", "stored"),
    [("npo", "active", "draft"), ("administrator", "active", "active"), ("administrator", None, "draft")],
)
async def test_status_of_a_new_project(
    crm: CrmServer, client: httpx.AsyncClient, login: str, wanted: str | None, stored: str
) -> None:
    assert (await create(crm, client, login, status=wanted))["status"] == stored


@pytest.mark.parametrize(
    "fields", [{"project_type": "x" * 51}, {"photo_url": "x" * 501}, {"title": "a\u0000b"}]
)
async def test_what_does_not_fit_is_500(
    crm: CrmServer, client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    answer = await client.post(f"{ADMIN}/create", json=PROJECT | fields, headers=signed(crm, "npo"))
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert crm.rows(tables.Project) == []


async def test_offsets_are_converted(crm: CrmServer, client: httpx.AsyncClient) -> None:
    dates = {"start_date": "2030-01-01T10:00:00+05:00", "end_date": "2030-02-01T00:00:00Z"}
    made = await create(crm, client, "npo", **dates)
    assert (made["start_date"], made["end_date"]) == ("2030-01-01T05:00:00", "2030-02-01T00:00:00")


async def test_edited_text_waits_again_also_unchanged(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "npo")
    path = f"{ADMIN}/{made['id']}"
    await client.post(f"{ADMIN}/moderation/{made['id']}/approve", headers=signed(crm, "administrator"))
    same = {"title": PROJECT["title"]}
    by_administrator = (await client.put(path, json=same, headers=signed(crm, "administrator"))).json()
    assert by_administrator["moderation_status"] == "approved"
    assert (await client.put(path, json=same, headers=signed(crm, "npo"))).json()[
        "moderation_status"
    ] == "pending"
    await client.post(f"{ADMIN}/moderation/{made['id']}/reject", headers=signed(crm, "administrator"))
    assert (await client.put(path, json=same, headers=signed(crm, "npo"))).json()[
        "moderation_status"
    ] == "rejected"


async def test_null_values_are_ignored(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "npo", photo_url="/x.png")
    body = {"author": "y", "title": None, "photo_url": None}
    edited = await client.put(f"{ADMIN}/{made['id']}", json=body, headers=signed(crm, "npo"))
    assert (edited.json()["title"], edited.json()["photo_url"]) == ("Жоба", "/x.png")


async def test_connection_goes_after_deleting(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "npo")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(crm.url.rpartition(":")[2]))
    path = f"{ADMIN}/{made['id']} HTTP/1.1\r\nAuthorization: Bearer {crm.token('npo')}"
    writer.write(f"DELETE {path}\r\nHost: x\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 2)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 204")
    assert b"connection: close" not in answer.lower()


async def test_reading_new_completes_six_hours_early(crm: CrmServer, client: httpx.AsyncClient) -> None:
    ends = (utc_now() + timedelta(hours=5)).isoformat()
    made = await create(crm, client, "administrator", end_date=ends, status="active")
    shown = (await client.get(f"{PROJECTS}/new")).json()[0]
    assert (shown["status"], shown["is_expired"], shown["hours_remaining"]) == ("completed", True, 0)
    detail = await client.get(f"{ADMIN}/{made['id']}", headers=signed(crm, "government"))
    assert detail.json()["status"] == "completed"


async def test_results_count_counters_and_statistics_count_rows(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    made = await create(crm, client, "administrator", project_type="voting", status="active")
    path = f"{PROJECTS}/{made['id']}"
    for name in ("a", "b"):
        assert (await client.post(f"{path}/participants", json={"name": name})).status_code == 200
    with crm.room.db.session() as session:
        session.get_one(tables.VotingParticipant, 2).votes_count = 3
        session.add(tables.Vote(project_id=made["id"], participant_id=2, user_id=1))
    results = (await client.get(f"{path}/results")).json()
    assert [row["participant_name"] for row in results["results"]] == ["b", "a"]
    assert results["total_votes"] == 3
    assert (await client.get(f"{path}/stats")).json()["total_votes"] == 1
    user = {"Authorization": f"Bearer {crm.room.tokens.for_user(1)}"}
    assert (await client.post(f"{path}/complete", headers=user)).status_code == 200
    assert (await client.delete(f"{PROJECTS}/participants/2")).status_code == 500


async def test_form_takes_what_it_asks_for(crm: CrmServer, client: httpx.AsyncClient) -> None:
    asked = {"id": "f", "type": "checkbox", "label_kz": "к", "label_ru": "р", "required": True}
    project_id = await with_form(crm, client, asked)
    path = f"{PROJECTS}/{project_id}"
    sent = {"phone_number": "87010000000", "responses": {"f": ["a", "b"]}}
    user = {"Authorization": f"Bearer {crm.room.tokens.for_user(7)}"}
    made = await client.post(f"{path}/form/submit", json=sent, headers=user)
    assert (made.status_code, made.json()["user_id"]) == (201, 7)
    nothing = await client.post(f"{path}/form/submit", json=sent | {"responses": {}})
    assert nothing.json()["detail"] == "Missing required fields: {'f'}"
    garbage = await client.post(f"{path}/form/submit", json=sent, headers={"Authorization": "Bearer garbage"})
    assert garbage.json()["user_id"] is None
    counts = (await client.get(f"{path}/analytics", headers=signed(crm, "npo"))).json()
    assert counts["field_statistics"]["f"]["value_counts"] == {"a": 2, "b": 2}
    sheet = await client.post(f"{path}/submissions/export", headers=signed(crm, "npo"))
    assert '"a, b"' in sheet.text
    verdict = {"status": "approved", "admin_comment": "жақсы"}
    await client.put(f"{path}/submissions/1/status", json=verdict, headers=signed(crm, "npo"))
    (told,) = crm.rows(Notification)
    assert (told["user_id"], told["admin_comment"]) == (7, "жақсы")


async def test_submissions_answer_pages(crm: CrmServer, client: httpx.AsyncClient) -> None:
    project_id = await with_form(crm, client)
    path = f"{PROJECTS}/{project_id}"
    for number in range(5):
        sent = {"phone_number": f"8701000000{number}", "responses": {}}
        assert (await client.post(f"{path}/form/submit", json=sent)).status_code == 201
    headers = signed(crm, "npo")
    page = (await client.get(f"{path}/submissions?skip=2&limit=2", headers=headers)).json()
    assert (page["total"], page["page"], page["page_size"], len(page["submissions"])) == (5, 2, 2, 2)
    for broken in ("skip=-1", "limit=0", "limit=-1"):
        assert (await client.get(f"{path}/submissions?{broken}", headers=headers)).status_code == 500


async def test_demo_projects_are_varied(seeded: CrmServer) -> None:
    rows = seeded.rows(tables.Project)
    assert len(rows) == 130
    assert Counter(row["admin_id"] for row in rows)[seeded.admin_id("npo")] == 40
    assert {row["moderation_status"] for row in rows} == {"pending", "approved", "rejected"}
    assert {row["status"] for row in rows} == {"draft", "active", "completed", "cancelled"}
    assert {row["project_type"] for row in rows} == {"voting", "application", "lottery"}
    assert max(len(row["description"]) for row in rows) > 4000
    assert all(row["start_date"] < row["end_date"] for row in rows)
    asked = {field["type"] for form in seeded.rows(tables.FormTemplate) for field in form["fields"]}
    assert asked == {kind.value for kind in FormFieldType}
    states = Counter(row["status"] for row in seeded.rows(tables.FormSubmission))
    assert min(states[state] for state in ("pending", "approved", "rejected")) > 20
    assert len(seeded.rows(tables.VotingResult)) > 5
