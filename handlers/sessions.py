"""Telegram sessions of all admins, and their end: one, those of an admin or of a role, all but one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.signed_in import SignedInAdmins
from handlers._engine.dispatch import ResourceRoute, Stale
from handlers._engine.listing import open_list, place_of
from handlers._engine.own import ListContext, RecordContext
from handlers._engine.written import written
from keyboards.buttons import DANGER, Button, Row, navigation
from keyboards.callbacks import Go, Press, from_base36, to_base36
from locales.locale import Locale
from middlewares.context import Context
from models.access import Module, Permission, Role
from models.signed_in import SignedIn, Where
from resources.fields import Choice, DateTime, Text
from resources.resource import READS, Action, Deed, Filter, ListView, Mood, Op, Resource, Tool
from services.signed_in import SignedInAccounts
from services.writes import Ending
from utils.html import bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

ROLES = tuple(Role)
NAMED = 12
"""Sessions that the question names; of more it says how many."""
MANY, OTHERS, OF_ROLE, OF_ADMIN = "ma", "o", "r", "a"
ROLE = Choice(name="role", editable=False, options=Role, texts="admin_role")
MARKS: Mapping[str, str] = {Where.CRM: "💤", Where.BOT: "⌛", Where.ENDED: "⛔"}


def title(one: SignedIn, locale: Locale) -> str:
    """``Aigerim Sapar · @aigerim``, with a word where it is the reader's own."""
    mine = f" ({locale.t('sessions.mine')})" if one.mine else ""
    return f"{one.admin_name} · {one.account}{mine}"


def line(one: SignedIn, locale: Locale) -> str:
    """``12 Nov 10:00 Aigerim Sapar · @aigerim``, the time of the last activity in front."""
    mark = "👉 " if one.mine else f"{MARKS[one.where]} " if one.where in MARKS else ""
    return f"{mark}{locale.short(one.last_activity)} {one.admin_name} · {one.account}"


async def choose_many(tool: ListContext) -> Outcome:
    """Which sessions to end together; with one of these chosen, the question before."""
    if tool.argument:
        return await _question(tool.ctx, tool.resource, tool.go.view, tool.argument)
    rows = [one for one in await tool.source.all(tool.ctx.caller) if not one.mine]
    buttons: list[Row] = []
    for argument, name in _choices(tool, rows):
        found = chosen(rows, argument)
        if found:
            text = f"{label(name, 40)} ({tool.ctx.locale.number(len(found))})"
            buttons.append((Button(text, tool.address(argument)),))
    hint = tool.ctx.html("sessions.many_hint" if buttons else "sessions.only_mine")
    text = lines(bold(tool.ctx.t("sessions.action.many")), "", hint)
    return Outcome(Screen(text, (*buttons, navigation(tool.ctx.locale, tool.back()))))


def _choices(tool: ListContext, rows: Sequence[SignedIn]) -> list[tuple[str, str]]:
    """Arguments and names: all but mine, the admin that the list is narrowed to, the roles."""
    t = tool.ctx.t
    filters = [item.name for item in tool.resource.list.filters]
    admin = place_of(tool.resource, tool.go).options[filters.index("admin")]
    name = next((one.admin_name for one in rows if one.admin_id == admin), "")
    of_admin = [(f"{OF_ADMIN}{to_base36(admin)}", t("sessions.of_admin", name=name))] if name else []
    of_roles = [
        (f"{OF_ROLE}{number}", t("sessions.of_role", role=t(f"choice.admin_role.{role}")))
        for number, role in enumerate(ROLES)
    ]
    return [(OTHERS, t("sessions.all_but_mine")), *of_admin, *of_roles]


def chosen(rows: Sequence[SignedIn], argument: str) -> list[SignedIn]:
    """The sessions that an argument means, never the reader's own; none for an argument nobody drew."""
    kind, rest = argument[:1], argument[1:]
    others = [one for one in rows if not one.mine]
    if argument == OTHERS:
        return others
    if kind == OF_ROLE and rest.isascii() and rest.isdigit() and int(rest) < len(ROLES):
        return [one for one in others if one.role == ROLES[int(rest)]]
    if kind == OF_ADMIN and rest.isascii() and rest.isalnum() and rest == rest.lower() and len(rest) <= 12:
        return [one for one in others if one.admin_id == from_base36(rest)]
    return []


async def all_of_admin(record: RecordContext) -> Outcome:
    """The question before ending every session of the admin whose session this is."""
    one = await record.ctx.app.records.get(record.ctx.caller, record.resource, record.go.id)
    return await _question(
        record.ctx, record.resource, record.go.view, f"{OF_ADMIN}{to_base36(one.admin_id)}"
    )


async def _question(ctx: Context, resource: Resource[Any], view: str, argument: str) -> Outcome:
    rows = chosen(await ctx.app.records.source(resource).all(ctx.caller), argument)
    back = Go(Press.LIST, resource.code, view=view)
    if not rows:
        text = lines(bold(ctx.t("sessions.action.many")), "", ctx.html("sessions.only_mine"))
        return Outcome(Screen(text, (navigation(ctx.locale, back),)))
    named = [f"• {label(title(one, ctx.locale), 80)}" for one in rows[:NAMED]]
    more = len(rows) - len(named)
    text = lines(
        bold(ctx.t("sessions.ask_many", n=len(rows))),
        "",
        *named,
        ctx.t("bulk.and_more", n=more) if more else None,
        "",
        ctx.html("sessions.ask.revoke"),
    )
    confirm = ctx.keyed(Go(Press.SESSIONS_END, resource.code, arg=argument, view=view))
    return Outcome(
        Screen(
            fit(text, TEXT_LIMIT),
            (
                (Button(ctx.t("nav.cancel"), back),),
                (Button(ctx.t("sessions.end_many", n=len(rows)), confirm, style=DANGER),),
                navigation(ctx.locale, back),
            ),
        )
    )


async def end_many(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The list after the end of those sessions."""
    if resource.key != SESSIONS.key:
        raise Stale
    source: SignedInAccounts = ctx.app.records.source(resource)
    back = Go(Press.LIST, resource.code, view=go.view)

    async def run(caller: Any) -> Sequence[SignedIn]:
        rows = chosen(await source.all(caller), go.arg)
        await source.end(caller, [one.id for one in rows])
        return rows

    ended = await ctx.app.records.act_on_many(
        ctx, resource, REVOKE, run, Ending(written(back, "sessions.done.revoke"))
    )
    ctx.settled = True
    toast = ctx.t("sessions.done_many", n=len(ended))
    return Outcome((await open_list(ctx, resource, back)).screen, toast=toast)


REVOKE: Deed[SignedIn] = Deed(
    "revoke", "rv", Permission.DELETE, icon="🚪", mood=Mood.BAD, confirm=True,
    offered=lambda one: not one.mine and one.where != Where.ENDED,
    reached=lambda one, _: one.where == Where.ENDED,
)  # fmt: skip

SESSIONS: Resource[SignedIn] = Resource(
    module=Module.SESSIONS,
    key="sessions",
    code="ss",
    icon="📱",
    model=SignedIn,
    source=SignedInAccounts,
    needs=READS,
    title=title,
    fields=(
        Text(name="admin_name", editable=False),
        ROLE,
        Text(name="account", editable=False),
        Text(name="telegram_id", editable=False),
        Choice(name="where", editable=False, options=Where, texts="session_where"),
        DateTime(name="created_at", editable=False),
        DateTime(name="last_activity", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("role", tuple(Role), texts="admin_role"),
            Filter("admin", texts="session_admin", lookup=SignedInAdmins),
            Filter("where", (Where.BOTH, Where.CRM, Where.BOT), texts="session_where"),
        ),
        sorts=("", "created", "title"),
    ),
    card=("admin_name", "role", "account", "telegram_id", "where", "created_at", "last_activity"),
    actions=(Action("all_of_admin", "al", Permission.DELETE, all_of_admin, icon="🚪"),),
    deeds=(REVOKE,),
    tools=(Tool("many", MANY, Permission.DELETE, choose_many, icon="🚪"),),
)

ROUTES: Mapping[str, ResourceRoute] = {
    Press.SESSIONS_END: ResourceRoute(end_many, Op.LIST, writes=True),
}
