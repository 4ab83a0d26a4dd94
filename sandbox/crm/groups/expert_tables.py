"""Tables of experts and of the requests to work with them."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sandbox.crm.store import Base, utc_now


class Expert(Base):
    """Its avatar is stored and never shown."""

    __tablename__ = "experts"

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    specialization: Mapped[str]
    phone: Mapped[str | None]
    website: Mapped[str | None]
    city: Mapped[str | None]
    address: Mapped[str | None]
    avatar_url: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    education: Mapped[list["ExpertEducation"]] = relationship(order_by="ExpertEducation.id", lazy="selectin")
    experience: Mapped[list["ExpertExperience"]] = relationship(
        order_by="ExpertExperience.id", lazy="selectin"
    )


class ExpertEducation(Base):
    __tablename__ = "expert_education"

    id: Mapped[int] = mapped_column(primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id", ondelete="CASCADE"), index=True)
    university: Mapped[str]
    start_date: Mapped[datetime]
    end_date: Mapped[datetime | None]
    specialization: Mapped[str | None]
    degree: Mapped[str | None]
    certificates: Mapped[str | None]


class ExpertExperience(Base):
    __tablename__ = "expert_experience"

    id: Mapped[int] = mapped_column(primary_key=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id", ondelete="CASCADE"), index=True)
    company_name: Mapped[str]
    position: Mapped[str]
    start_date: Mapped[datetime]
    end_date: Mapped[datetime | None]
    work_description: Mapped[str | None]


class Collaboration(Base):
    """A request to an expert; nobody can list them."""

    __tablename__ = "collaboration_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id", ondelete="CASCADE"))
    user_name: Mapped[str]
    user_email: Mapped[str]
    user_phone: Mapped[str | None]
    message: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
