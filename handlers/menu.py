"""Home: the modules this person may read, what waits in each, and drafts that were left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from handlers._engine import saved
from handlers._engine.dispatch import PersonRoute, ResourceRoute
from handlers._engine.entries import entries
from handlers._engine.welcome import login_steps, welcome
from keyboards.buttons import PRIMARY, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press
from middlewares.context import Context
from models.access import OFFICE, PUBLIC, Module
from resources.queries import Counts
from resources.resource import Op, Resource
from utils.html import bold, lines
from views.screen import Outcome, Screen

COUNTERS_WITHIN = 0.6
"""Seconds the menu waits for its counters: without them it is still a menu."""
WAITING_ROWS = 3
"""Modules with something to decide that get a button of their own above the others; more are marked in place."""

Counters = Mapping[str, Counts]


async def open_menu(ctx: Context, go: Go | None = None) -> Outcome:
    """The menu of an admin, the welcome of a guest."""
    if ctx.principal.is_guest:
        return Outcome(welcome(ctx))
    resources = readable(ctx)
    counts, drafts, views = await asyncio.gather(
        _counters(ctx, resources),
        ctx.app.drafts.list(ctx.person.id, ctx.principal.admin_id or 0),
        saved.menu_rows(ctx, COUNTERS_WITHIN),
    )
    decide = [
        item
        for item in resources
        if item.code in counts and counts[item.code].pending and ctx.may(item, Op.MODERATE)
    ]
    few = len(decide) <= WAITING_ROWS
    rows: list[Row] = [(_waiting(ctx, item, counts[item.code]),) for item in decide] if few else []
    content = [item for item in resources if item.module not in OFFICE]
    entry = [_entry(ctx, group, counts, mark=not few) for group in _grouped(content)]
    if len(content) < len(resources) or entries(ctx, OFFICE):
        entry.append(Button(f"🛡 {ctx.t('office.title')}", Go(Press.OFFICE)))
    rows += pairs(entry, longest=22)
    rows += views
    if drafts:
        rows.append((Button(ctx.t("menu.drafts", n=len(drafts)), Go(Press.DRAFTS)),))
    rows += [
        (Button(ctx.t("menu.find"), Go(Press.FIND)), Button(ctx.t("menu.status"), Go(Press.STATUS))),
        (Button(ctx.t("menu.settings"), Go(Press.SETTINGS)), Button(ctx.t("menu.help"), Go(Press.HELP))),
    ]
    return Outcome(Screen(_text(ctx, resources, counts), tuple(rows)))


async def open_hub(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The lists of a module that has several."""
    resources = [item for item in ctx.app.registry.standing(resource.module) if ctx.may(item, Op.LIST)]
    counts = await _counters(ctx, resources)
    buttons = [_entry(ctx, [item], counts, mark=True) for item in resources]
    rows: list[Row] = pairs([*buttons, *entries(ctx, (resource.module,))], longest=22)
    rows.append(navigation(ctx.locale, Go(Press.MENU)))
    title = bold(f"{resources[0].icon} {ctx.t(f'module.{resource.module}')}")
    return Outcome(Screen(lines(title, "", ctx.html("menu.hub_hint")), tuple(rows)))


def readable(ctx: Context) -> list[Resource[Any]]:
    """The resources this person may list, apart from children."""
    return [item for item in ctx.app.registry if not item.parent and ctx.may(item, Op.LIST)]


def _grouped(resources: list[Resource[Any]]) -> list[list[Resource[Any]]]:
    """The resources by module, in the order of the menu."""
    groups: dict[Module, list[Resource[Any]]] = {}
    for item in resources:
        groups.setdefault(item.module, []).append(item)
    return list(groups.values())


def _text(ctx: Context, resources: list[Resource[Any]], counts: Counters) -> Any:
    """Greeting and what waits: in each of a few modules, or in all of them together."""
    role = ctx.t(f"role.{ctx.principal.role}" if ctx.principal.role else "role.unknown")
    waiting = [
        ctx.html("menu.waiting", module=ctx.t(f"{item.key}.title"), n=counts[item.code].pending)
        for item in resources
        if item.code in counts and counts[item.code].pending
    ]
    if len(waiting) > WAITING_ROWS:
        total = sum(counts[item.code].pending for item in resources if item.code in counts)
        waiting = [ctx.html("menu.waiting_all", count=ctx.locale.number(total))]
    return lines(
        bold(ctx.t("menu.hello", name=ctx.principal.name or ctx.person.first_name)),
        role,
        "",
        *waiting,
        ctx.html("menu.nothing_waits") if counts and not waiting else None,
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


def _entry(ctx: Context, group: list[Resource[Any]], counts: Counters, *, mark: bool) -> Button:
    """The way to one list, or to the hub of several; with ``mark`` what waits stands behind its name."""
    first = group[0]
    name = ctx.t(f"{first.key}.title") if len(group) == 1 else ctx.t(f"module.{first.module}")
    number = sum(counts[item.code].pending for item in group if item.code in counts)
    waits = f" ⏳ {ctx.locale.number(number)}" if mark and number else ""
    press = Press.HUB if ctx.app.registry.is_hub(first) and len(group) > 1 else Press.LIST
    return Button(f"{first.icon} {name}{waits}", Go(press, first.code))


async def _counters(ctx: Context, resources: list[Resource[Any]]) -> Counters:
    """What waits in each, as far as the backend says so in time."""
    try:
        async with asyncio.timeout(COUNTERS_WITHIN):
            return await ctx.app.records.counters(ctx.caller, resources)
    except TimeoutError:
        return {}


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
    rights = [
        lines(bold(f"{item.icon} {ctx.t(item.key + '.title')}") + ": " + ", ".join(_verbs(ctx, item)))
        for item in readable(ctx)
    ]
    text = lines(
        bold(ctx.t("help.title")), "", ctx.html("help.how"), "", *rights, "", ctx.html("help.commands")
    )
    return Outcome(Screen(text, (navigation(ctx.locale),)))


def _verbs(ctx: Context, resource: Resource[Any]) -> list[str]:
    ops = (Op.LIST, Op.CREATE, Op.EDIT, Op.DELETE, Op.MODERATE)
    return [ctx.t(f"verb.{op.name.lower()}") for op in ops if ctx.may(resource, op)]


HUB: Mapping[str, ResourceRoute] = {Press.HUB: ResourceRoute(open_hub, Op.LIST)}
ROUTES: Mapping[str, PersonRoute] = {
    Press.MENU: PersonRoute(open_menu, PUBLIC),
    Press.HELP: PersonRoute(open_help, PUBLIC),
}
