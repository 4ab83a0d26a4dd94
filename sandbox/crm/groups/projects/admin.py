"""projects: the routes for admins and their moderation (contract 2.7)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sandbox.crm.access import ModuleReader, Permitted, own_only
from sandbox.crm.groups import moderated
from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.groups.judging import ModerationLimit, Skip, check_lengths, counter, judge
from sandbox.crm.groups.projects import tables
from sandbox.crm.groups.projects.shapes import ProjectCreate, ProjectResponse, ProjectUpdate
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, as_stored
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("projects"))]
Creator = Annotated[Admin, Depends(Permitted("projects", "create"))]
Editor = Annotated[Admin, Depends(Permitted("projects", "update"))]
Remover = Annotated[Admin, Depends(Permitted("projects", "delete"))]

TEXTS = ("title", "title_ru", "description", "description_ru", "author")
COLUMNS = {"photo_url": 500, "video_url": 500, "project_type": 50}
REFUSAL = "Проект не найден или у вас нет прав на его "

count_by_status = counter(tables.Project)


async def admin_list_projects(
    admin: Reader,
    room: RoomDep,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    status: str | None = None,
    project_type: str | None = None,
    search: str | None = None,
) -> list[dict[str, Any]]:
    found = select(tables.Project).order_by(tables.Project.created_at.desc(), tables.Project.id.desc())
    if own_only(admin):
        found = found.where(tables.Project.admin_id == admin.id)
    if status:
        found = found.where(tables.Project.status == status)
    if project_type:
        found = found.where(tables.Project.project_type == project_type)
    if search:
        found = found.where(or_(*(getattr(tables.Project, name).ilike(f"%{search}%") for name in TEXTS[:4])))
    with room.db.session() as session:
        return [moderated.raw(row) for row in session.scalars(found.offset(skip).limit(limit))]


async def admin_create_project(body: ProjectCreate, admin: Creator, room: RoomDep) -> dict[str, Any]:
    values = body.model_dump(exclude={"creator_id", "status"})
    check_lengths(values, COLUMNS)
    # A checked role starts with a draft, whatever it asks for; approval makes it active.
    wanted = body.status.value if body.status and not own_only(admin) else "draft"
    with room.db.session() as session:
        project = tables.Project(**_stored(values), status=wanted, **moderated.first_state(admin))
        session.add(project)
        session.flush()
        return moderated.raw(project)


async def admin_update_project(
    project_id: int, body: ProjectUpdate, admin: Editor, room: RoomDep
) -> dict[str, Any]:
    values = body.model_dump(exclude_none=True)
    with room.db.session() as session:
        project = moderated.owned(session, tables.Project, project_id, admin, f"{REFUSAL}редактирование")
        if not any(name in values for name in TEXTS):
            raise BackendError("none of the text fields is there")
        check_lengths(values, COLUMNS)
        for name, value in _stored(values).items():
            setattr(project, name, value)
        moderated.recheck(project, admin)
        session.flush()
        return moderated.raw(project)


async def admin_delete_project(project_id: int, admin: Remover, room: RoomDep, request: Request) -> None:
    """The connection goes with it (Q6)."""
    with room.db.session() as session:
        project = moderated.owned(session, tables.Project, project_id, admin, f"{REFUSAL}удаление")
        kept = select(tables.VotingResult.id).where(tables.VotingResult.project_id == project_id)
        if session.scalar(kept.limit(1)):
            raise BackendError("stored results point to the project")
        session.delete(project)
    request.state.drop_connection = True


async def admin_get_project(project_id: int, admin: Reader, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        return moderated.raw(
            moderated.owned(session, tables.Project, project_id, admin, f"{REFUSAL}просмотр")
        )


async def get_projects_moderation_stats(_admin: Reader, room: RoomDep) -> dict[str, int]:
    with room.db.session() as session:
        return count_by_status(session)


async def get_pending_projects(
    _admin: Reader, room: RoomDep, skip: Skip = 0, limit: ModerationLimit = 50
) -> list[ProjectResponse]:
    with room.db.session() as session:
        return _in_state(session, ModerationStatus.PENDING, skip, limit)


async def get_all_projects_with_status(
    _admin: Reader,
    room: RoomDep,
    moderation_status: ModerationStatus | None = None,
    skip: Skip = 0,
    limit: ModerationLimit = 50,
) -> list[ProjectResponse]:
    with room.db.session() as session:
        return _in_state(session, moderation_status, skip, limit)


async def approve_project(project_id: int, admin: Editor, room: RoomDep) -> ProjectResponse:
    with room.db.session() as session:
        project = moderated.found(session, tables.Project, project_id, "Project not found")
        judge(project, admin, ModerationStatus.APPROVED)
        if project.status == "draft":
            project.status = "active"
        return ProjectResponse.model_validate(project)


async def reject_project(project_id: int, admin: Editor, room: RoomDep) -> ProjectResponse:
    with room.db.session() as session:
        project = moderated.found(session, tables.Project, project_id, "Project not found")
        judge(project, admin, ModerationStatus.REJECTED)
        return ProjectResponse.model_validate(project)


def _in_state(
    session: Session, status: ModerationStatus | None, skip: int, limit: int
) -> list[ProjectResponse]:
    found = select(tables.Project).order_by(tables.Project.id)
    if status:
        found = found.where(tables.Project.moderation_status == status.value)
    return [ProjectResponse.model_validate(row) for row in session.scalars(found.offset(skip).limit(limit))]


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: as_stored(value) if isinstance(value, datetime) else value for name, value in values.items()
    }


def add_to(routes: APIRouter) -> None:
    routes.get("/admin/list")(admin_list_projects)
    routes.post("/admin/create", status_code=201)(admin_create_project)
    routes.get("/admin/moderation/stats")(get_projects_moderation_stats)
    routes.get("/admin/moderation/pending")(get_pending_projects)
    routes.get("/admin/moderation/all-statuses")(get_all_projects_with_status)
    routes.post("/admin/moderation/{project_id}/approve")(approve_project)
    routes.post("/admin/moderation/{project_id}/reject")(reject_project)
    routes.put("/admin/{project_id}")(admin_update_project)
    routes.delete("/admin/{project_id}", status_code=204)(admin_delete_project)
    routes.get("/admin/{project_id}")(admin_get_project)
