"""Tables of broadcasts: one row each, and one for each recipient."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.store import Base, utc_now


class Broadcast(Base):
    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    message: Mapped[str]
    target_audience: Mapped[str] = mapped_column(default="all_telegram_users")
    target_role: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="draft")
    total_recipients: Mapped[int] = mapped_column(default=0)
    sent_count: Mapped[int] = mapped_column(default=0)
    # The backend never writes the next two.
    delivered_count: Mapped[int] = mapped_column(default=0)
    read_count: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    scheduled_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class Delivery(Base):
    __tablename__ = "broadcast_deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    telegram_user_id: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")
