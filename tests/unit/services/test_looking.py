"""Looking on as another role: each of its refusals holds without the others."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.client import Backend
from api.context import is_reading_only, reading_only
from api.errors import Explained
from models.access import Module, Need, Permission, Principal, Role
from services import policy
from services.looking import ROLES, Look, LookingCaller

SUPER = Principal(1, 7, Role.SUPER_ADMIN, "Ада")


def test_a_look_comes_back_as_it_was_kept() -> None:
    for role in ROLES:
        look = Look(role, 1_800_000_000.0)
        assert Look.read(look.pack()) == look
    assert Role.SUPER_ADMIN not in ROLES


@given(st.text() | st.builds("{}:{}".format, st.sampled_from(list(Role)), st.text()))
def test_nothing_else_is_a_look(text: str) -> None:
    found = Look.read(text)
    assert found is None or (found.role in ROLES and text.startswith(found.role))


def test_the_principal_is_that_role_and_marked() -> None:
    seen = Look(Role.NPO, 0.0).over(SUPER)
    assert (seen.role, seen.looking, seen.admin_id, seen.name) == (Role.NPO, True, 7, "Ада")


@pytest.mark.parametrize("permission", list(Permission))
def test_the_gate_to_data_serves_reads_alone_whatever_they_ask_for(permission: Permission) -> None:
    seen = Look(Role.ADMINISTRATOR, 0.0).over(SUPER)
    need = Need(permission, Module.EVENTS)
    assert policy.allows(seen, need), "its button is drawn"
    policy.require(seen, need)
    policy.require_write(SUPER, need)
    with pytest.raises(policy.LookingOnly):
        policy.require_write(seen, need)


async def test_a_looking_caller_has_the_token_and_the_other_role() -> None:
    class Behind:
        principal = SUPER
        token = "mine"

        async def renew(self, spent: str) -> str:
            return f"after {spent}"

    caller = LookingCaller(Behind(), Look(Role.MSB, 0.0).over(SUPER))
    assert (caller.token, caller.principal.role, await caller.renew("mine")) == (
        "mine",
        Role.MSB,
        "after mine",
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_the_client_sends_no_write_whoever_calls(method: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    backend = Backend("http://crm.test", transport=httpx.MockTransport(answer))
    with reading_only():
        assert is_reading_only()
        with pytest.raises(Explained, match=r"look\.blocked"):
            await backend.call(method, "/api/v2/events/admin/1", group="events")
        await backend.call("GET", "/api/v2/events/admin/1", group="events")
        await backend.call(method, "/restore", group="auth", as_bot=True)
    assert not is_reading_only()
    await backend.call(method, "/api/v2/events/admin/1", group="events")
    assert [one.method for one in asked] == ["GET", method, method]
