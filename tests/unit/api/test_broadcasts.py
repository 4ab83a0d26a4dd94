"""The broadcasts source on recorded answers (contract 2.11)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Invalid, UnknownOutcome
from api.broadcasts import Broadcasts
from api.errors import Explained
from models.broadcast import Broadcast, BroadcastStats, Origin
from resources.queries import ListQuery
from tests.contract.recorded import recordings

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)


def recorded(name: str) -> httpx.Response:
    found = next(one["response"] for one in recordings("broadcasts") if one["name"] == name)
    if found.get("json") is None and "text" in found:
        return httpx.Response(found["status"], text=found["text"])
    return httpx.Response(found["status"], json=found["json"])


ROW: dict[str, Any] = recorded("detail").json()


@pytest.fixture
def source(wire) -> Broadcasts:
    return Broadcasts(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


def sessions(*roles: str) -> dict[str, Any]:
    return {
        "sessions": [
            {"telegram_user_id": str(number), "admin_role": role, "is_active": role != "gone"}
            for number, role in enumerate(roles)
        ],
        "total": len(roles),
    }


async def test_q9_pages_are_numbered_from_one(wire, source, admin):
    wire.says(recorded("list"))
    page = await source.page(admin, ListQuery(page=3, size=7, filters={"status": "draft"}))
    assert dict(wire.asked[0].url.params) == {"status": "draft", "page": "3", "page_size": "7"}
    assert [one.id for one in page.items] == [6, 5]
    assert page.total == recorded("list").json()["total"]


async def test_q20_the_backend_s_notices_are_told_apart(wire, source, admin):
    notice = ROW | {"title": "Уведомление о модерации", "target_audience": "admins_only", "created_by": 1}
    rows = [ROW | {"id": 1}, notice | {"id": 2}, notice | {"id": 3, "created_by": 2}]
    wire.says(httpx.Response(200, json={"items": rows, "total": 3}))
    for origin, ids in ((Origin.PERSON, [1, 3]), (Origin.BACKEND, [2])):
        page = await source.page(admin, ListQuery(filters={"origin": origin}))
        assert [one.id for one in page.items] == ids


async def test_a_search_reads_the_text_and_not_its_tags(wire, source, admin):
    wire.says(httpx.Response(200, json={"items": [ROW | {"message": "<b>Сәлем</b>"}], "total": 1}))
    assert (await source.page(admin, ListQuery(search="сәлем"))).items
    assert not (await source.page(admin, ListQuery(search="<b>"))).items


@pytest.mark.parametrize(("audience", "role", "reach"), [
    ("all_telegram_users", None, 4), ("active_sessions", None, 4), ("admins_only", None, 3), ("by_role", "npo", 2),
    ("by_role", None, 0),
])  # fmt: skip
async def test_recipients_are_counted_as_the_backend_counts(wire, source, admin, audience, role, reach):
    wire.says(httpx.Response(200, json=sessions("npo", "npo", "client", "administrator", "gone")))
    assert await source.reach(admin, audience, role) == reach


async def test_a_card_is_shown_without_its_numbers_when_they_are_not_told(wire, source, admin):
    wire.says(httpx.Response(200, json=ROW), httpx.Response(403, json={"detail": "Доступ запрещен."}))
    found = await source.get(admin, ROW["id"])
    assert (found.id, found.reach) == (ROW["id"], None)


async def test_q11_times_go_as_naive_utc(wire, source, admin):
    wire.says(httpx.Response(200, json=ROW))
    values = {"title": "t", "message": "m", "target_audience": "admins_only", "target_role": "npo"}
    await source.create(admin, values | {"scheduled_at": "2027-01-01T10:00:00+05:00"})
    sent = json.loads(wire.asked[0].content)
    # A role belongs to one audience.
    assert sent == {
        "title": "t", "message": "m", "target_audience": "admins_only", "scheduled_at": "2027-01-01T05:00:00",
    }  # fmt: skip


async def test_quirk_by_role_without_a_role_never_reaches_the_backend(wire, source, admin):
    with pytest.raises(Invalid) as error:
        await source.create(admin, {"title": "t", "message": "m", "target_audience": "by_role"})
    assert [one.field for one in error.value.wrong] == ["target_role"]
    assert wire.asked == []


async def test_a_date_cannot_be_unset(wire, source, admin):
    with pytest.raises(Invalid):
        await source.update(admin, 3, {"scheduled_at": None})
    assert wire.asked == []


@pytest.mark.parametrize(("name", "verb", "key"), [
    ("send: audience is empty", "send", "broadcasts.nobody"),
    ("and refused on send", "send", "broadcasts.check.role"),
    ("send: status sent", "send", "broadcasts.too_late"),
    ("update: status failed", "update", "broadcasts.too_late"),
    ("delete: status failed", "delete", "broadcasts.too_late"),
])  # fmt: skip
async def test_q14_reasons_are_known_by_their_beginning(wire, source, admin, name, verb, key):
    wire.says(recorded(name))
    rest = {"send": ({},), "update": ({"title": "x"},), "delete": ()}[verb]
    with pytest.raises(Explained) as error:
        await getattr(source, verb)(admin, 6, *rest)
    assert error.value.detail == key


async def test_a_lost_send_stays_unknown(wire, source, admin):
    wire.says(httpx.ReadError("reset"))
    with pytest.raises(UnknownOutcome):
        await source.send(admin, 6, {})
    assert len(wire.asked) == 1


async def test_due_ones_come_earliest_first(wire, source, admin):
    times = {1: "10:30", 2: "11:30", 3: "09:00", 4: "11:00"}
    rows = [
        ROW | {"id": number, "status": "scheduled", "scheduled_at": f"2026-11-21T{when}:00"}
        for number, when in times.items()
    ]
    wire.says(httpx.Response(200, json={"items": rows, "total": 4}))
    assert [one.id for one in await source.due(admin, NOW)] == [3, 1, 4]
    assert wire.asked[0].url.params["status"] == "scheduled"


def test_quirk_success_rate_is_always_zero_and_ours_is_not():
    told = recorded("[bot token set] stats after delivery").json()
    assert told["success_rate"] == 0.0
    assert BroadcastStats.model_validate(told).delivery.rate == 8 / 9


def test_quirk_retry_zeroed_the_counters():
    told = recorded(
        "[bot token set] quirk: retry zeroed the counters (failed deliveries are not resent)"
    ).json()
    delivery = BroadcastStats.model_validate(told).delivery
    assert (delivery.untold, delivery.rate) == (9, None)


@pytest.mark.parametrize(("status", "waiting", "ago", "resumable"), [
    ("failed", 9, 0, True), ("failed", 0, 0, False), ("failed", None, 0, False), ("sent", 3, 0, True),
    ("sent", 0, 0, False), ("sending", 5, 1, False), ("sending", 5, 60, True), ("draft", 5, 60, False),
])  # fmt: skip
def test_a_retry_is_worth_it_only_where_something_waits_and_nobody_works(status, waiting, ago, resumable):
    sent_at = NOW - timedelta(minutes=ago)
    values = ROW | {"status": status, "waiting": waiting, "total_recipients": 9, "sent_at": sent_at}
    assert Broadcast.model_validate(values).resumable(NOW) is resumable
