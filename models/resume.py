"""Resumes: contract section 2.13, shapes ResumeResponse and ResumeFullResponse."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from models.common import Record, Ref, UtcDateTime


class Gender(StrEnum):
    """What the site offers; the backend keeps free text."""

    FEMALE = "female"
    MALE = "male"


class Employment(StrEnum):
    """How much somebody wants to work; the backend keeps free text."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"


class Part(BaseModel):
    """A row inside a resume."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Education(Part):
    """One line of education; ``education_level`` is secondary, vocational, bachelor, master or phd."""

    institution_name: str
    specialization: str
    education_level: str
    start_year: int
    end_year: int | None = None
    is_current: bool = False


class Work(Part):
    """One line of experience."""

    company_name: str
    position: str
    responsibilities: str | None = None
    start_date: date
    end_date: date | None = None
    is_current: bool = False


class SkillOf(Part):
    """One skill; ``skill_level`` is free text."""

    skill: Ref
    skill_level: str | None = None


class Resume(Record):
    """A resume: personal data. Rows of a list carry no education, work and skills: those stay empty."""

    full_name: str
    profession: Ref | None = None
    city: Ref | None = None
    gender: str
    phone_number: str
    birth_date: date
    citizenship: str
    about_me: str | None = None
    salary_expectation: str | None = None
    employment_type: str | None = None
    user_id: int
    is_active: bool
    is_published: bool
    created_at: UtcDateTime
    updated_at: UtcDateTime
    education: tuple[Education, ...] = ()
    work_experience: tuple[Work, ...] = ()
    skills: tuple[SkillOf, ...] = ()
