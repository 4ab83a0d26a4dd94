"""The client against what the backend really answered, and against its stand-in over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import (
    AdminAuth,
    Backend,
    BackendError,
    BadAnswer,
    Broken,
    CodeRefused,
    Conflict,
    Events,
    Forbidden,
    Invalid,
    Moderation,
    NotFound,
    Refused,
    SessionEnded,
    TelegramAuth,
    Unavailable,
    UnknownOutcome,
    Uploads,
    within,
)
from models.access import Principal, Role
from models.auth import AdminProfile, Login, TelegramSession
from models.common import ModerationStatus, Upload
from models.event import Event, Participant
from resources.queries import ListQuery
from sandbox.crm import CrmServer

RECORDINGS = Path(__file__).parents[1] / "data" / "contract" / "recordings"
GROUPS = ("events", "telegram-auth", "admin-auth", "uploads", "moderation", "protocol")
TIMEZONE = ZoneInfo("Asia/Almaty")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
KINDS: dict[int, type[BackendError]] = {
    400: Refused,
    403: Forbidden,
    404: NotFound,
    405: Refused,
    409: Conflict,
    422: Invalid,
}
SHAPES: tuple[tuple[str, type[Any]], ...] = (
    (r"GET /api/v2/events/(admin/list|admin/moderation/(pending|all-statuses)|search)?$", Event),
    (r"(GET|PUT) /api/v2/events/(admin/)?\d+$", Event),
    (r"POST /api/v2/events/admin/(create|moderation/\d+/(approve|reject))$", Event),
    (r"GET /api/v2/events/\d+/participants$", Participant),
    (r"POST /api/v1/telegram-auth/(verify-otp|restore-session)$", Login),
    (r"GET /api/v1/telegram-auth/sessions$", TelegramSession),
    (r"GET /api/v2/admin/profile$", AdminProfile),
)


def recordings() -> list[Any]:
    return [
        pytest.param(one, id=f"{group}: {one['name']}")
        for group in GROUPS
        for one in json.loads((RECORDINGS / f"{group}.json").read_text(encoding="utf-8"))
        # The bot sends neither; the client has no way to.
        if one["request"]["method"] not in ("HEAD", "OPTIONS")
    ]


@dataclass
class Admin:
    """An admin signed in at the stand-in; its token is renewed as the bot does it, if at all."""

    role: Role
    token: str
    auth: TelegramAuth | None = None
    telegram_user_id: int = 0
    renewals: int = 0

    @property
    def principal(self) -> Principal:
        return Principal(self.telegram_user_id, 1, self.role)

    async def renew(self, spent: str) -> str:
        self.renewals += 1
        login = await self.auth.restore(self.telegram_user_id) if self.auth else None
        if login is None:
            raise SessionEnded
        self.token = login.access_token
        return self.token


def played(response: dict[str, Any]) -> httpx.Response:
    if response.get("json") is not None:
        content = json.dumps(response["json"], ensure_ascii=False).encode()
    else:
        content = (response.get("text") or "").encode() or b"x" * response.get("body_bytes", 0)
    return httpx.Response(response["status"], headers=response.get("headers", {}), content=content)


def expected(status: int, *, write: bool) -> type[BackendError]:
    if status == 500:
        return UnknownOutcome if write else Broken
    return KINDS.get(status, Refused)


@pytest.mark.parametrize("recording", recordings())
async def test_every_recorded_answer_is_understood(recording):
    request, response = recording["request"], recording["response"]
    backend = Backend("http://crm.test", transport=httpx.MockTransport(lambda _: played(response)))
    raw = request["path"].startswith("/uploads/")
    call = backend.call(request["method"], request["path"], group="g", json=request.get("json"), raw=raw)
    status = response["status"]
    if status >= 300:
        with pytest.raises(BackendError) as caught:
            await call
        assert type(caught.value) is expected(status, write=request["method"] != "GET")
        assert caught.value.status == status
        if status == 422:
            assert isinstance(caught.value, Invalid)
            assert len(caught.value.wrong) == len(response["json"]["detail"])
        elif status < 500:
            assert caught.value.detail == response["json"]["detail"]
        return
    answer = await call
    name = f"{request['method']} {request['path']}"
    model = next((model for pattern, model in SHAPES if re.fullmatch(pattern, name)), None)
    if model is TelegramSession:
        answer = answer.part("sessions")
    if model and isinstance(answer.json, list):
        assert len(answer.many(model).items) == len(answer.json)
    elif model:
        answer.one(model)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo data: seeding costs more than a test."""
    database: Path = tmp_path_factory.mktemp("crm") / "seeded.db"

    async def seed() -> None:
        async with CrmServer(database, uploads=database.parent):
            pass

    asyncio.run(seed())
    return database


@pytest.fixture
async def crm(seeded: Path, tmp_path: Path) -> AsyncIterator[CrmServer]:
    async with CrmServer(
        shutil.copy(seeded, tmp_path / "crm.db"), uploads=tmp_path, drop_after_500=True
    ) as crm:
        yield crm


@pytest.fixture
async def backend(crm) -> AsyncIterator[Backend]:
    backend = Backend(crm.url)
    yield backend
    await backend.aclose()


@pytest.fixture
def events(backend) -> Events:
    return Events(backend, timezone=TIMEZONE)


@pytest.fixture
def admin(crm) -> Admin:
    return Admin(Role.ADMINISTRATOR, crm.token("administrator"))


@pytest.fixture
def npo(crm) -> Admin:
    return Admin(Role.NPO, crm.token("npo"))


def values(**changes: Any) -> dict[str, Any]:
    date = (datetime.now(TIMEZONE) + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
    return {
        "title": "Форум «Болашақ» 100%",
        "event_date": date.isoformat(),
        "location": "Қарағанды",
        "format": "Offline",
        "description": "Келіңіз & <b>приходите</b>",
    } | changes


async def everything(events: Events, caller: Admin, **narrowed: Any) -> list[Event]:
    """All pages, one after the other."""
    query = ListQuery(**narrowed)
    found: list[Event] = []
    while True:
        page = await events.page(caller, query)
        found += page.items
        if not page.has_next:
            assert page.total == len(found)
            return found
        query = query.at(query.page + 1)


async def test_login_restore_and_logout(crm, backend):
    auth = TelegramAuth(backend)
    code = crm.otp("npo")
    login = await auth.verify(code.lower(), 700, username="npo", first_name="Нұрлан")
    assert (login.role, login.session_created) == ("npo", True)
    with pytest.raises(CodeRefused) as caught:
        await auth.verify(code, 700)
    assert caught.value.reasons == {"used"}
    with pytest.raises(CodeRefused) as caught:
        await auth.verify("ZZZZZZZZ", 700)
    assert caught.value.reasons == {"unknown"}
    assert await auth.restore(700) is not None
    chief = Admin(Role.SUPER_ADMIN, crm.token("super_admin"))
    assert 700 in [session.telegram_user_id for session in await auth.sessions(chief)]
    assert await auth.logout(700) is True
    assert await auth.logout(700) is False
    assert await auth.restore(700) is None
    with pytest.raises(NotFound):
        await auth.revoke(chief, 700)


async def test_lost_login_is_found_by_restoring(crm, backend):
    auth = TelegramAuth(backend)
    crm.faults.add("reset", "verify-otp", after=True)
    with pytest.raises(UnknownOutcome):
        await auth.verify(crm.otp("npo"), 701)
    assert len(crm.requests_to("verify-otp")) == 1
    login = await auth.restore(701)
    assert login is not None
    assert login.role == "npo"


async def test_expired_token_is_renewed(crm, backend, events):
    auth = TelegramAuth(backend)
    login = await auth.verify(crm.otp("administrator"), 702)
    caller = Admin(Role.ADMINISTRATOR, login.access_token, auth, 702)
    crm.expire_tokens()
    assert (await events.page(caller, ListQuery())).items
    assert caller.renewals >= 1
    await auth.logout(702)
    crm.expire_tokens()
    with pytest.raises(SessionEnded):
        await events.get(caller, 1)


async def test_profile_and_counters(crm, backend, npo, admin):
    assert (await AdminAuth(backend).profile(npo)).role == "npo"
    assert await AdminAuth(backend).pending_count(admin) == 0
    stats = await Moderation(backend).stats(admin)
    assert stats.entities["events"].total == len(crm.events())


async def test_pages_hold_every_event_once_in_order(crm, events, admin):
    rows = crm.events()
    found = await everything(events, admin)
    assert sorted(event.id for event in found) == sorted(row["id"] for row in rows)
    dates = [event.event_date for event in found]
    assert dates == sorted(dates, reverse=True)
    created = [event.created_at for event in await everything(events, admin, sort="created")]
    assert created == sorted(created, reverse=True)
    assert [event.event_date for event in await everything(events, admin, sort="nearest")] == sorted(dates)


@pytest.mark.parametrize("status", list(ModerationStatus))
async def test_status_lists_agree_with_the_counters(events, admin, status):
    counts = await events.counts(admin)
    native = await everything(events, admin, filters={"moderation_status": status})
    assert len(native) == getattr(counts, status)
    assert {event.moderation_status for event in native} <= {status}
    scanned = await everything(events, admin, filters={"moderation_status": status}, sort="nearest")
    assert {event.id for event in scanned} == {event.id for event in native}


@pytest.mark.parametrize("period", ["upcoming", "past", "today", "week", "month"])
@pytest.mark.parametrize("form", ["Online", "Offline"])
async def test_backend_and_bot_filter_alike(events, admin, period, form):
    filters = {"period": period, "format": form}
    native = {event.id for event in await everything(events, admin, filters=filters)}
    by_status = set()
    for status in ModerationStatus:
        found = await everything(events, admin, filters=filters | {"moderation_status": status})
        by_status |= {event.id for event in found}
    assert by_status == native


async def test_npo_sees_its_own(crm, events, npo):
    own = {row["id"] for row in crm.events() if row["admin_id"] == crm.admin_id("npo")}
    assert {event.id for event in await everything(events, npo)} == own
    by_status = set()
    for status in ModerationStatus:
        by_status |= {
            event.id for event in await everything(events, npo, filters={"moderation_status": status})
        }
    assert by_status == own


async def test_life_of_an_event(crm, events, npo, admin):
    event = await events.create(npo, values())
    assert event.moderation_status is ModerationStatus.PENDING
    assert (await events.approve(admin, event.id)).moderation_status is ModerationStatus.APPROVED
    same_date = await events.update(
        npo, event.id, {"location": event.location, "event_date": values()["event_date"]}
    )
    assert same_date.moderation_status is ModerationStatus.APPROVED
    changed = await events.update(npo, event.id, {"title": "Жаңа\0 атау"})
    assert (changed.title, changed.moderation_status) == ("Жаңа атау", ModerationStatus.PENDING)
    assert (await events.reject(admin, event.id)).moderation_status is ModerationStatus.REJECTED
    assert str(await events.participants_count(admin, event.id)) == "0"
    await events.delete(npo, event.id)
    with pytest.raises(NotFound):
        await events.delete(npo, event.id)
    with pytest.raises(NotFound):
        await events.get(admin, event.id)


async def test_lost_creation_is_found_and_was_made_once(crm, events, admin):
    crm.faults.add("reset", "admin/create", after=True, times=1)
    before = len(crm.events())
    assert await events.find_created(admin, values()) is None
    with pytest.raises(UnknownOutcome):
        await events.create(admin, values())
    found = await events.find_created(admin, values())
    assert found is not None
    assert found.id == max(row["id"] for row in crm.events())
    assert len(crm.events()) == before + 1


async def test_decision_whose_answer_is_a_500_is_read_back(crm, events, admin):
    event = await events.create(admin, values())
    crm.faults.add("status", "/reject", status=500, after=True)
    assert (await events.reject(admin, event.id)).moderation_status is ModerationStatus.REJECTED


async def test_photo_is_stored_served_and_removed(crm, backend, events, admin):
    event = await events.create(admin, values())
    path = await events.upload_photo(admin, event.id, Upload(PNG, "афиша.PNG", "image/png"))
    card = await events.get(admin, event.id)
    assert card.event_photo == backend.absolute(path)
    assert await backend.fetch_own(card.event_photo) == PNG
    await events.delete_photo(admin, event.id)
    assert (await events.get(admin, event.id)).event_photo is None
    stored = await Uploads(backend).upload_photo(admin, Upload(PNG, "сурет 1.png", "image/png"))
    assert await backend.fetch_own(stored) == PNG


async def test_role_without_the_module_is_refused(crm, events):
    with pytest.raises(Forbidden):
        await events.page(Admin(Role.MSB, crm.token("msb")), ListQuery())


async def test_operations_are_offered(backend):
    offered = await backend.openapi()
    for source in (Events, TelegramAuth, AdminAuth, Moderation, Uploads):
        for operations in source.operations.values():
            assert set(operations) <= offered
    assert await backend.alive() is True


LIST = "admin/list"


@pytest.mark.parametrize(
    ("fault", "options", "error"),
    [
        ("hang", {}, Unavailable),
        ("drip", {}, Unavailable),
        ("html", {}, BadAnswer),
        ("broken_json", {}, BadAnswer),
        ("huge", {}, BadAnswer),
        ("redirect", {}, BadAnswer),
        ("status", {"status": 500}, Broken),
        ("status", {"status": 503, "retry_after": 60}, Unavailable),
        ("reset", {}, Unavailable),
        ("cut", {}, Unavailable),
    ],
)
async def test_bad_days_of_reads(crm, events, npo, fault, options, error):
    crm.faults.add(fault, LIST, **options)
    with within(1.0), pytest.raises(error):
        await events.page(npo, ListQuery())
    crm.faults.clear()
    assert (await events.page(npo, ListQuery())).items


async def test_passing_trouble_is_not_noticed(crm, events, npo):
    for fault, options in (("reset", {}), ("status", {"status": 503}), ("cut", {})):
        crm.faults.add(fault, LIST, times=1, **options)
        assert (await events.page(npo, ListQuery())).items


async def test_connection_dropped_after_a_500_is_not_used_again(crm, events, npo):
    for _ in range(5):
        with pytest.raises(Broken):
            await events._backend.call(
                "GET", "/api/v2/events/admin/list?format=Hybrid", group="events", caller=npo
            )
        before = len(crm.requests_to(LIST))
        await events.page(npo, ListQuery())
        assert len(crm.requests_to(LIST)) == before + 1


async def test_wrong_types_do_not_pass_for_records(crm, events, npo):
    crm.faults.add("wrong_types", r"events/admin/\d+")
    own = (await events.page(npo, ListQuery())).items[0]
    with pytest.raises(BadAnswer):
        await events.get(npo, own.id)


async def test_backend_that_is_gone(events, admin, crm):
    await crm.stop()
    with within(2.0), pytest.raises(Unavailable):
        await events.page(admin, ListQuery())
    with within(2.0), pytest.raises(Unavailable):
        await events.delete(admin, 1)


def test_instants_are_aware():
    assert Event.model_validate(
        {**values(), "id": 1, "event_date": "2027-03-14T10:00:00", "created_at": "2026-11-21T10:24:14"}
    ).event_date == datetime(2027, 3, 14, 10, tzinfo=UTC)
