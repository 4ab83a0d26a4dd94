"""Rounds that run by themselves: when one is due, it is matched, stored, told and reported; once, whoever does it.

A job looks every minute, with the session of an admin who may. What is more than an hour late, or refused, is not
run: those who asked for reports are told, and prepare it by hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256

import structlog

from api.context import request_id
from api.errors import BackendError, Refused, UnknownOutcome
from handlers._engine.behalf import with_one_of
from handlers.community.coffee.running import ask, carry_out, is_past
from handlers.community.coffee.shown import plans_source, rounds_of
from handlers.community.coffee.solving import NEED
from middlewares.context import App
from models.access import Caller
from models.community import CoffeeSchedule
from services.children import ChildFailed
from services.coffee_times import GRACE, Due, latest_due
from services.jobs import EVERY_MINUTE, Job
from services.matching import task as matching
from services.sessions import Session
from views.coffee import PREPARE

JOB = "coffee_rounds"
SECONDS = 150.0
CRON: str | None = EVERY_MINUTE
CLAIMED = 180
"""Seconds for which one who runs keeps all others from it; longer than the job may take."""
NOTICED = 60.0
"""Seconds until a change of the schedule is seen: what was due in between was due."""

_log = structlog.get_logger("coffee")


def utcnow() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def job(app: Callable[[], App]) -> Job:
    """The job, for whoever runs jobs."""
    return Job(JOB, lambda: run_due(app()), CRON, SECONDS)


async def run_due(app: App) -> None:
    """Runs what is due, tells of what is late. Without anybody signed in who may, nothing happens."""
    resource = rounds_of(app)
    tool = next(one for one in resource.tools if one.code == PREPARE)
    able = [one for one in await app.sessions.living() if app.records.may_run(one.principal, resource, tool)]
    if not able:
        return
    request_id.set(f"coffee-{secrets.token_hex(4)}")
    # The same one first each time: the backend knows a repeated write by who sends it.
    able.sort(key=lambda one: (one.admin_id, one.telegram_user_id))
    schedule = await with_one_of(app, able, NEED, lambda caller, _: plans_source(app).schedule(caller))
    if schedule is None:
        return
    now = utcnow()
    due = latest_due(schedule, now)
    since = await app.coffee_runs.since(_fingerprint(schedule), now.timestamp())
    if due is None or due.at.timestamp() < since - NOTICED:
        return
    run = await app.coffee_runs.run(int(due.at.timestamp()))
    if run.is_over or (not run.how and is_past(schedule, due)):
        return
    if now - due.at > GRACE and not run.how:
        await ask(app, due, "coffee.late")
        return
    scope = f"coffee_run:{int(due.at.timestamp())}"
    if await app.once.claim(scope, CLAIMED):
        await _claimed(app, due, able, scope)


async def _claimed(app: App, due: Due, able: Sequence[Session], scope: str) -> None:
    """Runs it, and gives it back where it surely was not done and another try may do it."""

    async def carry(caller: Caller, session: Session) -> bool:
        return await carry_out(app, due, caller, session, late=utcnow() - due.at > GRACE)

    try:
        if await with_one_of(app, able, NEED, carry) is None:
            await app.once.release(scope)
    except UnknownOutcome:
        # It may still be on its way to the backend: the claim runs out first, then it is looked at anew.
        _log.warning("outcome_unknown", due=due.at.isoformat())
    except Refused as error:
        _log.warning("round_refused", due=due.at.isoformat(), reason=error.detail)
        await ask(app, due, "coffee.run_refused")
    except (BackendError, ChildFailed, matching.Refused) as error:
        # Surely not stored: the next minute tries again.
        await app.once.release(scope)
        _log.warning("round_not_run", due=due.at.isoformat(), reason=type(error).__name__)


def _fingerprint(schedule: CoffeeSchedule) -> str:
    """What of the schedule says when."""
    parts = (schedule.enabled, sorted(schedule.weekdays), schedule.time, schedule.timezone)
    return sha256(repr(parts).encode()).hexdigest()[:16]
