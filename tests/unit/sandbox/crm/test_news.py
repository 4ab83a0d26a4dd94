"""News: what the recordings do not show."""

from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.news_tables import News
from sandbox.crm.store import utc_now
from tests.unit.sandbox.crm.test_quirks import signed

ADMIN = "/api/v2/admin/news"


async def created(crm: CrmServer, client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(f"{ADMIN}/", json={"title_kz": "x"} | fields, headers=signed(crm, "client"))
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize(
    ("column", "limit"),
    [
        ("title", 255),
        ("title_kz", 255),
        ("title_ru", 255),
        ("source_name", 255),
        ("category", 100),
        ("photo_url", 500),
        ("source_url", 1000),
        ("language", 10),
    ],
)
async def test_lengths_of_columns(crm: CrmServer, client: httpx.AsyncClient, column: str, limit: int) -> None:
    assert (await created(crm, client, **{column: "ә" * limit}))[column] == "ә" * limit
    too_long = {column: "ә" * (limit + 1)}
    answer = await client.post(f"{ADMIN}/", json=too_long, headers=signed(crm, "client"))
    assert answer.status_code == 500
    assert len(crm.rows(News)) == 1


async def test_due_news_publish_themselves(crm: CrmServer, client: httpx.AsyncClient) -> None:
    due = utc_now().replace(microsecond=0) - timedelta(minutes=1)
    made = await created(crm, client, status="scheduled", publish_at=due.isoformat())
    found = (await client.get(f"/api/v2/news/{made['id']}")).json()
    assert (found["status"], found["published_at"]) == ("published", due.isoformat())
    assert [row["id"] for row in (await client.get("/api/v2/news/")).json()] == [made["id"]]


async def test_update_to_published_approves_and_is_final(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await created(crm, client)
    headers = signed(crm, "government")
    path = f"{ADMIN}/{made['id']}"
    done = (await client.put(path, json={"status": "published"}, headers=headers)).json()
    assert (done["status"], done["moderation_status"]) == ("published", "approved")
    assert done["published_at"]
    again = await client.put(path, json={"status": "published", "title_kz": "y"}, headers=headers)
    assert again.json()["published_at"] == done["published_at"]
    back = await client.put(path, json={"status": "scheduled"}, headers=headers)
    assert back.status_code == 400


async def test_scheduling_through_the_update(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await created(crm, client)
    body = {"status": "scheduled", "publish_at": "2099-01-01T11:00:00+05:00"}
    done = await client.put(f"{ADMIN}/{made['id']}", json=body, headers=signed(crm, "msb"))
    assert (done.json()["status"], done.json()["publish_at"]) == ("scheduled", "2099-01-01T06:00:00")


@pytest.mark.parametrize("body", [{"date": None}, {"title_ru": "x" * 256}, {"title_ru": "\x00"}])
async def test_updates_that_break_the_backend(
    crm: CrmServer, client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    made = await created(crm, client)
    answer = await client.put(f"{ADMIN}/{made['id']}", json=body, headers=signed(crm, "msb"))
    assert answer.status_code == 500


async def test_dates_follow_the_backends_rules(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await created(crm, client, date="2026-05-01T10:00:00+05:00")
    assert made["date"] == "2026-05-01T05:00:00"
    refused = await client.post(f"{ADMIN}/", json={"date": "01.05.2026"}, headers=signed(crm, "msb"))
    assert refused.status_code == 422


async def test_approved_draft_is_public_and_rejected_publication_stays(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    draft = await created(crm, client)
    live = await created(crm, client, status="published")
    assert (await client.post(f"{ADMIN}/{draft['id']}/approve", headers=signed(crm, "npo"))).is_success
    assert (await client.post(f"{ADMIN}/{live['id']}/reject", headers=signed(crm, "npo"))).is_success
    public = {row["id"]: row["status"] for row in (await client.get("/api/v2/news/")).json()}
    assert public == {draft["id"]: "draft", live["id"]: "published"}


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    rows = seeded.rows(News)
    assert len(rows) == 160
    assert {row["moderation_status"] for row in rows} == {"pending", "approved", "rejected"}
    assert min(Counter(row["status"] for row in rows)[state] for state in ("draft", "published")) > 30
    assert sum(row["status"] == "scheduled" for row in rows) == 34
    assert any(not (row["title"] or row["title_kz"] or row["title_ru"]) for row in rows)
    assert any(row["title"] and not row["title_kz"] for row in rows)
    assert any(row["title_kz"] and row["title_ru"] is None for row in rows)
    assert any(row["title_ru"] and row["title_kz"] is None for row in rows)
    assert any(len(row["content_text_kz"] or "") > 8000 for row in rows)
    assert any("<script>" in (row["title_ru"] or "") for row in rows)
    assert {row["photo_url"] is None or row["photo_url"][:4] for row in rows} == {True, "", "/upl", "http"}
    urls = [row["source_url"] for row in rows if row["source_url"]]
    assert len(urls) == len(set(urls)) > 20


async def test_one_day_of_the_seed_is_full(seeded: CrmServer) -> None:
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        days = [(utc_now() + timedelta(days=ahead)).date().isoformat() for ahead in (1, 3)]
        states = [
            (
                await client.get(
                    f"{ADMIN}/schedule-status", params={"target_date": day}, headers=signed(seeded, "npo")
                )
            ).json()["overall_status"]
            for day in days
        ]
    assert states == ["ok", "warning"]
