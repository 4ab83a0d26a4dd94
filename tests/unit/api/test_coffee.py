"""Random coffee's sources: the one schedule as a record, the newest rounds, who is called what, lost answers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.community import CoffeePlans, CoffeeRounds
from api.errors import Explained, Invalid, NotFound, SessionEnded
from models.community import CoffeeRound
from resources.queries import ListQuery

ZONE = ZoneInfo("Asia/Almaty")
TODAY = datetime.now(ZONE).date()
SCHEDULE = {
    "enabled": True, "weekdays": [4, 0], "time": "10:00", "timezone": "Asia/Almaty", "lookback_weeks": 8,
    "odd_policy": "trio", "cooldown_minutes": 60, "next_run_at": "2026-11-23T05:00:00Z", "last_run_at": None,
    "holidays": [(TODAY + timedelta(days=one)).isoformat() for one in (40, -40, 0)],
}  # fmt: skip


def made(kind: Any, wire: Any) -> Any:
    return kind(wire.backend, timezone=ZONE)


def body(wire: Any) -> Any:
    return json.loads(wire.asked[-1].content)


def told(number: int, *groups: tuple[int, ...], **values: Any) -> dict[str, Any]:
    return {
        "id": number, "skipped": [], "seed": 7, "status": "committed", "created_at": "2026-11-21T10:00:00Z",
        "planned_for": "2026-11-21", "created_by": 1,
        "groups": [{"id": at, "member_ids": list(ids), "notified_at": None} for at, ids in enumerate(groups, 1)],
    } | values  # fmt: skip


def paged(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"items": rows, "total": len(rows)})


# --- the schedule -----------------------------------------------------------------------------------------


async def test_the_schedule_is_a_record_without_days_that_are_over(wire: Any, admin: Any):
    wire.says(httpx.Response(200, json=SCHEDULE))
    plan = await made(CoffeePlans, wire).get(admin, 1)
    assert (plan.id, plan.weekdays, plan.time, plan.timezone) == (1, ("0", "4"), "10:00", "Asia/Almaty")
    assert [one.day for one in plan.holidays] == [TODAY, TODAY + timedelta(days=40)]
    assert plan.next_run_at == datetime(2026, 11, 23, 5, tzinfo=UTC)
    page = await made(CoffeePlans, wire).page(admin, ListQuery())
    assert [one.id for one in page.items] == [1]


@pytest.mark.parametrize("record_id", [0, 2, 10**9])
async def test_there_is_no_other_schedule(wire: Any, admin: Any, record_id: int):
    with pytest.raises(NotFound):
        await made(CoffeePlans, wire).get(admin, record_id)
    assert wire.asked == []


async def test_one_field_is_changed_and_the_rest_sent_as_it_was(wire: Any, admin: Any):
    wire.says(httpx.Response(200, json=SCHEDULE))
    await made(CoffeePlans, wire).update(admin, 1, {"weekdays": ["6", "2", "2"]})
    assert body(wire)["weekdays"] == [2, 6]
    assert body(wire)["time"] == "10:00"
    assert "next_run_at" not in body(wire)


async def test_holidays_are_sent_as_days_once_and_without_the_past(wire: Any, admin: Any):
    wire.says(httpx.Response(200, json=SCHEDULE))
    days = [(TODAY + timedelta(days=one)).isoformat() for one in (9, 3, -3, 3)]
    await made(CoffeePlans, wire).update(admin, 1, {"holidays": [{"day": day} for day in days]})
    assert body(wire)["holidays"] == [days[1], days[0]]
    await made(CoffeePlans, wire).update(admin, 1, {"holidays": None})
    assert body(wire)["holidays"] == []


@pytest.mark.parametrize("name", ["weekdays", "time", "timezone", "odd_policy"])
async def test_what_a_schedule_needs_is_not_taken_away(wire: Any, admin: Any, name: str):
    with pytest.raises(Invalid):
        await made(CoffeePlans, wire).update(admin, 1, {name: None})
    assert wire.asked == []


async def test_a_zone_that_nobody_knows_is_shown_all_the_same(wire: Any, admin: Any):
    wire.says(httpx.Response(200, json={**SCHEDULE, "timezone": "Mars/Olympus"}))
    assert (await made(CoffeePlans, wire).get(admin, 1)).timezone == "Mars/Olympus"


# --- rounds -----------------------------------------------------------------------------------------------


async def test_the_newest_rounds_come_a_few_at_a_time(wire: Any, admin: Any):
    wire.says(paged(*(told(one) for one in range(10))), paged(told(99)))
    found = await made(CoffeeRounds, wire).latest(admin, 26)
    assert len(found) == 11
    assert [one.url.params["skip"] for one in wire.asked] == ["0", "10"]
    assert {one.url.params["limit"] for one in wire.asked} == {"10"}


async def test_a_round_whose_answer_was_lost_is_found_by_its_groups(wire: Any, admin: Any):
    wire.says(
        paged(
            told(3, (1, 2), seed=8),
            told(2, (2, 1), (3, 4, 5)),
            told(1, (1, 2), (3, 4, 5), status="rolled_back"),
        )
    )
    source = made(CoffeeRounds, wire)
    found = await source.stored(admin, [(5, 4, 3), (1, 2)], 7)
    assert found is not None
    assert found.id == 2
    assert await source.stored(admin, [(1, 2)], 7) is None
    assert await source.stored(admin, [(1, 2), (3, 4, 5)], 9) is None


async def test_a_round_that_was_rolled_back_is_not_the_one(wire: Any, admin: Any):
    wire.says(paged(told(1, (1, 2), status="rolled_back")))
    assert await made(CoffeeRounds, wire).stored(admin, [(1, 2)], 7) is None


async def test_names_are_asked_for_once(wire: Any, admin: Any):
    wire.answers = lambda request: (
        httpx.Response(404, json={"detail": "Not found"})
        if request.url.path.endswith("/3")
        else httpx.Response(200, json={"id": 1, "full_name": f"M{request.url.path[-1]}"})
    )
    source = made(CoffeeRounds, wire)
    assert await source.people(admin, [1, 2, 3, 2]) == {1: "M1", 2: "M2", 3: ""}
    assert len(wire.asked) == 3
    assert await source.people(admin, [3, 1, 4]) == {3: "", 1: "M1", 4: "M4"}
    assert len(wire.asked) == 4


async def test_a_name_that_cannot_be_read_now_is_asked_for_again(wire: Any, admin: Any):
    source = made(CoffeeRounds, wire)
    wire.says(httpx.Response(500))
    assert await source.people(admin, [1]) == {1: ""}
    wire.says(httpx.Response(200, json={"id": 1, "full_name": "Aida"}))
    assert await source.people(admin, [1]) == {1: "Aida"}


async def test_a_session_that_ended_is_told(wire: Any, admin: Any):
    wire.says(httpx.Response(401))
    with pytest.raises(SessionEnded):
        await made(CoffeeRounds, wire).people(admin, [1])


async def test_a_round_that_somebody_knows_of_is_not_rolled_back(wire: Any, admin: Any):
    wire.says(httpx.Response(409, json={"detail": "Somebody was notified already"}))
    with pytest.raises(Explained) as caught:
        await made(CoffeeRounds, wire).roll_back(admin, 5, {"reason": "wrong day"})
    assert caught.value.detail == "coffee_rounds.too_late"


async def test_a_rollback_needs_its_reason(wire: Any, admin: Any):
    with pytest.raises(Invalid):
        await made(CoffeeRounds, wire).roll_back(admin, 5, {})
    assert wire.asked == []


# --- figures ----------------------------------------------------------------------------------------------


def test_a_round_counts_itself():
    groups = [
        {
            "id": 1, "member_ids": [1, 2], "notified_at": "2026-11-21T10:00:00Z",
            "feedback": {"met": True, "rating": 5.0, "answers": 2},
        },
        {"id": 2, "member_ids": [3, 4, 5], "feedback": {"met": False, "rating": 2.5, "answers": 1}},
        {"id": 3, "member_ids": [6, 7]},
    ]  # fmt: skip
    one = CoffeeRound.model_validate({"id": 1, "groups": groups, "skipped": [9]})
    assert (one.size, one.people, one.left_out, one.told, one.answers) == (3, 7, 1, 1, 3)
    assert (one.met_share, one.rating, one.day) == (50, 3.8, None)


def test_of_a_round_that_nobody_spoke_of_there_is_nothing_to_say():
    one = CoffeeRound.model_validate({"id": 1, "created_at": "2026-11-21T10:00:00Z"})
    assert (one.met_share, one.rating, one.answers, one.day) == (None, None, 0, date(2026, 11, 21))
