"""volunteers: what the recordings show once or not at all, and the demo data."""

from collections import Counter
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.notifications import Notification
from sandbox.crm.groups.volunteers import tables
from sandbox.crm.groups.volunteers.fixed import STATUSES
from sandbox.crm.store import Base, utc_now

ADMIN = "/api/v2/admin/volunteer"
PUBLIC = "/api/v2/volunteer"


def signed(crm: CrmServer, login: str = "volunteer_admin") -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


def add(crm: CrmServer, row: Base) -> None:
    with crm.room.db.session() as session:
        session.add(row)


def volunteer(crm: CrmServer, balance: int | None = 0) -> None:
    add(crm, tables.Volunteer(id=1, user_id=5, full_name="a"))
    if balance is not None:
        add(crm, tables.VolunteerBalance(volunteer_id=1, balance=balance))


def balance_of(crm: CrmServer) -> tuple[int, int]:
    (row,) = crm.rows(tables.VolunteerBalance)
    return row["balance"], row["total_earned"]


async def event(crm: CrmServer, client: httpx.AsyncClient, **fields: Any) -> int:
    body = {"title": "x", "event_date": "2030-01-01T10:00:00+05:00"} | fields
    answer = await client.post(f"{ADMIN}/events", json=body, headers=signed(crm))
    assert answer.status_code == 200
    return int(answer.json()["event_id"])


async def test_attendance_pays_every_time_and_takes_nothing_back(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    volunteer(crm)
    add(crm, tables.VolunteerApplication(volunteer_id=1, event_id=await event(crm, client)))
    levels = []
    for attended in (True, True, False, False, False, False, True):
        answer = await client.patch(
            f"{ADMIN}/applications/1/attendance", params={"attended": attended}, headers=signed(crm)
        )
        levels.append(answer.json()["warning_level"])
    assert levels == ["green", "green", "yellow", "orange", "red", "red", "green"]
    assert balance_of(crm) == (30, 30)


async def test_attendance_without_a_balance_changes_nothing(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    volunteer(crm, balance=None)
    add(crm, tables.VolunteerApplication(volunteer_id=1, event_id=await event(crm, client)))
    path = f"{ADMIN}/applications/1/attendance?attended=true"
    assert (await client.patch(path, headers=signed(crm))).status_code == 500
    assert not crm.rows(tables.VolunteerApplication)[0]["attended"]


async def test_decisions_are_told_and_repeat(crm: CrmServer, client: httpx.AsyncClient) -> None:
    volunteer(crm)
    add(crm, tables.VolunteerApplication(volunteer_id=1, event_id=1))
    for verdict in ("approve", "reject?reason=себеп", "approve"):
        answer = await client.post(f"{ADMIN}/applications/1/{verdict}", headers=signed(crm))
        assert answer.status_code == 200
    told = crm.rows(Notification)
    assert [row["admin_comment"] for row in told] == [None, "себеп", None]
    assert {row["user_id"] for row in told} == {5}


async def test_coins_may_go_below_nothing_only_by_hand(crm: CrmServer, client: httpx.AsyncClient) -> None:
    volunteer(crm, balance=10)
    path = f"{ADMIN}/volunteers/1"
    query = {"amount": 11, "reason": "x", "type": "deduct"}
    assert (await client.post(f"{path}/coins", params=query, headers=signed(crm))).status_code == 400
    assert (await client.put(path, params={"v_coins_balance": -5}, headers=signed(crm))).status_code == 200
    assert balance_of(crm) == (-5, 0)


async def test_cancelling_gives_back_each_time(crm: CrmServer, client: httpx.AsyncClient) -> None:
    volunteer(crm)
    benefit = {"title": "x", "description": "x", "v_coins_cost": 7, "stock_limit": 3}
    await client.post(f"{ADMIN}/benefits", json=benefit, headers=signed(crm))
    add(crm, tables.Purchase(volunteer_id=1, benefit_id=1, cost=7))
    for _ in range(2):
        await client.post(f"{ADMIN}/purchases/1/cancel", json={"reason": "x"}, headers=signed(crm))
    assert balance_of(crm) == (14, 0)
    assert crm.rows(tables.Benefit)[0]["stock_available"] == 5
    path = f"{ADMIN}/purchases/1/complete"
    assert (await client.post(path, headers=signed(crm))).status_code == 400
    assert (await client.patch(path, headers=signed(crm))).status_code == 200


async def test_benefit_update_resets_what_is_left_out(crm: CrmServer, client: httpx.AsyncClient) -> None:
    full = {"title": "x", "description": "x", "v_coins_cost": 7, "category": "c", "stock_limit": 3}
    await client.post(f"{ADMIN}/benefits", json=full, headers=signed(crm))
    await client.delete(f"{ADMIN}/benefits/1", headers=signed(crm))
    short = {"title": "y", "description": "y", "v_coins_cost": 8}
    await client.put(f"{ADMIN}/benefits/1", json=short, headers=signed(crm))
    (row,) = (await client.get(f"{ADMIN}/benefits", headers=signed(crm))).json()["benefits"]
    assert (row["category"], row["stock_limit"], row["stock_available"]) == (None, None, 3)
    assert not row["is_active"]


async def test_events_keep_what_is_left_out_and_never_come_back(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    number = await event(crm, client, location="Орталық")
    body = {"title": "y", "event_date": "2031-01-01"}
    await client.put(f"{ADMIN}/events/{number}", json=body, headers=signed(crm))
    (shown,) = (await client.get(f"{PUBLIC}/events", params={"location": "орталық"})).json()["events"]
    assert (shown["title"], shown["event_date"]) == ("y", "2031-01-01T00:00:00")
    assert "whatsapp_group_link" not in shown
    for _ in range(2):
        deleted = await client.delete(f"{ADMIN}/events/{number}", headers=signed(crm))
        assert deleted.status_code == 200
    assert (await client.get(f"{PUBLIC}/events")).json() == {"total": 0, "events": []}


async def test_offset_becomes_utc(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await event(crm, client)
    (shown,) = (await client.get(f"{PUBLIC}/events")).json()["events"]
    assert shown["event_date"] == "2030-01-01T05:00:00"


async def test_totals_are_the_length_of_the_page(seeded: CrmServer) -> None:
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        for path in ("volunteers", "applications", "benefits", "task-reports"):
            url = f"{ADMIN}/{path}?skip=3&limit=5"
            assert (await client.get(url, headers=signed(seeded))).json()["total"] == 5
        true_total = (await client.get(f"{PUBLIC}/events?limit=1")).json()
        assert true_total["total"] > len(true_total["events"]) == 1


async def test_reports_of_an_event_come_in_short_pages(crm: CrmServer, client: httpx.AsyncClient) -> None:
    volunteer(crm)
    for number in (1, 2):
        add(crm, tables.VolunteerTask(id=number, event_id=await event(crm, client), title="x"))
        add(crm, tables.TaskReport(volunteer_id=1, task_id=number, created_at=utc_now()))
    page = (await client.get(f"{ADMIN}/task-reports?event_id=1&limit=1", headers=signed(crm))).json()
    assert page == {"reports": [], "total": 0}


@pytest.mark.parametrize("path", ["volunteers", "applications", "benefits", "purchases", "task-reports"])
async def test_negative_windows_break(crm: CrmServer, client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{ADMIN}/{path}?limit=-1", headers=signed(crm))
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


async def test_reset_makes_new_rows(crm: CrmServer, client: httpx.AsyncClient) -> None:
    path = f"{ADMIN}/status-requirements"
    for first in (1, 5):
        rows = (await client.get(path, headers=signed(crm))).json()["status_requirements"]
        assert [row["id"] for row in rows] == list(range(first, first + 4))
        assert [row["v_coins_required"] for row in rows] == [0, 150, 200, 300]
        await client.post(f"{path}/reset-defaults", headers=signed(crm))


async def test_demo_data_are_varied(seeded: CrmServer) -> None:
    people = seeded.rows(tables.Volunteer)
    assert len(people) == 150
    assert {row["volunteer_status"] for row in people} == set(STATUSES)
    assert len(seeded.rows(tables.VolunteerBalance)) < 150
    states: dict[type[Base], tuple[str, set[str]]] = {
        tables.VolunteerEvent: ("status", {"upcoming", "ongoing", "completed", "cancelled"}),
        tables.VolunteerApplication: ("status", {"pending", "approved", "rejected", "cancelled"}),
        tables.TaskReport: ("report_status", {"not_submitted", "pending", "approved", "rejected"}),
        tables.Purchase: ("status", {"pending", "approved", "completed", "cancelled"}),
        tables.PromotionRequest: ("status", {"pending", "approved", "rejected"}),
    }
    for table, (column, expected) in states.items():
        assert set(Counter(row[column] for row in seeded.rows(table))) == expected
    crowd = Counter(row["event_id"] for row in seeded.rows(tables.VolunteerApplication))
    assert crowd[1] >= 60
