"""Ordering an export: what goes into the file, how far it is, stopping it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from handlers._engine import exporting
from handlers._engine.bulk import listing
from handlers._engine.dispatch import ResourceRoute, Stale
from handlers._engine.listing import names_of, owner_of, place_of, query_of
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.queries import ListQuery
from resources.resource import Op, Resource
from services.export import columns
from services.export.orders import OPEN, Order, Standing, State
from views.export import Wanted, choice_screen, end_screen, title
from views.screen import Outcome

TICKED = "ticked"
"""Argument of the button on the screen of ticked rows."""


async def open_export(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The choice of format and columns; how far the file is while one is being made."""
    standing = await ctx.app.exports.current(ctx.person.id)
    if standing is not None and standing.state in OPEN:
        return _progress(ctx, standing)
    query, name = await _asked(ctx, resource, go)
    wanted = Wanted.unpack(go.arg, columns.names(resource)) or await _usual(ctx, resource, go, query)
    return Outcome(choice_screen(resource, wanted, name, go.view, exporting.ROWS, ctx.locale))


async def start_export(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """How far the ordered file is; nothing is ordered while another one is being made."""
    wanted = Wanted.unpack(go.arg, columns.names(resource))
    if wanted is None or not wanted.columns:
        return await open_export(ctx, resource, go)
    query, name = await _asked(ctx, resource, go)
    ids = sorted(await _ticked(ctx, resource)) if wanted.ticked else []
    if wanted.ticked and not ids:
        raise Stale
    order = Order(
        id=secrets.token_hex(4), user_id=ctx.person.id, admin_id=ctx.principal.admin_id or 0,
        title=name, resource=resource.code, under=resource.under, view=go.view, arg=go.arg,
        format=wanted.format, columns=tuple(sorted(wanted.columns)), full=wanted.full,
        language=ctx.locale.language, zone=str(ctx.locale.zone), created_at=ctx.now,
        ids=tuple(ids), search=query.search, filters=dict(query.filters), sort=query.sort,
        expected=len(ids) if ids else wanted.expected,
    )  # fmt: skip
    if not await ctx.app.exports.begin(order):
        return await open_export(ctx, resource, go)
    await exporting.ask(ctx.app, order.user_id, order.id)
    return _progress(ctx, Standing(order, State.WAITING))


async def stop_export(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """That it was stopped, or what has become of it already."""
    state = await ctx.app.exports.stop(ctx.person.id, go.arg)
    standing = await ctx.app.exports.current(ctx.person.id)
    if state is None or standing is None:
        raise Stale
    if state in OPEN:
        return _progress(ctx, standing)
    text = ctx.html("export.stopped" if state is State.STOPPED else "export.over")
    return Outcome(end_screen(resource, standing.order, text, ctx.locale, again=state is State.STOPPED))


def _progress(ctx: Context, standing: Standing) -> Outcome:
    resource = exporting.resource_of(ctx.app, standing.order)
    if resource is None:
        raise Stale
    return Outcome(exporting.progress(resource, standing, ctx.locale, ctx.now))


async def _asked(ctx: Context, resource: Resource[Any], go: Go) -> tuple[ListQuery, str]:
    """The query of the list, and what the file is of."""
    place = place_of(resource, go)
    query, search, remembered = await query_of(ctx, resource, place)
    if not remembered:
        # Without its text it would be another list, and a larger file, than the person saw.
        raise Stale("stale.search_lost")
    names, owner = await asyncio.gather(names_of(ctx, resource, place), owner_of(ctx, resource))
    return query, title(resource, place, search, ctx.locale, names, owner)


async def _ticked(ctx: Context, resource: Resource[Any]) -> frozenset[int]:
    return await ctx.app.lists.ticked(ctx.person.id, resource.code, listing(resource))


async def _usual(ctx: Context, resource: Resource[Any], go: Go, query: ListQuery) -> Wanted:
    """What is ticked at first: what the list's rows carry, or what cards do for ticked rows."""
    if go.arg == TICKED:
        ids = await _ticked(ctx, resource)
        return Wanted(columns=frozenset(columns.usual(resource, ())), ticked=True, expected=len(ids))
    page = await ctx.app.records.page(ctx.caller, resource, query.at(1))
    return Wanted(columns=frozenset(columns.usual(resource, page.items)), expected=page.total)


ROUTES: Mapping[str, ResourceRoute] = {
    Press.EXPORT: ResourceRoute(open_export, Op.EXPORT, shows=True),
    Press.EXPORT_NOW: ResourceRoute(start_export, Op.EXPORT),
    Press.EXPORT_STOP: ResourceRoute(stop_export, Op.EXPORT),
}
