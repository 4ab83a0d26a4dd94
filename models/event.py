"""Events: contract section 2.4, shapes EventList, EventDetail and the participant row."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from models.common import ModeratedRecord, Record, UtcDateTime


class EventFormat(StrEnum):
    """How an event is held; any other value makes the backend answer 500 (contract Q7)."""

    ONLINE = "Online"
    OFFLINE = "Offline"


class Programme(BaseModel):
    """One row of the programme; ``time`` is minutes after midnight."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    time: int
    description: str


class Speaker(BaseModel):
    """One speaker."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    first_name: str
    last_name: str
    middle_name: str | None = None
    bio: str | None = None
    photo_url: str | None = None
    linkedin_url: str | None = None
    instagram_url: str | None = None
    facebook_url: str | None = None


class Event(ModeratedRecord):
    """An event. ``EventList`` rows carry no moderation and no rows: those stay None and empty."""

    title: str
    event_date: UtcDateTime
    location: str
    format: EventFormat
    description: str
    event_photo: str | None = None
    created_at: UtcDateTime
    programs: tuple[Programme, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    updated_at: UtcDateTime | None = None


class Participant(Record):
    """One registration for an event: personal data, shown only to those who may read the module."""

    event_id: int
    first_name: str
    last_name: str
    company_name: str
    email: str
    registration_id: str
    created_at: UtcDateTime
