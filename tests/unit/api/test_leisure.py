"""Reading places, tickets and promo: contract 2.8."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from api import NotFound, OutOfReach, Unavailable
from api.leisure.content import ContentSource
from models.access import Role
from models.common import Localized, ModerationStatus, Ref
from models.leisure import Content
from resources.queries import ListQuery
from tests.unit.api.conftest import Admin
from tests.unit.api.leisure_backend import BASE, KINDS, Crm, recorded, rows_of, source_of


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm({plural: rows_of(plural, 30) for plural in KINDS})
    return crm


@pytest.fixture
def msb() -> Admin:
    return Admin(Role.MSB)


@pytest.fixture(params=KINDS)
def plural(request) -> str:
    return str(request.param)


@pytest.fixture
def source(wire, plural) -> ContentSource[Content]:
    return source_of(wire, plural)


def ids(page) -> list[int]:
    return [item.id for item in page.items]


def query(page: int = 1, size: int = 5, search: str = "", sort: str = "created", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters, sort=sort)


async def test_the_plain_list_is_paged_by_the_backend(crm, source, admin):
    page = await source.page(admin, query(page=2))
    assert ids(page) == [25, 24, 23, 22, 21]
    assert (page.has_next, page.total, page.scanned) == (True, 30, None)


async def test_q8_no_total_for_those_who_see_their_own_only(crm, source, msb):
    crm.own = True
    page = await source.page(msb, query())
    assert ids(page) == [30, 25, 20, 15, 10]
    assert (page.has_next, page.total) == (True, None)
    assert (await source.page(msb, query(page=2))).total == 6


async def test_status_goes_to_the_backend(crm, source, admin):
    page = await source.page(admin, query(status="inactive"))
    assert ids(page) == [29, 27, 25, 23, 21]
    assert crm.asked[-1].url.params["status"] == "inactive"


@pytest.mark.parametrize("sort", ["", "created"])
async def test_q9_the_unordered_moderation_list_is_never_paged_but_put_in_order(crm, source, admin, sort):
    page = await source.page(admin, query(moderation_status="pending", sort=sort))
    assert ids(page) == [30, 27, 24, 21, 18]
    assert (page.total, page.scanned, page.complete) == (10, 10, True)
    assert crm.asked[-1].url.path.endswith("/moderation/all-statuses")


async def test_q9_the_many_approved_are_read_from_the_list_that_has_an_order(crm, source, plural, admin):
    """Between two windows of the unordered list rows may change places, and some would never be seen."""
    crm.rows[plural] = rows_of(plural, 600)
    approved = [row["id"] for row in crm.rows[plural] if row["moderation_status"] == "approved"]
    page = await source.page(admin, query(size=600, moderation_status="approved"))
    assert ids(page) == sorted(approved, reverse=True)
    assert (page.total, page.complete) == (200, True)
    assert {request.url.path.rpartition("/")[2] for request in crm.asked} == {"list"}
    await source.page(admin, query(moderation_status="approved", status="active", missing="ru"))
    assert {request.url.path.rpartition("/")[2] for request in crm.asked} == {"list"}


async def test_q10_admin_list_knows_no_moderation_status_so_msb_is_looked_through(crm, source, msb):
    crm.own = True
    page = await source.page(msb, query(moderation_status="pending"))
    assert ids(page) == [30, 15]
    assert all(request.url.path.endswith("/list") for request in crm.asked)
    assert all("moderation_status" not in request.url.params for request in crm.asked)


async def test_q19_msb_never_sees_the_lists_that_are_not_owner_filtered(crm, source, msb):
    crm.own = True
    for filters in ({}, {"moderation_status": "approved"}, {"missing": "ru"}, {"status": "active"}):
        await source.page(msb, query(**filters))
        await source.page(msb, query(search="ёлка", **filters))
    assert not [request for request in crm.asked if "moderation" in request.url.path]


async def test_filters_of_two_lists_are_looked_through(crm, source, admin):
    page = await source.page(admin, query(moderation_status="pending", status="active"))
    assert ids(page) == [30, 24, 18, 12, 6]


async def test_missing_language_is_looked_through(crm, source, plural, admin):
    crm.rows[plural][3] |= {"title_ru": "", "description_ru": ""}
    assert ids(await source.page(admin, query(missing="ru"))) == [4]
    assert ids(await source.page(admin, query(missing="kk"))) == []


@pytest.mark.parametrize("plural", ["places", "tickets"])
async def test_search_goes_to_the_backend_and_forgives_letters(crm, source, admin):
    assert ids(await source.page(admin, query(search="лка 12"))) == [12]
    assert crm.asked[-1].url.params["search"] == "лка 12"
    assert ids(await source.page(admin, query(search="елка 12"))) == [12]


async def test_q10_wildcards_of_a_search_are_text(crm, source, plural, admin):
    crm.rows[plural][3]["title"] = "Скидка 100%"
    assert ids(await source.page(admin, query(search="100%"))) == [4]


@pytest.mark.parametrize("plural", ["promo"])
async def test_promo_has_no_search_so_it_is_looked_through(crm, source, admin):
    page = await source.page(admin, query(search="елка 12 РУС"))
    assert (ids(page), page.scanned) == ([12], 30)
    assert all("search" not in request.url.params for request in crm.asked)


@pytest.mark.parametrize("plural", ["promo"])
async def test_promo_is_narrowed_by_what_it_is_for(crm, source, admin):
    crm.rows["promo"][3]["related_type"] = "ticket"
    assert ids(await source.page(admin, query(related_type="ticket"))) == [4]
    assert ids(await source.page(admin, query(related_type="ticket", moderation_status="approved"))) == [4]


@pytest.mark.parametrize("plural", ["places"])
async def test_places_are_narrowed_by_category(crm, source, admin):
    crm.rows["places"][3]["category_id"] = 2
    assert ids(await source.page(admin, query(category_id="2"))) == [4]
    assert ids(await source.page(admin, query(category_id="2", moderation_status="approved"))) == [4]


@pytest.mark.parametrize("plural", ["tickets"])
async def test_tickets_by_date(crm, source, admin):
    for row in crm.rows["tickets"]:
        row["event_date"] = (BASE + timedelta(days=40 - row["id"])).isoformat()
    assert ids(await source.page(admin, query(sort="nearest", size=3))) == [30, 29, 28]


async def test_there_is_no_admin_detail_so_the_list_is_gone_through(crm, source, plural, admin):
    crm.rows[plural] = rows_of(plural, 600)
    record = await source.get(admin, 3)
    assert (record.id, record.moderation_status) == (3, ModerationStatus.PENDING)
    lists = [request.url.params for request in crm.asked if request.url.path.endswith(f"/{plural}/list")]
    assert [(one["skip"], one["limit"]) for one in lists] == [("0", "250"), ("250", "250"), ("500", "250")]
    with pytest.raises(NotFound):
        await source.get(admin, 601)


async def test_a_record_deeper_than_is_looked_is_not_said_to_be_gone(crm, source, plural, admin, monkeypatch):
    monkeypatch.setattr("api.leisure.content.DEEPEST", 500)
    crm.rows[plural] = rows_of(plural, 600)
    with pytest.raises(OutOfReach):
        await source.get(admin, 3)


async def test_anothers_record_is_not_found_for_msb(crm, source, msb):
    crm.own = True
    assert (await source.get(msb, 10)).admin_id == 5
    with pytest.raises(NotFound):
        await source.get(msb, 11)


async def test_no_reading_of_a_place_counts_as_a_visit(crm, wire, admin):
    places = source_of(wire, "places")
    await places.get(admin, 5)
    await places.page(admin, query())
    assert not [request for request in crm.asked if request.url.path.startswith("/api/v2/leisure/places")]


async def test_names_in_both_languages(crm, source, admin):
    record = await source.get(admin, 4)
    assert (record.name, record.ref) == (
        Localized(kk="Ёлка 4", ru="Ёлка 4 рус"),
        Ref(id=4, kk="Ёлка 4", ru="Ёлка 4 рус"),
    )


async def test_a_place_carries_the_name_of_its_category(crm, wire, admin):
    crm.rows["places"][3]["category_id"] = 99
    places = source_of(wire, "places")
    assert (await places.get(admin, 5)).category_id == Ref(id=1, kk="Саябақтар", ru="Парки")
    assert (await places.get(admin, 4)).category_id == Ref(id=99)


async def test_lost_category_names_lose_no_place(crm, wire, admin):
    inner = wire.answers
    wire.answers = lambda request: (
        httpx.Response(500) if request.url.path.endswith("categories") else inner(request)
    )
    assert (await source_of(wire, "places").get(admin, 5)).category_id == Ref(id=1)


async def test_q15_photos_become_absolute(crm, source, plural, admin):
    crm.rows[plural][4][source.photo] = "/uploads/places/a b.png"
    assert getattr(await source.get(admin, 5), source.photo) == "http://crm.test/uploads/places/a%20b.png"


async def test_a_promo_names_what_it_is_for(crm, wire, admin):
    promos = source_of(wire, "promo")
    crm.rows["promo"][0] |= {"related_type": "place", "related_id": 5}
    place = await source_of(wire, "places").get(admin, 5)
    assert (await promos.get(admin, 1)).related_id == place.ref
    # Gone, or another admin's: the public route would name it all the same.
    crm.rows["promo"][0] |= {"related_id": 99_999}
    assert (await promos.get(admin, 1)).related_id == Ref(id=99_999)
    assert not [one for one in wire.asked if one.url.path.endswith("/promo/1")]


async def test_lost_names_lose_no_promo(crm, wire, admin, hurried):
    inner = wire.answers
    wire.answers = lambda request: (
        httpx.Response(503) if request.url.path.endswith("/places/list") else inner(request)
    )
    crm.rows["promo"][0] |= {"related_type": "place"}
    assert (await source_of(wire, "promo").get(admin, 1)).id == 1


async def test_promos_of_a_place_are_counted(crm, wire, admin):
    for row in crm.rows["promo"][:4]:
        row["related_id"] = 7
    assert str(await source_of(wire, "places").promos_count(admin, 7)) == "4"
    assert str(await source_of(wire, "tickets").promos_count(admin, 7)) == "0"


async def test_totals(wire, admin):
    wire.says(httpx.Response(200, json=recorded("stats")))
    stats = await source_of(wire, "places").totals(admin)
    assert (stats.total_tickets, stats.total_places, len(stats.top_places)) == (4, 2, 2)


async def test_an_unreachable_backend_is_told(wire, source, admin, hurried):
    wire.says(httpx.ConnectError("no"))
    with pytest.raises(Unavailable):
        await source.page(admin, query())
