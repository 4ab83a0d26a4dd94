"""What the handlers of courses share."""

from pathlib import PurePosixPath
from typing import Any, TypeVar
from uuid import uuid4

from fastapi import HTTPException, UploadFile
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, lazyload

from sandbox.crm.groups.course_shapes import CourseAdminDetail, CourseDetail, CourseList
from sandbox.crm.groups.course_tables import Course, CourseCategory
from sandbox.crm.groups.judging import check_lengths
from sandbox.crm.room import Room
from sandbox.crm.store import BackendError, window

LANGUAGES = ("kz", "ru", "en")
LEVELS = ("beginner", "intermediate", "advanced", "expert")
CURRENCIES = ("KZT", "USD", "EUR", "RUB")
COVER_EXTENSIONS = ("jpg", "jpeg", "png", "gif")
REQUIRED = ("title", "description", "course_url", "language", "duration", "skills", "currency", "price")
MISSING = "Курс не найден"
# The backend asks for no order, so its database answers in the order in which rows were last written.
AS_WRITTEN = (Course.updated_at, Course.id)

Shape = TypeVar("Shape", CourseList, CourseDetail, CourseAdminDetail)


def any_course(session: Session, course_id: int, otherwise: str = MISSING) -> Course:
    row = session.get(Course, course_id)
    if row is None:
        raise HTTPException(404, otherwise)
    return row


def shown(row: Course, shape: type[Shape]) -> Shape:
    """The course as an answer; a row damaged by an update without is_free breaks it (contract Q2)."""
    if row.is_free is None:
        raise BackendError(f"course {row.id} has null in is_free")
    return shape.model_validate(row)


def briefly(room: Room, found: Select[Course], skip: int, limit: int) -> list[CourseList]:
    """A page of a list that anybody may read, without the chapters."""
    offset, size = window(skip, limit)
    brief = found.options(lazyload(Course.chapters)).offset(offset).limit(size)
    with room.db.session() as session:
        return [shown(row, CourseList) for row in session.scalars(brief)]


def check_form(fields: dict[str, Any]) -> None:
    """Raises BackendError for what the backend lets through its form and stumbles over later (Q7)."""
    if any(fields[name] is None for name in REQUIRED):
        raise BackendError("null in a required column")
    allowed = {"language": LANGUAGES, "currency": CURRENCIES, "level": (*LEVELS, None)}
    if any(fields[name] not in values for name, values in allowed.items()):
        raise BackendError("unknown value of an enumeration")
    if fields["duration"] <= 0 or fields["price"] < 0:
        raise BackendError("a number out of range")
    check_lengths(fields, {"invite_code": 100})


def checked_code(fields: dict[str, Any], known: str | None) -> str | None:
    """The invite code to store, in capitals; 400 when a paid course has none."""
    code = (fields["invite_code"] or "").strip().upper() or known
    if fields["price"] > 0 and not fields["is_free"] and not code:
        raise HTTPException(400, "Для платного курса необходимо указать инвайт-код")
    return code


async def kept_cover(room: Room, cover: UploadFile | None) -> str | None:
    """Stores the picture under a fresh name before its own and returns the path, without a slash in front."""
    if cover is None:
        return None
    original = PurePosixPath((cover.filename or "").replace("\\", "/").replace("\x00", "")).name[-100:]
    if original.rpartition(".")[2].lower() not in COVER_EXTENSIONS:
        raise HTTPException(400, "Разрешены только файлы изображений (jpg, jpeg, png, gif)")
    name = f"{uuid4()}-{original}"
    (room.uploads / "courses" / name).write_bytes(await cover.read())
    return f"uploads/courses/{name}"


def known_categories(session: Session, wanted: list[int]) -> list[CourseCategory]:
    """The categories with these ids; unknown ids are ignored."""
    return list(session.scalars(select(CourseCategory).where(CourseCategory.id.in_(wanted))))
