"""130 demo courses: of administrators and of the community, free and paid, with chapters, tests and covers."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups import course_tables as tables
from sandbox.crm.groups import course_texts as texts
from sandbox.crm.groups.course_work import CURRENCIES, LEVELS
from sandbox.crm.groups.seeding import store
from sandbox.crm.posters import save_poster
from sandbox.crm.room import SeedContext

HOW_MANY = 130
LONG = (9, 62)
OWNERS = ("administrator", "super_admin", "administrator2")
# None belongs to the community, whose courses wait for approval.
FATES = (
    ("admin", "approved"),
    (None, "pending"),
    ("admin", "approved"),
    (None, "approved"),
    ("admin", "rejected"),
    (None, "rejected"),
    (None, "pending"),
)
# As uploads name them: a fresh id, then the person's own file name with whatever it holds.
COVERS = (
    "00000000-0000-4000-8000-00000000c0e1-мұқаба.jpg",
    "00000000-0000-4000-8000-00000000c0e2-обложка курса (1).png",
    "00000000-0000-4000-8000-00000000c0e3-cover.jpg",
)


def seed_courses(context: SeedContext) -> None:
    """Stores the courses; every third has chapters, every second chapter's lesson a test."""
    # An own source: courses do not change what other groups draw from the common one.
    source = random.Random("courses")
    for number, name in zip((0, 3, 1), COVERS, strict=True):
        # The same pictures as the events', so they are drawn once.
        save_poster(context.uploads / "courses" / name, number, "TABYS")
    categories = [{"name": name, "description": text} for name, text in texts.CATEGORIES]
    store(context, tables.CourseCategory, categories)
    rows = [_course(context, source, number) for number in range(HOW_MANY)]
    store(context, tables.Course, rows)
    links = [
        {"course_id": number + 1, "category_id": category}
        for number in range(HOW_MANY)
        for category in sorted(source.sample(range(1, len(categories) + 1), number % 4))
    ]
    store(context, tables.CourseCategoryLink, links)
    _fill(context)


def _course(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    author, state = FATES[number % len(FATES)]
    owner = OWNERS[number % len(OWNERS)]
    created = context.now - timedelta(hours=11 * number + source.randrange(11), minutes=source.randrange(60))
    judged = (
        None if state == "pending" else created + timedelta(hours=source.randrange(0 if author else 1, 60))
    )
    title, language, skills = texts.TITLES[(number * 5) % len(texts.TITLES)]
    if number % 13 == 6:
        title = texts.AWKWARD_TITLES[number // 13 % len(texts.AWKWARD_TITLES)]
    free = number % 3 != 1
    return {
        "id": number + 1,
        "title": title,
        "description": _description(source, number),
        "course_url": f"https://learn.example.com/courses/{number + 1}",
        "language": language,
        "duration": source.choice((30, 90, 240, 600, 1800)),
        "skills": skills,
        "currency": "KZT" if free else source.choice(CURRENCIES),
        # A course may be free and have a price at the same time.
        "price": 0.0
        if free and number % 20
        else 500.0 * source.randrange(2, 60) + (0.5 if number % 7 == 4 else 0),
        "level": None if number % 5 == 2 else LEVELS[number % len(LEVELS)],
        "cover_image": _cover(number),
        "video_preview": (None, "https://youtu.be/example", "")[number % 3],
        "is_free": free,
        "invite_code": None if free else f"CODE-{number + 1}",
        "is_popular": number % 6 == 0,
        "is_recommended": number % 8 == 0,
        "rating": round(source.uniform(3, 5), 1) if number % 2 else 0.0,
        "views_count": int(2000 * source.random() ** 3),
        "status": "rejected" if number % 31 == 30 else "pending",
        "status_comment": "Сапасы төмен" if number % 31 == 30 else None,
        "author_id": context.admin_ids[owner] if author else 1 + number % 40,
        "created_at": created,
        "updated_at": judged or created,
        "moderation_status": state,
        "moderated_at": judged,
        "moderated_by": context.admin_ids[owner] if judged else None,
        "is_admin_created": author is not None,
    }


def _description(source: random.Random, number: int) -> str:
    if number in LONG:
        return "\n\n".join(texts.DESCRIPTIONS * 25)
    return source.choice(texts.DESCRIPTIONS)


def _cover(number: int) -> str | None:
    if number % 25 == 3:
        return f"uploads/courses/lost-{number}.jpg"
    return f"uploads/courses/{COVERS[number // 2 % len(COVERS)]}" if number % 2 == 0 else None


def _fill(context: SeedContext) -> None:
    chapters: list[dict[str, Any]] = []
    lessons: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for course in range(1, HOW_MANY + 1, 3):
        for place, title in enumerate(texts.CHAPTERS[: 1 + course % len(texts.CHAPTERS)]):
            chapters.append(
                {
                    "id": len(chapters) + 1,
                    "course_id": course,
                    "title": title,
                    "description": None if place else "Не үйренесіз / Что узнаете",
                    "order": place + 1,
                }
            )
            _fill_chapter(chapters[-1]["id"], lessons, tests, answers)
    store(context, tables.CourseChapter, chapters)
    store(context, tables.CourseLesson, lessons)
    store(context, tables.CourseTest, tests)
    store(context, tables.CourseTestAnswer, answers)


def _fill_chapter(
    chapter: int, lessons: list[dict[str, Any]], tests: list[dict[str, Any]], answers: list[dict[str, Any]]
) -> None:
    for place in range(chapter % (len(texts.LESSONS) + 1)):
        lessons.append(
            {
                "id": len(lessons) + 1,
                "chapter_id": chapter,
                "title": texts.LESSONS[place],
                "description": "Видео, конспект және тапсырма",
                "video_url": "https://youtu.be/example",
                "order": place + 1,
            }
        )
        if place % 2:
            continue
        question, choices = texts.QUESTIONS[len(tests) % len(texts.QUESTIONS)]
        tests.append(
            {"id": len(tests) + 1, "lesson_id": lessons[-1]["id"], "question": question, "image": None}
        )
        answers += [
            {"test_id": len(tests), "answer_text": text, "is_correct": position == 0}
            for position, text in enumerate(choices)
        ]
