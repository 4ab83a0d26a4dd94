"""What the sources share, on a small backend: which list serves which query, what the bot looks through itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import Cause, Invalid, UnknownOutcome
from api.listing import Listing
from api.source import Served, after_lost
from api.values import naive, required, same, sendable
from models.access import Role
from models.common import Record, Ref, UtcDateTime
from resources.queries import ListQuery

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOTH = frozenset((Role.ADMINISTRATOR, Role.NPO))


class Thing(Record):
    languages: ClassVar = {"kk": ("title_kz",), "ru": ("title_ru",)}

    title_kz: str | None = None
    title_ru: str | None = None
    colour: str = "red"
    moderation_status: str | None = None
    created_at: UtcDateTime | None = None


class Things(Served[Thing]):
    model = Thing
    group = "things"
    card = "/things/{id}"
    moderation = "/things/moderation"
    stats = "/things/stats"
    listings = (
        Listing("/things/mine", {"colour": "color"}, search="q", values={"colour": {"blue": "BLUE"}}, roles=BOTH),
        Listing("/things/all", {"moderation_status": "status"},
                orders=frozenset(("", "created")), roles=frozenset((Role.ADMINISTRATOR,))),
    )  # fmt: skip

    def texts(self, record: Thing) -> Iterable[str | None]:
        return record.title_kz, record.title_ru


def row(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title_ru": f"Ёлка {number}",
        "title_kz": None if number % 3 else f"Шырша {number}",
        "colour": "blue" if number % 2 else "red",
        "moderation_status": ("pending", "approved", "rejected")[number % 3],
        "created_at": (NOW - timedelta(minutes=number)).isoformat(),
    } | values


class Crm:
    """Two lists, neither of which knows everything."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.all = rows
        self.asked: list[str] = []
        self.decides = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, request.url.params
        self.asked.append(f"{request.method} {path}")
        if request.method == "POST":
            number = int(path.split("/")[-2])
            found = next(one for one in self.all if one["id"] == number)
            found["moderation_status"] = "approved" if path.endswith("approve") else "rejected"
            return httpx.Response(self.decides, json=found if self.decides == 200 else None)
        if path == "/things/stats":
            counts = {
                name: sum(one["moderation_status"] == name for one in self.all)
                for name in ("pending", "approved", "rejected")
            }
            return httpx.Response(200, json={"total": len(self.all), **counts})
        if path not in ("/things/mine", "/things/all"):
            return httpx.Response(200, json=next(one for one in self.all if path.endswith(f"/{one['id']}")))
        known = {"color": "colour", "status": "moderation_status"}
        rows = [
            one for one in self.all
            if all(one[field].lower() == query[name].lower() for name, field in known.items() if name in query)
            and re.search(re.escape(query.get("q", "")).replace("_", "."), one["title_ru"] or "", re.IGNORECASE)
        ]  # fmt: skip
        skip, limit = int(query["skip"]), int(query["limit"])
        assert limit <= 100
        return httpx.Response(200, json=rows[skip : skip + limit])


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([row(number) for number in range(1, 31)])
    return crm


@pytest.fixture
def things(wire, crm) -> Things:
    return Things(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


def query(page: int = 1, size: int = 5, search: str = "", sort: str = "", **filters: str) -> ListQuery:
    return ListQuery(page, size, search, filters, sort)


def ids(page: Any) -> list[int]:
    return [item.id for item in page.items]


async def test_a_list_that_knows_the_filter_pages_it(things, crm, admin):
    page = await things.page(admin, query(2, colour="blue"))
    assert ids(page) == [11, 13, 15, 17, 19]
    assert (page.has_next, page.total, page.scanned) == (True, None, None)
    assert crm.asked == ["GET /things/mine"]


async def test_totals_come_from_the_counters_and_are_kept_a_while(things, crm, admin):
    assert (await things.page(admin, query())).total == 30
    assert (await things.page(admin, query(moderation_status="pending"))).total == 10
    assert crm.asked.count("GET /things/stats") == 1


async def test_a_list_that_shows_everyones_is_never_asked_for_an_owner(things, crm, npo):
    page = await things.page(npo, query(moderation_status="pending"))
    assert ids(page) == [3, 6, 9, 12, 15]
    assert (page.total, page.scanned, page.complete) == (10, 30, True)
    assert set(crm.asked) == {"GET /things/mine"}


async def test_what_no_list_knows_is_looked_through_and_said(things, crm, admin):
    page = await things.page(admin, query(2, missing="kk", colour="blue"))
    assert ids(page) == [17, 19, 23, 25, 29]
    assert (page.has_next, page.total, page.scanned, page.complete) == (False, 10, 15, True)
    page = await things.page(admin, query(sort="created", colour="blue"))
    assert ids(page) == [1, 3, 5, 7, 9]


async def test_more_than_a_thousand_are_not_looked_through(things, crm, admin):
    crm.all = [row(number) for number in range(1, 1302)]
    page = await things.page(admin, query(missing="kk"))
    assert (page.total, page.scanned, page.complete) == (None, 1000, False)
    assert len(crm.asked) == 10


async def test_another_spelling_is_found_on_a_second_look(things, crm, admin):
    page = await things.page(admin, query(search="елка 7"))
    assert ids(page) == [7]
    assert page.scanned is not None
    assert len(crm.asked) == 2


async def test_wildcards_are_text(things, crm, admin):
    crm.all.append(row(99, title_ru="50% скидка"))
    assert ids(await things.page(admin, query(search="0%"))) == [99]
    assert ids(await things.page(admin, query(search="_"))) == []


async def test_a_decision_whose_answer_is_lost_is_read_back(things, crm, admin):
    crm.decides = 500
    assert (await things.reject(admin, 3)).moderation_status == "rejected"


async def test_a_decision_that_was_not_made_stays_unknown(things, crm, admin, wire):
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.method == "POST" else httpx.Response(200, json=row(3))

    wire.answers = refuse
    with pytest.raises(UnknownOutcome):
        await things.approve(admin, 3)


async def test_the_newest_equal_record_is_the_lost_one(things, crm, admin):
    twin = row(77, title_ru="Ёлка 5", created_at=(NOW - timedelta(seconds=9)).isoformat())
    crm.all.insert(0, twin)
    values = {"title_ru": "Ёлка 5", "colour": "blue"}
    found = await things.newest_like(admin, values, ("title_ru", "colour"))
    assert found is not None
    assert found.id == 77
    assert await things.newest_like(admin, {**values, "colour": "red"}, ("title_ru", "colour")) is None
    for one in crm.all:
        one["created_at"] = (NOW - timedelta(hours=2)).isoformat()
    assert await things.newest_like(admin, values, ("title_ru", "colour")) is None


def test_what_is_sent_is_plain_and_naive():
    values = {
        "city_id": {"id": 5, "kk": "Алматы", "ru": None},
        "skills": [{"id": 1, "kk": None, "ru": None}, {"id": 2, "kk": None, "ru": None}],
        "date": "2027-01-10T15:00:00+05:00",
        "empty": None,
    }
    assert sendable(values, "date", "empty") == {
        "city_id": 5, "skills": [1, 2], "date": "2027-01-10T10:00:00", "empty": None,
    }  # fmt: skip


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.timezones()))
def test_an_instant_stays_the_same_instant(moment: datetime):
    sent = naive(moment)
    assert "+" not in sent
    assert abs((datetime.fromisoformat(sent).replace(tzinfo=UTC) - moment).total_seconds()) < 1


def test_null_in_a_required_column_is_refused_before_it_is_sent():
    required({"title": "x", "note": None}, "title")
    for empty in (None, ""):
        with pytest.raises(Invalid):
            required({"title": empty}, "title")


def test_same_compares_what_is_meant():
    assert same(Ref(id=5, ru="x"), {"id": 5, "kk": None, "ru": "y"})
    assert same(NOW, "2026-11-21T17:00:00+05:00")
    assert same(None, "")
    assert not same(Ref(id=5), {"id": 6, "kk": None, "ru": None})


async def test_a_lost_write_is_settled_by_what_is_there_now():
    async def lost() -> None:
        raise UnknownOutcome(Cause.TIMEOUT)

    async def yes() -> bool:
        return True

    async def no() -> bool:
        return False

    await after_lost(lost(), yes)
    with pytest.raises(UnknownOutcome):
        await after_lost(lost(), no)
