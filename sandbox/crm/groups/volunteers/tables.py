"""Tables of the volunteers' part of the site: people, events, tasks, coins and what they buy."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.store import Base, utc_now


class Volunteer(Base):
    __tablename__ = "volunteers"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    full_name: Mapped[str]
    volunteer_status: Mapped[str] = mapped_column(default="VOLUNTEER")
    direction_id: Mapped[int | None]
    missed_in_a_row: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class VolunteerBalance(Base):
    """Coins of a volunteer; some have no such row, and then some operations fail."""

    __tablename__ = "volunteer_balances"

    volunteer_id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(default=0)
    total_earned: Mapped[int] = mapped_column(default=0)
    events_participated: Mapped[int] = mapped_column(default=0)
    achievements_count: Mapped[int] = mapped_column(default=0)


class VolunteerEvent(Base):
    """Its plain title and description are Russian, unlike anywhere else."""

    __tablename__ = "volunteer_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_kz: Mapped[str | None]
    description: Mapped[str | None]
    description_kz: Mapped[str | None]
    event_date: Mapped[datetime]
    location: Mapped[str | None]
    direction_id: Mapped[int | None]
    v_coins_reward: Mapped[int] = mapped_column(default=10)
    photo_bonus: Mapped[int] = mapped_column(default=5)
    status: Mapped[str] = mapped_column(default="upcoming")
    whatsapp_group_link: Mapped[str | None]
    required_volunteers: Mapped[int] = mapped_column(default=0)
    required_team_leaders: Mapped[int] = mapped_column(default=0)
    required_supervisors: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class VolunteerTask(Base):
    __tablename__ = "volunteer_tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(index=True)
    title: Mapped[str]
    description: Mapped[str | None]
    for_role: Mapped[str] = mapped_column(default="ALL")
    is_required: Mapped[bool] = mapped_column(default=True)
    v_coins_bonus: Mapped[int] = mapped_column(default=0)


class VolunteerApplication(Base):
    """Its volunteer may be gone, which breaks every list that holds it."""

    __tablename__ = "volunteer_applications"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(index=True)
    event_id: Mapped[int] = mapped_column(index=True)
    applied_role: Mapped[str] = mapped_column(default="VOLUNTEER")
    status: Mapped[str] = mapped_column(default="pending")
    attended: Mapped[bool] = mapped_column(default=False)
    missed: Mapped[bool] = mapped_column(default=False)
    report_submitted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TaskReport(Base):
    __tablename__ = "volunteer_task_completions"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int]
    task_id: Mapped[int]
    report_text: Mapped[str | None]
    report_photo_url: Mapped[str | None]
    report_status: Mapped[str] = mapped_column(default="pending")
    admin_comment: Mapped[str | None]
    v_coins_earned: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Benefit(Base):
    __tablename__ = "volunteer_benefits"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_kz: Mapped[str | None]
    description: Mapped[str]
    description_kz: Mapped[str | None]
    v_coins_cost: Mapped[int]
    min_status: Mapped[str] = mapped_column(default="VOLUNTEER")
    category: Mapped[str | None]
    stock_limit: Mapped[int | None]
    stock_available: Mapped[int | None]
    icon_url: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Purchase(Base):
    __tablename__ = "volunteer_purchases"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int]
    benefit_id: Mapped[int]
    cost: Mapped[int]
    status: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    completed_at: Mapped[datetime | None]
    admin_notes: Mapped[str | None]


class PromotionRequest(Base):
    __tablename__ = "volunteer_promotion_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int]
    requested_status: Mapped[str]
    v_coins_at_request: Mapped[int]
    status: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    reviewed_at: Mapped[datetime | None]
    admin_comment: Mapped[str | None]


class StatusRequirement(Base):
    __tablename__ = "volunteer_status_requirements"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(unique=True)
    title_ru: Mapped[str]
    title_kz: Mapped[str]
    level: Mapped[int]
    v_coins_required: Mapped[int]
    benefits_ru: Mapped[str | None]
    benefits_kz: Mapped[str | None]
