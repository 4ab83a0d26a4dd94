"""volunteers: applications for events and requests for a higher status (contract 2.10)."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import select

from sandbox.crm.groups.moderated import found
from sandbox.crm.groups.volunteers import tables
from sandbox.crm.groups.volunteers.people import earn, phone_of, tell, volunteer_of
from sandbox.crm.groups.volunteers.shapes import Editor, FreeJson, Reader, zoned
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, utc_now, window

NOT_FOUND = "Не найдено"
WARNINGS = ("green", "yellow", "orange", "red")

Application, Request = tables.VolunteerApplication, tables.PromotionRequest


async def get_all_applications(
    _admin: Reader,
    room: RoomDep,
    status: str | None = None,
    event_id: int | None = None,
    skip: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """`total` is the length of the page; one application of a volunteer who is gone breaks it all."""
    offset, size = window(skip, limit)
    chosen = select(Application).order_by(Application.created_at.desc(), Application.id.desc())
    if status:
        chosen = chosen.where(Application.status == status)
    if event_id:
        chosen = chosen.where(Application.event_id == event_id)
    shown = []
    with room.db.session() as session:
        for row in session.scalars(chosen.offset(offset).limit(size)):
            volunteer = volunteer_of(session, row.volunteer_id)
            event = session.get(tables.VolunteerEvent, row.event_id)
            shown.append(
                {
                    "id": row.id,
                    "volunteer_name": volunteer.full_name,
                    "volunteer_phone": phone_of(session, volunteer),
                    "event_title": event.title if event else None,
                    "role": row.applied_role,
                    "status": row.status,
                    "attended": row.attended,
                    "missed": row.missed,
                    "created_at": zoned(row.created_at),
                    "rejection_reason": None,
                }
            )
    return {"applications": shown, "total": len(shown)}


async def get_event_applications(
    event_id: int, _admin: Reader, room: RoomDep, status_filter: str | None = None
) -> dict[str, Any]:
    """Unlike the list of all it only leaves out whose volunteer is gone."""
    chosen = select(Application).where(Application.event_id == event_id).order_by(Application.id)
    if status_filter:
        chosen = chosen.where(Application.status == status_filter)
    shown = []
    with room.db.session() as session:
        for row in session.scalars(chosen):
            volunteer = session.get(tables.Volunteer, row.volunteer_id)
            if volunteer is None:
                continue
            shown.append(
                {
                    "application_id": row.id,
                    "volunteer": {
                        "id": volunteer.id,
                        "name": volunteer.full_name,
                        "status": volunteer.volunteer_status,
                    },
                    "applied_role": row.applied_role,
                    "status": row.status,
                    "attended": row.attended,
                    "report_submitted": row.report_submitted,
                    "created_at": zoned(row.created_at),
                }
            )
    return {"applications": shown}


async def approve_application(application_id: int, _admin: Editor, room: RoomDep) -> dict[str, str]:
    """Whatever its state was; the volunteer is told each time."""
    with room.db.session() as session:
        row = found(session, Application, application_id, NOT_FOUND)
        row.status = "approved"
        told = ("Өтініміңіз мақұлданды", "Ваша заявка одобрена")
        tell(session, row.volunteer_id, *told, "application_approved", ("volunteer_application", row.id))
    return {"message": "Заявка одобрена"}


async def reject_application(
    application_id: int,
    _admin: Editor,
    room: RoomDep,
    # Declared without null and without default there, so it has to be here too.
    reason: Annotated[str, Query()] = None,  # type: ignore[assignment] # noqa: RUF013
) -> dict[str, str]:
    """The reason only reaches the notification."""
    with room.db.session() as session:
        row = found(session, Application, application_id, NOT_FOUND)
        row.status = "rejected"
        told = ("Өтініміңіз қабылданбады", "Ваша заявка отклонена")
        entity = ("volunteer_application", row.id)
        tell(session, row.volunteer_id, *told, "application_rejected", entity, reason)
    return {"message": "Заявка отклонена"}


async def mark_attendance(
    application_id: int, attended: bool, _admin: Editor, room: RoomDep
) -> dict[str, Any]:
    """Present pays the reward each time it is said; absent takes nothing back but counts as a miss."""
    with room.db.session() as session:
        row = found(session, Application, application_id, NOT_FOUND)
        volunteer = volunteer_of(session, row.volunteer_id)
        balance = session.get(tables.VolunteerBalance, row.volunteer_id)
        if balance is None:
            raise BackendError("volunteer without a balance")
        row.attended, row.missed = attended, not attended
        if attended:
            event = session.get(tables.VolunteerEvent, row.event_id)
            earn(balance, event.v_coins_reward if event else 0)
            balance.events_participated += 1
            volunteer.missed_in_a_row = 0
        else:
            volunteer.missed_in_a_row += 1
        level = WARNINGS[min(volunteer.missed_in_a_row, len(WARNINGS) - 1)]
    return {"message": "Присутствие отмечено", "attended": attended, "warning_level": level}


async def get_promotion_requests(
    _admin: Reader, room: RoomDep, status_filter: str | None = None
) -> dict[str, Any]:
    chosen = select(Request).order_by(Request.created_at.desc(), Request.id.desc())
    if status_filter:
        chosen = chosen.where(Request.status == status_filter)
    shown = []
    with room.db.session() as session:
        for row in session.scalars(chosen):
            volunteer = volunteer_of(session, row.volunteer_id)
            balance = session.get(tables.VolunteerBalance, row.volunteer_id)
            shown.append(
                {
                    "request_id": row.id,
                    "volunteer": {
                        "id": volunteer.id,
                        "name": volunteer.full_name,
                        "current_status": volunteer.volunteer_status,
                    },
                    "requested_status": row.requested_status,
                    "v_coins_at_request": row.v_coins_at_request,
                    "current_v_coins": balance.balance if balance else 0,
                    "status": row.status,
                    "created_at": zoned(row.created_at),
                    "reviewed_at": zoned(row.reviewed_at),
                    "admin_comment": row.admin_comment,
                }
            )
    return {"requests": shown}


async def approve_promotion(request_id: int, body: FreeJson, _admin: Editor, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        row = found(session, Request, request_id, NOT_FOUND)
        row.status, row.reviewed_at, row.admin_comment = "approved", utc_now(), body.get("admin_comment")
        wanted = row.requested_status
        volunteer_of(session, row.volunteer_id).volunteer_status = wanted
        told = ("Мәртебеңіз көтерілді", "Ваш статус повышен")
        tell(session, row.volunteer_id, *told, "promotion_approved", ("promotion_request", row.id))
    return {"message": f"Волонтер повышен до {wanted}", "new_status": wanted}


async def reject_promotion(request_id: int, body: FreeJson, _admin: Editor, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        row = found(session, Request, request_id, NOT_FOUND)
        comment = body.get("admin_comment")
        if not comment:
            raise HTTPException(400, "Комментарий обязателен при отклонении")
        row.status, row.reviewed_at, row.admin_comment = "rejected", utc_now(), comment
        told = ("Мәртебе көтеру қабылданбады", "Повышение отклонено")
        entity = ("promotion_request", row.id)
        tell(session, row.volunteer_id, *told, "promotion_rejected", entity, comment)
    return {"message": "Запрос отклонен"}


def add_to(routes: APIRouter) -> None:
    routes.get("/events/{event_id}/applications")(get_event_applications)
    routes.post("/applications/{application_id}/approve")(approve_application)
    routes.post("/applications/{application_id}/reject")(reject_application)
    routes.patch("/applications/{application_id}/attendance")(mark_attendance)
    routes.get("/promotion-requests")(get_promotion_requests)
    routes.post("/promotion-requests/{request_id}/approve")(approve_promotion)
    routes.post("/promotion-requests/{request_id}/reject")(reject_promotion)
    routes.get("/applications")(get_all_applications)
