"""leisure: what the recordings show once or not at all, and the demo data."""

from collections import Counter
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.leisure import tables
from sandbox.crm.groups.leisure.values import read_date
from sandbox.crm.store import BackendError

LEISURE = "/api/v2/leisure"
TEXTS = {"title": "a", "title_ru": "b", "description": "c", "description_ru": "d"}
BODIES: dict[str, dict[str, Any]] = {
    "places": TEXTS | {"address": "x"},
    "tickets": TEXTS | {"address": "x", "event_date": "2030-01-01T10:00:00"},
    "promo": TEXTS
    | {"related_type": "place", "related_id": 1, "start_date": "2020-01-01", "end_date": "2099-01-01"},
}
KINDS = tuple(BODIES)


def signed(crm: CrmServer, login: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


async def create(
    crm: CrmServer, client: httpx.AsyncClient, login: str, kind: str, **fields: Any
) -> dict[str, Any]:
    path = f"{LEISURE}/admin/{kind}/create"
    answer = await client.post(path, json=BODIES[kind] | fields, headers=signed(crm, login))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2027-01-10", "2027-01-10T00:00:00"),
        ("2027-01-10 19:30", "2027-01-10T19:30:00"),
        ("2027-01-10T19:30:05+05:00", "2027-01-10T19:30:05"),
        ("2027-01-10T19:30:05.250Z", "2027-01-10T19:30:05.250000"),
        ("10.01.2027", "2027-10-01T00:00:00"),
        ("10/01/2027 09:00", "2027-10-01T09:00:00"),
    ],
)
def test_dates_are_read_as_the_database_does(sent: str, stored: str) -> None:
    assert read_date(sent).isoformat() == stored


@pytest.mark.parametrize("sent", ["ертең", "31.12.2027", "2027-02-30", "2027-01-10 25:00", "", 5, None])
def test_unreadable_dates_break(sent: Any) -> None:
    with pytest.raises(BackendError):
        read_date(sent)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fields",
    [
        {"admin_id": 1},
        {"moderation_status": "approved"},
        {"title": None},
        {"title": "x" * 256},
        {"title": {"kk": "x"}},
        {"status": "a\u0000b"},
    ],
)
async def test_bodies_that_break_the_creation(
    crm: CrmServer, client: httpx.AsyncClient, kind: str, fields: dict[str, Any]
) -> None:
    path = f"{LEISURE}/admin/{kind}/create"
    answer = await client.post(path, json=BODIES[kind] | fields, headers=signed(crm, "msb"))
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("places", {"rating": 10}),
        ("places", {"rating": "good"}),
        ("places", {"category_id": "one"}),
        ("places", {"views_count": True}),
        ("places", {"price": "x" * 101}),
        ("places", {"whatsapp_number": "1" * 51}),
        ("tickets", {"event_date": 1800000000}),
        ("promo", {"promo_code": "x" * 101}),
        ("promo", {"related_id": 2**40}),
    ],
)
async def test_values_that_do_not_fit(
    crm: CrmServer, client: httpx.AsyncClient, kind: str, fields: dict[str, Any]
) -> None:
    path = f"{LEISURE}/admin/{kind}/create"
    answer = await client.post(path, json=BODIES[kind] | fields, headers=signed(crm, "msb"))
    assert answer.status_code == 500


async def test_numbers_become_text_and_text_numbers(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "msb", "places", price=500, category_id="3", rating="4.567")
    assert (made["price"], made["category_id"], made["rating"]) == ("500", 3, 4.57)


@pytest.mark.parametrize("kind", KINDS)
async def test_checked_fields_send_back_also_unchanged(
    crm: CrmServer, client: httpx.AsyncClient, kind: str
) -> None:
    made = await create(crm, client, "msb", kind)
    path = f"{LEISURE}/admin/{kind}"
    for login, expected in (("msb", "pending"), ("administrator", "approved")):
        await client.post(f"{path}/moderation/{made['id']}/approve", headers=signed(crm, "msb"))
        body = {"title": BODIES[kind]["title"]}
        edited = (await client.put(f"{path}/{made['id']}", json=body, headers=signed(crm, login))).json()
        assert edited["moderation_status"] == expected
    assert edited["moderated_by"] == crm.admin_id("administrator")
    await client.post(f"{path}/moderation/{made['id']}/reject", headers=signed(crm, "msb"))
    edited = (await client.put(f"{path}/{made['id']}", json=body, headers=signed(crm, "msb"))).json()
    assert edited["moderation_status"] == "rejected"


async def test_every_column_is_writable(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "msb", "places")
    body = {"admin_id": 1, "moderation_comment": "себебі", "id": 77}
    path = f"{LEISURE}/admin/places/{made['id']}"
    edited = (await client.put(path, json=body, headers=signed(crm, "msb"))).json()
    assert (edited["id"], edited["admin_id"], edited["moderation_comment"]) == (77, 1, "себебі")
    assert (await client.get(f"{LEISURE}/admin/places/list", headers=signed(crm, "msb"))).json() == []


async def test_an_id_that_is_taken_breaks(crm: CrmServer, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await create(crm, client, "msb", "places")
    path = f"{LEISURE}/admin/places/1"
    assert (await client.put(path, json={"id": 2}, headers=signed(crm, "msb"))).status_code == 500


async def test_a_missing_key_takes_an_id(crm: CrmServer, client: httpx.AsyncClient) -> None:
    path = f"{LEISURE}/admin/places/create"
    assert (await client.post(path, json={}, headers=signed(crm, "msb"))).status_code == 500
    assert (await create(crm, client, "msb", "places"))["id"] == 2


async def test_deleting_leaves_gallery_and_promo_behind(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await create(crm, client, "msb", "places")
    await create(crm, client, "msb", "promo", related_id=made["id"])
    picture = {"image": ("a.txt", b"x", "text/plain")}
    assert (await client.post(f"{LEISURE}/places/1/gallery", files=picture)).status_code == 200
    shown = (await client.get(f"{LEISURE}/places/1")).json()
    assert (len(shown["gallery"]), shown["promo"]["id"], shown["views_count"]) == (1, 1, 1)
    url = shown["gallery"][0]["image_url"].removeprefix("https://api.tabys.example")
    assert (await client.get(url)).content == b"x"
    await client.delete(f"{LEISURE}/admin/places/1", headers=signed(crm, "msb"))
    assert (await client.delete(f"{LEISURE}/places/gallery/1")).status_code == 200
    assert (await client.get(f"{LEISURE}/promo/1")).json()["related_object"] is None


async def test_categories_leave_places_alone(crm: CrmServer, client: httpx.AsyncClient) -> None:
    category = (await client.post(f"{LEISURE}/categories", data={"name": "a", "name_ru": "b"})).json()
    await create(crm, client, "msb", "places", category_id=category["id"])
    assert (await client.get(f"{LEISURE}/places/1")).json()["category"]["name"] == "a"
    await client.delete(f"{LEISURE}/categories/{category['id']}")
    assert (await client.get(f"{LEISURE}/places/1")).json()["category"] is None
    (row,) = (await client.get(f"{LEISURE}/admin/places/list", headers=signed(crm, "msb"))).json()
    assert row["category_id"] == category["id"]


async def test_forms_ignore_what_is_empty(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await create(crm, client, "msb", "places")
    sent = {"title": "", "price": "700", "event_date": "03.04.2030", "rating": "4.5"}
    assert (await client.put(f"{LEISURE}/places/1", data=sent)).status_code == 200
    (row,) = crm.rows(tables.Place)
    assert (row["title"], row["price"], row["rating"]) == ("a", "700", 4.5)
    assert row["event_date"].isoformat() == "2030-03-04T00:00:00"


async def test_search_and_its_ignored_skip(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await create(crm, client, "msb", "places", description="Ұзақ " * 100)
    await create(crm, client, "msb", "tickets")
    found = (await client.get(f"{LEISURE}/search", params={"q": "A", "skip": 50})).json()
    assert (len(found["places"]), len(found["tickets"])) == (1, 1)
    assert len(found["places"][0]["description"]) == 200
    only = (await client.get(f"{LEISURE}/search", params={"q": "a", "search_in": "tickets"})).json()
    assert (len(only["places"]), len(only["tickets"])) == (0, 1)


@pytest.mark.parametrize(("table", "count"), [(tables.Place, 130), (tables.Ticket, 124), (tables.Promo, 120)])
async def test_demo_content_is_varied(seeded: CrmServer, table: Any, count: int) -> None:
    rows = seeded.rows(table)
    assert len(rows) == count
    own = [row for row in rows if row["admin_id"] == seeded.admin_id("msb")]
    assert 36 <= len(own) <= 40
    assert {row["moderation_status"] for row in own} == {"pending", "approved", "rejected"}
    assert len(Counter(row["status"] for row in rows)) >= 2
    assert any("<script>" in row["title"] for row in rows)
    assert max(len(row["description"]) for row in rows) > 2500
