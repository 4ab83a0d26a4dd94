"""Switches of the sandbox itself, under /sandbox: no part of the backend's contract nor of openapi.json."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sandbox.crm.faults import Fault
from sandbox.crm.groups.auth_telegram import new_code
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.room import RoomDep
from sandbox.crm.tables import Admin


class WhichAdmin(BaseModel):
    login: str


class NewRole(WhichAdmin):
    role: Literal["client", "volunteer_admin", "msb", "npo", "government", "administrator", "super_admin"]


async def state(room: RoomDep) -> dict[str, Any]:
    """What the page shows: who can sign in and where the bot lives."""
    with room.db.session() as session:
        admins = [
            {
                "id": admin.id,
                "name": admin.name,
                "login": admin.login,
                "role": admin.role,
                "approval_status": admin.approval_status,
            }
            for admin in session.scalars(select(Admin).order_by(Admin.id))
        ]
    return {
        "admins": admins,
        "bot_username": room.bot_username,
        "chat_url": room.chat_url,
        "faults": len(room.faults.active),
        "requests": len(room.requests),
    }


async def token(body: WhichAdmin, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        admin = _admin(session, body.login)
        return {"access_token": room.tokens.for_telegram(admin.id, admin.role)}


async def otp(body: WhichAdmin, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        return {"otp_token": new_code(session, _admin(session, body.login).id).token}


async def change_role(body: NewRole, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        admin_id = _admin(session, body.login).id
        session.execute(update(Admin).where(Admin.id == admin_id).values(role=body.role))
    return {"login": body.login, "role": body.role}


async def delete_admin(login: str, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        session.execute(delete(Admin).where(Admin.id == _admin(session, login).id))
    return {"deleted": login}


async def expire_tokens(room: RoomDep) -> dict[str, bool]:
    room.tokens.expire_all()
    return {"expired": True}


async def list_faults(room: RoomDep) -> list[Fault]:
    return room.faults.active


async def add_fault(body: Fault, room: RoomDep) -> Fault:
    """422 also when the path is no regular expression."""
    return room.faults.add(**body.model_dump())


async def clear_faults(room: RoomDep) -> dict[str, int]:
    cleared = len(room.faults.active)
    room.faults.clear()
    return {"cleared": cleared}


async def list_requests(room: RoomDep) -> list[dict[str, Any]]:
    return [asdict(request) for request in room.requests]


async def clear_requests(room: RoomDep) -> dict[str, int]:
    cleared = len(room.requests)
    room.requests.clear()
    return {"cleared": cleared}


async def list_events(room: RoomDep) -> list[dict[str, Any]]:
    names = [column.key for column in Event.__table__.columns]
    with room.db.session() as session:
        rows = session.scalars(select(Event).order_by(Event.id))
        return [{name: getattr(row, name) for name in names} for row in rows]


def _admin(session: Session, login: str) -> Admin:
    found = session.scalar(select(Admin).where(Admin.login == login))
    if found is None:
        raise HTTPException(404, f"no admin with the login {login}")
    return found


def router() -> APIRouter:
    routes = APIRouter(prefix="/sandbox", include_in_schema=False)
    routes.get("/state")(state)
    routes.post("/token")(token)
    routes.post("/otp")(otp)
    routes.post("/role")(change_role)
    routes.delete("/admins/{login}")(delete_admin)
    routes.post("/expire-tokens")(expire_tokens)
    routes.get("/faults")(list_faults)
    routes.post("/faults")(add_fault)
    routes.delete("/faults")(clear_faults)
    routes.get("/requests")(list_requests)
    routes.delete("/requests")(clear_requests)
    routes.get("/events")(list_events)
    return routes
