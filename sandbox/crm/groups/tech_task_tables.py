"""Tables of tech tasks: what is wanted, and the solutions that people offer."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.crm.store import Base, utc_now


class TechTask(Base):
    __tablename__ = "tech_tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    title_kz: Mapped[str]
    title_ru: Mapped[str]
    description_kz: Mapped[str]
    description_ru: Mapped[str]
    category: Mapped[str]
    preferred_technologies: Mapped[list[str] | None] = mapped_column(JSON)
    field_of_application: Mapped[str | None]
    deadline: Mapped[date | None]
    budget_from: Mapped[int | None]
    budget_to: Mapped[int | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="collecting_offers")
    user_id: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime | None]
    files: Mapped[list["TechTaskFile"]] = relationship(order_by="TechTaskFile.id", passive_deletes=True)
    solutions: Mapped[list["TechTaskSolution"]] = relationship(
        order_by="TechTaskSolution.id", passive_deletes=True
    )


class TechTaskFile(Base):
    __tablename__ = "tech_task_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tech_tasks.id", ondelete="CASCADE"), index=True)
    file_path: Mapped[str]
    original_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TechTaskSolution(Base):
    __tablename__ = "tech_task_solutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    tech_task_id: Mapped[int] = mapped_column(ForeignKey("tech_tasks.id", ondelete="CASCADE"), index=True)
    description_kz: Mapped[str]
    description_ru: Mapped[str]
    proposed_budget: Mapped[int | None]
    proposed_timeline: Mapped[str | None]
    user_id: Mapped[int]
    status: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime | None]
    files: Mapped[list["SolutionFile"]] = relationship(
        order_by="SolutionFile.id", passive_deletes=True, lazy="selectin"
    )


class SolutionFile(Base):
    __tablename__ = "tech_task_solution_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    solution_id: Mapped[int] = mapped_column(
        ForeignKey("tech_task_solutions.id", ondelete="CASCADE"), index=True
    )
    file_path: Mapped[str]
    original_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
