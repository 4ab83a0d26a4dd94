"""Rounds that run by themselves: when one is due, it is matched, stored, told and reported; once, whoever does it.

A job looks every minute, with the session of an admin who may. What is more than an hour late, or refused, is not
run: those who asked for reports are told, and prepare it by hand.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar

import structlog

from api.context import request_id, within
from api.errors import BackendError, Conflict, Forbidden, Refused, SessionEnded, UnknownOutcome
from handlers.community.coffee.committing import key_of, numbers, stored
from handlers.community.coffee.reports import open_round, report
from handlers.community.coffee.shown import CODE, plans_source, rounds_of, rounds_source
from handlers.community.coffee.solving import FEWEST, GATHERED_WITHIN, NEED, SEEDS, gathered
from handlers.community.coffee.telling import order_telling
from keyboards.buttons import PRIMARY, Button, navigation
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from middlewares.context import App
from models.access import Caller, Principal
from models.community import CoffeeRound, CoffeeSchedule, RoundStatus
from services import policy
from services.audit import AuditEntry
from services.children import ChildFailed
from services.coffee_times import GRACE, Due, latest_due, today
from services.jobs import EVERY_MINUTE, Job
from services.matching import task as matching
from services.matching.apart import arranged
from services.matching.arrangement import Arrangement
from services.policy import Denied
from services.sessions import Session
from utils.html import bold, lines
from views.coffee import PREPARE
from views.coffee_words import summary
from views.screen import Screen

R = TypeVar("R")

JOB = "coffee_rounds"
SECONDS = 150.0
CRON: str | None = EVERY_MINUTE
CLAIMED = 180
"""Seconds for which one who runs keeps all others from it; longer than the job may take."""
RECENT = 3
NOTICED = 60.0
"""Seconds until a change of the schedule is seen: what was due in between was due."""
DONE, ASKED, FEW = "done", "asked", "few"

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
    schedule = await _with_one_of(app, able, lambda caller, _: plans_source(app).schedule(caller))
    if schedule is None:
        return
    now = utcnow()
    due = latest_due(schedule, now)
    since = await app.coffee_runs.since(_fingerprint(schedule), now.timestamp())
    if due is None or due.at.timestamp() < since - NOTICED or await _is_over(app, due, schedule):
        return
    if now - due.at > GRACE:
        await _ask(app, due, "coffee.late")
        return
    scope = f"coffee_run:{int(due.at.timestamp())}"
    if await app.once.claim(scope, CLAIMED):
        await _claimed(app, due, able, scope)


async def _claimed(app: App, due: Due, able: Sequence[Session], scope: str) -> None:
    """Runs it, and gives it back where it surely was not done and another try may do it."""

    async def run(caller: Caller, session: Session) -> bool:
        return await _run(app, due, caller, session)

    try:
        if await _with_one_of(app, able, run) is None:
            await app.once.release(scope)
    except UnknownOutcome:
        # It may still be on its way to the backend: the claim runs out first, then it is looked at anew.
        _log.warning("outcome_unknown", due=due.at.isoformat())
    except Conflict as error:
        _log.warning("round_refused", due=due.at.isoformat(), reason=error.detail)
        await _ask(app, due, "coffee.run_refused")
    except Refused as error:
        _log.warning("round_refused", due=due.at.isoformat(), reason=error.detail)
        await _ask(app, due, "coffee.run_refused")
    except (BackendError, ChildFailed, matching.Refused) as error:
        # Surely not stored: the next minute tries again.
        await app.once.release(scope)
        _log.warning("round_not_run", due=due.at.isoformat(), reason=type(error).__name__)


async def _run(app: App, due: Due, caller: Caller, session: Session) -> bool:
    """True; the round is stored, being told and reported, or there were too few. Raises ``api.errors``."""
    plans, at = plans_source(app), int(due.at.timestamp())
    # Another process may have run it between the look and the claim.
    if await _is_over(app, due, await plans.schedule(caller)):
        return True
    newest = await rounds_source(app).latest(caller, RECENT)
    if any(one.status != RoundStatus.ROLLED_BACK and one.planned_for == due.day for one in newest):
        # Somebody prepared this very day by hand.
        await app.coffee_runs.settle(at, DONE)
        return True
    with within(GATHERED_WITHIN):
        task, _ = await gathered(app, caller, due.day, seed_of(due))
    if len(task.candidates) < FEWEST:
        await app.coffee_runs.settle(at, FEW)
        await report(app, f"few:{at}", lambda locale, _: few_screen(due, locale))
        return True
    arrangement = await arranged(task)
    one = await stored(app, caller, arrangement, due.day, key_of(f"run:{due.at.isoformat()}"))
    await app.coffee_runs.settle(at, DONE)
    await _audit(app, session, one, arrangement, due)
    state = await app.preferences.state(session.telegram_user_id)
    telling = await order_telling(app, one.id, session, app.locale(state.reads, state.timezone))
    await report(
        app,
        f"round:{one.id}",
        lambda locale, _: report_screen(app, one, arrangement, locale, telling=telling),
    )
    _log.info("round_run", round=one.id, groups=len(arrangement.groups))
    return True


def seed_of(due: Due) -> int:
    """The same for every try of the same run, so that each comes to the same round."""
    return int.from_bytes(sha256(due.at.isoformat().encode()).digest()[:4], "big") % SEEDS


def _fingerprint(schedule: CoffeeSchedule) -> str:
    """What of the schedule says when."""
    parts = (schedule.enabled, sorted(schedule.weekdays), schedule.time, schedule.timezone)
    return sha256(repr(parts).encode()).hexdigest()[:16]


async def _is_over(app: App, due: Due, schedule: CoffeeSchedule) -> bool:
    """True when nothing is left to do about it: run, asked about, or a round is there that came later."""
    if await app.coffee_runs.settled(int(due.at.timestamp())):
        return True
    return schedule.last_run_at is not None and schedule.last_run_at >= due.at


async def _with_one_of(
    app: App, able: Sequence[Session], run: Callable[[Caller, Session], Awaitable[R]]
) -> R | None:
    """What ``run`` answers with the first session that is still good and still may; None when none is."""
    for session in able:
        try:
            fresh = await app.sessions.revalidate(session, time.time(), writing=True, used=False)
            policy.require(fresh.principal, NEED)
            return await run(app.sessions.caller(fresh, used=False), fresh)
        except (SessionEnded, Forbidden, Denied) as error:
            _log.info("session_passed_over", reason=type(error).__name__)
    return None


async def _audit(app: App, session: Session, one: CoffeeRound, arrangement: Arrangement, due: Due) -> None:
    principal = session.principal
    await app.audit.add(
        AuditEntry(
            at=time.time(), admin_id=principal.admin_id, telegram_user_id=principal.telegram_user_id,
            name=principal.name, role=str(principal.role), op="commit scheduled", resource=rounds_of(app).key,
            record_id=one.id, after=numbers(arrangement, due.day), sid=session.sid,
        )
    )  # fmt: skip


# --- telling those who asked for it -------------------------------------------------------------------------


async def _ask(app: App, due: Due, why: str) -> None:
    """Tells that it was not run, once, with the way to prepare it by hand."""
    at = int(due.at.timestamp())
    await report(app, f"asked:{at}", lambda locale, reader: late_screen(due, why, locale, reader))
    await app.coffee_runs.settle(at, ASKED)


def late_screen(due: Due, why: str, locale: Locale, reader: Principal) -> Screen:
    """That a round was not run, why, and for who may what can be done."""
    may = policy.allows(reader, NEED)
    text = lines(
        bold(f"☕ {locale.t('coffee.not_run')}"),
        locale.html(why, when=locale.moment(due.at)),
        *(("", locale.html("coffee.by_hand")) if may else ()),
    )
    prepare = Go(Press.TOOL, CODE, arg=PREPARE)
    button = Button(f"🎲 {locale.t('coffee_rounds.action.prepare')}", prepare, style=PRIMARY)
    return Screen(text, (*(((button,),) if may else ()), navigation(locale, Go(Press.LIST, CODE))))


def few_screen(due: Due, locale: Locale) -> Screen:
    """That there was nobody to meet."""
    text = lines(
        bold(f"☕ {locale.t('coffee.not_run')}"), locale.html("coffee.run_few", when=locale.moment(due.at))
    )
    return Screen(text, (navigation(locale, Go(Press.LIST, CODE)),))


def report_screen(
    app: App, one: CoffeeRound, arrangement: Arrangement, locale: Locale, *, telling: bool
) -> Screen:
    """The round in numbers, and whether its people are being told."""
    day = locale.day(one.day or today(CoffeeSchedule(), utcnow()))
    text = lines(
        bold(f"☕ {locale.t('coffee.ran', day=day)}"),
        *summary(arrangement, locale),
        "",
        locale.html("coffee.telling" if telling else "coffee.not_telling"),
    )
    return Screen(text, (open_round(app, one.id, locale), navigation(locale)))
