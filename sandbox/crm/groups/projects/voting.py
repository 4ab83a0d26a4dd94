"""projects: votings, their participants and results (contract 2.7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, File, HTTPException, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.crm.access import EndUser
from sandbox.crm.groups import files
from sandbox.crm.groups.files import absolute
from sandbox.crm.groups.moderated import found, raw
from sandbox.crm.groups.projects import tables
from sandbox.crm.groups.projects.shapes import VotingParticipantCreate
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError

MISSING = "Проект не найден"
NO_VOTING = "Проект не найден или это не голосовалка"
NO_PARTICIPANT = "Участник не найден"
EDITABLE = (
    "name", "description", "video_url", "instagram_url", "facebook_url", "linkedin_url", "twitter_url",
)  # fmt: skip


async def get_voting_results(project_id: int, room: RoomDep) -> dict[str, Any]:
    """Sums the counters, unlike the statistics."""
    with room.db.session() as session:
        project = _voting(session, project_id)
        ranked = _ranked(session, project_id)
    total = sum(row.votes_count for row in ranked)
    return {
        "project_id": project_id,
        "project_title": project.title,
        "total_votes": total,
        "total_participants": len(ranked),
        "results": [
            {
                "position": position,
                "participant_id": row.id,
                "participant_name": row.name,
                "photo_url": absolute(row.photo_url),
                "votes_count": row.votes_count,
                "percentage": f"{100 * row.votes_count / total if total else 0:.1f}%",
            }
            for position, row in enumerate(ranked, 1)
        ],
    }


async def create_voting_participant(
    project_id: int, body: VotingParticipantCreate, room: RoomDep
) -> dict[str, Any]:
    with room.db.session() as session:
        participant = tables.VotingParticipant(
            project_id=_voting(session, project_id).id, **body.model_dump()
        )
        session.add(participant)
        session.flush()
        return {
            "message": "Участник добавлен",
            "participant_id": participant.id,
            "name": participant.name,
        }


async def update_participant(
    participant_id: int, body: Annotated[dict[str, Any], Body()], room: RoomDep
) -> dict[str, str]:
    """Free JSON; what is not editable is ignored."""
    with room.db.session() as session:
        participant = found(session, tables.VotingParticipant, participant_id, NO_PARTICIPANT)
        for name in EDITABLE:
            if name in body:
                if name == "name" and not isinstance(body[name], str):
                    raise BackendError("a name that is no text")
                setattr(participant, name, body[name])
    return {"message": "Данные участника обновлены"}


async def upload_participant_photo(
    project_id: int, participant_id: int, room: RoomDep, file: Annotated[UploadFile, File()]
) -> dict[str, str | None]:
    with room.db.session() as session:
        participant = found(session, tables.VotingParticipant, participant_id, NO_PARTICIPANT)
    if participant.project_id != project_id:
        raise HTTPException(404, NO_PARTICIPANT)
    files.only_pictures(file)
    path = await files.keep(room, "participants", file)
    with room.db.session() as session:
        found(session, tables.VotingParticipant, participant_id, NO_PARTICIPANT).photo_url = path
    return {"file_path": absolute(path), "message": "Фото участника загружено"}


async def delete_participant(participant_id: int, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        participant = found(session, tables.VotingParticipant, participant_id, NO_PARTICIPANT)
        kept = select(tables.VotingResult.id).where(tables.VotingResult.participant_id == participant_id)
        if session.scalar(kept.limit(1)):
            raise BackendError("stored results point to the participant")
        session.delete(participant)
    return {"message": "Участник удален"}


async def complete_project(project_id: int, _user: EndUser, room: RoomDep) -> dict[str, Any]:
    """Any end user may; a voting's results are stored and keep it from being deleted."""
    with room.db.session() as session:
        project = found(session, tables.Project, project_id, MISSING)
        if project.project_type == "voting":
            ranked = _ranked(session, project_id)
            session.add_all(
                tables.VotingResult(
                    project_id=project_id,
                    participant_id=row.id,
                    position=position,
                    votes_count=row.votes_count,
                )
                for position, row in enumerate(ranked, 1)
            )
        project.status = "completed"
    return {"message": "Проект завершен", "project_id": project_id, "final_status": "completed"}


def participants_of(session: Session, project_id: int) -> list[tables.VotingParticipant]:
    of_project = select(tables.VotingParticipant).where(tables.VotingParticipant.project_id == project_id)
    return list(session.scalars(of_project.order_by(tables.VotingParticipant.id)))


def shown_participant(row: tables.VotingParticipant) -> dict[str, Any]:
    shown = {name: value for name, value in raw(row).items() if name != "project_id"}
    return shown | {"photo_url": absolute(row.photo_url)}


def _ranked(session: Session, project_id: int) -> list[tables.VotingParticipant]:
    """Most votes first, by the counters."""
    return sorted(participants_of(session, project_id), key=lambda row: (-row.votes_count, row.id))


def _voting(session: Session, project_id: int) -> tables.Project:
    project = session.get(tables.Project, project_id)
    if project is None or project.project_type != "voting":
        raise HTTPException(404, NO_VOTING)
    return project


def add_to(routes: APIRouter) -> None:
    routes.post("/{project_id}/participants")(create_voting_participant)
    routes.post("/{project_id}/participants/{participant_id}/upload-photo")(upload_participant_photo)
    routes.get("/{project_id}/results")(get_voting_results)
    routes.delete("/participants/{participant_id}")(delete_participant)
    routes.put("/participants/{participant_id}")(update_participant)
    routes.post("/{project_id}/complete")(complete_project)
