"""Saved views: keeping a list under a name, opening it again, having it on the menu."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.errors import BackendError, SessionEnded
from handlers._engine.dispatch import PersonRoute, ResourceRoute, Stale
from handlers._engine.listing import names_of, owner_of, place_of, query_of, show_list
from keyboards.buttons import Button, Row
from keyboards.callbacks import Go, Place, Press
from middlewares.context import Context
from models.access import SIGNED_IN
from resources.queries import ListQuery
from resources.resource import Filter, Op, Resource
from services import policy
from services.saved_views import SavedView, TooMany
from utils.html import Html
from views.fitting import cut
from views.saved import (
    NAME_LIMIT,
    ask_screen,
    contents,
    default_name,
    deleted_screen,
    rename_screen,
    view_label,
    view_screen,
    views_screen,
)
from views.screen import Outcome

COUNTED = 50
"""Records asked for to count a pinned view: of more than that the number is told only where the source knows it."""


# --- saving -------------------------------------------------------------------------------------------------


async def ask_name(ctx: Context, resource: Resource[Any], go: Go, note: Html | None = None) -> Outcome:
    """The question how to call the list that an address names."""
    view, place = await _of_place(ctx, resource, go.view)
    parts = await _parts(ctx, resource, place, view.search)
    return Outcome(ask_screen(resource, parts, go.view, ctx.locale, note))


async def save_view(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The list kept under the name that was offered."""
    view, place = await _of_place(ctx, resource, go.view)
    name = default_name(await _parts(ctx, resource, place, view.search))
    return await _save(ctx, resource, replace(view, name=name))


async def typed_name(ctx: Context, resource: Resource[Any], packed: str, typed: str) -> Outcome:
    """The list kept under the typed name; the question again for a blank one."""
    view, _ = await _of_place(ctx, resource, packed)
    name = _name(typed)
    if not name:
        go = Go(Press.VIEW_ASK, resource.code, view=packed)
        return await ask_name(ctx, resource, go, ctx.html("views.no_name"))
    return await _save(ctx, resource, replace(view, name=name))


async def _of_place(ctx: Context, resource: Resource[Any], packed: str) -> tuple[SavedView, Place]:
    place = place_of(resource, Go(Press.LIST, resource.code, view=packed))
    query, search, remembered = await query_of(ctx, resource, place)
    if not remembered:
        raise Stale("stale.search_lost")
    view = SavedView(
        id="", admin_id=ctx.principal.admin_id or 0, resource=resource.code, under=resource.under, name="",
        created_at=ctx.now, filters=dict(query.filters), sort=query.sort, search=search,
    )  # fmt: skip
    return view, place


async def _parts(ctx: Context, resource: Resource[Any], place: Place, search: str) -> list[str]:
    names, owner = await asyncio.gather(names_of(ctx, resource, place), owner_of(ctx, resource))
    return contents(resource, place, search, ctx.locale, names, owner)


async def _save(ctx: Context, resource: Resource[Any], view: SavedView) -> Outcome:
    try:
        saved = await ctx.app.views.save(ctx.person.id, view)
    except TooMany as full:
        return await _all(ctx, ctx.html("views.too_many", limit=full.limit))
    return await _show(ctx, resource, saved, toast=ctx.t("views.saved"))


async def _show(ctx: Context, resource: Resource[Any], view: SavedView, toast: str = "") -> Outcome:
    place, _ = _place(resource, view, "")
    parts = await _parts(ctx, resource, place, view.search)
    return Outcome(view_screen(resource, view, parts, ctx.locale), toast=toast)


def _name(typed: str) -> str:
    """The typed name in one line; ``""`` for one that nobody could see."""
    name = cut(" ".join(typed.split()), NAME_LIMIT)
    return name if any(one.isprintable() and not one.isspace() for one in name) else ""


# --- looking ------------------------------------------------------------------------------------------------


async def open_views(ctx: Context, go: Go | None = None) -> Outcome:
    """All views whose lists this person may see."""
    return await _all(ctx)


async def _all(ctx: Context, note: Html | None = None) -> Outcome:
    return Outcome(views_screen(await _visible(ctx), ctx.locale).noted(note))


async def _visible(ctx: Context) -> list[tuple[Resource[Any], SavedView]]:
    views = await ctx.app.views.kept(ctx.person.id, ctx.principal.admin_id or 0)
    found = [(_resource(ctx, view), view) for view in views]
    return [(resource, view) for resource, view in found if resource is not None]


def _resource(ctx: Context, view: SavedView) -> Resource[Any] | None:
    """The view's list; None when it is no longer there, or not this person's to see."""
    found = ctx.app.registry.by_code.get(view.resource)
    if found is None or bool(found.parent) != bool(view.under) or not ctx.may(found, Op.LIST):
        return None
    return found.at(view.under)


async def _view(ctx: Context, view_id: str) -> tuple[Resource[Any], SavedView]:
    """The view an address names. Raises ``Stale``, and ``Denied`` when its list is not this person's to see."""
    view = await ctx.app.views.get(ctx.person.id, ctx.principal.admin_id or 0, view_id)
    if view is None:
        raise Stale("stale.view")
    resource = _resource(ctx, view)
    if resource is None:
        raise policy.Denied(ctx.principal, SIGNED_IN)
    return resource, view


async def open_view(ctx: Context, go: Go) -> Outcome:
    """The list of the view, as of now; what the list no longer knows is left out and said."""
    resource, view = await _view(ctx, go.arg)
    token = await ctx.search_token(view.search) if view.search else ""
    place, whole = _place(resource, view, token)
    return await show_list(ctx, resource, place, "" if whole else ctx.html("views.changed"))


def _place(resource: Resource[Any], view: SavedView, token: str) -> tuple[Place, bool]:
    """Where the view is, and False when its filters or its order are not what they were."""
    options = tuple(_option(item, view.filters.get(item.name)) for item in resource.list.filters)
    known = view.sort in resource.list.sorts
    sort = resource.list.sorts.index(view.sort) if known else 0
    whole = known and len([option for option in options if option]) == len(view.filters)
    return Place(options=options, sort=sort, search=token, parent=view.under), whole


def _option(item: Filter, value: str | None) -> int:
    """What stands in an address for that value of the filter; 0 for none, and for one it no longer has."""
    if value is None:
        return 0
    if item.lookup is not None:
        return int(value) if value.isascii() and value.isdigit() else 0
    return 1 + item.options.index(value) if value in item.options else 0


async def manage(ctx: Context, go: Go) -> Outcome:
    """One view and what can be done with it."""
    resource, view = await _view(ctx, go.arg)
    return await _show(ctx, resource, view)


# --- changing -----------------------------------------------------------------------------------------------


async def ask_new_name(ctx: Context, go: Go) -> Outcome:
    """The question for another name."""
    _, view = await _view(ctx, go.arg)
    return Outcome(rename_screen(view, ctx.locale))


async def typed_new_name(ctx: Context, view_id: str, typed: str) -> Outcome:
    """The view under the typed name; the question again for a blank one."""
    resource, view = await _view(ctx, view_id)
    name = _name(typed)
    if not name:
        return Outcome(rename_screen(view, ctx.locale, ctx.html("views.no_name")))
    renamed = await ctx.app.views.rename(ctx.person.id, view, name)
    return await _show(ctx, resource, renamed, toast=ctx.t("views.renamed"))


async def pin(ctx: Context, go: Go) -> Outcome:
    """The view on the menu, or off it: as the address says, however often it is pressed."""
    resource, view = await _view(ctx, go.arg)
    try:
        changed = await ctx.app.views.pin(ctx.person.id, view, pinned=bool(go.id))
    except TooMany as full:
        screen = (await _show(ctx, resource, view)).screen
        return Outcome(screen and screen.noted(ctx.html("views.too_many_pinned", limit=full.limit)))
    toast = ctx.t("views.pinned" if changed.pinned else "views.unpinned")
    return await _show(ctx, resource, changed, toast=toast)


async def delete(ctx: Context, go: Go) -> Outcome:
    """That the view is gone, with a way to bring it back."""
    _, view = await _view(ctx, go.arg)
    await ctx.app.views.delete(ctx.person.id, view, ctx.now)
    return Outcome(deleted_screen(view, ctx.locale))


async def restore(ctx: Context, go: Go) -> Outcome:
    """The view as it was before it was deleted."""
    try:
        view = await ctx.app.views.restore(ctx.person.id, ctx.principal.admin_id or 0, go.arg, ctx.now)
    except TooMany as full:
        return await _all(ctx, ctx.html("views.too_many", limit=full.limit))
    if view is None:
        raise Stale("stale.view")
    return await manage(ctx, Go(Press.VIEW, arg=view.id))


# --- the menu -----------------------------------------------------------------------------------------------


async def menu_rows(ctx: Context, seconds: float) -> list[Row]:
    """The pinned views with how many records they have, and the way to all; ready within ``seconds``, numbers or
    not."""
    views = await _visible(ctx)
    if not views:
        return []
    pinned = [(resource, view) for resource, view in views if view.pinned]
    counts = await _counts(ctx, pinned, seconds)
    rows: list[Row] = [
        (Button(view_label(resource, view, ctx.locale, count), Go(Press.VIEW_OPEN, arg=view.id)),)
        for (resource, view), count in zip(pinned, counts, strict=True)
    ]
    return [*rows, (Button(ctx.t("views.all", n=len(views)), Go(Press.VIEWS)),)]


async def _counts(
    ctx: Context, views: Sequence[tuple[Resource[Any], SavedView]], seconds: float
) -> list[int | None]:
    async def count(resource: Resource[Any], view: SavedView) -> int | None:
        try:
            async with asyncio.timeout(seconds):
                return await _count(ctx, resource, view)
        except SessionEnded:
            raise
        except (BackendError, TimeoutError):
            return None

    return list(await asyncio.gather(*(count(resource, view) for resource, view in views)))


async def _count(ctx: Context, resource: Resource[Any], view: SavedView) -> int | None:
    _, whole = _place(resource, view, "")
    if not whole:
        return None
    query = ListQuery(
        size=COUNTED, filters=view.filters, sort=view.sort, search=view.search, zone=ctx.locale.zone
    )
    return (await ctx.app.records.page(ctx.caller, resource, query)).total


RESOURCES: Mapping[str, ResourceRoute] = {
    Press.VIEW_ASK: ResourceRoute(ask_name, Op.LIST),
    Press.VIEW_SAVE: ResourceRoute(save_view, Op.LIST),
}
ROUTES: Mapping[str, PersonRoute] = {
    Press.VIEWS: PersonRoute(open_views, SIGNED_IN, shows=True),
    Press.VIEW: PersonRoute(manage, SIGNED_IN),
    Press.VIEW_OPEN: PersonRoute(open_view, SIGNED_IN, shows=True),
    Press.VIEW_RENAME: PersonRoute(ask_new_name, SIGNED_IN),
    Press.VIEW_PIN: PersonRoute(pin, SIGNED_IN),
    Press.VIEW_DELETE: PersonRoute(delete, SIGNED_IN),
    Press.VIEW_RESTORE: PersonRoute(restore, SIGNED_IN),
}
