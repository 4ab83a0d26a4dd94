"""What projects, places, tickets and promo have in common: columns, owners, a part of the unified moderation."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from fastapi import HTTPException
from sqlalchemy import inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.crm.access import own_only
from sandbox.crm.groups.judging import Judged, resubmit
from sandbox.crm.room import Waiting
from sandbox.crm.store import Base, utc_now
from sandbox.crm.tables import Admin


class ModeratedRow(Judged, Base):
    """Parent of the tables of such content."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_ru: Mapped[str]
    description: Mapped[str]
    description_ru: Mapped[str]
    admin_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    moderation_comment: Mapped[str | None]
    is_admin_created: Mapped[bool] = mapped_column(default=False)


AnyRow = TypeVar("AnyRow", bound=Base)
ContentRow = TypeVar("ContentRow", bound=ModeratedRow)


def raw(row: Base) -> dict[str, Any]:
    """The whole database row, as the backend's untyped answers show it."""
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def first_state(admin: Admin) -> dict[str, Any]:
    """Columns of what this admin creates: approved at once, or waiting when its role is checked."""
    now = utc_now()
    trusted = not own_only(admin)
    return {
        "admin_id": admin.id,
        "created_at": now,
        "moderation_status": "approved" if trusted else "pending",
        "moderated_at": utc_now() if trusted else None,
        "moderated_by": admin.id if trusted else None,
        "is_admin_created": trusted,
    }


def recheck(row: ModeratedRow, admin: Admin) -> None:
    """After an edit of a checked field: approved content of a checked role waits again, others only sign it."""
    if not own_only(admin):
        row.moderated_at, row.moderated_by = utc_now(), admin.id
    else:
        resubmit(row)


def owned(session: Session, table: type[ContentRow], row_id: int, admin: Admin, refusal: str) -> ContentRow:
    """The row, when this admin may touch it; 404 with the refusal otherwise."""
    row = session.get(table, row_id)
    if row is None or (own_only(admin) and row.admin_id != admin.id):
        raise HTTPException(404, refusal)
    return row


def found(session: Session, table: type[AnyRow], row_id: int, otherwise: str) -> AnyRow:
    """The row; 404 with the text when there is none."""
    row = session.get(table, row_id)
    if row is None:
        raise HTTPException(404, otherwise)
    return row


def waiting_in(
    table: type[ModeratedRow],
) -> Callable[[Session, tuple[str, ...], int, bool], Sequence[Waiting]]:
    """A function that answers the table's newest entries for the unified moderation."""

    def waiting(
        session: Session, statuses: tuple[str, ...], limit: int, by_moderation: bool
    ) -> Sequence[Waiting]:
        newest = table.moderated_at if by_moderation else table.created_at
        chosen = select(table).where(table.moderation_status.in_(statuses))
        rows: Iterable[ModeratedRow] = session.scalars(
            chosen.order_by(newest.desc(), table.id.desc()).limit(limit)
        )
        return [
            Waiting(
                id=row.id,
                title=row.title,
                description=row.description,
                moderation_status=row.moderation_status,
                created_at=row.created_at,
                moderated_at=row.moderated_at,
                admin_id=row.admin_id,
            )
            for row in rows
        ]

    return waiting
