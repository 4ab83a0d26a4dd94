"""One update from op to answer: deadline, trouble, delivery, and the note that it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from redis.exceptions import RedisError

from api.context import within
from api.errors import BackendError, Forbidden, Invalid, NotFound, Refused, SessionEnded, UnknownOutcome
from handlers._engine.card import open_card
from handlers._engine.commands import show_commands
from handlers._engine.dispatch import Stale
from handlers._engine.errors import outcome_of, signed_out
from handlers._engine.save import doubt
from handlers._engine.welcome import welcome
from keyboards.buttons import Button, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import Principal
from resources.resource import Op
from services import policy
from services.policy import Denied, LookingOnly
from services.preferences import Ended, UiField, living_message
from utils.html import lines
from utils.tracing import span
from views.deliver import Shown
from views.screen import Outcome, Screen

DEADLINE = 7.0
"""Seconds an op may take; the update's 8 s leave the rest for telling the person."""
BACKEND_WITHIN = 6.0
"""Seconds all backend calls of one op share."""
ANSWER_WITHIN = 0.7
"""Seconds after which a press is answered whatever its op does: no spinner outlives a second."""

Run = Callable[[], Awaitable[Outcome]]


class Turns:
    """Runs ops; ``home`` is the menu, shown when an address leads nowhere."""

    def __init__(self, home: Callable[[Context], Awaitable[Outcome]]) -> None:
        self._home = home

    async def take(self, ctx: Context, run: Run, *, consume: bool = False) -> None:
        """Answers the update with the outcome of ``run``. ``consume`` removes the typed message."""
        ctx.answer.within(ANSWER_WITHIN)
        # Op and resource are two letters each, whatever was sent.
        with span("handler", op=ctx.go.op if ctx.go else "typed", resource=ctx.go.res if ctx.go else ""):
            outcome = await self._outcome(ctx, run)
        await deliver(ctx, outcome, consume=consume)

    async def _outcome(self, ctx: Context, run: Run) -> Outcome:
        # The named boundary of the application: whatever an op raises, the person gets an answer with an id.
        try:
            async with asyncio.timeout(DEADLINE):
                with within(BACKEND_WITHIN):
                    return await self._fresh(ctx, run)
        except (RedisError, ConnectionError):
            raise
        except Stale as stale:
            return await self._stale(ctx, stale)
        except LookingOnly:
            return await self._looking_only(ctx)
        except Denied:
            return await self._denied(ctx)
        except SessionEnded as error:
            return await self._ended(ctx, error)
        except Forbidden as error:
            return await self._forbidden(ctx, error)
        except (BackendError, TimeoutError) as error:
            level = "info" if isinstance(error, NotFound | Refused | Invalid) else "warning"
            log = getattr(structlog.get_logger(__name__), level)
            log("op_failed", error_id=ctx.error_id, error=str(error), kind=type(error).__name__)
            if isinstance(error, UnknownOutcome | TimeoutError):
                await doubt(ctx)
            return await outcome_of(ctx, error)
        except Exception as error:  # noqa: BLE001 - boundary: the person is told, the log has the trace
            structlog.get_logger(__name__).exception("op_crashed", error_id=ctx.error_id)
            return await outcome_of(ctx, error)

    async def _fresh(self, ctx: Context, run: Run) -> Outcome:
        """The outcome under the role as it is now: a read runs beside the check, and again when the role changed."""
        role = ctx.principal.role
        outcome = await run()
        if ctx.refreshing is None:
            return outcome
        ctx.adopt(await ctx.refreshing)
        return outcome if ctx.principal.role == role or ctx.settled else await run()

    async def _denied(self, ctx: Context) -> Outcome:
        """An admin sees what they may, redrawn; a guest is told how to get in, or that their session has ended."""
        if not ctx.principal.is_guest:
            return Outcome(
                (await self._redrawn(ctx)).screen, toast=ctx.t("error.forbidden_toast"), alert=True
            )
        if ctx.state.had_session and ctx.state.ended is not Ended.LOGOUT:
            return await signed_out(ctx)
        return Outcome(welcome(ctx, ctx.html("session.needed")))

    async def _looking_only(self, ctx: Context) -> Outcome:
        """That nothing was written: the screen stays under a press, and is the menu under typed text."""
        if ctx.message is None:
            return Outcome(toast=ctx.t("look.blocked"), alert=True)
        screen = (await self._home(ctx)).screen
        return Outcome(screen.noted(ctx.html("look.blocked")) if screen is not None else None)

    async def _stale(self, ctx: Context, stale: Stale) -> Outcome:
        """The screen as it is now with a short note; nothing was executed."""
        screen = (await self._redrawn(ctx)).screen
        return Outcome(screen.noted(ctx.html(stale.key)) if screen is not None else None)

    async def _redrawn(self, ctx: Context) -> Outcome:
        """The record an address names as it is now, where this person may see it; else the menu."""
        go = ctx.go
        resource = ctx.resource(go.res, go.view) if go is not None else None
        if go is None or not go.id or resource is None or not ctx.may(resource, Op.CARD):
            return await self._menu(ctx)
        return await self._outcome(ctx, lambda: open_card(ctx, resource, go))

    async def _menu(self, ctx: Context) -> Outcome:
        """The menu, or what keeps it from being shown: it is drawn where trouble was met already."""
        try:
            async with asyncio.timeout(DEADLINE):
                with within(BACKEND_WITHIN):
                    return await self._home(ctx)
        except SessionEnded as error:
            return await self._ended(ctx, error)
        except (BackendError, TimeoutError) as error:
            return await outcome_of(ctx, error)

    async def _ended(self, ctx: Context, error: SessionEnded) -> Outcome:
        ctx.session, ctx.refreshing = None, None
        ctx.principal = Principal(ctx.person.id)
        await show_commands(ctx.app, ctx.chat_id, signed_in=False, language=ctx.locale.language)
        return await outcome_of(ctx, error)

    async def _forbidden(self, ctx: Context, error: Forbidden) -> Outcome:
        """The role is asked anew and the menu redrawn: the backend knows better than our minute-old copy."""
        if ctx.session is not None:
            try:
                ctx.adopt(await ctx.app.sessions.renewed(ctx.session))
            except SessionEnded as ended:
                return await self._ended(ctx, ended)
            except BackendError:
                return await outcome_of(ctx, error)
        outcome = await self._menu(ctx)
        screen = outcome.screen.noted(ctx.html("error.forbidden")) if outcome.screen is not None else None
        return Outcome(screen, toast=ctx.t("error.forbidden_toast"), alert=True)


async def deliver(ctx: Context, outcome: Outcome, *, consume: bool = False) -> None:
    """Shows the screen and answers the press side by side, then notes the update as done."""
    screen = _bannered(ctx, outcome.screen)
    if screen is not None and outcome.toast and ctx.answer.given and ctx.message is None:
        screen = screen.noted(outcome.toast)
    jobs: list[Coroutine[Any, Any, Any]] = [ctx.answer.give(outcome.toast, outcome.alert)]
    if consume and ctx.message is not None:
        jobs.append(ctx.app.deliver.delete(ctx.chat_id, ctx.message.message_id))
    shown = ctx.shown
    if screen is not None and outcome.aside:
        await asyncio.gather(_beside(ctx, screen), *jobs)
    elif screen is not None:
        shown = (
            await asyncio.gather(
                ctx.app.deliver.show(ctx.chat_id, ctx.shown, screen, fresh=outcome.fresh), *jobs
            )
        )[0]
        await _remember(ctx, screen, shown)
    else:
        await asyncio.gather(*jobs)
    if outcome.files or outcome.messages:
        await _send_more(ctx, outcome, shown)
    _note_done(ctx)


async def _beside(ctx: Context, screen: Screen) -> None:
    """Changes the pressed message, and leaves the person's own screen what it is; one that cannot be changed any more
    is sent anew."""
    if ctx.shown is None or await ctx.app.deliver.redraw(ctx.chat_id, ctx.shown, screen) is None:
        await ctx.app.deliver.show(ctx.chat_id, None, screen)


def _bannered(ctx: Context, screen: Screen | None) -> Screen | None:
    """The screen under the banner of whoever looks on as another role, with the way back to their own."""
    if screen is None or ctx.look is None:
        return screen.noted(ctx.html("look.lapsed")) if screen is not None and ctx.look_lapsed else screen
    role = ctx.t(f"role.{ctx.look.role}")
    until = ctx.locale.clock(ctx.locale.local(datetime.fromtimestamp(ctx.look.until, UTC)))
    banner = lines(
        ctx.html("look.banner", role=role, until=until),
        ctx.html("look.banner_owners") if policy.sees_own(ctx.look.role) else None,
    )
    leave = (Button(ctx.t("look.leave"), Go(Press.LOOK_END)),)
    return replace(screen.noted(banner), rows=(*screen.rows, leave))


async def _send_more(ctx: Context, outcome: Outcome, shown: Shown | None) -> None:
    """Sends files and messages below the screen, one after the other; what did not arrive is told on it."""
    arrived = [await ctx.app.deliver.send_file(ctx.chat_id, file) for file in outcome.files]
    told = [await ctx.app.deliver.show(ctx.chat_id, None, screen) for screen in outcome.messages]
    if all(arrived) and all(told):
        return
    note = ctx.html("file.not_sent" if not all(arrived) else "message.not_sent")
    screen = outcome.screen.noted(note) if outcome.screen else Screen(note, (navigation(ctx.locale),))
    screen = _bannered(ctx, screen) or screen
    await _remember(ctx, screen, await ctx.app.deliver.show(ctx.chat_id, shown, screen))


async def _remember(ctx: Context, screen: Screen, shown: Shown | None) -> None:
    """Notes which message is the living one and who reads text typed under it, where that changed."""
    state = ctx.state
    if shown is not None:
        kind = "photo" if shown.photo else "text"
        if (state.message_id, state.message_kind) != (shown.message_id, kind):
            ctx.ui |= living_message(shown.message_id, kind)
            if state.message_id is not None and state.message_id not in (
                shown.message_id,
                ctx.shown and ctx.shown.message_id,
            ):
                await ctx.app.deliver.delete(ctx.chat_id, state.message_id)
    if (state.input or "") != screen.listens:
        ctx.ui[UiField.INPUT] = screen.listens


def _note_done(ctx: Context) -> None:
    """Notes the end in the journal; a step of a form was stored as done already, and only the screen is left."""
    if ctx.settled and not ctx.write_key:
        ctx.app.journal.set_ui(ctx.person.id, ctx.ui)
    else:
        ctx.app.gate.done(ctx.entry, ui=ctx.ui)
