"""Approve, reject and delete one record."""

from __future__ import annotations

from typing import Any

from api.errors import NotFound
from handlers._engine.card import show_card
from handlers._engine.listing import place_of, show_list
from handlers._engine.written import written
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.resource import Op, Resource
from services.writes import Ending
from utils.html import Html
from views.card import delete_screen
from views.screen import Outcome, Screen


async def approve(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card, stamped; a record that was approved meanwhile is shown with that fact and not approved again."""
    return await _decide(ctx, resource, go, approve=True)


async def reject(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card, stamped; a record that was rejected meanwhile is shown with that fact."""
    return await _decide(ctx, resource, go, approve=False)


async def _decide(ctx: Context, resource: Resource[Any], go: Go, *, approve: bool) -> Outcome:
    word = "approved" if approve else "rejected"
    card = Go(Press.CARD, resource.code, go.id, view=go.view)
    ending = Ending(written(card, f"done.{word}"))
    record, here = await ctx.app.records.moderate(
        ctx, resource, go.id, approve=approve, ending=lambda _: ending
    )
    ctx.settled = True
    note = "" if here else ctx.html(f"decided.{word}")
    return show_card(ctx, resource, record, go.view, note, ctx.t(f"done.{word}") if here else "")


async def ask_delete(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The question before a delete, naming the record and what goes with it."""
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    if not resource.offers(Op.DELETE, record):
        return show_card(ctx, resource, record, go.view, note=ctx.html("deed.not_now"))
    impact = ""
    if resource.impact is not None:
        impact = await resource.impact(ctx.app.records.source(resource), ctx.caller, go.id, ctx.locale)
    text, rows = delete_screen(resource, record, go.view, impact, ctx.locale, ctx.keyed)
    return Outcome(Screen(text, tuple(rows)))


async def delete(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The list again, without the record."""
    before: dict[str, Any] = {}
    title = ""
    try:
        record = await ctx.app.records.get(ctx.caller, resource, go.id)
        title = resource.title(record, ctx.locale)
        before = {item.name: item.value_of(getattr(record, item.name, None)) for item in resource.fields}
    except NotFound:
        if not ctx.lapsed:
            raise
    back = Go(Press.LIST, resource.code, view=go.view)
    await ctx.app.records.delete(ctx, resource, go.id, before, Ending(written(back, "done.deleted")))
    ctx.settled = True
    outcome = await show_list(
        ctx, resource, place_of(resource, back), ctx.html("deleted.note", title=title or Html("—"))
    )
    return Outcome(outcome.screen, toast=ctx.t("done.deleted"))
