"""What the moderated kinds of content have in common: their columns, their counts, a verdict."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.store import BackendError, utc_now
from sandbox.crm.tables import Admin

Skip = Annotated[int, Query(ge=0)]
ModerationLimit = Annotated[int, Query(ge=1, le=100)]


class Judged:
    """Columns of a table whose rows are moderated."""

    moderation_status: Mapped[str] = mapped_column(default="pending", index=True)
    moderated_at: Mapped[datetime | None]
    moderated_by: Mapped[int | None]


def judge(row: Judged, admin: Admin, verdict: ModerationStatus) -> None:
    """Writes the verdict; repeating it or turning it round is always possible."""
    row.moderation_status, row.moderated_at, row.moderated_by = verdict.value, utc_now(), admin.id


def resubmit(row: Judged) -> None:
    """An approved row waits again, a rejected one stays rejected (contract Q22)."""
    if row.moderation_status == ModerationStatus.APPROVED:
        row.moderation_status, row.moderated_at, row.moderated_by = ModerationStatus.PENDING.value, None, None


def counter(table: type[Judged]) -> Callable[[Session], dict[str, int]]:
    """A function that gives {total, pending, approved, rejected} of all rows of the table."""

    def count(session: Session) -> dict[str, int]:
        by_status = select(table.moderation_status, func.count()).group_by(table.moderation_status)
        found = {row[0]: row[1] for row in session.execute(by_status)}
        return {
            "total": sum(found.values()),
            **{status.value: found.get(status.value, 0) for status in ModerationStatus},
        }

    return count


def check_lengths(values: dict[str, Any], limits: dict[str, int]) -> None:
    """Raises BackendError when a text does not fit its column (contract Q17)."""
    for name, limit in limits.items():
        if len(values.get(name) or "") > limit:
            raise BackendError(f"value too long for {name}")
