"""The telling on the card of what it is about: how it stands, and the button that has everybody told."""

from __future__ import annotations

from api.errors import NotFound
from handlers._engine.dispatch import Stale
from handlers._engine.own import RecordContext
from handlers.community.shown import title
from handlers.community.telling.kinds import KINDS, Plan, ways
from handlers.community.telling.ordering import RESOURCES, allowed, noted, order, state
from handlers.community.telling.running import NEED
from handlers.community.telling.screens import go_to, read
from keyboards.buttons import SUCCESS, Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from services import policy
from services.tellings import AGAIN, OPEN, Line, State
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

NAMED = 6
"""Members whom nothing can be sent to who are named before it is."""


async def show(own: RecordContext, kind: str) -> Outcome:
    """What an ``Action`` of those records shows: how the telling stands, else whom it would reach."""
    go = go_to(Press.TELL_STATE, kind, own.go.id)
    if await own.ctx.app.tellings.standing(kind, own.go.id) is not None:
        return await state(own.ctx, go)
    return await _before(own.ctx, kind, own.go.id, own.card())


async def mark(ctx: Context, kind: str, record_id: int) -> str:
    """What stands above the card of such a record (``Resource.known``): how the telling goes, and whom it missed."""
    standing = await ctx.app.tellings.standing(kind, record_id)
    if standing is None:
        return ""
    if standing.state in OPEN:
        return ctx.html("tellings.mark.open")
    missed = [(line, len(standing.members(line))) for line in (*sorted(AGAIN), Line.NO_WAY)]
    told = [ctx.t(f"tellings.mark.{line}", count=count) for line, count in missed if count]
    key = "done" if standing.state is State.DONE else "ended"
    return Html(" · ").join([ctx.html(f"tellings.mark.{key}"), *told])


async def tell_now(ctx: Context, go: Go) -> Outcome:
    """The progress of the telling that this press orders, or of the one that an earlier press has."""
    found = read(go)
    if found is None or not ctx.key_holds(go):
        raise Stale
    await allowed(ctx)
    kind = found[0]
    began = await order(
        ctx.app,
        kind,
        go.id,
        ctx.person.id,
        ctx.principal.admin_id or 0,
        ctx.locale.language,
        str(ctx.locale.zone),
    )
    if began:
        await noted(ctx, RESOURCES[kind], go.id, "tell")
    shown = await state(ctx, go_to(Press.TELL_STATE, kind, go.id))
    return Outcome(shown.screen, toast=ctx.t("tellings.begun") if began else "")


async def _before(ctx: Context, kind: str, record_id: int, back: Go) -> Outcome:
    """How many would be told, in which channels, and who can not be."""
    locale = ctx.locale
    try:
        plan: Plan = await KINDS[kind].plan(ctx.app, ctx.caller, record_id)
    except NotFound:
        plan = Plan(over="tellings.gone")
    head = bold(f"{KINDS[kind].icon} {locale.t(f'tellings.kind.{kind}')}")
    untold = [one for one in plan.parties if not one.told and len(one.members) > 1]
    rows: list[Row] = []
    if plan.over or not untold:
        body: list[object] = [locale.html(plan.over or "tellings.nothing")]
    else:
        members = [one for party in untold for one in party.members]
        found = {one.id: ways(KINDS[kind], one) for one in members}
        reached = sum(not isinstance(one, Line) for one in found.values())
        body = [locale.html("tellings.before", n=reached, count=locale.number(reached))]
        for line in (Line.DECLINED, Line.NO_WAY):
            names = [label(title(one, locale), 60) for one in members if found[one.id] is line]
            if names:
                more = f" +{len(names) - NAMED}" if len(names) > NAMED else ""
                body.append(locale.html(f"tellings.count.{line}", count=locale.number(len(names))))
                body.append(", ".join(names[:NAMED]) + more)
        if policy.allows(ctx.principal, NEED):
            now = ctx.keyed(go_to(Press.TELL_NOW, kind, record_id))
            rows.append((Button(f"📣 {locale.t('tellings.now')}", now, style=SUCCESS),))
    rows.append(navigation(locale, back))
    return Outcome(Screen(fit(lines(head, "", *body), TEXT_LIMIT), tuple(rows)))
