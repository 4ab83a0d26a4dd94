"""Asking how the coffee was, once, some days after it: those of whom nobody has said anything."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from api.errors import BackendError, Forbidden, SessionEnded
from handlers.community.telling.kinds import ASK, is_silent, rounds_of
from handlers.community.telling.ordering import order
from handlers.community.telling.running import NEED
from middlewares.context import App
from models.access import Caller
from models.community import CoffeeRound, RoundStatus
from resources.queries import ListQuery
from services import policy
from services.jobs import Job
from services.policy import Denied

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
    for session in await app.sessions.living():
        if not policy.allows(session.principal, NEED):
            continue
        try:
            fresh = await app.sessions.revalidate(session, time.time(), writing=True, used=False)
            policy.require(fresh.principal, NEED)
            rounds = await _rounds(app, app.sessions.caller(fresh, used=False))
        except (SessionEnded, Forbidden, Denied) as error:
            _log.info("asker_passed_over", reason=type(error).__name__)
            continue
        except BackendError as error:
            _log.warning("rounds_not_read", reason=type(error).__name__)
            return
        for one in rounds:
            if is_due(one, here.date()):
                await order(app, ASK, one.id, 0, 0, app.default_language, str(app.default_zone))
        return


def is_due(round_: CoffeeRound, today: date) -> bool:
    """True when its people had time to meet, not too long ago, and there are groups that said nothing."""
    day = round_.day
    if day is None or round_.status == RoundStatus.ROLLED_BACK or not day + AFTER <= today <= day + FORGOTTEN:
        return False
    return any(map(is_silent, round_.groups))


async def _rounds(app: App, caller: Caller) -> list[CoffeeRound]:
    return list((await rounds_of(app).page(caller, ListQuery(size=LOOKED_AT))).items)
