"""List, filters, jump and search: reading a page of records."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from api.errors import BackendError, SessionEnded
from keyboards.buttons import Row
from keyboards.callbacks import Go, Place, Press, from_base36
from middlewares.context import Context
from models.access import OFFICE
from resources.queries import ListQuery, Page
from resources.resource import Op, Resource
from views.card import deed_button
from views.listing import ListRights, choices_screen, filters_screen, jump_screen, list_screen
from views.screen import Outcome, Screen

OWNER_WITHIN = 1.5
"""Seconds that the name of the record above a list may take."""
CHOICES = 10
"""Records on one page of what a filter can narrow to."""
_ADDRESS = re.compile(r"[0-9a-z]{1,7}", re.ASCII)


def place_of(resource: Resource[Any], go: Go) -> Place:
    """The place an address names, limited to options that the declaration has."""
    place = Place.unpack(go.view, len(resource.list.filters))
    options = tuple(
        option if item.value(option) is not None else 0
        for item, option in zip(resource.list.filters, place.options, strict=True)
    )
    sort = place.sort if place.sort < len(resource.list.sorts) else 0
    return replace(place, options=options, sort=sort, parent=resource.under)


async def query_of(ctx: Context, resource: Resource[Any], place: Place) -> tuple[ListQuery, str, bool]:
    """The query of a place, the text that is searched, and False when that text was forgotten (Redis lost it)."""
    search = await ctx.search_text(place.search) if place.search else ""
    filters = {
        item.name: value
        for item, option in zip(resource.list.filters, place.options, strict=True)
        if (value := item.value(option)) is not None
    }
    query = ListQuery(
        page=place.page,
        search=search or "",
        filters=filters,
        sort=resource.list.sorts[place.sort],
        zone=ctx.locale.zone,
    )
    return query, search or "", search is not None


async def read_page(ctx: Context, resource: Resource[Any], place: Place) -> tuple[Page[Any], str, bool]:
    """The page at ``place``; past the end the last page where that is known, else the one before or the first."""
    query, search, remembered = await query_of(ctx, resource, place)
    page = await ctx.app.records.page(ctx.caller, resource, query)
    nearer = [page.pages] if page.pages is not None else [place.page - 1, 1]
    for number in nearer:
        if page.items or not number or number >= page.query.page:
            break
        page = await ctx.app.records.page(ctx.caller, resource, query.at(number))
    return page, search, remembered


async def show_list(ctx: Context, resource: Resource[Any], place: Place, note: str = "") -> Outcome:
    """The list at ``place``; text typed under it searches in it."""
    (page, search, remembered), owner = await asyncio.gather(
        read_page(ctx, resource, place), owner_of(ctx, resource)
    )
    place = place.at(page.query.page)
    rights = ListRights(
        lambda op: ctx.may(resource, op),
        lambda tool: ctx.may_run(resource, tool),
        quick_deeds(ctx, resource, place),
        back_of(ctx, resource),
        await names_of(ctx, resource, place),
        owner,
    )
    text, rows = list_screen(resource, page, place, search, ctx.locale, rights)
    screen = Screen(text, tuple(rows), listens=f"list:{resource.code}:{place.pack()}")
    return Outcome(screen.noted(note or (None if remembered else ctx.html("stale.search_lost"))))


async def owner_of(ctx: Context, resource: Resource[Any]) -> str:
    """What the record is called that the list belongs to, its number where nobody can tell in time; ``""`` for a list
    that stands alone."""
    parent = ctx.app.registry.by_code.get(resource.parent) if resource.under else None
    if parent is None:
        return ""
    title = ""
    if ctx.may(parent, Op.CARD):
        try:
            async with asyncio.timeout(OWNER_WITHIN):
                record = await ctx.app.records.owner(ctx.caller, parent, resource.under)
                title = parent.title(record, ctx.locale)
        except SessionEnded:
            raise
        except (BackendError, TimeoutError):
            # Its number says it, too, and a name above the list is not worth losing the list.
            title = ""
    return title.strip() or f"#{resource.under}"


def back_of(ctx: Context, resource: Resource[Any]) -> Go:
    """Where Back leads from a list: the parent's card, the administration, the module's hub, or the menu."""
    if resource.under:
        return Go(Press.CARD, resource.parent, resource.under)
    if resource.module in OFFICE:
        return Go(Press.OFFICE)
    return Go(Press.HUB, resource.code) if ctx.app.registry.is_hub(resource) else Go(Press.MENU)


def newest(resource: Resource[Any]) -> Go:
    """The whole list, the last created first where it has that order."""
    sorts = resource.list.sorts
    place = Place(
        options=(0,) * len(resource.list.filters),
        sort=sorts.index("created") if "created" in sorts else 0,
        parent=resource.under,
    )
    return Go(Press.LIST, resource.code, view=place.pack())


def quick_deeds(ctx: Context, resource: Resource[Any], place: Place) -> Callable[[Any], Row]:
    """Makes the row of deeds under a record of the list."""
    deeds = [
        deed for deed in resource.deeds if deed.name in resource.list.quick and ctx.may_do(resource, deed)
    ]

    def row(record: Any) -> Row:
        return tuple(
            deed_button(resource, deed, record, place.pack(), ctx.locale, ctx.keyed, in_list=True)
            for deed in deeds
            if deed.offered is None or deed.offered(record)
        )

    return row


async def open_list(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The list an address names."""
    return await show_list(ctx, resource, place_of(resource, go))


async def open_filters(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The filters of a list; no record is read."""
    place = place_of(resource, go)
    text, rows = filters_screen(resource, place, ctx.locale, await names_of(ctx, resource, place))
    return Outcome(Screen(text, tuple(rows)))


async def names_of(ctx: Context, resource: Resource[Any], place: Place) -> dict[int, str]:
    """The names of the records that the list is narrowed to, by the number of the filter."""
    names: dict[int, str] = {}
    for index, (item, option) in enumerate(zip(resource.list.filters, place.options, strict=True)):
        if item.lookup is None or not option:
            continue
        try:
            record = await ctx.app.records.look_up(ctx.caller, item.lookup, option)
        except SessionEnded:
            raise
        except BackendError:
            # Its number is there, and a name beside the list is not worth losing the list.
            continue
        names[index] = record.ref.best(ctx.locale.language)
    return names


async def open_choices(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The records that a filter can narrow to, a page of them: ``arg`` is filter, page, and the token of a search."""
    head, _, token = go.arg.partition("-")
    text = (await ctx.search_text(token) or "") if token else ""
    return await choices(ctx, resource, go.view, head, token, text)


async def search_choices(ctx: Context, resource: Resource[Any], view: str, typed: str) -> Outcome:
    """Those of them that hold ``typed``; ``view`` is the place in the list and, behind a colon, the filter."""
    place, _, head = view.partition(":")
    text = " ".join(typed.split())[:100]
    return await choices(ctx, resource, place, head[:1], await ctx.search_token(text) if text else "", text)


async def choices(
    ctx: Context, resource: Resource[Any], view: str, head: str, token: str, text: str
) -> Outcome:
    """The page ``head`` (filter and page) of what a filter can narrow to; without such a filter the list."""
    place = place_of(resource, Go(Press.LIST, resource.code, view=view))
    numbers = [from_base36(part) for part in (head[:1], head[1:7])] if _ADDRESS.fullmatch(head) else [0, 1]
    index, number = numbers[0], numbers[1] or 1
    if index >= len(resource.list.filters) or (lookup := resource.list.filters[index].lookup) is None:
        return await show_list(ctx, resource, place)
    query = ListQuery(number, CHOICES, search=text, language=ctx.locale.language)
    page = await ctx.app.records.lookup(ctx.caller, lookup, query)
    screen_text, rows = choices_screen(resource, index, page, place, token, text, ctx.locale)
    return Outcome(
        Screen(screen_text, tuple(rows), listens=f"choose:{resource.code}:{place.pack()}:{head[:1]}")
    )


async def open_jump(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """Pages to jump to; a number typed under it is a page too."""
    place = place_of(resource, go)
    page, _, _ = await read_page(ctx, resource, place)
    text, rows = jump_screen(resource, place, page.pages, ctx.locale)
    return Outcome(Screen(text, tuple(rows), listens=f"jump:{resource.code}:{place.pack()}"))


async def search_list(ctx: Context, resource: Resource[Any], view: str, typed: str) -> Outcome:
    """The list narrowed to ``typed``; the filters stay."""
    place = place_of(resource, Go(Press.LIST, resource.code, view=view))
    text = " ".join(typed.split())[:100]
    if not text:
        return await show_list(ctx, resource, place)
    token = await ctx.search_token(text)
    return await show_list(ctx, resource, replace(place, page=1, search=token))


async def jump_to(ctx: Context, resource: Resource[Any], view: str, typed: str) -> Outcome:
    """The typed page number; anything that is not a number is searched instead."""
    place = place_of(resource, Go(Press.LIST, resource.code, view=view))
    if typed.strip().isascii() and typed.strip().isdigit() and len(typed.strip()) <= 6:
        return await show_list(ctx, resource, place.at(int(typed)))
    return await search_list(ctx, resource, view, typed)
