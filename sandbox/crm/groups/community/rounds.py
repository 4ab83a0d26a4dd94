"""community: coffee rounds as they were committed, told, taken back, and what people said afterwards."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.community.coffee import due, last_round, matched_last, settings_of
from sandbox.crm.groups.community.members import Limit, Skip, codes, living
from sandbox.crm.groups.community.rights import REPEATS, Creator, Editor, Reader, Sender
from sandbox.crm.groups.community.shapes import Channel, Instant, Long, ReasonGiven, Taken, Unset
from sandbox.crm.groups.community.tables import FeedbackRow, GroupRow, MemberRow, RoundRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now

State = Literal["committed", "notified", "rolled_back"]


class GroupFeedback(BaseModel):
    """What the members of a group said: null while nobody did."""

    met: bool | None = Field(description="true as soon as one of them says so")
    rating: float | None = Field(description="the mean")
    answers: int


class RoundGroup(BaseModel):
    id: int
    member_ids: list[int]
    notified_at: Instant | None
    feedback: GroupFeedback


class Round(BaseModel):
    id: int
    groups: list[RoundGroup]
    skipped: list[int]
    seed: int
    planned_for: date
    status: State = Field(description="notified as soon as every group is")
    created_at: Instant
    created_by: int


class RoundPage(BaseModel):
    items: list[Round]
    total: int


class NewRound(Taken):
    groups: Annotated[
        list[Annotated[list[int], Field(min_length=2, max_length=3)]], Field(min_length=1, max_length=5000)
    ]
    skipped: Annotated[list[int], Field(max_length=5000)] = Field(default_factory=list)
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    planned_for: date | None = Field(default=None, description="today in the schedule's zone unless given")


class Told(Taken):
    channel: Channel


class Feedback(Taken):
    met: bool
    rating: Annotated[int, Field(ge=1, le=5)] | None = Unset
    note: Long | None = Unset


async def create_round(body: NewRound, admin: Creator, room: RoomDep) -> Round:
    """409: too soon after the last one, a member twice, or somebody who is not due on that day."""
    with room.db.session() as session:
        settings = settings_of(session)
        day = body.planned_for or datetime.now(ZoneInfo(settings.timezone)).date()
        last = last_round(session)
        if last and utc_now() - last.created_at < timedelta(minutes=settings.cooldown_minutes):
            raise HTTPException(409, f"Round {last.id} is less than {settings.cooldown_minutes} minutes old")
        everybody = Counter(one for group in (*body.groups, body.skipped) for one in group)
        if twice := [one for one, count in everybody.items() if count > 1]:
            raise HTTPException(409, f"More than once in the round: {_listed(twice)}")
        known = {row.id for row in due(session, day, settings, matched_last(session))}
        if strange := [one for one in everybody if one not in known]:
            raise HTTPException(409, f"Not candidates on {day}: {_listed(strange)}")
        row = RoundRow(
            seed=body.seed, planned_for=day, skipped=body.skipped, created_by=admin.id, status="committed"
        )
        session.add(row)
        session.flush()
        session.add_all([GroupRow(round_id=row.id, member_ids=group) for group in body.groups])
        session.flush()
        return _shown(session, [row])[0]


async def list_rounds(_admin: Reader, room: RoomDep, skip: Skip = 0, limit: Limit = 20) -> RoundPage:
    """Newest first."""
    newest = select(RoundRow).order_by(RoundRow.created_at.desc(), RoundRow.id.desc())
    with room.db.session() as session:
        total = session.scalar(select(func.count()).select_from(RoundRow)) or 0
        return RoundPage(
            items=_shown(session, list(session.scalars(newest.offset(skip).limit(limit)))), total=total
        )


async def get_round(round_id: int, _admin: Reader, room: RoomDep) -> Round:
    with room.db.session() as session:
        return _shown(session, [_round(session, round_id)])[0]


async def mark_group_notified(
    round_id: int, group_id: int, body: Told, _admin: Editor, room: RoomDep
) -> Round:
    """The first time counts. 409 for a round that was rolled back."""
    with room.db.session() as session:
        row = _round(session, round_id)
        group = session.get(GroupRow, group_id)
        if group is None or group.round_id != row.id:
            raise HTTPException(404, "Group not found")
        if row.status == "rolled_back":
            raise HTTPException(409, "Round was rolled back")
        if group.notified_at is None:
            group.notified_at, group.channel = utc_now(), body.channel
        if all(one.notified_at for one in _groups(session, [row.id])):
            row.status = "notified"
        return _shown(session, [row])[0]


async def roll_back_round(round_id: int, body: ReasonGiven, _admin: Editor, room: RoomDep) -> Round:
    """As if it had never been, for history and candidates. 409 when somebody was notified."""
    with room.db.session() as session:
        row = _round(session, round_id)
        if row.status == "rolled_back":
            raise HTTPException(409, "Round was rolled back already")
        if any(one.notified_at for one in _groups(session, [row.id])):
            raise HTTPException(409, "Somebody was notified already")
        row.status, row.rollback_reason = "rolled_back", body.reason
        return _shown(session, [row])[0]


async def give_feedback(group_id: int, body: Feedback, sender: Sender, room: RoomDep) -> None:
    """Once per member and group. 404 for a group that the member is not in."""
    with room.db.session() as session:
        me = session.scalar(living().where(MemberRow.telegram_user_id == sender))
        group = session.get(GroupRow, group_id)
        if me is None or group is None or me.id not in group.member_ids:
            raise HTTPException(404, "Group not found")
        if session.get_one(RoundRow, group.round_id).status == "rolled_back":
            raise HTTPException(409, "Round was rolled back")
        if session.get(FeedbackRow, (group_id, me.id)) is not None:
            raise HTTPException(409, "Feedback was given already")
        session.add(
            FeedbackRow(group_id=group_id, member_id=me.id, met=body.met, rating=body.rating, note=body.note)
        )


# --- what others need too -------------------------------------------------------------------------


def groups_of(session: Session, member_id: int) -> Iterator[tuple[GroupRow, datetime]]:
    """The groups that the member is or was in, with the time of their round, oldest first."""
    joined = select(GroupRow, RoundRow.created_at).join(RoundRow, RoundRow.id == GroupRow.round_id)
    standing = joined.where(RoundRow.status != "rolled_back").order_by(RoundRow.created_at, GroupRow.id)
    for group, at in session.execute(standing):
        if member_id in group.member_ids:
            yield group, at


def _groups(session: Session, round_ids: Sequence[int]) -> list[GroupRow]:
    return list(
        session.scalars(select(GroupRow).where(GroupRow.round_id.in_(round_ids)).order_by(GroupRow.id))
    )


def _shown(session: Session, rows: Sequence[RoundRow]) -> list[Round]:
    groups = _groups(session, [row.id for row in rows])
    said: dict[int, list[FeedbackRow]] = {}
    joined = select(FeedbackRow).join(GroupRow, GroupRow.id == FeedbackRow.group_id)
    chosen = joined.where(GroupRow.round_id.in_([row.id for row in rows]))
    for one in session.scalars(chosen):
        said.setdefault(one.group_id, []).append(one)
    shown = [
        (group.round_id, RoundGroup(
            id=group.id, member_ids=group.member_ids, notified_at=group.notified_at,
            feedback=_summed(said.get(group.id, ())),
        ))
        for group in groups
    ]  # fmt: skip
    return [
        Round.model_validate(
            {
                "id": row.id,
                "groups": [group for round_id, group in shown if round_id == row.id],
                "skipped": row.skipped,
                "seed": row.seed,
                "planned_for": row.planned_for,
                "status": row.status,
                "created_at": row.created_at,
                "created_by": row.created_by,
            }
        )
        for row in rows
    ]


def _summed(said: Sequence[FeedbackRow]) -> GroupFeedback:
    ratings = [one.rating for one in said if one.rating is not None]
    return GroupFeedback(
        met=any(one.met for one in said) if said else None,
        rating=round(sum(ratings) / len(ratings), 2) if ratings else None,
        answers=len(said),
    )


def _round(session: Session, round_id: int) -> RoundRow:
    row = session.get(RoundRow, round_id)
    if row is None:
        raise HTTPException(404, "Round not found")
    return row


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, sorted(ids)[:20]))


def add_to(routes: APIRouter) -> None:
    routes.post("/coffee/rounds", status_code=201, responses=codes(409), dependencies=REPEATS)(create_round)
    routes.get("/coffee/rounds")(list_rounds)
    routes.get("/coffee/rounds/{round_id}", responses=codes(404))(get_round)
    routes.post(
        "/coffee/rounds/{round_id}/groups/{group_id}/notified",
        responses=codes(404, 409),
        dependencies=REPEATS,
    )(mark_group_notified)
    routes.post("/coffee/rounds/{round_id}/rollback", responses=codes(404, 409), dependencies=REPEATS)(
        roll_back_round
    )
    routes.post(
        "/coffee/groups/{group_id}/feedback",
        status_code=204,
        responses=codes(403, 404, 409),
        dependencies=REPEATS,
    )(give_feedback)
