"""400 demo members in every state, 60 mentors, 90 mentees, and a year of coffee rounds."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.crm.groups import event_texts
from sandbox.crm.groups.community import texts
from sandbox.crm.groups.community.tables import (
    STEPS,
    BarRow,
    FeedbackRow,
    GroupRow,
    MemberRow,
    PairRow,
    RoundRow,
    ScheduleRow,
)
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import SeedContext

HOW_MANY = 400
MENTORS, MENTEES, ACTIVE, ENDED, BARS = 60, 90, 48, 24, 12
WEEKS = 52
TOLD_OF_WEEKS = 10
"""Rounds whose members were asked how it was."""
ROLLED_BACK = 9
"""The round that was taken back, counted from the newest."""
# Of every twenty, in this order.
STATES = (
    "approved", "approved", "pending", "approved", "approved", "incomplete", "approved", "approved", "approved",
    "rejected", "approved", "approved", "approved", "pending", "approved", "approved", "approved", "blocked",
    "approved", "approved",
)  # fmt: skip
LANGUAGES = ("kk", "ru", "kk", "ru", "en")
CHANNELS = ("telegram", "telegram", "both", "email", "telegram", "none", "telegram")


def seed_community(context: SeedContext) -> None:
    """A source of randomness of its own: what other groups draw stays the same with and without this one."""
    source = random.Random(1986)
    members = [_member(context, source, number) for number in range(1, HOW_MANY + 1)]
    _twins(members)
    approved = [row for row in members if row["status"] == "approved"]
    _roles(source, approved)
    store(context, MemberRow, members)
    _pairs(context, source, approved)
    drinkers = [row["id"] for row in approved if row["coffee_enabled"]]
    monthly = {row["id"] for row in approved if row["coffee_frequency"] == "monthly"}
    _coffee(context, source, drinkers, monthly)


def _member(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    """The lower the number, the longer ago."""
    status = STATES[number % len(STATES)]
    created = context.now - timedelta(
        days=5, hours=21 * (HOW_MANY - number) + source.randrange(20), minutes=number % 60
    )
    if status == "pending":
        # What waits is never a year old.
        created = context.now - timedelta(hours=3 * (HOW_MANY - number) // 10 + 1, minutes=number % 60)
    taken = STEPS[: 2 + number % 5] if status == "incomplete" else STEPS
    steps = _steps(source, created, taken, pauses=status != "pending")
    submitted = datetime.fromisoformat(steps["submitted"]) if "submitted" in steps else None
    decided = (
        submitted + timedelta(hours=source.randrange(1, 40)) if submitted and status != "pending" else None
    )
    name = f"{source.choice(event_texts.FIRST_NAMES)} {source.choice(event_texts.LAST_NAMES)}"
    reached = len(steps)
    return {
        "id": number,
        "telegram_user_id": None if number % 11 == 4 else f"79{number:08d}",
        "full_name": texts.AWKWARD[number // 90] if number % 90 == 50 else name if reached > 1 else "",
        "email": None if number % 3 == 0 else f"member{number}@example.com",
        "nickname": f"nick_{number}" if number % 4 == 1 else None,
        "segment": _one(source, texts.SEGMENTS, reached > 3),
        "level": _one(source, texts.LEVELS, reached > 3),
        "affiliation": _one(source, texts.AFFILIATIONS, reached > 3),
        "about": texts.ABOUTS[number % len(texts.ABOUTS)] if reached > 5 else None,
        "city": _one(source, texts.CITIES, reached > 4),
        "language": LANGUAGES[number % len(LANGUAGES)],
        "status": status,
        "status_before": "approved" if status == "blocked" else None,
        "reject_reason": _reason(status, number),
        "registration_step": list(steps)[-1],
        "consent_version": "2026-01" if number > 100 else "2025-06",
        "coffee_enabled": number % 5 not in (0, 3) and reached > 6,
        "coffee_frequency": "monthly" if number % 4 == 2 else "weekly",
        "coffee_paused_until": _paused(context, number),
        "mentorship_role": "none",
        "mentorship_topics": [],
        "mentorship_capacity": 0,
        "mentorship_languages": [],
        "mentorship_since": None,
        "socials_enabled": number % 3 == 1,
        "channel": CHANNELS[number % len(CHANNELS)],
        "notify_announcements": number % 6 != 0,
        "notify_events": number % 5 != 0,
        "notify_matches": True,
        "steps": steps,
        "created_at": created,
        "submitted_at": submitted,
        "decided_at": decided,
        "decided_by": context.admin_ids[("administrator", "super_admin", "administrator2")[number % 3]]
        if decided
        else None,
        "erased_at": None,
        "version": 1 + number % 3,
    }


def _steps(source: random.Random, created: datetime, taken: Sequence[str], *, pauses: bool) -> dict[str, str]:
    """When each step was reached: a minute or two apart, now and then a day."""
    at, found = created, {}
    for step in taken:
        found[step] = at.isoformat()
        long = source.random() < 0.03 and pauses
        at += timedelta(seconds=86_400 if long else source.randrange(15, 150))
    return found


def _one(source: random.Random, values: Sequence[str | None], asked: bool) -> str | None:
    chosen = source.choice(values)
    return chosen if asked else None


def _reason(status: str, number: int) -> str | None:
    reasons = {"rejected": texts.REJECTIONS, "blocked": texts.BLOCKS}.get(status)
    return reasons[number // 20 % len(reasons)] if reasons else None


def _paused(context: SeedContext, number: int) -> date | None:
    return (context.now + timedelta(days=number % 40 - 10)).date() if number % 17 == 6 else None


def _twins(members: list[dict[str, Any]]) -> None:
    """Newcomers who wait and are already there: by name, every second one by address as well."""
    waiting = [row for row in reversed(members) if row["status"] == "pending"]
    known = [row for row in members if row["status"] == "approved"]
    for number, (name, again) in enumerate(texts.TWINS):
        first, second = known[40 * number + 7], waiting[2 * number]
        first["full_name"], second["full_name"] = name, again
        if number % 2 == 0:
            first["email"] = second["email"] = f"twin{number}@example.com"


def _roles(source: random.Random, approved: list[dict[str, Any]]) -> None:
    chosen = source.sample(approved, MENTORS + MENTEES)
    for number, row in enumerate(chosen):
        row["mentorship_role"] = "mentor" if number < MENTORS else "mentee"
        row["mentorship_topics"] = source.sample(texts.TOPICS, 1 + number % 4)
        row["mentorship_capacity"] = 1 + number % 4 if number < MENTORS else 0
        row["mentorship_languages"] = sorted({row["language"], ("kk", "ru", "en")[number % 3]})
        row["mentorship_since"] = row["decided_at"]


def _pairs(context: SeedContext, source: random.Random, approved: list[dict[str, Any]]) -> None:
    mentors = [row for row in approved if row["mentorship_role"] == "mentor"]
    mentees = [row for row in approved if row["mentorship_role"] == "mentee"]
    room = {row["id"]: row["mentorship_capacity"] for row in mentors}
    rows = []
    for number, mentee in enumerate(source.sample(mentees, ACTIVE + ENDED)):
        active = number < ACTIVE
        free = [one for one in mentors if room[one["id"]] > 0 or not active]
        mentor = free[number * 7 % len(free)]
        room[mentor["id"]] -= active
        created = context.now - timedelta(days=3 + 4 * number, hours=number % 9)
        ended = None if active else created + timedelta(days=2, hours=number)
        rows.append(
            {
                "mentor_id": mentor["id"],
                "mentee_id": mentee["id"],
                "status": "active" if active else "ended",
                "note": texts.NOTES[number % len(texts.NOTES)],
                "created_at": created,
                "created_by": context.admin_ids["administrator"],
                "ended_at": ended,
                "end_reason": None if active else texts.ENDINGS[number % len(texts.ENDINGS)],
                "notified_at": None if number % 8 == 5 else created + timedelta(minutes=2),
            }
        )
    store(context, PairRow, rows)
    barred = source.sample([row["id"] for row in approved], 2 * BARS)
    store(context, BarRow, [
        {
            "a_id": min(pair), "b_id": max(pair), "reason": texts.BARRINGS[number % len(texts.BARRINGS)],
            "created_at": context.now - timedelta(days=9 * number),
            "created_by": context.admin_ids["super_admin"],
        }
        for number, pair in enumerate(zip(barred[:BARS], barred[BARS:], strict=True))
    ])  # fmt: skip


def _coffee(context: SeedContext, source: random.Random, drinkers: list[int], monthly: set[int]) -> None:
    """A round each Monday up to the one before the last: everybody is due again whatever day it is."""
    monday = context.now.replace(hour=5) - timedelta(days=context.now.weekday() + 7)
    settings = {
        "enabled": True, "weekdays": [0], "time": "10:00", "timezone": "Asia/Almaty", "lookback_weeks": 8,
        "odd_policy": "trio", "holidays": list(_holidays(context.now.year)), "cooldown_minutes": 60,
    }  # fmt: skip
    store(context, ScheduleRow, [{"id": 1, "settings": settings}])
    rounds: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    feedback: list[dict[str, Any]] = []
    month: dict[int, tuple[int, int]] = {}
    for week in range(WEEKS, 0, -1):
        at = monday - timedelta(weeks=week - 1)
        due = [
            one
            for number, one in enumerate(drinkers)
            if (number + 3) * 2 > week and (one not in monthly or month.get(one) != (at.year, at.month))
        ]
        back = week == ROLLED_BACK
        if not back:
            month.update((one, (at.year, at.month)) for one in due if one in monthly)
        source.shuffle(due)
        skipped = [due.pop()] if len(due) % 2 and week % 3 == 0 else []
        rounds.append(
            {
                "id": len(rounds) + 1, "seed": source.randrange(2**31), "planned_for": at.date(), "skipped": skipped,
                "status": "rolled_back" if back else "notified", "rollback_reason": "Ошибка в данных" if back else None,
                "created_at": at, "created_by": context.admin_ids["administrator"],
            }
        )  # fmt: skip
        for members in _split(due):
            told = None if back else at + timedelta(minutes=3)
            groups.append(
                {
                    "id": len(groups) + 1, "round_id": len(rounds), "member_ids": members, "notified_at": told,
                    "channel": "telegram" if told else None,
                }
            )  # fmt: skip
            if week <= TOLD_OF_WEEKS and not back:
                feedback += _feedback(source, len(groups), members, at)
    for table, rows in ((RoundRow, rounds), (GroupRow, groups), (FeedbackRow, feedback)):
        store(context, table, rows)


def _split(members: list[int]) -> Iterator[list[int]]:
    """Twos, the last one a trio when somebody is left over."""
    pairs = [members[number : number + 2] for number in range(0, len(members), 2)]
    if len(pairs) > 1 and len(pairs[-1]) == 1:
        left = pairs.pop()
        pairs[-1] += left
    yield from (pair for pair in pairs if len(pair) > 1)


def _feedback(
    source: random.Random, group_id: int, members: list[int], at: datetime
) -> Iterator[dict[str, Any]]:
    met = source.random() < 0.8
    for member_id in members:
        if source.random() < 0.45:
            yield {
                "group_id": group_id, "member_id": member_id, "met": met,
                "rating": source.choice((3, 4, 4, 5, 5, 5)) if met else None,
                "note": source.choice(texts.SAID) if met else None,
                "created_at": at + timedelta(days=2, hours=source.randrange(60)),
            }  # fmt: skip


def _holidays(year: int) -> Iterator[str]:
    """Public holidays of this year and the next."""
    for one in (year, year + 1):
        for day in ("01-01", "01-02", "03-08", "03-21", "03-22", "03-23", "05-01", "05-07", "05-09", "12-16"):
            yield f"{one}-{day}"
