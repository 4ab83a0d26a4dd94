"""What members do with their own data, and what a repeated call is answered."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sandbox.crm import CrmServer
from tests.unit.sandbox.crm.communing import MENTEE, MENTOR, ROOT, Desk


@pytest.fixture
def desk(crm: CrmServer, client: httpx.AsyncClient) -> Desk:
    return Desk(crm, client)


OWN = (
    "GET /me", "PUT /me/registration", "POST /me/registration/submit", "PATCH /me", "GET /me/data", "DELETE /me",
)  # fmt: skip
FEEDBACK = ("POST /coffee/groups/1/feedback",)


# --- the member's own -------------------------------------------------------------------------------------


async def test_a_registration_goes_step_by_step(desk: Desk):
    assert (await desk.says("GET", "/me")).status_code == 404
    assert (await desk.says("POST", "/me/registration/submit")).status_code == 404
    begun = (await desk.says("PUT", "/me/registration", json={"step": "consent"})).json()
    assert (begun["status"], begun["registration_step"], begun["full_name"]) == ("incomplete", "consent", "")
    early = await desk.says("POST", "/me/registration/submit")
    assert early.status_code == 422
    assert [one["loc"] for one in early.json()["detail"]] == [
        ["body", "full_name"],
        ["body", "consent_version"],
    ]
    step = {"step": "name", "full_name": "Әсел", "consent_version": "2026-01", "language": "kk"}
    assert (await desk.says("PUT", "/me/registration", json=step)).json()["id"] == begun["id"]
    done = (await desk.says("POST", "/me/registration/submit")).json()
    assert (done["status"], done["registration_step"]) == ("pending", "submitted")
    assert done["submitted_at"] is not None
    assert (await desk.says("PUT", "/me/registration", json=step)).status_code == 409
    assert (await desk.says("POST", "/me/registration/submit")).status_code == 409
    assert (await desk.says("PUT", "/me/registration", json={"step": ""})).status_code == 422


async def test_a_member_changes_what_is_theirs(desk: Desk):
    member_id = await desk.joins("Әсел", "501")
    before = (await desk.says("GET", "/me")).json()
    assert before["id"] == member_id
    changed = await desk.says("PATCH", "/me", json={"channel": "email"}, If_Match=str(before["version"]))
    assert changed.json()["channel"] == "email"
    late = await desk.says("PATCH", "/me", json={"channel": "both"}, If_Match=str(before["version"]))
    assert late.status_code == 412
    assert (await desk.says("PATCH", "/me", json={"status": "approved"})).status_code == 422
    assert (await desk.says("PATCH", "/me", sender="9", json={})).status_code == 404
    await desk.asks("POST", f"/members/{member_id}/block", json={"reason": "x"})
    assert (await desk.says("PATCH", "/me", json={"channel": "both"})).status_code == 409


async def test_a_member_sees_everything_that_is_stored(desk: Desk):
    mentor, mentee = await desk.joins("A", "1", **MENTOR), await desk.joins("B", "2", **MENTEE)
    await desk.asks("POST", "/mentorship/pairs", json={"mentor_id": mentor, "mentee_id": mentee})
    data = (await desk.says("GET", "/me/data", sender="2")).json()
    assert data["member"]["full_name"] == "B"
    assert set(data["steps"]) == {"name", "submitted"}
    assert [one["mentor"]["id"] for one in data["pairs"]] == [mentor]
    assert data["meetings"] == []
    assert (await desk.says("GET", "/me/data", sender="9")).status_code == 404


async def test_a_member_goes(desk: Desk):
    member_id = await desk.joins("Әсел", "501")
    assert (await desk.says("DELETE", "/me")).status_code == 204
    assert (await desk.says("DELETE", "/me")).status_code == 404
    assert (await desk.asks("GET", f"/members/{member_id}")).status_code == 404
    assert await desk.joins("Әсел", "501") != member_id


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Bot-Secret": "wrong", "X-Telegram-User-Id": "501"}, 403),
        ({"X-Telegram-User-Id": "501"}, 422),
        ({"X-Bot-Secret": "sandbox-bot-secret"}, 422),
        ({"X-Bot-Secret": "sandbox-bot-secret", "X-Telegram-User-Id": "me"}, 422),
    ],
)
@pytest.mark.parametrize("call", OWN)
async def test_only_the_bot_speaks_for_members(desk: Desk, call: str, headers: dict[str, str], status: int):
    await desk.joins("Әсел", "501")
    method, path = call.split()
    body: dict[str, str] | None = {} if method in ("PUT", "PATCH") else None
    answer = await desk.client.request(method, ROOT + path, headers=headers, json=body)
    assert answer.status_code == status


# --- repeated calls ---------------------------------------------------------------------------------------


async def test_the_same_key_and_body_is_the_first_answer_again(desk: Desk):
    mentor, mentee = await desk.joins("A", "1", **MENTOR), await desk.joins("B", "2", **MENTEE)
    body = {"mentor_id": mentor, "mentee_id": mentee}
    first = await desk.asks("POST", "/mentorship/pairs", json=body, Idempotency_Key="k1")
    again = await desk.asks("POST", "/mentorship/pairs", json=body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (await desk.asks("POST", "/mentorship/pairs", json=body)).status_code == 409
    assert (await desk.asks("GET", "/mentorship/pairs")).json()["total"] == 1


async def test_the_same_key_for_something_else_is_409(desk: Desk):
    member_id = await desk.joins("A", "1")
    path = f"/members/{member_id}"
    assert (await desk.asks("PATCH", path, json={"city": "x"}, Idempotency_Key="k")).status_code == 200
    assert (await desk.asks("PATCH", path, json={"city": "y"}, Idempotency_Key="k")).status_code == 409
    other = await desk.asks("POST", f"{path}/block", json={"reason": "x"}, Idempotency_Key="k")
    assert other.status_code == 409
    assert (await desk.member(member_id))["status"] == "approved"
    long = await desk.asks("PATCH", path, json={"city": "z"}, Idempotency_Key="k" * 201)
    assert long.status_code == 422


async def test_a_key_belongs_to_its_caller(desk: Desk):
    member_id = await desk.joins("A", "1")
    path = f"/members/{member_id}"
    assert (await desk.asks("PATCH", path, json={"city": "x"}, Idempotency_Key="k")).status_code == 200
    await desk.asks("PATCH", path, json={"city": "y"})
    mine = await desk.asks("PATCH", path, json={"city": "x"}, by="super_admin", Idempotency_Key="k")
    assert mine.json()["city"] == "x"
    assert (
        await desk.asks("PATCH", path, json={"city": "x"}, by="npo", Idempotency_Key="k")
    ).status_code == 403
    nobody = await desk.client.patch(ROOT + path, json={"city": "x"}, headers={"Idempotency-Key": "k"})
    assert nobody.status_code == 403


async def test_a_refusal_is_not_kept(desk: Desk):
    mentor, mentee = await desk.joins("A", "1", **MENTOR), await desk.joins("B", "2", **MENTEE)
    other = await desk.joins("C", "3", **MENTEE)
    busy = (
        await desk.asks("POST", "/mentorship/pairs", json={"mentor_id": mentor, "mentee_id": other})
    ).json()
    body = {"mentor_id": mentor, "mentee_id": mentee}
    assert (await desk.asks("POST", "/mentorship/pairs", json=body, Idempotency_Key="k")).status_code == 409
    await desk.asks("POST", f"/mentorship/pairs/{busy['id']}/end", json={"reason": "x"})
    assert (await desk.asks("POST", "/mentorship/pairs", json=body, Idempotency_Key="k")).status_code == 201


async def test_an_empty_answer_is_repeated_too(desk: Desk):
    member_id = await desk.joins("A", "1")
    for _ in range(2):
        gone = await desk.asks("DELETE", f"/members/{member_id}", Idempotency_Key="k")
        assert (gone.status_code, gone.content) == (204, b"")
    assert (await desk.asks("DELETE", f"/members/{member_id}")).status_code == 404


async def test_members_have_keys_of_their_own(desk: Desk):
    for _ in range(2):
        made = await desk.says("PUT", "/me/registration", json={"full_name": "A"}, Idempotency_Key="k")
        assert (made.status_code, made.json()["version"]) == (200, 1)
    other = await desk.says(
        "PUT", "/me/registration", sender="7", json={"full_name": "A"}, Idempotency_Key="k"
    )
    assert other.json()["id"] != made.json()["id"]


async def test_at_the_same_moment_it_is_done_once(desk: Desk):
    a, b = await desk.joins("A", "1"), await desk.joins("B", "2")
    calls = (
        desk.asks("POST", "/matching/bars", json={"a_id": a, "b_id": b}, Idempotency_Key="k")
        for _ in range(8)
    )
    statuses = {answer.status_code for answer in await asyncio.gather(*calls)}
    assert 201 in statuses <= {201, 409}
    assert (await desk.asks("GET", "/matching/bars")).json()["total"] == 1


# --- rights, and the switch -------------------------------------------------------------------------------

READS = (
    "GET /members", "GET /members/1", "GET /members/stats", "GET /mentorship/mentors", "GET /mentorship/mentees",
    "GET /mentorship/pairs", "GET /matching/bars", "GET /coffee/schedule", "GET /coffee/candidates",
    "GET /coffee/history", "GET /coffee/rounds", "GET /coffee/rounds/1",
)  # fmt: skip
WRITES = (
    "PATCH /members/1", "POST /members/1/approve", "POST /members/1/reject", "POST /members/1/block",
    "POST /members/1/unblock", "DELETE /members/1", "POST /members/import", "POST /members/import/x/revert",
    "POST /mentorship/pairs", "POST /mentorship/pairs/1/end", "POST /mentorship/pairs/1/notified",
    "POST /matching/bars", "DELETE /matching/bars/1", "PUT /coffee/schedule", "POST /coffee/rounds",
    "POST /coffee/rounds/1/groups/1/notified", "POST /coffee/rounds/1/rollback",
)  # fmt: skip


@pytest.mark.parametrize(
    "role", ["government", "administrator", "super_admin", "npo", "msb", "volunteer_admin", "client"]
)
async def test_rights(desk: Desk, role: str):
    for calls, allowed in (
        (READS, ("government", "administrator", "super_admin")),
        (WRITES, ("administrator", "super_admin")),
    ):
        for call in calls:
            method, path = call.split()
            answer = await desk.asks(method, path, by=role)
            assert (answer.status_code == 403) == (role not in allowed), call
            if answer.status_code == 403:
                assert "'community'" in answer.json()["detail"]


async def test_without_a_token_nothing_is_told(desk: Desk):
    for call in (*READS, *WRITES):
        method, path = call.split()
        assert (await desk.client.request(method, ROOT + path)).status_code == 403, call


async def test_every_operation_was_called_here(desk: Desk):
    paths = (await desk.client.get("/openapi.json")).json()["paths"]
    served = {f"{method} {path}" for path, methods in paths.items() if ROOT in path for method in methods}
    assert len(served) == len(READS + WRITES + OWN + FEEDBACK)


async def test_the_extension_can_be_left_out():
    async with CrmServer(community=False) as crm, httpx.AsyncClient(base_url=crm.url) as client:
        assert not [path for path in (await client.get("/openapi.json")).json()["paths"] if ROOT in path]
        token = {"Authorization": f"Bearer {crm.token('administrator')}"}
        assert (await client.get(f"{ROOT}/members", headers=token)).status_code == 405
