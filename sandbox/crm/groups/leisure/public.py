"""leisure: what everybody reads (contract 2.8).

Where the backend asks for no order among equals, what was written last comes last, as in PostgreSQL.
"""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.files import absolute
from sandbox.crm.groups.leisure.kinds import CONTACTS, PLACE, PROMO, TEXTS, TICKET
from sandbox.crm.groups.leisure.tables import (
    LeisureCategory,
    Picture,
    Place,
    PlacePicture,
    Promo,
    Ticket,
    TicketPicture,
)
from sandbox.crm.groups.moderated import found
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now, window

CUT_DESCRIPTION = 200
TOP_PLACES = 5
OF_PROMO = (
    "id", "related_type", "related_id", *TEXTS, "discount_text", "promo_code", "start_date", "end_date",
    "status", "created_at",
)  # fmt: skip


async def get_categories(room: RoomDep) -> list[dict[str, Any]]:
    with room.db.session() as session:
        rows = session.scalars(select(LeisureCategory).order_by(LeisureCategory.name, LeisureCategory.id))
        return [
            {"id": row.id, "name": row.name, "name_ru": row.name_ru, "icon_url": absolute(row.icon_url)}
            for row in rows
        ]


async def get_tickets(
    room: RoomDep, status: str | None = None, skip: int = 0, limit: int = 20
) -> list[dict[str, Any]]:
    offset, size = window(skip, limit)
    chosen = select(Ticket).order_by(Ticket.event_date, Ticket.updated_at, Ticket.id)
    if status:
        chosen = chosen.where(Ticket.status == status)
    with room.db.session() as session:
        return [
            _ticket(row)
            | {"gallery_count": _gallery_count(session, TicketPicture, row.id), "created_at": row.created_at}
            for row in session.scalars(chosen.offset(offset).limit(size))
        ]


async def get_ticket_detail(ticket_id: int, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        row = found(session, Ticket, ticket_id, TICKET.missing)
        return _ticket(row) | _surroundings(session, "ticket", TicketPicture, row.id)


async def get_places(
    room: RoomDep,
    category_id: int | None = None,
    status: str | None = None,
    skip: int = 0,
    limit: int = 20,
) -> list[dict[str, Any]]:
    offset, size = window(skip, limit)
    chosen = select(Place).order_by(Place.rating.desc(), Place.views_count.desc(), Place.updated_at, Place.id)
    if category_id:
        chosen = chosen.where(Place.category_id == category_id)
    if status:
        chosen = chosen.where(Place.status == status)
    with room.db.session() as session:
        return [
            _place(session, row)
            | {"gallery_count": _gallery_count(session, PlacePicture, row.id), "created_at": row.created_at}
            for row in session.scalars(chosen.offset(offset).limit(size))
        ]


async def get_place_detail(place_id: int, room: RoomDep) -> dict[str, Any]:
    """Each reading adds a view."""
    with room.db.session() as session:
        row = found(session, Place, place_id, PLACE.missing)
        row.views_count += 1
        return _place(session, row) | _surroundings(session, "place", PlacePicture, row.id)


async def get_all_promos(
    room: RoomDep,
    related_type: str | None = None,
    status: str | None = None,
    active_only: bool = False,
    skip: int = 0,
    limit: int = 20,
) -> list[dict[str, Any]]:
    offset, size = window(skip, limit)
    chosen = select(Promo).order_by(Promo.created_at.desc(), Promo.id.desc())
    if related_type:
        chosen = chosen.where(Promo.related_type == related_type)
    if status:
        chosen = chosen.where(Promo.status == status)
    if active_only:
        chosen = chosen.where(*_running())
    with room.db.session() as session:
        return [_promo(session, row) for row in session.scalars(chosen.offset(offset).limit(size))]


async def get_promo_detail(promo_id: int, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        return _promo(session, found(session, Promo, promo_id, PROMO.missing), "description", "address")


async def search_leisure(
    q: str,
    room: RoomDep,
    search_in: str | None = None,
    category_id: int | None = None,
    skip: int = 0,
    limit: int = 20,
) -> dict[str, Any]:
    """`skip` is ignored."""
    _, size = window(0, limit)
    tickets: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    with room.db.session() as session:
        if search_in in (None, "tickets"):
            ticket_rows = (
                select(Ticket).where(_says(Ticket, q)).order_by(Ticket.updated_at, Ticket.id).limit(size)
            )
            tickets = [_hit(row, "event_date") for row in session.scalars(ticket_rows)]
        if search_in in (None, "places"):
            place_rows = select(Place).where(_says(Place, q)).order_by(Place.updated_at, Place.id).limit(size)
            if category_id:
                place_rows = place_rows.where(Place.category_id == category_id)
            places = [_hit(row, "rating") for row in session.scalars(place_rows)]
    return {"query": q, "tickets": tickets, "places": places}


async def get_leisure_stats(room: RoomDep) -> dict[str, Any]:
    top = select(Place).order_by(Place.views_count.desc(), Place.id).limit(TOP_PLACES)
    shown = ("id", "title", "title_ru", "views_count", "rating")
    with room.db.session() as session:

        def count(table: type[Ticket | Place | LeisureCategory | Promo], *where: ColumnElement[bool]) -> int:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

        return {
            "total_tickets": count(Ticket),
            "active_tickets": count(Ticket, Ticket.status == "active"),
            "total_places": count(Place),
            "active_places": count(Place, Place.status == "active"),
            "total_categories": count(LeisureCategory),
            "active_promos": count(Promo, *_running()),
            "top_places": [{name: getattr(row, name) for name in shown} for row in session.scalars(top)],
        }


def _ticket(row: Ticket | Place) -> dict[str, Any]:
    names = ("id", *TEXTS, "event_date", *CONTACTS, "status")
    return {name: getattr(row, name) for name in names} | {"main_photo_url": absolute(row.main_photo_url)}


def _place(session: Session, row: Place) -> dict[str, Any]:
    """Null as its category when that was deleted."""
    category = session.get(LeisureCategory, row.category_id) if row.category_id else None
    names = ("id", "name", "name_ru")
    return _ticket(row) | {
        "category": category and {name: getattr(category, name) for name in names},
        "rating": row.rating,
        "views_count": row.views_count,
    }


def _surroundings(session: Session, kind: str, table: type[Picture], row_id: int) -> dict[str, Any]:
    """Gallery and the running promo, which may be none."""
    pictures = session.scalars(select(table).where(table.owner_id == row_id).order_by(table.id))
    of_row = select(Promo).where(Promo.related_type == kind, Promo.related_id == row_id, *_running())
    promo = session.scalar(of_row.order_by(Promo.updated_at, Promo.id).limit(1))
    names = ("id", "title", "title_ru", "description", "discount_text", "promo_code", "end_date")
    return {
        "gallery": [
            {"id": picture.id, "image_url": absolute(picture.image_url), "description": picture.description}
            for picture in pictures
        ],
        "promo": promo and {name: getattr(promo, name) for name in names},
    }


def _promo(session: Session, row: Promo, *more: str) -> dict[str, Any]:
    table = {"place": Place, "ticket": Ticket}.get(row.related_type)
    related: Any = session.get(table, row.related_id) if table else None
    names = ("id", "title", "title_ru", *more)
    return {name: getattr(row, name) for name in OF_PROMO} | {
        "promo_image_url": absolute(row.promo_image_url),
        "related_object": related
        and {name: getattr(related, name) for name in names}
        | {"photo_url": absolute(related.main_photo_url)},
    }


def _hit(row: Ticket | Place, more: str) -> dict[str, Any]:
    names = ("id", "title", "title_ru", "address", "price", more)
    return {name: getattr(row, name) for name in names} | {
        "description": row.description[:CUT_DESCRIPTION],
        "photo_url": absolute(row.main_photo_url),
    }


def _says(table: type[Ticket | Place], query: str) -> ColumnElement[bool]:
    return or_(*(getattr(table, name).ilike(f"%{query}%") for name in TEXTS))


def _running() -> tuple[ColumnElement[bool], ...]:
    now = utc_now()
    return Promo.status == "active", Promo.start_date <= now, Promo.end_date >= now


def _gallery_count(session: Session, table: type[Picture], row_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.owner_id == row_id)) or 0


def add_public_routes(routes: APIRouter) -> None:
    routes.get("/categories")(get_categories)
    routes.get("/tickets")(get_tickets)
    routes.get("/tickets/{ticket_id}")(get_ticket_detail)
    routes.get("/places")(get_places)
    routes.get("/places/{place_id}")(get_place_detail)
    routes.get("/promo")(get_all_promos)
    routes.get("/promo/{promo_id}")(get_promo_detail)
    routes.get("/search")(search_leisure)
    routes.get("/stats")(get_leisure_stats)
