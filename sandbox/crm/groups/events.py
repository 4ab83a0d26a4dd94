"""events: the admin routes and the public ones (contract 2.4)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, get_args
from uuid import uuid4

from fastapi import APIRouter, Depends, File, HTTPException, Query, UploadFile
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, lazyload

from sandbox.crm.access import ModuleReader, Permitted, own_only
from sandbox.crm.groups import event_tables as tables
from sandbox.crm.groups.event_seed import seed_events
from sandbox.crm.groups.event_shapes import (
    EventCreate,
    EventDetail,
    EventFormat,
    EventList,
    EventParticipant,
    EventParticipantCreate,
    EventUpdate,
    ModerationStatus,
)
from sandbox.crm.room import Group, Moderated, RoomDep, Waiting
from sandbox.crm.store import BackendError, as_stored, utc_now, window
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("events"))]
Creator = Annotated[Admin, Depends(Permitted("events", "create"))]
Editor = Annotated[Admin, Depends(Permitted("events", "update"))]
Remover = Annotated[Admin, Depends(Permitted("events", "delete"))]
Skip = Annotated[int, Query(ge=0)]
ModerationLimit = Annotated[int, Query(ge=1, le=100)]

PHOTO_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp")
RECHECKED = ("title", "description", "location", "event_date")
MISSING = "Мероприятие не найдено"


# --- for admins -----------------------------------------------------------------------------------


async def admin_list_events(
    admin: Reader,
    room: RoomDep,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    format: str | None = None,
    search: str | None = None,
    from_date: datetime | None = None,
    to_date: datetime | None = None,
) -> list[EventList]:
    found = _filtered(format, search, from_date, to_date, ("title", "description"))
    if own_only(admin):
        found = found.where(tables.Event.admin_id == admin.id)
    with room.db.session() as session:
        return [EventList.model_validate(row) for row in session.scalars(found.offset(skip).limit(limit))]


async def admin_create_event(body: EventCreate, admin: Creator, room: RoomDep) -> EventDetail:
    trusted = not own_only(admin)
    now = utc_now()
    with room.db.session() as session:
        event = tables.Event(
            **body.model_dump(exclude={"programs", "speakers", "event_date"}),
            event_date=as_stored(body.event_date),
            programs=[tables.EventProgram(**program.model_dump()) for program in body.programs],
            speakers=[tables.EventSpeaker(**speaker.model_dump()) for speaker in body.speakers],
            admin_id=admin.id,
            created_at=now,
            updated_at=now,
            moderation_status="approved" if trusted else "pending",
            moderated_at=now if trusted else None,
            moderated_by=admin.id if trusted else None,
            is_admin_created=trusted,
        )
        session.add(event)
        session.flush()
        return EventDetail.model_validate(event)


async def admin_update_event(event_id: int, body: EventUpdate, admin: Editor, room: RoomDep) -> EventDetail:
    changes = body.model_dump(exclude_unset=True)
    with room.db.session() as session:
        event = _owned(session, event_id, admin, "редактирование")
        # An aware date never equals the naive one in the database, so it always counts as a change.
        rechecked = any(name in changes and changes[name] != getattr(event, name) for name in RECHECKED)
        for name, value in changes.items():
            if value is None and name != "event_photo":
                raise BackendError(f"null in the required column {name}")
            setattr(event, name, as_stored(value) if isinstance(value, datetime) else value)
        event.updated_at = utc_now()
        if rechecked and not own_only(admin):
            event.moderated_at, event.moderated_by = utc_now(), admin.id
        elif rechecked and event.moderation_status == "approved":
            event.moderation_status, event.moderated_at, event.moderated_by = "pending", None, None
        session.flush()
        return EventDetail.model_validate(event)


async def admin_delete_event(event_id: int, admin: Remover, room: RoomDep) -> None:
    with room.db.session() as session:
        session.delete(_owned(session, event_id, admin, "удаление"))


async def admin_get_event(event_id: int, admin: Reader, room: RoomDep) -> EventDetail:
    with room.db.session() as session:
        return EventDetail.model_validate(_owned(session, event_id, admin, "просмотр"))


async def get_events_moderation_stats(_admin: Reader, room: RoomDep) -> dict[str, int]:
    with room.db.session() as session:
        return count_by_status(session)


async def get_pending_events(
    _admin: Reader, room: RoomDep, skip: Skip = 0, limit: ModerationLimit = 50
) -> list[EventDetail]:
    with room.db.session() as session:
        return _newest(session, ModerationStatus.PENDING, skip, limit)


async def get_all_events_with_status(
    _admin: Reader,
    room: RoomDep,
    moderation_status: ModerationStatus | None = None,
    skip: Skip = 0,
    limit: ModerationLimit = 50,
) -> list[EventDetail]:
    with room.db.session() as session:
        return _newest(session, moderation_status, skip, limit)


async def approve_event(event_id: int, admin: Editor, room: RoomDep) -> EventDetail:
    with room.db.session() as session:
        return _judged(session, event_id, admin, ModerationStatus.APPROVED)


async def reject_event(event_id: int, admin: Editor, room: RoomDep) -> EventDetail:
    with room.db.session() as session:
        return _judged(session, event_id, admin, ModerationStatus.REJECTED)


# --- for everybody --------------------------------------------------------------------------------


async def list_events(room: RoomDep, skip: int = 0, limit: int = 100) -> list[EventList]:
    with room.db.session() as session:
        return _approved(session, _filtered(None, None, None, None, ()), skip, limit)


async def search_events(
    room: RoomDep,
    format: str | None = None,
    search: str | None = None,
    from_date: datetime | None = None,
    to_date: datetime | None = None,
    skip: int = 0,
    limit: int = 100,
) -> list[EventList]:
    with room.db.session() as session:
        found = _filtered(format, search, from_date, to_date, ("title", "description", "location"))
        return _approved(session, found, skip, limit)


async def get_event_details(event_id: int, room: RoomDep) -> EventDetail:
    with room.db.session() as session:
        return EventDetail.model_validate(_any(session, event_id))


async def register_for_event(event_id: int, body: EventParticipantCreate, room: RoomDep) -> EventParticipant:
    with room.db.session() as session:
        participant = tables.EventParticipant(event_id=_any(session, event_id).id, **body.model_dump())
        session.add(participant)
        session.flush()
        return EventParticipant.model_validate(participant)


async def get_event_participants(
    event_id: int, room: RoomDep, skip: int = 0, limit: int = 100
) -> list[EventParticipant]:
    with room.db.session() as session:
        of_event = select(tables.EventParticipant).where(
            tables.EventParticipant.event_id == _any(session, event_id).id
        )
        offset, size = window(skip, limit)
        return [
            EventParticipant.model_validate(row)
            for row in session.scalars(
                of_event.order_by(tables.EventParticipant.id).offset(offset).limit(size)
            )
        ]


async def upload_event_photo(
    event_id: int, room: RoomDep, file: Annotated[UploadFile, File()]
) -> dict[str, str | int]:
    content = await file.read()
    with room.db.session() as session:
        event = _any(session, event_id, "Event not found")
        extension = (file.filename or "").rpartition(".")[2].lower()
        if extension not in PHOTO_EXTENSIONS:
            raise HTTPException(400, f"Invalid file type. Allowed types: {', '.join(PHOTO_EXTENSIONS)}")
        name = f"{uuid4()}.{extension}"
        (room.uploads / "events" / name).write_bytes(content)
        event.event_photo = f"/uploads/events/{name}"
    return {"message": "Photo uploaded successfully", "photo_url": event.event_photo, "event_id": event_id}


async def delete_event_photo(event_id: int, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        event = _any(session, event_id, "Event not found")
        if event.event_photo:
            (room.uploads / "events" / Path(event.event_photo).name).unlink(missing_ok=True)
        event.event_photo = None
    return {"message": "Photo deleted successfully"}


# --- work -----------------------------------------------------------------------------------------


def _filtered(
    event_format: str | None,
    search: str | None,
    from_date: datetime | None,
    to_date: datetime | None,
    searched: tuple[str, ...],
) -> Select[tables.Event]:
    """Events by event_date, latest first; `%` and `_` in the text act as wildcards."""
    # A list shows neither programmes nor speakers, so they are not read.
    found = select(tables.Event).options(lazyload("*"))
    found = found.order_by(tables.Event.event_date.desc(), tables.Event.id.desc())
    if event_format:
        if event_format not in get_args(EventFormat):
            raise BackendError("unknown value of an enumeration")
        found = found.where(tables.Event.format == event_format)
    if search:
        found = found.where(or_(*(getattr(tables.Event, name).ilike(f"%{search}%") for name in searched)))
    if from_date:
        found = found.where(tables.Event.event_date >= as_stored(from_date))
    if to_date:
        found = found.where(tables.Event.event_date <= as_stored(to_date))
    return found


def _approved(session: Session, found: Select[tables.Event], skip: int, limit: int) -> list[EventList]:
    offset, size = window(skip, limit)
    shown = found.where(tables.Event.moderation_status == "approved").offset(offset).limit(size)
    return [EventList.model_validate(row) for row in session.scalars(shown)]


def _newest(session: Session, status: ModerationStatus | None, skip: int, limit: int) -> list[EventDetail]:
    found = select(tables.Event).order_by(tables.Event.created_at.desc(), tables.Event.id.desc())
    if status:
        found = found.where(tables.Event.moderation_status == status.value)
    return [EventDetail.model_validate(row) for row in session.scalars(found.offset(skip).limit(limit))]


def _any(session: Session, event_id: int, otherwise: str = MISSING) -> tables.Event:
    event = session.get(tables.Event, event_id)
    if event is None:
        raise HTTPException(404, otherwise)
    return event


def _owned(session: Session, event_id: int, admin: Admin, purpose: str) -> tables.Event:
    refusal = f"{MISSING} или у вас нет прав на его {purpose}"
    event = _any(session, event_id, refusal)
    if own_only(admin) and event.admin_id != admin.id:
        raise HTTPException(404, refusal)
    return event


def _judged(session: Session, event_id: int, admin: Admin, verdict: ModerationStatus) -> EventDetail:
    event = _any(session, event_id, "Event not found")
    now = utc_now()
    event.moderation_status, event.moderated_at, event.moderated_by = verdict.value, now, admin.id
    event.updated_at = now
    session.flush()
    return EventDetail.model_validate(event)


# --- unified moderation ---------------------------------------------------------------------------


def count_by_status(session: Session) -> dict[str, int]:
    """{total, pending, approved, rejected} of all events."""
    by_status = select(tables.Event.moderation_status, func.count()).group_by(tables.Event.moderation_status)
    found = {row[0]: row[1] for row in session.execute(by_status)}
    counts = {status.value: found.get(status.value, 0) for status in ModerationStatus}
    return {"total": sum(found.values()), **counts}


def waiting_events(
    session: Session, statuses: tuple[str, ...], limit: int, by_moderation: bool
) -> Sequence[Waiting]:
    newest = tables.Event.moderated_at if by_moderation else tables.Event.created_at
    found = select(tables.Event).where(tables.Event.moderation_status.in_(statuses))
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
        for row in session.scalars(found.order_by(newest.desc(), tables.Event.id.desc()).limit(limit))
    ]


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/events", tags=["events"])
    routes.get("/admin/list")(admin_list_events)
    routes.post("/admin/create", status_code=201)(admin_create_event)
    routes.get("/admin/moderation/stats")(get_events_moderation_stats)
    routes.get("/admin/moderation/pending")(get_pending_events)
    routes.get("/admin/moderation/all-statuses")(get_all_events_with_status)
    routes.post("/admin/moderation/{event_id}/approve")(approve_event)
    routes.post("/admin/moderation/{event_id}/reject")(reject_event)
    routes.put("/admin/{event_id}")(admin_update_event)
    routes.delete("/admin/{event_id}", status_code=204)(admin_delete_event)
    routes.get("/admin/{event_id}")(admin_get_event)
    routes.get("/")(list_events)
    routes.get("/search")(search_events)
    routes.get("/{event_id}")(get_event_details)
    routes.post("/{event_id}/participate", status_code=201)(register_for_event)
    routes.get("/{event_id}/participants")(get_event_participants)
    routes.post("/{event_id}/upload-photo")(upload_event_photo)
    routes.delete("/{event_id}/photo")(delete_event_photo)
    return routes


GROUP = Group(
    router,
    moderated=(Moderated("event", "events", count_by_status, waiting_events),),
    seed=seed_events,
    upload_folders=("events",),
)
