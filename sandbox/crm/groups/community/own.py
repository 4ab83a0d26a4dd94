"""community: what a member does with their own data, through the bot. The bot sends the sender's id and its secret."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.community.members import IfMatch, change, codes, erase, living, unchanged_since
from sandbox.crm.groups.community.pairs import Pair, pair_shown
from sandbox.crm.groups.community.rights import REPEATS, Sender
from sandbox.crm.groups.community.rounds import groups_of
from sandbox.crm.groups.community.shapes import (
    CommunityMember,
    Instant,
    MemberChange,
    Registration,
)
from sandbox.crm.groups.community.tables import FeedbackRow, MemberRow, PairRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now

NEEDED = ("full_name", "consent_version")


class OwnMeeting(BaseModel):
    group_id: int
    at: Instant
    with_ids: list[int]
    met: bool | None
    rating: int | None
    note: str | None


class OwnData(BaseModel):
    """Everything that is stored about the member."""

    member: CommunityMember
    steps: dict[str, datetime]
    pairs: list[Pair]
    meetings: list[OwnMeeting]


async def get_me(sender: Sender, room: RoomDep) -> CommunityMember:
    with room.db.session() as session:
        return CommunityMember.model_validate(_me(session, sender))


async def save_registration(body: Registration, sender: Sender, room: RoomDep) -> CommunityMember:
    """Any step, in any order; the first one makes the member. A rejected one may register anew."""
    with room.db.session() as session:
        row = _of(session, sender)
        if row is None:
            row = MemberRow(
                telegram_user_id=sender, status="incomplete", mentorship_role="none", steps={}, version=0
            )
        if row.status not in ("incomplete", "rejected"):
            raise HTTPException(409, f"Registration is over: member is {row.status}")
        columns = body.columns()
        step = columns.pop("step", None)
        change(session, row, columns)
        if step is not None:
            row.registration_step = step
            row.steps = {**row.steps, step: row.steps.get(step) or utc_now().isoformat()}
        session.add(row)
        session.flush()
        return CommunityMember.model_validate(row)


async def submit_registration(sender: Sender, room: RoomDep) -> CommunityMember:
    with room.db.session() as session:
        row = _me(session, sender)
        if row.status not in ("incomplete", "rejected"):
            raise HTTPException(409, f"Registration is over: member is {row.status}")
        missing = [name for name in NEEDED if not getattr(row, name)]
        if missing:
            raise HTTPException(
                422, [{"type": "missing", "loc": ["body", name], "msg": "Field required"} for name in missing]
            )
        row.status, row.reject_reason, row.submitted_at = "pending", None, utc_now()
        row.decided_at = row.decided_by = None
        row.registration_step, row.version = "submitted", row.version + 1
        row.steps = {**row.steps, "submitted": utc_now().isoformat()}
        return CommunityMember.model_validate(row)


async def update_me(
    body: MemberChange, sender: Sender, room: RoomDep, if_match: IfMatch = None
) -> CommunityMember:
    with room.db.session() as session:
        row = _me(session, sender)
        if row.status == "blocked":
            raise HTTPException(409, "Member is blocked")
        unchanged_since(row, if_match)
        change(session, row, body.columns())
        return CommunityMember.model_validate(row)


async def get_my_data(sender: Sender, room: RoomDep) -> OwnData:
    with room.db.session() as session:
        row = _me(session, sender)
        either = or_(PairRow.mentor_id == row.id, PairRow.mentee_id == row.id)
        pairs = session.scalars(select(PairRow).where(either).order_by(PairRow.id))
        return OwnData(
            member=CommunityMember.model_validate(row),
            steps={step: datetime.fromisoformat(at) for step, at in row.steps.items()},
            pairs=[pair_shown(session, one) for one in pairs],
            meetings=list(_meetings(session, row.id)),
        )


async def delete_me(sender: Sender, room: RoomDep) -> None:
    with room.db.session() as session:
        erase(session, _me(session, sender))


def _of(session: Session, sender: str) -> MemberRow | None:
    found: MemberRow | None = session.scalar(living().where(MemberRow.telegram_user_id == sender))
    return found


def _me(session: Session, sender: str) -> MemberRow:
    row = _of(session, sender)
    if row is None:
        raise HTTPException(404, "Member not found")
    return row


def _meetings(session: Session, member_id: int) -> Any:
    for group, at in groups_of(session, member_id):
        said = session.get(FeedbackRow, (group.id, member_id))
        yield OwnMeeting(
            group_id=group.id,
            at=at,
            with_ids=[one for one in group.member_ids if one != member_id],
            met=said.met if said else None,
            rating=said.rating if said else None,
            note=said.note if said else None,
        )


def add_to(routes: APIRouter) -> None:
    routes.get("/me", responses=codes(403, 404))(get_me)
    routes.put("/me/registration", responses=codes(403, 409), dependencies=REPEATS)(save_registration)
    routes.post("/me/registration/submit", responses=codes(403, 404, 409), dependencies=REPEATS)(
        submit_registration
    )
    routes.patch("/me", responses=codes(403, 404, 409, 412), dependencies=REPEATS)(update_me)
    routes.get("/me/data", responses=codes(403, 404))(get_my_data)
    routes.delete("/me", status_code=204, responses=codes(403, 404), dependencies=REPEATS)(delete_me)
