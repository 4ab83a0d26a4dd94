"""broadcasts: what the recordings show once or not at all, and the demo data."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.broadcasts import delivery
from sandbox.crm.groups.broadcasts.tables import Broadcast, Delivery
from sandbox.crm.tables import TelegramSession

PATH = "/api/v1/broadcasts/"


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PAUSE", 0.001)


def signed(crm: CrmServer, login: str = "administrator") -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


def with_sessions(crm: CrmServer, *logins: str) -> None:
    with crm.room.db.session() as session:
        for login in logins:
            session.add(TelegramSession(telegram_user_id=f"id-{login}", admin_id=crm.admin_id(login)))


async def create(crm: CrmServer, client: httpx.AsyncClient, **fields: Any) -> int:
    body = {"title": "Хабар", "message": "<b>x</b> &amp; y"} | fields
    answer = await client.post(PATH, json=body, headers=signed(crm))
    assert answer.status_code == 200
    return int(answer.json()["id"])


async def send(crm: CrmServer, client: httpx.AsyncClient, number: int) -> dict[str, Any]:
    """The statistics when the sending is over."""
    answer = await client.post(f"{PATH}{number}/send", headers=signed(crm))
    assert answer.status_code == 200
    return await stats(crm, client, number)


async def stats(crm: CrmServer, client: httpx.AsyncClient, number: int) -> dict[str, Any]:
    for _ in range(100):
        found: dict[str, Any] = (await client.get(f"{PATH}{number}/stats", headers=signed(crm))).json()
        if found["status"] != "sending":
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("never sent")


@pytest.mark.parametrize(
    ("audience", "reached"),
    [("all_telegram_users", 3), ("active_sessions", 3), ("admins_only", 2), ("by_role", 1)],
)
async def test_audiences(crm: CrmServer, client: httpx.AsyncClient, audience: str, reached: int) -> None:
    with_sessions(crm, "npo", "msb", "client")
    number = await create(crm, client, target_audience=audience, target_role="npo")
    found = await send(crm, client, number)
    assert (found["status"], found["total_recipients"], found["sent_count"]) == ("sent", reached, reached)
    assert (found["delivered_count"], found["success_rate"]) == (0, 0.0)


async def test_sessions_that_ended_are_no_audience(crm: CrmServer, client: httpx.AsyncClient) -> None:
    with_sessions(crm, "npo")
    await client.post("/api/v1/telegram-auth/logout", json={"telegram_user_id": "1"})
    with crm.room.db.session() as session:
        session.get_one(TelegramSession, "id-npo").is_active = False
    number = await create(crm, client)
    answer = await client.post(f"{PATH}{number}/send", headers=signed(crm))
    assert answer.json() == {"detail": "No users found matching the target audience"}


async def test_who_blocked_the_bot_is_counted_as_failed(crm: CrmServer, client: httpx.AsyncClient) -> None:
    with_sessions(crm, "npo", "msb")
    crm.room.outside.blocked = {"id-npo"}
    number = await create(crm, client)
    found = await send(crm, client, number)
    assert (found["status"], found["sent_count"], found["failed_count"]) == ("sent", 1, 1)
    assert (await client.post(f"{PATH}{number}/retry", headers=signed(crm))).status_code == 200
    for _ in range(100):
        again = await stats(crm, client, number)
        if not again["sent_count"]:
            break
        await asyncio.sleep(0.01)
    assert (again["sent_count"], again["failed_count"], again["pending_count"]) == (0, 0, 0)


async def test_without_a_token_it_fails_and_a_retry_may_help(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    with_sessions(crm, "npo")
    crm.room.outside.telegram = False
    number = await create(crm, client)
    found = await send(crm, client, number)
    assert (found["status"], found["pending_count"], found["completed_at"]) == ("failed", 1, None)
    crm.room.outside.telegram = True
    await client.post(f"{PATH}{number}/retry", headers=signed(crm))
    for _ in range(100):
        found = await stats(crm, client, number)
        if found["status"] == "sent":
            break
        await asyncio.sleep(0.01)
    assert found["sent_count"] == 1


@pytest.mark.parametrize(
    ("message", "taken"),
    [
        ("<b>x</b> &amp; <i>y</i>", True),
        ('<a href="https://example.com">x</a>', True),
        ("<b>x", False),
        ("x</b>", False),
        ("<b><i>x</b></i>", False),
        ("<h1>x</h1>", False),
        ("2 < 3", False),
        ("x" * 4063, True),
        ("x" * 4080, False),
    ],
)
def test_messages_that_telegram_takes(message: str, taken: bool) -> None:
    assert delivery.readable(message) is taken


async def test_what_is_sent_stays(crm: CrmServer, client: httpx.AsyncClient) -> None:
    with_sessions(crm, "npo")
    number = await create(crm, client)
    await send(crm, client, number)
    for method, path, verb in (
        ("DELETE", "", "delete"),
        ("PUT", "", "update"),
        ("POST", "/send", "send"),
    ):
        body = {"title": "y"} if method == "PUT" else None
        answer = await client.request(method, f"{PATH}{number}{path}", json=body, headers=signed(crm))
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith(f"Cannot {verb} broadcast with status BroadcastStatus.SENT")


async def test_an_author_who_lost_its_role_keeps_its_own(crm: CrmServer, client: httpx.AsyncClient) -> None:
    number = await create(crm, client)
    crm.set_role("administrator", "npo")
    listed = (await client.get(PATH, headers=signed(crm))).json()
    assert (listed["total"], listed["total_pages"]) == (1, 1)
    when = {"scheduled_at": "2030-01-01T10:00:00+05:00"}
    edited = (await client.put(f"{PATH}{number}", json=when, headers=signed(crm))).json()
    assert (edited["status"], edited["scheduled_at"]) == ("scheduled", "2030-01-01T05:00:00")
    assert (await client.get(f"{PATH}{number}", headers=signed(crm, "msb"))).status_code == 403
    assert (await client.get(f"{PATH}{number}/stats", headers=signed(crm, "msb"))).status_code == 200


async def test_deliveries_go_with_their_broadcast(crm: CrmServer, client: httpx.AsyncClient) -> None:
    number = await create(crm, client)
    with crm.room.db.session() as session:
        session.add(Delivery(broadcast_id=number, telegram_user_id="1"))
    await client.delete(f"{PATH}{number}", headers=signed(crm))
    assert crm.rows(Delivery) == crm.rows(Broadcast) == []


async def test_demo_broadcasts_are_varied(seeded: CrmServer) -> None:
    rows = seeded.rows(Broadcast)
    assert len(rows) == 130
    assert set(Counter(row["status"] for row in rows)) == {
        "draft",
        "scheduled",
        "sending",
        "sent",
        "failed",
        "cancelled",
    }
    assert len({row["target_audience"] for row in rows}) == 4
    assert any(row["target_audience"] == "by_role" and row["target_role"] is None for row in rows)
    pending = Counter(row["broadcast_id"] for row in seeded.rows(Delivery) if row["status"] == "pending")
    assert all(pending[row["id"]] == 0 for row in rows if row["status"] == "sent")
