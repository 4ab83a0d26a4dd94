"""What broadcast operations take and answer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

Title = Annotated[str, Field(min_length=1, max_length=255)]
Message = Annotated[str, Field(min_length=1)]


class BroadcastStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BroadcastTargetAudience(StrEnum):
    ALL_TELEGRAM_USERS = "all_telegram_users"
    ADMINS_ONLY = "admins_only"
    BY_ROLE = "by_role"
    ACTIVE_SESSIONS = "active_sessions"


class BroadcastCreateRequest(BaseModel):
    title: Title
    message: Message
    target_audience: BroadcastTargetAudience = BroadcastTargetAudience.ALL_TELEGRAM_USERS
    target_role: str | None = None
    scheduled_at: datetime | None = None

    # A default is not validated: leaving the role out is accepted and only fails on sending.
    @field_validator("target_role")
    @classmethod
    def _needed(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("target_audience") == BroadcastTargetAudience.BY_ROLE and not value:
            raise ValueError("target_role is required when target_audience is BY_ROLE")
        return value


class BroadcastUpdateRequest(BaseModel):
    title: Title | None = None
    message: Message | None = None
    target_audience: BroadcastTargetAudience | None = None
    target_role: str | None = None
    scheduled_at: datetime | None = None


class BroadcastResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    message: str
    target_audience: BroadcastTargetAudience
    target_role: str | None
    status: BroadcastStatus
    total_recipients: int
    sent_count: int
    delivered_count: int
    read_count: int
    failed_count: int
    created_by: int
    created_at: datetime
    scheduled_at: datetime | None
    sent_at: datetime | None
    completed_at: datetime | None


class BroadcastListResponse(BaseModel):
    items: list[BroadcastResponse]
    total: int
    page: int
    page_size: int
    total_pages: int


class BroadcastStatsResponse(BaseModel):
    broadcast_id: int
    title: str
    status: BroadcastStatus
    total_recipients: int
    sent_count: int
    delivered_count: int
    read_count: int
    failed_count: int
    pending_count: int
    success_rate: float
    created_at: datetime
    sent_at: datetime | None
    completed_at: datetime | None


class MessageResponse(BaseModel):
    message: str
    success: bool = True
    data: dict[str, Any] | None = None
