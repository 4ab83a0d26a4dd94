"""Tables of vacancies."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.groups.judging import Judged
from sandbox.crm.store import Base, utc_now


class Vacancy(Judged, Base):
    """A vacancy; only those of the parser have titles."""

    __tablename__ = "vacancies"

    id: Mapped[int] = mapped_column(primary_key=True)
    profession_id: Mapped[int | None]
    city_id: Mapped[int | None]
    title_kz: Mapped[str | None]
    title_ru: Mapped[str | None]
    description_kz: Mapped[str]
    description_ru: Mapped[str]
    requirements_kz: Mapped[str | None]
    requirements_ru: Mapped[str | None]
    employment_type: Mapped[str | None]
    work_type: Mapped[str | None]
    salary: Mapped[int | None]
    salary_min: Mapped[int | None]
    salary_max: Mapped[int | None]
    experience_years: Mapped[int | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    company_name: Mapped[str | None]
    admin_id: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    deadline: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime | None] = mapped_column(default=utc_now)
    moderation_comment: Mapped[str | None]
    is_admin_created: Mapped[bool] = mapped_column(default=False)
    source_channel: Mapped[str | None]
    source_message_id: Mapped[int | None]


class VacancySkill(Base):
    __tablename__ = "vacancy_skills"

    id: Mapped[int] = mapped_column(primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(ForeignKey("vacancies.id", ondelete="CASCADE"), index=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"))
