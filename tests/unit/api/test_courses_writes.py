"""Writing courses: a form that is not partial, and what the backend would stumble over."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Invalid, NotFound, Refused, UnknownOutcome
from api.courses import Courses
from api.errors import Explained
from models.common import ModerationStatus, Upload
from tests.support.courses import BROKEN, COVER, Crm, row

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
PNG = Upload(b"\x89PNG new", "photo.png", "image/png")
PUT = "PUT /api/v2/courses/admin/5"
VALUES = {
    "title": "Python негіздері 🐍 <базовый> & не только",
    "description": "Бір\n\nЕкі",
    "course_url": "https://example.kz/python",
    "language": "kz",
    "duration": 600,
    "skills": "python, sql",
    "is_free": True,
}


@pytest.fixture
def courses(wire) -> Courses:
    return Courses(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([row(number) for number in range(1, 11)])
    five = crm.find(5)
    five |= {
        "is_free": False, "price": 1500.5, "invite_code": "ABC-1", "level": "expert", "cover_image": COVER,
        "categories": crm.categories[:],
    }  # fmt: skip
    crm.files[COVER] = b"\x89PNG old"
    return crm


def writes(crm: Crm) -> list[str]:
    return [one for one in crm.asked if not one.startswith("GET")]


# --- create -----------------------------------------------------------------------------------------------


async def test_create_sends_a_whole_form_with_its_cover(crm, courses, admin):
    made = await courses.create(
        admin,
        {
            **VALUES,
            "categories": [{"id": 1, "kk": "IT", "ru": "IT"}, {"id": 2, "kk": "", "ru": ""}],
            "cover_image": PNG,
        },
    )
    sent = crm.forms[0]
    assert sent["categories"] == ["1", "2"]
    assert (sent["is_free"], sent["price"], sent["currency"], sent["duration"]) == ("true", "0", "KZT", "600")
    assert (sent["title"], sent["description"]) == (VALUES["title"], VALUES["description"])
    assert crm.uploads == [("photo.png", PNG.content, "image/png")]
    assert {one.id for one in made.categories} == {1, 2}
    assert made.cover_image.endswith("-photo.png")


async def test_create_without_a_file_is_a_plain_form(crm, courses, admin):
    await courses.create(admin, VALUES)
    assert "categories" not in crm.forms[0]
    assert crm.uploads == []


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (1_234_567.0, "1234567"), (1_000_000.0, "1000000"), (2_147_483_647.0, "2147483647"), (1_234_567, "1234567"),
        (1_234_567.89, "1234567.89"), (0.01, "0.01"), (1500.0, "1500"),
    ],
)  # fmt: skip
async def test_a_price_arrives_to_the_last_figure(crm, courses, admin, price, text):
    """A million and more is not rounded to six figures."""
    values = {**VALUES, "is_free": False, "price": price, "currency": "KZT", "invite_code": "A-1"}
    made = await courses.create(admin, values)
    assert (crm.forms[0]["price"], made.price) == (text, price)


async def test_an_edit_of_a_dear_course_keeps_its_price(crm, courses, admin):
    crm.find(5)["price"] = 1_234_567.0
    assert (await courses.update(admin, 5, {"title": "Жаңа атау"})).price == 1_234_567
    assert crm.forms[0]["price"] == "1234567"


async def test_a_new_paid_course_shows_its_code(crm, courses, admin):
    made = await courses.create(
        admin, {**VALUES, "is_free": False, "price": 15000.0, "currency": "USD", "invite_code": "new-1"}
    )
    assert (made.invite_code, made.price, made.cost) == ("NEW-1", 15000.0, (15000.0, "USD"))
    assert crm.forms[0]["price"] == "15000"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"language": "de"}, "language"),
        ({"level": "guru"}, "level"),
        ({"currency": "BTC"}, "currency"),
        ({"duration": 0}, "duration"),
        ({"duration": 2**31}, "duration"),
        ({"duration": None}, "duration"),
        ({"price": -1}, "price"),
        ({"title": ""}, "title"),
        ({"skills": None}, "skills"),
        ({"is_free": False, "price": 500}, "invite_code"),
        ({"is_free": False, "price": 500, "invite_code": "x" * 101}, "invite_code"),
    ],
)
async def test_q7_what_would_be_a_500_is_never_sent(crm, courses, admin, values, field):
    with pytest.raises(Invalid) as error:
        await courses.create(admin, {**VALUES, "price": 0, "currency": "KZT"} | values)
    assert [one.field for one in error.value.wrong] == [field]
    assert error.value.wrong[0].key.startswith("courses.")
    assert writes(crm) == []


async def test_q7_a_nul_character_is_not_sent(crm, courses, admin):
    made = await courses.create(admin, {**VALUES, "title": "a\x00b"})
    assert made.title == "ab"


async def test_a_cover_of_a_refused_kind_is_told_before_anything_is_sent(crm, courses, admin):
    with pytest.raises(Explained, match=r"courses\.error\.cover_kind"):
        await courses.create(admin, {**VALUES, "cover_image": Upload(b"RIFF", "photo.webp", "image/webp")})
    assert writes(crm) == []


async def test_a_course_whose_answer_was_lost_is_found_by_author_and_values(crm, courses, admin):
    crm.after_write = BROKEN
    with pytest.raises(UnknownOutcome):
        await courses.create(admin, VALUES)
    made = crm.rows[-1]
    made["created_at"] = "2026-11-21T10:20:00"
    crm.rows.append(crm.rows.pop(0))
    assert (await courses.find_created(admin, VALUES)).id == made["id"]
    assert await courses.find_created(admin, {**VALUES, "title": "other"}) is None
    made["author_id"] = 77
    assert await courses.find_created(admin, VALUES) is None
    made |= {"author_id": 1, "created_at": "2026-11-21T09:20:00"}
    assert await courses.find_created(admin, VALUES) is None


# --- update -----------------------------------------------------------------------------------------------


async def test_q2_everything_is_sent_again_the_cover_too(crm, courses, admin):
    after = await courses.update(admin, 5, {"title": "Жаңа"})
    sent = crm.forms[0]
    assert sent == {
        "title": "Жаңа", "description": "Курс туралы", "course_url": "https://example.kz/python", "language": "en",
        "duration": "600", "skills": "python, sql", "currency": "KZT", "price": "1500.5", "is_free": "false",
        "level": "expert", "invite_code": "ABC-1", "video_preview": "https://youtu.be/x", "categories": ["1", "2"],
    }  # fmt: skip
    assert crm.uploads == [("обложка курса (1).png", b"\x89PNG old", "image/png")]
    assert (after.title, after.level, after.invite_code) == ("Жаңа", "expert", "ABC-1")
    assert crm.find(5)["cover_image"].endswith("-обложка курса (1).png")
    assert crm.asked[-1] == "GET /api/v2/courses/admin/5"


async def test_ids_do_not_pile_up_before_the_name_of_a_cover(crm, courses, admin):
    for number in range(3):
        await courses.update(admin, 5, {"title": f"Жаңа {number}"})
        crm.files[crm.find(5)["cover_image"]] = b"\x89PNG old"
    assert {name for name, _, _ in crm.uploads} == {"обложка курса (1).png"}


async def test_q2_a_course_without_cover_and_level_is_a_plain_form(crm, courses, admin):
    await courses.update(admin, 1, {"duration": 30})
    assert crm.uploads == []
    assert not {"level", "invite_code"} & crm.forms[0].keys()
    assert crm.forms[0]["is_free"] == "true"


@pytest.mark.parametrize(
    "cover", ["uploads/courses/lost.jpg", "https://elsewhere.example/a.jpg", "uploads/courses/a"]
)
async def test_a_cover_that_cannot_be_sent_again_is_told_instead_of_wiped(crm, courses, admin, cover):
    crm.find(5)["cover_image"] = cover
    crm.files["uploads/courses/a"] = b"what is it"
    with pytest.raises(Explained, match=r"courses\.error\.cover_lost"):
        await courses.update(admin, 5, {"title": "Жаңа"})
    assert writes(crm) == []
    await courses.upload_photo(admin, 5, PNG)
    assert crm.find(5)["cover_image"].endswith("-photo.png")


async def test_a_new_cover_replaces_the_old_one_and_nothing_else(crm, courses, admin):
    before = dict(crm.find(5))
    path = await courses.upload_photo(admin, 5, PNG)
    after = crm.find(5)
    assert path.endswith("-photo.png")
    assert "GET /uploads/" not in " ".join(crm.asked)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"cover_image", "updated_at", "author_id"}


async def test_a_cover_is_taken_away_and_nothing_else(crm, courses, admin):
    before = dict(crm.find(5))
    await courses.delete_photo(admin, 5)
    after = crm.find(5)
    assert after["cover_image"] is None
    assert {name for name in before if before[name] != after[name]} <= {
        "cover_image",
        "updated_at",
        "author_id",
    }
    crm.asked.clear()
    await courses.delete_photo(admin, 5)
    assert writes(crm) == []


@pytest.mark.parametrize("lost", ["level", "video_preview", "title", "cover_image"])
async def test_a_value_that_did_not_arrive_is_told(crm, courses, admin, lost):
    crm.loses = lost
    values = {"level": "beginner", "video_preview": "https://youtu.be/y", "title": "Жаңа"}
    if lost == "cover_image":
        with pytest.raises(UnknownOutcome):
            await courses.upload_photo(admin, 5, PNG)
        return
    with pytest.raises(Explained, match=r"courses\.error\.not_kept"):
        await courses.update(admin, 5, values)


async def test_an_unknown_category_that_the_backend_ignores_is_told(crm, courses, admin):
    with pytest.raises(Explained, match=r"courses\.error\.not_kept"):
        await courses.update(
            admin, 5, {"categories": [{"id": 1, "kk": "", "ru": ""}, {"id": 99, "kk": "", "ru": ""}]}
        )


async def test_a_lost_answer_is_settled_by_reading_back(crm, courses, admin):
    crm.after_write = BROKEN
    after = await courses.update(admin, 5, {"title": "Жаңа", "invite_code": "xyz"})
    assert (after.title, after.invite_code) == ("Жаңа", "XYZ")
    assert crm.asked.count(PUT) == 1


async def test_a_write_that_failed_is_unknown_and_not_repeated(crm, courses, admin, wire):
    def answer(request: httpx.Request) -> httpx.Response:
        return BROKEN if request.method == "PUT" else crm(request)

    wire.answers = answer
    with pytest.raises(UnknownOutcome):
        await courses.update(admin, 5, {"title": "Жаңа"})
    assert [one.method for one in wire.asked].count("PUT") == 1


@pytest.mark.parametrize(
    ("values", "field", "key"),
    [
        ({"categories": []}, "categories", "courses.error.last_category"),
        ({"invite_code": None}, "invite_code", "courses.error.keeps_code"),
        ({"price": 0}, "price", "courses.check.price"),
        ({"title": ""}, "title", "courses.error.blank"),
        ({"language": "de"}, "language", "courses.error.unknown"),
    ],
)
async def test_a_change_that_cannot_arrive_is_not_sent(crm, courses, admin, values, field, key):
    with pytest.raises(Invalid) as error:
        await courses.update(admin, 5, values)
    assert [(one.field, one.key) for one in error.value.wrong] == [(field, key)]
    assert writes(crm) == []


async def test_a_course_cannot_become_paid_without_price_or_code(crm, courses, admin):
    with pytest.raises(Invalid) as error:
        await courses.update(admin, 1, {"is_free": False})
    assert error.value.wrong[0].key == "courses.check.price"
    await courses.update(admin, 1, {"price": 500.0})
    with pytest.raises(Explained, match=r"courses\.check\.code"):
        await courses.update(admin, 1, {"is_free": False})
    await courses.update(admin, 1, {"invite_code": "a1"})
    assert (await courses.update(admin, 1, {"is_free": False})).is_paid


async def test_a_course_at_no_price_that_is_not_free_can_still_be_edited(crm, courses, admin):
    crm.find(1)["is_free"] = False
    assert (await courses.update(admin, 1, {"title": "Жаңа"})).title == "Жаңа"


# --- damaged ----------------------------------------------------------------------------------------------


async def test_q2_a_damaged_course_is_not_changed_piece_by_piece(crm, courses, admin):
    crm.find(5)["is_free"] = None
    for attempt in (
        courses.update(admin, 5, {"title": "Жаңа"}),
        courses.upload_photo(admin, 5, PNG),
        courses.delete_photo(admin, 5),
    ):
        with pytest.raises(Explained, match=r"courses\.error\.damaged"):
            await attempt
    assert writes(crm) == []


async def test_q2_a_damaged_course_is_repaired_whole(crm, courses, admin):
    crm.find(5)["is_free"] = None
    after = await courses.repair(admin, 5, {**VALUES, "level": "beginner"})
    assert (after.damaged, after.is_free, after.level, after.title) == (
        False,
        True,
        "beginner",
        VALUES["title"],
    )
    assert crm.forms[0]["is_free"] == "true"
    assert {one.id for one in after.categories} == {1, 2}
    assert after.invite_code == "ABC-1"


async def test_q2_a_paid_course_is_repaired_with_the_code_it_has(crm, courses, admin):
    crm.find(5)["is_free"] = None
    after = await courses.repair(admin, 5, {**VALUES, "is_free": False, "price": 15000.0, "currency": "KZT"})
    assert (after.is_paid, after.invite_code) == (True, "ABC-1")
    crm.find(6)["is_free"] = None
    with pytest.raises(Refused):
        await courses.repair(admin, 6, {**VALUES, "is_free": False, "price": 15000.0, "currency": "KZT"})


# --- decisions and deletes --------------------------------------------------------------------------------


async def test_a_decision_reads_the_code_back(crm, courses, admin):
    course = await courses.reject(admin, 5)
    assert (course.moderation_status, course.invite_code) == (ModerationStatus.REJECTED, "ABC-1")
    assert (await courses.approve(admin, 5)).moderation_status is ModerationStatus.APPROVED


async def test_a_course_is_deleted_only_after_the_admin_route_showed_it(crm, courses, admin):
    await courses.delete(admin, 5)
    assert crm.asked == ["GET /api/v2/courses/admin/5", "DELETE /api/v2/courses/5"]
    assert crm.find(5) is None
    crm.asked.clear()
    with pytest.raises(NotFound):
        await courses.delete(admin, 5)
    assert writes(crm) == []


async def test_who_may_not_read_courses_deletes_none(crm, courses, npo, wire):
    def answer(request: httpx.Request) -> httpx.Response:
        if "/admin/" in request.url.path:
            return httpx.Response(403, json={"detail": "У вас нет доступа к модулю 'courses'"})
        return crm(request)

    wire.answers = answer
    with pytest.raises(Exception, match="403"):
        await courses.delete(npo, 5)
    assert crm.find(5) is not None


async def test_a_fault_of_another_field_is_explained(crm, courses, admin):
    crm.find(1)["title"] = ""
    with pytest.raises(Explained, match=r"courses\.error\.blank"):
        await courses.update(admin, 1, {"price": 5.0})
    with pytest.raises(Explained, match=r"courses\.error\.blank"):
        await courses.upload_photo(admin, 1, PNG)
    assert (await courses.update(admin, 1, {"title": "Жаңа"})).title == "Жаңа"
