"""community: the members, as administrators see and decide them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, HTTPException, Query
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.community.rights import REPEATS, Editor, Reader, Remover
from sandbox.crm.groups.community.shapes import (
    AlreadyDecided,
    CommunityMember,
    MemberChange,
    MemberPage,
    MentorshipRole,
    Problem,
    ReasonGiven,
    Status,
    aware,
)
from sandbox.crm.groups.community.tables import BarRow, FeedbackRow, MemberRow, PairRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now
from sandbox.crm.tables import Admin

Skip = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=1, le=100)]
Order = Literal["created_at", "-created_at", "full_name"]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="the version that was read")]

ORDERS: dict[str, tuple[Any, ...]] = {
    "created_at": (MemberRow.created_at, MemberRow.id),
    "-created_at": (MemberRow.created_at.desc(), MemberRow.id.desc()),
    "full_name": (MemberRow.full_name, MemberRow.id),
}
PERSONAL = (
    "telegram_user_id", "email", "nickname", "segment", "level", "affiliation", "about", "city", "reject_reason",
    "registration_step", "consent_version",
)  # fmt: skip


def codes(*numbers: int) -> dict[int | str, dict[str, Any]]:
    """How an operation names its refusals in the document."""
    return {number: {"model": Problem} for number in numbers}


def matching(text: str | None) -> ColumnElement[bool] | None:
    """What a `q` leaves; `%` and `_` are wildcards, as in every search of the backend."""
    if not text:
        return None
    columns = (MemberRow.full_name, MemberRow.nickname, MemberRow.email, MemberRow.affiliation)
    return or_(*(func.lower(column).like(f"%{text.lower()}%") for column in columns))


def living() -> Select[MemberRow]:
    """All members but those whose data was erased."""
    return select(MemberRow).where(MemberRow.erased_at.is_(None))


def member(session: Session, member_id: int) -> MemberRow:
    """The member; 404 for an unknown and an erased one."""
    row = session.get(MemberRow, member_id)
    if row is None or row.erased_at is not None:
        raise HTTPException(404, "Member not found")
    return row


async def list_members(
    _admin: Reader,
    room: RoomDep,
    status: Status | None = None,
    segment: str | None = None,
    level: str | None = None,
    city: str | None = None,
    mentorship_role: MentorshipRole | None = None,
    coffee: bool | None = None,
    q: str | None = None,
    sort: Order = "-created_at",
    skip: Skip = 0,
    limit: Limit = 20,
) -> MemberPage:
    chosen = living()
    for column, value in (
        (MemberRow.status, status),
        (MemberRow.segment, segment),
        (MemberRow.level, level),
        (MemberRow.city, city),
        (MemberRow.mentorship_role, mentorship_role),
        (MemberRow.coffee_enabled, coffee),
    ):
        if value is not None:
            chosen = chosen.where(column == value)
    if (searched := matching(q)) is not None:
        chosen = chosen.where(searched)
    with room.db.session() as session:
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        rows = session.scalars(chosen.order_by(*ORDERS[sort]).offset(skip).limit(limit))
        return MemberPage(items=[CommunityMember.model_validate(row) for row in rows], total=total)


async def get_member(member_id: int, _admin: Reader, room: RoomDep) -> CommunityMember:
    with room.db.session() as session:
        return CommunityMember.model_validate(member(session, member_id))


async def update_member(
    member_id: int, body: MemberChange, _admin: Editor, room: RoomDep, if_match: IfMatch = None
) -> CommunityMember:
    """Partial, also inside the groups. With If-Match only where the version is still that one."""
    with room.db.session() as session:
        row = member(session, member_id)
        unchanged_since(row, if_match)
        change(session, row, body.columns())
        return CommunityMember.model_validate(row)


async def approve_member(member_id: int, admin: Editor, room: RoomDep) -> CommunityMember:
    with room.db.session() as session:
        return _decide(session, member_id, admin, "approved", None)


async def reject_member(member_id: int, body: ReasonGiven, admin: Editor, room: RoomDep) -> CommunityMember:
    with room.db.session() as session:
        return _decide(session, member_id, admin, "rejected", body.reason)


async def block_member(member_id: int, body: ReasonGiven, _admin: Editor, room: RoomDep) -> CommunityMember:
    """From any state; unblocking leads back to it."""
    with room.db.session() as session:
        row = member(session, member_id)
        if row.status == "blocked":
            raise HTTPException(409, "Member is already blocked")
        row.status_before, row.status, row.reject_reason = row.status, "blocked", body.reason
        return _changed(row)


async def unblock_member(member_id: int, _admin: Editor, room: RoomDep) -> CommunityMember:
    with room.db.session() as session:
        row = member(session, member_id)
        if row.status != "blocked":
            raise HTTPException(409, "Member is not blocked")
        row.status, row.status_before, row.reject_reason = row.status_before or "approved", None, None
        return _changed(row)


async def delete_member(member_id: int, _admin: Remover, room: RoomDep) -> None:
    """Erases what is personal; counters and the history of the coffee rounds keep the number."""
    with room.db.session() as session:
        erase(session, member(session, member_id))


# --- what others need too -------------------------------------------------------------------------


def unchanged_since(row: MemberRow, if_match: str | None) -> None:
    """Nothing; 412 when the member is not in that version any more."""
    if if_match not in (None, "*") and if_match.strip().strip('"') != str(row.version):
        raise HTTPException(412, f"Member was changed meanwhile: its version is {row.version}")


def change(session: Session, row: MemberRow, columns: dict[str, Any]) -> None:
    """Writes the columns, in a new version; 409 where they contradict what others rely on."""
    nickname = columns.get("nickname")
    if nickname and session.scalar(
        living().where(func.lower(MemberRow.nickname) == nickname.lower(), MemberRow.id != row.id)
    ):
        raise HTTPException(409, "Nickname is taken")
    role = columns.get("mentorship_role", row.mentorship_role)
    if role != row.mentorship_role:
        if row.id and active_pairs(session, row.id):
            raise HTTPException(409, "Member has active pairs: end them first")
        row.mentorship_since = utc_now() if role != "none" else None
    for name, value in columns.items():
        setattr(row, name, value)
    row.version = (row.version or 0) + 1


def active_pairs(session: Session, member_id: int) -> list[PairRow]:
    """The active pairs that the member is in, on either side."""
    either = or_(PairRow.mentor_id == member_id, PairRow.mentee_id == member_id)
    return list(session.scalars(select(PairRow).where(either, PairRow.status == "active")))


def erase(session: Session, row: MemberRow) -> None:
    """The member without anything personal; its pairs end, its bars and what it wrote are gone."""
    for pair in active_pairs(session, row.id):
        pair.status, pair.ended_at, pair.end_reason = "ended", utc_now(), "member erased"
    for bar in session.scalars(select(BarRow).where(or_(BarRow.a_id == row.id, BarRow.b_id == row.id))):
        session.delete(bar)
    for said in session.scalars(select(FeedbackRow).where(FeedbackRow.member_id == row.id)):
        said.note = None
    for name in PERSONAL:
        setattr(row, name, None)
    row.full_name, row.mentorship_topics, row.mentorship_languages = "", [], []
    row.coffee_enabled, row.mentorship_role, row.mentorship_since = False, "none", None
    row.erased_at, row.version = utc_now(), row.version + 1


def _decide(
    session: Session, member_id: int, admin: Admin, status: str, reason: str | None
) -> CommunityMember:
    row = member(session, member_id)
    if row.status == "incomplete":
        raise HTTPException(409, "Registration is not submitted yet")
    if row.status != "pending":
        raise HTTPException(409, _decided(session, row))
    row.status, row.reject_reason = status, reason
    row.decided_at, row.decided_by = utc_now(), admin.id
    if row.mentorship_role != "none":
        row.mentorship_since = row.decided_at
    return _changed(row)


def _decided(session: Session, row: MemberRow) -> dict[str, Any]:
    who = session.get(Admin, row.decided_by) if row.decided_by else None
    return {
        "message": f"Already {row.status}",
        "status": row.status,
        "decided_by": row.decided_by,
        "decided_by_name": who.name if who else None,
        "decided_at": aware(row.decided_at).isoformat().replace("+00:00", "Z") if row.decided_at else None,
    }


def _changed(row: MemberRow) -> CommunityMember:
    row.version += 1
    return CommunityMember.model_validate(row)


def add_to(routes: APIRouter) -> None:
    decided: dict[int | str, dict[str, Any]] = {**codes(404), 409: {"model": AlreadyDecided}}
    routes.get("/members")(list_members)
    routes.get("/members/{member_id}", responses=codes(404))(get_member)
    routes.patch("/members/{member_id}", responses=codes(404, 409, 412), dependencies=REPEATS)(update_member)
    routes.post("/members/{member_id}/approve", responses=decided, dependencies=REPEATS)(approve_member)
    routes.post("/members/{member_id}/reject", responses=decided, dependencies=REPEATS)(reject_member)
    routes.post("/members/{member_id}/block", responses=codes(404, 409), dependencies=REPEATS)(block_member)
    routes.post("/members/{member_id}/unblock", responses=codes(404, 409), dependencies=REPEATS)(
        unblock_member
    )
    routes.delete("/members/{member_id}", status_code=204, responses=codes(404), dependencies=REPEATS)(
        delete_member
    )
