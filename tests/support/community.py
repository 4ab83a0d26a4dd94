"""Members of the sandbox with chats of their own, and matches of them, made behind the bot's back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import update

from handlers.community.telling.running import JOB
from sandbox.crm import CrmServer
from sandbox.crm.groups.community.tables import FeedbackRow, GroupRow, MemberRow, PairRow, RoundRow
from sandbox.telegram import Person, TelegramServer
from services.tellings import Standing, Telling, Tellings
from tests.support.errands import sent_out

FIRST_CHAT = 880_000


def members(crm: CrmServer, count: int) -> list[int]:
    """Ids of approved members with a name who are in no pair."""
    paired = {row[side] for row in crm.rows(PairRow) for side in ("mentor_id", "mentee_id")}
    found = [
        row["id"]
        for row in crm.rows(MemberRow)
        if row["status"] == "approved" and row["full_name"] and row["id"] not in paired
    ]
    return found[:count]


def change(crm: CrmServer, member_id: int, **columns: Any) -> None:
    """Gives a member these values."""
    with crm.room.db.session() as session:
        session.execute(update(MemberRow).where(MemberRow.id == member_id).values(**columns))


def name_of(crm: CrmServer, member_id: int) -> str:
    return next(str(row["full_name"]) for row in crm.rows(MemberRow) if row["id"] == member_id)


def with_chat(crm: CrmServer, telegram: TelegramServer, member_id: int, **columns: Any) -> Person:
    """The member as a person whose chat with the bot is open, who wants to be told there, in English."""
    person = telegram.person(f"M{member_id}", user_id=FIRST_CHAT + member_id, language_code="en")
    person.chat.started = True
    wanted = {
        "telegram_user_id": str(person.id),
        "channel": "telegram",
        "language": "en",
        "notify_matches": True,
    }
    change(crm, member_id, **wanted | columns)
    return person


def coffee_round(crm: CrmServer, *groups: list[int], on: date | None = None, told: bool = False) -> int:
    """The id of a round of these groups, planned for that day, today unless given."""
    day = on or datetime.now(UTC).date()
    at = datetime.now(UTC).replace(tzinfo=None) - (datetime.now(UTC).date() - day)
    with crm.room.db.session() as session:
        row = RoundRow(
            seed=1, planned_for=day, skipped=[], created_by=crm.admin_id("administrator"), created_at=at,
            status="notified" if told else "committed",
        )  # fmt: skip
        session.add(row)
        session.flush()
        when = at + timedelta(minutes=1) if told else None
        session.add_all([GroupRow(round_id=row.id, member_ids=group, notified_at=when) for group in groups])
        return int(row.id)


def groups_of(crm: CrmServer, round_id: int) -> list[dict[str, Any]]:
    return [row for row in crm.rows(GroupRow) if row["round_id"] == round_id]


def feedback_of(crm: CrmServer, group_id: int) -> list[dict[str, Any]]:
    return [row for row in crm.rows(FeedbackRow) if row["group_id"] == group_id]


def received(people: list[Person], part: str) -> Counter[int]:
    """How many messages with that text each of these people has, by Telegram id."""
    return Counter({person.id: sum(part in one.text for one in person.bot_messages) for person in people})


async def ordered(
    redis_url: str, kind: str, record_id: int, by: int = 0, admin_id: int = 0, reports: tuple[int, ...] = ()
) -> None:
    """That telling, as ``order`` has it, done by whichever bot takes it."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        telling = Telling(
            kind, record_id, by, admin_id, "en", "Asia/Almaty", datetime.now(UTC).timestamp(), reports
        )
        await Tellings(client).begin(telling)
    await sent_out(redis_url, JOB, kind=kind, record_id=record_id)


async def standing(redis_url: str, kind: str, record_id: int) -> Standing:
    """How that telling stands."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        found = await Tellings(client).standing(kind, record_id)
    assert found is not None
    return found


async def over(redis_url: str, kind: str, record_id: int, within: float = 30.0) -> Standing:
    """How it stands once it no longer goes on."""

    limit = time.monotonic() + within
    while (found := await standing(redis_url, kind, record_id)).state in ("waiting", "running"):
        assert time.monotonic() < limit, found
        await asyncio.sleep(0.05)
    return found
