"""admin-auth: registration, password login, profile, approvals of admins (contract 2.2)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import func, select

from sandbox.crm.access import SignedIn, section_of_super_admin
from sandbox.crm.groups.analytics.tables import LoginAttempt
from sandbox.crm.passwords import hash_password, matches
from sandbox.crm.room import Group, Room, RoomDep
from sandbox.crm.store import utc_now
from sandbox.crm.tables import Admin

AdminName = Annotated[str, Field(min_length=1, max_length=100)]
Login = Annotated[str, Field(min_length=3, max_length=50)]
NewPassword = Annotated[str, Field(min_length=6, max_length=100)]


class RoleEnum(StrEnum):
    client = "client"
    volunteer_admin = "volunteer_admin"
    msb = "msb"
    npo = "npo"
    government = "government"
    administrator = "administrator"
    super_admin = "super_admin"


class AdminRegister(BaseModel):
    name: AdminName
    login: Login
    email: str | None = None
    password: NewPassword
    role: RoleEnum | None = RoleEnum.client


class AdminLogin(BaseModel):
    login: str
    password: str


class AdminProfileUpdate(BaseModel):
    name: AdminName | None = None
    email: str | None = None


class AdminChangePassword(BaseModel):
    old_password: str
    new_password: NewPassword


class AdminApprovalUpdate(BaseModel):
    approval_status: str
    approval_reason: str | None = None


class AdminResponse(BaseModel):
    """The admin record; a stored login shorter than 3 characters cannot be shown (500), as in the backend."""

    model_config = ConfigDict(from_attributes=True)

    name: AdminName
    login: Login
    email: str | None = None
    id: int
    role: str | None = None
    created_at: datetime
    approval_status: str = "pending"
    approval_reason: str | None = None
    approved_at: datetime | None = None
    approved_by: int | None = None

    @field_validator("created_at", "approved_at")
    @classmethod
    def _with_zone(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class AdminApprovalResponse(BaseModel):
    message: str
    admin: AdminResponse


def profile_of(admin: Admin) -> dict[str, Any]:
    return {
        "id": admin.id,
        "name": admin.name,
        "login": admin.login,
        "email": admin.email,
        "role": admin.role,
        "created_at": admin.created_at.replace(tzinfo=UTC).isoformat(),
    }


async def register_admin(body: AdminRegister, room: RoomDep) -> AdminResponse:
    with room.db.session() as session:
        if session.scalar(select(Admin.id).where(Admin.login == body.login)):
            raise HTTPException(400, "Администратор с таким логином уже существует")
        # The e-mail address is accepted and lost.
        admin = Admin(
            name=body.name,
            login=body.login,
            password_hash=hash_password(body.password),
            role=body.role.value if body.role else None,
        )
        session.add(admin)
        session.flush()
        return AdminResponse.model_validate(admin)


async def login_admin(body: AdminLogin, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        admin = session.scalar(select(Admin).where(Admin.login == body.login))
    if admin is None or not matches(body.password, admin.password_hash):
        _remember(room, body.login, admin, "Неверный логин или пароль")
        raise HTTPException(401, "Неверный логин или пароль")
    if admin.approval_status == "pending":
        raise HTTPException(403, "Ваша регистрация ожидает одобрения администратором")
    if admin.approval_status == "rejected":
        reason = f": {admin.approval_reason}" if admin.approval_reason else ""
        raise HTTPException(403, f"Ваша регистрация была отклонена{reason}")
    _remember(room, body.login, admin, None)
    shown = profile_of(admin)
    del shown["email"]
    return {"access_token": room.tokens.for_login(admin.id), "token_type": "bearer", "admin_data": shown}


def _remember(room: Room, login: str, admin: Admin | None, failure: str | None) -> None:
    """Writes the login history, which only the dashboard shows."""
    with room.db.session() as session:
        session.add(
            LoginAttempt(
                admin_id=admin.id if admin else None,
                user_type="admin",
                login=login,
                status="failed" if failure else "success",
                failure_reason=failure,
            )
        )


async def get_admin_profile(admin: SignedIn) -> dict[str, Any]:
    return profile_of(admin)


async def update_admin_profile(body: AdminProfileUpdate, admin: SignedIn, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        stored = session.get_one(Admin, admin.id)
        if body.name and body.name.strip():
            stored.name = body.name.strip()
        if body.email is not None:
            stored.email = body.email.strip() or None
    return {"message": "Профиль успешно обновлен", "admin": profile_of(stored)}


async def change_admin_password(body: AdminChangePassword, admin: SignedIn, room: RoomDep) -> dict[str, str]:
    if not matches(body.old_password, admin.password_hash):
        raise HTTPException(400, "Неверный текущий пароль")
    with room.db.session() as session:
        session.get_one(Admin, admin.id).password_hash = hash_password(body.new_password)
    return {"message": "Пароль успешно изменен"}


async def get_all_admins(admin: SignedIn, room: RoomDep) -> list[AdminResponse]:
    section_of_super_admin(admin)
    with room.db.session() as session:
        return [
            AdminResponse.model_validate(row) for row in session.scalars(select(Admin).order_by(Admin.id))
        ]


async def get_pending_admins(admin: SignedIn, room: RoomDep) -> list[AdminResponse]:
    section_of_super_admin(admin)
    pending = select(Admin).where(Admin.approval_status == "pending")
    with room.db.session() as session:
        newest_first = session.scalars(pending.order_by(Admin.created_at.desc(), Admin.id.desc()))
        return [AdminResponse.model_validate(row) for row in newest_first]


async def approve_admin(
    admin_id: int, body: AdminApprovalUpdate, admin: SignedIn, room: RoomDep
) -> AdminApprovalResponse:
    section_of_super_admin(admin)
    if body.approval_status not in ("approved", "rejected"):
        raise HTTPException(400, "Статус должен быть 'approved' или 'rejected'")
    with room.db.session() as session:
        stored = session.get(Admin, admin_id)
        if stored is None:
            raise HTTPException(404, "Администратор не найден")
        stored.approval_status = body.approval_status
        stored.approval_reason = body.approval_reason
        stored.approved_at, stored.approved_by = utc_now(), admin.id
        session.flush()
        verdict = "одобрена" if body.approval_status == "approved" else "отклонена"
        return AdminApprovalResponse(
            message=f"Регистрация администратора {verdict}", admin=AdminResponse.model_validate(stored)
        )


async def get_pending_count(admin: SignedIn, room: RoomDep) -> dict[str, int]:
    """0 for everybody but the super admin, without a refusal."""
    if admin.role != "super_admin":
        return {"count": 0}
    pending = select(func.count()).select_from(Admin).where(Admin.approval_status == "pending")
    with room.db.session() as session:
        return {"count": session.scalar(pending) or 0}


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/admin", tags=["admin-auth"])
    routes.post("/register")(register_admin)
    routes.post("/login")(login_admin)
    routes.get("/profile")(get_admin_profile)
    routes.put("/profile")(update_admin_profile)
    routes.put("/change-password")(change_admin_password)
    routes.get("/list")(get_all_admins)
    routes.get("/pending")(get_pending_admins)
    routes.patch("/{admin_id}/approve")(approve_admin)
    routes.get("/pending/count")(get_pending_count)
    return routes


GROUP = Group(router)
