"""One round that was due: matched, stored, its people told, and reported; taken up where a dead worker left it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import structlog

from api.context import within
from handlers.community.coffee.committing import key_of, stored
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
from services.coffee_runs import ASKED, BEGUN, DONE, FEW
from services.coffee_times import Due
from services.matching.apart import arranged
from services.sessions import Session
from utils.html import bold, lines
from views.coffee import PREPARE
from views.coffee_words import numbers, summary
from views.screen import Screen

RECENT = 5
"""Rounds among which that of a run is looked for."""

_log = structlog.get_logger("coffee")


def is_past(schedule: CoffeeSchedule, due: Due) -> bool:
    """True when a round was stored since: this one is not due any more."""
    return schedule.last_run_at is not None and schedule.last_run_at >= due.at


async def carry_out(app: App, due: Due, caller: Caller, session: Session, *, late: bool) -> bool:
    """True: nothing is left to do about it. ``late``: only what was begun is brought to its end. Raises
    ``api.errors``, ``ChildFailed`` and ``RedisError``: then it is taken up again."""
    runs, at = app.coffee_runs, int(due.at.timestamp())
    # Another process may have run it between the look and the claim.
    run = await runs.run(at)
    if run.is_over:
        return True
    newest = await rounds_source(app).latest(caller, RECENT)
    begun = (one for one in newest if one.seed == seed_of(due) and one.planned_for == due.day)
    if run.how == BEGUN and (one := next(begun, None)) is not None:
        if one.status != RoundStatus.ROLLED_BACK:
            await _follow(app, due, one, run.numbers, session)
        await runs.note(at, DONE)
        return True
    by_hand = any(one.status != RoundStatus.ROLLED_BACK and one.planned_for == due.day for one in newest)
    if by_hand or is_past(await plans_source(app).schedule(caller), due):
        await runs.note(at, DONE)
        return True
    if late:
        await ask(app, due, "coffee.late")
        return True
    await _begin(app, due, caller, session)
    return True


async def _begin(app: App, due: Due, caller: Caller, session: Session) -> None:
    """Matches and stores it; what follows is told of a round that is there."""
    runs, at = app.coffee_runs, int(due.at.timestamp())
    with within(GATHERED_WITHIN):
        task, _ = await gathered(app, caller, due.day, seed_of(due))
    if len(task.candidates) < FEWEST:
        await report(app, f"few:{at}", lambda locale, _: few_screen(due, locale))
        await runs.note(at, FEW)
        return
    arrangement = await arranged(task)
    found = numbers(arrangement)
    await runs.note(at, BEGUN, found)
    one = await stored(app, caller, arrangement, due.day, key_of(f"run:{due.at.isoformat()}"))
    await _follow(app, due, one, found, session)
    await runs.note(at, DONE)


async def _follow(app: App, due: Due, one: CoffeeRound, found: Mapping[str, Any], session: Session) -> None:
    """Noted, told and reported; each of it once, however often it is done."""
    if await app.coffee_runs.tell_once(f"audit:{one.id}", 0):
        await _audit(app, session, one, {"planned_for": due.day.isoformat(), **found})
    state = await app.preferences.state(session.telegram_user_id)
    telling = await order_telling(app, one.id, session, app.locale(state.reads, state.timezone))

    def screen(locale: Locale, _: Principal) -> Screen:
        return report_screen(app, one, found, locale, telling=telling)

    await report(app, f"round:{one.id}", screen)
    _log.info("round_run", round=one.id, groups=len(one.groups))


def seed_of(due: Due) -> int:
    """The same for every try of the same run, so that each comes to the same round, and finds it again."""
    return int.from_bytes(sha256(due.at.isoformat().encode()).digest()[:4], "big") % SEEDS


async def _audit(app: App, session: Session, one: CoffeeRound, after: Mapping[str, Any]) -> None:
    principal = session.principal
    await app.audit.add(
        AuditEntry(
            at=time.time(), admin_id=principal.admin_id, telegram_user_id=principal.telegram_user_id,
            name=principal.name, role=str(principal.role), op="commit scheduled", resource=rounds_of(app).key,
            record_id=one.id, after=after, sid=session.sid,
        )
    )  # fmt: skip


# --- telling those who asked for it -------------------------------------------------------------------------


async def ask(app: App, due: Due, why: str) -> None:
    """Tells that it was not run, once, with the way to prepare it by hand."""
    at = int(due.at.timestamp())
    await report(app, f"asked:{at}", lambda locale, reader: late_screen(due, why, locale, reader))
    await app.coffee_runs.note(at, ASKED)


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
    app: App, one: CoffeeRound, found: Mapping[str, Any], locale: Locale, *, telling: bool
) -> Screen:
    """The round in numbers, and whether its people are being told."""
    text = lines(
        bold(f"☕ {locale.t('coffee.ran', day=locale.day(one.day) if one.day else f'#{one.id}')}"),
        *summary(found, locale),
        "",
        locale.html("coffee.telling" if telling else "coffee.not_telling"),
    )
    return Screen(text, (open_round(app, one.id, locale), navigation(locale)))
