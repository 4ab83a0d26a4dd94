"""Tables of resumes."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.crm.store import Base, utc_now


class Resume(Base):
    __tablename__ = "resumes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    profession_id: Mapped[int]
    full_name: Mapped[str]
    gender: Mapped[str]
    city_id: Mapped[int]
    phone_number: Mapped[str]
    birth_date: Mapped[date]
    citizenship: Mapped[str]
    about_me: Mapped[str | None]
    salary_expectation: Mapped[str | None]
    employment_type: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_published: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    education: Mapped[list["ResumeEducation"]] = relationship(order_by="ResumeEducation.id")
    work_experience: Mapped[list["ResumeWorkExperience"]] = relationship(order_by="ResumeWorkExperience.id")
    skills: Mapped[list["ResumeSkill"]] = relationship(order_by="ResumeSkill.id")


class ResumeEducation(Base):
    __tablename__ = "resume_education"

    id: Mapped[int] = mapped_column(primary_key=True)
    resume_id: Mapped[int] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"), index=True)
    institution_name: Mapped[str]
    specialization: Mapped[str]
    education_level: Mapped[str]
    start_year: Mapped[int]
    end_year: Mapped[int | None]
    is_current: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ResumeWorkExperience(Base):
    __tablename__ = "resume_work_experience"

    id: Mapped[int] = mapped_column(primary_key=True)
    resume_id: Mapped[int] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"), index=True)
    company_name: Mapped[str]
    position: Mapped[str]
    responsibilities: Mapped[str | None]
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    is_current: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ResumeSkill(Base):
    __tablename__ = "resume_skills"

    id: Mapped[int] = mapped_column(primary_key=True)
    resume_id: Mapped[int] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"), index=True)
    skill_id: Mapped[int]
    skill_level: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
