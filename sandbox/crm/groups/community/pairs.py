"""community: mentors, mentees, their pairs, and who is never matched."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.community.members import Limit, Skip, codes, living, matching, member
from sandbox.crm.groups.community.rights import REPEATS, Creator, Editor, Reader, Remover
from sandbox.crm.groups.community.shapes import (
    CommunityMember,
    Instant,
    Language,
    Long,
    MemberBrief,
    ReasonGiven,
    Taken,
    Unset,
    aware,
)
from sandbox.crm.groups.community.tables import BarRow, MemberRow, PairRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now

State = Literal["active", "ended"]


class Mentor(CommunityMember):
    active: int = Field(description="mentees now")
    free: int = Field(description="mentees the mentor could still take")


class MentorPage(BaseModel):
    items: list[Mentor]
    total: int


class Mentee(CommunityMember):
    waiting_since: Instant = Field(description="when the member became a mentee, or the last pair ended")
    mentor_id: int | None = Field(description="null for one who waits")


class MenteePage(BaseModel):
    items: list[Mentee]
    total: int


class Pair(BaseModel):
    id: int
    mentor: MemberBrief
    mentee: MemberBrief
    status: State
    note: str | None
    created_at: Instant
    created_by: int
    ended_at: Instant | None
    end_reason: str | None
    notified_at: Instant | None


class PairPage(BaseModel):
    items: list[Pair]
    total: int


class NewPair(Taken):
    mentor_id: int
    mentee_id: int
    note: Long | None = Unset


class Bar(BaseModel):
    """Two who are never matched, in either order."""

    id: int
    a: MemberBrief
    b: MemberBrief
    reason: str | None
    created_at: Instant
    created_by: int


class BarPage(BaseModel):
    items: list[Bar]
    total: int


class NewBar(Taken):
    a_id: int
    b_id: int
    reason: Annotated[str, Field(max_length=1000)] | None = Unset


async def list_mentors(
    _admin: Reader,
    room: RoomDep,
    available: bool | None = None,
    topic: str | None = None,
    language: Language | None = None,
    q: str | None = None,
    skip: Skip = 0,
    limit: Limit = 20,
) -> MentorPage:
    """Approved ones, those with most room first."""
    with room.db.session() as session:
        active = _active(session)
        found = [
            (max(0, row.mentorship_capacity - active[row.id]), row)
            for row in _in_role(session, "mentor", topic, language, q)
        ]
        if available is not None:
            found = [(free, row) for free, row in found if (free > 0) is available]
        found.sort(key=lambda one: (-one[0], one[1].full_name, one[1].id))
        items = [
            Mentor.model_construct(
                **dict(CommunityMember.model_validate(row)), active=active[row.id], free=free
            )
            for free, row in found[skip : skip + limit]
        ]
        return MentorPage(items=items, total=len(found))


async def list_mentees(
    _admin: Reader,
    room: RoomDep,
    unmatched: bool | None = None,
    topic: str | None = None,
    language: Language | None = None,
    q: str | None = None,
    skip: Skip = 0,
    limit: Limit = 20,
) -> MenteePage:
    """Approved ones: who waits longest first, then those who have a mentor."""
    with room.db.session() as session:
        mentors = {
            pair.mentee_id: pair.mentor_id
            for pair in session.scalars(select(PairRow).where(PairRow.status == "active"))
        }
        ended = select(PairRow.mentee_id, func.max(PairRow.ended_at)).group_by(PairRow.mentee_id)
        freed: dict[int, datetime | None] = {row[0]: row[1] for row in session.execute(ended)}
        found = [
            (mentors.get(row.id), max(since for since in (_began(row), freed.get(row.id)) if since), row)
            for row in _in_role(session, "mentee", topic, language, q)
        ]
        if unmatched is not None:
            found = [one for one in found if (one[0] is None) is unmatched]
        found.sort(key=lambda one: (one[0] is not None, one[1], one[2].id))
        items = [
            Mentee.model_construct(
                **dict(CommunityMember.model_validate(row)), waiting_since=aware(since), mentor_id=mentor_id
            )
            for mentor_id, since, row in found[skip : skip + limit]
        ]
        return MenteePage(items=items, total=len(found))


async def list_pairs(
    _admin: Reader,
    room: RoomDep,
    status: State | None = None,
    mentor_id: int | None = None,
    mentee_id: int | None = None,
    skip: Skip = 0,
    limit: Limit = 20,
) -> PairPage:
    """Newest first."""
    chosen = select(PairRow)
    for column, value in (
        (PairRow.status, status),
        (PairRow.mentor_id, mentor_id),
        (PairRow.mentee_id, mentee_id),
    ):
        if value is not None:
            chosen = chosen.where(column == value)
    with room.db.session() as session:
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        newest = chosen.order_by(PairRow.created_at.desc(), PairRow.id.desc())
        rows = session.scalars(newest.offset(skip).limit(limit))
        return PairPage(items=[pair_shown(session, row) for row in rows], total=total)


async def create_pair(body: NewPair, admin: Creator, room: RoomDep) -> Pair:
    """409: the mentee has a mentor, the mentor is full, both are one, or the two are barred."""
    with room.db.session() as session:
        mentor, mentee = member(session, body.mentor_id), member(session, body.mentee_id)
        if mentor.id == mentee.id:
            raise HTTPException(409, "Nobody mentors themselves")
        _fits(mentor, "mentor")
        _fits(mentee, "mentee")
        if barred(session, mentor.id, mentee.id) is not None:
            raise HTTPException(409, "These two are never to be matched")
        of_mentee = select(PairRow).where(PairRow.mentee_id == mentee.id, PairRow.status == "active")
        if session.scalar(of_mentee) is not None:
            raise HTTPException(409, "Mentee has a mentor already")
        if _active(session)[mentor.id] >= mentor.mentorship_capacity:
            raise HTTPException(409, "Mentor has no free place")
        row = PairRow(
            mentor_id=mentor.id, mentee_id=mentee.id, note=body.note, created_by=admin.id, status="active"
        )
        session.add(row)
        session.flush()
        return pair_shown(session, row)


async def end_pair(pair_id: int, body: ReasonGiven, _admin: Editor, room: RoomDep) -> Pair:
    with room.db.session() as session:
        row = _pair(session, pair_id)
        if row.status == "ended":
            raise HTTPException(409, "Pair has ended already")
        row.status, row.ended_at, row.end_reason = "ended", utc_now(), body.reason
        return pair_shown(session, row)


async def mark_pair_notified(pair_id: int, _admin: Editor, room: RoomDep) -> Pair:
    """The first time counts."""
    with room.db.session() as session:
        row = _pair(session, pair_id)
        row.notified_at = row.notified_at or utc_now()
        return pair_shown(session, row)


async def list_bars(_admin: Reader, room: RoomDep, skip: Skip = 0, limit: Limit = 20) -> BarPage:
    """Newest first."""
    with room.db.session() as session:
        total = session.scalar(select(func.count()).select_from(BarRow)) or 0
        newest = select(BarRow).order_by(BarRow.created_at.desc(), BarRow.id.desc())
        rows = session.scalars(newest.offset(skip).limit(limit))
        return BarPage(items=[_bar_shown(session, row) for row in rows], total=total)


async def create_bar(body: NewBar, admin: Creator, room: RoomDep) -> Bar:
    """409: both are one, or there is such a bar."""
    with room.db.session() as session:
        first, second = sorted((member(session, body.a_id).id, member(session, body.b_id).id))
        if first == second:
            raise HTTPException(409, "A bar needs two members")
        if barred(session, first, second) is not None:
            raise HTTPException(409, "These two are barred already")
        row = BarRow(a_id=first, b_id=second, reason=body.reason, created_by=admin.id)
        session.add(row)
        session.flush()
        return _bar_shown(session, row)


async def delete_bar(bar_id: int, _admin: Remover, room: RoomDep) -> None:
    with room.db.session() as session:
        row = session.get(BarRow, bar_id)
        if row is None:
            raise HTTPException(404, "Bar not found")
        session.delete(row)


# --- what others need too -------------------------------------------------------------------------


def pair_shown(session: Session, row: PairRow) -> Pair:
    return Pair(
        id=row.id, mentor=brief(session, row.mentor_id), mentee=brief(session, row.mentee_id),
        status="ended" if row.status == "ended" else "active", note=row.note,
        created_at=row.created_at, created_by=row.created_by, ended_at=row.ended_at,
        end_reason=row.end_reason, notified_at=row.notified_at,
    )  # fmt: skip


def brief(session: Session, member_id: int) -> MemberBrief:
    """The member as far as another record shows it; of an erased one nothing but the number."""
    return MemberBrief.model_validate(session.get_one(MemberRow, member_id))


def barred(session: Session, one: int, other: int) -> BarRow | None:
    """The bar between the two."""
    first, second = sorted((one, other))
    found: BarRow | None = session.scalar(select(BarRow).where(BarRow.a_id == first, BarRow.b_id == second))
    return found


def _bar_shown(session: Session, row: BarRow) -> Bar:
    a, b = brief(session, row.a_id), brief(session, row.b_id)
    return Bar(id=row.id, a=a, b=b, reason=row.reason, created_at=row.created_at, created_by=row.created_by)


def _active(session: Session) -> Counter[int]:
    """Active pairs by mentor."""
    return Counter(session.scalars(select(PairRow.mentor_id).where(PairRow.status == "active")))


def _in_role(
    session: Session, role: str, topic: str | None, language: str | None, q: str | None
) -> Iterable[MemberRow]:
    chosen = living().where(MemberRow.status == "approved", MemberRow.mentorship_role == role)
    if (searched := matching(q)) is not None:
        chosen = chosen.where(searched)
    for row in session.scalars(chosen):
        topics = [one.casefold() for one in row.mentorship_topics]
        if (topic is None or topic.casefold() in topics) and (
            language is None or language in row.mentorship_languages
        ):
            yield row


def _began(row: MemberRow) -> datetime:
    return row.mentorship_since or row.decided_at or row.created_at


def _fits(row: MemberRow, role: str) -> None:
    if row.status != "approved" or row.mentorship_role != role:
        wrong = {"type": "value_error", "loc": ["body", f"{role}_id"], "msg": f"Not an approved {role}"}
        raise HTTPException(422, [wrong])


def _pair(session: Session, pair_id: int) -> PairRow:
    row = session.get(PairRow, pair_id)
    if row is None:
        raise HTTPException(404, "Pair not found")
    return row


def add_to(routes: APIRouter) -> None:
    routes.get("/mentorship/mentors")(list_mentors)
    routes.get("/mentorship/mentees")(list_mentees)
    routes.get("/mentorship/pairs")(list_pairs)
    routes.post("/mentorship/pairs", status_code=201, responses=codes(404, 409), dependencies=REPEATS)(
        create_pair
    )
    routes.post("/mentorship/pairs/{pair_id}/end", responses=codes(404, 409), dependencies=REPEATS)(end_pair)
    routes.post("/mentorship/pairs/{pair_id}/notified", responses=codes(404), dependencies=REPEATS)(
        mark_pair_notified
    )
    routes.get("/matching/bars")(list_bars)
    routes.post("/matching/bars", status_code=201, responses=codes(404, 409), dependencies=REPEATS)(
        create_bar
    )
    routes.delete("/matching/bars/{bar_id}", status_code=204, responses=codes(404), dependencies=REPEATS)(
        delete_bar
    )
