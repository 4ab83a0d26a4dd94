"""The dashboard: an area and a period, as a text and as a picture above it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from handlers._engine.dispatch import PersonRoute
from keyboards.buttons import Button, Row, navigation, pairs
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from services.charts.studio import State
from services.spans import Period, Span
from services.statistics import NEED, Area
from views.screen import Outcome, Screen
from views.statistics import chart_of, text_of

CODES: Mapping[str, Area] = {area[:2]: area for area in Area}
SPANS: Mapping[str, Span] = {span[0]: span for span in Span}
ANEW = "n"
USUAL = Span.WEEK
ANSWER_WITHIN = 4.0
"""Seconds until the figures are shown, with their picture or without: they are figures all the same."""
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
    note = NOTES.get(state, "") if state is not None else ""
    text = text_of(area, report, ctx.locale, ctx.app.names.of, note)
    photo = chart.address if chart is not None and state is State.READY else None
    return Outcome(Screen(text, _rows(ctx, area, span), photo))


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


ROUTES: Mapping[str, PersonRoute] = {Press.STATISTICS: PersonRoute(open_statistics, NEED)}
