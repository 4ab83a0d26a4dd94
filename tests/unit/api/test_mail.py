"""Notifications and e-mails on recorded answers (contract 2.12)."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import NotFound, UnknownOutcome
from api.emails import Emails
from api.notifications import Notifications
from models.mail import Posted
from resources.queries import ListQuery
from tests.contract.recorded import recordings

ZONE = ZoneInfo("Asia/Almaty")


def recorded(group: str, name: str) -> Any:
    return next(one["response"]["json"] for one in recordings(group) if one["name"] == name)


@pytest.fixture
def notifications(wire) -> Notifications:
    return Notifications(wire.backend, timezone=ZONE)


@pytest.fixture
def emails(wire) -> Emails:
    return Emails(wire.backend, timezone=ZONE)


def user(number: int, kind: str = "individual", email: str | None = None) -> dict[str, Any]:
    return {
        "id": number, "phone_number": "+77010000001", "email": email, "full_name": f"User {number}",
        "status": "active", "user_type": kind,
    }  # fmt: skip


async def test_the_recorded_list_is_read_with_its_true_total(wire, notifications, admin):
    answer = recorded("notifications", "all notifications")
    wire.says(httpx.Response(200, json=answer))
    page = await notifications.page(admin, ListQuery(size=3))
    assert page.total == answer["total"]
    assert page.items[0].user is not None
    assert page.items[0].user.id == page.items[0].user_id


async def test_one_is_read_out_of_the_list_and_its_user_named(wire, notifications, admin):
    rows = recorded("notifications", "all notifications")["notifications"]
    wire.answers = lambda request: httpx.Response(
        200, json=[user(rows[0]["user_id"])] if "auth/users" in request.url.path else {"notifications": rows}
    )
    found = await notifications.get(admin, rows[0]["id"])
    assert found.user is not None
    assert found.user.ru == f"User {rows[0]['user_id']}"
    with pytest.raises(NotFound):
        await notifications.get(admin, 987_654)


async def test_quirk_send_to_all_is_never_asked_for(wire, notifications, admin):
    """It is always 500."""
    wire.says(
        httpx.Response(
            200, json=recorded("notifications", "send to users; unknown ids come back in failed_users")
        )
    )
    values = {"title_kz": "k", "title_ru": "r", "message_ru": "m", "audience": "all", "users": None}
    assert await notifications.post(admin, values, ["1", "2", "999999"]) == Posted(2, ("999999",))
    assert json.loads(wire.asked[0].content) == {
        "title_kz": "k", "title_ru": "r", "message_kz": None, "message_ru": "m", "user_ids": [1, 2, 999999],
        "notification_type": "custom_message",
    }  # fmt: skip


async def test_q7_users_are_asked_for_in_capital_letters(wire, notifications, emails, admin):
    rows = [user(1), user(2, "organization", "a@x.kz"), user(3, "organization")]
    wire.says(httpx.Response(200, json=rows))
    assert await notifications.users(admin, "all", 0) == ([1, 2, 3], False)
    assert await notifications.users(admin, "organization", 0) == ([2, 3], False)
    assert await emails.organizations(admin, 1000) == (["a@x.kz"], False)
    assert {one.url.params["status_filter"] for one in wire.asked} == {"ACTIVE"}
    assert wire.asked[-1].url.params["skip"] == "1000"


async def test_recipients_are_the_admins_with_an_address(wire, emails, admin):
    answer = recorded("emails", "recipients (admins with an e-mail)")
    wire.says(httpx.Response(200, json=answer))
    page = await emails.page(admin, ListQuery(filters={"role": "npo"}))
    assert [one.email for one in page.items] == ["sbx.npo@example.kz"]
    assert (await emails.get(admin, 1)).email == "sbx.super_admin@example.kz"


@pytest.mark.parametrize(("name", "posted"), [
    ("[mail provider set] partial success", Posted(1, ("fail@example.kz",))),
    ("send with no mail provider configured: 200 and success=false", Posted(0, ("a@example.kz", "b@example.kz"))),
])  # fmt: skip
async def test_a_200_does_not_mean_that_it_was_sent(wire, emails, admin, name, posted):
    wire.says(httpx.Response(200, json=recorded("emails", name)))
    assert await emails.post(admin, {"subject": "s", "body": "<b>x</b>\ny"}, ["a@example.kz"]) == posted
    sent = json.loads(wire.asked[0].content)
    assert (sent["body_html"], sent["body_text"]) == ("<b>x</b><br>\ny", "x\ny")


@pytest.mark.parametrize("answer", [{"ok": True}, {"sent_count": "1", "failed_emails": []}, []])
async def test_an_answer_without_counters_is_unknown_and_not_zero(wire, emails, admin, answer):
    wire.says(httpx.Response(200, json=answer))
    with pytest.raises(UnknownOutcome):
        await emails.post(admin, {"subject": "s", "body": "x"}, ["a@example.kz"])
