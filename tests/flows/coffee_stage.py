"""What the coffee flows share: rows of the CRM, the way to a preview, a round that is due, and the job."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import redis as redis_sync
from sqlalchemy import update

from handlers.community.coffee import scheduled
from keyboards.callbacks import Go, Press, from_base36
from sandbox.crm.groups.community.tables import GroupRow, MemberRow, RoundRow, ScheduleRow
from services.audit import Audit, AuditEntry
from services.redis_client import open_redis
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support.errands import sent_out
from tests.support.stage import until

READERS = ("government", "administrator", "super_admin")
WRITERS = ("administrator", "super_admin")
STRANGERS = ("npo", "msb", "volunteer_admin", "client")
ROUNDS = "/api/v2/community/coffee/rounds"
ZONE = ZoneInfo("Asia/Almaty")
DUE = timedelta(minutes=3)
LATE = timedelta(hours=2)


def rounds(stage: Stage) -> list[dict[str, Any]]:
    """The rounds, newest last."""
    return sorted(stage.crm.rows(RoundRow), key=lambda row: row["id"])


def groups(stage: Stage, round_id: int) -> list[list[int]]:
    return [sorted(row["member_ids"]) for row in stage.crm.rows(GroupRow) if row["round_id"] == round_id]


def name_of(stage: Stage, member_id: int) -> str:
    return next(str(row["full_name"]) for row in stage.crm.rows(MemberRow) if row["id"] == member_id)


def settings(stage: Stage) -> dict[str, Any]:
    return dict(stage.crm.rows(ScheduleRow)[0]["settings"])


def set_schedule(stage: Stage, **values: Any) -> None:
    with stage.crm.room.db.session() as session:
        session.execute(update(ScheduleRow).values(settings=settings(stage) | values))


def commits(stage: Stage) -> list[Any]:
    return [one for one in stage.writes() if one.path == ROUNDS]


def written(stage: Stage) -> list[str]:
    return [f"{one.method} {one.path}" for one in stage.writes() if "/community/" in one.path]


async def opened(hand: Hand) -> Hand:
    """Before the list of rounds."""
    return await (await hand.say("/menu")).tap("module.community", "coffee_rounds.title")


async def prepared(stage: Stage, login: str = "administrator", **who: Any) -> Hand:
    """Before the preview of a round for today."""
    hand = await opened(await stage.hand(login, **who))
    await hand.tap("coffee_rounds.action.prepare")
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.commit"))
    return hand


def drawn_groups(hand: Hand) -> list[str]:
    """The buttons of groups on the screen."""
    return [label for label in hand.labels if " · " in label and not label.startswith(("🔁 Rep", "🪑"))]


def heard(hand: Hand, words: str) -> bool:
    """True when a toast said it, or the screen did because the press had been answered already."""
    return words == hand.toast or words in hand.text


async def stored(hand: Hand) -> Hand:
    return await hand.tap("coffee.commit", "coffee.commit_now")


async def audited(stage: Stage, op: str) -> list[AuditEntry]:
    client = open_redis(stage.redis_url)
    found = [one for one in (await Audit(client).page()).entries if one.op == op]
    await client.aclose()
    return found


def bare(label: str) -> str:
    """The names without the marks before them."""
    words = label.split(" ")
    while words[0] in ("🔒", "✋", "👥"):
        words.pop(0)
    if words[0] == "🔁":
        words = words[3:]
    while words[0] in ("👥",):
        words.pop(0)
    return " ".join(words)


async def all_groups(hand: Hand) -> list[str]:
    """The names in each group, over all pages."""
    await hand.say("1")
    found = [bare(label) for label in drawn_groups(hand)]
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        found += [bare(label) for label in drawn_groups(hand)]
    return found


def addresses(hand: Hand) -> list[Go]:
    found = (Go.unpack(button.get("callback_data")) for row in hand.screen.keyboard for button in row)
    return [go for go in found if go is not None]


def version(hand: Hand) -> str:
    """The version that the buttons on the screen were drawn for."""
    return next(
        go.arg.partition("-")[0] for go in addresses(hand) if go.op in (Press.MATCH, Press.MATCH_TURN)
    )


def moving(hand: Hand) -> list[int]:
    """Who can change places on the screen of a group."""
    return [from_base36(go.arg.partition("-k")[2]) for go in addresses(hand) if "-k" in go.arg]


async def members_of(hand: Hand, number: int) -> list[int]:
    """The members of a group on the page, which is shown again afterwards."""
    await hand.tap(drawn_groups(hand)[number])
    found = moving(hand)
    await hand.tap("nav.back")
    return found


def due(stage: Stage, ago: timedelta) -> None:
    """A round was due that long ago, by a schedule that has been like that for long."""
    here = datetime.now(ZONE) - ago
    set_schedule(
        stage,
        enabled=True,
        weekdays=[here.weekday()],
        time=f"{here:%H:%M}",
        timezone="Asia/Almaty",
        holidays=[],
    )


async def minute(stage: Stage) -> None:
    """The job has run to its end once more; the schedule is known since long ago."""
    await sent_out(stage.redis_url, scheduled.JOB)
    known = -1
    for _ in range(3):
        await asyncio.sleep(0.25)
        while known != len(stage.crm.requests):
            known = len(stage.crm.requests)
            await asyncio.sleep(0.3)


async def seen_long_ago(stage: Stage) -> None:
    """The bot has known this schedule for a week."""
    await minute(stage)
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        assert client.exists("coffee:seen")
        client.hset("coffee:seen", "since", "1")


def forget(stage: Stage, pattern: str) -> None:
    """The keys of that pattern have run out."""
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        found = client.keys(pattern)
        assert found
        client.delete(*found)
