"""Course routes that ask for no token (contract 2.6), among them the only delete."""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import or_, select

from sandbox.crm.groups.course_shapes import (
    CourseCategoryCreate,
    CourseCategoryRow,
    CourseDetail,
    CourseList,
    CourseStatusUpdate,
)
from sandbox.crm.groups.course_tables import Course, CourseCategory
from sandbox.crm.groups.course_work import AS_WRITTEN, LANGUAGES, LEVELS, any_course, briefly, shown
from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, utc_now

APPROVED = select(Course).where(Course.moderation_status == ModerationStatus.APPROVED)


async def list_courses(room: RoomDep, skip: int = 0, limit: int = 20) -> list[CourseList]:
    return briefly(room, APPROVED.order_by(*AS_WRITTEN), skip, limit)


async def list_recommended_courses(room: RoomDep, skip: int = 0, limit: int = 10) -> list[CourseList]:
    return briefly(room, APPROVED.where(Course.is_recommended).order_by(*AS_WRITTEN), skip, limit)


async def list_popular_courses(room: RoomDep, skip: int = 0, limit: int = 10) -> list[CourseList]:
    return briefly(room, APPROVED.where(Course.is_popular).order_by(*AS_WRITTEN), skip, limit)


async def list_most_searched_courses(room: RoomDep, skip: int = 0, limit: int = 10) -> list[CourseList]:
    return briefly(room, APPROVED.order_by(Course.views_count.desc(), *AS_WRITTEN), skip, limit)


async def list_free_courses(room: RoomDep, skip: int = 0, limit: int = 10) -> list[CourseList]:
    return briefly(room, APPROVED.where(Course.is_free.is_(True)).order_by(*AS_WRITTEN), skip, limit)


async def search_courses(
    room: RoomDep,
    category_id: int | None = None,
    language: str | None = None,
    level: str | None = None,
    is_free: bool | None = None,
    price_min: float | None = None,
    price_max: float | None = None,
    search: str | None = None,
    skip: int = 0,
    limit: int = 20,
) -> list[CourseList]:
    if (language and language not in LANGUAGES) or (level and level not in LEVELS):
        raise BackendError("unknown value of an enumeration")
    found = APPROVED
    if category_id is not None:
        found = found.where(Course.categories.any(CourseCategory.id == category_id))
    if language:
        found = found.where(Course.language == language)
    if level:
        found = found.where(Course.level == level)
    if is_free is not None:
        found = found.where(Course.is_free == is_free)
    if price_min is not None:
        found = found.where(Course.price >= price_min)
    if price_max is not None:
        found = found.where(Course.price <= price_max)
    if search:
        found = found.where(or_(Course.title.ilike(f"%{search}%"), Course.description.ilike(f"%{search}%")))
    return briefly(room, found.order_by(*AS_WRITTEN), skip, limit)


async def list_categories(room: RoomDep) -> list[CourseCategoryRow]:
    with room.db.session() as session:
        rows = session.scalars(select(CourseCategory).order_by(CourseCategory.id))
        return [CourseCategoryRow.model_validate(row) for row in rows]


async def create_category(body: CourseCategoryCreate, room: RoomDep) -> CourseCategoryRow:
    with room.db.session() as session:
        row = CourseCategory(**body.model_dump())
        session.add(row)
        session.flush()
        return CourseCategoryRow.model_validate(row)


async def get_course_details(course_id: Annotated[int, Path(ge=1)], room: RoomDep) -> CourseDetail:
    """Any course; each read counts as a view, even one that then breaks on a damaged row."""
    with room.db.session() as session:
        row = any_course(session, course_id)
        row.views_count += 1
        row.updated_at = utc_now()
    return shown(row, CourseDetail)


async def delete_course(course_id: int, room: RoomDep) -> None:
    with room.db.session() as session:
        session.delete(any_course(session, course_id))


async def update_course_status(course_id: int, body: CourseStatusUpdate, room: RoomDep) -> CourseDetail:
    """Writes the legacy status, which decides nothing."""
    with room.db.session() as session:
        row = any_course(session, course_id)
        row.status, row.status_comment, row.updated_at = body.status.value, body.status_comment, utc_now()
        session.flush()
        return shown(row, CourseDetail)


async def list_pending_courses(room: RoomDep, skip: int = 0, limit: int = 100) -> list[CourseList]:
    """By the legacy status, that is practically all courses."""
    pending = select(Course).where(Course.status == "pending")
    return briefly(room, pending.order_by(*AS_WRITTEN), skip, limit)


def add_routes(routes: APIRouter) -> None:
    routes.get("/")(list_courses)
    routes.get("/recommended")(list_recommended_courses)
    routes.get("/popular")(list_popular_courses)
    routes.get("/most-searched")(list_most_searched_courses)
    routes.get("/free")(list_free_courses)
    routes.get("/search")(search_courses)
    routes.get("/categories")(list_categories)
    routes.post("/categories", status_code=201)(create_category)
    routes.get("/moderation/pending")(list_pending_courses)
    routes.get("/{course_id}")(get_course_details)
    routes.delete("/{course_id}", status_code=204)(delete_course)
    routes.patch("/{course_id}/status")(update_course_status)
