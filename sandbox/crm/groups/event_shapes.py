"""What event operations take and answer."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

EventFormat = Literal["Online", "Offline"]


class ModerationStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


def _email(value: str) -> str:
    reason = None
    if "@" not in value:
        reason = "An email address must have an @-sign."
    elif "." not in value.partition("@")[2]:
        reason = "The part after the @-sign is not valid. It should have a period."
    elif not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", value):
        reason = "The email address is not valid."
    if reason:
        raise PydanticCustomError(
            "value_error", "value is not a valid email address: {reason}", {"reason": reason}
        )
    return value


Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email"})]


class Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class EventProgramCreate(BaseModel):
    time: int
    description: str


class EventProgram(EventProgramCreate, Row):
    id: int
    event_id: int


class EventSpeakerCreate(BaseModel):
    first_name: str
    last_name: str
    middle_name: str | None = None
    bio: str
    photo_url: str | None = None
    linkedin_url: str | None = None
    instagram_url: str | None = None
    facebook_url: str | None = None


class EventSpeaker(EventSpeakerCreate, Row):
    id: int
    event_id: int


class EventCreate(BaseModel):
    title: str
    event_date: datetime
    location: str
    format: EventFormat
    description: str
    event_photo: str | None = None
    programs: list[EventProgramCreate] = []
    speakers: list[EventSpeakerCreate] = []


class EventUpdate(BaseModel):
    title: str | None = None
    event_date: datetime | None = None
    location: str | None = None
    format: EventFormat | None = None
    description: str | None = None
    event_photo: str | None = None


class EventList(Row):
    """Without moderation_status and admin_id: no list for admins shows them, but all-statuses."""

    title: str
    event_date: datetime
    location: str
    format: EventFormat
    description: str
    event_photo: str | None = None
    id: int
    created_at: datetime


class EventDetail(EventList):
    programs: list[EventProgram] = []
    speakers: list[EventSpeaker] = []
    updated_at: datetime
    moderation_status: str = "approved"
    moderated_at: datetime | None = None
    moderated_by: int | None = None
    moderation_comment: str | None = None
    is_admin_created: bool = False


class EventParticipantCreate(BaseModel):
    first_name: str
    last_name: str
    company_name: str
    email: Email


class EventParticipant(EventParticipantCreate, Row):
    id: int
    event_id: int
    registration_id: str
    created_at: datetime
