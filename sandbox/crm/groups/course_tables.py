"""Tables of courses and what belongs to them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.crm.groups.judging import Judged
from sandbox.crm.store import Base, utc_now


class CourseCategoryLink(Base):
    __tablename__ = "course_category_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("course_categories.id"))


class CourseCategory(Base):
    __tablename__ = "course_categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]


class Course(Judged, Base):
    """A course; `is_free` may be null, and such a row breaks whatever shows it (contract Q2).

    `status` is older than moderation_status and decides nothing.
    """

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    course_url: Mapped[str]
    language: Mapped[str]
    duration: Mapped[int]
    skills: Mapped[str]
    currency: Mapped[str]
    price: Mapped[float]
    level: Mapped[str | None]
    cover_image: Mapped[str | None]
    video_preview: Mapped[str | None]
    is_free: Mapped[bool | None] = mapped_column(default=False)
    invite_code: Mapped[str | None]
    is_popular: Mapped[bool] = mapped_column(default=False)
    is_recommended: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[float] = mapped_column(default=0.0)
    views_count: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="pending")
    status_comment: Mapped[str | None]
    author_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    # The order in which the backend's database has its rows costs it no sorting.
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    moderation_comment: Mapped[str | None]
    is_admin_created: Mapped[bool] = mapped_column(default=False)
    categories: Mapped[list[CourseCategory]] = relationship(
        secondary="course_category_links", order_by=CourseCategory.id, lazy="selectin"
    )
    chapters: Mapped[list["CourseChapter"]] = relationship(
        order_by="CourseChapter.id", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def requires_invite_code(self) -> bool:
        return not self.is_free and self.price > 0


class CourseChapter(Base):
    __tablename__ = "course_chapters"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    description: Mapped[str | None]
    order: Mapped[int]
    lessons: Mapped[list["CourseLesson"]] = relationship(
        order_by="CourseLesson.id", cascade="all, delete-orphan", lazy="selectin"
    )


class CourseLesson(Base):
    __tablename__ = "course_lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    chapter_id: Mapped[int] = mapped_column(ForeignKey("course_chapters.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    video_url: Mapped[str]
    order: Mapped[int]
    tests: Mapped[list["CourseTest"]] = relationship(
        order_by="CourseTest.id", cascade="all, delete-orphan", lazy="selectin"
    )


class CourseTest(Base):
    __tablename__ = "course_tests"

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("course_lessons.id", ondelete="CASCADE"), index=True)
    question: Mapped[str]
    image: Mapped[str | None]
    answers: Mapped[list["CourseTestAnswer"]] = relationship(
        order_by="CourseTestAnswer.id", cascade="all, delete-orphan", lazy="selectin"
    )


class CourseTestAnswer(Base):
    __tablename__ = "course_test_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    test_id: Mapped[int] = mapped_column(ForeignKey("course_tests.id", ondelete="CASCADE"), index=True)
    answer_text: Mapped[str]
    is_correct: Mapped[bool] = mapped_column(default=False)
