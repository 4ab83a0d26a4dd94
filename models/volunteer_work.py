"""What volunteers wait for a decision on: applications, task reports, promotions (contract section 2.10)."""

from __future__ import annotations

from enum import StrEnum

from models.common import Record, UtcDateTime


class ApplicationStatus(StrEnum):
    """State of an application for an event; volunteers themselves cancel."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class ReportStatus(StrEnum):
    """State of a report on a task."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    NOT_SUBMITTED = "not_submitted"


class PromotionStatus(StrEnum):
    """State of a request for a higher status."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class WarningLevel(StrEnum):
    """How often in a row a volunteer was missed; answered by the marking of attendance alone."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class Application(Record):
    """An application for an event. ``missed`` is None where the backend does not tell it."""

    volunteer_id: int | None = None
    volunteer_name: str | None = None
    volunteer_phone: str | None = None
    volunteer_status: str | None = None
    event_title: str | None = None
    applied_role: str | None = None
    status: str | None = None
    attended: bool | None = None
    missed: bool | None = None
    report_submitted: bool | None = None
    created_at: UtcDateTime | None = None
    warning_level: str | None = None

    @property
    def may_come(self) -> bool:
        """True when the volunteer was taken and nobody has marked the presence, which pays each time."""
        return self.status == ApplicationStatus.APPROVED and not self.attended

    @property
    def may_miss(self) -> bool:
        """True when the volunteer was taken and is marked neither present nor absent."""
        return self.may_come and not self.missed


class TaskReport(Record):
    """A volunteer's report on a task; approving it pays the task's coins."""

    volunteer_name: str | None = None
    volunteer_phone: str | None = None
    event_title: str | None = None
    task_title: str | None = None
    task_v_coins: int | None = None
    report_text: str | None = None
    report_photo_url: str | None = None
    report_status: str | None = None
    admin_comment: str | None = None
    v_coins_earned: int | None = None
    created_at: UtcDateTime | None = None


class PromotionRequest(Record):
    """A volunteer's request for a higher status."""

    volunteer_id: int | None = None
    volunteer_name: str | None = None
    current_status: str | None = None
    requested_status: str | None = None
    v_coins_at_request: int | None = None
    current_v_coins: int | None = None
    status: str | None = None
    admin_comment: str | None = None
    created_at: UtcDateTime | None = None
    reviewed_at: UtcDateTime | None = None
