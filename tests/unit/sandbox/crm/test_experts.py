"""Experts: what the recordings do not show."""

import json

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.expert_tables import Expert

EXPERT = {"full_name": "Сарапшы", "specialization": "Құқық", "education": "[]", "experience": "[]"}


async def test_expert_dates_become_naive_and_avatar_is_kept_silently(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    studied = [{"university": "Үлгі", "start_date": "2010-09-01T00:00:00+05:00"}]
    files = {"avatar": ("a.PNG", b"x", "image/png")}
    answer = await client.post(
        "/api/v2/experts/", data=EXPERT | {"education": json.dumps(studied)}, files=files
    )
    assert answer.status_code == 201
    assert answer.json()["education"][0]["start_date"] == "2010-08-31T19:00:00"
    assert not any("avatar" in key for key in answer.json())
    assert [file.parent.name for file in crm.room.uploads.rglob("*.png")] == ["experts"]


@pytest.mark.parametrize("avatar", [("a.txt", b"x", "image/png"), ("a.png", b"x", "text/plain")])
async def test_avatar_needs_name_and_type(
    crm: CrmServer, client: httpx.AsyncClient, avatar: tuple[str, bytes, str]
) -> None:
    answer = await client.post("/api/v2/experts/", data=EXPERT, files={"avatar": avatar})
    assert (answer.status_code, crm.rows(Expert)) == (400, [])


async def test_experts_are_found_by_parts_of_words(client: httpx.AsyncClient) -> None:
    await client.post("/api/v2/experts/", data=EXPERT | {"city": "Балқаш"})
    for params, count in (({"search": "САРАП"}, 1), ({"city": "балқ"}, 1), ({"specialization": "псих"}, 0)):
        assert len((await client.get("/api/v2/experts/search", params=params)).json()) == count
    assert (await client.get("/api/v2/experts/?limit=-1")).status_code == 500


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    rows = seeded.rows(Expert)
    assert len(rows) == 125
    assert all(any(row[name] is None for row in rows) for name in ("phone", "website", "city", "address"))
    assert any(row["full_name"].startswith("<b>") for row in rows)
    assert any(row["full_name"] == "" for row in rows)
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        for number in (1, 60, 125):
            assert (await client.get(f"/api/v2/experts/{number}")).status_code == 200
