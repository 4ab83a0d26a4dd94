"""What vacancy operations take and answer."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import inspect

from sandbox.crm.groups.event_shapes import Email
from sandbox.crm.groups.vacancy_tables import Vacancy


class VacancyCreate(BaseModel):
    """Its titles are mandatory and thrown away."""

    profession_id: int
    city_id: int
    title_kz: str
    title_ru: str
    description_kz: str
    description_ru: str
    employment_type: str
    work_type: str
    contact_email: Email
    requirements_kz: str | None = None
    requirements_ru: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    experience_years: int | None = None
    contact_phone: str | None = None
    company_name: str | None = None
    deadline: date | None = None
    required_skills: list[int] | None = None


class VacancyUpdate(BaseModel):
    """Titles are unknown to it, so they are ignored."""

    profession_id: int | None = None
    city_id: int | None = None
    description_kz: str | None = None
    description_ru: str | None = None
    requirements_kz: str | None = None
    requirements_ru: str | None = None
    employment_type: str | None = None
    work_type: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    experience_years: int | None = None
    contact_email: Email | None = None
    contact_phone: str | None = None
    company_name: str | None = None
    deadline: date | None = None
    is_active: bool | None = None
    required_skills: list[int] | None = None


class VacancyParserCreate(BaseModel):
    title_kz: str
    title_ru: str
    description_kz: str
    description_ru: str
    requirements_kz: str | None = None
    requirements_ru: str | None = None
    employment_type: str | None = None
    work_type: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    company_name: str | None = None
    city_name: str | None = None
    source_channel: str | None = None
    source_message_id: int | None = None


class VacancyApplicationUpdate(BaseModel):
    status: str


class VacancyDetail(BaseModel):
    """Of the moderation routes: without titles, and profession, city and skills are never filled."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    profession: None = None
    city: None = None
    description_kz: str
    description_ru: str
    requirements_kz: str | None = None
    requirements_ru: str | None = None
    employment_type: str | None = None
    work_type: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    experience_years: int | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    company_name: str | None = None
    required_skills: list[int] = []
    deadline: date | None = None
    is_active: bool
    created_at: datetime
    updated_at: datetime | None = None
    moderation_status: str = "approved"
    moderated_at: datetime | None = None
    moderated_by: int | None = None
    moderation_comment: str | None = None
    is_admin_created: bool = False
    source_channel: str | None = None
    source_message_id: int | None = None


# Keys of one entry of the public list; profession, city and skills come on top.
PUBLIC_KEYS = (
    "id", "profession_id", "city_id", "description_kz", "description_ru", "requirements_kz",
    "requirements_ru", "employment_type", "work_type", "salary_min", "salary_max", "experience_years",
    "company_name", "contact_email", "contact_phone", "deadline", "is_active", "created_at", "updated_at",
)  # fmt: skip


def raw(row: Vacancy) -> dict[str, Any]:
    """The whole row, as most vacancy routes answer it."""
    return {column.key: getattr(row, column.key) for column in inspect(Vacancy).column_attrs}
