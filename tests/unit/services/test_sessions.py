"""A session lives as long as its binding, and what ended never comes back by itself."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from redis.asyncio import Redis, RedisCluster

from api.errors import BackendError, Cause, SessionEnded, Unavailable
from models.access import Role
from models.auth import Login
from services.audit import Audit, AuditEntry
from services.drafts import Drafts, new
from services.gate import Entry, Gate, Seen
from services.journal import Journal
from services.keys import BindingsKey, IdleKey, SessionKey, UiKey
from services.login import Login as LoginService
from services.login import LoginLimits, SignedIn, Who
from services.operation_keys import OperationKeys
from services.preferences import Ended
from services.sessions import Session, Sessions
from services.vault import Vault
from tests.unit.services.forms import open_form

ADA, BOB = 101, 202
DAY = 86_400


@dataclass
class Backend:
    """The backend's bindings: who is bound to which admin, and how often it was asked."""

    bound: dict[int, tuple[int, str]] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)
    down: BackendError | None = None
    gate: asyncio.Event | None = None

    async def restore(self, telegram_user_id: int) -> Login | None:
        self.calls.append(("restore", telegram_user_id))
        if self.gate:
            await self.gate.wait()
        if self.down:
            raise self.down
        if telegram_user_id not in self.bound:
            return None
        admin_id, role = self.bound[telegram_user_id]
        return login(admin_id, role, token=f"jwt{len(self.calls)}")

    async def logout(self, telegram_user_id: int) -> bool:
        self.calls.append(("logout", telegram_user_id))
        if self.down:
            raise self.down
        return self.bound.pop(telegram_user_id, None) is not None


def login(admin_id: int = 7, role: str = "npo", token: str = "jwt0") -> Login:
    return Login(access_token=token, admin_id=admin_id, admin_name=f"Admin {admin_id}", role=role)


def unavailable() -> Unavailable:
    return Unavailable(Cause.CONNECT)


@pytest.fixture
def backend() -> Backend:
    return Backend({ADA: (7, "npo")})


@pytest.fixture
def vault() -> Vault:
    return Vault([b"k" * 32])


@pytest.fixture
def sessions(redis: Redis, vault: Vault, backend: Backend, now: float) -> Sessions:
    return Sessions(redis, vault, backend, idle_ttl=3600, clock=lambda: now)


@pytest.fixture
async def session(sessions: Sessions, now: float) -> Session:
    return (await sessions.start(ADA, login(), now)).session


class Clicks:
    """Clicks of persons, each with an update of its own."""

    def __init__(self, redis: Redis) -> None:
        self.gate = Gate(redis, Journal(redis), idle_ttl=3600)
        self.update_id = 0

    async def __call__(self, now: float, user_id: int = ADA) -> Entry:
        self.update_id += 1
        return await self.gate.enter(self.update_id, user_id, now=now)


@pytest.fixture
def click(redis: Redis) -> Clicks:
    return Clicks(redis)


async def test_a_login_is_there_with_the_next_click(sessions: Sessions, click: Clicks, now: float) -> None:
    started = await sessions.start(ADA, login(), now)
    entry = await click(now)
    assert sessions.read(ADA, entry.session) == started.session
    assert started.session.principal.role is Role.NPO
    assert entry.ui.had_session


async def test_redis_holds_the_promised_fields_and_no_token(redis: Redis, session: Session) -> None:
    raw = await redis.get("tg_session:101")
    values = json.loads(str(raw))
    promised = {
        "telegram_user_id",
        "admin_id",
        "role",
        "access_token",
        "admin_name",
        "created_at",
        "last_activity",
    }
    assert promised <= set(values)
    assert values["created_at"].endswith("+00:00")
    assert session.access_token not in str(raw)
    assert session.access_token not in repr(session)
    assert 3590 <= await redis.ttl("tg_session:101") <= 3600


async def test_a_blob_copied_to_another_person_is_no_session(
    redis: Redis, sessions: Sessions, session: Session
) -> None:
    blob = str(await redis.get(SessionKey(ADA).name))
    await redis.set(SessionKey(BOB).name, blob)
    assert await sessions.load(BOB) is None
    assert sessions.read(BOB, blob.replace("101", "202")) is None
    assert await sessions.load(ADA) == session


async def test_a_blob_that_names_another_person_is_no_session(
    redis: Redis, sessions: Sessions, vault: Vault, session: Session
) -> None:
    values = json.loads(str(await redis.get(SessionKey(ADA).name)))
    values["access_token"] = vault.seal("jwt", SessionKey(BOB).name)
    assert sessions.read(BOB, json.dumps(values)) is None


async def test_a_name_that_looks_like_an_id_ends_no_other_session(
    redis: Redis, sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    evil = Login(access_token="t", admin_id=8, admin_name=f'x", "sid": "{session.sid}"', role="npo")
    await sessions.start(ADA, evil, now)
    with pytest.raises(SessionEnded):
        await sessions.renewed(session)
    assert (await sessions.load(ADA)) is not None


@pytest.mark.parametrize("blob", [None, "", "[]", "{}", '{"access_token": 5}', '{"access_token": "v1.a.b"}'])
def test_an_unreadable_blob_is_no_session(sessions: Sessions, blob: str | None) -> None:
    assert sessions.read(ADA, blob) is None


async def test_a_check_is_good_for_a_minute(
    sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    assert await sessions.revalidate(session, now + 60, writing=True) is session
    assert backend.calls == []
    await sessions.revalidate(session, now + 61)
    assert backend.calls == [("restore", ADA)]


async def test_a_changed_role_arrives_with_the_check(
    sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    backend.bound[ADA] = (7, "super_admin")
    fresh = await sessions.revalidate(session, now + 61)
    assert fresh.principal.role is Role.SUPER_ADMIN
    assert (fresh.access_token, fresh.checked_at, fresh.created_at) == ("jwt1", now + 61, now)
    assert await sessions.load(ADA) == fresh


async def test_a_revoked_binding_ends_the_session_everywhere(
    redis: Redis, sessions: Sessions, backend: Backend, click: Clicks, session: Session, now: float
) -> None:
    epoch = (await click(now)).ui.epoch
    backend.bound.clear()
    with pytest.raises(SessionEnded):
        await sessions.revalidate(session, now + 61)
    entry = await click(now)
    assert (entry.session, entry.ui.ended) == (None, Ended.REVOKED)
    assert entry.ui.epoch != epoch
    assert not await redis.exists(IdleKey.name)
    assert await sessions.recover(ADA, entry.ui, now) is None


async def test_another_admin_s_token_is_never_taken_over(
    sessions: Sessions, backend: Backend, click: Clicks, session: Session, now: float
) -> None:
    backend.bound[ADA] = (8, "super_admin")
    with pytest.raises(SessionEnded):
        await sessions.revalidate(session, now + 61)
    assert (await click(now)).ui.ended is Ended.REPLACED


async def test_without_the_backend_reads_go_on_for_ten_minutes_and_writes_stop(
    sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    backend.down = unavailable()
    assert await sessions.revalidate(session, now + 600) is session
    with pytest.raises(Unavailable):
        await sessions.revalidate(session, now + 61, writing=True)
    with pytest.raises(Unavailable):
        await sessions.revalidate(session, now + 601)


async def test_a_check_never_revives_what_ended_meanwhile(
    redis: Redis, sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    backend.gate = asyncio.Event()
    check = asyncio.create_task(sessions.revalidate(session, now + 61))
    await asyncio.sleep(0.01)
    await redis.delete(SessionKey(ADA).name)
    backend.gate.set()
    with pytest.raises(SessionEnded):
        await check
    assert not await redis.exists(SessionKey(ADA).name)


async def test_many_calls_renew_once(sessions: Sessions, backend: Backend, session: Session) -> None:
    callers = [sessions.caller(session) for _ in range(50)]
    tokens = await asyncio.gather(*(one.renew("jwt0") for one in callers))
    assert set(tokens) == {"jwt1"}
    assert backend.calls == [("restore", ADA)]
    assert await callers[0].renew("jwt0") == "jwt1"
    assert callers[0].principal.admin_id == 7
    assert len(backend.calls) == 1


async def test_one_who_gives_up_takes_nothing_from_the_others(
    sessions: Sessions, backend: Backend, session: Session
) -> None:
    backend.gate = asyncio.Event()
    first, second = (asyncio.create_task(sessions.caller(session).renew("jwt0")) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    backend.gate.set()
    assert await second == "jwt1"
    with pytest.raises(asyncio.CancelledError):
        await first
    assert not sessions._flights


async def test_a_loss_of_redis_is_recovered_once_for_many_clicks(
    redis: Redis, sessions: Sessions, backend: Backend, click: Clicks, session: Session, now: float
) -> None:
    keys = OperationKeys(b"s" * 32)
    key = keys.draw((await click(now)).ui.epoch, ADA, "ap:ev:42", now)
    await redis.flushall()
    entry = await click(now)
    found = await asyncio.gather(*(sessions.recover(ADA, entry.ui, now) for _ in range(5)))
    assert {one.admin_id for one in found if one} == {7}
    assert backend.calls == [("restore", ADA)]
    again = await click(now)
    assert sessions.read(ADA, again.session) in found
    assert len({one.sid for one in found if one}) == 1
    assert not keys.verify(key, again.ui.epoch, ADA, "ap:ev:42", now)


async def test_a_guest_is_asked_about_once_in_ten_minutes(
    sessions: Sessions, backend: Backend, click: Clicks, now: float
) -> None:
    assert await sessions.recover(BOB, (await click(now, BOB)).ui, now) is None
    assert await sessions.recover(BOB, (await click(now + 599, BOB)).ui, now + 599) is None
    assert backend.calls == [("restore", BOB)]
    await sessions.recover(BOB, (await click(now + 600, BOB)).ui, now + 600)
    assert len(backend.calls) == 2


async def test_an_outage_is_not_remembered_as_a_guest(
    sessions: Sessions, backend: Backend, click: Clicks, now: float
) -> None:
    backend.down = unavailable()
    with pytest.raises(Unavailable):
        await sessions.recover(ADA, (await click(now)).ui, now)
    backend.down = None
    assert await sessions.recover(ADA, (await click(now)).ui, now)


async def test_an_idle_session_is_not_restored_and_its_binding_is_swept(
    redis: Redis, sessions: Sessions, backend: Backend, click: Clicks, session: Session, now: float
) -> None:
    await redis.delete(SessionKey(ADA).name)
    assert await sessions.recover(ADA, (await click(now + 3700)).ui, now) is None
    assert backend.calls == []
    assert await sessions.sweep(now + 3599) == 0
    assert await sessions.sweep(now + 3600) == 1
    assert ADA not in backend.bound
    assert await sessions.sweep(now + 9999) == 0


async def test_the_sweep_spares_a_session_that_slid_on(
    redis: Redis, sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    assert await sessions.sweep(now + 3600) == 0
    assert backend.calls == []
    assert (await redis.zscore(IdleKey.name, str(ADA)) or 0) > now + 7000


async def test_the_sweep_takes_no_more_than_its_limit(
    redis: Redis, sessions: Sessions, backend: Backend, now: float
) -> None:
    await redis.zadd(IdleKey.name, {str(user_id): now for user_id in range(5)})
    assert await sessions.sweep(now, limit=2) == 2


async def test_sessions_are_counted(sessions: Sessions, session: Session, now: float) -> None:
    await sessions.start(BOB, login(), now)
    assert await sessions.count() == 2
    await sessions.logout(BOB, now)
    assert await sessions.count() == 1


async def test_logout_ends_everything_but_the_drafts(
    redis: Redis, sessions: Sessions, backend: Backend, click: Clicks, session: Session, now: float
) -> None:
    await open_form(redis, ADA, new(7, "ev", "create", now, values={"title": "A"}))
    epoch = (await click(now)).ui.epoch
    await sessions.logout(ADA, now)
    entry = await click(now)
    assert (entry.session, entry.draft, entry.ui.ended) == (None, None, Ended.LOGOUT)
    assert entry.ui.epoch not in ("", epoch)
    assert ADA not in backend.bound
    assert not await redis.exists(IdleKey.name, BindingsKey(7).name)
    assert len(await Drafts(redis).list(ADA, 7)) == 1
    backend.bound[ADA] = (7, "npo")
    assert await sessions.recover(ADA, entry.ui, now) is None


async def test_a_logout_the_backend_missed_is_delivered_later(
    redis: Redis, sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    backend.down = unavailable()
    await sessions.logout(ADA, now)
    assert not await redis.exists(SessionKey(ADA).name)
    assert await sessions.sweep(now + 300) == 0
    backend.down = None
    assert await sessions.sweep(now + 600) == 1
    assert ADA not in backend.bound


async def test_a_new_login_settles_what_the_last_one_owes(
    sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    await sessions.settle(ADA)
    assert backend.calls == []
    backend.down = unavailable()
    await sessions.logout(ADA, now)
    with pytest.raises(Unavailable):
        await sessions.settle(ADA)
    backend.down = None
    await sessions.settle(ADA)
    assert ADA not in backend.bound
    backend.calls.clear()
    await sessions.settle(ADA)
    assert backend.calls == []


async def test_a_login_tells_the_former_admin_and_the_other_accounts(
    redis: Redis, sessions: Sessions, session: Session, click: Clicks, now: float
) -> None:
    epoch = (await click(now)).ui.epoch
    assert (await sessions.start(BOB, login(7), now)).others == (ADA,)
    taken = await sessions.start(ADA, login(8), now)
    assert (taken.former_admin, taken.others) == (7, ())
    assert (await click(now)).ui.epoch != epoch
    assert await redis.smembers(BindingsKey(7).name) == {str(BOB)}
    await redis.delete(SessionKey(BOB).name)
    assert (await sessions.start(303, login(7), now)).others == ()
    assert (await sessions.start(ADA, login(8), now)).former_admin is None


async def test_no_session_outlives_thirty_days(
    redis: Redis, sessions: Sessions, backend: Backend, session: Session, now: float
) -> None:
    old = replace(session, created_at=now - 30 * DAY + 90)
    await sessions.revalidate(old, now + 61)
    assert await redis.ttl(SessionKey(ADA).name) <= 29


async def test_a_lost_ui_hash_does_not_end_a_session(
    redis: Redis, sessions: Sessions, click: Clicks, session: Session, now: float
) -> None:
    await redis.delete(UiKey(ADA).name)
    assert sessions.read(ADA, (await click(now)).session) == session


async def test_everything_works_in_a_cluster(
    cluster: RedisCluster, vault: Vault, backend: Backend, now: float
) -> None:
    redis = cast(Redis, cluster)
    sessions = Sessions(redis, vault, backend, idle_ttl=3600, clock=lambda: now)
    journal = Journal(redis, clock=lambda: now)
    gate = Gate(redis, journal, idle_ttl=3600)
    draft = new(7, "ev", "create", now)
    started = await sessions.start(ADA, login(), now)
    await open_form(redis, ADA, draft)
    gate.done(await gate.enter(1, ADA, now=now), ui={"input": "search"})
    entry = await gate.enter(2, ADA, now=now, write_key="k")
    assert entry.ui.input == "search"
    act = AuditEntry(now, 7, ADA, "Ada", "npo", "create", "events")
    await gate.finish(
        entry, write_key="k", result={"id": 1}, audit=act, ui={"input": ""}, drop_draft=draft.id
    )
    gate.done(entry)
    assert await journal.flush()
    assert (await gate.enter(2, ADA, now=now)).seen is Seen.DONE
    await gate.release(await gate.enter(3, ADA, now=now, write_key="l"), "l", audit=act)
    gate.done(await gate.enter(4, ADA, now=now))
    assert await journal.flush()
    assert (await sessions.revalidate(started.session, now + 61)).access_token == "jwt1"
    service = LoginService(Codes(), sessions, LoginLimits(redis, b"s" * 32))
    assert isinstance(await service.sign_in(Who(BOB), "ABCD2345", now), SignedIn)
    await sessions.logout(ADA, now)
    assert await sessions.sweep(now) == 0
    assert len((await Audit(redis).page()).entries) == 2


class Codes(Backend):
    """A backend that takes every code."""

    async def verify(self, code: str, telegram_user_id: int, **names: str | None) -> Login:
        return login()


async def test_what_happens_without_its_person_keeps_no_session_alive(
    redis: Redis, sessions: Sessions, session: Session, now: float
) -> None:
    await redis.expire("tg_session:101", 500)
    idle = await redis.zscore(IdleKey.name, "101")
    fresh = await sessions.revalidate(session, now + 120, writing=True, used=False)
    assert fresh.checked_at == now + 120
    assert fresh.last_activity == session.last_activity
    caller = sessions.caller(fresh, used=False)
    assert await caller.renew(caller.token) != fresh.access_token
    assert 0 < await redis.ttl("tg_session:101") <= 500
    assert await redis.zscore(IdleKey.name, "101") == idle
    await sessions.revalidate(fresh, now + 240, writing=True)
    assert await redis.ttl("tg_session:101") > 3000


async def test_the_living_are_told_the_last_used_first(
    redis: Redis, sessions: Sessions, session: Session, now: float
) -> None:
    await sessions.start(BOB, login(8, "administrator"), now + 10)
    assert [one.telegram_user_id for one in await sessions.living()] == [BOB, ADA]
    await redis.delete("tg_session:202")
    assert [one.telegram_user_id for one in await sessions.living()] == [ADA]
