"""Tables that every group may need: administrators, their one-time codes and Telegram sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.crm.store import Base, utc_now


class Admin(Base):
    __tablename__ = "admins"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    login: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None]
    password_hash: Mapped[str]
    role: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    approval_status: Mapped[str] = mapped_column(default="pending")
    approval_reason: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None]


class OneTimeCode(Base):
    __tablename__ = "otp_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(8), unique=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"))
    is_used: Mapped[bool] = mapped_column(default=False)
    is_revoked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class TelegramSession(Base):
    """One row per Telegram user, for ever: a later login of the same user rebinds it."""

    __tablename__ = "telegram_sessions"

    telegram_user_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    telegram_username: Mapped[str | None]
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_activity_at: Mapped[datetime] = mapped_column(default=utc_now)
    admin: Mapped[Admin] = relationship(lazy="joined")
