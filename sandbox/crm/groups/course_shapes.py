"""What course operations take and answer."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CourseStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class CourseStatusUpdate(BaseModel):
    status: CourseStatus
    status_comment: str | None = None


class CourseCategoryCreate(BaseModel):
    name: str
    description: str | None = None


class CourseCategoryRow(CourseCategoryCreate, Row):
    id: int


class HomeworkBrief(Row):
    id: int
    title: str
    description: str | None = None


class CourseTestAnswer(Row):
    """The right answer is shown to everybody."""

    answer_text: str
    is_correct: bool = False
    id: int
    test_id: int


class CourseTest(Row):
    question: str
    image: str | None = None
    id: int
    lesson_id: int
    answers: list[CourseTestAnswer]


class CourseLesson(Row):
    title: str
    description: str
    video_url: str
    order: int
    id: int
    chapter_id: int
    tests: list[CourseTest] = []
    homework: list[HomeworkBrief] = []


class CourseChapter(Row):
    title: str
    order: int
    description: str | None = None
    id: int
    course_id: int
    lessons: list[CourseLesson] = []
    homework: list[HomeworkBrief] = []


class CourseList(Row):
    id: int
    title: str
    description: str
    language: str
    duration: int
    price: float
    currency: str
    cover_image: str | None
    is_free: bool
    is_popular: bool
    is_recommended: bool
    rating: float
    views_count: int
    level: str | None
    status: CourseStatus
    requires_invite_code: bool = False
    categories: list[CourseCategoryRow]
    created_at: datetime


class CourseDetail(CourseList):
    course_url: str
    skills: str
    video_preview: str | None
    author_id: int
    updated_at: datetime
    chapters: list[CourseChapter]
    moderation_status: str = "approved"
    moderated_at: datetime | None = None
    moderated_by: int | None = None
    moderation_comment: str | None = None
    is_admin_created: bool = False


class CourseAdminDetail(CourseDetail):
    invite_code: str | None = None
