"""community: when coffee rounds are due, for whom, and who met whom before."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.crm.groups.community.members import living
from sandbox.crm.groups.community.rights import REPEATS, Editor, Reader
from sandbox.crm.groups.community.shapes import Frequency, Instant, MemberBrief, Taken
from sandbox.crm.groups.community.tables import GroupRow, MemberRow, RoundRow, ScheduleRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now

AHEAD = 400
"""Days that are looked through for the next run."""


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("unknown time zone")
    return name


class ScheduleSettings(Taken):
    enabled: bool
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        description="0 is Monday"
    )
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["10:00"])]
    timezone: Annotated[str, AfterValidator(_zone), Field(examples=["Asia/Almaty"])]
    lookback_weeks: Annotated[int, Field(ge=0, le=52)]
    odd_policy: Literal["trio", "skip"]
    holidays: Annotated[list[date], Field(max_length=366)]
    cooldown_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)]


class Schedule(ScheduleSettings):
    next_run_at: Instant | None = Field(description="null while it is off or no day is left")
    last_run_at: Instant | None = Field(description="of the last round that was not rolled back")


class Candidate(MemberBrief):
    frequency: Frequency
    last_matched_at: Instant | None
    skipped_last: bool = Field(description="left out of the last round")


class Candidates(BaseModel):
    items: list[Candidate]
    total: int


class PastGroup(BaseModel):
    round_id: int
    at: Instant
    member_ids: list[int]


class History(BaseModel):
    groups: list[PastGroup]


DEFAULTS: dict[str, Any] = {
    "enabled": False, "weekdays": [0], "time": "10:00", "timezone": "Asia/Almaty", "lookback_weeks": 8,
    "odd_policy": "trio", "holidays": [], "cooldown_minutes": 60,
}  # fmt: skip


async def get_schedule(_admin: Reader, room: RoomDep) -> Schedule:
    with room.db.session() as session:
        return _shown(session)


async def replace_schedule(body: ScheduleSettings, _admin: Editor, room: RoomDep) -> Schedule:
    """The whole schedule."""
    with room.db.session() as session:
        kept = session.get(ScheduleRow, 1)
        if kept is None:
            session.add(ScheduleRow(id=1, settings=body.model_dump(mode="json")))
        else:
            kept.settings = body.model_dump(mode="json")
        session.flush()
        return _shown(session)


async def list_candidates(_admin: Reader, room: RoomDep, on: date | None = None) -> Candidates:
    """All at once. Due is who was not matched in that week yet (weekly), or in that month (monthly)."""
    with room.db.session() as session:
        settings = settings_of(session)
        day = on or datetime.now(ZoneInfo(settings.timezone)).date()
        matched, last = matched_last(session), last_round(session)
        skipped = set(last.skipped) if last else set()
        items = [
            Candidate.model_construct(
                **dict(MemberBrief.model_validate(row)),
                frequency="monthly" if row.coffee_frequency == "monthly" else "weekly",
                last_matched_at=aware_or_none(matched.get(row.id)),
                skipped_last=row.id in skipped,
            )
            for row in due(session, day, settings, matched)
        ]
        return Candidates(items=items, total=len(items))


async def get_history(
    _admin: Reader, room: RoomDep, weeks: Annotated[int, Query(ge=1, le=104)] = 52
) -> History:
    """Groups of the rounds of the last weeks that were not rolled back, all at once, oldest first."""
    since = utc_now() - timedelta(weeks=weeks)
    with room.db.session() as session:
        groups = [
            PastGroup(round_id=round_id, at=at, member_ids=ids)
            for round_id, at, ids in _standing(session)
            if at >= since
        ]
    return History(groups=groups)


# --- what others need too -------------------------------------------------------------------------


def settings_of(session: Session) -> ScheduleSettings:
    kept = session.get(ScheduleRow, 1)
    return ScheduleSettings.model_validate(kept.settings if kept else DEFAULTS)


def last_round(session: Session) -> RoundRow | None:
    """The newest round that was not rolled back."""
    standing = select(RoundRow).where(RoundRow.status != "rolled_back")
    found: RoundRow | None = session.scalar(standing.order_by(RoundRow.created_at.desc(), RoundRow.id.desc()))
    return found


def matched_last(session: Session) -> dict[int, datetime]:
    """When each member was matched last."""
    return {member_id: at for _, at, ids in _standing(session) for member_id in ids}


def due(
    session: Session, day: date, settings: ScheduleSettings, matched: dict[int, datetime]
) -> list[MemberRow]:
    """The candidates of that day, by id."""
    chosen = living().where(MemberRow.status == "approved", MemberRow.coffee_enabled.is_(True))
    zone = ZoneInfo(settings.timezone)
    return [
        row
        for row in session.scalars(chosen.order_by(MemberRow.id))
        if (row.coffee_paused_until is None or row.coffee_paused_until < day)
        and _is_due(row, day, matched.get(row.id), zone)
    ]


def aware_or_none(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _is_due(row: MemberRow, day: date, matched: datetime | None, zone: ZoneInfo) -> bool:
    if matched is None:
        return True
    last = matched.replace(tzinfo=UTC).astimezone(zone).date()
    if row.coffee_frequency == "monthly":
        return (last.year, last.month) < (day.year, day.month)
    return last.isocalendar()[:2] < day.isocalendar()[:2]


def _standing(session: Session) -> Iterable[tuple[int, datetime, list[int]]]:
    """Round, time and members of each group that was not rolled back, oldest first."""
    columns = select(GroupRow.round_id, RoundRow.created_at, GroupRow.member_ids)
    joined = columns.join(RoundRow, RoundRow.id == GroupRow.round_id)
    standing = joined.where(RoundRow.status != "rolled_back")
    for row in session.execute(standing.order_by(RoundRow.created_at, GroupRow.id)):
        yield row[0], row[1], row[2]


def _shown(session: Session) -> Schedule:
    settings, last = settings_of(session), last_round(session)
    return Schedule(
        **settings.model_dump(), next_run_at=next_run(settings), last_run_at=last.created_at if last else None
    )


def next_run(settings: ScheduleSettings) -> datetime | None:
    """The next moment of a run."""
    zone = ZoneInfo(settings.timezone)
    now, clock = datetime.now(zone), time.fromisoformat(settings.time)
    for ahead in range(AHEAD if settings.enabled else 0):
        day = now.date() + timedelta(days=ahead)
        moment = datetime.combine(day, clock, zone)
        if day.weekday() in settings.weekdays and day not in settings.holidays and moment > now:
            return moment.astimezone(UTC)
    return None


def add_to(routes: APIRouter) -> None:
    routes.get("/coffee/schedule")(get_schedule)
    routes.put("/coffee/schedule", dependencies=REPEATS)(replace_schedule)
    routes.get("/coffee/candidates")(list_candidates)
    routes.get("/coffee/history")(get_history)
