"""The dashboard: an area and a period, as a text and as a picture above it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from redis.exceptions import RedisError

from handlers._engine.dispatch import PersonRoute
from keyboards.buttons import Button, Row, navigation, pairs
from keyboards.callbacks import Go, Press
from middlewares.context import App, Context
from services.charts.studio import State
from services.spans import Period, Span
from services.statistics import NEED, Area
from views.deliver import Shown
from views.screen import Outcome, Screen
from views.statistics import chart_of, text_of

CODES: Mapping[str, Area] = {area[:2]: area for area in Area}
SPANS: Mapping[str, Span] = {span[0]: span for span in Span}
ANEW = "n"
USUAL = Span.WEEK
ANSWER_WITHIN = 4.0
"""Seconds until the figures are shown, with their picture or without: they are figures all the same."""
LOOKS, LOOK_EVERY = 8, 0.25
NOTES = {State.LATE: "statistics.late", State.FAILED: "statistics.no_picture"}


async def open_statistics(ctx: Context, go: Go) -> Outcome:
    """The area and the period in the address; moderation this week for none."""
    began = time.monotonic()
    area, span = address_of(go)
    period = Period.of(span, datetime.fromtimestamp(ctx.now, UTC), ctx.locale.zone)
    report = await ctx.app.reports.report(area, ctx.caller, period, anew=go.arg.endswith(ANEW))
    chart = chart_of(area, report, ctx.locale)
    left = max(0.0, began + ANSWER_WITHIN - time.monotonic())
    state = None if chart is None else await ctx.app.charts.prepared(chart, left)
    plain = Screen(text_of(area, report, ctx.locale, ctx.app.names.of), _rows(ctx, area, span))
    if chart is None or state is None:
        return Outcome(plain)
    whole = replace(plain, photo=chart.address)
    if state is State.READY:
        return Outcome(whole)
    bare = replace(plain, text=text_of(area, report, ctx.locale, ctx.app.names.of, NOTES[state]))
    if state is State.FAILED:
        return Outcome(bare)
    # Whoever reads text typed under it is as good as a name: it tells whether the person still looks at this.
    bare, whole = (replace(one, listens=chart.address) for one in (bare, whole))
    ctx.app.charts.then(chart, lambda: _illustrate(ctx.app, ctx.person.id, whole))
    return Outcome(bare)


async def _illustrate(app: App, user_id: int, screen: Screen) -> None:
    """Puts the picture that came late above its figures, where the person still looks at them."""
    try:
        state = await app.preferences.state(user_id)
        for _ in range(LOOKS):
            if state.input == screen.listens:
                break
            # The screen is noted a moment after it was shown.
            await asyncio.sleep(LOOK_EVERY)
            state = await app.preferences.state(user_id)
        if state.input != screen.listens or state.message_id is None:
            return
        shown = await app.deliver.redraw(user_id, Shown(state.message_id), screen)
        if shown is not None:
            await app.preferences.set_living(user_id, shown.message_id, "photo" if shown.photo else "text")
    except RedisError:
        return


def address_of(go: Go) -> tuple[Area, Span]:
    """What an address asks for."""
    return CODES.get(go.arg[:2], Area.MODERATION), SPANS.get(go.arg[2:3], USUAL)


def _go(area: Area, span: Span, anew: str = "") -> Go:
    return Go(Press.STATISTICS, arg=f"{area[:2]}{span[0]}{anew}")


def _rows(ctx: Context, area: Area, span: Span) -> tuple[Row, ...]:
    spans = [_choice(ctx, f"statistics.span.{one}", _go(area, one), chosen=one is span) for one in Span]
    areas = [_choice(ctx, f"statistics.area.{one}", _go(one, span), chosen=one is area) for one in Area]
    refresh = Button(ctx.t("status.refresh"), _go(area, span, ANEW))
    return (tuple(spans), *pairs([*areas, refresh], longest=22), navigation(ctx.locale, Go(Press.OFFICE)))


def _choice(ctx: Context, key: str, go: Go, *, chosen: bool) -> Button:
    return Button(("● " if chosen else "") + ctx.t(key), go)


ROUTES: Mapping[str, PersonRoute] = {Press.STATISTICS: PersonRoute(open_statistics, NEED, shows=True)}
