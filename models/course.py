"""Courses and what they are made of: contract section 2.6, shapes CourseDetail and CourseAdminDetail."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from models.common import ModeratedRecord, Record, Ref, UtcDateTime


class CourseLanguage(StrEnum):
    """The language a course is taught in; any other value makes the backend answer 500 (contract Q7)."""

    KAZAKH = "kz"
    RUSSIAN = "ru"
    ENGLISH = "en"


class CourseLevel(StrEnum):
    """For whom a course is; any other value is a 500 (contract Q7)."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"
    EXPERT = "expert"


class Currency(StrEnum):
    """What a price is counted in; any other value is a 500 (contract Q7)."""

    TENGE = "KZT"
    DOLLAR = "USD"
    EURO = "EUR"
    ROUBLE = "RUB"


class CourseCategory(Record):
    """A category; it has one name, whatever language that is in, and can be neither changed nor deleted."""

    name: str
    description: str | None = None

    @property
    def ref(self) -> Ref:
        """The category as a course points at it."""
        return Ref(id=self.id, kk=self.name, ru=self.name)


P = TypeVar("P", "Lesson", "Chapter")


def _ordered(parts: tuple[P, ...]) -> tuple[P, ...]:
    return tuple(sorted(parts, key=lambda part: (part.order, part.id)))


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Answer(_Part):
    """One of the answers of a question."""

    answer_text: str
    is_correct: bool = False


class Question(_Part):
    """A test: one question and its answers."""

    question: str
    image: str | None = None
    answers: tuple[Answer, ...] = ()


class Homework(_Part):
    """A task to do at home."""

    title: str
    description: str | None = None


class Lesson(_Part):
    """One lesson of a chapter."""

    id: int
    title: str
    description: str | None = None
    video_url: str | None = None
    order: int = 0
    tests: tuple[Question, ...] = ()
    homework: tuple[Homework, ...] = ()

    @property
    def answers(self) -> int:
        """How many answers its tests offer."""
        return sum(len(test.answers) for test in self.tests)


class Chapter(Record):
    """One chapter of a course; nothing of it can be changed through the backend."""

    title: str
    order: int = 0
    description: str | None = None
    lessons: Annotated[tuple[Lesson, ...], AfterValidator(_ordered)] = ()
    homework: tuple[Homework, ...] = ()

    @property
    def tests(self) -> int:
        """How many tests its lessons have."""
        return sum(len(lesson.tests) for lesson in self.lessons)

    @property
    def answers(self) -> int:
        """How many answers those tests offer."""
        return sum(lesson.answers for lesson in self.lessons)


class Course(ModeratedRecord):
    """A course. Lists give neither ``chapters`` (dropped as they are read) nor ``invite_code``.

    ``damaged`` is a stand-in for a row that the backend itself cannot show since somebody saved it without
    ``is_free`` (contract Q2): of it hardly more than the title is known.
    """

    title: str = ""
    description: str | None = None
    course_url: str | None = None
    language: str | None = None
    duration: int | None = None
    skills: str | None = None
    currency: str | None = None
    price: float | None = None
    is_free: bool | None = None
    level: str | None = None
    cover_image: str | None = None
    video_preview: str | None = None
    invite_code: str | None = None
    categories: tuple[Ref, ...] = ()
    chapters: Annotated[tuple[Chapter, ...], AfterValidator(_ordered)] = ()
    rating: float | None = None
    views_count: int | None = None
    author_id: int | None = None
    created_at: UtcDateTime | None = None
    updated_at: UtcDateTime | None = None
    damaged: bool = False

    @property
    def is_paid(self) -> bool:
        """True for a course that asks for money, and so for an invite code."""
        return self.is_free is False and bool(self.price)

    @property
    def cost(self) -> tuple[float, str] | None:
        """Price and currency of a paid course."""
        return (self.price or 0.0, self.currency or "") if self.is_paid else None

    @property
    def lessons(self) -> int:
        """How many lessons its chapters have."""
        return sum(len(chapter.lessons) for chapter in self.chapters)
