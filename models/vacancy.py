"""Vacancies: contract section 2.5, the raw row and VacancyDetail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from models.common import Localized, ModeratedRecord, Ref, UtcDateTime


class Employment(StrEnum):
    """How much one works; the backend takes any text, these are what the CRM writes."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    INTERNSHIP = "internship"
    CONTRACT = "contract"


class WorkPlace(StrEnum):
    """Where one works; the backend takes any text, these are what the CRM writes."""

    OFFICE = "office"
    REMOTE = "remote"
    HYBRID = "hybrid"


class SkillsNote(StrEnum):
    """Why a record does not tell its skills: no admin route serves them, the public list only for active ones."""

    HIDDEN = "hidden"
    UNREAD = "unread"


class Vacancy(ModeratedRecord):
    """A vacancy. Rows of the moderation lists name neither profession nor city nor titles: those stay unset.

    ``required_skills`` are known only where ``skills_note`` is None.
    """

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"kk": ("description_kz", "requirements_kz"), "ru": ("description_ru", "requirements_ru")}
    )

    profession_id: Ref | None = None
    city_id: Ref | None = None
    title_kz: str | None = None
    title_ru: str | None = None
    description_kz: str | None = None
    description_ru: str | None = None
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
    required_skills: tuple[Ref, ...] = ()
    skills_note: SkillsNote | None = None
    deadline: date | None = None
    is_active: bool = True
    created_at: UtcDateTime
    updated_at: UtcDateTime | None = None
    source_channel: str | None = None

    @property
    def is_whole(self) -> bool:
        """False for a row of the moderation lists."""
        return "profession_id" in self.model_fields_set

    def completeness(self, language: str) -> float:
        """The share of what is written at all that is written in that language: requirements are optional."""
        texts = list(zip(*self.languages.values(), strict=True))
        written = [names for names in texts if any(getattr(self, name) for name in names)]
        own = [name for names in written for name in names if name in self.languages[language]]
        return sum(bool(getattr(self, name)) for name in own) / len(own) if own else 0.0

    def heading(self, language: str) -> str:
        """The stored title if there is one, else profession and company: what the CRM creates has no title."""
        kk, ru = (text.strip() if text else None for text in (self.title_kz, self.title_ru))
        parts = (
            self.profession_id.best(language) if self.profession_id else "",
            (self.company_name or "").strip(),
        )
        return Localized(kk, ru).best(language) or " · ".join(part for part in parts if part) or f"#{self.id}"


class Share(BaseModel):
    """How many active vacancies a profession or a city has."""

    model_config = ConfigDict(frozen=True)

    ref: Ref
    count: int
