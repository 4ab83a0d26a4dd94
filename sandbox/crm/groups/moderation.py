"""moderation: the unified queue over all kinds of content (contract 2.3), open to every admin."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from sandbox.crm.access import SignedIn
from sandbox.crm.room import Group, Moderated, Room, RoomDep, Waiting

KINDS = ("events", "vacancies", "courses", "projects", "places", "tickets", "promo_actions")
NONE_YET = {"total": 0, "pending": 0, "approved": 0, "rejected": 0}
SHOWN_CHARACTERS = 200


class ModerationItem(BaseModel):
    id: int
    entity_type: str
    title: str
    description: str | None = None
    moderation_status: str
    created_at: datetime
    admin_id: int | None = None


async def get_unified_moderation_stats(_admin: SignedIn, room: RoomDep) -> dict[str, dict[str, int] | int]:
    """Counts of the seven kinds; a kind that no group serves counts 0."""
    counts: dict[str, dict[str, int]] = {kind: dict(NONE_YET) for kind in KINDS}
    with room.db.session() as session:
        for kind in _kinds(room):
            counts[kind.counted_as] = kind.counts(session)
    return {**counts, "total_pending": sum(count["pending"] for count in counts.values())}


async def get_unified_moderation_queue(
    _admin: SignedIn,
    room: RoomDep,
    entity_type: str | None = None,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[ModerationItem]:
    with room.db.session() as session:
        found = [
            _item(kind, row)
            for kind in _kinds(room)
            if not entity_type or kind.entity_type == entity_type
            for row in kind.rows(session, ("pending",), skip + limit, False)
        ]
    return _newest(found)[skip : skip + limit]


async def get_recent_moderated_items(
    _admin: SignedIn,
    room: RoomDep,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[ModerationItem]:
    """Of each kind the `limit` last moderated, then all by creation and cut: deep pages are unreliable."""
    with room.db.session() as session:
        found = [
            _item(kind, row)
            for kind in _kinds(room)
            for row in kind.rows(session, ("approved", "rejected"), limit, True)
            # Approved by the parser, or by writing the column itself: nobody has moderated it.
            if row.moderated_at is not None
        ]
    return _newest(found)[skip : skip + limit]


def _kinds(room: Room) -> Iterator[Moderated]:
    return (kind for group in room.groups for kind in group.moderated)


def _item(kind: Moderated, row: Waiting) -> ModerationItem:
    return ModerationItem(
        id=row.id,
        entity_type=kind.entity_type,
        title=row.title,
        description=row.description[:SHOWN_CHARACTERS] if row.description else row.description,
        moderation_status=row.moderation_status,
        created_at=row.created_at,
        admin_id=row.admin_id,
    )


def _newest(items: list[ModerationItem]) -> list[ModerationItem]:
    return sorted(items, key=lambda item: item.created_at, reverse=True)


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])
    routes.get("/stats")(get_unified_moderation_stats)
    routes.get("/queue")(get_unified_moderation_queue)
    routes.get("/recent")(get_recent_moderated_items)
    return routes


GROUP = Group(router)
