"""What the broadcast flows share: rows of the CRM, times that have come, and the job."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.broadcasts import sending
from keyboards.callbacks import Go
from sandbox.crm.groups.broadcasts.tables import Broadcast, Delivery
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support.errands import sent_out
from tests.support.stage import until


def rows(stage: Stage) -> list[dict[str, Any]]:
    return stage.crm.rows(Broadcast)


def row(stage: Stage, record_id: int) -> dict[str, Any]:
    return next(one for one in rows(stage) if one["id"] == record_id)


def deliveries(stage: Stage, record_id: int) -> list[str]:
    """The Telegram ids that one message each was made for."""
    return [one["telegram_user_id"] for one in stage.crm.rows(Delivery) if one["broadcast_id"] == record_id]


def made(stage: Stage, login: str = "administrator", **values: Any) -> int:
    """The id of a new broadcast of that admin."""
    with stage.crm.room.db.session() as session:
        one = Broadcast(
            **{"title": "Works", "message": "<b>Hi</b>", "created_by": stage.crm.admin_id(login)} | values
        )
        session.add(one)
        session.flush()
        return one.id


def scheduled(stage: Stage, login: str = "administrator", *, ago: timedelta, **values: Any) -> int:
    """The id of one whose time came that long ago."""
    when = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - ago
    return made(stage, login, status="scheduled", scheduled_at=when, **values)


async def minute(stage: Stage) -> None:
    """The job has run to its end once more."""
    before = len(looks(stage))
    await sent_out(stage.redis_url, sending.JOB)
    await until(lambda: len(looks(stage)) > before)
    known = -1
    while known != len(stage.crm.requests):
        known = len(stage.crm.requests)
        await asyncio.sleep(0.15)


def looks(stage: Stage) -> list[Any]:
    """The times that the job asked for what is scheduled."""
    return [
        one
        for one in stage.crm.requests
        if one.path == "/api/v1/broadcasts/" and one.query.get("page_size") == "100" and one.status
    ]


def sends(stage: Stage, record_id: int) -> int:
    """How often the backend was told to send it."""
    return len([one for one in stage.crm.requests if one.path == f"/api/v1/broadcasts/{record_id}/send"])


async def card(stage: Stage, record_id: int, login: str = "administrator", **who: Any) -> Hand:
    hand = await stage.hand(login, **who)
    return await hand.open(record_id, "bc")


def drawn(hand: Hand) -> set[str]:
    """Op and argument of every button: ``dd:sd``."""
    found = (Go.unpack(button.get("callback_data")) for line in hand.screen.keyboard for button in line)
    return {f"{go.op}:{go.arg}" if go.arg else go.op for go in found if go is not None}
