"""broadcasts: messages to the Telegram sessions of admins (contract 2.11)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.crm.access import OneOf, SignedIn
from sandbox.crm.groups.broadcasts.delivery import deliver, recipients
from sandbox.crm.groups.broadcasts.seed import seed_broadcasts
from sandbox.crm.groups.broadcasts.shapes import (
    BroadcastCreateRequest,
    BroadcastListResponse,
    BroadcastResponse,
    BroadcastStatsResponse,
    BroadcastStatus,
    BroadcastTargetAudience,
    BroadcastUpdateRequest,
    MessageResponse,
)
from sandbox.crm.groups.broadcasts.tables import Broadcast, Delivery
from sandbox.crm.groups.moderated import found, raw
from sandbox.crm.room import Group, RoomDep
from sandbox.crm.store import BackendError, as_stored, utc_now
from sandbox.crm.tables import Admin

SENDERS = ("super_admin", "administrator")
Sender = Annotated[Admin, Depends(OneOf(*SENDERS))]
MISSING = "Broadcast not found"
EDITABLE = (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED)
DELETABLE = (*EDITABLE, BroadcastStatus.CANCELLED)


async def create_broadcast(body: BroadcastCreateRequest, admin: Sender, room: RoomDep) -> BroadcastResponse:
    with room.db.session() as session:
        broadcast = Broadcast(
            **_stored(body.model_dump(mode="python")),
            status="scheduled" if body.scheduled_at else "draft",
            created_by=admin.id,
            created_at=utc_now(),
        )
        session.add(broadcast)
        session.flush()
        return BroadcastResponse.model_validate(broadcast)


async def list_broadcasts(
    admin: SignedIn,
    room: RoomDep,
    page: int = 1,
    page_size: int = 20,
    status: BroadcastStatus | None = None,
) -> BroadcastListResponse:
    """Newest first with a true total; whoever may not send sees its own only."""
    if page < 1 or page_size < 1:
        raise BackendError("negative offset or division by zero")
    where = [] if admin.role in SENDERS else [Broadcast.created_by == admin.id]
    if status:
        where.append(Broadcast.status == status.value)
    newest = select(Broadcast).where(*where).order_by(Broadcast.created_at.desc(), Broadcast.id.desc())
    with room.db.session() as session:
        total = session.scalar(select(func.count()).select_from(Broadcast).where(*where)) or 0
        rows = session.scalars(newest.offset((page - 1) * page_size).limit(page_size))
        return BroadcastListResponse(
            items=[BroadcastResponse.model_validate(row) for row in rows],
            total=total,
            page=page,
            page_size=page_size,
            total_pages=-(-total // page_size),
        )


async def get_broadcast(broadcast_id: int, admin: SignedIn, room: RoomDep) -> BroadcastResponse:
    with room.db.session() as session:
        return BroadcastResponse.model_validate(_own(session, broadcast_id, admin))


async def update_broadcast(
    broadcast_id: int, body: BroadcastUpdateRequest, admin: SignedIn, room: RoomDep
) -> BroadcastResponse:
    """Null values are ignored, so a date cannot be taken away."""
    with room.db.session() as session:
        broadcast = _own(session, broadcast_id, admin)
        _in_state(broadcast, EDITABLE, "update")
        for name, value in _stored(body.model_dump(exclude_none=True)).items():
            setattr(broadcast, name, value)
        if body.scheduled_at:
            broadcast.status = BroadcastStatus.SCHEDULED.value
        session.flush()
        return BroadcastResponse.model_validate(broadcast)


async def delete_broadcast(broadcast_id: int, _admin: Sender, room: RoomDep) -> MessageResponse:
    with room.db.session() as session:
        broadcast = found(session, Broadcast, broadcast_id, MISSING)
        _in_state(broadcast, DELETABLE, "delete", ". Cancel it first.")
        session.delete(broadcast)
    return MessageResponse(message="Broadcast deleted successfully")


async def send_broadcast(
    broadcast_id: int, _admin: Sender, room: RoomDep, background: BackgroundTasks
) -> MessageResponse:
    """Queued, not sent: success or failure shows only in its status later."""
    with room.db.session() as session:
        broadcast = found(session, Broadcast, broadcast_id, MISSING)
        _in_state(broadcast, EDITABLE, "send")
        by_role = broadcast.target_audience == BroadcastTargetAudience.BY_ROLE
        if by_role and not broadcast.target_role:
            raise HTTPException(400, "target_role must be specified for BY_ROLE audience")
        reached = recipients(session, broadcast)
        if not reached:
            raise HTTPException(400, "No users found matching the target audience")
        session.add_all(Delivery(broadcast_id=broadcast_id, telegram_user_id=user) for user in reached)
        broadcast.status, broadcast.sent_at = BroadcastStatus.SENDING.value, utc_now()
        broadcast.total_recipients = len(reached)
    background.add_task(deliver, room, broadcast_id)
    return MessageResponse(
        message=f"Broadcast queued for delivery to {len(reached)} users",
        data={"broadcast_id": broadcast_id, "total_recipients": len(reached)},
    )


async def get_broadcast_stats(broadcast_id: int, _admin: SignedIn, room: RoomDep) -> BroadcastStatsResponse:
    """For every admin; what was delivered is never written, so the rate stays 0."""
    pending = select(func.count()).where(Delivery.broadcast_id == broadcast_id, Delivery.status == "pending")
    with room.db.session() as session:
        broadcast = found(session, Broadcast, broadcast_id, MISSING)
        return BroadcastStatsResponse(
            broadcast_id=broadcast_id,
            pending_count=session.scalar(pending) or 0,
            success_rate=0.0,
            **raw(broadcast),
        )


async def retry_broadcast(
    broadcast_id: int, _admin: Sender, room: RoomDep, background: BackgroundTasks
) -> MessageResponse:
    """In any state; only what is still pending is sent, and the counters start anew."""
    with room.db.session() as session:
        found(session, Broadcast, broadcast_id, MISSING)
    background.add_task(deliver, room, broadcast_id)
    return MessageResponse(
        message=f"Broadcast {broadcast_id} retry queued", data={"broadcast_id": broadcast_id}
    )


def _own(session: Session, broadcast_id: int, admin: Admin) -> Broadcast:
    broadcast = found(session, Broadcast, broadcast_id, MISSING)
    if admin.role not in SENDERS and broadcast.created_by != admin.id:
        raise HTTPException(403, "Access denied")
    return broadcast


def _in_state(
    broadcast: Broadcast, allowed: tuple[BroadcastStatus, ...], verb: str, advice: str = ""
) -> None:
    status = BroadcastStatus(broadcast.status)
    if status not in allowed:
        detail = f"Cannot {verb} broadcast with status BroadcastStatus.{status.name}{advice}"
        raise HTTPException(400, detail)


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: as_stored(value) if isinstance(value, datetime) else value for name, value in values.items()
    }


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v1/broadcasts", tags=["broadcasts"])
    routes.post("/")(create_broadcast)
    routes.get("/")(list_broadcasts)
    routes.get("/{broadcast_id}")(get_broadcast)
    routes.put("/{broadcast_id}")(update_broadcast)
    routes.delete("/{broadcast_id}")(delete_broadcast)
    routes.post("/{broadcast_id}/send")(send_broadcast)
    routes.get("/{broadcast_id}/stats")(get_broadcast_stats)
    routes.post("/{broadcast_id}/retry")(retry_broadcast)
    return routes


GROUP = Group(router, seed=seed_broadcasts)
