"""Where a round begins: what is due, how many take part, and the order to match them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from handlers._engine.dispatch import ResourceRoute
from handlers._engine.own import ListContext
from handlers.community.coffee import solving
from handlers.community.coffee.reports import toggle
from handlers.community.coffee.shown import CODE, plans_source
from keyboards.buttons import PRIMARY, Button, Row, navigation
from keyboards.callbacks import Go, Press, from_base36
from middlewares.context import Context
from models.community import CoffeeSchedule
from resources.resource import Op, Resource
from services import policy
from services.coffee import Preview, State
from services.coffee_times import next_due, today
from utils.html import Html, bold, italic, lines
from views.coffee import AGAIN, Painter
from views.fitting import TEXT_LIMIT, fit
from views.screen import Outcome, Screen

TOOL = "prepare"
FAR = timedelta(days=400)
FEWEST = 2


async def open_prepare(tool: ListContext) -> Outcome:
    """What a round would be made from."""
    return await intro(tool.ctx)


async def intro(ctx: Context, note: str = "") -> Outcome:
    """The next run, how many are due, what counts, and the ways on."""
    plans, locale = plans_source(ctx.app), ctx.locale
    schedule = await plans.schedule(ctx.caller)
    days = _days(schedule)
    counts, preview, reports = await asyncio.gather(
        asyncio.gather(*(plans.candidates(ctx.caller, day) for day in days)),
        ctx.app.coffee.load(ctx.person.id, ctx.principal.admin_id or 0),
        toggle(ctx),
    )
    rows: list[Row] = []
    told: list[Html] = []
    for day, people in zip(days, counts, strict=True):
        name = locale.t("coffee.today") if day == days[0] else locale.day(day)
        told.append(ctx.html("coffee.due", day=name, n=len(people), count=locale.number(len(people))))
        if len(people) >= FEWEST:
            text = locale.t("coffee.prepare_for", day=locale.short_day(day))
            go = Go(Press.MATCH_SOLVE, CODE, arg=f"d{day:%Y%m%d}")
            rows.append((Button(f"🎲 {text}", go, style=PRIMARY if preview is None else None),))
    if preview is not None:
        text = ctx.t("coffee.open_preview", day=locale.short_day(preview.day))
        rows.insert(0, (Button(f"👀 {text}", Go(Press.MATCH, CODE), style=PRIMARY),))
    rows += [(reports,), navigation(locale, Go(Press.LIST, CODE))]
    policy_text = f"coffee.rule_{'skip' if schedule.odd_policy == 'skip' else 'trio'}"
    body = lines(
        bold(f"🎲 {ctx.t('coffee_rounds.action.prepare')}"),
        "",
        ctx.html("coffee.next_run", when=locale.moment(schedule.next_run_at))
        if schedule.next_run_at
        else ctx.html("coffee.no_next_run"),
        *told,
        None if any(len(people) >= FEWEST for people in counts) else ctx.html("coffee.too_few"),
        "",
        bold(ctx.t("coffee.rules")),
        _rule(ctx, schedule),
        Html("• ") + ctx.t("coffee.rule_bars"),
        Html("• ") + ctx.t(policy_text),
        Html("• ") + ctx.t("coffee.rule_new"),
        *(("", italic(ctx.t("coffee.replaces"))) if preview is not None and rows[1:-2] else ()),
    )
    return Outcome(Screen(fit(body, TEXT_LIMIT), tuple(rows)).noted(note))


def _rule(ctx: Context, schedule: CoffeeSchedule) -> Html | None:
    weeks = schedule.lookback_weeks
    if not weeks:
        return None
    text: str = ctx.t("coffee.rule_lookback", n=weeks, count=ctx.locale.number(weeks))
    return Html("• ") + text


def _days(schedule: CoffeeSchedule) -> list[date]:
    """Today, and the day of the next run where that is another one."""
    now = datetime.now(UTC)
    due = next_due(schedule, now)
    here = today(schedule, now)
    return [here] if due is None or due.day == here else [here, due.day]


# --- ordering -----------------------------------------------------------------------------------------------


async def order(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The preview, on its way; of one that stands, only what is not locked is solved anew."""
    caller = await ctx.fresh_caller()
    policy.require(caller.principal, solving.NEED)
    admin_id = caller.principal.admin_id or 0
    if go.arg.endswith(f"-{AGAIN}"):
        return await _again(ctx, resource, admin_id, go.arg)
    day = _day(go.arg)
    if day is None:
        return await intro(ctx, ctx.html("coffee.stale"))
    version = await ctx.app.coffee.begin(ctx.person.id, admin_id, day)
    await solving.ask(ctx.app, ctx.person.id, admin_id, version)
    return await current(ctx, resource)


async def _again(ctx: Context, resource: Resource[Any], admin_id: int, arg: str) -> Outcome:
    preview = await ctx.app.coffee.load(ctx.person.id, admin_id)
    seen = version_of(arg)
    task = await ctx.app.coffee.task(ctx.person.id)
    if preview is None or task is None or preview.version != seen or preview.state is not State.READY:
        return await stale(ctx, resource)
    version = await ctx.app.coffee.again(
        ctx.person.id, seen, replace(task, seed=secrets.randbelow(solving.SEEDS))
    )
    if version is None:
        return await stale(ctx, resource)
    await solving.ask(ctx.app, ctx.person.id, admin_id, version)
    return await current(ctx, resource)


async def current(ctx: Context, resource: Resource[Any], note: str = "") -> Outcome:
    """The preview as it stands; where it begins, when there is none."""
    preview = await kept(ctx)
    if preview is None:
        return await intro(ctx, note)
    return Outcome(Painter(resource, preview, ctx.locale).current().noted(note))


async def stale(ctx: Context, resource: Resource[Any]) -> Outcome:
    """What stands now, and that the button was of an earlier state: nothing was done."""
    preview = await kept(ctx)
    return await current(ctx, resource, ctx.html("coffee.gone" if preview is None else "coffee.stale"))


async def kept(ctx: Context) -> Preview | None:
    """What this person prepares."""
    return await ctx.app.coffee.load(ctx.person.id, ctx.principal.admin_id or 0)


def version_of(arg: str) -> int:
    """The version that an address was drawn for; 0 for none."""
    text = arg.partition("-")[0]
    return from_base36(text) if text.isascii() and text.isalnum() and text == text.lower() else 0


def _day(arg: str) -> date | None:
    """The day that an order names; None for nothing that could be planned now."""
    try:
        day = datetime.strptime(arg, "d%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    here = datetime.now(UTC).date()
    return day if here - timedelta(days=1) <= day <= here + FAR else None


ROUTES: Mapping[str, ResourceRoute] = {
    Press.MATCH_SOLVE: ResourceRoute(order, Op.ACTION, tool=TOOL),
}
