"""volunteers: events and their tasks, for admins and for everybody (contract 2.10)."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from sandbox.crm.access import EndUser
from sandbox.crm.groups.moderated import found, raw
from sandbox.crm.groups.volunteers import fixed, tables
from sandbox.crm.groups.volunteers.shapes import Creator, Editor, EventCreate, Remover, TaskCreate
from sandbox.crm.room import RoomDep
from sandbox.crm.store import as_stored, window

MISSING = "Мероприятие не найдено"
NOT_FOUND = "Не найдено"
Event, Task, Volunteer = tables.VolunteerEvent, tables.VolunteerTask, tables.Volunteer


# --- for admins -----------------------------------------------------------------------------------


async def create_event(body: EventCreate, _admin: Creator, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        event = Event(**body.model_dump() | {"event_date": as_stored(body.event_date)})
        session.add(event)
        session.flush()
        return {"message": "Мероприятие создано", "event_id": event.id}


async def update_event(event_id: int, body: EventCreate, _admin: Editor, room: RoomDep) -> dict[str, str]:
    """What is left out stays; its status cannot be changed by any route."""
    with room.db.session() as session:
        event = found(session, Event, event_id, MISSING)
        for name, value in body.model_dump(exclude_unset=True).items():
            setattr(event, name, as_stored(value) if isinstance(value, datetime) else value)
    return {"message": "Мероприятие обновлено"}


async def delete_event(event_id: int, _admin: Remover, room: RoomDep) -> dict[str, str]:
    """It only leaves the lists, for ever."""
    with room.db.session() as session:
        found(session, Event, event_id, NOT_FOUND).is_active = False
    return {"message": "Мероприятие деактивировано"}


async def create_event_task(
    event_id: int, body: TaskCreate, _admin: Creator, room: RoomDep
) -> dict[str, Any]:
    with room.db.session() as session:
        task = Task(event_id=found(session, Event, event_id, MISSING).id, **body.model_dump())
        session.add(task)
        session.flush()
        return {"message": "Задача создана", "task_id": task.id, "task": _shown_task(task)}


# --- for everybody --------------------------------------------------------------------------------


async def get_volunteer_directions() -> list[dict[str, Any]]:
    return fixed.directions()


async def get_volunteer_status_info() -> dict[str, Any]:
    return {"statuses": fixed.status_info()}


async def get_events_catalog(
    room: RoomDep,
    skip: int = 0,
    limit: int = 20,
    direction_id: int | None = None,
    date_from: datetime | None = None,
    date_to: datetime | None = None,
    location: str | None = None,
    status: str | None = "upcoming",
) -> dict[str, Any]:
    """Active ones with a true total; an empty status means any."""
    offset, size = window(skip, limit)
    where: list[ColumnElement[bool]] = [Event.is_active.is_(True)]
    if status:
        where.append(Event.status == status)
    if direction_id:
        where.append(Event.direction_id == direction_id)
    if date_from:
        where.append(Event.event_date >= as_stored(date_from))
    if date_to:
        where.append(Event.event_date <= as_stored(date_to))
    if location:
        where.append(Event.location.ilike(f"%{location}%"))
    chosen = select(Event).where(*where).order_by(Event.event_date, Event.id)
    with room.db.session() as session:
        shown = []
        for row in session.scalars(chosen.offset(offset).limit(size)):
            bonus = select(func.sum(Task.v_coins_bonus)).where(Task.event_id == row.id)
            event = _shown(session, row) | {"tasks_total_bonus": session.scalar(bonus) or 0}
            del event["whatsapp_group_link"]
            shown.append(event)
        total = session.scalar(select(func.count()).select_from(Event).where(*where))
    return {"total": total, "events": shown}


async def get_event_detail(event_id: int, user: EndUser, room: RoomDep) -> dict[str, Any]:
    """For end users; admins have no detail of an event."""
    application = tables.VolunteerApplication
    with room.db.session() as session:
        event = found(session, Event, event_id, MISSING)
        own = (
            select(application)
            .join(Volunteer, Volunteer.id == application.volunteer_id)
            .where(Volunteer.user_id == user, application.event_id == event_id)
        )
        mine = session.scalar(own.limit(1))
        tasks = session.scalars(select(Task).where(Task.event_id == event_id).order_by(Task.id))
        return {
            "event": _shown(session, event),
            "my_application": mine
            and {"id": mine.id, "applied_role": mine.applied_role, "status": mine.status},
            "tasks": [_shown_task(task) for task in tasks],
        }


async def get_leaderboard(room: RoomDep, period: str = "month", limit: int = 50) -> dict[str, Any]:
    """`period` comes back and does nothing."""
    _, size = window(0, limit)
    balance = tables.VolunteerBalance
    best = (
        select(Volunteer, balance)
        .join(balance, balance.volunteer_id == Volunteer.id)
        .order_by(balance.total_earned.desc(), Volunteer.id)
    )
    with room.db.session() as session:
        shown = [
            {
                "position": position,
                "volunteer_id": volunteer.id,
                "full_name": volunteer.full_name,
                "status": volunteer.volunteer_status,
                "current_balance": coins.balance,
                "total_earned": coins.total_earned,
                "events_count": coins.events_participated,
            }
            for position, (volunteer, coins) in enumerate(session.execute(best.limit(size)), 1)
        ]
    return {"period": period, "leaderboard": shown}


def _shown(session: Session, event: tables.VolunteerEvent) -> dict[str, Any]:
    application = tables.VolunteerApplication
    approved = (
        select(func.count())
        .select_from(application)
        .where(application.event_id == event.id, application.status == "approved")
    )
    shown = raw(event) | {"total_applications": session.scalar(approved)}
    del shown["is_active"]
    return shown


def _shown_task(task: tables.VolunteerTask) -> dict[str, Any]:
    return {name: value for name, value in raw(task).items() if name != "event_id"}


def add_admin_routes(routes: APIRouter) -> None:
    routes.post("/events")(create_event)
    routes.put("/events/{event_id}")(update_event)
    routes.delete("/events/{event_id}")(delete_event)
    routes.post("/events/{event_id}/tasks")(create_event_task)


def add_public_routes(routes: APIRouter) -> None:
    routes.get("/directions")(get_volunteer_directions)
    routes.get("/status-info")(get_volunteer_status_info)
    routes.get("/events")(get_events_catalog)
    routes.get("/events/{event_id}")(get_event_detail)
    routes.get("/leaderboard")(get_leaderboard)
