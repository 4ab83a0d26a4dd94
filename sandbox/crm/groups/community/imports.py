"""community: many members at once, and back."""

import secrets
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import ValidationError
from sqlalchemy import func, inspect
from sqlalchemy.orm import Session

from sandbox.crm.groups.community.members import change, codes, erase, living
from sandbox.crm.groups.community.rights import REPEATS, Editor
from sandbox.crm.groups.community.shapes import Import, Imported, ImportedMember, Reverted, RowError
from sandbox.crm.groups.community.tables import ImportRow, MemberRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now

MOST_ROWS = 5000
KEPT = ("id", "version")


async def import_members(body: Import, admin: Editor, room: RoomDep) -> Imported:
    """A dry run answers the same and writes nothing."""
    if len(body.rows) > MOST_ROWS:
        raise HTTPException(413, f"At most {MOST_ROWS} rows")
    found = Imported(created=0, updated=0, skipped=0, errors=[], token=None)
    changes: list[dict[str, Any]] = []
    with room.db.session() as session:
        for number, raw in enumerate(body.rows):
            try:
                _take(session, ImportedMember.model_validate(raw), body.mode, admin.id, found, changes)
            except ValidationError as wrong:
                found.errors += [
                    RowError(row=number, field=".".join(map(str, one["loc"])), message=one["msg"])
                    for one in wrong.errors()
                ]
            except HTTPException as refused:
                found.errors.append(RowError(row=number, field="", message=str(refused.detail)))
        if body.dry_run:
            session.rollback()
        elif changes:
            found.token = secrets.token_urlsafe(12)
            session.add(ImportRow(token=found.token, changes=changes))
    return found


async def revert_import(token: str, _admin: Editor, room: RoomDep) -> Reverted:
    """Who was created is erased, who was changed is as before. 409 when one of them was changed since."""
    with room.db.session() as session:
        done = session.get(ImportRow, token)
        if done is None:
            raise HTTPException(404, "Import not found")
        if done.reverted_at is not None:
            raise HTTPException(409, "Import was reverted already")
        rows = [(session.get_one(MemberRow, one["id"]), one) for one in done.changes]
        if any(row.version != one["version"] for row, one in rows):
            raise HTTPException(409, "Members of this import were changed since")
        for row, one in rows:
            if one["before"] is None:
                erase(session, row)
                continue
            for name, value in one["before"].items():
                setattr(row, name, _loaded(name, value))
            row.version += 1
        done.reverted_at = utc_now()
        return Reverted(reverted=len(rows))


def _take(
    session: Session,
    wanted: ImportedMember,
    mode: str,
    admin_id: int,
    found: Imported,
    changes: list[dict[str, Any]],
) -> None:
    row = _known(session, wanted)
    if (row is None) == (mode == "update") and mode != "upsert":
        found.skipped += 1
        return
    columns = wanted.columns()
    columns.pop("id", None)
    if row is None:
        if not columns.get("full_name"):
            raise HTTPException(422, "full_name is required")
        row = MemberRow(status=columns.pop("status", "pending"), mentorship_role="none", steps={}, version=0)
        if row.status == "approved":
            row.decided_at, row.decided_by = utc_now(), admin_id
        row.submitted_at = utc_now() if row.status != "incomplete" else None
        before = None
        change(session, row, columns)
        session.add(row)
        found.created += 1
    else:
        before = {name: _kept(value) for name, value in _columns(row).items() if name not in KEPT}
        change(session, row, columns)
        found.updated += 1
    session.flush()
    changes.append({"id": row.id, "version": row.version, "before": before})


def _known(session: Session, wanted: ImportedMember) -> MemberRow | None:
    """The member that the row means: by id, else by Telegram id, else by e-mail address."""
    for column, value in (
        (MemberRow.id, wanted.id),
        (MemberRow.telegram_user_id, wanted.telegram_user_id),
        (func.lower(MemberRow.email), wanted.email.lower() if wanted.email else None),
    ):
        if value is not None:
            found: MemberRow | None = session.scalar(living().where(column == value).order_by(MemberRow.id))
            if found is not None or column is MemberRow.id:
                return found
    return None


def _columns(row: MemberRow) -> dict[str, Any]:
    return {one.key: getattr(row, one.key) for one in inspect(MemberRow).column_attrs}


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _loaded(name: str, value: Any) -> Any:
    """The column again, from what JSON kept of it."""
    kind = inspect(MemberRow).columns[name].type.python_type
    return kind.fromisoformat(value) if value is not None and kind in (date, datetime) else value


def add_to(routes: APIRouter) -> None:
    routes.post("/members/import", responses=codes(413), dependencies=REPEATS)(import_members)
    routes.post("/members/import/{token}/revert", responses=codes(404, 409), dependencies=REPEATS)(
        revert_import
    )
