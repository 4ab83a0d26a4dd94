"""Home: the modules this person may read, what waits in each, and drafts that were left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from handlers._engine import saved
from handlers._engine.carry import kinds_of
from handlers._engine.dispatch import PersonRoute, ResourceRoute
from handlers._engine.entries import entries
from handlers._engine.welcome import login_steps, welcome
from keyboards.buttons import PRIMARY, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import OFFICE, PUBLIC, Module, Principal
from models.common import Amount
from resources.registry import Registry
from resources.resource import Op, Resource
from services.records import Records
from utils.html import bold, lines
from views.screen import Outcome, Screen

COUNTERS_WITHIN = 0.6
"""Seconds the menu waits for its counters: without them it is still a menu."""
WAITING_ROWS = 3
"""Lists with something to decide that the text names; more are told together."""


async def open_menu(ctx: Context, go: Go | None = None) -> Outcome:
    """The menu of an admin, the welcome of a guest."""
    if ctx.principal.is_guest:
        return Outcome(welcome(ctx))
    resources = readable(ctx)
    waiting, drafts, views = await asyncio.gather(
        _waiting(ctx),
        ctx.app.drafts.list(ctx.person.id, ctx.principal.admin_id or 0),
        saved.menu_rows(ctx, COUNTERS_WITHIN),
    )
    rows: list[Row] = [(_inbox(ctx, waiting),)] if kinds_of(*_who(ctx)) else []
    content = [item for item in resources if item.module not in OFFICE]
    entry = [_entry(ctx, group, waiting) for group in _grouped(content)]
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
    return Outcome(Screen(_text(ctx, resources, waiting), tuple(rows)))


async def open_hub(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The lists of a module that has several."""
    resources = [item for item in ctx.app.registry.standing(resource.module) if ctx.may(item, Op.LIST)]
    waiting = await _waiting(ctx)
    buttons = [_entry(ctx, [item], waiting) for item in resources]
    rows: list[Row] = pairs([*buttons, *entries(ctx, (resource.module,))], longest=18)
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


def _text(ctx: Context, resources: list[Resource[Any]], waiting: Mapping[str, Amount]) -> Any:
    """Greeting and what waits: in each of a few lists, or in all of them together."""
    role = ctx.t(f"role.{ctx.principal.role}" if ctx.principal.role else "role.unknown")
    by_code = ctx.app.registry.by_code
    told = [
        ctx.html("menu.waiting", module=ctx.t(f"{by_code[code].key}.title"), n=number.count)
        for code, number in waiting.items()
        if number.count
    ]
    if len(told) > WAITING_ROWS:
        told = [ctx.html("menu.waiting_all", count=_written(ctx, waiting.values()))]
    return lines(
        bold(ctx.t("menu.hello", name=ctx.principal.name or ctx.person.first_name)),
        role,
        "",
        *told,
        ctx.html("menu.nothing_waits")
        if waiting and not told and not any(one.more for one in waiting.values())
        else None,
        ctx.html("menu.hint" if resources else "menu.no_rights"),
    )


def _inbox(ctx: Context, waiting: Mapping[str, Amount]) -> Button:
    """The way to everything that waits, with how much it is."""
    number = _written(ctx, waiting.values())
    name = f"📥 {ctx.t('approvals.title')}" + (f" · {number}" if number else "")
    return Button(name, Go(Press.APPROVALS), style=PRIMARY if number else None)


def _entry(ctx: Context, group: list[Resource[Any]], waiting: Mapping[str, Amount]) -> Button:
    """The way to one list, or to the hub of several; what waits stands behind its name."""
    first = group[0]
    name = ctx.t(f"{first.key}.title") if len(group) == 1 else ctx.t(f"module.{first.module}")
    number = _written(ctx, (waiting[item.code] for item in group if item.code in waiting))
    waits = f" ⏳ {number}" if number else ""
    press = Press.HUB if ctx.app.registry.is_hub(first) and len(group) > 1 else Press.LIST
    return Button(f"{first.icon} {name}{waits}", Go(press, first.code))


def _written(ctx: Context, amounts: Iterable[Amount]) -> str:
    """All of them together, with a plus where some were counted up to a bound only; ``""`` for none."""
    found = list(amounts)
    number = sum(one.count for one in found)
    return f"{ctx.locale.number(number)}{'+' if any(one.more for one in found) else ''}" if number else ""


async def _waiting(ctx: Context) -> Mapping[str, Amount]:
    """How many wait, by the code of their list, as far as the backend says so in time."""
    kinds = list(kinds_of(*_who(ctx)).values())
    return await ctx.app.inbox.counts(ctx.caller, kinds, COUNTERS_WITHIN)


def _who(ctx: Context) -> tuple[Records, Registry, Principal]:
    return ctx.app.records, ctx.app.registry, ctx.principal


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


HUB: Mapping[str, ResourceRoute] = {Press.HUB: ResourceRoute(open_hub, Op.LIST, shows=True)}
ROUTES: Mapping[str, PersonRoute] = {
    Press.MENU: PersonRoute(open_menu, PUBLIC, shows=True),
    Press.HELP: PersonRoute(open_help, PUBLIC, shows=True),
}
