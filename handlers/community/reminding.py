"""Asking how the coffee was, once, some days after it: those of whom nobody has said anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from api.errors import BackendError
from handlers._engine.behalf import with_one_of
from handlers.community.telling.kinds import ASK, is_silent, rounds_of
from handlers.community.telling.ordering import order
from handlers.community.telling.running import NEED
from middlewares.context import App
from models.access import Caller
from models.community import CoffeeRound, RoundStatus
from resources.queries import ListQuery
from services import policy
from services.jobs import Job

JOB = "ask_about_coffee"
SECONDS = 50.0
CRON: str | None = "17 * * * *"
AFTER = timedelta(days=3)
FORGOTTEN = timedelta(days=10)
"""How long ago a coffee is for nobody to be asked any more: what was before the bot came, or while it was away."""
HOURS = (10, 20)
"""From which hour of the day on, and up to which, a question is welcome, in the bot's zone."""
LOOKED_AT = 20
"""The newest rounds, in which a due one must be."""

_log = structlog.get_logger("coffee")


def job(app: Callable[[], App]) -> Job:
    """The job, for whoever runs jobs."""
    return Job(JOB, lambda: ask_about_due(app()), CRON, SECONDS)


async def ask_about_due(app: App, now: datetime | None = None) -> None:
    """Has members asked about the rounds that are due. Without anybody signed in who may, nothing happens."""
    here = (now or datetime.now(UTC)).astimezone(app.default_zone)
    if not app.feedback.is_open or not HOURS[0] <= here.hour < HOURS[1]:
        return
    able = [one for one in await app.sessions.living() if policy.allows(one.principal, NEED)]
    try:
        rounds = await with_one_of(app, able, NEED, lambda caller, _: _rounds(app, caller))
    except BackendError as error:
        _log.warning("rounds_not_read", reason=type(error).__name__)
        return
    for one in rounds or ():
        if is_due(one, here.date()):
            await order(app, ASK, one.id, 0, 0, app.default_language, str(app.default_zone))


def is_due(round_: CoffeeRound, today: date) -> bool:
    """True when its people had time to meet, not too long ago, and there are groups that said nothing."""
    day = round_.day
    if day is None or round_.status == RoundStatus.ROLLED_BACK or not day + AFTER <= today <= day + FORGOTTEN:
        return False
    return any(map(is_silent, round_.groups))


async def _rounds(app: App, caller: Caller) -> list[CoffeeRound]:
    return list((await rounds_of(app).page(caller, ListQuery(size=LOOKED_AT))).items)
