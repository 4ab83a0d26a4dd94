"""courses: the routes of admins (contract 2.6); the other routes are in course_public."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, lazyload

from sandbox.crm.access import ModuleReader, Permitted
from sandbox.crm.groups import course_public as public
from sandbox.crm.groups.course_seed import seed_courses
from sandbox.crm.groups.course_shapes import CourseAdminDetail, CourseDetail
from sandbox.crm.groups.course_tables import Course
from sandbox.crm.groups.course_work import (
    AS_WRITTEN,
    any_course,
    check_form,
    checked_code,
    kept_cover,
    known_categories,
    shown,
)
from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.groups.judging import ModerationLimit, Skip, counter, judge
from sandbox.crm.room import Group, Moderated, Room, RoomDep, Waiting
from sandbox.crm.store import utc_now
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("courses"))]
Creator = Annotated[Admin, Depends(Permitted("courses", "create"))]
Editor = Annotated[Admin, Depends(Permitted("courses", "update"))]
Text = Annotated[str, Form()]
MaybeText = Annotated[str | None, Form()]

count_by_status = counter(Course)


async def admin_create_course(
    admin: Creator,
    room: RoomDep,
    title: Text,
    description: Text,
    course_url: Text,
    language: Text,
    duration: Annotated[int, Form()],
    skills: Text,
    currency: Text,
    price: Annotated[float, Form()],
    level: MaybeText = None,
    is_free: Annotated[bool, Form()] = False,
    invite_code: MaybeText = None,
    categories: Annotated[list[int], Form()] = [],  # noqa: B006
    cover_image: Annotated[UploadFile | None, File()] = None,
    video_preview: MaybeText = None,
) -> CourseDetail:
    """Approved at once; bad values of enumerations and numbers break it instead of being refused."""
    fields: dict[str, Any] = {
        "title": title,
        "description": description,
        "course_url": course_url,
        "language": language,
        "duration": duration,
        "skills": skills,
        "currency": currency,
        "price": price,
        "level": level,
        "is_free": is_free,
        "invite_code": invite_code,
        "video_preview": video_preview,
    }
    check_form(fields)
    fields["invite_code"] = checked_code(fields, None)
    fields["cover_image"] = await kept_cover(room, cover_image)
    now = utc_now()
    with room.db.session() as session:
        row = Course(
            **fields,
            author_id=admin.id,
            created_at=now,
            updated_at=now,
            is_admin_created=True,
            categories=known_categories(session, categories),
            chapters=[],
        )
        judge(row, admin, ModerationStatus.APPROVED)
        session.add(row)
        session.flush()
        return shown(row, CourseDetail)


async def admin_update_course(
    course_id: int,
    admin: Editor,
    room: RoomDep,
    title: MaybeText = None,
    description: MaybeText = None,
    course_url: MaybeText = None,
    language: MaybeText = None,
    duration: Annotated[int | None, Form()] = None,
    skills: MaybeText = None,
    currency: MaybeText = None,
    price: Annotated[float | None, Form()] = None,
    level: MaybeText = None,
    is_free: Annotated[bool | None, Form()] = None,
    invite_code: MaybeText = None,
    categories: Annotated[list[int] | None, Form()] = None,
    cover_image: Annotated[UploadFile | None, File()] = None,
    video_preview: MaybeText = None,
) -> CourseDetail:
    """Not partial: what is left out is written as null, and a null is_free damages the row (contract Q2)."""
    fields: dict[str, Any] = {
        "title": title,
        "description": description,
        "course_url": course_url,
        "language": language,
        "duration": duration,
        "skills": skills,
        "currency": currency,
        "price": price,
        "level": level,
        "is_free": is_free,
        "invite_code": invite_code,
        "video_preview": video_preview,
    }
    with room.db.session() as session:
        known_code = any_course(session, course_id).invite_code
    check_form(fields)
    fields["invite_code"] = checked_code(fields, known_code)
    fields["cover_image"] = await kept_cover(room, cover_image)
    with room.db.session() as session:
        row = any_course(session, course_id)
        for name, value in fields.items():
            setattr(row, name, value)
        # An empty list cannot be sent in a form, so categories cannot be taken away.
        if categories:
            row.categories = known_categories(session, categories)
        row.updated_at = row.moderated_at = utc_now()
        row.moderated_by = admin.id
    return shown(row, CourseDetail)


async def get_admin_course_details(course_id: int, _admin: Reader, room: RoomDep) -> CourseAdminDetail:
    """With the invite code, and without counting a view."""
    with room.db.session() as session:
        return shown(any_course(session, course_id), CourseAdminDetail)


async def get_courses_moderation_stats(_admin: Reader, room: RoomDep) -> dict[str, int]:
    with room.db.session() as session:
        return count_by_status(session)


async def get_pending_courses(
    _admin: Reader, room: RoomDep, skip: Skip = 0, limit: ModerationLimit = 50
) -> list[CourseDetail]:
    waiting = select(Course).where(Course.moderation_status == ModerationStatus.PENDING)
    return _details(room, waiting, skip, limit)


async def get_all_courses_with_status(
    _admin: Reader,
    room: RoomDep,
    moderation_status: ModerationStatus | None = None,
    skip: Skip = 0,
    limit: ModerationLimit = 50,
) -> list[CourseDetail]:
    found = select(Course)
    if moderation_status:
        found = found.where(Course.moderation_status == moderation_status)
    return _details(room, found, skip, limit)


async def approve_course(course_id: int, admin: Editor, room: RoomDep) -> CourseDetail:
    return _judged(room, course_id, admin, ModerationStatus.APPROVED)


async def reject_course(course_id: int, admin: Editor, room: RoomDep) -> CourseDetail:
    return _judged(room, course_id, admin, ModerationStatus.REJECTED)


# --- work -----------------------------------------------------------------------------------------


def _details(room: Room, found: Select[Course], skip: int, limit: int) -> list[CourseDetail]:
    with room.db.session() as session:
        rows = session.scalars(found.order_by(*AS_WRITTEN).offset(skip).limit(limit))
        return [shown(row, CourseDetail) for row in rows]


def _judged(room: Room, course_id: int, admin: Admin, verdict: ModerationStatus) -> CourseDetail:
    """The legacy status stays as it is."""
    with room.db.session() as session:
        row = any_course(session, course_id, "Course not found")
        judge(row, admin, verdict)
        row.updated_at = utc_now()
    return shown(row, CourseDetail)


def waiting_courses(
    session: Session, statuses: tuple[str, ...], limit: int, by_moderation: bool
) -> Sequence[Waiting]:
    """Courses have authors, but no owners."""
    newest = Course.moderated_at if by_moderation else Course.created_at
    found = select(Course).options(lazyload("*")).where(Course.moderation_status.in_(statuses))
    return [
        Waiting(
            id=row.id,
            title=row.title,
            description=row.description,
            moderation_status=row.moderation_status,
            created_at=row.created_at,
            moderated_at=row.moderated_at,
            admin_id=None,
        )
        for row in session.scalars(found.order_by(newest.desc(), Course.id.desc()).limit(limit))
    ]


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/courses", tags=["courses"])
    routes.get("/admin/moderation/stats")(get_courses_moderation_stats)
    routes.get("/admin/moderation/pending")(get_pending_courses)
    routes.get("/admin/moderation/all-statuses")(get_all_courses_with_status)
    routes.post("/admin/moderation/{course_id}/approve")(approve_course)
    routes.post("/admin/moderation/{course_id}/reject")(reject_course)
    routes.post("/admin/create", status_code=201)(admin_create_course)
    routes.get("/admin/{course_id}")(get_admin_course_details)
    routes.put("/admin/{course_id}")(admin_update_course)
    public.add_routes(routes)
    return routes


GROUP = Group(
    router,
    moderated=(Moderated("course", "courses", count_by_status, waiting_courses),),
    seed=seed_courses,
    upload_folders=("courses",),
)
