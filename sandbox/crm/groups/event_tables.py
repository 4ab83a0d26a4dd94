"""Tables of events and what belongs to them."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.crm.store import Base, utc_now


class Event(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    event_date: Mapped[datetime]
    location: Mapped[str]
    format: Mapped[str]
    description: Mapped[str]
    event_photo: Mapped[str | None]
    admin_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    moderation_status: Mapped[str] = mapped_column(default="pending")
    moderated_at: Mapped[datetime | None]
    moderated_by: Mapped[int | None]
    moderation_comment: Mapped[str | None]
    is_admin_created: Mapped[bool] = mapped_column(default=False)
    programs: Mapped[list["EventProgram"]] = relationship(
        order_by="EventProgram.id", cascade="all, delete-orphan", lazy="selectin"
    )
    speakers: Mapped[list["EventSpeaker"]] = relationship(
        order_by="EventSpeaker.id", cascade="all, delete-orphan", lazy="selectin"
    )


class EventProgram(Base):
    """One line of the programme; `time` is a plain integer (the clients store minutes from midnight)."""

    __tablename__ = "event_programs"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    time: Mapped[int]
    description: Mapped[str]


class EventSpeaker(Base):
    __tablename__ = "event_speakers"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    middle_name: Mapped[str | None]
    bio: Mapped[str]
    photo_url: Mapped[str | None]
    linkedin_url: Mapped[str | None]
    instagram_url: Mapped[str | None]
    facebook_url: Mapped[str | None]


class EventParticipant(Base):
    __tablename__ = "event_participants"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    company_name: Mapped[str]
    email: Mapped[str]
    registration_id: Mapped[str] = mapped_column(default=lambda: str(uuid4()))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
