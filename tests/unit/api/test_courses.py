"""Reading courses: an unordered list put in order, and rows that the backend itself cannot show."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api import Broken, NotFound, Unavailable
from api.courses import Courses
from models.common import ModerationStatus
from models.course import Course
from resources.queries import ListQuery
from tests.contract.recorded import recordings
from tests.support.courses import COVER, Crm, row

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
LIST = "GET /api/v2/courses/admin/moderation/all-statuses"


@pytest.fixture
def courses(wire) -> Courses:
    return Courses(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([row(number) for number in range(1, 31)])
    return crm


def ids(page) -> list[int]:
    return [item.id for item in page.items]


def query(page: int = 1, size: int = 5, search: str = "", sort: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters, sort=sort)


async def test_every_recorded_course_is_read(wire, courses):
    seen = 0
    for pair in recordings("courses"):
        body = pair["response"]["json"]
        for item in body if isinstance(body, list) else [body]:
            if isinstance(item, dict) and "course_url" in item:
                course = Course.model_validate(courses.adapt(item))
                assert course.title == item["title"]
                assert [one.id for one in course.categories] == [one["id"] for one in item["categories"]]
                assert course.created_at.tzinfo is UTC
                seen += 1
    assert seen > 5


async def test_newest_first_with_the_true_total(crm, courses, admin):
    crm.touch(30)
    crm.touch(3)
    page = await courses.page(admin, query(page=2))
    assert ids(page) == [25, 24, 23, 22, 21]
    assert (page.total, page.has_next, page.complete) == (30, True, True)


async def test_q9_no_course_is_seen_twice_although_the_list_has_no_order(crm, courses, admin):
    crm.rows += [row(number) for number in range(31, 251)]
    seen: list[int] = []
    for number in range(1, 51):
        page = await courses.page(admin, query(page=number))
        seen += ids(page)
        # Views and decisions of others move rows about between two pages.
        for touched in page.items[:2]:
            crm.touch(touched.id)
        crm.touch(1 + number * 7 % 250)
    assert seen == list(range(250, 0, -1))
    assert not (await courses.page(admin, query(page=50))).has_next


async def test_no_more_is_asked_for_than_there_is(crm, courses, admin):
    crm.rows += [row(number) for number in range(31, 131)]
    assert (await courses.page(admin, query())).total == 130
    assert crm.asked.count(LIST) == 2
    crm.rows += [row(number) for number in range(131, 301)]
    crm.rows[140]["is_free"] = None
    page = await courses.page(admin, query())
    assert (page.total, page.complete, page.note) == (300, True, ""), "although the counters lag behind"


async def test_q9_many_thousand_courses_open_at_the_price_of_one_page(crm, courses, admin):
    crm.rows = [row(number) for number in range(1, 3001)]
    page = await courses.page(admin, query(page=400))
    assert (ids(page), page.total, page.has_next) == ([1996, 1997, 1998, 1999, 2000], 3000, True)
    assert crm.asked.count(LIST) == 2
    page = await courses.page(admin, query(page=600))
    assert (len(page.items), page.has_next) == (5, False)


async def test_a_search_among_many_thousand_looks_at_those_written_last_and_says_so(crm, courses, admin):
    crm.rows = [row(number) for number in range(1, 3001)]
    page = await courses.page(admin, query(search="курс 29", size=100))
    assert ids(page)[:2] == [2999, 2998]
    assert (page.scanned, page.complete, page.total) == (1000, False, None)
    assert crm.asked.count(LIST) == 10
    assert ids(await courses.page(admin, query(search="Курс 1999"))) == []


async def test_filters_and_orders_of_the_bot(crm, courses, admin):
    pages = {
        "pending": await courses.page(admin, query(size=50, moderation_status="pending")),
        "russian": await courses.page(admin, query(size=50, language="ru")),
        "beginner": await courses.page(admin, query(size=50, level="beginner", language="kz")),
    }
    assert {one.moderation_status for one in pages["pending"].items} == {ModerationStatus.PENDING}
    assert len(pages["pending"].items) == 10
    assert ids(pages["russian"]) == list(range(28, 0, -3))
    assert ids(pages["beginner"]) == [30, 24, 18, 12, 6]
    assert ids(await courses.page(admin, query(sort="title"))) == [1, 10, 11, 12, 13]
    assert ids(await courses.page(admin, query(sort="created"))) == [30, 29, 28, 27, 26]


async def test_free_or_paid(crm, courses, admin):
    crm.rows[4] |= {"is_free": False, "price": 500.0, "invite_code": "A"}
    assert ids(await courses.page(admin, query(is_free="no"))) == [5]
    assert len((await courses.page(admin, query(size=50, is_free="yes"))).items) == 29


async def test_a_search_finds_title_skills_and_category_in_any_spelling(crm, courses, admin):
    crm.rows[0]["title"] = "Қаржылық сауаттылық"
    crm.rows[1]["categories"] = [{"id": 2, "name": "Ёлка", "description": None}]
    crm.rows[2]["skills"] = "SMM"
    assert ids(await courses.page(admin, query(search="каржылык"))) == [1]
    assert ids(await courses.page(admin, query(search="елка"))) == [2]
    assert ids(await courses.page(admin, query(search="smm"))) == [3]


async def test_a_list_leaves_the_chapters_out(crm, courses, admin):
    crm.rows = [row(1, chapters=[{"id": 1, "title": "I", "order": 1, "course_id": 1, "lessons": []}])]
    assert (await courses.page(admin, query())).items[0].chapters == ()
    assert len((await courses.get(admin, 1)).chapters) == 1


async def test_q15_a_cover_with_spaces_and_cyrillic_becomes_an_address(crm, courses, admin):
    crm.rows[0]["cover_image"] = COVER
    address = (await courses.get(admin, 1)).cover_image
    assert address.startswith("http://crm.test/uploads/courses/0000")
    assert address.endswith(
        "-%D0%BE%D0%B1%D0%BB%D0%BE%D0%B6%D0%BA%D0%B0%20%D0%BA%D1%83%D1%80%D1%81%D0%B0%20(1).png"
    )


async def test_the_public_card_is_never_asked_for(crm, courses, admin):
    await courses.get(admin, 7)
    await courses.page(admin, query())
    assert not [one for one in crm.asked if one.startswith("GET /api/v2/courses/") and "/admin/" not in one]


# --- damaged rows -----------------------------------------------------------------------------------------


@pytest.fixture
def damaged(crm) -> Crm:
    crm.rows[9]["is_free"] = None
    crm.rows[22]["is_free"] = None
    return crm


async def test_q2_a_damaged_course_does_not_hide_the_others(damaged, courses, admin):
    page = await courses.page(admin, query(size=50))
    assert set(ids(page)) == set(range(1, 31))
    assert [(one.id, one.damaged) for one in page.items[:3]] == [(23, True), (10, True), (30, False)]
    assert page.items[0].title == "Курс 23"
    assert (page.total, page.note) == (30, "")


async def test_q2_a_damaged_course_stands_in_its_own_status_only(damaged, courses, admin):
    page = await courses.page(admin, query(size=50, moderation_status="approved"))
    assert [one.id for one in page.items if one.damaged] == [10]


async def test_q2_a_page_of_a_long_list_is_read_past_a_damaged_row(crm, courses, admin):
    crm.rows = [row(number) for number in range(1, 2001)]
    crm.rows[6]["is_free"] = None
    page = await courses.page(admin, query(page=2))
    assert (ids(page), page.has_next, page.note) == ([6, 8, 9, 10], True, "courses.unshown")


async def test_q2_the_card_of_a_damaged_course_says_what_is_known(damaged, courses, admin):
    course = await courses.get(admin, 23)
    assert (course.damaged, course.title, course.description) == (True, "Курс 23", "Курс туралы")
    assert course.moderation_status is ModerationStatus.REJECTED
    assert course.is_free is None


async def test_q2_traces_are_followed_beyond_the_first_page(crm, courses, admin):
    crm.rows = [row(number, moderation_status="approved") for number in range(1, 501)]
    crm.rows[410]["is_free"] = None
    assert (await courses.get(admin, 411)).title == "Курс 411"
    assert ids(await courses.page(admin, query()))[0] == 411


@pytest.fixture
def untraced(damaged) -> Crm:
    damaged.failing |= {"/api/v1/moderation/queue", "/api/v1/moderation/recent"}
    return damaged


async def test_q1_damaged_courses_are_found_although_the_unified_lists_are_broken_too(
    untraced, courses, admin
):
    course = await courses.get(admin, 23)
    assert (course.id, course.title, course.damaged) == (23, "", True)
    page = await courses.page(admin, query(size=50))
    assert [one.id for one in page.items if one.damaged] == [23, 10]
    assert (page.total, page.note) == (30, "")


async def test_a_damaged_course_of_unknown_status_is_missing_from_a_filtered_list_which_says_so(
    untraced, courses, admin
):
    page = await courses.page(admin, query(size=50, moderation_status="approved"))
    assert set(ids(page)) == {
        one["id"] for one in untraced.rows if one["moderation_status"] == "approved"
    } - {10}
    assert page.note == "courses.unshown"


async def test_damaged_courses_are_looked_for_among_the_gaps_of_the_ids_within_bounds(
    untraced, courses, admin
):
    untraced.rows = [one for one in untraced.rows if one["id"] % 2 or one["id"] == 10]
    page = await courses.page(admin, query(size=50))
    assert [one.id for one in page.items if one.damaged] == [23, 10]
    untraced.rows += [row(number) for number in range(1000, 1005)]
    untraced.asked.clear()
    page = await courses.page(admin, query(size=50))
    assert [one.id for one in page.items if one.damaged] == [23, 10], "those of the last time are tried first"
    fresh = Courses(courses._backend, timezone=ZoneInfo("Asia/Almaty"))
    untraced.asked.clear()
    page = await fresh.page(admin, query(size=50))
    assert (len([one for one in page.items if one.damaged]), page.note) == (0, "courses.unshown")
    assert len([one for one in untraced.asked if one.startswith("GET /api/v2/courses/admin/9")]) == 60 - 3


async def test_a_backend_that_is_broken_as_a_whole_is_not_taken_for_damaged_rows(damaged, courses, admin):
    damaged.failing |= {
        "/api/v2/courses/admin/moderation/stats",
        "/api/v2/courses/admin/moderation/all-statuses",
        "/api/v2/courses/admin/23",
    }
    with pytest.raises(Broken):
        await courses.get(admin, 23)
    damaged.asked.clear()
    with pytest.raises(Broken):
        await courses.page(admin, query())
    assert len(damaged.asked) <= 4


async def test_a_list_that_is_broken_everywhere_ends_after_a_bounded_number_of_calls(crm, courses, admin):
    crm.rows = [row(number, is_free=None) for number in range(1, 901)]
    with pytest.raises(Broken):
        await courses.page(admin, query())
    assert len(crm.asked) < 400


async def test_a_course_that_is_gone_is_gone(crm, courses, admin):
    with pytest.raises(NotFound):
        await courses.get(admin, 999)


async def test_a_backend_that_is_away_is_away(wire, courses, admin, hurried):
    import httpx

    wire.says(httpx.ConnectError("no"))
    with pytest.raises(Unavailable):
        await courses.page(admin, query())
