"""Sessions as others see them, and their end."""

from __future__ import annotations

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from redis.asyncio import Redis, RedisCluster

from api.client import Backend
from api.errors import Forbidden
from models.access import Principal, Role
from models.auth import Login
from models.signed_in import Where
from resources.queries import ListQuery
from services import signed_in
from services.keys import IdleKey, SessionKey
from services.living import Living
from services.preferences import Ended, Preferences
from services.sessions import Sessions
from services.signed_in import SignedInAccounts
from services.vault import Vault

NOW = 1_800_000_000.0


class Bindings:
    """The backend's side, which remembers whom it unbound."""

    def __init__(self) -> None:
        self.ended: list[int] = []

    async def restore(self, telegram_user_id: int) -> Login | None:
        return None

    async def logout(self, telegram_user_id: int) -> bool:
        self.ended.append(telegram_user_id)
        return True


def login(admin_id: int) -> Login:
    return Login(access_token="jwt-secret", admin_id=admin_id, admin_name=f"Admin {admin_id}", role="npo")


def parts(redis: Any) -> tuple[Sessions, Living, Bindings]:
    bindings = Bindings()
    sessions = Sessions(redis, Vault.of([], "1:token"), bindings, clock=lambda: NOW)
    return sessions, Living(redis, sessions), bindings


async def test_the_living_are_seen_without_their_token(redis: Redis) -> None:
    sessions, living, _ = parts(redis)
    await sessions.start(101, login(7), NOW, "@ann")
    await sessions.start(102, login(8), NOW)
    found = await living.alive()
    assert {one.telegram_user_id: (one.admin_id, one.account) for one in found.values()} == {
        101: (7, "@ann"), 102: (8, ""),
    }  # fmt: skip
    assert "jwt-secret" not in str(found)


async def test_a_broken_session_hides_no_other(redis: Redis) -> None:
    sessions, living, _ = parts(redis)
    await sessions.start(101, login(7), NOW)
    await redis.set(SessionKey(103).name, "{}")
    await redis.zadd(IdleKey.name, {"103": 1})
    assert list(await living.alive()) == [101]


async def test_revoking_ends_at_once_and_owes_the_binding(redis: Redis) -> None:
    sessions, living, bindings = parts(redis)
    await sessions.start(101, login(7), NOW)
    await sessions.start(102, login(7), NOW)
    await living.revoke([101], NOW)
    assert await sessions.load(101) is None
    assert (await Preferences(redis).state(101)).ended is Ended.REVOKED
    assert [one.telegram_user_id for one in await living.of_admin(7)] == [102]
    assert await sessions.sweep(NOW) == 1
    assert bindings.ended == [101]


async def test_who_signs_in_again_keeps_the_new_session(redis: Redis) -> None:
    sessions, living, bindings = parts(redis)
    await sessions.start(101, login(7), NOW)
    await living.revoke([101], NOW)
    await sessions.start(101, login(7), NOW + 1)
    await living.settled(101)
    await sessions.sweep(NOW + 2)
    assert bindings.ended == []
    assert await sessions.load(101) is not None


async def test_only_another_session_of_the_same_admin_is_ended(redis: Redis) -> None:
    sessions, living, bindings = parts(redis)
    mine = (await sessions.start(101, login(7), NOW)).session
    await sessions.start(102, login(7), NOW)
    await sessions.start(103, login(8), NOW)
    assert not await living.end_other(mine, 103, NOW)
    assert not await living.end_other(mine, 101, NOW)
    assert not await living.end_other(mine, 999, NOW)
    assert await living.end_other(mine, 102, NOW)
    assert bindings.ended == [102]
    assert set(await living.alive()) == {101, 103}


async def test_it_works_in_a_cluster(cluster: RedisCluster) -> None:
    sessions, living, _ = parts(cluster)
    for user_id in (101, 102, 103):
        await sessions.start(user_id, login(user_id % 2), NOW)
    await living.revoke([101, 103], NOW)
    assert list(await living.alive()) == [102]


# --- together with the backend's bindings -------------------------------------------------------------------


class Boss:
    principal = Principal(101, 7, Role.ADMINISTRATOR, "Boss")
    token = "boss"

    async def renew(self, spent: str) -> str:
        return self.token


class Crm:
    """The sessions route; ``refuses`` is what DELETE answers instead of doing it."""

    def __init__(self, *user_ids: int) -> None:
        self.bound = list(user_ids)
        self.refuses = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            user_id = int(request.url.path.rpartition("/")[2])
            if self.refuses:
                return httpx.Response(self.refuses, json={"detail": "no"})
            if user_id not in self.bound:
                return httpx.Response(404, json={"detail": "Active session not found"})
            self.bound.remove(user_id)
            return httpx.Response(200, json={"message": "", "success": True})
        rows = [
            {
                "telegram_user_id": str(one), "telegram_username": None, "admin_id": 7, "admin_name": "Now",
                "admin_role": "msb", "is_active": True, "created_at": "2020-01-01T00:00:00",
                "last_activity_at": "2020-01-01T00:00:00",
            }
            for one in self.bound
        ]  # fmt: skip
        return httpx.Response(200, json={"sessions": rows, "total": len(rows)})


def accounts(redis: Redis, crm: Crm) -> tuple[SignedInAccounts, Sessions]:
    sessions, living, _ = parts(redis)
    backend = Backend("http://crm.test", transport=httpx.MockTransport(crm))
    source = SignedInAccounts(backend, timezone=ZoneInfo("UTC"))
    source.attach(living)
    return source, sessions


async def test_both_lists_are_one(redis: Redis) -> None:
    source, sessions = accounts(redis, Crm(101, 102))
    await sessions.start(101, login(7), NOW, "@boss")
    await sessions.start(103, login(8), NOW, "@bot")
    found = {one.id: one for one in (await source.page(Boss(), ListQuery())).items}
    assert {one.id: one.where for one in found.values()} == {101: Where.BOTH, 102: Where.CRM, 103: Where.BOT}
    assert (found[101].role, found[101].account, found[101].mine) == ("msb", "@boss", True)
    assert found[101].last_activity.timestamp() == NOW


@pytest.mark.parametrize("refuses", [0, 404, 500, 503])
async def test_a_session_ends_here_whatever_the_backend_manages(redis: Redis, refuses: int) -> None:
    crm = Crm(101, 102)
    source, sessions = accounts(redis, crm)
    await sessions.start(102, login(8), NOW)
    crm.refuses = refuses
    ended = await source.revoke(Boss(), 102, {})
    assert ended.where == Where.ENDED
    assert await sessions.load(102) is None
    owed = await redis.zscore(IdleKey.name, "102")
    assert (owed is None) == (refuses in (0, 404)), "what the backend did not do is owed to it"


async def test_nothing_ends_for_whom_the_backend_refuses(redis: Redis) -> None:
    crm = Crm(101, 102)
    source, sessions = accounts(redis, crm)
    await sessions.start(102, login(8), NOW)
    crm.refuses = 403
    with pytest.raises(Forbidden):
        await source.revoke(Boss(), 102, {})
    assert await sessions.load(102) is not None


async def test_many_end_together(redis: Redis) -> None:
    crm = Crm(*range(101, 131))
    source, sessions = accounts(redis, crm)
    for user_id in range(102, 131):
        await sessions.start(user_id, login(8), NOW)
    await source.end(Boss(), list(range(102, 131)))
    assert crm.bound == [101]
    assert await redis.zcard(IdleKey.name) == 0


async def test_a_backend_that_hangs_holds_nobody_s_end_up(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_in, "FIRST_WITHIN", 0.05)
    crm = Crm(101, 102, 103)
    tried: list[str] = []

    async def slow(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            tried.append(request.url.path)
            await asyncio.sleep(5)
        return crm(request)

    sessions, living, _ = parts(redis)
    source = SignedInAccounts(
        Backend("http://crm.test", transport=httpx.MockTransport(slow)), timezone=ZoneInfo("UTC")
    )
    source.attach(living)
    for user_id in (102, 103):
        await sessions.start(user_id, login(8), NOW)
    await asyncio.wait_for(source.end(Boss(), [102, 103]), 2)
    assert list(await living.alive()) == []
    assert len(tried) == 1, "the sweep tells the backend of the others"
    assert await redis.zcard(IdleKey.name) == 2
