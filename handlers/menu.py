"""Home: the modules this person may read, what waits in each, and drafts that were left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from api.errors import BackendError
from handlers._engine.dispatch import PersonRoute
from handlers._engine.welcome import login_steps, welcome
from keyboards.buttons import PRIMARY, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press
from middlewares.context import Context
from models.access import PUBLIC
from resources.queries import Counts
from resources.resource import Op, Resource
from utils.html import bold, lines
from views.screen import Outcome, Screen

COUNTERS_WITHIN = 0.6
"""Seconds the menu waits for its counters: without them it is still a menu."""


async def open_menu(ctx: Context, go: Go | None = None) -> Outcome:
    """The menu of an admin, the welcome of a guest."""
    if ctx.principal.is_guest:
        return Outcome(welcome(ctx))
    resources = [item for item in ctx.app.registry if ctx.may(item, Op.LIST)]
    counts, drafts = await asyncio.gather(
        asyncio.gather(*(_counts(ctx, item) for item in resources)),
        ctx.app.drafts.list(ctx.person.id, ctx.principal.admin_id or 0),
    )
    buttons = [
        Button(_label(ctx, item, count), Go(Press.LIST, item.code))
        for item, count in zip(resources, counts, strict=True)
    ]
    rows: list[Row] = [
        (_waiting(ctx, item, count),)
        for item, count in zip(resources, counts, strict=True)
        if count is not None and count.pending and ctx.may(item, Op.MODERATE)
    ]
    rows += pairs(buttons, longest=22)
    if drafts:
        rows.append((Button(ctx.t("menu.drafts", n=len(drafts)), Go(Press.DRAFTS)),))
    rows += [
        (Button(ctx.t("menu.status"), Go(Press.STATUS)), Button(ctx.t("menu.settings"), Go(Press.SETTINGS))),
        (Button(ctx.t("menu.help"), Go(Press.HELP)),),
    ]
    return Outcome(Screen(_text(ctx, resources, list(counts)), tuple(rows)))


def _text(ctx: Context, resources: list[Resource[Any]], counts: list[Counts | None]) -> Any:
    role = ctx.t(f"role.{ctx.principal.role}" if ctx.principal.role else "role.unknown")
    waiting = [
        ctx.html("menu.waiting", module=ctx.t(f"{item.key}.title"), n=count.pending)
        for item, count in zip(resources, counts, strict=True)
        if count is not None and count.pending and not ctx.may(item, Op.MODERATE)
    ]
    known = [count.pending for count in counts if count is not None]
    return lines(
        bold(ctx.t("menu.hello", name=ctx.principal.name or ctx.person.first_name)),
        role,
        "",
        *waiting,
        ctx.html("menu.nothing_waits") if known and not any(known) else None,
        ctx.html("menu.hint" if resources else "menu.no_rights"),
    )


def _waiting(ctx: Context, resource: Resource[Any], counts: Counts) -> Button:
    text = ctx.t("menu.pending", module=ctx.t(f"{resource.key}.title"), n=counts.pending)
    return Button(text, pending(resource), style=PRIMARY)


def pending(resource: Resource[Any]) -> Go:
    """The list of what waits for a decision."""
    options = tuple(
        1 + item.options.index("pending") if item.name == "moderation_status" else 0
        for item in resource.list.filters
    )
    return Go(Press.LIST, resource.code, view=Place(options=options).pack())


def _label(ctx: Context, resource: Resource[Any], counts: Counts | None) -> str:
    name = f"{resource.icon} {ctx.t(resource.key + '.title')}"
    return f"{name} · {ctx.locale.number(counts.total)}" if counts is not None else name


async def _counts(ctx: Context, resource: Resource[Any]) -> Counts | None:
    try:
        async with asyncio.timeout(COUNTERS_WITHIN):
            return await ctx.app.records.counts(ctx.caller, resource)
    except (BackendError, TimeoutError):
        return None


async def open_help(ctx: Context, go: Go | None = None) -> Outcome:
    """What this person can do here, by role."""
    if ctx.principal.is_guest:
        text = lines(
            bold(ctx.t("help.title")),
            "",
            ctx.html("welcome.text"),
            "",
            login_steps(ctx),
            "",
            ctx.html("help.guest"),
        )
        return Outcome(Screen(text, (navigation(ctx.locale),)))
    modules = [item for item in ctx.app.registry if ctx.may(item, Op.LIST)]
    rights = [
        lines(bold(f"{item.icon} {ctx.t(item.key + '.title')}") + ": " + ", ".join(_verbs(ctx, item)))
        for item in modules
    ]
    text = lines(
        bold(ctx.t("help.title")), "", ctx.html("help.how"), "", *rights, "", ctx.html("help.commands")
    )
    return Outcome(Screen(text, (navigation(ctx.locale),)))


def _verbs(ctx: Context, resource: Resource[Any]) -> list[str]:
    ops = (Op.LIST, Op.CREATE, Op.EDIT, Op.DELETE, Op.MODERATE)
    return [ctx.t(f"verb.{op.name.lower()}") for op in ops if ctx.may(resource, op)]


ROUTES: Mapping[str, PersonRoute] = {
    Press.MENU: PersonRoute(open_menu, PUBLIC),
    Press.HELP: PersonRoute(open_help, PUBLIC),
}
