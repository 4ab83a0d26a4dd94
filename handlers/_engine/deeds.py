"""The module's own writes on one record: asked for, done once, told."""

from __future__ import annotations

from typing import Any

from handlers._engine import form
from handlers._engine.card import open_card, show_card
from handlers._engine.listing import place_of, show_list
from handlers._engine.written import written
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.resource import Deed, Resource
from services.writes import Ending
from views.card import FROM_LIST, question_screen
from views.screen import Outcome, Screen


async def open_deed(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The first field that the deed asks for, or the question before it."""
    deed = resource.deed(go.arg[:2])
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    if deed is None or (deed.offered is not None and not deed.offered(record)):
        return show_card(ctx, resource, record, go.view, note=ctx.html("deed.not_now"))
    if deed.fields:
        return await form.begin_deed(ctx, resource, deed, go, resource.title(record, ctx.locale))
    impact = ""
    if deed.impact is not None:
        impact = await deed.impact(ctx.app.records.source(resource), ctx.caller, record, ctx.locale)
    text, rows = question_screen(resource, deed, record, go.view, ctx.locale, ctx.keyed, impact)
    return Outcome(Screen(text, tuple(rows)))


async def do(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card, or the list the button stood in, after the deed."""
    deed = resource.deed(go.arg[:2])
    if deed is None:
        return await open_card(ctx, resource, go)
    in_list = go.arg[2:] == FROM_LIST
    place = Go(Press.LIST, resource.code, view=go.view) if in_list else card_of(resource, go)

    def ending(record: Any, here: bool) -> Ending:
        return Ending(written(place, told(resource, deed, record, here=here)))

    record, here = await ctx.app.records.act(ctx, resource, deed, go.id, {}, ending)
    ctx.settled = True
    toast = ctx.t(told(resource, deed, record, here=here))
    if in_list:
        return Outcome((await show_list(ctx, resource, place_of(resource, go))).screen, toast=toast)
    return show_card(ctx, resource, record, go.view, toast=toast)


def card_of(resource: Resource[Any], go: Go) -> Go:
    """The record's card at its place in the list."""
    return Go(Press.CARD, resource.code, go.id, view=go.view)


def told(resource: Resource[Any], deed: Deed[Any], record: Any, *, here: bool) -> str:
    """The key of what is said afterwards."""
    if not here:
        return "deed.not_now"
    return f"{resource.key}.done.{deed.name if deed.said is None else deed.said(record)}"
