"""volunteers: benefits and what was bought of them (contract 2.10)."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import select

from sandbox.crm.groups.moderated import found, raw
from sandbox.crm.groups.volunteers import tables
from sandbox.crm.groups.volunteers.people import phone_of, purse, tell
from sandbox.crm.groups.volunteers.shapes import (
    BenefitCreate,
    CancelPurchaseRequest,
    Creator,
    Editor,
    Reader,
    Remover,
    zoned,
)
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now, window

NO_BENEFIT = "Плюшка не найдена"
NO_PURCHASE = "Покупка не найдена"
Benefit, Purchase = tables.Benefit, tables.Purchase


# --- benefits -------------------------------------------------------------------------------------


async def create_benefit(body: BenefitCreate, _admin: Creator, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        benefit = Benefit(**body.model_dump(), stock_available=body.stock_limit)
        session.add(benefit)
        session.flush()
        return {"message": "Плюшка создана", "benefit_id": benefit.id, "benefit": _short(benefit)}


async def get_all_benefits(_admin: Reader, room: RoomDep, skip: int = 0, limit: int = 100) -> dict[str, Any]:
    """Newest first, inactive ones too; `total` is the length of the page."""
    offset, size = window(skip, limit)
    chosen = select(Benefit).order_by(Benefit.created_at.desc(), Benefit.id.desc())
    with room.db.session() as session:
        rows = session.scalars(chosen.offset(offset).limit(size)).all()
    shown = [raw(row) | {"created_at": zoned(row.created_at)} for row in rows]
    return {"benefits": shown, "total": len(shown)}


async def update_benefit(
    benefit_id: int, body: BenefitCreate, _admin: Editor, room: RoomDep
) -> dict[str, Any]:
    """Replaces every field; a stock fills up again, a deleted benefit stays deleted."""
    with room.db.session() as session:
        benefit = found(session, Benefit, benefit_id, NO_BENEFIT)
        for name, value in body.model_dump().items():
            setattr(benefit, name, value)
        if body.stock_limit:
            benefit.stock_available = body.stock_limit
        return {"message": "Плюшка обновлена", "benefit": _short(benefit)}


async def delete_benefit(benefit_id: int, _admin: Remover, room: RoomDep) -> dict[str, Any]:
    with room.db.session() as session:
        found(session, Benefit, benefit_id, NO_BENEFIT).is_active = False
    return {"message": "Плюшка удалена", "benefit_id": benefit_id}


# --- purchases ------------------------------------------------------------------------------------


async def get_all_purchases(
    _admin: Reader, room: RoomDep, status_filter: str | None = None, skip: int = 0, limit: int = 50
) -> dict[str, Any]:
    offset, size = window(skip, limit)
    chosen = select(Purchase).order_by(Purchase.created_at.desc(), Purchase.id.desc())
    if status_filter:
        chosen = chosen.where(Purchase.status == status_filter)
    shown = []
    with room.db.session() as session:
        for row in session.scalars(chosen.offset(offset).limit(size)):
            volunteer = session.get(tables.Volunteer, row.volunteer_id)
            benefit = session.get(Benefit, row.benefit_id)
            shown.append(
                {
                    "id": row.id,
                    "volunteer_name": volunteer.full_name if volunteer else None,
                    "volunteer_phone": phone_of(session, volunteer) if volunteer else None,
                    "benefit_title": benefit.title if benefit else None,
                    "cost": row.cost,
                    "status": row.status,
                    "created_at": zoned(row.created_at),
                    "completed_at": zoned(row.completed_at),
                    "admin_notes": row.admin_notes,
                    "cancellation_reason": None,
                }
            )
    return {"purchases": shown}


async def complete_purchase_anyhow(
    purchase_id: int,
    _admin: Editor,
    room: RoomDep,
    # Declared without null and without default there, so it has to be here too.
    admin_notes: Annotated[str, Query()] = None,  # type: ignore[assignment] # noqa: RUF013
) -> dict[str, str]:
    """Whatever its state was, even cancelled; nobody is told."""
    with room.db.session() as session:
        row = found(session, Purchase, purchase_id, "Не найдено")
        row.status, row.completed_at, row.admin_notes = "completed", utc_now(), admin_notes
    return {"message": "Покупка завершена"}


async def complete_purchase(
    purchase_id: int, _admin: Editor, room: RoomDep, admin_notes: str | None = None
) -> dict[str, str]:
    with room.db.session() as session:
        row = found(session, Purchase, purchase_id, NO_PURCHASE)
        if row.status != "approved":
            raise HTTPException(400, "Покупка должна быть сначала одобрена")
        row.status, row.completed_at = "completed", utc_now()
        row.admin_notes = admin_notes or row.admin_notes
        told = ("Сыйлық берілді", "Плюшка выдана")
        tell(session, row.volunteer_id, *told, "purchase_completed", ("purchase", row.id))
    return {"message": "Покупка завершена"}


async def approve_purchase(purchase_id: int, _admin: Editor, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        row = found(session, Purchase, purchase_id, NO_PURCHASE)
        if row.status != "pending":
            raise HTTPException(400, "Покупка уже обработана")
        row.status = "approved"
        told = ("Сатып алу мақұлданды", "Покупка одобрена")
        tell(session, row.volunteer_id, *told, "purchase_approved", ("purchase", row.id))
    return {"message": "Покупка одобрена"}


async def cancel_purchase(
    purchase_id: int, body: CancelPurchaseRequest, _admin: Editor, room: RoomDep
) -> dict[str, Any]:
    """Gives coins and stock back on every call, also when it is cancelled already."""
    with room.db.session() as session:
        row = found(session, Purchase, purchase_id, NO_PURCHASE)
        if row.status == "completed":
            raise HTTPException(400, "Нельзя отменить завершённую покупку")
        row.status = "cancelled"
        purse(session, row.volunteer_id).balance += row.cost
        benefit = session.get(Benefit, row.benefit_id)
        if benefit and benefit.stock_available is not None:
            benefit.stock_available += 1
        told = ("Сатып алу тоқтатылды", "Покупка отменена")
        entity = ("purchase", row.id)
        tell(session, row.volunteer_id, *told, "purchase_cancelled", entity, body.reason)
        return {"message": "Покупка отменена, V-coins возвращены", "refunded_amount": row.cost}


def _short(benefit: tables.Benefit) -> dict[str, Any]:
    names = ("id", "title", "v_coins_cost", "category", "min_status")
    return {name: getattr(benefit, name) for name in names}


def add_to(routes: APIRouter) -> None:
    routes.post("/benefits")(create_benefit)
    routes.get("/benefits")(get_all_benefits)
    routes.put("/benefits/{benefit_id}")(update_benefit)
    routes.delete("/benefits/{benefit_id}")(delete_benefit)
    routes.get("/purchases")(get_all_purchases)
    routes.patch("/purchases/{purchase_id}/complete", name="complete_purchase")(complete_purchase_anyhow)
    routes.post("/purchases/{purchase_id}/complete")(complete_purchase)
    routes.post("/purchases/{purchase_id}/approve")(approve_purchase)
    routes.post("/purchases/{purchase_id}/cancel")(cancel_purchase)
