"""resumes: what people wrote about themselves, readable by anybody (contract 2.13)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from sandbox.crm.groups import resume_tables as tables
from sandbox.crm.groups.resume_seed import seed_resumes
from sandbox.crm.room import Group, RoomDep
from sandbox.crm.store import window


class Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime


class EducationLevel(StrEnum):
    SECONDARY = "secondary"
    VOCATIONAL = "vocational"
    BACHELOR = "bachelor"
    MASTER = "master"
    PHD = "phd"


class ResumeEducation(Row):
    institution_name: str
    specialization: str
    education_level: EducationLevel
    start_year: int
    end_year: int | None = None
    is_current: bool = False
    resume_id: int


class ResumeWorkExperience(Row):
    company_name: str
    position: str
    responsibilities: str | None = None
    start_date: date
    end_date: date | None = None
    is_current: bool = False
    resume_id: int


class ResumeSkill(Row):
    """The skill by its id only."""

    skill_id: int
    skill_level: str | None = None
    resume_id: int


class Resume(Row):
    profession_id: int
    full_name: str
    gender: str
    city_id: int
    phone_number: str
    birth_date: date
    citizenship: str
    about_me: str | None = None
    salary_expectation: str | None = None
    employment_type: str | None = None
    user_id: int
    is_active: bool
    is_published: bool
    updated_at: datetime


class ResumeFull(Resume):
    education: list[ResumeEducation] = []
    work_experience: list[ResumeWorkExperience] = []
    skills: list[ResumeSkill] = []


async def get_resumes(
    room: RoomDep,
    profession_id: int | None = None,
    city_id: int | None = None,
    gender: str | None = None,
    published_only: bool = True,
    skip: int = 0,
    limit: int = 20,
) -> list[Resume]:
    """Newest updated first; unpublished ones for whoever asks."""
    offset, size = window(skip, limit)
    found = select(tables.Resume).where(tables.Resume.is_active)
    if published_only:
        found = found.where(tables.Resume.is_published)
    equal = {
        tables.Resume.profession_id: profession_id,
        tables.Resume.city_id: city_id,
        tables.Resume.gender: gender,
    }
    found = found.where(*(column == value for column, value in equal.items() if value is not None))
    newest = found.order_by(tables.Resume.updated_at.desc(), tables.Resume.id.desc())
    with room.db.session() as session:
        return [Resume.model_validate(row) for row in session.scalars(newest.offset(offset).limit(size))]


async def get_resume_detail(resume_id: int, room: RoomDep) -> ResumeFull:
    """Unpublished ones too."""
    with room.db.session() as session:
        row = session.get(tables.Resume, resume_id)
        if row is None:
            raise HTTPException(404, "Резюме не найдено")
        return ResumeFull.model_validate(row)


async def get_resume_education(resume_id: int, room: RoomDep) -> list[ResumeEducation]:
    return [ResumeEducation.model_validate(row) for row in _parts(room, resume_id, "education")]


async def get_resume_work_experience(resume_id: int, room: RoomDep) -> list[ResumeWorkExperience]:
    return [ResumeWorkExperience.model_validate(row) for row in _parts(room, resume_id, "work_experience")]


async def get_resume_skills(resume_id: int, room: RoomDep) -> list[ResumeSkill]:
    return [ResumeSkill.model_validate(row) for row in _parts(room, resume_id, "skills")]


async def search_resumes(
    query: str,
    profession_id: int | None = None,
    city_id: int | None = None,
    skip: int = 0,
    limit: int = 20,
) -> Any:
    """Never reached: the detail comes first and takes the word for an id."""


def _parts(room: RoomDep, resume_id: int, name: str) -> list[Any]:
    """Of an unknown resume: none."""
    with room.db.session() as session:
        row = session.get(tables.Resume, resume_id)
        return list(getattr(row, name)) if row else []


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/resumes", tags=["resumes"])
    routes.get("/")(get_resumes)
    routes.get("/{resume_id}")(get_resume_detail)
    routes.get("/{resume_id}/education")(get_resume_education)
    routes.get("/{resume_id}/work-experience")(get_resume_work_experience)
    routes.get("/{resume_id}/skills")(get_resume_skills)
    routes.get("/search")(search_resumes)
    return routes


GROUP = Group(router, seed=seed_resumes)
