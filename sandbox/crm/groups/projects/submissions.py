"""projects: reading and judging what people sent in (contract 2.7)."""

import csv
import io
from collections import Counter
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Response
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from sandbox.crm.access import Permitted
from sandbox.crm.groups.notifications import notify
from sandbox.crm.groups.projects import tables
from sandbox.crm.groups.projects.forms import managed, owns, template_of
from sandbox.crm.groups.projects.shapes import (
    FormAnalyticsResponse,
    FormSubmissionListResponse,
    FormSubmissionResponse,
    FormSubmissionUpdate,
)
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, as_stored, utc_now, window
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(Permitted("projects", "read"))]
Editor = Annotated[Admin, Depends(Permitted("projects", "update"))]

Submission = tables.FormSubmission
COUNTED_TYPES = ("dropdown", "radio", "checkbox", "rating")
FIXED_COLUMNS = ("ID", "Submission Date", "Name", "Phone", "Email", "Status", "Admin Comment")


async def get_submissions(
    project_id: int,
    admin: Reader,
    room: RoomDep,
    status: str | None = None,
    skip: int = 0,
    limit: int = 50,
    search: str | None = None,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> FormSubmissionListResponse:
    """skip and limit in, page and page_size out; somebody else's or an unknown project is a 500."""
    offset, size = window(skip, limit)
    if not size:
        raise BackendError("division by zero")
    where = [Submission.project_id == project_id]
    if status:
        where.append(Submission.status == status)
    if search:
        where.append(
            or_(
                *(
                    column.ilike(f"%{search}%")
                    for column in (Submission.applicant_name, Submission.phone_number, Submission.email)
                )
            )
        )
    if start_date:
        where.append(Submission.submitted_at >= as_stored(start_date))
    if end_date:
        where.append(Submission.submitted_at <= as_stored(end_date))
    with room.db.session() as session:
        _own_or_broken(session, project_id, admin)
        total = session.scalar(select(func.count()).select_from(Submission).where(*where)) or 0
        rows = session.scalars(_newest(*where).offset(offset).limit(size))
        return FormSubmissionListResponse(
            total=total,
            page=offset // size + 1,
            page_size=size,
            submissions=[FormSubmissionResponse.model_validate(row) for row in rows],
        )


async def get_submission_detail(
    project_id: int, submission_id: int, admin: Reader, room: RoomDep
) -> FormSubmissionResponse:
    with room.db.session() as session:
        return FormSubmissionResponse.model_validate(
            _own_submission(session, project_id, submission_id, admin, "view")
        )


async def update_submission_status(
    project_id: int, submission_id: int, body: FormSubmissionUpdate, admin: Editor, room: RoomDep
) -> FormSubmissionResponse:
    with room.db.session() as session:
        submission = _own_submission(session, project_id, submission_id, admin, "update")
        changes = body.model_dump(exclude_none=True)
        for name, value in changes.items():
            setattr(submission, name, value)
        if body.status:
            submission.reviewed_by, submission.reviewed_at = admin.id, utc_now()
            notify(
                session,
                submission.user_id,
                "Өтініміңіз қаралды",
                "Ваша заявка рассмотрена",
                kind="project_submission",
                entity=("project", project_id),
                comment=body.admin_comment,
            )
        session.flush()
        return FormSubmissionResponse.model_validate(submission)


async def get_form_analytics(project_id: int, admin: Reader, room: RoomDep) -> FormAnalyticsResponse:
    with room.db.session() as session:
        managed(session, project_id, admin, "view analytics for this project")
        rows = list(session.scalars(_newest(Submission.project_id == project_id)))
        template = template_of(session, project_id)
    states = Counter(row.status for row in rows)
    days = Counter(row.submitted_at.date().isoformat() for row in rows)
    return FormAnalyticsResponse(
        total_submissions=len(rows),
        pending_count=states["pending"],
        approved_count=states["approved"],
        rejected_count=states["rejected"],
        submissions_over_time=[{"date": day, "count": days[day]} for day in sorted(days)],
        field_statistics={
            field["id"]: _statistics(field, rows)
            for field in (template.fields if template else [])
            if field["type"] in COUNTED_TYPES
        },
        avg_submissions_per_day=round(len(rows) / len(days), 2) if days else 0.0,
    )


async def export_submissions(
    project_id: int, admin: Reader, room: RoomDep, format: str = "csv", status: str | None = None
) -> Response:
    """Always CSV, whatever `format` says; nothing to export is a 500."""
    where = [Submission.project_id == project_id]
    if status:
        where.append(Submission.status == status)
    with room.db.session() as session:
        _own_or_broken(session, project_id, admin)
        rows = list(session.scalars(_newest(*where)))
        template = template_of(session, project_id)
    if not rows or template is None:
        raise BackendError("nothing to export")
    return Response(
        _csv(template, rows),
        media_type="text/csv",
        headers={"Content-Disposition": f"attachment; filename=project_{project_id}_submissions.csv"},
    )


def _newest(*where: ColumnElement[bool]) -> Any:
    return select(Submission).where(*where).order_by(Submission.submitted_at.desc(), Submission.id.desc())


def _own_or_broken(session: Session, project_id: int, admin: Admin) -> None:
    project = session.get(tables.Project, project_id)
    if project is None or not owns(admin, project):
        raise BackendError("a refusal that the backend turns into a crash")


def _own_submission(
    session: Session, project_id: int, submission_id: int, admin: Admin, verb: str
) -> tables.FormSubmission:
    submission = session.get(Submission, submission_id)
    if submission is None or submission.project_id != project_id:
        raise HTTPException(404, "Submission not found")
    if not owns(admin, session.get_one(tables.Project, project_id)):
        raise HTTPException(403, f"You don't have permission to {verb} this submission")
    return submission


def _statistics(field: dict[str, Any], rows: list[tables.FormSubmission]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    # Oldest first: the order in which the answers came is the order of the counts.
    for row in reversed(rows):
        answer = row.responses.get(field["id"])
        counts.update(str(value) for value in (answer if isinstance(answer, list) else [answer]) if value)
    return {
        "field_label_kz": field["label_kz"],
        "field_label_ru": field["label_ru"],
        "type": field["type"],
        "value_counts": dict(counts),
    }


def _csv(template: tables.FormTemplate, rows: list[tables.FormSubmission]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([*FIXED_COLUMNS, *(field["label_ru"] for field in template.fields)])
    for row in rows:
        answers = (row.responses.get(field["id"]) for field in template.fields)
        writer.writerow(
            [
                row.id,
                row.submitted_at.strftime("%Y-%m-%d %H:%M:%S"),
                row.applicant_name,
                row.phone_number,
                row.email,
                row.status,
                row.admin_comment,
                *(", ".join(map(str, answer)) if isinstance(answer, list) else answer for answer in answers),
            ]
        )
    return sheet.getvalue()


def add_to(routes: APIRouter) -> None:
    routes.get("/{project_id}/submissions")(get_submissions)
    routes.get("/{project_id}/submissions/{submission_id}")(get_submission_detail)
    routes.put("/{project_id}/submissions/{submission_id}/status")(update_submission_status)
    routes.get("/{project_id}/analytics")(get_form_analytics)
    routes.post("/{project_id}/submissions/export")(export_submissions)
