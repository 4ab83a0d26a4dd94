"""Preparing a round in the background: who is due, who met whom, and the round that comes of it.

The order stands in Redis with its version, so that any worker may carry it out, and a second one does no harm: only
what is still wanted is kept.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import date

import structlog
from taskiq.exceptions import SendTaskError

from api.context import request_id, within
from api.errors import BackendError, Forbidden, SessionEnded
from handlers.community.bars import BARS
from handlers.community.coffee.shown import plans_source, rounds_of, rounds_source
from middlewares.context import App
from models.access import Caller, Module, Need, Permission
from models.community import Candidate
from services import policy
from services.children import ChildFailed
from services.coffee import Known, Preview, State
from services.coffee_task import ROUNDS as LOOKED_THROUGH
from services.coffee_task import WEEKS, task_of
from services.jobs import Job
from services.matching.apart import arranged
from services.matching.task import Refused, Task
from services.policy import Denied
from views.coffee import Painter
from views.deliver import Shown

JOB = "solve_coffee"
SECONDS = 120.0
GATHERED_WITHIN = 40.0
FEWEST = 2
NEED = Need(Permission.CREATE, Module.COMMUNITY)
SEEDS = 2**31
WATCHED_TRIES, WATCHED_PAUSE = 10, 0.3
"""How often, and after how many seconds, it is looked whether the person has the screen before them by now."""

_log = structlog.get_logger("coffee")


def job(app: Callable[[], App]) -> Job:
    """The job, for whoever runs jobs."""
    return Job(JOB, lambda **order: run(app(), **order), seconds=SECONDS)


async def ask(app: App, user_id: int, admin_id: int, version: int) -> None:
    """Has it solved by whoever is free. Without Redis nobody is asked now: the screen's own button does it again."""
    try:
        await app.jobs.send(JOB, user_id=user_id, admin_id=admin_id, version=version)
    except SendTaskError as error:
        _log.warning("not_ordered", reason=type(error.__cause__ or error).__name__)


async def run(app: App, user_id: int, admin_id: int, version: int) -> None:
    """Solves that order and shows what came of it, as long as it is wanted. Raises ``RedisError``."""
    preview = await app.coffee.load(user_id, admin_id)
    if preview is None or preview.version != version or preview.state is not State.SOLVING:
        return
    request_id.set(f"coffee-{version}")
    why = ""
    try:
        task = await _task(app, user_id, preview)
        if len(task.candidates) < FEWEST:
            why = "coffee.too_few"
        else:
            arrangement = await arranged(task)
            if not await app.coffee.solved(user_id, version, arrangement):
                return
    except (SessionEnded, Forbidden, Denied):
        why = "coffee.signed_out"
    except BackendError as error:
        _log.warning("not_gathered", reason=type(error).__name__)
        why = "coffee.unavailable"
    except (ChildFailed, Refused) as error:
        _log.warning("not_solved", reason=str(error))
        why = "coffee.failed"
    if why and not await app.coffee.failed(user_id, version, why, back=preview.again):
        return
    await _redraw(app, user_id, admin_id, version)


async def _task(app: App, user_id: int, preview: Preview) -> Task:
    """What is solved: as it was gathered where it is solved again, gathered now otherwise."""
    caller = await _caller(app, user_id, preview.admin_id)
    kept = await app.coffee.task(user_id)
    if kept is not None:
        return kept
    with within(GATHERED_WITHIN):
        task, people = await gathered(app, caller, preview.day, secrets.randbelow(SEEDS))
    if await app.coffee.gathered(user_id, preview.version, task, people):
        await _redraw(app, user_id, preview.admin_id, preview.version)
    return task


async def gathered(app: App, caller: Caller, day: date, seed: int) -> tuple[Task, dict[int, Known]]:
    """What the round of that day is made from, and how its people are called."""
    plans, rounds = plans_source(app), rounds_source(app)
    schedule, people, past, bars, earlier = await asyncio.gather(
        plans.schedule(caller),
        plans.candidates(caller, day),
        plans.history(caller, WEEKS),
        app.records.source(BARS).all(caller),
        rounds.latest(caller, LOOKED_THROUGH),
    )
    task = await asyncio.to_thread(task_of, day, schedule, people, past, bars, earlier, seed)
    return task, known(people)


def known(people: Iterable[Candidate]) -> dict[int, Known]:
    """How they are called."""
    return {one.id: Known(one.full_name, one.segment, one.city) for one in people}


async def _caller(app: App, user_id: int, admin_id: int) -> Caller:
    """The person's caller, role at most a minute old. Raises ``SessionEnded`` and ``Denied``."""
    session = await app.sessions.load(user_id)
    if session is None or session.admin_id != admin_id:
        raise SessionEnded("the preview's session is over")
    fresh = await app.sessions.revalidate(session, time.time(), writing=True, used=False)
    policy.require(fresh.principal, NEED)
    return app.sessions.caller(fresh, used=False)


async def _redraw(app: App, user_id: int, admin_id: int, version: int) -> None:
    """Draws the preview as it is now where the person looks at it; whoever went on finds it where it was begun."""
    preview = await app.coffee.load(user_id, admin_id)
    if preview is None or preview.version != version:
        return
    for _ in range(WATCHED_TRIES):
        state = await app.preferences.state(user_id)
        locale = app.locale(state.reads, state.timezone)
        painter = Painter(rounds_of(app), preview, locale)
        if state.input == painter.listens and state.message_id is not None:
            shown = Shown(state.message_id, state.message_kind == "photo")
            await app.deliver.redraw(user_id, shown, painter.current())
            return
        # The press that ordered it may still be on its way to the screen.
        await asyncio.sleep(WATCHED_PAUSE)
