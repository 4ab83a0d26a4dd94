"""Writing places, tickets and promo: contract 2.8."""

from __future__ import annotations

import pytest

from api import Explained, Invalid, UnknownOutcome
from api.leisure.content import ContentSource
from models.access import Role
from models.common import ModerationStatus, Upload
from models.leisure import Content
from tests.unit.api.conftest import Admin
from tests.unit.api.leisure_backend import KINDS, VALUES, Crm, rows_of, source_of


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


@pytest.mark.parametrize("plural", KINDS)
async def test_q11_dates_go_out_naive_in_utc(crm, source, plural, admin):
    await source.create(admin, VALUES[plural])
    expected = {
        "places": {"event_date": "2027-03-14T10:00:00"},
        "tickets": {"event_date": "2027-01-10T14:00:00"},
        "promo": {"start_date": "2027-01-09T19:00:00", "end_date": "2027-02-09T19:00:00"},
    }[plural]
    assert expected.items() <= crm.sent[-1].items()
    await source.update(admin, 5, {next(iter(expected)): "2027-10-01T00:00:00+05:00"})
    assert crm.sent[-1] == {next(iter(expected)): "2027-09-30T19:00:00"}


@pytest.mark.parametrize("bad", ["10.01.2027", "tomorrow", "", None, 5, "2027-13-01"])
async def test_q11_no_other_date_ever_goes_out(crm, wire, admin, bad):
    tickets = source_of(wire, "tickets")
    with pytest.raises(Invalid) as caught:
        await tickets.create(admin, VALUES["tickets"] | {"event_date": bad})
    assert [one.field for one in caught.value.wrong] == ["event_date"]
    assert crm.sent == []


FORGED = {
    "id": 1, "admin_id": 2, "moderation_status": "approved", "moderated_by": 1, "moderated_at": "2027-01-01",
    "moderation_comment": "ok", "is_admin_created": True, "created_at": "2027-01-01", "views_count": 10**6,
    "rating": 9.9, "main_photo_url": "https://evil.example/a.png", "promo_image_url": "x", "bogus": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
async def test_q7_q19_a_forged_column_never_goes_out(crm, source, plural, admin, name):
    with pytest.raises(Invalid) as caught:
        await source.create(admin, VALUES[plural] | {name: FORGED[name]})
    assert [one.field for one in caught.value.wrong] == [name]
    with pytest.raises(Invalid):
        await source.update(admin, 5, {"title": "x", name: FORGED[name]})
    assert crm.sent == []


async def test_q7_a_missing_or_emptied_column_never_goes_out(crm, source, plural, admin):
    for name in source.columns.required:
        with pytest.raises(Invalid):
            await source.create(admin, {key: value for key, value in VALUES[plural].items() if key != name})
        for empty in (None, ""):
            with pytest.raises(Invalid):
                await source.update(admin, 5, {name: empty})
    with pytest.raises(Invalid):
        await source.update(admin, 5, {"status": None})
    assert crm.sent == []


@pytest.mark.parametrize(
    ("plural", "name", "length"),
    [
        ("places", "title", 255), ("tickets", "title_ru", 255), ("places", "address", 500),
        ("places", "price", 100), ("tickets", "whatsapp_number", 50), ("tickets", "instagram_url", 500),
        ("promo", "discount_text", 255), ("promo", "promo_code", 100), ("promo", "title", 255),
    ],
)  # fmt: skip
async def test_q17_lengths(crm, source, admin, name, length):
    await source.update(admin, 5, {name: "я" * length})
    assert crm.sent[-1] == {name: "я" * length}
    with pytest.raises(Invalid):
        await source.update(admin, 5, {name: "я" * (length + 1)})
    assert len(crm.sent) == 1


async def test_a_text_is_a_text(crm, source, admin):
    for value in (5, {"a": 1}, ["a"], True):
        with pytest.raises(Invalid):
            await source.update(admin, 5, {"title": value})
    assert crm.sent == []


async def test_q22_only_what_changed_is_sent(crm, source, admin):
    await source.update(admin, 5, {"status": "active"})
    assert crm.sent == [{"status": "active"}]


async def test_a_text_can_be_emptied_where_the_column_allows(crm, wire, admin):
    await source_of(wire, "places").update(admin, 5, {"price": "", "category_id": None})
    assert crm.sent == [{"price": None, "category_id": None}]


async def test_a_lost_create_is_found_again(crm, source, plural, admin):
    crm.lost = True
    with pytest.raises(UnknownOutcome):
        await source.create(admin, VALUES[plural])
    found = await source.find_created(admin, VALUES[plural])
    assert found.id == 1000
    assert await source.find_created(admin, VALUES[plural] | {"description": "another"}) is None


async def test_q3_a_decision_whose_answer_is_lost_is_read_back(crm, source, admin):
    crm.lost = True
    assert (await source.approve(admin, 3)).moderation_status is ModerationStatus.APPROVED
    assert (await source.reject(admin, 3)).moderation_status is ModerationStatus.REJECTED


async def test_photos_go_the_way_that_needs_a_token(crm, source, admin):
    path = await source.upload_photo(admin, 5, Upload(b"jpg", "photo.jpg", "image/jpeg"))
    assert path == "/uploads/documents/1_photo.jpg"
    assert crm.sent[-1] == {source.photo: path}
    assert crm.asked[-1].headers["authorization"] == "Bearer old"
    await source.delete_photo(admin, 5)
    assert crm.sent[-1] == {source.photo: None}
    assert all("/admin/" in one.url.path for one in crm.asked if one.method == "PUT")


async def test_a_rating_is_given_apart(crm, wire, admin):
    places = source_of(wire, "places")
    assert (await places.rate(admin, 5, {"rating": 4.5})).rating == 4.5
    assert crm.sent == [{"rating": 4.5}]
    for bad in (-1, 10, "5", None, True, float("nan")):
        with pytest.raises(Invalid):
            await places.rate(admin, 5, {"rating": bad})
    assert len(crm.sent) == 1


async def test_msb_promotes_nothing_but_its_own(crm, wire, msb):
    crm.own = True
    promos = source_of(wire, "promo")
    with pytest.raises(Explained):
        await promos.create(msb, VALUES["promo"])
    with pytest.raises(Explained):
        await promos.update(msb, 5, {"related_id": {"id": 7, "kk": None, "ru": None}})
    assert crm.sent == []
    made = await promos.create(msb, VALUES["promo"] | {"related_id": {"id": 10, "kk": None, "ru": None}})
    assert made.related_id.kk == "Ёлка 10"
    assert crm.sent[-1]["related_id"] == 10


async def test_a_promo_is_for_a_place_or_a_ticket(crm, wire, admin):
    with pytest.raises(Invalid):
        await source_of(wire, "promo").create(admin, VALUES["promo"] | {"related_type": "event"})
    assert crm.sent == []
