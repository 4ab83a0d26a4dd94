"""Members of the community: every operation and every code of docs/community-api.md."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.crm import CrmServer
from tests.unit.sandbox.crm.communing import DRINKER, MENTEE, MENTOR, Desk


@pytest.fixture
def desk(crm: CrmServer, client: httpx.AsyncClient) -> Desk:
    return Desk(crm, client)


# --- reading ----------------------------------------------------------------------------------------------


async def test_a_member_is_answered_whole(desk: Desk):
    member_id = await desk.joins("Айгерім Сапар", "501", email="a@example.com", **MENTOR)
    found = await desk.member(member_id)
    assert found["full_name"] == "Айгерім Сапар"
    assert found["coffee"] == {"enabled": False, "frequency": "weekly", "paused_until": None}
    assert found["mentorship"] == MENTOR["mentorship"]
    assert found["notify"] == {"announcements": True, "events": True, "matches": True}
    assert (found["status"], found["telegram_user_id"], found["language"]) == ("approved", "501", "ru")
    assert found["decided_by"] == desk.crm.admin_id("administrator")
    assert found["created_at"].endswith("Z")


async def test_an_unknown_member_is_404(desk: Desk):
    assert (await desk.asks("GET", "/members/7")).status_code == 404
    assert (await desk.asks("GET", "/members/seven")).status_code == 422


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["C Mentee", "B Mentor", "A Drinker"]),
        ("?sort=created_at", ["A Drinker", "B Mentor", "C Mentee"]),
        ("?sort=full_name", ["A Drinker", "B Mentor", "C Mentee"]),
        ("?status=pending", ["C Mentee"]),
        ("?segment=student", ["A Drinker"]),
        ("?level=senior", ["B Mentor"]),
        ("?city=Астана", ["C Mentee"]),
        ("?mentorship_role=mentor", ["B Mentor"]),
        ("?coffee=true", ["A Drinker"]),
        ("?coffee=false&sort=full_name", ["B Mentor", "C Mentee"]),
        ("?q=DRINK", ["A Drinker"]),
        ("?q=nick_b", ["B Mentor"]),
        ("?q=c@example", ["C Mentee"]),
        ("?q=акимат", ["A Drinker"]),
        ("?skip=1&limit=1", ["B Mentor"]),
        ("?skip=9", []),
    ],
)
async def test_members_are_narrowed_ordered_and_paged(desk: Desk, query: str, names: list[str]):
    await desk.joins("A Drinker", "1", segment="student", affiliation="Акимат", **DRINKER)
    await desk.joins("B Mentor", "2", level="senior", nickname="nick_b", **MENTOR)
    await desk.joins("C Mentee", "3", city="Астана", email="c@example.com", status="pending", **MENTEE)
    assert await desk.names(f"/members{query}") == names


async def test_the_total_counts_all_that_are_meant(desk: Desk):
    for number in range(3):
        await desk.joins(f"Member {number}", str(number), status="pending")
    assert (await desk.asks("GET", "/members?limit=1")).json()["total"] == 3
    assert (await desk.asks("GET", "/members?status=approved")).json() == {"items": [], "total": 0}


@pytest.mark.parametrize("query", ["status=new", "sort=age", "skip=-1", "limit=0", "limit=101", "coffee=x"])
async def test_wrong_parameters_are_422(desk: Desk, query: str):
    assert (await desk.asks("GET", f"/members?{query}")).status_code == 422


# --- changing ---------------------------------------------------------------------------------------------


async def test_a_change_is_partial_also_inside_the_groups(desk: Desk):
    member_id = await desk.joins("Member", "1", **MENTOR)
    before = await desk.member(member_id)
    body = {"city": "Астана", "mentorship": {"capacity": 3}, "notify": {"events": False}}
    changed = (await desk.asks("PATCH", f"/members/{member_id}", json=body)).json()
    assert changed["city"] == "Астана"
    assert changed["mentorship"] == before["mentorship"] | {"capacity": 3}
    assert changed["notify"] == before["notify"] | {"events": False}
    assert changed["version"] == before["version"] + 1
    assert changed["full_name"] == "Member"


async def test_a_change_of_another_version_is_412(desk: Desk):
    member_id = await desk.joins("Member", "1")
    version = (await desk.member(member_id))["version"]
    path, body = f"/members/{member_id}", {"city": "Астана"}
    assert (await desk.asks("PATCH", path, json=body, If_Match=str(version))).status_code == 200
    refused = await desk.asks("PATCH", path, json={"city": "Алматы"}, If_Match=str(version))
    assert refused.status_code == 412
    assert (await desk.member(member_id))["city"] == "Астана"
    assert (await desk.asks("PATCH", path, json=body, If_Match=f'"{version + 1}"')).status_code == 200
    assert (await desk.asks("PATCH", path, json=body, If_Match="*")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"full_name": None},
        {"full_name": " "},
        {"email": "nobody"},
        {"language": "de"},
        {"status": "approved"},
        {"mentorship": {"capacity": -1}},
        {"coffee": {"frequency": "daily"}},
        {"nonsense": 1},
    ],
)
async def test_what_cannot_be_is_422(desk: Desk, body: dict[str, Any]):
    member_id = await desk.joins("Member", "1")
    assert (await desk.asks("PATCH", f"/members/{member_id}", json=body)).status_code == 422


async def test_a_change_that_contradicts_others_is_409(desk: Desk):
    mentor, mentee = (
        await desk.joins("A", "1", nickname="Aida", **MENTOR),
        await desk.joins("B", "2", **MENTEE),
    )
    taken = await desk.asks("PATCH", f"/members/{mentee}", json={"nickname": "AIDA"})
    assert (taken.status_code, taken.json()["detail"]) == (409, "Nickname is taken")
    assert (await desk.asks("PATCH", f"/members/{mentor}", json={"nickname": "AIDA"})).status_code == 200
    await desk.asks("POST", "/mentorship/pairs", json={"mentor_id": mentor, "mentee_id": mentee})
    leaves = await desk.asks("PATCH", f"/members/{mentee}", json={"mentorship": {"role": "none"}})
    assert leaves.status_code == 409
    assert (await desk.asks("PATCH", "/members/99", json={})).status_code == 404


# --- deciding ---------------------------------------------------------------------------------------------


async def test_approve_once(desk: Desk):
    member_id = await desk.joins("Member", "1", status="pending")
    approved = (await desk.asks("POST", f"/members/{member_id}/approve", by="super_admin")).json()
    assert approved["status"] == "approved"
    again = await desk.asks("POST", f"/members/{member_id}/approve")
    assert again.status_code == 409
    detail = again.json()["detail"]
    assert detail["decided_by"] == desk.crm.admin_id("super_admin")
    assert detail["decided_by_name"] == desk.crm.admin("super_admin").name
    assert datetime.fromisoformat(detail["decided_at"]).tzinfo == UTC
    assert (await desk.asks("POST", "/members/99/approve")).status_code == 404


async def test_reject_with_a_reason_and_register_anew(desk: Desk):
    member_id = await desk.joins("Member", "1", status="pending")
    path = f"/members/{member_id}/reject"
    assert (await desk.asks("POST", path, json={"reason": " "})).status_code == 422
    assert (await desk.asks("POST", path, json={})).status_code == 422
    rejected = (await desk.asks("POST", path, json={"reason": "Имя неполное"})).json()
    assert (rejected["status"], rejected["reject_reason"]) == ("rejected", "Имя неполное")
    assert (await desk.asks("POST", path, json={"reason": "x"})).status_code == 409
    assert (await desk.asks("POST", f"/members/{member_id}/approve")).status_code == 409
    assert (
        await desk.says("PUT", "/me/registration", sender="1", json={"city": "Астана"})
    ).status_code == 200
    again = (await desk.says("POST", "/me/registration/submit", sender="1")).json()
    assert (again["status"], again["reject_reason"], again["decided_by"]) == ("pending", None, None)
    assert (await desk.asks("POST", f"/members/{member_id}/approve")).status_code == 200


async def test_an_unsubmitted_registration_is_not_decided(desk: Desk):
    member_id = await desk.joins("Member", "1", status="incomplete")
    assert (await desk.asks("POST", f"/members/{member_id}/approve")).status_code == 409
    assert (await desk.asks("POST", f"/members/{member_id}/reject", json={"reason": "x"})).status_code == 409


async def test_block_and_unblock_lead_back(desk: Desk):
    member_id = await desk.joins("Member", "1")
    path = f"/members/{member_id}"
    assert (await desk.asks("POST", f"{path}/unblock")).status_code == 409
    assert (await desk.asks("POST", f"{path}/block", json={})).status_code == 422
    blocked = (await desk.asks("POST", f"{path}/block", json={"reason": "Спам"})).json()
    assert (blocked["status"], blocked["reject_reason"]) == ("blocked", "Спам")
    assert (await desk.asks("POST", f"{path}/block", json={"reason": "x"})).status_code == 409
    back = (await desk.asks("POST", f"{path}/unblock")).json()
    assert (back["status"], back["reject_reason"]) == ("approved", None)
    assert (await desk.asks("POST", "/members/99/block", json={"reason": "x"})).status_code == 404
    assert (await desk.asks("POST", "/members/99/unblock")).status_code == 404


async def test_erasing_leaves_nothing_personal_and_keeps_the_counters(desk: Desk):
    mentor = await desk.joins("Secret Name", "777", email="secret@example.com", about="secret", **MENTOR)
    mentee = await desk.joins("B", "2", **MENTEE)
    pair = (
        await desk.asks("POST", "/mentorship/pairs", json={"mentor_id": mentor, "mentee_id": mentee})
    ).json()
    assert (await desk.asks("DELETE", f"/members/{mentor}")).status_code == 204
    assert (await desk.asks("GET", f"/members/{mentor}")).status_code == 404
    assert (await desk.asks("DELETE", f"/members/{mentor}")).status_code == 404
    assert await desk.names("/members") == ["B"]
    ended = (await desk.asks("GET", f"/mentorship/pairs?mentor_id={mentor}")).json()["items"][0]
    assert (ended["id"], ended["status"], ended["end_reason"]) == (pair["id"], "ended", "member erased")
    everything = ended["mentor"] | (await desk.asks("GET", "/members/stats")).json()
    assert "secret" not in repr(everything).casefold()
    assert "777" not in repr(ended)
    stats = (await desk.asks("GET", "/members/stats?period=7d")).json()
    assert stats["by_status"] == {"approved": 1}
    assert sum(day["started"] for day in stats["registrations"]) == 2
    assert (await desk.says("GET", "/me", sender="777")).status_code == 404


# --- counting ---------------------------------------------------------------------------------------------


async def test_statistics(desk: Desk):
    await desk.joins("A", "1", segment="student", city="Астана")
    await desk.joins("B", "2", status="pending", segment="student", level="senior")
    await desk.joins("C", "3", status="incomplete")
    stats = (await desk.asks("GET", "/members/stats?period=7d")).json()
    assert stats["by_status"] == {"approved": 1, "pending": 1, "incomplete": 1}
    assert stats["by_segment"] == {"student": 2, "": 1}
    assert stats["by_level"] == {"": 2, "senior": 1}
    assert stats["by_city"] == {"Астана": 1, "": 2}
    assert len(stats["registrations"]) == 7
    today = stats["registrations"][-1]
    assert {name: today[name] for name in ("started", "submitted", "approved")} == {
        "started": 3, "submitted": 2, "approved": 1,
    }  # fmt: skip
    name, submitted = stats["funnel"]
    assert (name["step"], name["reached"], name["left"]) == ("name", 3, 1)
    assert name["median_seconds"] >= 0
    assert submitted == {"step": "submitted", "reached": 2, "left": 0, "median_seconds": None}


@pytest.mark.parametrize("period", ["7d", "30d", "90d", "365d"])
async def test_every_period_has_its_days(desk: Desk, period: str):
    stats = (await desk.asks("GET", f"/members/stats?period={period}")).json()
    assert len(stats["registrations"]) == int(period[:-1])
    assert (await desk.asks("GET", "/members/stats?period=1d")).status_code == 422


# --- importing --------------------------------------------------------------------------------------------


async def bring(desk: Desk, rows: list[Any], mode: str = "upsert", **more: Any) -> dict[str, Any]:
    answer = await desk.asks("POST", "/members/import", json={"rows": rows, "mode": mode, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_import_creates_updates_and_says_what_is_wrong(desk: Desk):
    known = await desk.joins("Known", "1", email="known@example.com")
    rows = [
        {"email": "KNOWN@example.com", "city": "Астана"},
        {"full_name": "New", "telegram_user_id": "9", "status": "approved", **MENTEE},
        {"full_name": "Bad", "language": "de"},
        {"email": "nameless@example.com"},
        {"id": 99, "city": "x"},
    ]
    found = await bring(desk, rows)
    assert (found["created"], found["updated"], found["skipped"]) == (1, 1, 0)
    assert [(one["row"], one["field"]) for one in found["errors"]] == [(2, "language"), (3, ""), (4, "")]
    assert (await desk.member(known))["city"] == "Астана"
    assert await desk.names("/members?status=approved&sort=full_name") == ["Known", "New"]
    assert await desk.names("/mentorship/mentees") == ["New"]


@pytest.mark.parametrize(
    ("mode", "counts"), [("create", (1, 0, 1)), ("update", (0, 1, 1)), ("upsert", (1, 1, 0))]
)
async def test_the_mode_says_whom_an_import_touches(desk: Desk, mode: str, counts: tuple[int, int, int]):
    await desk.joins("Known", "1")
    rows = [{"telegram_user_id": "1", "full_name": "Renamed"}, {"telegram_user_id": "2", "full_name": "New"}]
    found = await bring(desk, rows, mode)
    assert (found["created"], found["updated"], found["skipped"]) == counts


async def test_a_dry_run_writes_nothing(desk: Desk):
    member_id = await desk.joins("Known", "1")
    before = await desk.member(member_id)
    rows = [{"telegram_user_id": "1", "city": "Астана"}, {"full_name": "New"}]
    found = await bring(desk, rows, dry_run=True)
    assert (found["created"], found["updated"], found["token"]) == (1, 1, None)
    assert await desk.member(member_id) == before
    assert await desk.names("/members") == ["Known"]


async def test_an_import_is_taken_back_once(desk: Desk):
    member_id = await desk.joins("Known", "1", city="Алматы", **MENTOR)
    before = await desk.member(member_id)
    rows = [
        {"id": member_id, "full_name": "Other", "coffee": {"paused_until": "2027-01-01"}},
        {"full_name": "New"},
    ]
    token = (await bring(desk, rows))["token"]
    path = f"/members/import/{token}/revert"
    assert (await desk.asks("POST", path)).json() == {"reverted": 2}
    after = await desk.member(member_id)
    assert {**after, "version": 0} == {**before, "version": 0}
    assert after["version"] > before["version"]
    assert await desk.names("/members") == ["Known"]
    assert (await desk.asks("POST", path)).status_code == 409
    assert (await desk.asks("POST", "/members/import/none/revert")).status_code == 404


async def test_an_import_is_not_taken_back_over_later_changes(desk: Desk):
    member_id = await desk.joins("Known", "1")
    token = (await bring(desk, [{"id": member_id, "city": "Астана"}]))["token"]
    await desk.asks("PATCH", f"/members/{member_id}", json={"city": "Алматы"})
    assert (await desk.asks("POST", f"/members/import/{token}/revert")).status_code == 409
    assert (await desk.member(member_id))["city"] == "Алматы"


async def test_an_import_has_bounds(desk: Desk):
    body = {"rows": [{}] * 5001, "mode": "upsert"}
    assert (await desk.asks("POST", "/members/import", json=body)).status_code == 413
    assert (await desk.asks("POST", "/members/import", json={"rows": [], "mode": "all"})).status_code == 422
    assert (await desk.asks("POST", "/members/import", json={"mode": "upsert"})).status_code == 422
