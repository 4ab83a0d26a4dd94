"""volunteers: the people, their coins and status (contract 2.10)."""

from typing import Any

from fastapi import APIRouter, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.moderated import found
from sandbox.crm.groups.notifications import notify
from sandbox.crm.groups.users import User
from sandbox.crm.groups.volunteers import tables
from sandbox.crm.groups.volunteers.fixed import STATUSES
from sandbox.crm.groups.volunteers.shapes import Editor, Reader, zoned
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, window

MISSING = "Волонтёр не найден"

Volunteer, Application = tables.Volunteer, tables.VolunteerApplication


async def get_all_volunteers(
    _admin: Reader,
    room: RoomDep,
    status_filter: str | None = None,
    direction_id: int | None = None,
    skip: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """`total` is the length of the page."""
    offset, size = window(skip, limit)
    chosen = select(Volunteer).order_by(Volunteer.created_at.desc(), Volunteer.id.desc())
    if status_filter:
        chosen = chosen.where(Volunteer.volunteer_status == status_filter)
    if direction_id:
        chosen = chosen.where(Volunteer.direction_id == direction_id)
    with room.db.session() as session:
        shown = [_shown(session, row) for row in session.scalars(chosen.offset(offset).limit(size))]
    return {"volunteers": shown, "total": len(shown)}


async def update_volunteer(
    volunteer_id: int,
    _admin: Editor,
    room: RoomDep,
    full_name: str | None = None,
    volunteer_status: str | None = None,
    v_coins_balance: int | None = None,
) -> dict[str, Any]:
    """By query; a balance without its row is dropped without a word."""
    with room.db.session() as session:
        row = found(session, Volunteer, volunteer_id, MISSING)
        if volunteer_status and volunteer_status not in STATUSES:
            raise HTTPException(400, "Неверный статус")
        row.full_name = full_name or row.full_name
        row.volunteer_status = volunteer_status or row.volunteer_status
        balance = session.get(tables.VolunteerBalance, volunteer_id)
        if balance and v_coins_balance is not None:
            balance.balance = v_coins_balance
        return {
            "message": "Волонтёр успешно обновлён",
            "volunteer": {
                "id": row.id,
                "full_name": row.full_name,
                "volunteer_status": row.volunteer_status,
                "v_coins_balance": balance.balance if balance else 0,
            },
        }


async def manage_volunteer_coins(
    volunteer_id: int, amount: int, reason: str, type: str, _admin: Editor, room: RoomDep
) -> dict[str, Any]:
    """Any amount, also a negative one; the balance row is made when there is none."""
    with room.db.session() as session:
        found(session, Volunteer, volunteer_id, MISSING)
        if type not in ("add", "deduct"):
            raise HTTPException(400, "Неверный тип операции")
        balance = purse(session, volunteer_id)
        if type == "deduct" and balance.balance < amount:
            raise HTTPException(400, "Недостаточно V-coins")
        if type == "add":
            earn(balance, amount)
        else:
            balance.balance -= amount
        said = "начислены" if type == "add" else "списаны"
        return {"message": f"V-coins успешно {said}", "new_balance": balance.balance}


async def get_volunteer_stats(_admin: Reader, room: RoomDep) -> dict[str, Any]:
    by_status = select(Volunteer.volunteer_status, func.count()).group_by(Volunteer.volunteer_status)
    active = select(func.count()).select_from(tables.VolunteerEvent).where(tables.VolunteerEvent.is_active)
    with room.db.session() as session:
        return {
            "total_volunteers": session.scalar(select(func.count()).select_from(Volunteer)),
            "total_events": session.scalar(active),
            "total_applications": session.scalar(select(func.count()).select_from(Application)),
            "total_v_coins_earned": session.scalar(select(func.sum(tables.VolunteerBalance.total_earned)))
            or 0,
            "volunteers_by_status": {row[0]: row[1] for row in session.execute(by_status)},
        }


# --- what others need too -------------------------------------------------------------------------


def purse(session: Session, volunteer_id: int) -> tables.VolunteerBalance:
    """The balance of the volunteer, made when there is none."""
    balance = session.get(tables.VolunteerBalance, volunteer_id)
    if balance is None:
        balance = tables.VolunteerBalance(volunteer_id=volunteer_id, balance=0, total_earned=0)
        session.add(balance)
        session.flush()
    return balance


def earn(balance: tables.VolunteerBalance, coins: int) -> None:
    balance.balance += coins
    balance.total_earned += coins


def phone_of(session: Session, volunteer: tables.Volunteer) -> str | None:
    user = session.get(User, volunteer.user_id)
    return user.phone_number if user else None


def tell(
    session: Session,
    volunteer_id: int,
    title_kz: str,
    title_ru: str,
    kind: str,
    entity: tuple[str, int],
    comment: str | None = None,
) -> None:
    """A notification on the site for the person behind the volunteer."""
    volunteer = session.get(Volunteer, volunteer_id)
    user_id = volunteer.user_id if volunteer else None
    notify(session, user_id, title_kz, title_ru, kind=kind, entity=entity, comment=comment)


def volunteer_of(session: Session, volunteer_id: int) -> tables.Volunteer:
    volunteer = session.get(Volunteer, volunteer_id)
    if volunteer is None:
        raise BackendError("row of a volunteer who is gone")
    return volunteer


def _shown(session: Session, row: tables.Volunteer) -> dict[str, Any]:
    balance = session.get(tables.VolunteerBalance, row.id)
    return {
        "id": row.id,
        "user_id": row.user_id,
        "full_name": row.full_name,
        "phone_number": phone_of(session, row),
        "volunteer_status": row.volunteer_status,
        "v_coins_balance": balance.balance if balance else 0,
        "direction_id": row.direction_id,
        "created_at": zoned(row.created_at),
        "events_participated": balance.events_participated if balance else 0,
        "total_earned": balance.total_earned if balance else 0,
        "achievements_count": balance.achievements_count if balance else 0,
    }


def add_to(routes: APIRouter) -> None:
    routes.get("/stats/overview")(get_volunteer_stats)
    routes.get("/volunteers")(get_all_volunteers)
    routes.put("/volunteers/{volunteer_id}")(update_volunteer)
    routes.post("/volunteers/{volunteer_id}/coins")(manage_volunteer_coins)
