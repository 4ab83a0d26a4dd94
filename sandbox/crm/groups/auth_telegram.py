"""telegram-auth: one-time codes, Telegram sessions (contract 2.1)."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.crm.access import OneOf, SignedIn
from sandbox.crm.room import Group, Room, RoomDep
from sandbox.crm.store import BackendError, utc_now
from sandbox.crm.tables import Admin, OneTimeCode, TelegramSession

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
LONGEST_TELEGRAM_ID = 20
NOT_YOURS = "OTP token not found or does not belong to you"

Code = Annotated[str, Field(min_length=CODE_LENGTH, max_length=CODE_LENGTH)]
Name = Annotated[str | None, Field(max_length=255)]
SessionOverseer = Annotated[Admin, Depends(OneOf("super_admin", "administrator"))]


class OTPGenerateRequest(BaseModel):
    expires_in_minutes: int = Field(10, ge=5, le=60)


class OTPGenerateResponse(BaseModel):
    otp_token: str
    command: str
    expires_at: datetime
    expires_in_seconds: int


class TelegramUser(BaseModel):
    telegram_user_id: str

    @field_validator("telegram_user_id")
    @classmethod
    def _numeric(cls, value: str) -> str:
        if not value.isdigit():
            raise ValueError("telegram_user_id must be numeric")
        return value


class OTPVerifyRequest(TelegramUser):
    otp_token: Code
    telegram_username: Name = None
    telegram_first_name: Name = None
    telegram_last_name: Name = None


class SessionRestoreRequest(TelegramUser):
    pass


class TelegramLogoutRequest(TelegramUser):
    pass


class OTPRevokeRequest(BaseModel):
    otp_token: Code


class OTPVerifyResponse(BaseModel):
    access_token: str
    token_type: str = "bearer"
    admin_id: int
    admin_name: str
    role: str
    telegram_user_id: str
    session_created: bool


class OTPStatusResponse(BaseModel):
    token: str
    is_used: bool
    is_revoked: bool
    is_expired: bool
    is_valid: bool
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class TelegramSessionResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    telegram_user_id: str
    telegram_username: str | None
    admin_id: int
    admin_name: str
    admin_role: str
    is_active: bool
    created_at: datetime
    last_activity_at: datetime


class TelegramSessionListResponse(BaseModel):
    sessions: list[TelegramSessionResponse]
    total: int


def new_code(session: Session, admin_id: int, minutes: int = 10) -> OneTimeCode:
    """A stored, unused code of the admin. Its expired ones are flagged revoked, the valid ones stay valid."""
    now = utc_now()
    expired = select(OneTimeCode).where(
        OneTimeCode.admin_id == admin_id, OneTimeCode.is_used.is_(False), OneTimeCode.expires_at < now
    )
    for code in session.scalars(expired):
        code.is_revoked = True
    token = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    fresh = OneTimeCode(
        token=token, admin_id=admin_id, expires_at=now + timedelta(minutes=minutes), created_at=now
    )
    session.add(fresh)
    session.flush()
    return fresh


async def generate_otp(body: OTPGenerateRequest, admin: SignedIn, room: RoomDep) -> OTPGenerateResponse:
    with room.db.session() as session:
        code = new_code(session, admin.id, body.expires_in_minutes)
        return OTPGenerateResponse(
            otp_token=code.token,
            command=f"/login {code.token}",
            expires_at=code.expires_at,
            expires_in_seconds=int((code.expires_at - utc_now()).total_seconds()),
        )


async def verify_otp(body: OTPVerifyRequest, room: RoomDep) -> OTPVerifyResponse:
    with room.db.session() as session:
        code = _code(session, body.otp_token)
        if code is None:
            raise HTTPException(401, "Invalid OTP token")
        now = utc_now()
        faults = {"already used": code.is_used, "revoked": code.is_revoked, "expired": code.expires_at < now}
        if any(faults.values()):
            said = ", ".join(name for name, holds in faults.items() if holds)
            raise HTTPException(401, f"OTP token is invalid: {said}")
        if len(body.telegram_user_id) > LONGEST_TELEGRAM_ID:
            raise BackendError("Telegram id longer than its column")
        code.is_used, code.used_at = True, now
        bound = session.get(TelegramSession, body.telegram_user_id)
        created = bound is None
        if bound is None:
            bound = TelegramSession(telegram_user_id=body.telegram_user_id, created_at=now)
            session.add(bound)
        bound.admin_id, bound.is_active, bound.last_activity_at = code.admin_id, True, now
        bound.telegram_username = body.telegram_username
        admin = session.get_one(Admin, code.admin_id)
        # A role that is missing shows only after the code was burnt.
        session.commit()
        return _opened(room, admin, body.telegram_user_id, created)


async def telegram_logout(body: TelegramLogoutRequest, room: RoomDep) -> dict[str, str | bool]:
    with room.db.session() as session:
        _active(session, body.telegram_user_id, "No active session found").is_active = False
    return {"message": "Telegram session logged out successfully", "success": True}


async def restore_session(body: SessionRestoreRequest, room: RoomDep) -> OTPVerifyResponse:
    with room.db.session() as session:
        bound = _active(session, body.telegram_user_id, "No active session found for this Telegram user")
        bound.last_activity_at = utc_now()
        return _opened(room, bound.admin, body.telegram_user_id, created=False)


async def revoke_otp(body: OTPRevokeRequest, admin: SignedIn, room: RoomDep) -> dict[str, str | bool]:
    with room.db.session() as session:
        code = _code(session, body.otp_token)
        if code is None or code.admin_id != admin.id:
            raise HTTPException(404, NOT_YOURS)
        if code.is_used:
            raise HTTPException(400, "Cannot revoke OTP that has already been used")
        code.is_revoked = True
    return {"message": "OTP token revoked successfully", "success": True}


async def get_my_otps(admin: SignedIn, room: RoomDep) -> list[OTPStatusResponse]:
    own = select(OneTimeCode).where(OneTimeCode.admin_id == admin.id)
    with room.db.session() as session:
        newest = session.scalars(own.order_by(OneTimeCode.created_at.desc(), OneTimeCode.id.desc()).limit(50))
        return [_status(code) for code in newest]


async def get_telegram_sessions(_admin: SessionOverseer, room: RoomDep) -> TelegramSessionListResponse:
    active = select(TelegramSession).where(TelegramSession.is_active)
    with room.db.session() as session:
        rows = session.scalars(active.order_by(TelegramSession.last_activity_at.desc())).all()
        shown = [
            TelegramSessionResponse(
                telegram_user_id=row.telegram_user_id,
                telegram_username=row.telegram_username,
                admin_id=row.admin_id,
                admin_name=row.admin.name,
                admin_role=row.admin.role or "",
                is_active=row.is_active,
                created_at=row.created_at,
                last_activity_at=row.last_activity_at,
            )
            for row in rows
        ]
    return TelegramSessionListResponse(sessions=shown, total=len(shown))


async def revoke_telegram_session(
    telegram_user_id: str, _admin: SessionOverseer, room: RoomDep
) -> dict[str, str | bool]:
    with room.db.session() as session:
        _active(session, telegram_user_id, "Active session not found").is_active = False
    return {"message": f"Telegram session for user {telegram_user_id} revoked successfully", "success": True}


def _code(session: Session, token: str) -> OneTimeCode | None:
    return session.scalar(select(OneTimeCode).where(OneTimeCode.token == token.strip().upper()))


def _active(session: Session, telegram_user_id: str, otherwise: str) -> TelegramSession:
    bound = session.get(TelegramSession, telegram_user_id)
    if bound is None or not bound.is_active:
        raise HTTPException(404, otherwise)
    return bound


def _opened(room: Room, admin: Admin, telegram_user_id: str, created: bool) -> OTPVerifyResponse:
    if admin.role is None:
        raise BackendError("admin without a role")
    return OTPVerifyResponse(
        access_token=room.tokens.for_telegram(admin.id, admin.role),
        admin_id=admin.id,
        admin_name=admin.name,
        role=admin.role,
        telegram_user_id=telegram_user_id,
        session_created=created,
    )


def _status(code: OneTimeCode) -> OTPStatusResponse:
    expired = code.expires_at < utc_now()
    return OTPStatusResponse(
        token=code.token,
        is_used=code.is_used,
        is_revoked=code.is_revoked,
        is_expired=expired,
        is_valid=not (code.is_used or code.is_revoked or expired),
        created_at=code.created_at,
        expires_at=code.expires_at,
        used_at=code.used_at,
    )


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v1/telegram-auth", tags=["telegram-auth"])
    routes.post("/generate-otp")(generate_otp)
    routes.post("/verify-otp")(verify_otp)
    routes.post("/logout")(telegram_logout)
    routes.post("/restore-session")(restore_session)
    routes.post("/revoke-otp")(revoke_otp)
    routes.get("/my-otps")(get_my_otps)
    routes.get("/sessions")(get_telegram_sessions)
    routes.delete("/sessions/{telegram_user_id}")(revoke_telegram_session)
    return routes


GROUP = Group(router)
