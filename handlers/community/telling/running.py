"""Telling members in the background, with the rights of whoever ordered it, or of another one who may.

Any worker may go on with what another one began. A message that may have gone out is never sent a second time by
itself. Whatever keeps all of it from going on (Telegram's limits, a CRM that is silent, nobody signed in) is waited
out, however long; whatever concerns one member alone is noted with that member.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from redis.exceptions import RedisError
from taskiq.exceptions import SendTaskError

from api.context import request_id
from api.emails import Emails
from api.errors import (
    BackendError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    SessionEnded,
    TooMany,
    Unavailable,
    UnknownOutcome,
)
from handlers.community.telling.kinds import KINDS, TELEGRAM, Party, Plan, chat_of, ways
from handlers.community.telling.letters import Letter, letter
from handlers.community.telling.report import Reporter
from middlewares.context import App
from models.access import Caller, Module, Need, Permission
from models.community import Channel, Member
from services import policy
from services.jobs import Job
from services.policy import Denied
from services.sessions import Session
from services.tellings import LEASE, NO_CHANNEL, SOON, Line, Standing, State, Telling
from views.deliver import Fate

R = TypeVar("R")

JOB = "telling"
SECONDS = 290.0
AT_WORK = 220.0
"""Seconds one worker goes on before it hands the telling to the next: a job may not take for ever."""
AT_ONCE = 6
"""Parties that are told side by side."""
PAUSES = (1.0, 4.0, 10.0)
"""Seconds to wait for a backend that does not answer, before each further try."""
SILENT = 30.0
"""Seconds to wait after that."""
NOBODY = 60.0
"""Seconds until somebody who may is looked for again."""
HOPELESS = 5
"""Messages in a row of which nobody knows whether they arrived, after which the others are kept back."""
LAST_SECONDS = 1.5
"""For a message that is on its way when the process ends."""
NEED = Need(Permission.UPDATE, Module.COMMUNITY)

_log = structlog.get_logger("tellings")


def job(app: Callable[[], App]) -> Job:
    """The job, for whoever runs jobs."""
    return Job(JOB, lambda **which: run(app(), **which), seconds=SECONDS)


async def run(app: App, kind: str, record_id: int) -> None:
    """Goes on with that telling, unless somebody else does. Raises ``RedisError``: it is taken up again later."""
    holder = secrets.token_hex(8)
    standing = await app.tellings.claim(kind, record_id, holder) if kind in KINDS else None
    if standing is not None:
        request_id.set(f"telling-{kind}-{record_id}-{holder[:4]}")
        await _Run(app, standing, holder).run()


async def resume(app: App) -> None:
    """Has every telling gone on with that nobody works on: its worker died, or it waited long enough."""
    for kind, record_id in await app.tellings.due():
        await ask(app, kind, record_id)


async def ask(app: App, kind: str, record_id: int) -> None:
    """Has it done by whoever is free. Without Redis nobody is asked now: ``resume`` does it again."""
    try:
        await app.jobs.send(JOB, kind=kind, record_id=record_id)
    except SendTaskError as error:
        _log.warning("telling_not_sent", reason=type(error.__cause__ or error).__name__)


BECAME: Mapping[Fate, str] = {
    Fate.DELIVERED: Line.SENT,
    Fate.BLOCKED: Line.BLOCKED,
    Fate.LATER: Line.DUE,
    Fate.REFUSED: f"{Line.FAILED}:refused",
    Fate.UNKNOWN: Line.UNCLEAR,
}


class _Broken(Exception):
    """It cannot go on; ``key`` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class _Later(Exception):
    """It goes on after ``wait`` seconds; ``key`` says why, ``""`` for what needs no word."""

    def __init__(self, key: str, wait: float) -> None:
        super().__init__(key)
        self.key = key
        self.wait = wait


class _Ended(Exception):
    """It is no longer this worker's: stopped, or taken over."""


class _Run:
    """One telling in the hands of one worker."""

    def __init__(self, app: App, standing: Standing, holder: str) -> None:
        self._app = app
        self._telling: Telling = standing.telling
        self._was = standing.why
        self._now = replace(standing, why="")
        self._lines = dict(standing.lines)
        self._holder = holder
        self._kind = KINDS[self._telling.kind]
        self._until = time.monotonic() + AT_WORK
        self._passed: set[str] = set()
        self._unclear = 0
        self._reporter = Reporter(app, standing)

    async def run(self) -> None:
        went, why, wait = State.DONE, "", 0.0
        keeping = asyncio.create_task(self._keep())
        try:
            await self._work()
        except _Broken as error:
            went, why = State.BROKEN, error.key
        except _Later as error:
            went, why, wait = State.WAITING, error.key, error.wait
        except _Ended:
            went = State.STOPPED
        except (Refused, Invalid) as error:
            _log.warning("telling_refused", reason=type(error).__name__)
            went, why = State.BROKEN, "tellings.broken"
        finally:
            keeping.cancel()
        if went is not State.STOPPED:
            await self._app.tellings.settle(self._telling, self._holder, went, why, wait)
        if went is State.WAITING and not wait:
            await ask(self._app, self._telling.kind, self._telling.record_id)
        await self._report(said=why != self._was)

    async def _keep(self) -> None:
        """Keeps the lease as long as this worker lives."""
        held = True
        while held:
            await asyncio.sleep(LEASE / 4)
            # Redis out of reach: what is sent next finds out.
            with contextlib.suppress(RedisError, OSError):
                held = await self._app.tellings.hold(self._telling, self._holder)

    async def _report(self, *, said: bool) -> None:
        """What became of it, to those who asked; while it goes on, or waits for the same reason as before, on the
        screen of whoever looks on alone."""
        standing = await self._app.tellings.standing(self._telling.kind, self._telling.record_id)
        if standing is None or standing.state is State.RUNNING:
            return
        if standing.state is State.WAITING and not (said and standing.why):
            await self._reporter.progress(standing)
            return
        await self._reporter.end(standing)

    async def _work(self) -> None:
        """Nothing, when everybody was told who can be. Raises the three above."""
        try:
            plan: Plan = await self._with(
                lambda caller: self._kind.plan(self._app, caller, self._telling.record_id)
            )
        except NotFound:
            raise _Broken("tellings.gone") from None
        if plan.over:
            raise _Broken(plan.over)
        members = [one for party in plan.parties for one in party.members]
        self._reporter.know(members)
        known = {member for member, _ in self._lines}
        skipped = {one.id for party in plan.parties if self._is_over(party) for one in party.members} - known
        self._now = replace(self._now, total=len({one.id for one in members} - skipped))
        await self._app.tellings.expect(self._telling, self._now.total)
        for start in range(0, len(plan.parties), AT_ONCE):
            if time.monotonic() > self._until:
                raise _Later("", 0.0)
            await _together([self._party(one) for one in plan.parties[start : start + AT_ONCE]])
            await self._reporter.progress(replace(self._now, lines=self._lines))

    # --- a party ---------------------------------------------------------------------------------------------

    async def _party(self, party: Party) -> None:
        """Everybody in it was told as far as they can be, and the CRM knows."""
        # Who was matched with somebody that is gone is matched with nobody.
        members = party.members if len(party.members) > 1 else ()
        try:
            for member in members:
                await self._member(party, member)
        except (_Ended, _Broken):
            await self._half_told(party)
            raise
        if not party.told and (self._reached(party) or not self._may_still(party)):
            await self._mark(party)

    async def _half_told(self, party: Party) -> None:
        """The CRM knows of a party of which somebody was told, and the others are known to be due."""
        if party.told or not self._reached(party):
            return
        for member in party.members:
            found = ways(self._kind, member)
            for channel in () if isinstance(found, Line) else found:
                await self._app.tellings.owe(self._telling, member.id, channel)
        # Here it is the party that counts: why all of it cannot go on is known.
        with contextlib.suppress(_Later, _Broken, BackendError):
            await self._mark(party)

    async def _mark(self, party: Party) -> None:
        """The CRM knows that the party was told. Raises ``_Broken`` when it is no match any more."""
        mark = self._kind.mark
        if mark is None:
            return
        reached = self._reached(party)
        channel = Channel.BOTH if len(reached) > 1 else next(iter(reached), Channel.NONE)
        try:
            await self._with(
                lambda caller: mark(self._app, caller, self._telling.record_id, party, channel), repeated=True
            )
        except Conflict:
            raise _Broken("tellings.rolled_back") from None
        except NotFound:
            raise _Broken("tellings.gone") from None

    def _lines_of(self, party: Party) -> list[tuple[str, Line]]:
        return [(way, Line.of(value)) for member in party.members for way, value in self._of(member).items()]

    def _reached(self, party: Party) -> set[str]:
        """The channels in which somebody of it was told, or may have been."""
        return {way for way, line in self._lines_of(party) if line in (Line.SENT, Line.UNCLEAR)}

    def _may_still(self, party: Party) -> bool:
        """True when another try may reach somebody of it: until then the match can be taken back."""
        return any(line is Line.FAILED for _, line in self._lines_of(party))

    async def _member(self, party: Party, member: Member) -> None:
        known = self._of(member)
        again = any(Line.of(value) is Line.DUE for value in known.values())
        if not again and self._is_over(party):
            return
        found = ways(self._kind, member)
        channels = () if isinstance(found, Line) else found
        dropped = [way for way, value in known.items() if Line.of(value) is Line.DUE and way not in channels]
        became = found.value if isinstance(found, Line) and (again or not known) else ""
        if became or dropped:
            await self._app.tellings.note(self._telling, member.id, became, dropped)
            for way in dropped:
                self._lines.pop((member.id, way), None)
            if became:
                self._lines[member.id, NO_CHANNEL] = became
        for channel in channels:
            if Line.of(known.get(channel, Line.DUE)) is Line.DUE:
                await self._message(party, member, channel)

    def _is_over(self, party: Party) -> bool:
        """True when the CRM knows that they were told: by this telling, or by one that is forgotten. Then those alone
        are told for whom somebody asks for another try."""
        return party.told and not self._kind.anew

    def _of(self, member: Member) -> dict[str, str]:
        return {way: value for (one, way), value in self._lines.items() if one == member.id}

    # --- a message -------------------------------------------------------------------------------------------

    async def _message(self, party: Party, member: Member, channel: str) -> None:
        """The message left, or will never; what became of it is noted."""
        tellings, telling, locale = self._app.tellings, self._telling, self._app.locale(member.language, None)
        said = letter(telling.kind, party, member, channel, locale, feedback=self._app.feedback.is_open)
        while True:
            if channel == TELEGRAM:
                await self._turn()
            flown = await tellings.fly(telling, self._holder, member.id, channel)
            if flown is None:
                raise _Ended
            if not flown:
                return
            became, wait = await self._finished(self._sent(said, member, channel))
            if became is not Line.DUE:
                break
            await tellings.flood(wait)
        if self._unclear >= HOPELESS:
            raise _Broken("tellings.lost")

    async def _turn(self) -> None:
        """Returns when Telegram may be asked for one more message. Raises ``_Later`` for a wait beyond this worker's
        time."""
        while (wait := await self._app.tellings.slot()) > 0:
            if time.monotonic() + wait > self._until:
                raise _Later("tellings.silent", wait)
            if wait > SOON and not await self._app.tellings.hold(self._telling, self._holder):
                raise _Ended
            await asyncio.sleep(min(wait, LEASE / 4))
            if wait <= SOON:
                return

    async def _finished(self, sending: Coroutine[Any, Any, R]) -> R:
        """What the sending answers; when the process ends it gets a moment to come to its end."""
        task = asyncio.ensure_future(sending)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=LAST_SECONDS)
            task.cancel()
            raise

    async def _sent(self, said: Letter, member: Member, channel: str) -> tuple[Line, float]:
        """What became of a message that leaves now, noted; the seconds to wait before one that did not get out."""
        wait = 0.0
        try:
            if channel == TELEGRAM:
                sent = await self._app.deliver.tell(chat_of(member), said.screen)
                became, wait = BECAME[sent.fate], sent.wait
            else:
                became = await self._by_mail(said, member)
        except (_Later, _Broken):
            await self._land(member, channel, Line.DUE)
            raise
        await self._land(member, channel, became)
        line = Line.of(became)
        self._unclear = self._unclear + 1 if line is Line.UNCLEAR else 0
        return line, wait

    async def _by_mail(self, said: Letter, member: Member) -> str:
        emails: Emails = self._app.records.source(self._app.registry.by_code["em"])
        values = {"subject": said.subject, "body": str(said.text)}
        try:
            posted = await self._with(lambda caller: emails.post(caller, values, [member.email or ""]))
        except UnknownOutcome:
            return Line.UNCLEAR
        except (Invalid, Refused, NotFound):
            return f"{Line.FAILED}:address"
        return Line.SENT if posted.sent else f"{Line.FAILED}:mail"

    async def _land(self, member: Member, channel: str, became: str) -> None:
        await self._app.tellings.land(self._telling, self._holder, member.id, channel, became)
        self._lines[member.id, channel] = became

    # --- the CRM ---------------------------------------------------------------------------------------------

    async def _with(self, call: Callable[[Caller], Awaitable[R]], *, repeated: bool = False) -> R:
        """What is answered to a session that may. A backend that surely did nothing is asked again, and with
        ``repeated`` also one whose answer is lost. Raises ``_Later`` where that helps nothing."""
        pauses = list(PAUSES)
        while True:
            session = await self._session()
            try:
                return await call(self._app.sessions.caller(session, used=False))
            except (SessionEnded, Forbidden) as error:
                self._pass(session, error)
            except (Unavailable, TooMany, UnknownOutcome) as error:
                if isinstance(error, UnknownOutcome) and not repeated:
                    raise
                if not pauses:
                    raise _Later("tellings.unavailable", SILENT) from error
                await asyncio.sleep(max(pauses.pop(0), min(getattr(error, "retry_after", 0) or 0.0, 20.0)))
            except (NotFound, Refused, Invalid):
                raise
            except BackendError as error:
                _log.warning("telling_interrupted", reason=type(error).__name__)
                raise _Later("tellings.unavailable", SILENT) from error

    async def _session(self) -> Session:
        """The session of whoever ordered it, else of another one who may; its role is at most a minute old."""
        app, telling = self._app, self._telling
        own = await app.sessions.load(telling.user_id) if telling.user_id else None
        if own is not None and (fresh := await self._fresh(own)) is not None:
            return fresh
        for session in await app.sessions.living():
            if (fresh := await self._fresh(session)) is not None:
                return fresh
        raise _Later("tellings.nobody", NOBODY)

    async def _fresh(self, session: Session) -> Session | None:
        """The session while it is good and may; None otherwise."""
        if not self._is_good(session):
            return None
        try:
            fresh = await self._app.sessions.revalidate(session, time.time(), writing=True, used=False)
            policy.require_write(fresh.principal, NEED)
        except (SessionEnded, Denied) as error:
            self._pass(session, error)
            return None
        except (Unavailable, TooMany) as error:
            raise _Later("tellings.unavailable", SILENT) from error
        return fresh

    def _is_good(self, session: Session) -> bool:
        own = session.telegram_user_id != self._telling.user_id or session.admin_id == self._telling.admin_id
        return own and session.sid not in self._passed and policy.allows(session.principal, NEED)

    def _pass(self, session: Session, error: Exception) -> None:
        _log.info("teller_passed_over", reason=type(error).__name__)
        self._passed.add(session.sid)


async def _together(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Nothing, when all have ended; then the first trouble is raised. One's trouble leaves the others to their end:
    what they send is noted."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    troubles = [one for one in ended if isinstance(one, BaseException)]
    order = (_Ended, _Broken, _Later)
    for kind in order:
        for one in troubles:
            if isinstance(one, kind):
                raise one
    if troubles:
        raise troubles[0]
