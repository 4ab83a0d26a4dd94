"""community: its tables (docs/community-api.md)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.store import Base, utc_now

STEPS = ("consent", "name", "contacts", "segment", "city", "about", "preferences", "submitted")
"""Steps of a registration as the demo knows them; a client may send others."""


class MemberRow(Base):
    """A member. One whose data was erased stays as a row of numbers, for the counters and the coffee history."""

    __tablename__ = "community_members"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_user_id: Mapped[str | None] = mapped_column(unique=True)
    full_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]
    nickname: Mapped[str | None]
    segment: Mapped[str | None]
    level: Mapped[str | None]
    affiliation: Mapped[str | None]
    about: Mapped[str | None]
    city: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="ru")
    status: Mapped[str] = mapped_column(default="incomplete", index=True)
    status_before: Mapped[str | None]
    reject_reason: Mapped[str | None]
    registration_step: Mapped[str | None]
    consent_version: Mapped[str | None]
    coffee_enabled: Mapped[bool] = mapped_column(default=False)
    coffee_frequency: Mapped[str] = mapped_column(default="weekly")
    coffee_paused_until: Mapped[date | None]
    mentorship_role: Mapped[str] = mapped_column(default="none")
    mentorship_topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    mentorship_capacity: Mapped[int] = mapped_column(default=0)
    mentorship_languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    mentorship_since: Mapped[datetime | None]
    socials_enabled: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[str] = mapped_column(default="telegram")
    notify_announcements: Mapped[bool] = mapped_column(default=True)
    notify_events: Mapped[bool] = mapped_column(default=True)
    notify_matches: Mapped[bool] = mapped_column(default=True)
    steps: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def coffee(self) -> "MemberRow":
        """Itself: the groups of an answer are columns here."""
        return self

    mentorship = notify = coffee


class PairRow(Base):
    __tablename__ = "community_pairs"

    id: Mapped[int] = mapped_column(primary_key=True)
    mentor_id: Mapped[int] = mapped_column(index=True)
    mentee_id: Mapped[int] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default="active")
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[int]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    notified_at: Mapped[datetime | None]


class BarRow(Base):
    """Two members who are never matched, the lower id first."""

    __tablename__ = "community_bars"

    id: Mapped[int] = mapped_column(primary_key=True)
    a_id: Mapped[int]
    b_id: Mapped[int]
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[int]


class ScheduleRow(Base):
    """One row at most; without it the defaults hold."""

    __tablename__ = "community_coffee_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)


class RoundRow(Base):
    __tablename__ = "community_coffee_rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    planned_for: Mapped[date]
    skipped: Mapped[list[int]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(default="committed")
    rollback_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    created_by: Mapped[int]


class GroupRow(Base):
    __tablename__ = "community_coffee_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(index=True)
    member_ids: Mapped[list[int]] = mapped_column(JSON)
    notified_at: Mapped[datetime | None]
    channel: Mapped[str | None]


class FeedbackRow(Base):
    __tablename__ = "community_coffee_feedback"

    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    met: Mapped[bool]
    rating: Mapped[int | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = {"sqlite_autoincrement": False}  # noqa: RUF012


class ImportRow(Base):
    """An import that can be taken back: per member its version afterwards and its columns before, if there were any."""

    __tablename__ = "community_imports"

    token: Mapped[str] = mapped_column(primary_key=True)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    reverted_at: Mapped[datetime | None]

    __table_args__ = {"sqlite_autoincrement": False}  # noqa: RUF012


class KeptAnswer(Base):
    """The first answer to an Idempotency-Key; status 0 while it is being made."""

    __tablename__ = "community_kept_answers"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[bytes] = mapped_column(default=b"")

    __table_args__ = {"sqlite_autoincrement": False}  # noqa: RUF012
