"""Tables of the logs that the dashboard sums up; no route reads them as lists."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.store import Base, utc_now


class UserActivity(Base):
    """Filled by nobody but the clients that log here."""

    __tablename__ = "user_activities"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None]
    admin_id: Mapped[int | None]
    user_type: Mapped[str]
    action_type: Mapped[str]
    resource_type: Mapped[str | None]
    resource_id: Mapped[int | None]
    description: Mapped[str | None]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class LoginAttempt(Base):
    __tablename__ = "login_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None]
    admin_id: Mapped[int | None]
    user_type: Mapped[str]
    phone_number: Mapped[str | None]
    login: Mapped[str | None]
    status: Mapped[str]
    failure_reason: Mapped[str | None]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class SystemEvent(Base):
    __tablename__ = "system_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_type: Mapped[str]
    source: Mapped[str]
    message: Mapped[str]
    details: Mapped[str | None]
    user_id: Mapped[int | None]
    admin_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
