"""Sending a mailing in the background, batch by batch, with the rights that its person has at that moment.

Any worker may go on with what another one began. A batch that may have gone out is never sent a second time.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from taskiq.exceptions import SendTaskError

from api.context import request_id
from api.errors import BackendError, Forbidden, Invalid, SessionEnded, TooMany, Unavailable, UnknownOutcome
from handlers.mailings.kinds import KINDS
from handlers.mailings.screens import listens, standing_screen
from keyboards.callbacks import Go
from middlewares.context import App
from models.access import Caller
from models.mail import Posted
from resources.resource import Op, Resource
from services import policy
from services.jobs import Job
from services.mailings import Standing, State
from services.policy import Denied
from views.deliver import Shown

JOB = "mailing"
SECONDS = 290.0
AT_WORK = 220.0
"""Seconds one worker goes on before it hands the mailing to the next: a job may not take for ever."""
PAGES = 200
"""Pages of users, a thousand each, that one mailing looks through."""
PAUSES = (1.0, 4.0, 10.0)
"""Seconds to wait for a backend that does not answer, before each further try."""
HOPELESS = 3
"""Batches in a row whose answer is lost, after which the others are kept back."""
FIRST_TOLD = 2.0
TOLD_EVERY = 3.0

_log = structlog.get_logger("mailings")


def job(app: Callable[[], App]) -> Job:
    """The job, for whoever runs jobs."""
    return Job(JOB, lambda **order: run(app(), **order), seconds=SECONDS)


async def run(app: App, user_id: int, mailing_id: str) -> None:
    """Goes on with that mailing, unless somebody else does. Raises ``RedisError``: it is taken up again later."""
    holder = secrets.token_hex(8)
    standing = await app.mailings.claim(user_id, mailing_id, holder)
    if standing is not None:
        request_id.set(f"mailing-{standing.mailing.id}")
        await _Sending(app, standing, holder).run()


async def resume(app: App) -> None:
    """Has every mailing gone on with that nobody works on: its worker died, or Redis was away."""
    for user_id, mailing_id in await app.mailings.due():
        await ask(app, user_id, mailing_id)


async def ask(app: App, user_id: int, mailing_id: str) -> None:
    """Has it sent by whoever is free. Without Redis nobody is asked now: ``resume`` does it again."""
    try:
        await app.jobs.send(JOB, user_id=user_id, mailing_id=mailing_id)
    except SendTaskError as error:
        _log.warning("mailing_not_sent", reason=type(error.__cause__ or error).__name__)


class _Broken(Exception):
    """It cannot go on; ``key`` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class _Sending:
    """One mailing in the hands of one worker."""

    def __init__(self, app: App, standing: Standing, holder: str) -> None:
        self._app = app
        self._now = standing
        self._mailing = standing.mailing
        self._holder = holder
        self._kind = KINDS[self._mailing.resource]
        self._resource: Resource[Any] = app.registry.by_code[self._mailing.resource]
        self._source: Any = app.records.source(self._resource)
        self._locale = app.locale(self._mailing.language, self._mailing.zone)
        self._until = time.monotonic() + AT_WORK
        self._told_at = time.monotonic() + FIRST_TOLD - TOLD_EVERY
        self._lost = 0

    async def run(self) -> None:
        try:
            went, why = await self._work()
        except _Broken as error:
            went, why = State.BROKEN, error.key
        except (SessionEnded, Forbidden, Denied) as error:
            _log.info("mailing_broken", reason=type(error).__name__)
            went, why = State.BROKEN, "mailings.signed_out"
        if went is not State.STOPPED:
            await self._app.mailings.settle(self._mailing, self._holder, went, why)
        if went is State.WAITING:
            await ask(self._app, self._mailing.user_id, self._mailing.id)
            return
        await self._say()

    async def _work(self) -> tuple[State, str]:
        recipients = await self._recipients()
        if not recipients:
            return State.BROKEN, "mailings.nobody"
        while self._now.next < len(recipients):
            if time.monotonic() > self._until:
                return State.WAITING, ""
            caller = await self._caller()
            batch = recipients[self._now.next : self._now.next + self._kind.batch]
            if not await self._app.mailings.fly(self._mailing, self._holder, len(batch)):
                return State.STOPPED, ""
            before = self._now
            try:
                await self._send(caller, batch)
            except Exception:
                # Not when the process ends: what is on its way stays noted, and whoever goes on counts it as unknown.
                await self._app.mailings.land(self._now, self._holder, before=before)
                raise
            await self._app.mailings.land(self._now, self._holder, before=before)
            await self._tell()
        return State.DONE, ""

    async def _recipients(self) -> list[str]:
        known = await self._app.mailings.recipients(self._mailing.user_id)
        if known is None:
            known = list(self._mailing.to)
            if not known:
                known, _ = await self._patient(
                    lambda caller: self._kind.collect(self._source, caller, self._mailing.values, PAGES)
                )
            await self._app.mailings.keep_recipients(self._mailing.user_id, known)
        self._now = replace(self._now, total=len(known))
        return known

    async def _send(self, caller: Caller, batch: Sequence[str]) -> None:
        """Sends one batch and counts what came of it. Raises when nothing was sent and nothing more will be."""
        wanted = list(batch)
        while wanted:
            try:
                posted = await self._patient(partial(self._post, wanted), caller)
            except UnknownOutcome:
                self._count(len(wanted), unknown=len(wanted))
                self._lost += 1
                if self._lost >= HOPELESS:
                    raise _Broken("mailings.lost") from None
                return
            except Invalid as error:
                # The body is looked at before anything is sent: the others can go without the bad ones.
                bad = {one.path[1] for one in error.wrong if one.path[:1] == ("recipients",) and one.path[1:]}
                out = [one for index, one in enumerate(wanted) if index in bad]
                if not out:
                    raise _Broken("mailings.refused") from None
                self._count(len(out), failures=tuple(out))
                wanted = [one for one in wanted if one not in out]
                continue
            self._lost = 0
            self._count(len(wanted), posted)
            return

    async def _post(self, wanted: Sequence[str], caller: Caller) -> Posted:
        posted: Posted = await self._source.post(caller, self._mailing.values, wanted)
        return posted

    def _count(
        self, tried: int, posted: Posted | None = None, *, unknown: int = 0, failures: tuple[str, ...] = ()
    ) -> None:
        failures = posted.failed if posted is not None else failures
        now = self._now
        self._now = replace(
            now,
            next=now.next + tried,
            sent=now.sent + (posted.sent if posted is not None else 0),
            unknown=now.unknown + unknown,
            failed=now.failed + len(failures),
            failures=now.failures + failures,
        )

    async def _patient(self, call: Callable[[Caller], Any], caller: Caller | None = None) -> Any:
        """What is answered; a backend that surely did nothing is asked again. Raises ``_Broken``."""
        for pause in (*PAUSES, None):
            try:
                return await call(caller or await self._caller())
            except (Unavailable, TooMany) as error:
                if pause is None:
                    raise _Broken("mailings.unavailable") from error
                await asyncio.sleep(max(pause, min(error.retry_after or 0.0, 20.0)))
            except (UnknownOutcome, Invalid, SessionEnded, Forbidden):
                raise
            except BackendError as error:
                _log.warning("mailing_refused", reason=type(error).__name__)
                raise _Broken("mailings.refused") from error
        raise AssertionError("the last pause is none")

    async def _caller(self) -> Caller:
        """The person's caller, role at most a minute old. Raises ``SessionEnded`` and ``Denied``."""
        session = await self._app.sessions.load(self._mailing.user_id)
        if session is None or session.admin_id != self._mailing.admin_id:
            raise SessionEnded("the mailing's session is over")
        try:
            fresh = await self._app.sessions.revalidate(session, time.time(), writing=True, used=False)
        except (Unavailable, TooMany) as error:
            raise _Broken("mailings.unavailable") from error
        if not self._app.records.may(fresh.principal, self._resource, Op.CREATE):
            raise Denied(fresh.principal, self._resource.need(Op.CREATE) or policy.NOBODY)
        return self._app.sessions.caller(fresh, used=False)

    # --- the person ----------------------------------------------------------------------------------------

    async def _tell(self) -> None:
        """Progress on the screen, where the person looks at it, and not too often."""
        now = time.monotonic()
        if now - self._told_at < TOLD_EVERY:
            return
        shown = await self._watched()
        if shown is None:
            return
        self._told_at = now
        screen = standing_screen(self._resource, self._now, self._locale, _unkeyed)
        await self._app.deliver.redraw(self._mailing.user_id, shown, screen)

    async def _say(self) -> None:
        """What became of it, on the progress screen, else in a message of its own."""
        user_id = self._mailing.user_id
        standing = await self._app.mailings.current(user_id)
        if standing is None or standing.mailing.id != self._mailing.id:
            return
        state = await self._app.preferences.state(user_id)

        def keyed(go: Go) -> Go:
            keys = self._app.operation_keys
            return replace(go, key=keys.draw(state.epoch, user_id, go.scope, time.time()))

        screen = standing_screen(self._resource, standing, self._locale, keyed)
        shown = await self._watched()
        if shown is not None and await self._app.deliver.redraw(user_id, shown, screen):
            return
        await self._app.deliver.show(user_id, None, screen)

    async def _watched(self) -> Shown | None:
        """The living message while it shows this mailing; None when the person went on."""
        state = await self._app.preferences.state(self._mailing.user_id)
        if state.input != listens(self._mailing) or state.message_id is None:
            return None
        return Shown(state.message_id, state.message_kind == "photo")


def _unkeyed(go: Go) -> Go:
    """While it is going on nothing is drawn that writes."""
    return go
