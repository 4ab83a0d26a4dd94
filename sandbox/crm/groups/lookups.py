"""lookups: professions, regions, cities, skills (contract 2.14). Nobody has to sign in for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, or_, select

from sandbox.crm.groups.lookup_seed import seed_lookups
from sandbox.crm.groups.lookup_tables import City, Profession, Region, Skill
from sandbox.crm.room import Group, Room, RoomDep
from sandbox.crm.store import Base, window


class Named(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name_ru: str
    name_kz: str


class Categorised(Named):
    category: str | None = None


class CityCreate(Named):
    region_id: int


class Stored(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    is_active: bool
    created_at: datetime


class CategorisedRow(Categorised, Stored):
    """A profession or a skill."""


class RegionRow(Named, Stored):
    pass


class CityRow(CityCreate, Stored):
    pass


async def create_profession(body: Categorised, room: RoomDep) -> CategorisedRow:
    return CategorisedRow.model_validate(_stored(room, Profession(**body.model_dump())))


async def get_professions(
    room: RoomDep, skip: int = 0, limit: int = 100, category: str | None = None, search: str | None = None
) -> list[CategorisedRow]:
    """All of them, inactive ones too: every parameter is ignored."""
    with room.db.session() as session:
        rows = session.scalars(select(Profession).order_by(Profession.id))
        return [CategorisedRow.model_validate(row) for row in rows]


async def delete_profession(profession_id: int, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        found = session.get(Profession, profession_id)
        if found is None:
            raise HTTPException(404, "Профессия не найдена")
        found.is_active = False
    return {"message": "Профессия успешно удалена"}


async def search_professions(
    room: RoomDep,
    query: Annotated[str, Query(min_length=1)],
    language: Annotated[str, Query(pattern="^(ru|kz)$")] = "ru",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> list[CategorisedRow]:
    name = Profession.name_kz if language == "kz" else Profession.name_ru
    found = select(Profession).where(Profession.is_active, name.ilike(f"%{query}%"))
    with room.db.session() as session:
        rows = session.scalars(found.order_by(Profession.id).limit(limit))
        return [CategorisedRow.model_validate(row) for row in rows]


async def create_region(body: Named, room: RoomDep) -> RegionRow:
    return RegionRow.model_validate(_stored(room, Region(**body.model_dump())))


async def get_regions(room: RoomDep, skip: int = 0, limit: int = 50) -> list[RegionRow]:
    return [RegionRow.model_validate(row) for row in _listed(room, Region, skip, limit)]


async def create_city(body: CityCreate, room: RoomDep) -> CityRow:
    return CityRow.model_validate(_stored(room, City(**body.model_dump())))


async def get_cities(
    room: RoomDep, region_id: int | None = None, skip: int = 0, limit: int = 100, search: str | None = None
) -> list[CityRow]:
    where = [] if region_id is None else [City.region_id == region_id]
    return [CityRow.model_validate(row) for row in _listed(room, City, skip, limit, search, *where)]


async def create_skill(body: Categorised, room: RoomDep) -> CategorisedRow:
    return CategorisedRow.model_validate(_stored(room, Skill(**body.model_dump())))


async def get_skills(
    room: RoomDep, category: str | None = None, search: str | None = None, skip: int = 0, limit: int = 100
) -> list[CategorisedRow]:
    where = [] if category is None else [Skill.category == category]
    return [CategorisedRow.model_validate(row) for row in _listed(room, Skill, skip, limit, search, *where)]


def _stored(room: Room, row: Base) -> Base:
    with room.db.session() as session:
        session.add(row)
        session.flush()
    return row


def _listed(
    room: Room,
    table: type[Region | City | Skill],
    skip: int,
    limit: int,
    search: str | None = None,
    *where: ColumnElement[bool],
) -> Sequence[Base]:
    """The active rows by their Russian name; the text is searched in both languages."""
    offset, size = window(skip, limit)
    found = select(table).where(table.is_active, *where).order_by(table.name_ru, table.id)
    if search:
        found = found.where(or_(table.name_ru.ilike(f"%{search}%"), table.name_kz.ilike(f"%{search}%")))
    with room.db.session() as session:
        return session.scalars(found.offset(offset).limit(size)).all()


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/resumes", tags=["lookups"])
    routes.post("/professions")(create_profession)
    routes.get("/professions")(get_professions)
    routes.get("/professions/search")(search_professions)
    routes.delete("/professions/{profession_id}")(delete_profession)
    routes.post("/regions")(create_region)
    routes.get("/regions")(get_regions)
    routes.post("/cities")(create_city)
    routes.get("/cities")(get_cities)
    routes.post("/skills")(create_skill)
    routes.get("/skills")(get_skills)
    return routes


GROUP = Group(router, seed=seed_lookups)
