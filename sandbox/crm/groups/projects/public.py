"""projects: what everybody reads (contract 2.7)."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from sandbox.crm.groups.files import absolute
from sandbox.crm.groups.moderated import found
from sandbox.crm.groups.projects import tables
from sandbox.crm.groups.projects.voting import participants_of, shown_participant
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now, window

MISSING = "Проект не найден"
SHOWN = (
    "id", "title", "title_ru", "description", "description_ru", "author", "project_type", "status",
    "start_date", "end_date", "video_url", "created_at",
)  # fmt: skip


async def get_projects(
    room: RoomDep,
    project_type: str | None = None,
    status: str | None = None,
    skip: int = 0,
    limit: int = 10,
) -> list[dict[str, Any]]:
    offset, size = window(skip, limit)
    with room.db.session() as session:
        rows = session.scalars(_listed(project_type, status).offset(offset).limit(size))
        return [_public(row) for row in rows]


async def get_projects_new(
    room: RoomDep,
    project_type: str | None = None,
    status: str | None = None,
    skip: int = 0,
    limit: int = 10,
) -> list[dict[str, Any]]:
    """Reading rewrites: what has ended is completed, by a clock that is six hours ahead."""
    offset, size = window(skip, limit)
    now = utc_now() + timedelta(hours=6)
    ended = update(tables.Project).where(tables.Project.status == "active", tables.Project.end_date < now)
    with room.db.session() as session:
        session.execute(ended.values(status="completed"))
        rows = session.scalars(_listed(project_type, status).offset(offset).limit(size)).all()
    shown = []
    for row in rows:
        left = max(row.end_date - now, timedelta(0)) // timedelta(minutes=1)
        timing = {
            "hours_remaining": left // 60,
            "minutes_remaining": left % 60,
            "is_expired": row.end_date < now,
        }
        shown.append(_public(row) | timing)
    return shown


async def get_project_detail(project_id: int, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        project = found(session, tables.Project, project_id, MISSING)
        pictures = select(tables.ProjectPicture).where(tables.ProjectPicture.project_id == project_id)
        shown = _public(project) | {
            "gallery": [
                {"id": row.id, "image_url": absolute(row.image_url), "description": row.description}
                for row in session.scalars(pictures.order_by(tables.ProjectPicture.id))
            ]
        }
        if project.project_type == "voting":
            participants = participants_of(session, project_id)
            shown["participants"] = [shown_participant(row) for row in participants]
            shown["total_votes"] = _count(session, tables.Vote, project_id)
        elif project.project_type == "application":
            shown["applications_count"] = _count(session, tables.ProjectApplication, project_id)
        return shown


async def get_project_stats(project_id: int, room: RoomDep) -> dict[str, Any]:
    """Votings count vote rows; applications are the legacy ones, not what came in by forms."""
    with room.db.session() as session:
        project = found(session, tables.Project, project_id, MISSING)
        common = ("title", "project_type", "status", "start_date", "end_date")
        shown = {"project_id": project_id} | {name: getattr(project, name) for name in common}
        shown["project_title"] = shown.pop("title")
        if project.project_type == "voting":
            participants = participants_of(session, project_id)
            votes = _count(session, tables.Vote, project_id)
            leading = max(participants, key=lambda row: (row.votes_count, -row.id), default=None)
            return shown | {
                "total_participants": len(participants),
                "total_votes": votes,
                "average_votes_per_participant": votes / len(participants) if participants else 0,
                "leading_participant": leading and {"name": leading.name, "votes": leading.votes_count},
            }
        if project.project_type != "application":
            return shown
        application = tables.ProjectApplication
        by_status = select(application.status, func.count()).where(application.project_id == project_id)
        counts = {row[0]: row[1] for row in session.execute(by_status.group_by(application.status))}
    total, approved = sum(counts.values()), counts.get("approved", 0)
    return shown | {
        "total_applications": total,
        "pending_applications": counts.get("pending", 0),
        "approved_applications": approved,
        "rejected_applications": counts.get("rejected", 0),
        "approval_rate": round(100 * approved / total, 2) if approved else 0,
    }


async def get_active_voting_projects(room: RoomDep) -> dict[str, Any]:
    now = utc_now()
    project = tables.Project
    running = select(project).where(
        project.project_type == "voting",
        project.status == "active",
        project.start_date <= now,
        project.end_date >= now,
    )
    with room.db.session() as session:
        shown = [
            {name: getattr(row, name) for name in ("id", "title", "description", "author")}
            | {
                "start_date": row.start_date,
                "end_date": row.end_date,
                "photo_url": absolute(row.photo_url),
                "participants_count": _count(session, tables.VotingParticipant, row.id),
                "votes_count": _count(session, tables.Vote, row.id),
            }
            for row in session.scalars(running.order_by(project.created_at.desc(), project.id.desc()))
        ]
    return {"count": len(shown), "projects": shown}


async def search_projects(
    q: str, project_type: str | None = None, status: str | None = None, skip: int = 0, limit: int = 20
) -> None:
    """Never reached: /{project_id} stands before it."""


async def get_active_application_projects() -> None:
    """Never reached: /{project_id}/applications stands before it."""


def _listed(project_type: str | None, status: str | None) -> Select[tables.Project]:
    listed = select(tables.Project).order_by(tables.Project.created_at.desc(), tables.Project.id.desc())
    if project_type:
        listed = listed.where(tables.Project.project_type == project_type)
    return listed.where(tables.Project.status == status) if status else listed


def _public(project: tables.Project) -> dict[str, Any]:
    return {name: getattr(project, name) for name in SHOWN} | {"photo_url": absolute(project.photo_url)}


def _count(
    session: Session,
    table: type[tables.ProjectApplication | tables.Vote | tables.VotingParticipant],
    project_id: int,
) -> int:
    counted = select(func.count()).select_from(table).where(table.project_id == project_id)
    return session.scalar(counted) or 0


def add_to(routes: APIRouter) -> None:
    routes.get("/")(get_projects)
    routes.get("/new", name="get_projects")(get_projects_new)
    routes.get("/{project_id}")(get_project_detail)
    routes.get("/{project_id}/stats")(get_project_stats)
    routes.get("/active/voting")(get_active_voting_projects)
    routes.get("/active/applications")(get_active_application_projects)
    routes.get("/search")(search_projects)
