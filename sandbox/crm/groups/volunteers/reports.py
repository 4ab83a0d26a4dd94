"""volunteers: reports on tasks, and what each status requires (contract 2.10)."""

from typing import Any

from fastapi import APIRouter, HTTPException
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.moderated import found, raw
from sandbox.crm.groups.volunteers import fixed, tables
from sandbox.crm.groups.volunteers.people import earn, phone_of, purse, tell
from sandbox.crm.groups.volunteers.shapes import (
    ApproveReportRequest,
    Editor,
    Reader,
    RejectReportRequest,
    StatusRequirementUpdate,
)
from sandbox.crm.room import RoomDep
from sandbox.crm.store import window

Report, Requirement = tables.TaskReport, tables.StatusRequirement


async def get_all_task_reports(
    _admin: Reader,
    room: RoomDep,
    status_filter: str | None = None,
    event_id: int | None = None,
    skip: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """The event filters what is on the page already, so pages may be short; `total` is their length."""
    offset, size = window(skip, limit)
    chosen = select(Report).order_by(Report.created_at.desc(), Report.id.desc())
    if status_filter:
        chosen = chosen.where(Report.report_status == status_filter)
    shown = []
    with room.db.session() as session:
        for row in session.scalars(chosen.offset(offset).limit(size)):
            task = session.get_one(tables.VolunteerTask, row.task_id)
            if event_id and task.event_id != event_id:
                continue
            event = session.get(tables.VolunteerEvent, task.event_id)
            volunteer = session.get(tables.Volunteer, row.volunteer_id)
            shown.append(
                {
                    "id": row.id,
                    "volunteer_name": volunteer.full_name if volunteer else None,
                    "volunteer_phone": phone_of(session, volunteer) if volunteer else None,
                    "event_title": event.title if event else None,
                    "task_title": task.title,
                    "task_v_coins": task.v_coins_bonus,
                    "report_text": row.report_text,
                    "report_photo_url": row.report_photo_url,
                    "report_status": row.report_status,
                    "admin_comment": row.admin_comment,
                    "v_coins_earned": row.v_coins_earned,
                    "created_at": row.created_at,
                }
            )
    return {"reports": shown, "total": len(shown)}


async def approve_task_report(
    completion_id: int, body: ApproveReportRequest, _admin: Editor, room: RoomDep
) -> dict[str, Any]:
    with room.db.session() as session:
        row = _waiting(session, completion_id)
        coins = session.get_one(tables.VolunteerTask, row.task_id).v_coins_bonus
        row.report_status, row.admin_comment, row.v_coins_earned = "approved", body.admin_comment, coins
        earn(purse(session, row.volunteer_id), coins)
        told = ("Есебіңіз қабылданды", "Ваш отчёт принят")
        entity = ("task_completion", row.id)
        tell(session, row.volunteer_id, *told, "report_approved", entity, body.admin_comment)
    return {"message": "Отчёт одобрен", "v_coins_earned": coins}


async def reject_task_report(
    completion_id: int, body: RejectReportRequest, _admin: Editor, room: RoomDep
) -> dict[str, str]:
    with room.db.session() as session:
        row = _waiting(session, completion_id)
        row.report_status, row.admin_comment = "rejected", body.admin_comment
        told = ("Есебіңіз қабылданбады", "Ваш отчёт отклонён")
        entity = ("task_completion", row.id)
        tell(session, row.volunteer_id, *told, "report_rejected", entity, body.admin_comment)
    return {"message": "Отчёт отклонён", "admin_comment": body.admin_comment}


async def get_status_requirements(_admin: Reader, room: RoomDep) -> dict[str, Any]:
    """The first reading of an empty table fills it."""
    chosen = select(Requirement).order_by(Requirement.level)
    with room.db.session() as session:
        rows = session.scalars(chosen).all()
        if not rows:
            _insert_defaults(session)
            rows = session.scalars(chosen).all()
        return {"status_requirements": [raw(row) for row in rows]}


async def update_status_requirement(
    status: str, body: StatusRequirementUpdate, _admin: Editor, room: RoomDep
) -> dict[str, Any]:
    with room.db.session() as session:
        row = session.scalar(select(Requirement).where(Requirement.status == status))
        if row is None:
            raise HTTPException(404, "Статус не найден")
        for name, value in body.model_dump(exclude_none=True).items():
            setattr(row, name, value)
        names = ("status", "title_ru", "level", "v_coins_required", "benefits_ru", "benefits_kz")
        return {
            "message": f"Требования для статуса {status} обновлены",
            "requirement": {name: getattr(row, name) for name in names},
        }


async def reset_status_requirements(_admin: Editor, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        session.execute(delete(Requirement))
        _insert_defaults(session)
    return {"message": "Требования сброшены к дефолтным значениям"}


def _waiting(session: Session, completion_id: int) -> tables.TaskReport:
    row = found(session, Report, completion_id, "Отчёт не найден")
    if row.report_status != "pending":
        raise HTTPException(400, "Отчёт уже обработан")
    return row


def _insert_defaults(session: Session) -> None:
    session.add_all(Requirement(**values) for values in fixed.default_requirements())
    session.flush()


def add_to(routes: APIRouter) -> None:
    routes.get("/task-reports")(get_all_task_reports)
    routes.post("/task-reports/{completion_id}/approve")(approve_task_report)
    routes.post("/task-reports/{completion_id}/reject")(reject_task_report)
    routes.get("/status-requirements")(get_status_requirements)
    routes.put("/status-requirements/{status}")(update_status_requirement)
    routes.post("/status-requirements/reset-defaults")(reset_status_requirements)
