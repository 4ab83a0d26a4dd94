"""Vacancy routes of the public, of end users, and of the parser (contract 2.5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from sandbox.crm.access import EndUser
from sandbox.crm.groups.judging import Skip
from sandbox.crm.groups.lookup_tables import City, Profession, Skill
from sandbox.crm.groups.vacancy_shapes import (
    PUBLIC_KEYS,
    VacancyApplicationUpdate,
    VacancyParserCreate,
    raw,
)
from sandbox.crm.groups.vacancy_tables import Vacancy, VacancySkill
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, utc_now

PARSER_SECRET = "sandbox-parser-secret"
SHOWN_PLACES = 10


async def list_vacancies(
    room: RoomDep,
    skip: Skip = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    keyword: str | None = None,
    lang: Annotated[str | None, Query(pattern="^(kz|ru)$")] = "ru",
    profession_id: int | None = None,
    city_id: int | None = None,
    region_id: int | None = None,
    employment_type: str | None = None,
    work_type: str | None = None,
    min_salary: Annotated[int | None, Query(ge=0)] = None,
    max_salary: Annotated[int | None, Query(ge=0)] = None,
) -> list[dict[str, Any]]:
    """Active ones in any moderation status, without titles."""
    found = select(Vacancy).where(Vacancy.is_active)
    if keyword:
        text, needs = (
            (Vacancy.description_kz, Vacancy.requirements_kz)
            if lang == "kz"
            else (Vacancy.description_ru, Vacancy.requirements_ru)
        )
        found = found.where(or_(text.ilike(f"%{keyword}%"), needs.ilike(f"%{keyword}%")))
    if region_id is not None:
        found = found.where(Vacancy.city_id.in_(select(City.id).where(City.region_id == region_id)))
    if min_salary is not None:
        found = found.where(Vacancy.salary_min >= min_salary)
    if max_salary is not None:
        found = found.where(Vacancy.salary_max <= max_salary)
    equal = {
        Vacancy.profession_id: profession_id,
        Vacancy.city_id: city_id,
        Vacancy.employment_type: employment_type,
        Vacancy.work_type: work_type,
    }
    found = found.where(*(column == value for column, value in equal.items() if value is not None))
    newest = found.order_by(Vacancy.created_at.desc(), Vacancy.id.desc())
    with room.db.session() as session:
        return _described(session, list(session.scalars(newest.offset(skip).limit(limit))))


async def search_vacancies(
    profession_id: int | None = None,
    city_id: int | None = None,
    region_id: int | None = None,
    employment_type: str | None = None,
    work_type: str | None = None,
    min_salary: int | None = None,
    max_salary: int | None = None,
    search: str | None = None,
    skip: int = 0,
    limit: int = 100,
) -> Any:
    """Always breaks."""
    raise BackendError("the search never worked")


async def get_vacancy_details(vacancy_id: int, room: RoomDep) -> dict[str, Any]:
    """Any one: inactive, pending, rejected."""
    with room.db.session() as session:
        row = session.get(Vacancy, vacancy_id)
        if row is None:
            raise HTTPException(404, "Вакансия не найдена")
        return raw(row)


async def get_vacancies_by_profession(room: RoomDep) -> list[dict[str, Any]]:
    with room.db.session() as session:
        return _busiest(session, Profession, "profession")


async def get_vacancies_by_city(room: RoomDep) -> list[dict[str, Any]]:
    with room.db.session() as session:
        return _busiest(session, City, "city")


async def submit_vacancy_from_parser(
    body: VacancyParserCreate,
    room: RoomDep,
    x_parser_secret: Annotated[str | None, Header()] = None,
) -> dict[str, int]:
    """Approved at once, and the only vacancies with titles."""
    if x_parser_secret != PARSER_SECRET:
        raise HTTPException(403, "Invalid or missing parser secret")
    now = utc_now()
    with room.db.session() as session:
        _refuse_repetition(session, body)
        city_id = None
        if body.city_name:
            by_name = or_(
                City.name_kz.ilike(f"%{body.city_name}%"), City.name_ru.ilike(f"%{body.city_name}%")
            )
            city_id = session.scalar(select(City.id).where(by_name).order_by(City.id).limit(1))
        row = Vacancy(
            **body.model_dump(exclude={"city_name"}),
            city_id=city_id,
            moderation_status="approved",
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        return {"id": row.id}


# --- for end users, who cannot use any of it: the backend looks for a flag that no user has (Q4) -------------


async def activate_vacancy(vacancy_id: int, _user: EndUser) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def deactivate_vacancy(vacancy_id: int, _user: EndUser) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def update_vacancy(vacancy_id: int, _user: EndUser) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def get_vacancy_applications(
    vacancy_id: int, _user: EndUser, status_filter: str | None = None, skip: int = 0, limit: int = 100
) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def update_application_status(
    vacancy_id: int, application_id: int, body: VacancyApplicationUpdate, _user: EndUser
) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def get_vacancies_summary(_user: EndUser) -> Any:
    raise BackendError("an end user is asked for a right of admins")


# --- work -----------------------------------------------------------------------------------------


def _described(session: Session, rows: list[Vacancy]) -> list[dict[str, Any]]:
    professions = {row.id: row for row in session.scalars(select(Profession))}
    cities = {row.id: row for row in session.scalars(select(City))}
    skills: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    wanted = select(VacancySkill.vacancy_id, Skill).join(Skill, Skill.id == VacancySkill.skill_id)
    for vacancy_id, skill in session.execute(
        wanted.where(VacancySkill.vacancy_id.in_(skills)).order_by(Skill.id)
    ):
        skills[vacancy_id].append(_named(skill))
    shown = []
    for row in rows:
        profession, city = professions.get(row.profession_id or 0), cities.get(row.city_id or 0)
        shown.append(
            {key: getattr(row, key) for key in PUBLIC_KEYS}
            | {
                "profession": _named(profession) if profession else None,
                "city": {**_named(city), "region_id": city.region_id} if city else None,
                "required_skills": skills[row.id],
            }
        )
    return shown


def _named(row: Profession | City | Skill) -> dict[str, Any]:
    return {"id": row.id, "name_ru": row.name_ru, "name_kz": row.name_kz}


def _busiest(session: Session, table: type[Profession | City], kind: str) -> list[dict[str, Any]]:
    """The ten with most active vacancies."""
    reference = Vacancy.profession_id if table is Profession else Vacancy.city_id
    count = func.count(Vacancy.id)
    counted = select(table.id, table.name_ru, table.name_kz, count).join(Vacancy, reference == table.id)
    top = counted.where(Vacancy.is_active).group_by(table.id).order_by(count.desc(), table.id)
    keys = (f"{kind}_id", f"{kind}_name_ru", f"{kind}_name_kz", "vacancies_count")
    return [dict(zip(keys, row, strict=True)) for row in session.execute(top.limit(SHOWN_PLACES))]


def _refuse_repetition(session: Session, body: VacancyParserCreate) -> None:
    channel, message = body.source_channel, body.source_message_id
    if channel is None or message is None:
        return
    known = session.scalar(
        select(Vacancy.id).where(Vacancy.source_channel == channel, Vacancy.source_message_id == message)
    )
    if known:
        raise HTTPException(409, f"Vacancy from {channel}/{message} already exists (id={known})")


def add_routes(routes: APIRouter) -> None:
    routes.get("/")(list_vacancies)
    routes.get("/search")(search_vacancies)
    routes.get("/stats/summary")(get_vacancies_summary)
    routes.get("/stats/by-profession")(get_vacancies_by_profession)
    routes.get("/stats/by-city")(get_vacancies_by_city)
    routes.post("/parser/submit", status_code=201)(submit_vacancy_from_parser)
    routes.get("/{vacancy_id}")(get_vacancy_details)
    # Not in the backend's own description.
    routes.put("/{vacancy_id}", include_in_schema=False)(update_vacancy)
    routes.post("/{vacancy_id}/activate")(activate_vacancy)
    routes.post("/{vacancy_id}/deactivate")(deactivate_vacancy)
    routes.get("/{vacancy_id}/applications")(get_vacancy_applications)
    routes.patch("/{vacancy_id}/applications/{application_id}")(update_application_status)
