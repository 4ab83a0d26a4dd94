"""tech tasks: read and delete for admins, read for everybody (contract 2.13)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import Select, func, inspect, or_, select
from sqlalchemy.orm import Session

from sandbox.crm.access import ModuleReader, Permitted
from sandbox.crm.groups.judging import Skip
from sandbox.crm.groups.tech_task_seed import seed_tech_tasks
from sandbox.crm.groups.tech_task_tables import TechTask, TechTaskSolution
from sandbox.crm.room import Group, RoomDep
from sandbox.crm.store import Base
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("tech_tasks"))]
Remover = Annotated[Admin, Depends(Permitted("tech_tasks", "delete"))]
SHOWN_SOLUTIONS = 50


async def list_tech_tasks(
    room: RoomDep,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    status: str | None = None,
    category: str | None = None,
    preferred_technology: str | None = None,
    field_of_application: str | None = None,
    keyword: str | None = None,
    lang: str | None = "ru",
) -> dict[str, Any]:
    """Active ones; preferred_technology is ignored."""
    found = _filtered(status, category).where(TechTask.is_active)
    if field_of_application:
        found = found.where(TechTask.field_of_application == field_of_application)
    if keyword:
        searched = (
            (TechTask.title_kz, TechTask.description_kz)
            if lang == "kz"
            else (TechTask.title_ru, TechTask.description_ru)
        )
        found = found.where(or_(*(column.ilike(f"%{keyword}%") for column in searched)))
    with room.db.session() as session:
        return _page(session, found, skip, limit, counted=True)


async def get_tech_task(task_id: int, room: RoomDep) -> dict[str, Any]:
    """An active one, with its files."""
    with room.db.session() as session:
        row = session.get(TechTask, task_id)
        if row is None or not row.is_active:
            raise HTTPException(404, "Task not found")
        count = _solutions(session, [row.id]).get(row.id, 0)
        return {**_raw(row), "solutions_count": count, "files": [_raw(file) for file in row.files]}


async def admin_list_tech_tasks(
    _admin: Reader,
    room: RoomDep,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    status: str | None = None,
    category: str | None = None,
) -> dict[str, Any]:
    """Inactive ones too."""
    with room.db.session() as session:
        return _page(session, _filtered(status, category), skip, limit, counted=False)


async def admin_get_tech_task(task_id: int, _admin: Reader, room: RoomDep) -> dict[str, Any]:
    """With the first solutions and their files, but without the task's own files."""
    with room.db.session() as session:
        row = _any(session, task_id)
        solutions = row.solutions[:SHOWN_SOLUTIONS]
        return {
            **_raw(row),
            "solutions": [
                {**_raw(solution), "files": [_raw(file) for file in solution.files]} for solution in solutions
            ],
        }


async def admin_delete_tech_task(task_id: int, _admin: Remover, room: RoomDep) -> None:
    with room.db.session() as session:
        session.delete(_any(session, task_id))


def _filtered(status: str | None, category: str | None) -> Select[TechTask]:
    found = select(TechTask)
    if status:
        found = found.where(TechTask.status == status)
    if category:
        found = found.where(TechTask.category == category)
    return found


def _page(
    session: Session, found: Select[TechTask], skip: int, limit: int, *, counted: bool
) -> dict[str, Any]:
    """Newest first, with the true total."""
    total = session.scalar(select(func.count()).select_from(found.subquery()))
    newest = found.order_by(TechTask.created_at.desc(), TechTask.id.desc())
    tasks = [_raw(row) for row in session.scalars(newest.offset(skip).limit(limit))]
    if counted:
        counts = _solutions(session, [task["id"] for task in tasks])
        tasks = [{**task, "solutions_count": counts.get(task["id"], 0)} for task in tasks]
    return {"tasks": tasks, "total": total}


def _solutions(session: Session, tasks: list[int]) -> dict[int, int]:
    """How many solutions each of the tasks has."""
    count = select(TechTaskSolution.tech_task_id, func.count())
    of_tasks = count.where(TechTaskSolution.tech_task_id.in_(tasks))
    return {row[0]: row[1] for row in session.execute(of_tasks.group_by(TechTaskSolution.tech_task_id))}


def _any(session: Session, task_id: int) -> TechTask:
    row = session.get(TechTask, task_id)
    if row is None:
        raise HTTPException(404, "Task not found")
    return row


def _raw(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/tech-tasks", tags=["tech-tasks"])
    routes.get("/")(list_tech_tasks)
    routes.get("/admin/list")(admin_list_tech_tasks)
    routes.get("/admin/{task_id}")(admin_get_tech_task)
    routes.delete("/admin/{task_id}", status_code=204)(admin_delete_tech_task)
    routes.get("/{task_id}")(get_tech_task)
    return routes


GROUP = Group(router, seed=seed_tech_tasks)
