"""Behaviour of the backend that the recordings show once or not at all."""

from datetime import timedelta

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.event_tables import Event, EventParticipant
from sandbox.crm.groups.moderation import KINDS
from sandbox.crm.store import utc_now

EVENT = {
    "title": "Форум",
    "event_date": "2030-01-01T10:00:00",
    "location": "Қарағанды",
    "format": "Offline",
    "description": "Сипаттама",
}
ADMIN = "/api/v2/events/admin"


def signed(crm: CrmServer, login: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


async def create(
    crm: CrmServer, client: httpx.AsyncClient, login: str, **fields: object
) -> dict[str, object]:
    answer = await client.post(f"{ADMIN}/create", json=EVENT | fields, headers=signed(crm, login))
    assert answer.status_code == 201
    made: dict[str, object] = answer.json()
    return made


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2030-01-01T10:00:00+05:00", "2030-01-01T05:00:00"),
        ("2030-01-01T10:00:00Z", "2030-01-01T10:00:00"),
        ("2030-01-01 10:00", "2030-01-01T10:00:00"),
        ("2030-01-01", "2030-01-01T00:00:00"),
    ],
)
async def test_times_become_naive_utc(
    crm: CrmServer, client: httpx.AsyncClient, sent: str, stored: str
) -> None:
    assert (await create(crm, client, "npo", event_date=sent))["event_date"] == stored


@pytest.mark.parametrize("found_by", ["ФОРУМ", "форум", "ф%м", "ф_рум", "сипат"])
async def test_search_ignores_case_and_knows_wildcards(
    crm: CrmServer, client: httpx.AsyncClient, found_by: str
) -> None:
    await create(crm, client, "npo")
    found = await client.get(f"{ADMIN}/list", params={"search": found_by}, headers=signed(crm, "npo"))
    assert len(found.json()) == 1


async def test_location_is_searched_by_the_public_only(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await create(crm, client, "administrator")
    search = {"search": "қарағанды"}
    admin = await client.get(f"{ADMIN}/list", params=search, headers=signed(crm, "administrator"))
    public = await client.get("/api/v2/events/search", params=search)
    assert (len(admin.json()), len(public.json())) == (0, 1)


@pytest.mark.parametrize(
    "path",
    [
        f"{ADMIN}/list?format=online",
        f"{ADMIN}/list?search=%00",
        "/api/v2/events/search?format=Hybrid",
        "/api/v2/events/?limit=-1",
        "/api/v2/events/search?skip=-1",
        "/api/v2/resumes/skills?limit=-1",
    ],
)
async def test_inputs_that_break_the_backend(crm: CrmServer, client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=signed(crm, "npo"))
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


@pytest.mark.parametrize("column", ["title", "event_date", "location", "format", "description"])
async def test_null_in_a_required_column_changes_nothing(
    crm: CrmServer, client: httpx.AsyncClient, column: str
) -> None:
    made = await create(crm, client, "npo")
    body = {"location": "other", column: None}
    answer = await client.put(f"{ADMIN}/{made['id']}", json=body, headers=signed(crm, "npo"))
    assert answer.status_code == 500
    assert crm.events()[0]["location"] == "Қарағанды"


async def test_photo_may_be_cleared_by_null(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "npo", event_photo="/uploads/events/x.jpg")
    answer = await client.put(f"{ADMIN}/{made['id']}", json={"event_photo": None}, headers=signed(crm, "npo"))
    assert answer.json()["event_photo"] is None


async def test_administrators_edit_keeps_the_state_and_signs_it(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    made = await create(crm, client, "npo")
    headers = signed(crm, "administrator")
    edited = (await client.put(f"{ADMIN}/{made['id']}", json={"title": "y"}, headers=headers)).json()
    assert edited["moderation_status"] == "pending"
    assert edited["moderated_by"] == crm.admin_id("administrator")


async def test_unchanged_values_do_not_send_back_to_pending(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    made = await create(crm, client, "npo")
    await client.post(f"{ADMIN}/moderation/{made['id']}/approve", headers=signed(crm, "administrator"))
    same = {"title": "Форум", "event_date": EVENT["event_date"]}
    edited = await client.put(f"{ADMIN}/{made['id']}", json=same, headers=signed(crm, "npo"))
    assert edited.json()["moderation_status"] == "approved"


async def test_deleting_takes_everything_along(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "npo", programs=[{"time": 540, "description": "x"}])
    person = {"first_name": "a", "last_name": "b", "company_name": "c", "email": "a@example.com"}
    assert (await client.post(f"/api/v2/events/{made['id']}/participate", json=person)).status_code == 201
    await client.delete(f"{ADMIN}/{made['id']}", headers=signed(crm, "npo"))
    assert crm.rows(EventParticipant) == crm.events() == []
    assert (await create(crm, client, "npo"))["id"] == 2, "ids never come back"


async def test_uploaded_name_cannot_leave_its_folder(crm: CrmServer, client: httpx.AsyncClient) -> None:
    files = {"file": ("../../../evil.png", b"x", "image/png")}
    path = (await client.post("/api/v2/auth/upload-photo", files=files)).json()["file_path"]
    assert path.startswith("/uploads/documents/")
    assert path.endswith("_evil.png")
    assert (await client.get(path)).content == b"x"
    assert [file.parent.name for file in crm.room.uploads.rglob("*.png")] == ["documents"]


async def test_photo_upload_keeps_the_state(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "administrator")
    upload = f"/api/v2/events/{made['id']}/upload-photo"
    url = (await client.post(upload, files={"file": ("a.webp", b"RIFF", "image/webp")})).json()["photo_url"]
    assert (await client.get(url)).content == b"RIFF"
    assert crm.events()[0]["moderation_status"] == "approved"
    await client.delete(f"/api/v2/events/{made['id']}/photo")
    assert (await client.get(url)).status_code == 404


async def test_unified_moderation_has_all_kinds(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await create(crm, client, "npo", description="я" * 300)
    await create(crm, client, "administrator")
    headers = signed(crm, "client")
    stats = (await client.get("/api/v1/moderation/stats", headers=headers)).json()
    assert set(stats) == {*KINDS, "total_pending"}
    assert stats["events"] == {"total": 2, "pending": 1, "approved": 1, "rejected": 0}
    (waiting,) = (await client.get("/api/v1/moderation/queue", headers=headers)).json()
    assert len(waiting["description"]) == 200
    (judged,) = (await client.get("/api/v1/moderation/recent", headers=headers)).json()
    assert judged["moderation_status"] == "approved"


async def test_recent_takes_the_last_moderated_but_sorts_by_creation(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    now = utc_now()
    with crm.room.db.session() as session:
        for number in (1, 2, 3):
            session.add(
                Event(
                    **EVENT | {"event_date": now},
                    id=number,
                    moderation_status="approved",
                    created_at=now - timedelta(days=number),
                    moderated_at=now + timedelta(days=number),
                )
            )
    answer = await client.get("/api/v1/moderation/recent?limit=2", headers=signed(crm, "client"))
    assert [item["id"] for item in answer.json()] == [2, 3]


async def test_any_origin_may_ask(client: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://crm.example"}
    assert (await client.get("/", headers=origin)).headers["access-control-allow-origin"] in (
        "*",
        origin["Origin"],
    )
    asked = origin | {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization",
    }
    assert (await client.options("/api/v2/admin/profile", headers=asked)).status_code == 200


@pytest.mark.parametrize("header", ["bearer", "BEARER"])
async def test_scheme_is_case_insensitive(crm: CrmServer, client: httpx.AsyncClient, header: str) -> None:
    headers = {"Authorization": f"{header} {crm.token('npo')}"}
    assert (await client.get("/api/v2/admin/profile", headers=headers)).status_code == 200


async def test_own_codes_are_cut_at_fifty(crm: CrmServer, client: httpx.AsyncClient) -> None:
    for _ in range(55):
        last = crm.otp("npo")
    codes = (await client.get("/api/v1/telegram-auth/my-otps", headers=signed(crm, "npo"))).json()
    assert (len(codes), codes[0]["token"]) == (50, last)
    assert all(code["is_valid"] for code in codes)
