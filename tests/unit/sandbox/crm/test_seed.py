"""The demo data: complete, varied, invented and the same every time."""

import re
import time
from collections import Counter

import httpx

from sandbox.crm import CrmServer
from sandbox.crm.groups.event_tables import EventParticipant
from sandbox.crm.posters import draw_poster
from sandbox.crm.seed import ADMINS, PASSWORD
from sandbox.crm.store import utc_now
from sandbox.crm.tables import Admin


async def test_every_role_can_sign_in_with_the_password(seeded: CrmServer) -> None:
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        for login, role, _name, approval, _reason in ADMINS:
            answer = await client.post("/api/v2/admin/login", json={"login": login, "password": PASSWORD})
            assert answer.status_code == (200 if approval == "approved" else 403)
            if approval == "approved":
                assert answer.json()["admin_data"]["role"] == role
    assert {admin["approval_status"] for admin in seeded.rows(Admin)} == {"approved", "pending", "rejected"}


async def test_events_are_varied(seeded: CrmServer) -> None:
    events = seeded.events()
    titles = [event["title"] for event in events]
    now = utc_now()
    assert len(events) == 200
    assert Counter(event["admin_id"] for event in events)[seeded.admin_id("npo")] == 40
    assert {event["moderation_status"] for event in events} == {"pending", "approved", "rejected"}
    assert {event["format"] for event in events} == {"Online", "Offline"}
    assert 50 < sum(event["event_date"] > now for event in events) < 150
    assert sum(len(event["description"]) >= 5000 for event in events) >= 3
    assert "" in titles
    assert any("<script>" in title for title in titles)
    assert any("\u200d" in title for title in titles)
    assert any(re.search("[ӘәҒғҚқҢңӨөҰұҮүҺһІі]", title) for title in titles)


async def test_photos_are_served_and_some_are_missing(seeded: CrmServer) -> None:
    photos = Counter(event["event_photo"] for event in seeded.events())
    assert photos[None] > 100
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        answers = {path: await client.get(path) for path in photos if path}
    statuses = Counter(answer.status_code for answer in answers.values())
    assert statuses == {200: 8, 404: 3}
    kinds = {answer.headers["content-type"] for answer in answers.values() if answer.status_code == 200}
    assert kinds == {"image/jpeg", "image/png"}


async def test_participants_reach_sixty(seeded: CrmServer) -> None:
    counts = Counter(row["event_id"] for row in seeded.rows(EventParticipant))
    assert max(counts.values()) == 60
    assert len(counts) < 200
    assert all(row["email"].endswith("@example.com") for row in seeded.rows(EventParticipant))


async def test_seed_is_the_same_every_time_and_fast(seeded: CrmServer) -> None:
    started = time.process_time()
    async with CrmServer() as again:
        assert time.process_time() - started < 6
        pairs = zip(seeded.events(), again.events(), strict=True)
        assert all(
            one["title"] == two["title"] and one["description"] == two["description"] for one, two in pairs
        )


def test_poster_is_a_wide_picture() -> None:
    assert draw_poster(3, "TABYS").size == (960, 600)
