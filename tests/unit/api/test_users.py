"""The users source against a small backend that behaves as contract 2.12 says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import NotFound, OutOfReach
from api.users import READ_AT_MOST, Users
from resources.queries import ListQuery
from tests.contract.recorded import recordings


def user(number: int, **values: object) -> dict[str, object]:
    return {
        "id": number,
        "phone_number": f"7701{number:07d}",
        "email": f"org{number}@example.kz" if number % 5 == 0 else None,
        "full_name": f"Ёлкин {number}",
        "status": "blocked" if number % 4 == 0 else "active",
        "user_type": "organization" if number % 5 == 0 else "individual",
    } | values


@dataclass
class Crm:
    """``auth/users``: an upper-case filter, no search, no detail."""

    rows: list[dict[str, Any]]
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v2/auth/users"
        asked = dict(request.url.params)
        self.asked.append(asked)
        wanted = asked.get("status_filter")
        if wanted not in (None, "ACTIVE", "BLOCKED", "all"):
            return httpx.Response(500, text="Internal Server Error")
        rows = [row for row in self.rows if wanted in (None, "all", row["status"].upper())]
        skip, limit = int(asked["skip"]), int(asked["limit"])
        return httpx.Response(200, json=rows[skip : skip + limit])


@pytest.fixture
def users(wire) -> Users:
    return Users(wire.backend, timezone=ZoneInfo("Asia/Almaty"))


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([user(number) for number in range(1, 41)])
    return crm


def query(page: int = 1, size: int = 7, search: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters)


def ids(page) -> list[int]:
    return [item.id for item in page.items]


@pytest.mark.parametrize("recorded", [one for one in recordings("users") if one["response"]["status"] == 200])
async def test_recorded_lists_are_read_whole(wire, users, admin, recorded):
    rows = recorded["response"]["json"]
    wire.says(httpx.Response(200, json=rows))
    page = await users.page(admin, query(size=50))
    assert [user.model_dump() for user in page.items] == rows


async def test_a_page_asks_for_one_row_more(crm, users, admin):
    page = await users.page(admin, query(page=2))
    assert ids(page) == [8, 9, 10, 11, 12, 13, 14]
    assert (page.has_next, page.total, page.scanned) == (True, None, None)
    assert crm.asked == [{"skip": "7", "limit": "8"}]


async def test_q7_the_status_goes_in_upper_case_since_lower_case_is_a_500(crm, users, admin):
    page = await users.page(admin, query(status="blocked"))
    assert ids(page) == [4, 8, 12, 16, 20, 24, 28]
    assert crm.asked[0]["status_filter"] == "BLOCKED"
    page = await users.page(admin, query(status="active", size=3))
    assert ids(page) == [1, 2, 3]


async def test_the_type_is_looked_through(crm, users, admin):
    page = await users.page(admin, query(user_type="organization", status="blocked"))
    assert ids(page) == [20, 40]
    assert (page.scanned, page.complete) == (10, True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("елкин 17", [17]),
        ("ORG25@", [25]),
        ("+7 701 000-00-31", [31]),
        ("8 (701) 000 00 31", [31]),
        ("77010000031", [31]),
        ("0000031", [31]),
        ("---", []),
        ("Никто", []),
    ],
)
async def test_search_by_name_mail_and_phone_in_any_spelling(crm, users, admin, typed, found):
    page = await users.page(admin, query(search=typed))
    assert ids(page) == found
    assert page.query.search == typed
    assert page.scanned == 40
    assert "search" not in crm.asked[0]


async def test_a_card_is_read_where_the_user_was_seen(crm, users, admin):
    crm.rows = [user(number) for number in range(1, 5001)]
    page = await users.page(admin, query(page=600))
    crm.asked.clear()
    assert await users.get(admin, page.items[3].id) == page.items[3]
    assert crm.asked == [{"skip": "4171", "limit": "51"}]


async def test_a_card_is_found_again_in_a_narrowed_list(crm, users, admin):
    page = await users.page(admin, query(page=2, status="blocked", size=3))
    crm.asked.clear()
    assert (await users.get(admin, page.items[0].id)).id == 16
    assert crm.asked == [{"status_filter": "BLOCKED", "skip": "0", "limit": "51"}]


async def test_a_card_that_moved_is_looked_for_in_the_whole_list(crm, users, admin):
    page = await users.page(admin, query())
    crm.rows = [user(1000 + number) for number in range(200)] + crm.rows
    assert (await users.get(admin, page.items[0].id)).id == 1


async def test_a_card_nobody_saw_is_looked_for_a_thousand_at_a_time(crm, users, admin):
    crm.rows = [user(number) for number in range(1, 2501)]
    assert (await users.get(admin, 2100)).id == 2100
    assert [one["skip"] for one in crm.asked] == ["0", "1000", "2000"]


async def test_a_user_who_is_not_there(crm, users, admin):
    with pytest.raises(NotFound):
        await users.get(admin, 999)


async def test_looking_for_a_card_ends_and_does_not_claim_that_it_is_gone(crm, users, admin):
    crm.rows = [user(number) for number in range(1, READ_AT_MOST + 2)]
    with pytest.raises(OutOfReach) as raised:
        await users.get(admin, READ_AT_MOST + 1)
    assert raised.value.read == READ_AT_MOST
    assert len(crm.asked) == 10


async def test_memory_of_places_is_bounded(crm, users, admin, monkeypatch):
    monkeypatch.setattr("api.users.REMEMBERED", 5)
    await users.page(admin, query(page=1))
    await users.page(admin, query(page=2))
    assert list(users._places) == [10, 11, 12, 13, 14]


async def test_an_unknown_state_of_a_later_backend_is_read(wire, users, admin):
    wire.says(httpx.Response(200, content=json.dumps([user(1, status="frozen", user_type="robot")])))
    assert (await users.page(admin, query())).items[0].status == "frozen"


def test_nothing_can_be_written():
    for write in ("create", "update", "delete"):
        assert not hasattr(Users, write)
