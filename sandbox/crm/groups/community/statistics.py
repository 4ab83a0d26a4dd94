"""community: how many members there are, how they register, and where they stop."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from fastapi import APIRouter
from sqlalchemy import select

from sandbox.crm.groups.community.members import living
from sandbox.crm.groups.community.rights import Reader
from sandbox.crm.groups.community.shapes import Day, FunnelStep, Statistics
from sandbox.crm.groups.community.tables import STEPS, MemberRow
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now

Period = Literal["7d", "30d", "90d", "365d"]


async def get_member_stats(_admin: Reader, room: RoomDep, period: Period = "30d") -> Statistics:
    """`registrations` has every day (UTC) of the period, `funnel` those who began in it."""
    now, days = utc_now(), int(period[:-1])
    since = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with room.db.session() as session:
        members = list(session.scalars(living()))
        # An erased member still counts as somebody who once registered.
        everybody = list(session.scalars(select(MemberRow)))
    return Statistics(
        by_status=_counted(row.status for row in members),
        by_segment=_counted(row.segment for row in members),
        by_level=_counted(row.level for row in members),
        by_city=_counted(row.city for row in members),
        registrations=_days(everybody, since, days),
        funnel=_funnel([row for row in everybody if row.created_at >= since]),
    )


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(value or "" for value in values).most_common())


def _days(rows: Sequence[MemberRow], since: datetime, days: int) -> list[Day]:
    started = Counter(row.created_at.date() for row in rows)
    submitted = Counter(row.submitted_at.date() for row in rows if row.submitted_at)
    approved = Counter(
        row.decided_at.date()
        for row in rows
        if row.decided_at and "approved" in (row.status, row.status_before)
    )
    dates = [since.date() + timedelta(days=number) for number in range(days)]
    return [
        Day(date=one, started=started[one], submitted=submitted[one], approved=approved[one]) for one in dates
    ]


def _funnel(rows: Sequence[MemberRow]) -> list[FunnelStep]:
    """The steps in the order in which they are taken; those that the demo does not know behind the others."""
    taken = [sorted((datetime.fromisoformat(at), step) for step, at in row.steps.items()) for row in rows]
    known = {step for steps in taken for _, step in steps}
    order = [step for step in STEPS if step in known] + sorted(known - set(STEPS))
    return [_step(step, taken) for step in order]


def _step(step: str, taken: Sequence[Sequence[tuple[datetime, str]]]) -> FunnelStep:
    seconds, reached = [], 0
    for steps in taken:
        place = next((number for number, (_, name) in enumerate(steps) if name == step), None)
        if place is None:
            continue
        reached += 1
        if place + 1 < len(steps):
            seconds.append((steps[place + 1][0] - steps[place][0]).total_seconds())
    # Whoever submitted has left nothing.
    left = 0 if step == "submitted" else reached - len(seconds)
    return FunnelStep(
        step=step, reached=reached, left=left, median_seconds=median(seconds) if seconds else None
    )


def add_to(routes: APIRouter) -> None:
    routes.get("/members/stats")(get_member_stats)
