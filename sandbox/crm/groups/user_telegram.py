"""user-telegram: linking an end user's account with a Telegram chat (contract 2.14). The bot's secret opens it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.groups.users import User
from sandbox.crm.room import Group, RoomDep
from sandbox.crm.store import Base, utc_now

BOT_SECRET = "sandbox-bot-secret"


class LinkToken(Base):
    """Made on the site, ten minutes good for one use."""

    __tablename__ = "telegram_link_tokens"

    token: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    expires_at: Mapped[datetime]


class TelegramLink(Base):
    __tablename__ = "telegram_links"

    telegram_chat_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int]


class ConfirmLinkRequest(BaseModel):
    token: str
    telegram_chat_id: str
    telegram_username: str | None = None
    telegram_first_name: str | None = None


class ConfirmLinkResponse(BaseModel):
    success: bool
    message: str
    user_id: int | None = None
    access_token: str | None = None
    user_name: str | None = None


Secret = Annotated[str, Header(alias="X-Bot-Secret")]


async def confirm_link(body: ConfirmLinkRequest, secret: Secret, room: RoomDep) -> ConfirmLinkResponse:
    _only_the_bot(secret)
    with room.db.session() as session:
        token = session.get(LinkToken, body.token)
        if token is None:
            raise HTTPException(404, "Invalid or expired token")
        if token.expires_at < utc_now():
            raise HTTPException(400, "Token has expired")
        link = session.get(TelegramLink, body.telegram_chat_id)
        if link and link.user_id != token.user_id:
            raise HTTPException(409, "This Telegram account is already linked to another user")
        if link is None:
            session.add(TelegramLink(telegram_chat_id=body.telegram_chat_id, user_id=token.user_id))
        session.delete(token)
        user = session.get_one(User, token.user_id)
    return ConfirmLinkResponse(
        success=True,
        message="Telegram account linked successfully",
        user_id=user.id,
        access_token=room.tokens.for_user(user.id),
        user_name=user.phone_number,
    )


async def auto_auth_telegram(telegram_chat_id: str, secret: Secret, room: RoomDep) -> dict[str, Any]:
    """Never a 404: a chat without an account is an answer."""
    _only_the_bot(secret)
    with room.db.session() as session:
        link = session.get(TelegramLink, telegram_chat_id)
        user = session.get(User, link.user_id) if link else None
    if user is None:
        return {"found": False}
    return {
        "found": True,
        "user_id": user.id,
        "user_name": user.phone_number,
        "access_token": room.tokens.for_user(user.id),
        "role": "client",
    }


def _only_the_bot(secret: str) -> None:
    if secret != BOT_SECRET:
        raise HTTPException(403, "Invalid bot secret")


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/telegram", tags=["user-telegram"])
    routes.post("/confirm-link")(confirm_link)
    routes.get("/auto-auth/{telegram_chat_id}")(auto_auth_telegram)
    return routes


GROUP = Group(router)
