"""Tables of projects: votings with participants, application projects with forms and submissions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.groups.moderated import ModeratedRow
from sandbox.crm.store import Base, utc_now


class Project(ModeratedRow):
    __tablename__ = "projects"

    author: Mapped[str]
    project_type: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft")
    start_date: Mapped[datetime]
    end_date: Mapped[datetime]
    photo_url: Mapped[str | None]
    video_url: Mapped[str | None]


class ProjectPicture(Base):
    __tablename__ = "project_gallery"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    image_url: Mapped[str]
    description: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class VotingParticipant(Base):
    """`votes_count` is a counter of its own: it need not equal the number of vote rows."""

    __tablename__ = "voting_participants"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    description: Mapped[str | None]
    description_ru: Mapped[str | None]
    photo_url: Mapped[str | None]
    video_url: Mapped[str | None]
    instagram_url: Mapped[str | None]
    facebook_url: Mapped[str | None]
    linkedin_url: Mapped[str | None]
    twitter_url: Mapped[str | None]
    votes_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Vote(Base):
    __tablename__ = "project_votes"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("voting_participants.id", ondelete="CASCADE"))
    user_id: Mapped[int]


class VotingResult(Base):
    """Stored when a voting is completed; it keeps project and participant from being deleted."""

    __tablename__ = "voting_results"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("voting_participants.id"), index=True)
    position: Mapped[int]
    votes_count: Mapped[int]


class ProjectApplication(Base):
    """The legacy way to apply, without a form."""

    __tablename__ = "project_applications"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    phone_number: Mapped[str]
    applicant_name: Mapped[str | None]
    email: Mapped[str | None]
    description: Mapped[str]
    document_url: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")
    admin_comment: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    reviewed_at: Mapped[datetime | None]


class FormTemplate(Base):
    __tablename__ = "form_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), unique=True)
    title_kz: Mapped[str]
    title_ru: Mapped[str]
    description_kz: Mapped[str | None]
    description_ru: Mapped[str | None]
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class FormSubmission(Base):
    __tablename__ = "form_submissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    form_template_id: Mapped[int] = mapped_column(ForeignKey("form_templates.id", ondelete="CASCADE"))
    user_id: Mapped[int | None]
    phone_number: Mapped[str]
    email: Mapped[str | None]
    applicant_name: Mapped[str | None]
    responses: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(default="pending")
    admin_comment: Mapped[str | None]
    reviewed_by: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime] = mapped_column(default=utc_now)
