"""What courses are made of and sorted under: chapters to look at, categories to pick."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import httpx
import pytest

from api import BadAnswer, Broken, Forbidden, Invalid, NotFound
from api.courses import Chapters, CourseCategories, Courses
from models.course import Course
from resources.queries import ListQuery
from tests.contract.recorded import recordings
from tests.support.contract import OPENAPI
from tests.support.courses import Crm, row

ZONE = ZoneInfo("Asia/Almaty")


def lesson(number: int, tests: int = 0, **values: object) -> dict[str, object]:
    answers = [
        {"id": 1, "test_id": 1, "answer_text": text, "is_correct": text == "4"} for text in ("4", "5", "22")
    ]
    return {
        "id": number, "chapter_id": 1, "title": f"Сабақ {number}", "description": "Видео", "order": 10 - number,
        "video_url": "https://youtu.be/y", "homework": [],
        "tests": [{"id": one, "lesson_id": number, "question": "2+2?", "image": None, "answers": answers}
                  for one in range(tests)],
    } | values  # fmt: skip


def chapter(number: int, *lessons: dict[str, object], order: int = 0) -> dict[str, object]:
    return {
        "id": number, "course_id": 1, "title": f"Тарау {number}", "description": None, "order": order or number,
        "lessons": list(lessons), "homework": [],
    }  # fmt: skip


@pytest.fixture
def crm(wire) -> Crm:
    chapters = [chapter(1, lesson(1, 2), lesson(2), order=2), chapter(2, order=1), chapter(3, lesson(3))]
    crm = wire.answers = Crm([row(1, chapters=chapters), row(2)])
    return crm


@pytest.fixture
def chapters(wire, crm) -> Chapters:
    return Chapters(wire.backend, timezone=ZONE)


@pytest.fixture
def clock():
    class Clock:
        now = 0.0

        def __call__(self) -> float:
            return self.now

    return Clock()


@pytest.fixture
def categories(wire, crm, clock) -> CourseCategories:
    return CourseCategories(wire.backend, timezone=ZONE, clock=clock)


def test_q5_the_contract_has_no_route_that_changes_chapters_or_lessons():
    import json

    paths = json.loads(OPENAPI.read_text())["paths"]
    assert not [path for path in paths if "chapter" in path or "lesson" in path]
    assert not [one for one in recordings("courses") if "chapter" in one["request"]["path"]]


async def test_chapters_in_the_order_of_the_course(chapters, admin):
    page = await chapters.under(1).page(admin, ListQuery())
    assert [one.id for one in page.items] == [2, 1, 3]
    assert (page.total, page.has_next, page.complete) == (3, False, True)
    assert [one.id for one in (await chapters.under(1).page(admin, ListQuery(2, 2))).items] == [3]


async def test_lessons_tests_and_answers_are_counted(chapters, admin):
    found = await chapters.under(1).get(admin, 1)
    assert [one.id for one in found.lessons] == [2, 1]
    assert (found.tests, found.answers) == (2, 6)


async def test_a_search_finds_chapters_by_their_lessons(chapters, admin):
    page = await chapters.under(1).page(admin, ListQuery(search="сабак 3"))
    assert [one.id for one in page.items] == [3]


async def test_a_chapter_of_another_course_is_not_found(chapters, admin):
    with pytest.raises(NotFound):
        await chapters.under(2).get(admin, 1)
    with pytest.raises(NotFound):
        await chapters.under(99).page(admin, ListQuery())


async def test_two_views_of_chapters_do_not_disturb_each_other(chapters, admin):
    first, second = chapters.under(1), chapters.under(2)
    assert len((await first.page(admin, ListQuery())).items) == 3
    assert (await second.page(admin, ListQuery())).items == []


async def test_q2_chapters_of_a_damaged_course_cannot_be_read(crm, chapters, admin):
    crm.rows[0]["is_free"] = None
    with pytest.raises(Broken):
        await chapters.under(1).page(admin, ListQuery())


async def test_the_views_are_not_counted(crm, chapters, admin):
    await chapters.under(1).page(admin, ListQuery())
    assert crm.asked == ["GET /api/v2/courses/admin/1"]


def test_a_recorded_course_with_chapters(wire):
    body = next(
        pair["response"]["json"] for pair in recordings("courses")
        if isinstance(pair["response"]["json"], dict) and pair["response"]["json"].get("chapters")
    )  # fmt: skip
    course = Course.model_validate(Courses(wire.backend, timezone=ZONE).adapt(body))
    assert (len(course.chapters), course.lessons, course.chapters[0].answers) == (1, 1, 1)


# --- categories -------------------------------------------------------------------------------------------


async def test_categories_by_name_and_kept_for_ten_minutes(crm, categories, admin, clock):
    for _ in range(3):
        page = await categories.page(admin, ListQuery())
        assert [one.name for one in page.items] == ["IT", "Қаржы"]
    assert len(crm.asked) == 1
    clock.now = 601
    await categories.page(admin, ListQuery(search="каржы"))
    assert len(crm.asked) == 2


async def test_a_category_has_one_name_in_every_language(categories, admin):
    ref = (await categories.get(admin, 2)).ref
    assert (ref.best("kk"), ref.best("ru"), ref.best("en")) == ("Қаржы",) * 3
    with pytest.raises(NotFound):
        await categories.get(admin, 9)


async def test_a_new_category_shows_at_once(crm, categories, admin):
    await categories.page(admin, ListQuery())
    made = await categories.create(admin, {"name": " Тіл ", "description": ""})
    assert (made.id, made.name, made.description) == (3, "Тіл", None)
    assert (await categories.get(admin, 3)).name == "Тіл"
    assert (await categories.find_created(admin, {"name": "тіл"})).id == 3
    assert await categories.find_created(admin, {"name": "тил"}) is None


@pytest.mark.parametrize("name", ["it", "  ҚАРЖЫ ", ""])
async def test_no_second_category_of_a_name_that_could_never_be_deleted(crm, categories, admin, name):
    await categories.page(admin, ListQuery())
    with pytest.raises(Invalid) as error:
        await categories.create(admin, {"name": name})
    assert error.value.wrong[0].field == "name"
    assert not [one for one in crm.asked if one.startswith("POST")]


async def test_who_may_not_see_courses_creates_no_category(wire, crm, categories, npo):
    def answer(request: httpx.Request) -> httpx.Response:
        if "/admin/" in request.url.path:
            return httpx.Response(403, json={"detail": "У вас нет доступа к модулю 'courses'"})
        return crm(request)

    wire.answers = answer
    with pytest.raises(Forbidden):
        await categories.create(npo, {"name": "Тіл"})
    assert len(crm.categories) == 2


async def test_rows_that_are_no_categories_are_a_bad_answer(wire, categories, admin):
    wire.says(httpx.Response(200, json=[{"nothing": 1}]))
    with pytest.raises(BadAnswer):
        await categories.page(admin, ListQuery())
