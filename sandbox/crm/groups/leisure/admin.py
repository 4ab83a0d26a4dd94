"""leisure: the three lists for admins (contract 2.8)."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import or_, select

from sandbox.crm.groups.leisure.kinds import PLACE, PROMO, TICKET, Reader, add_to, listed
from sandbox.crm.groups.leisure.tables import Place, Promo, Ticket
from sandbox.crm.room import RoomDep


async def admin_list_places(
    admin: Reader,
    room: RoomDep,
    skip: int = 0,
    limit: int = 100,
    category_id: int | None = None,
    status: str | None = None,
    search: str | None = None,
) -> list[dict[str, Any]]:
    found = select(Place)
    if category_id:
        found = found.where(Place.category_id == category_id)
    if status:
        found = found.where(Place.status == status)
    if search:
        found = found.where(or_(Place.title.ilike(f"%{search}%"), Place.title_ru.ilike(f"%{search}%")))
    return listed(room, admin, found, PLACE, skip, limit)


async def admin_list_tickets(
    admin: Reader,
    room: RoomDep,
    skip: int = 0,
    limit: int = 100,
    status: str | None = None,
    search: str | None = None,
) -> list[dict[str, Any]]:
    found = select(Ticket)
    if status:
        found = found.where(Ticket.status == status)
    if search:
        found = found.where(or_(Ticket.title.ilike(f"%{search}%"), Ticket.title_ru.ilike(f"%{search}%")))
    return listed(room, admin, found, TICKET, skip, limit)


async def admin_list_promos(
    admin: Reader,
    room: RoomDep,
    skip: int = 0,
    limit: int = 100,
    status: str | None = None,
    related_type: str | None = None,
) -> list[dict[str, Any]]:
    found = select(Promo)
    if status:
        found = found.where(Promo.status == status)
    if related_type:
        found = found.where(Promo.related_type == related_type)
    return listed(room, admin, found, PROMO, skip, limit)


def add_admin_routes(routes: APIRouter) -> None:
    routes.get("/admin/places/list")(admin_list_places)
    routes.get("/admin/tickets/list")(admin_list_tickets)
    routes.get("/admin/promo/list")(admin_list_promos)
    for kind in (PLACE, TICKET, PROMO):
        add_to(routes, kind)
