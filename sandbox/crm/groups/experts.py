"""experts: a public register without update and delete (contract 2.13)."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, UploadFile
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Select, or_, select

from sandbox.crm.access import EndUser
from sandbox.crm.groups import expert_tables as tables
from sandbox.crm.groups.event_shapes import Email
from sandbox.crm.groups.expert_seed import seed_experts
from sandbox.crm.groups.files import keep
from sandbox.crm.room import Group, Room, RoomDep
from sandbox.crm.store import BackendError, as_stored, utc_now, window

AVATAR_EXTENSIONS = ("png", "jpg", "jpeg", "gif", "webp")
REQUEST_STATES = ("pending", "approved", "rejected")
MISSING = "Эксперт не найден"
LINKS_OF_PYDANTIC = re.compile(r"For further information visit \S+")


class Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class EducationCreate(BaseModel):
    university: str
    start_date: datetime
    end_date: datetime | None = None
    specialization: str | None = None
    degree: str | None = None
    certificates: str | None = None


class Education(EducationCreate, Row):
    id: int
    expert_id: int


class WorkExperienceCreate(BaseModel):
    company_name: str
    position: str
    start_date: datetime
    end_date: datetime | None = None
    work_description: str | None = None


class WorkExperience(WorkExperienceCreate, Row):
    id: int
    expert_id: int


class ExpertBase(BaseModel):
    full_name: str
    specialization: str
    phone: str | None = None
    website: str | None = None
    city: str | None = None
    address: str | None = None


class ExpertCreate(ExpertBase):
    education: list[EducationCreate]
    experience: list[WorkExperienceCreate]


class ExpertList(ExpertBase, Row):
    id: int


class ExpertDetail(ExpertList):
    education: list[Education] = []
    experience: list[WorkExperience] = []
    created_at: datetime
    updated_at: datetime


class CollaborationCreate(BaseModel):
    user_name: str
    user_email: Email
    user_phone: str | None = None
    message: str | None = None


class CollaborationRequest(CollaborationCreate, Row):
    id: int
    request_id: str
    expert_id: int
    created_at: datetime
    status: str


async def list_experts(room: RoomDep, skip: int = 0, limit: int = 100) -> list[ExpertList]:
    return _listed(room, select(tables.Expert), skip, limit)


async def search_experts(
    room: RoomDep,
    specialization: str | None = None,
    city: str | None = None,
    search: str | None = None,
    skip: int = 0,
    limit: int = 100,
) -> list[ExpertList]:
    found = select(tables.Expert)
    if specialization:
        found = found.where(tables.Expert.specialization.ilike(f"%{specialization}%"))
    if city:
        found = found.where(tables.Expert.city.ilike(f"%{city}%"))
    if search:
        names = (tables.Expert.full_name, tables.Expert.specialization)
        found = found.where(or_(*(name.ilike(f"%{search}%") for name in names)))
    return _listed(room, found, skip, limit)


async def create_expert(
    room: RoomDep,
    full_name: Annotated[str, Form()],
    specialization: Annotated[str, Form()],
    education_str: Annotated[str, Form(alias="education")],
    experience_str: Annotated[str, Form(alias="experience")],
    phone: Annotated[str | None, Form()] = None,
    website: Annotated[str | None, Form()] = None,
    city: Annotated[str | None, Form()] = None,
    address: Annotated[str | None, Form()] = None,
    avatar: Annotated[UploadFile | None, File()] = None,
) -> ExpertDetail:
    """Education and experience come as JSON inside the form; the avatar never comes back."""
    try:
        parts = {"education": json.loads(education_str), "experience": json.loads(experience_str)}
    except ValueError:
        raise HTTPException(400, "Некорректный JSON формат для education или experience.") from None
    fields = {
        "full_name": full_name,
        "specialization": specialization,
        "phone": phone,
        "website": website,
        "city": city,
        "address": address,
    }
    try:
        body = ExpertCreate.model_validate({**fields, **parts})
    except ValidationError as refused:
        # The answer quotes pydantic, but for the link to its manual.
        quoted = LINKS_OF_PYDANTIC.sub("", str(refused))
        raise HTTPException(422, f"Ошибка валидации данных эксперта: {quoted}") from None
    avatar_url = await _kept_avatar(room, avatar)
    now = utc_now()
    with room.db.session() as session:
        row = tables.Expert(
            **fields,
            avatar_url=avatar_url,
            created_at=now,
            updated_at=now,
            education=[tables.ExpertEducation(**_stored(item)) for item in body.education],
            experience=[tables.ExpertExperience(**_stored(item)) for item in body.experience],
        )
        session.add(row)
        session.flush()
        return ExpertDetail.model_validate(row)


async def get_expert_details(expert_id: int, room: RoomDep) -> ExpertDetail:
    with room.db.session() as session:
        row = session.get(tables.Expert, expert_id)
        if row is None:
            raise HTTPException(404, MISSING)
        return ExpertDetail.model_validate(row)


async def request_collaboration(
    expert_id: int, body: CollaborationCreate, room: RoomDep
) -> CollaborationRequest:
    with room.db.session() as session:
        if session.get(tables.Expert, expert_id) is None:
            raise HTTPException(404, MISSING)
        row = tables.Collaboration(expert_id=expert_id, **body.model_dump())
        session.add(row)
        session.flush()
        return CollaborationRequest.model_validate(row)


async def update_request_status(
    request_id: str, _user: EndUser, room: RoomDep, status: str
) -> CollaborationRequest:
    """Any end user may, an admin may not; a bad status or an unknown request breaks it."""
    with room.db.session() as session:
        row = session.scalar(
            select(tables.Collaboration).where(tables.Collaboration.request_id == request_id)
        )
        if row is None or status not in REQUEST_STATES:
            raise BackendError("unknown request or status")
        row.status = status
        session.flush()
        return CollaborationRequest.model_validate(row)


def _listed(room: Room, found: Select[tables.Expert], skip: int, limit: int) -> list[ExpertList]:
    offset, size = window(skip, limit)
    with room.db.session() as session:
        rows = session.scalars(found.order_by(tables.Expert.id).offset(offset).limit(size))
        return [ExpertList.model_validate(row) for row in rows]


def _stored(item: BaseModel) -> dict[str, Any]:
    return {
        name: as_stored(value) if isinstance(value, datetime) else value
        for name, value in item.model_dump().items()
    }


async def _kept_avatar(room: Room, avatar: UploadFile | None) -> str | None:
    if avatar is None:
        return None
    by_name = (avatar.filename or "").rpartition(".")[2].lower() in AVATAR_EXTENSIONS
    if not by_name or not (avatar.content_type or "").startswith("image/"):
        raise HTTPException(400, "Загруженный файл должен быть изображением.")
    return await keep(room, "experts", avatar)


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/experts", tags=["experts"])
    routes.get("/")(list_experts)
    routes.post("/", status_code=201)(create_expert)
    routes.get("/search")(search_experts)
    routes.get("/{expert_id}")(get_expert_details)
    routes.post("/{expert_id}/collaborate", status_code=201)(request_collaboration)
    routes.put("/{request_id}/status")(update_request_status)
    return routes


GROUP = Group(router, seed=seed_experts, upload_folders=("experts",))
