"""The admins source against a small backend that behaves as contract 2.2 says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import NotFound
from api.admins import Admins, People
from api.errors import Explained, Invalid, UnknownOutcome
from models.access import Role
from resources.queries import Counts, ListQuery
from tests.contract.recorded import recordings


def row(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number, "name": f"Ёлкин {number}", "login": f"login{number}", "email": None, "role": "npo",
        "created_at": f"2026-01-{number:02}T10:00:00Z", "approval_status": "approved", "approval_reason": None,
        "approved_at": "2026-02-01T10:00:00Z", "approved_by": 1,
    } | values  # fmt: skip


@dataclass
class Crm:
    """``admin/list``, ``pending``, ``approve`` and the Telegram sessions."""

    rows: list[dict[str, Any]]
    sessions: list[dict[str, Any]] | None = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    broken: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path.endswith("/approve"):
            self.sent.append(json.loads(request.content))
            return httpx.Response(200, json={"message": "", "admin": self.rows[0]})
        if path.endswith("/sessions"):
            if self.sessions is None:
                return httpx.Response(503)
            return httpx.Response(200, json={"sessions": self.sessions, "total": len(self.sessions)})
        if path.endswith("/pending"):
            return httpx.Response(200, json=[one for one in self.rows if one["approval_status"] == "pending"])
        if self.broken:
            return httpx.Response(500, text="Internal Server Error")
        return httpx.Response(200, json=self.rows)


@pytest.fixture
def admins(wire) -> Admins:
    return Admins(wire.backend, timezone=ZoneInfo("Asia/Almaty"))


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([
        row(1, role="super_admin", name="Ада"), row(2, approval_status="rejected", name="Бека"),
        row(3, approval_status="pending", name="Вера", approved_by=None), row(4, name="Гауһар"),
    ])  # fmt: skip
    return crm


async def test_what_waits_comes_first_then_names(admins: Admins, crm: Crm, admin) -> None:
    page = await admins.page(admin, ListQuery())
    assert [one.id for one in page.items] == [3, 1, 4, 2]
    assert (page.total, page.scanned) == (4, None)
    newest = await admins.page(admin, ListQuery(sort="created"))
    assert [one.id for one in newest.items] == [4, 3, 2, 1]


async def test_filters_and_search_are_the_bot_s_own(admins: Admins, crm: Crm, admin) -> None:
    found = await admins.page(admin, ListQuery(filters={"role": "super_admin"}))
    assert [one.id for one in found.items] == [1]
    assert [one.id for one in (await admins.page(admin, ListQuery(search="login4"))).items] == [4]
    assert [one.id for one in (await admins.page(admin, ListQuery(search="гауhар"))).items] in ([4], [])


async def test_what_waits_has_a_list_of_its_own(admins: Admins, crm: Crm, admin) -> None:
    found = await admins.page(admin, ListQuery(filters={"approval_status": "pending"}))
    assert [one.id for one in found.items] == [3]
    assert crm.asked == ["/api/v2/admin/pending"]


async def test_2_2_a_short_login_breaks_the_whole_list_and_is_explained(
    admins: Admins, crm: Crm, admin
) -> None:
    crm.broken = True
    with pytest.raises(Explained, match=r"admins\.broken"):
        await admins.page(admin, ListQuery())
    waiting = await admins.page(admin, ListQuery(filters={"approval_status": "pending"}))
    assert [one.id for one in waiting.items] == [3]


async def test_a_card_knows_who_decided_and_which_accounts_are_bound(admins: Admins, crm: Crm, admin) -> None:
    crm.sessions = [
        {
            "telegram_user_id": number, "telegram_username": name, "admin_id": whose, "admin_name": "x",
            "admin_role": "npo", "is_active": True, "created_at": "2026-11-01T10:00:00",
            "last_activity_at": f"2026-11-{number:02}T10:00:00",
        }
        for number, name, whose in ((11, "gauhar", 4), (12, None, 4), (13, "else", 1))
    ]  # fmt: skip
    card = await admins.get(admin, 4)
    assert (card.decided_by, card.telegram, card.bound) == ("Ада", "@gauhar, 12", 2)
    assert card.last_seen is not None
    assert card.last_seen.day == 12
    assert (await admins.get(admin, 1)).mine


async def test_a_card_does_without_the_accounts(admins: Admins, crm: Crm, admin) -> None:
    crm.sessions = None
    card = await admins.get(admin, 4)
    assert (card.name, card.bound, card.telegram) == ("Гауһар", None, None)
    assert "next_step" not in card.advice, "nothing is said about accounts that nobody could count"
    with pytest.raises(NotFound):
        await admins.get(admin, 99)


async def test_registrations_are_counted(admins: Admins, crm: Crm, admin) -> None:
    assert await admins.counts(admin) == Counts(4, 1, 2, 1)


async def test_decisions_carry_the_reason(admins: Admins, crm: Crm, admin) -> None:
    assert await admins.accept(admin, 3, {}) is None
    assert await admins.refuse(admin, 3, {"reason": "Құжат жоқ"}) is None
    assert crm.sent == [
        {"approval_status": "approved", "approval_reason": None},
        {"approval_status": "rejected", "approval_reason": "Құжат жоқ"},
    ]


async def test_a_decision_without_an_answer_is_not_repeated(wire, admins: Admins, admin) -> None:
    wire.says(httpx.ReadError("reset"))
    with pytest.raises(UnknownOutcome):
        await admins.accept(admin, 3, {})
    assert len(wire.asked) == 1
    wire.says(httpx.Response(422, json={"detail": []}))
    with pytest.raises(Invalid):
        await admins.accept(admin, 3, {})


async def test_a_filter_picks_people_without_asking_for_accounts(wire, crm: Crm, admin) -> None:
    people = People(wire.backend, timezone=ZoneInfo("Asia/Almaty"))
    assert (await people.get(admin, 4)).ref.best("kk") == "Гауһар"
    assert crm.asked == ["/api/v2/admin/list"]


@pytest.mark.parametrize("role", [None, "auditor", ""])
async def test_a_role_nobody_knows_is_shown_as_it_is(
    admins: Admins, crm: Crm, admin, role: str | None
) -> None:
    crm.rows[3]["role"] = role
    card = await admins.get(admin, 4)
    assert card.role == role
    assert not card.is_powerful
    assert Role.known(card.role) is None


RECORDED = [
    one["response"]["json"]
    for one in recordings("admin-auth")
    if one["request"]["path"] in ("/api/v2/admin/list", "/api/v2/admin/pending")
    and one["response"]["status"] == 200
]


async def test_recorded_lists_are_read_whole(wire, admins: Admins, admin) -> None:
    assert RECORDED
    for rows in RECORDED:
        wire.says(httpx.Response(200, json=rows))
        page = await admins.page(admin, ListQuery(size=500))
        assert {one.login for one in page.items} == {one["login"] for one in rows}
