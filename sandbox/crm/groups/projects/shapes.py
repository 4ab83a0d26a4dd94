"""What project operations take and answer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from sandbox.crm.store import BackendError

Title = Annotated[str, Field(min_length=1, max_length=255)]
Text = Annotated[str, Field(min_length=1)]


class ProjectStatus(StrEnum):
    draft = "draft"
    active = "active"
    completed = "completed"
    cancelled = "cancelled"


class ProjectCreate(BaseModel):
    title: Title
    title_ru: Title
    description: Text
    description_ru: Text
    author: Title
    project_type: str
    start_date: datetime
    end_date: datetime
    photo_url: str | None = None
    video_url: str | None = None
    status: ProjectStatus | None = ProjectStatus.draft
    creator_id: int | None = None

    @field_validator("end_date")
    @classmethod
    def _after_start(cls, value: datetime, info: ValidationInfo) -> datetime:
        start = info.data.get("start_date")
        if start is None:
            return value
        if (start.tzinfo is None) != (value.tzinfo is None):
            raise BackendError("a naive date cannot be compared with an aware one")
        if value <= start:
            raise ValueError("Дата завершения должна быть позже даты начала")
        return value


class ProjectUpdate(BaseModel):
    title: Title | None = None
    title_ru: Title | None = None
    description: Text | None = None
    description_ru: Text | None = None
    author: Title | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    photo_url: str | None = None
    video_url: str | None = None
    status: ProjectStatus | None = None


class ProjectResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    title_ru: str
    description: str
    description_ru: str
    author: str
    project_type: str
    status: str
    start_date: datetime
    end_date: datetime
    photo_url: str | None = None
    video_url: str | None = None
    created_at: datetime
    admin_id: int | None = None
    moderation_status: str = "approved"
    moderated_at: datetime | None = None
    moderated_by: int | None = None
    moderation_comment: str | None = None
    is_admin_created: bool = False


class VotingParticipantCreate(BaseModel):
    name: Title
    description: str | None = None
    description_ru: str | None = None
    video_url: str | None = None
    instagram_url: str | None = None
    facebook_url: str | None = None
    linkedin_url: str | None = None
    twitter_url: str | None = None


class FormFieldType(StrEnum):
    text = "text"
    textarea = "textarea"
    dropdown = "dropdown"
    checkbox = "checkbox"
    radio = "radio"
    file = "file"
    date = "date"
    number = "number"
    email = "email"
    phone = "phone"
    url = "url"
    rating = "rating"
    city = "city"
    district = "district"
    address = "address"


class FormFieldValidation(BaseModel):
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None


class FormFieldFileConfig(BaseModel):
    accept: str = ".pdf,.doc,.docx,.jpg,.jpeg,.png"
    max_size_mb: int = 10
    reference_file_url: str | None = None


class FormField(BaseModel):
    id: str
    type: FormFieldType
    label_kz: str
    label_ru: str
    placeholder_kz: str | None = None
    placeholder_ru: str | None = None
    hint_kz: str | None = None
    hint_ru: str | None = None
    required: bool = False
    order: int = 0
    options: list[str] | None = None
    validation: FormFieldValidation | None = None
    file_config: FormFieldFileConfig | None = None
    depends_on: str | None = None
    cities_districts: dict[str, Any] | None = None


class FormTemplateCreate(BaseModel):
    """Its project_id is mandatory and ignored."""

    project_id: int
    title_kz: Title
    title_ru: Title
    description_kz: str | None = None
    description_ru: str | None = None
    fields: list[FormField] = []


class FormTemplateUpdate(BaseModel):
    title_kz: Title | None = None
    title_ru: Title | None = None
    description_kz: str | None = None
    description_ru: str | None = None
    fields: list[FormField] | None = None
    is_active: bool | None = None


class FormTemplateResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    project_id: int
    title_kz: str
    title_ru: str
    description_kz: str | None
    description_ru: str | None
    fields: list[dict[str, Any]]
    is_active: bool
    created_at: datetime
    updated_at: datetime


class FormSubmissionCreate(BaseModel):
    phone_number: str = Field(pattern=r"^(\+7|8)\d{10}$")
    email: str | None = None
    applicant_name: str | None = None
    responses: dict[str, Any]


class FormSubmissionUpdate(BaseModel):
    status: str | None = Field(None, pattern="^(pending|approved|rejected)$")
    admin_comment: str | None = None


class FormSubmissionResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    project_id: int
    form_template_id: int
    user_id: int | None
    phone_number: str
    email: str | None
    applicant_name: str | None
    responses: dict[str, Any]
    status: str
    admin_comment: str | None
    reviewed_by: int | None
    reviewed_at: datetime | None
    submitted_at: datetime


class FormSubmissionListResponse(BaseModel):
    total: int
    page: int
    page_size: int
    submissions: list[FormSubmissionResponse]


class FormAnalyticsResponse(BaseModel):
    total_submissions: int
    pending_count: int
    approved_count: int
    rejected_count: int
    submissions_over_time: list[dict[str, Any]]
    field_statistics: dict[str, Any]
    avg_submissions_per_day: float
