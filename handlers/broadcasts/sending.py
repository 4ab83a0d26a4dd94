"""Sending what is scheduled: the backend only keeps the time (contract section 6).

A job looks every minute. Whoever sends claims the broadcast first, then reads its state: the backend sends nothing
twice that has left the state "scheduled", so that a worker that died in between is simply followed by another one.
What is more than an hour late, or refused, is not sent: somebody is asked, once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from api.broadcasts import Broadcasts
from api.context import request_id
from api.errors import BackendError, Explained, NotFound, Refused, UnknownOutcome
from handlers._engine.behalf import with_one_of
from handlers.broadcasts import BROADCASTS, CLAIMED, SCOPE
from keyboards.buttons import DANGER, SUCCESS, Button, Row
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from middlewares.context import App
from models.access import Caller, Module, Need, Permission
from models.broadcast import GRACE, OPEN, Broadcast
from services import policy
from services.audit import AuditEntry
from services.jobs import EVERY_MINUTE, Job
from services.sessions import Session
from utils.html import bold, lines, quote
from views.fitting import label
from views.screen import Screen

JOB = "send_broadcasts"
SECONDS = 50.0
CRON: str | None = EVERY_MINUTE
FORGOTTEN = timedelta(days=7)
"""How late one must be for nobody to be asked any more: what stood in the CRM before the bot came."""
NEED = Need(Permission.CREATE, Module.BROADCASTS)

_log = structlog.get_logger("broadcasts")


def job(app: Callable[[], App]) -> Job:
    """The job, for whoever runs jobs."""
    return Job(JOB, lambda: send_due(app()), CRON, SECONDS)


async def send_due(app: App) -> None:
    """Sends what is due, asks about what is late. Without anybody signed in who may, nothing happens."""
    senders = [one for one in await app.sessions.living() if policy.allows(one.principal, NEED)]
    if not senders:
        return
    request_id.set(f"broadcasts-{secrets.token_hex(4)}")
    source: Broadcasts = app.records.source(BROADCASTS)
    now = datetime.now(UTC)
    due = await with_one_of(app, senders, NEED, lambda caller, _: source.due(caller, now))
    for broadcast in due or ():
        late = broadcast.late(now)
        if late <= GRACE:
            await _send(app, source, broadcast, senders)
        elif late <= FORGOTTEN:
            await _ask(app, broadcast, senders, "broadcasts.late")


async def _send(app: App, source: Broadcasts, due: Broadcast, senders: Sequence[Session]) -> None:
    """Sends it with the session of whoever scheduled it, else of another one who may."""
    scope = f"{SCOPE}:{due.id}"
    if not await app.once.claim(scope, CLAIMED):
        return
    own_first = sorted(senders, key=lambda one: one.admin_id != due.created_by)

    async def run(caller: Caller, session: Session) -> str:
        found = await source.get(caller, due.id)
        if found.status != due.status or found.scheduled_at != due.scheduled_at:
            return ""
        try:
            await source.send(caller, due.id, {})
        except UnknownOutcome as lost:
            if not await _is_out(source, caller, due.id):
                raise lost from None
        await _audit(app, session, due, "done")
        return "sent"

    try:
        if not await with_one_of(app, own_first, NEED, run):
            await app.once.release(scope)
    except UnknownOutcome:
        # It may still be on its way to the backend: the claim runs out first, then its state is read anew.
        _log.warning("broadcast_outcome_unknown", broadcast=due.id)
    except NotFound:
        await app.once.release(scope)
    except Refused as error:
        await app.once.release(scope)
        _log.warning("broadcast_refused", broadcast=due.id)
        await _ask(app, due, senders, error.detail if isinstance(error, Explained) else "broadcasts.refused")
    except BackendError as error:
        # Surely not sent: the next minute tries again.
        await app.once.release(scope)
        _log.warning("broadcast_not_sent", broadcast=due.id, reason=type(error).__name__)
    else:
        _log.info("broadcast_sent", broadcast=due.id)


async def _is_out(source: Broadcasts, caller: Caller, broadcast_id: int) -> bool:
    """True when the backend has begun to send it; False also when nobody can tell."""
    try:
        return (await source.get(caller, broadcast_id)).status not in OPEN
    except BackendError:
        return False


async def _audit(app: App, session: Session, broadcast: Broadcast, outcome: str) -> None:
    principal = session.principal
    await app.audit.add(
        AuditEntry(
            at=time.time(), admin_id=principal.admin_id, telegram_user_id=principal.telegram_user_id,
            name=principal.name, role=str(principal.role), op="send scheduled", resource=BROADCASTS.key,
            record_id=broadcast.id, after={"scheduled_at": str(broadcast.scheduled_at)}, outcome=outcome,
            sid=session.sid,
        )
    )  # fmt: skip


# --- asking -------------------------------------------------------------------------------------------------


async def _ask(app: App, broadcast: Broadcast, senders: Sequence[Session], why: str) -> None:
    """Asks whoever scheduled it what becomes of it; when they cannot be reached, all who may decide. Once."""
    at = int((broadcast.scheduled_at or broadcast.created_at).timestamp())
    asked = await app.broadcasts.asked(broadcast.id, at)
    scope = f"broadcast_ask:{broadcast.id}"
    if asked is None or not await app.once.claim(scope, CLAIMED):
        return
    own = [one for one in senders if one.admin_id == broadcast.created_by]
    reached = False
    for group in (own, [one for one in senders if one not in own]):
        for session in group:
            user_id = session.telegram_user_id
            if str(user_id) in asked or await _reached(app, broadcast, user_id, why):
                await app.broadcasts.note_asked(broadcast.id, at, user_id)
                reached = True
        if reached:
            await app.broadcasts.note_asked(broadcast.id, at, None)
            break
    await app.once.release(scope)


async def _reached(app: App, broadcast: Broadcast, user_id: int, why: str) -> bool:
    state = await app.preferences.state(user_id)
    locale = app.locale(state.reads, state.timezone)
    shown = await app.deliver.show(user_id, None, question(broadcast, why, locale))
    return shown is not None


def question(broadcast: Broadcast, why: str, locale: Locale) -> Screen:
    """Why it was not sent, and what can be done: send it now, keep it, delete it."""

    def go(press: Press, arg: str = "") -> Go:
        return Go(press, BROADCASTS.code, broadcast.id, arg)

    moment = "—" if broadcast.scheduled_at is None else locale.moment(broadcast.scheduled_at)
    text = lines(
        bold(f"{BROADCASTS.icon} {locale.t('broadcasts.not_sent')}"),
        quote(label(broadcast.title, 200)),
        locale.html(why, when=moment),
        "",
        locale.html("broadcasts.what_now"),
    )
    rows: tuple[Row, ...] = (
        (Button(f"📤 {locale.t('broadcasts.action.send')}", go(Press.DEED, "sd"), style=SUCCESS),),
        (
            Button(locale.t("broadcasts.keep"), go(Press.CARD)),
            Button(locale.t("card.delete"), go(Press.DELETE), style=DANGER),
        ),
    )
    return Screen(text, rows)
