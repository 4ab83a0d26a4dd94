"""What news operations take and answer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.store import BackendError, utc_now


class PublicationStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


class NewsTexts(BaseModel):
    title: str | None = None
    description: str | None = None
    content_text: str | None = None
    title_kz: str | None = None
    description_kz: str | None = None
    content_text_kz: str | None = None
    title_ru: str | None = None
    description_ru: str | None = None
    content_text_ru: str | None = None
    photo_url: str | None = None
    category: str | None = None


class NewsUpdate(NewsTexts):
    date: datetime | None = None
    status: PublicationStatus | None = None
    publish_at: datetime | None = None


class NewsCreate(NewsTexts):
    date: datetime | None = None
    source_url: str | None = None
    source_name: str | None = None
    language: str | None = None
    keywords_matched: str | None = None
    status: PublicationStatus | None = PublicationStatus.DRAFT
    publish_at: datetime | None = Field(default=None, validate_default=True)

    @field_validator("publish_at")
    @classmethod
    def _needed_when_scheduled(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if value is None and info.data.get("status") is PublicationStatus.SCHEDULED:
            raise ValueError("publish_at is required when status is SCHEDULED")
        return value


class NewsSubmit(BaseModel):
    title_kz: str | None = None
    title_ru: str | None = None
    description_kz: str | None = None
    description_ru: str | None = None
    content_text_kz: str | None = None
    content_text_ru: str | None = None
    source_url: str
    source_name: str
    language: str
    category: str | None = None
    keywords_matched: str | None = None
    photo_url: str | None = None


def _in_future(value: datetime) -> datetime:
    if value.tzinfo:
        raise BackendError("an aware time compared with a naive one")
    if value <= utc_now():
        raise ValueError("publish_at must be a future datetime")
    return value


class NewsScheduleCreate(BaseModel):
    """Its news_id is mandatory and ignored: the path decides."""

    news_id: int
    publish_at: Annotated[datetime, AfterValidator(_in_future)]


class NewsResponse(NewsTexts):
    model_config = ConfigDict(from_attributes=True)

    date: datetime
    source_url: str | None = None
    source_name: str | None = None
    language: str | None = None
    keywords_matched: str | None = None
    id: int
    moderation_status: ModerationStatus
    created_at: datetime
    moderated_at: datetime | None = None
    moderated_by: int | None = None
    status: str | None = "draft"
    publish_at: datetime | None = None
    published_at: datetime | None = None
    is_admin_created: bool | None = False
    view_count: int | None = 0


class SlotStatus(BaseModel):
    time: str
    required: int
    scheduled: int
    status: str


class ScheduleStatus(BaseModel):
    date: str
    slots: list[SlotStatus]
    total_required: int
    total_scheduled: int
    overall_status: str
