"""Reports of scheduled rounds: who asked for them, and telling those."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from api.errors import BackendError
from handlers._engine.dispatch import ResourceRoute
from handlers._engine.own import ListContext
from handlers.community.coffee.shown import CODE, rounds_of
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from middlewares.context import App, Context
from models.access import Module, Need, Permission, Principal
from resources.resource import Op, Resource
from services import policy
from services.policy import Denied
from utils.html import bold, lines
from views.screen import Outcome, Screen

NEED = Need(Permission.READ, Module.COMMUNITY)
ON, OFF = "1", "0"


async def open_reports(tool: ListContext) -> Outcome:
    """Whether this person gets reports, and the way to change that."""
    return await _screen(tool.ctx)


async def turn(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """Reports on or off for this person alone."""
    wanted = go.arg == ON
    caller = await ctx.fresh_caller()
    policy.require(caller.principal, NEED)
    await ctx.app.coffee_runs.subscribe(ctx.person.id, caller.principal.admin_id or 0, wanted=wanted)
    screen = (await _screen(ctx)).screen
    return Outcome(screen, toast=ctx.t("coffee.reports_on" if wanted else "coffee.reports_off"))


async def toggle(ctx: Context) -> Button:
    """``Report to me: on``, wherever it stands."""
    on = await ctx.app.coffee_runs.subscribed(ctx.person.id, ctx.principal.admin_id or 0)
    text = ctx.t("coffee.reports_are_on" if on else "coffee.reports_are_off")
    return Button(f"{'🔔' if on else '🔕'} {text}", Go(Press.MATCH_REPORT, CODE, arg=OFF if on else ON))


async def _screen(ctx: Context) -> Outcome:
    rows: tuple[Row, ...] = (
        (await toggle(ctx),),
        navigation(ctx.locale, Go(Press.LIST, CODE)),
    )
    head = bold(f"🔔 {ctx.t('coffee_rounds.action.reports')}")
    return Outcome(Screen(lines(head, "", ctx.html("coffee.reports_hint")), rows))


async def report(app: App, about: str, screen: Callable[[Locale, Principal], Screen]) -> None:
    """Tells everybody who asked for it, each once for the same ``about``."""
    async for principal, locale in _readers(app):
        if await app.coffee_runs.tell_once(about, principal.telegram_user_id):
            await app.deliver.show(principal.telegram_user_id, None, screen(locale, principal))


async def _readers(app: App) -> AsyncIterator[tuple[Principal, Locale]]:
    """Those who asked for reports, are signed in as the admin that did, and still may see the rounds."""
    for user_id, admin_id in (await app.coffee_runs.subscribers()).items():
        session = await app.sessions.load(user_id)
        if session is None or session.admin_id != admin_id:
            continue
        try:
            fresh = await app.sessions.revalidate(session, time.time(), used=False)
            policy.require(fresh.principal, NEED)
        except (BackendError, Denied):
            continue
        state = await app.preferences.state(user_id)
        yield fresh.principal, app.locale(state.reads, state.timezone)


def open_round(app: App, round_id: int, locale: Locale) -> Row:
    """The way to the round."""
    return (Button(f"☕ {locale.t('coffee.open_round')}", Go(Press.CARD, rounds_of(app).code, round_id)),)


ROUTES: Mapping[str, ResourceRoute] = {Press.MATCH_REPORT: ResourceRoute(turn, Op.LIST)}
