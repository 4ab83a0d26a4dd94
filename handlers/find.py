"""One search over every module the person may read, grouped by module."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from api.errors import BackendError, SessionEnded
from handlers._engine.dispatch import PersonRoute
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Place, Press
from middlewares.context import Context
from models.access import SIGNED_IN
from resources.queries import ListQuery, Page
from resources.resource import Op, Resource
from utils.html import bold, lines
from views.fitting import label
from views.listing import record_label
from views.screen import Outcome, Screen

PER_MODULE = 4
ROWS = 14
"""Hits on one screen: more would bury the way to all of them."""
WITHIN = 3.0
"""Seconds a module may take: a slow one must not keep the others' hits from the person."""


async def open_find(ctx: Context, go: Go | None = None) -> Outcome:
    """The question what to search."""
    return Outcome(
        Screen(
            lines(bold(ctx.t("find.title")), "", ctx.html("find.question")),
            (navigation(ctx.locale, Go(Press.MENU)),),
        )
    )


async def find(ctx: Context, typed: str) -> Outcome:
    """The first hits of each module, and the way to all of them; a module that cannot answer says so."""
    text = " ".join(typed.split())[:100]
    if not text:
        return await open_find(ctx)
    resources = [
        item
        for item in ctx.app.registry
        if item.list.search and item.list.everywhere and not item.parent and ctx.may(item, Op.LIST)
    ]
    pages, token = await asyncio.gather(
        asyncio.gather(*(_search(ctx, item, text) for item in resources)), ctx.search_token(text)
    )
    hits = sum(1 for page in pages if page is not None and page.items)
    each = max(1, min(PER_MODULE, ROWS // max(1, hits)))
    blocks, rows = [], []
    for resource, page in zip(resources, pages, strict=True):
        block, found = _group(ctx, resource, page, token, each)
        blocks += [block] if block else []
        rows += found
    head = bold(ctx.t("find.results", text=label(text, 60)))
    silent = [_name(ctx, item) for item, page in zip(resources, pages, strict=True) if page is None]
    nothing = not any(page is None or page.items for page in pages)
    body = [ctx.html("find.nothing")] if nothing else blocks
    if silent:
        body.append(lines("" if blocks else None, ctx.html("find.failed", modules=", ".join(silent))))
    return Outcome(Screen(lines(head, "", *body), (*rows, navigation(ctx.locale, Go(Press.MENU)))))


async def _search(ctx: Context, resource: Resource[Any], text: str) -> Page[Any] | None:
    try:
        async with asyncio.timeout(WITHIN):
            return await ctx.app.records.page(ctx.caller, resource, ListQuery(size=PER_MODULE, search=text))
    except SessionEnded:
        raise
    except (BackendError, TimeoutError):
        return None


def _group(
    ctx: Context, resource: Resource[Any], page: Page[Any] | None, token: str, each: int
) -> tuple[Any, list[Row]]:
    """One line about the module and the buttons of its first hits; nothing about a module without any."""
    if page is None or not page.items:
        return None, []
    view = Place(options=(0,) * len(resource.list.filters), search=token).pack()
    rows: list[Row] = [
        (Button(record_label(resource, item, ctx.locale), Go(Press.CARD, resource.code, item.id, view=view)),)
        for item in page.items[:each]
    ]
    if page.has_next or len(page.items) > each:
        everything = ctx.t("find.all", module=ctx.t(resource.key + ".title"))
        rows.append((Button(everything, Go(Press.LIST, resource.code, view=view)),))
    count = f"{len(page.items)}+" if page.has_next else str(len(page.items))
    return ctx.html("find.group", module=_name(ctx, resource), count=count), rows


def _name(ctx: Context, resource: Resource[Any]) -> str:
    return f"{resource.icon} {ctx.t(resource.key + '.title')}"


ROUTES: Mapping[str, PersonRoute] = {Press.FIND: PersonRoute(open_find, SIGNED_IN, shows=True)}
