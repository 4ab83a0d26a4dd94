"""Broadcasts: messages to the Telegram sessions of admins (contract 2.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from models.access import Role
from models.common import Record, UtcDateTime

PREFIX = "📢 <b>Объявление от администрации</b>\n\n"
"""What the backend puts in front of every message, as Telegram's HTML."""
MESSAGE = 4096
"""UTF-16 units of a Telegram message; the prefix counts, and the backend does not check."""
NOTICE = "Уведомление о модерации"
"""Title of the broadcasts that the backend makes by itself (contract Q20)."""
NOTICES_BY = 1
"""Id of the admin in whose name it does so."""
STUCK = timedelta(minutes=10)
"""How long a broadcast may be on its way before nobody is believed to work on it any more, apart from its messages."""
PER_MESSAGE = timedelta(seconds=0.3)
GRACE = timedelta(hours=1)
"""How late a scheduled broadcast is still sent without asking."""


class BroadcastStatus(StrEnum):
    """How far a broadcast is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Audience(StrEnum):
    """Who is meant, as it can be chosen; ``active_sessions`` is another name of all."""

    ALL = "all_telegram_users"
    ADMINS = "admins_only"
    ROLE = "by_role"


class Origin(StrEnum):
    """Whether a person wrote it, or the backend by itself."""

    PERSON = "person"
    BACKEND = "backend"


OPEN = frozenset((BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED))
"""Nothing went out yet."""


class Broadcast(Record):
    """A broadcast. ``delivered_count`` and ``read_count`` are never written by the backend and left out.

    ``waiting`` (messages that are still to be sent) and ``reach`` (who would get it now) are known on cards only.
    """

    title: str
    message: str
    target_audience: str
    target_role: str | None = None
    status: str
    total_recipients: int = 0
    sent_count: int = 0
    failed_count: int = 0
    created_by: int
    created_at: UtcDateTime
    scheduled_at: UtcDateTime | None = None
    sent_at: UtcDateTime | None = None
    completed_at: UtcDateTime | None = None
    waiting: int | None = None
    reach: int | None = None

    @property
    def origin(self) -> Origin:
        """Whose it is: the backend's own notices have one title, one audience and one author."""
        by_itself = (
            self.title == NOTICE and self.target_audience == Audience.ADMINS and self.created_by == NOTICES_BY
        )
        return Origin.BACKEND if by_itself else Origin.PERSON

    def late(self, now: datetime) -> timedelta:
        """How long ago it should have been sent; negative before, and for what is not scheduled."""
        if self.status != BroadcastStatus.SCHEDULED or self.scheduled_at is None:
            return timedelta(seconds=-1)
        return now - self.scheduled_at

    def resumable(self, now: datetime) -> bool:
        """True when a retry sends something: messages wait, and nobody is at work on them (contract 2.11)."""
        if not self.waiting or self.status not in (
            BroadcastStatus.FAILED, BroadcastStatus.SENDING, BroadcastStatus.SENT,
        ):  # fmt: skip
            return False
        busy = STUCK + PER_MESSAGE * self.total_recipients
        return self.status != BroadcastStatus.SENDING or self.sent_at is None or now - self.sent_at > busy


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the messages of a broadcast."""

    total: int
    sent: int
    failed: int
    waiting: int

    @property
    def untold(self) -> int:
        """Messages of which nothing is known: a retry overwrites the counters of the run before."""
        return max(0, self.total - self.sent - self.failed - self.waiting)

    @property
    def rate(self) -> float | None:
        """The share that arrived at Telegram, 0 to 1; None while nothing is known. The backend's is always 0."""
        tried = self.sent + self.failed
        return self.sent / tried if tried else None


class BroadcastStats(BaseModel):
    """The backend's statistics of a broadcast, as far as they are true."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    status: str
    total_recipients: int
    sent_count: int
    failed_count: int
    pending_count: int
    sent_at: UtcDateTime | None = None
    completed_at: UtcDateTime | None = None

    @property
    def delivery(self) -> Delivery:
        """The counters as one value."""
        return Delivery(self.total_recipients, self.sent_count, self.failed_count, self.pending_count)


class Recipient(BaseModel):
    """A Telegram session of an admin: who gets broadcasts."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    telegram_user_id: str
    admin_role: str | None = None
    is_active: bool = True

    def among(self, audience: str, role: str | None) -> bool:
        """True when the backend sends it what is meant for that audience."""
        if not self.is_active:
            return False
        if audience == Audience.ADMINS:
            return self.admin_role != Role.CLIENT
        return audience != Audience.ROLE or self.admin_role == role
