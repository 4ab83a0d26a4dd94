"""Mentorship, bars and coffee rounds: every operation and every code of docs/community-api.md."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.community.coffee import ScheduleSettings, next_run
from sandbox.crm.groups.community.tables import GroupRow, MemberRow, PairRow, RoundRow
from tests.unit.sandbox.crm.communing import DRINKER, MENTEE, MENTOR, Desk


@pytest.fixture
def desk(crm: CrmServer, client: httpx.AsyncClient) -> Desk:
    return Desk(crm, client)


async def paired(desk: Desk, mentor: int, mentee: int, **more: Any) -> httpx.Response:
    body = {"mentor_id": mentor, "mentee_id": mentee, **more}
    return await desk.asks("POST", "/mentorship/pairs", json=body)


# --- mentorship -------------------------------------------------------------------------------------------


async def test_mentors_with_most_room_come_first(desk: Desk):
    one, two = await desk.joins("One place", "1", **MENTOR), await desk.joins("Two places", "2", **MENTOR)
    await desk.asks("PATCH", f"/members/{two}", json={"mentorship": {"capacity": 2, "topics": ["Дизайн"]}})
    await desk.joins("Pending", "3", status="pending", **MENTOR)
    mentee = await desk.joins("Mentee", "4", **MENTEE)
    assert await desk.names("/mentorship/mentors") == ["Two places", "One place"]
    assert (await paired(desk, one, mentee)).status_code == 201
    found = (await desk.asks("GET", "/mentorship/mentors")).json()
    assert [(row["full_name"], row["active"], row["free"]) for row in found["items"]] == [
        ("Two places", 0, 2), ("One place", 1, 0),
    ]  # fmt: skip
    for query, names in (
        ("available=true", ["Two places"]),
        ("available=false", ["One place"]),
        ("topic=it", ["One place"]),
        ("language=kk", ["Two places", "One place"]),
        ("language=en", []),
        ("q=ONE", ["One place"]),
        ("skip=1", ["One place"]),
    ):
        assert await desk.names(f"/mentorship/mentors?{query}") == names, query


async def test_mentees_who_wait_longest_come_first(desk: Desk):
    mentor = await desk.joins("Mentor", "1", **MENTOR)
    first, second = await desk.joins("First", "2", **MENTEE), await desk.joins("Second", "3", **MENTEE)
    assert await desk.names("/mentorship/mentees") == ["First", "Second"]
    pair = (await paired(desk, mentor, first)).json()
    assert await desk.names("/mentorship/mentees") == ["Second", "First"]
    assert await desk.names("/mentorship/mentees?unmatched=true") == ["Second"]
    assert await desk.names("/mentorship/mentees?unmatched=false") == ["First"]
    matched = (await desk.asks("GET", "/mentorship/mentees?q=first")).json()["items"][0]
    assert matched["mentor_id"] == mentor
    await desk.asks("POST", f"/mentorship/pairs/{pair['id']}/end", json={"reason": "x"})
    found = (await desk.asks("GET", "/mentorship/mentees")).json()["items"]
    assert [(row["id"], row["mentor_id"]) for row in found] == [(second, None), (first, None)]
    assert found[0]["waiting_since"] < found[1]["waiting_since"]
    assert found[1]["waiting_since"].endswith("Z")


async def test_a_pair_lives_and_ends(desk: Desk):
    mentor, mentee = await desk.joins("A", "1", **MENTOR), await desk.joins("B", "2", **MENTEE)
    made = await paired(desk, mentor, mentee, note="Резюме")
    assert made.status_code == 201
    pair = made.json()
    assert (pair["mentor"]["id"], pair["mentee"]["full_name"], pair["status"]) == (mentor, "B", "active")
    assert (pair["note"], pair["created_by"]) == ("Резюме", desk.crm.admin_id("administrator"))
    assert pair["mentor"]["channel"] == "telegram"
    path = f"/mentorship/pairs/{pair['id']}"
    told = (await desk.asks("POST", f"{path}/notified")).json()
    assert told["notified_at"] is not None
    assert (await desk.asks("POST", f"{path}/notified")).json() == told
    assert (await desk.asks("POST", f"{path}/end", json={})).status_code == 422
    ended = (await desk.asks("POST", f"{path}/end", json={"reason": "Цель достигнута"})).json()
    assert (ended["status"], ended["end_reason"]) == ("ended", "Цель достигнута")
    assert (await desk.asks("POST", f"{path}/end", json={"reason": "x"})).status_code == 409
    assert (await desk.asks("POST", "/mentorship/pairs/9/end", json={"reason": "x"})).status_code == 404
    assert (await desk.asks("POST", "/mentorship/pairs/9/notified")).status_code == 404
    again = (await paired(desk, mentor, mentee)).json()
    for query, ids in (
        ("", [again["id"], pair["id"]]),
        ("?status=ended", [pair["id"]]),
        (f"?mentor_id={mentor}&status=active", [again["id"]]),
        (f"?mentee_id={mentor}", []),
    ):
        found = (await desk.asks("GET", f"/mentorship/pairs{query}")).json()
        assert [one["id"] for one in found["items"]] == ids, query


async def test_what_cannot_be_paired(desk: Desk):
    mentor, mentee = await desk.joins("A", "1", **MENTOR), await desk.joins("B", "2", **MENTEE)
    other, idle = await desk.joins("C", "3", **MENTEE), await desk.joins("D", "4", **MENTOR)
    await desk.asks("POST", "/matching/bars", json={"a_id": other, "b_id": idle})
    assert (await paired(desk, mentor, mentor)).status_code == 409
    assert (await paired(desk, other, mentee)).status_code == 422
    assert (await paired(desk, mentor, idle)).status_code == 422
    assert (await paired(desk, mentor, 99)).status_code == 404
    barred = await paired(desk, idle, other)
    assert (barred.status_code, barred.json()["detail"]) == (409, "These two are never to be matched")
    assert (await paired(desk, mentor, mentee)).status_code == 201
    assert (await paired(desk, mentor, other)).json()["detail"] == "Mentor has no free place"
    assert (await paired(desk, idle, mentee)).json()["detail"] == "Mentee has a mentor already"


async def test_bars(desk: Desk):
    a, b = await desk.joins("A", "1"), await desk.joins("B", "2")
    made = await desk.asks("POST", "/matching/bars", json={"a_id": b, "b_id": a, "reason": "Родственники"})
    assert made.status_code == 201
    bar = made.json()
    assert (bar["a"]["id"], bar["b"]["id"], bar["reason"]) == (a, b, "Родственники")
    assert (await desk.asks("POST", "/matching/bars", json={"a_id": a, "b_id": b})).status_code == 409
    assert (await desk.asks("POST", "/matching/bars", json={"a_id": a, "b_id": a})).status_code == 409
    assert (await desk.asks("POST", "/matching/bars", json={"a_id": a, "b_id": 9})).status_code == 404
    assert (await desk.asks("POST", "/matching/bars", json={"a_id": a})).status_code == 422
    assert (await desk.asks("GET", "/matching/bars")).json() == {"items": [bar], "total": 1}
    assert (await desk.asks("DELETE", f"/matching/bars/{bar['id']}")).status_code == 204
    assert (await desk.asks("DELETE", f"/matching/bars/{bar['id']}")).status_code == 404


# --- coffee -----------------------------------------------------------------------------------------------

SCHEDULE = {
    "enabled": True, "weekdays": [0, 3], "time": "10:00", "timezone": "Asia/Almaty", "lookback_weeks": 8,
    "odd_policy": "trio", "holidays": ["2027-01-01"], "cooldown_minutes": 0,
}  # fmt: skip


async def round_of(desk: Desk, *groups: list[int], **more: Any) -> httpx.Response:
    return await desk.asks("POST", "/coffee/rounds", json={"groups": groups, **more})


async def test_the_schedule_is_replaced_whole(desk: Desk):
    first = (await desk.asks("GET", "/coffee/schedule")).json()
    assert (first["enabled"], first["next_run_at"], first["last_run_at"]) == (False, None, None)
    put = await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE)
    assert put.status_code == 200
    found = put.json()
    assert {name: found[name] for name in SCHEDULE} == SCHEDULE
    coming = datetime.fromisoformat(found["next_run_at"])
    assert coming > datetime.now(UTC)
    assert coming.astimezone(ZoneInfo("Asia/Almaty")).weekday() in (0, 3)
    assert (await desk.asks("GET", "/coffee/schedule")).json() == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": [7]}, {"time": "25:00"}, {"time": "9:00"}, {"timezone": "Asia/Nowhere"}, {"lookback_weeks": 53},
        {"odd_policy": "alone"}, {"holidays": ["yesterday"]}, {"cooldown_minutes": -1}, {"enabled": None}, {"x": 1},
    ],
    ids=lambda one: next(iter(one)),
)  # fmt: skip
async def test_a_wrong_schedule_is_422(desk: Desk, wrong: dict[str, Any]):
    assert (await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE | wrong)).status_code == 422


def test_the_next_run_skips_holidays():
    now = datetime.now(ZoneInfo("Asia/Almaty"))
    days = [str(now.date() + timedelta(days=ahead)) for ahead in range(15)]
    every = {**SCHEDULE, "weekdays": list(range(7)), "holidays": days[:5]}
    coming = next_run(ScheduleSettings.model_validate(every))
    assert coming is not None
    assert str(coming.astimezone(ZoneInfo("Asia/Almaty")).date()) == days[5]
    assert next_run(ScheduleSettings.model_validate(every | {"weekdays": []})) is None


async def test_candidates_take_part_are_due_and_not_paused(desk: Desk):
    await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE)
    weekly, monthly = (
        [await desk.joins(f"W{n}", f"1{n}", **DRINKER) for n in range(2)],
        [
            await desk.joins(f"M{n}", f"2{n}", coffee={"enabled": True, "frequency": "monthly"})
            for n in range(2)
        ],
    )
    await desk.joins("Not asked", "31")
    await desk.joins("Waits", "32", status="pending", **DRINKER)
    await desk.joins("Blocked", "33", status="blocked", **DRINKER)
    paused = await desk.joins("Paused", "34", coffee={"enabled": True, "paused_until": "2030-05-09"})
    on = "?on=2030-05-09"
    found = (await desk.asks("GET", f"/coffee/candidates{on}")).json()
    assert [one["id"] for one in found["items"]] == [*weekly, *monthly]
    assert found["total"] == 4
    assert found["items"][0]["last_matched_at"] is None
    assert paused in [
        one["id"] for one in (await desk.asks("GET", "/coffee/candidates?on=2030-05-10")).json()["items"]
    ]
    assert (await desk.asks("GET", "/coffee/candidates?on=soon")).status_code == 422
    assert (await round_of(desk, weekly, skipped=monthly[:1])).status_code == 201
    today = datetime.now(ZoneInfo("Asia/Almaty")).date()
    later = (await desk.asks("GET", f"/coffee/candidates?on={today}")).json()["items"]
    # Who was skipped is still due, and known to have been skipped.
    assert [(one["id"], one["skipped_last"]) for one in later if one["id"] in weekly + monthly] == [
        (monthly[0], True), (monthly[1], False),
    ]  # fmt: skip
    week = (await desk.asks("GET", f"/coffee/candidates?on={today + timedelta(days=7)}")).json()["items"]
    assert weekly[0] in [one["id"] for one in week]
    assert [one["last_matched_at"] is None for one in week][:1] == [False]


async def test_monthly_means_another_month(desk: Desk):
    await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE)
    two = [
        await desk.joins(f"M{n}", f"{n}", coffee={"enabled": True, "frequency": "monthly"}) for n in (1, 2)
    ]
    assert (await round_of(desk, two)).status_code == 201
    today = datetime.now(ZoneInfo("Asia/Almaty")).date()
    first = (today.replace(day=1) + timedelta(days=40)).replace(day=1)
    for day, count in ((today, 0), (first - timedelta(days=1), 0), (first, 2)):
        assert (await desk.asks("GET", f"/coffee/candidates?on={day}")).json()["total"] == count, day


async def test_a_round_is_stored_told_and_remembered(desk: Desk):
    await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE)
    ids = [await desk.joins(f"D{n}", f"{n}", **DRINKER) for n in range(6)]
    made = await round_of(desk, ids[:2], ids[2:5], skipped=ids[5:], seed=7, planned_for="2030-05-09")
    assert made.status_code == 201
    found = made.json()
    assert [group["member_ids"] for group in found["groups"]] == [ids[:2], ids[2:5]]
    assert (found["skipped"], found["seed"], found["status"]) == (ids[5:], 7, "committed")
    assert found["planned_for"] == "2030-05-09"
    assert found["groups"][0]["feedback"] == {"met": None, "rating": None, "answers": 0}
    path = f"/coffee/rounds/{found['id']}"
    for number, group in enumerate(found["groups"]):
        url = f"{path}/groups/{group['id']}/notified"
        told = (await desk.asks("POST", url, json={"channel": "telegram"})).json()
        assert told["status"] == ("committed", "notified")[number]
        assert (await desk.asks("POST", url, json={"channel": "email"})).json() == told
    assert (await desk.asks("GET", path)).json() == told
    assert (await desk.asks("GET", "/coffee/rounds")).json() == {"items": [told], "total": 1}
    history = (await desk.asks("GET", "/coffee/history?weeks=1")).json()["groups"]
    assert [(one["round_id"], one["member_ids"]) for one in history] == [
        (found["id"], ids[:2]), (found["id"], ids[2:5]),
    ]  # fmt: skip
    assert (await desk.asks("GET", "/coffee/schedule")).json()["last_run_at"] == found["created_at"]
    assert (await desk.asks("POST", f"{path}/rollback", json={"reason": "x"})).status_code == 409
    missing = f"{path}/groups/99/notified"
    assert (await desk.asks("POST", missing, json={"channel": "telegram"})).status_code == 404
    assert (await desk.asks("POST", url, json={"channel": "pigeon"})).status_code == 422
    assert (await desk.asks("GET", "/coffee/rounds/9")).status_code == 404
    assert (await desk.asks("GET", "/coffee/history?weeks=105")).status_code == 422


async def test_a_round_is_taken_back_while_nobody_knows(desk: Desk):
    await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE | {"cooldown_minutes": 60})
    two = [await desk.joins(f"D{n}", f"{n}", **DRINKER) for n in range(2)]
    made = (await round_of(desk, two)).json()
    path = f"/coffee/rounds/{made['id']}"
    assert (await desk.asks("POST", f"{path}/rollback", json={})).status_code == 422
    assert (await round_of(desk, two)).status_code == 409
    back = (await desk.asks("POST", f"{path}/rollback", json={"reason": "Ошибка"})).json()
    assert back["status"] == "rolled_back"
    assert (await desk.asks("POST", f"{path}/rollback", json={"reason": "x"})).status_code == 409
    url = f"{path}/groups/{made['groups'][0]['id']}/notified"
    assert (await desk.asks("POST", url, json={"channel": "telegram"})).status_code == 409
    assert (await desk.asks("GET", "/coffee/history")).json() == {"groups": []}
    assert (await desk.asks("GET", "/coffee/schedule")).json()["last_run_at"] is None
    assert (await round_of(desk, two)).status_code == 201
    assert (await desk.asks("POST", "/coffee/rounds/9/rollback", json={"reason": "x"})).status_code == 404


async def test_what_is_no_round(desk: Desk):
    await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE | {"cooldown_minutes": 60})
    ids = [await desk.joins(f"D{n}", f"{n}", **DRINKER) for n in range(4)]
    idle = await desk.joins("Idle", "9")
    for groups, more in (
        ([ids[:1]], {}), ([ids], {}), ([], {}), ([ids[:2]], {"seed": -1}), ([ids[:2]], {"planned_for": "soon"}),
    ):  # fmt: skip
        assert (await round_of(desk, *groups, **more)).status_code == 422
    twice = await round_of(desk, ids[:2], ids[1:3])
    assert (twice.status_code, twice.json()["detail"]) == (409, f"More than once in the round: {ids[1]}")
    assert (await round_of(desk, ids[:2], skipped=ids[:1])).status_code == 409
    strange = await round_of(desk, [ids[0], idle], planned_for="2030-05-09")
    assert strange.json()["detail"] == f"Not candidates on 2030-05-09: {idle}"
    first = (await round_of(desk, ids[:2])).json()
    soon = await round_of(desk, ids[2:])
    assert (soon.status_code, soon.json()["detail"]) == (
        409,
        f"Round {first['id']} is less than 60 minutes old",
    )


async def test_feedback(desk: Desk):
    await desk.asks("PUT", "/coffee/schedule", json=SCHEDULE)
    ids = [await desk.joins(f"D{n}", f"{n}", **DRINKER) for n in range(3)]
    made = (await round_of(desk, ids[:2])).json()
    path = f"/coffee/groups/{made['groups'][0]['id']}/feedback"
    assert (await desk.says("POST", path, sender="0", json={"met": True, "rating": 6})).status_code == 422
    assert (await desk.says("POST", path, sender="0", json={})).status_code == 422
    assert (await desk.says("POST", path, sender="2", json={"met": True})).status_code == 404
    assert (await desk.says("POST", path, sender="9", json={"met": True})).status_code == 404
    said = await desk.says("POST", path, sender="0", json={"met": True, "rating": 4, "note": "Жақсы"})
    assert said.status_code == 204
    assert (await desk.says("POST", path, sender="0", json={"met": False})).status_code == 409
    assert (await desk.says("POST", path, sender="1", json={"met": False, "rating": 5})).status_code == 204
    found = (await desk.asks("GET", f"/coffee/rounds/{made['id']}")).json()["groups"][0]
    assert found["feedback"] == {"met": True, "rating": 4.5, "answers": 2}
    mine = (await desk.says("GET", "/me/data", sender="0")).json()["meetings"][0]
    assert (mine["with_ids"], mine["met"], mine["rating"], mine["note"]) == ([ids[1]], True, 4, "Жақсы")


# --- the demo data ----------------------------------------------------------------------------------------


async def test_the_demo_has_what_it_promises(seeded: CrmServer):
    members = seeded.rows(MemberRow)
    assert len(members) == 400
    assert set(Counter(one["status"] for one in members)) == {
        "approved", "pending", "incomplete", "rejected", "blocked",
    }  # fmt: skip
    roles = Counter(one["mentorship_role"] for one in members if one["status"] == "approved")
    assert (roles["mentor"], roles["mentee"]) == (60, 90)
    assert {one["language"] for one in members} == {"kk", "ru", "en"}
    for name in ("email", "nickname", "segment", "level", "affiliation", "about", "city", "telegram_user_id"):
        assert 0 < sum(one[name] is None for one in members) < 400, name
    rounds = seeded.rows(RoundRow)
    assert len(rounds) == 52
    assert rounds[-1]["created_at"] - rounds[0]["created_at"] == timedelta(weeks=51)
    assert all(one["created_at"].weekday() == 0 for one in rounds)
    groups = seeded.rows(GroupRow)
    assert {len(one["member_ids"]) for one in groups} == {2, 3}
    for one in rounds:
        ids = [member for group in groups if group["round_id"] == one["id"] for member in group["member_ids"]]
        assert len(ids) == len(set(ids))
    active = [one for one in seeded.rows(PairRow) if one["status"] == "active"]
    assert len({one["mentee_id"] for one in active}) == len(active)
    room = {one["id"]: one["mentorship_capacity"] for one in members}
    assert all(count <= room[mentor] for mentor, count in Counter(one["mentor_id"] for one in active).items())


async def test_the_demo_is_due_for_coffee_today(seeded: CrmServer):
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        desk = Desk(seeded, client)
        found = (await desk.asks("GET", f"/coffee/candidates?on={date.today()}")).json()
        assert found["total"] > 100
        groups = [[one["id"] for one in found["items"][:2]]]
        made = await desk.asks("POST", "/coffee/rounds", json={"groups": groups})
        assert made.status_code == 201
