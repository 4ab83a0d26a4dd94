"""The three moderated kinds of leisure, and the admin routes that they share but for the names (contract 2.8)."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path
from sqlalchemy import Select, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sandbox.crm.access import ModuleReader, Permitted, own_only
from sandbox.crm.groups import moderated
from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.groups.judging import ModerationLimit, Skip, counter, judge
from sandbox.crm.groups.leisure.tables import Place, Promo, Ticket
from sandbox.crm.groups.leisure.values import as_column, columns_of
from sandbox.crm.room import Moderated, Room, RoomDep
from sandbox.crm.store import BackendError, utc_now, window
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("leisure"))]
Creator = Annotated[Admin, Depends(Permitted("leisure", "create"))]
Editor = Annotated[Admin, Depends(Permitted("leisure", "update"))]
Remover = Annotated[Admin, Depends(Permitted("leisure", "delete"))]
FreeJson = Annotated[dict[str, Any], Body()]

TEXTS = ("title", "title_ru", "description", "description_ru")
CONTACTS = (
    "address", "price", "main_photo_url", "address_link", "instagram_url", "tiktok_url", "whatsapp_number",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """`name` is part of the route names, `plural` of the paths; `rechecked` fields send content back."""

    table: type[Place | Ticket | Promo]
    name: str
    plural: str
    missing: str
    pronoun: str
    english: str
    accepted: frozenset[str]
    rechecked: frozenset[str]
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        needed = {name for name in self.accepted if not columns_of(self.table)[name].nullable}
        defaulted = {name for name in needed if columns_of(self.table)[name].default is not None}
        object.__setattr__(self, "required", frozenset(needed - defaulted))

    def refusal(self, purpose: str) -> str:
        return f"{self.missing} или у вас нет прав на {self.pronoun} {purpose}"


PLACE = Kind(
    Place,
    "place",
    "places",
    "Место не найдено",
    "его",
    "Place not found",
    frozenset((*TEXTS, *CONTACTS, "category_id", "event_date", "rating", "views_count", "status")),
    frozenset((*TEXTS, "price", "main_photo_url")),
)
TICKET = Kind(
    Ticket,
    "ticket",
    "tickets",
    "Билет не найден",
    "его",
    "Ticket not found",
    frozenset((*TEXTS, *CONTACTS, "event_date", "status")),
    frozenset((*TEXTS, "event_date", "price")),
)
PROMO = Kind(
    Promo,
    "promo",
    "promo",
    "Промо-акция не найдена",
    "её",
    "Promo action not found",
    frozenset(
        (
            *TEXTS, "related_type", "related_id", "start_date", "end_date", "discount_text", "promo_code",
            "promo_image_url", "status",
        )
    ),
    frozenset((*TEXTS, "discount_text", "promo_code")),
)  # fmt: skip


def listed(room: Room, admin: Admin, found: Select[Any], kind: Kind, skip: int, limit: int) -> list[Any]:
    """Raw rows, newest created first, own ones only where the role demands it."""
    offset, size = window(skip, limit)
    if own_only(admin):
        found = found.where(kind.table.admin_id == admin.id)
    found = found.order_by(kind.table.created_at.desc(), kind.table.id.desc())
    with room.db.session() as session:
        return [moderated.raw(row) for row in session.scalars(found.offset(offset).limit(size))]


def create(room: Room, kind: Kind, body: dict[str, Any], admin: Admin) -> dict[str, Any]:
    """The new row; any other key than the accepted ones is a 500, also a column that is not for clients."""
    if unknown := body.keys() - kind.accepted:
        raise BackendError(f"unexpected {sorted(unknown)}")
    columns = columns_of(kind.table)
    values = {name: as_column(name, columns[name], value) for name, value in body.items()}
    if any(values.get(name) is None for name in kind.required):
        _burn_id(room, kind)
        raise BackendError("null in a required column")
    state = moderated.first_state(admin)
    with room.db.session() as session:
        row = kind.table(**values, **state, updated_at=state["created_at"])
        session.add(row)
        _flush(session)
        return moderated.raw(row)


def update(room: Room, kind: Kind, row_id: int, body: dict[str, Any], admin: Admin) -> dict[str, Any]:
    """Every column may be written; what is no column is not stored but comes back in the answer."""
    columns = columns_of(kind.table)
    with room.db.session() as session:
        row = moderated.owned(session, kind.table, row_id, admin, kind.refusal("редактирование"))
        for name, value in body.items():
            if name in columns:
                setattr(row, name, as_column(name, columns[name], value))
        if body.keys() & kind.rechecked:
            moderated.recheck(row, admin)
        if session.is_modified(row) and "updated_at" not in body:
            row.updated_at = utc_now()
        _flush(session)
        return {name: value for name, value in body.items() if name not in columns} | moderated.raw(row)


def add_to(routes: APIRouter, kind: Kind) -> None:
    """The admin routes of the kind, but for its list."""
    RowId = Annotated[int, Path(alias=f"{kind.name}_id")]  # noqa: N806
    count = counter(kind.table)

    async def admin_create(body: FreeJson, admin: Creator, room: RoomDep) -> dict[str, Any]:
        return create(room, kind, body, admin)

    async def admin_update(
        row_id: RowId,
        body: FreeJson,
        admin: Editor,
        room: RoomDep,
    ) -> dict[str, Any]:
        return update(room, kind, row_id, body, admin)

    async def admin_delete(row_id: RowId, admin: Remover, room: RoomDep) -> None:
        with room.db.session() as session:
            session.delete(moderated.owned(session, kind.table, row_id, admin, kind.refusal("удаление")))

    async def stats(_admin: Reader, room: RoomDep) -> dict[str, int]:
        with room.db.session() as session:
            return count(session)

    async def pending(
        _admin: Reader, room: RoomDep, skip: Skip = 0, limit: ModerationLimit = 50
    ) -> list[dict[str, Any]]:
        return _in_state(room, kind, ModerationStatus.PENDING, skip, limit)

    async def with_status(
        _admin: Reader,
        room: RoomDep,
        moderation_status: ModerationStatus | None = None,
        skip: Skip = 0,
        limit: ModerationLimit = 50,
    ) -> list[dict[str, Any]]:
        return _in_state(room, kind, moderation_status, skip, limit)

    async def approve(row_id: RowId, admin: Editor, room: RoomDep) -> dict[str, Any]:
        return _judged(room, kind, row_id, admin, ModerationStatus.APPROVED)

    async def reject(row_id: RowId, admin: Editor, room: RoomDep) -> dict[str, Any]:
        return _judged(room, kind, row_id, admin, ModerationStatus.REJECTED)

    base, one = f"/admin/{kind.plural}", f"{{{kind.name}_id}}"
    routes.post(f"{base}/create", status_code=201, name=f"admin_create_{kind.name}")(admin_create)
    routes.get(f"{base}/moderation/stats", name=f"get_{kind.plural}_moderation_stats")(stats)
    routes.get(f"{base}/moderation/pending", name=f"get_pending_{kind.plural}")(pending)
    routes.get(f"{base}/moderation/all-statuses", name=f"get_all_{kind.plural}_with_status")(with_status)
    routes.post(f"{base}/moderation/{one}/approve", name=f"approve_{kind.name}")(approve)
    routes.post(f"{base}/moderation/{one}/reject", name=f"reject_{kind.name}")(reject)
    routes.put(f"{base}/{one}", name=f"admin_update_{kind.name}")(admin_update)
    routes.delete(f"{base}/{one}", status_code=204, name=f"admin_delete_{kind.name}")(admin_delete)


def in_moderation(kind: Kind, counted_as: str) -> Moderated:
    return Moderated(kind.name, counted_as, counter(kind.table), moderated.waiting_in(kind.table))


def _in_state(
    room: Room, kind: Kind, status: ModerationStatus | None, skip: int, limit: int
) -> list[dict[str, Any]]:
    # No order is asked for, so PostgreSQL gives what was written last at the end.
    found = select(kind.table).order_by(kind.table.updated_at, kind.table.id)
    if status:
        found = found.where(kind.table.moderation_status == status.value)
    with room.db.session() as session:
        return [moderated.raw(row) for row in session.scalars(found.offset(skip).limit(limit))]


def _judged(room: Room, kind: Kind, row_id: int, admin: Admin, verdict: ModerationStatus) -> dict[str, Any]:
    with room.db.session() as session:
        row = moderated.found(session, kind.table, row_id, kind.english)
        row.updated_at = utc_now()
        judge(row, admin, verdict)
        return moderated.raw(row)


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as broken:
        raise BackendError(str(broken.orig)) from None


def _burn_id(room: Room, kind: Kind) -> None:
    # PostgreSQL takes the next number before it looks for nulls, and never gives it back.
    name = {"name": kind.table.__tablename__}
    with room.db.session() as session:
        session.execute(
            text(
                "INSERT INTO sqlite_sequence (name, seq) SELECT :name, 0"
                " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)"
            ),
            name,
        )
        session.execute(text("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = :name"), name)
