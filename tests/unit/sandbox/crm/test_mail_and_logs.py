"""emails, analytics, notifications, user-telegram: what the recordings show once or not at all."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.analytics.tables import LoginAttempt
from sandbox.crm.groups.notifications import Notification
from sandbox.crm.groups.user_telegram import BOT_SECRET, LinkToken, TelegramLink
from sandbox.crm.groups.users import User
from sandbox.crm.store import utc_now

MAILS = "/api/v2/admin/emails"
LOGS = "/api/v2/admin/analytics"
SECRET = {"X-Bot-Secret": BOT_SECRET}


def signed(crm: CrmServer, login: str = "administrator") -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


def letter(count: int = 1, **fields: Any) -> dict[str, Any]:
    addresses = [f"a{number}@example.com" for number in range(count)]
    return {"recipients": addresses, "subject": "x", "body_html": "<p>x</p>"} | fields


async def test_letters_stay_in_the_sandbox(crm: CrmServer, client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{MAILS}/send", json=letter(100), headers=signed(crm))
    assert answer.json()["message"] == "Отправлено: 100, Ошибок: 0"
    assert [mail.recipient for mail in crm.room.outside.mails[:2]] == ["a0@example.com", "a1@example.com"]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"recipients": [f"a{number}@example.com" for number in range(101)]}, "too_long"),
        ({"recipients": []}, "too_short"),
        ({"subject": "x" * 201}, "string_too_long"),
        ({"recipients": ["a@b"]}, "value_error"),
    ],
)
async def test_letters_are_checked_before_the_role(
    crm: CrmServer, client: httpx.AsyncClient, fields: dict[str, Any], kind: str
) -> None:
    answer = await client.post(f"{MAILS}/send", json=letter(**fields), headers=signed(crm, "npo"))
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, kind)
    assert (await client.post(f"{MAILS}/send", json=letter(), headers=signed(crm, "npo"))).status_code == 403


async def test_refused_addresses_come_back(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.room.outside.refused = {"a0@example.com"}
    answer = (await client.post(f"{MAILS}/send", json=letter(), headers=signed(crm))).json()
    assert (answer["success"], answer["failed_emails"]) == (False, ["a0@example.com"])


async def test_password_logins_are_written_down(crm: CrmServer, client: httpx.AsyncClient) -> None:
    for password, status in (("wrong", 401), ("sandbox", 200)):
        body = {"login": "npo", "password": password}
        assert (await client.post("/api/v2/admin/login", json=body)).status_code == status
    assert [row["status"] for row in crm.rows(LoginAttempt)] == ["failed", "success"]
    found = (await client.get(f"{LOGS}/dashboard", headers=signed(crm, "client"))).json()
    assert found["login_activity"]["failed_logins"] == 1
    assert found["login_activity"]["unique_users"] == 1


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ({}, 2),
        ({"period": "day"}, 1),
        ({"period": "year"}, 3),
        ({"period": "decade"}, 1),
        ({"start_date": "2000-01-01"}, 2),
        ({"start_date": "2000-01-01", "end_date": "2099-01-01"}, 3),
    ],
)
async def test_periods_of_the_dashboard(
    crm: CrmServer, client: httpx.AsyncClient, query: dict[str, str], counted: int
) -> None:
    with crm.room.db.session() as session:
        for days in (0, 10, 100):
            moment = utc_now() - timedelta(days=days, minutes=1)
            session.add(LoginAttempt(user_type="admin", status="success", created_at=moment))
    found = (await client.get(f"{LOGS}/dashboard", params=query, headers=signed(crm))).json()
    assert found["login_activity"]["total_logins"] == counted


async def test_growth_leaves_today_out(crm: CrmServer, client: httpx.AsyncClient) -> None:
    with crm.room.db.session() as session:
        for number, days in enumerate((0, 1, 40)):
            moment = utc_now() - timedelta(days=days)
            session.add(User(phone_number=str(number), created_at=moment))
    found = (await client.get(f"{LOGS}/dashboard", headers=signed(crm))).json()
    assert len(found["user_growth"]) == 30
    assert found["user_growth"][-1]["count"] == 1
    assert [point["cumulative"] for point in found["user_growth"]][::29] == [1, 2]
    assert found["user_stats"]["new_registrations_today"] == 1


@pytest.mark.parametrize("fields", [{"user_type": "x" * 21}, {"action_type": "x" * 51}])
async def test_long_words_break_the_log(client: httpx.AsyncClient, fields: dict[str, str]) -> None:
    body = {"user_type": "bot", "action_type": "view"} | fields
    assert (await client.post(f"{LOGS}/activity/log", json=body)).status_code == 500


async def test_a_link_is_made_once(crm: CrmServer, client: httpx.AsyncClient) -> None:
    with crm.room.db.session() as session:
        session.add(User(id=1, phone_number="77000000000"))
        session.add(LinkToken(token="t", user_id=1, expires_at=utc_now() + timedelta(minutes=1)))
    body = {"token": "t", "telegram_chat_id": "5"}
    path = "/api/v2/telegram/confirm-link"
    assert (await client.post(path, json=body, headers=SECRET)).json()["user_name"] == "77000000000"
    assert (await client.post(path, json=body, headers=SECRET)).status_code == 404
    assert crm.rows(TelegramLink) == [{"telegram_chat_id": "5", "user_id": 1}]
    found = (await client.get("/api/v2/telegram/auto-auth/5", headers=SECRET)).json()
    assert crm.room.tokens.user_id(found["access_token"]) == 1


async def test_demo_logs_and_notifications(seeded: CrmServer) -> None:
    assert len(seeded.rows(Notification)) == 160
    assert {row["is_read"] for row in seeded.rows(Notification)} == {True, False}
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        found = (await client.get(f"{LOGS}/dashboard", headers=signed(seeded))).json()
    assert found["login_activity"]["total_logins"] == 180
    assert len(found["system_events"]["recent_errors"]) == 10
    assert found["activity_stats"]["deletes"] > 10
    assert len(found["top_active_users"]) == 10
    assert sum(point["count"] for point in found["user_growth"]) > 20
