"""Courses, their chapters and categories: contract 2.6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.courses import Chapters, CourseCategories, Courses
from handlers._engine.own import RecordContext
from keyboards.buttons import Row, navigation
from keyboards.pager import pager
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.course import Chapter, Course, CourseCategory, CourseLanguage, CourseLevel, Currency, Lesson
from resources.fields import Choice, DateTime, Flag, Link, LongText, Number, Photo, Relations, Text
from resources.queries import ListQuery, Page
from resources.resource import MODERATED, READS, Action, Deed, Filter, ListView, Mood, Op, Resource, Waiting
from utils.html import bold, italic, lines
from views.fitting import TEXT_LIMIT, cut, fit, label
from views.screen import Outcome, Screen


def paid(values: Mapping[str, Any]) -> bool:
    """True once the course is known to cost something: only then is there a price to ask for."""
    return values.get("is_free") is False


def check(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """A course that is paid for is entered with an invite code."""
    if paid(values) and values.get("price") and not values.get("invite_code"):
        return "invite_code", "courses.check.code"
    return None


def title(course: Course, locale: Locale) -> str:
    """The title, marked when the CRM itself cannot show the course."""
    if course.damaged:
        return f"⚠️ {course.title or f'#{course.id}'}"
    return course.title or locale.t("card.untitled")


def line(course: Course, locale: Locale) -> str:
    """``15,000 KZT · Title``; a free course is its title alone."""
    name = title(course, locale)
    return f"{cost(course.cost, locale)} · {name}" if course.cost else name


def cost(value: tuple[float, str] | None, locale: Locale) -> str:
    """``15,000 KZT``; ``""`` for nothing."""
    return f"{locale.number(value[0])} {value[1]}".strip() if value else ""


def counted(parts: Iterable[tuple[str, int]], locale: Locale) -> str:
    """``3 chapters, 10 lessons``, without what there is none of."""
    return ", ".join(locale.t(key, n=number, count=locale.number(number)) for key, number in parts if number)


def damage(value: bool, locale: Locale) -> str:
    """What happened to a damaged course, and what can be done."""
    return locale.t("courses.damage") if value else ""


def contents(chapters: tuple[Chapter, ...], locale: Locale) -> str:
    """How many chapters, lessons and tests."""
    parts = (
        ("courses.chapters", len(chapters)),
        ("courses.lessons", sum(len(chapter.lessons) for chapter in chapters)),
        ("courses.tests", sum(chapter.tests for chapter in chapters)),
    )
    return counted(parts, locale)


async def impact(source: Courses, caller: Caller, record_id: int, locale: Locale) -> str:
    """How many chapters, lessons and tests a delete takes along."""
    course = await source.get(caller, record_id)
    return locale.html("courses.impact", parts=contents(course.chapters, locale)) if course.chapters else ""


def lesson_lines(lessons: tuple[Lesson, ...], locale: Locale) -> str:
    """One line per lesson: number, title, tests."""
    return "\n".join(
        " · ".join(part for part in (f"{number}. {lesson.title}", tested(lesson, locale)) if part)
        for number, lesson in enumerate(lessons, start=1)
    )


def tested(item: Lesson | Chapter, locale: Locale) -> str:
    """``2 tests, 6 answers``."""
    tests = item.tests if isinstance(item, Chapter) else len(item.tests)
    return counted((("courses.tests", tests), ("courses.answers", item.answers)), locale)


def chapter_line(chapter: Chapter, locale: Locale) -> str:
    """``2. Title · 5 lessons``."""
    lessons = counted((("courses.lessons", len(chapter.lessons)),), locale)
    return " · ".join(part for part in (f"{chapter.order}. {chapter.title}", lessons) if part)


async def lessons(record: RecordContext) -> Outcome:
    """The lessons of a chapter, one a page, with their tests."""
    ctx = record.ctx
    chapter: Chapter = await ctx.app.records.get(ctx.caller, record.resource, record.go.id)
    total = len(chapter.lessons)
    number = min(max(1, record.page), max(1, total))
    page = Page(chapter.lessons[number - 1 : number], ListQuery(number, 1), number < total, total)
    body = [ctx.t("course_chapters.no_lessons")]
    if total:
        body = _lesson(chapter.lessons[number - 1], number, ctx.locale)
    rows: tuple[Row, ...] = (
        pager(page, record.address, None, ctx.locale),
        navigation(ctx.locale, record.card()),
    )
    return Outcome(Screen(fit(lines(bold(f"📖 {label(chapter.title, 120)}"), "", *body), TEXT_LIMIT), rows))


def _lesson(lesson: Lesson, number: int, locale: Locale) -> list[str]:
    parts: list[str] = [bold(f"{number}. {label(lesson.title, 200)}")]
    if counts := tested(lesson, locale):
        parts.append(italic(counts))
    if lesson.description:
        parts += ["", cut(lesson.description, 1200)]
    if lesson.video_url:
        parts += ["", f"🎬 {label(lesson.video_url, 300)}"]
    for test in lesson.tests:
        parts += ["", bold(label(test.question, 300))]
        parts += [f"{'✓' if one.is_correct else '·'} {label(one.answer_text, 100)}" for one in test.answers]
    return [*parts, *(f"📝 {label(task.title, 200)}" for task in lesson.homework)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Text):
    """A code that the backend keeps in capitals."""

    def parse(self, typed: str, locale: Locale) -> Any:
        """The code in capitals, without spaces at its ends. Raises ``FieldError``."""
        return str(Text.parse(self, typed, locale)).upper()


TITLE = Text(name="title", required=True, max_len=300)
DESCRIPTION = LongText(name="description", required=True)
LANGUAGE = Choice(name="language", required=True, options=CourseLanguage, texts="courses_language")
LEVEL = Choice(name="level", options=CourseLevel, texts="courses_level")
DURATION = Number(name="duration", required=True, least=1, most=100_000, unit="courses.minutes")
SKILLS = Text(name="skills", required=True, max_len=500)
LINK = Link(name="course_url", required=True)
IS_FREE = Flag(name="is_free", required=True, yes="courses.free", no="courses.paid")
PRICE = Number(name="price", required=True, most=1_000_000_000, places=2, when=paid)
CURRENCY = Choice(name="currency", required=True, options=Currency, texts="courses_currency", when=paid)
CODE = Code(name="invite_code", max_len=100, when=paid)
PREVIEW = Link(name="video_preview")

COURSES: Resource[Course] = Resource(
    module=Module.COURSES,
    key="courses",
    code="co",
    icon="🎓",
    model=Course,
    source=Courses,
    announced=True,
    needs=MODERATED,
    title=title,
    fields=(
        TITLE, DESCRIPTION, LANGUAGE, LEVEL, DURATION, SKILLS, LINK, IS_FREE, PRICE, CURRENCY, CODE,
        Relations(name="categories", lookup=CourseCategories),
        PREVIEW,
        Photo(name="cover_image", at_create=True),
        Text(name="cost", editable=False, format=cost),
        Text(name="chapters", editable=False, format=contents),
        Number(name="views_count", editable=False),
        DateTime(name="created_at", editable=False),
        LongText(name="damaged", editable=False, format=damage),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("moderation_status", ("pending", "approved", "rejected")),
            Filter("language", tuple(CourseLanguage), "courses_language"),
            Filter("level", tuple(CourseLevel), "courses_level"),
            Filter("is_free", ("yes", "no"), "courses_is_free"),
        ),
        sorts=("", "created", "title"),
    ),
    card=(
        "damaged", "cover_image", "is_free", "cost", "invite_code", "language", "level", "duration", "categories",
        "skills", "course_url", "video_preview", "chapters", "views_count", "created_at", "description",
    ),
    form=(
        "title", "description", "language", "level", "duration", "skills", "course_url", "is_free", "price",
        "currency", "invite_code", "categories", "video_preview", "cover_image",
    ),
    deeds=(
        Deed(
            "repair", "rp", Permission.UPDATE, icon="🛠", mood=Mood.GOOD,
            fields=(
                TITLE, DESCRIPTION, LANGUAGE, LEVEL, DURATION, SKILLS, LINK, IS_FREE, PRICE, CURRENCY, CODE, PREVIEW,
            ),
            offered=lambda course: course.damaged,
            reached=lambda course, values: not course.damaged,
        ),
    ),
    check=check,
    impact=impact,
    entity="courses",
    waiting=Waiting(queue="course"),
)  # fmt: skip

COURSE_CHAPTERS: Resource[Chapter] = Resource(
    module=Module.COURSES,
    key="course_chapters",
    code="ch",
    icon="📚",
    model=Chapter,
    source=Chapters,
    parent="co",
    shown_for=lambda course: bool(course.chapters),
    needs=READS,
    title=lambda chapter, locale: chapter.title,
    subtitle=lambda chapter, locale: tested(chapter, locale),
    fields=(
        LongText(name="description", editable=False),
        LongText(name="lessons", editable=False, format=lesson_lines),
    ),
    list=ListView(line=chapter_line),
    card=("description", "lessons"),
    actions=(Action("lessons", "ls", Permission.READ, lessons, icon="📖"),),
)

COURSE_CATEGORIES: Resource[CourseCategory] = Resource(
    module=Module.COURSES,
    key="course_categories",
    code="cc",
    icon="🗂",
    model=CourseCategory,
    source=CourseCategories,
    needs={**READS, Op.CREATE: Permission.CREATE},
    title=lambda category, locale: category.name,
    fields=(
        Text(name="name", required=True, editable=False, max_len=200),
        LongText(name="description", editable=False, max_len=1000),
    ),
    list=ListView(line=lambda category, locale: category.name),
    card=("description",),
    form=("name", "description"),
)
