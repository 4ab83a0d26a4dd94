"""Language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from handlers._engine.commands import show_commands
from handlers._engine.dispatch import PersonRoute
from handlers._engine.welcome import welcome
from keyboards.buttons import Button, Row, navigation, pairs
from keyboards.callbacks import Go, Press
from locales.catalogue import LANGUAGE_NAMES, LANGUAGES
from locales.locale import offset_name
from middlewares.context import Context
from models.access import PUBLIC, SIGNED_IN
from utils.html import Html, bold, lines
from views.screen import Outcome, Screen

ZONES = (
    "Asia/Almaty", "Asia/Aqtau", "Asia/Qyzylorda", "Asia/Tashkent", "Asia/Bishkek", "Europe/Moscow",
    "Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Istanbul", "Europe/Berlin", "Europe/London", "UTC",
)  # fmt: skip
"""Zones on the picker; any other is typed by its name."""


async def open_settings(ctx: Context, go: Go | None = None) -> Outcome:
    """The present choices and the ways to change them."""
    zone = str(ctx.locale.zone)
    text = lines(
        bold(ctx.t("settings.title")),
        "",
        Html(f"{bold(ctx.t('settings.language'))}: ") + LANGUAGE_NAMES[ctx.locale.language],
        Html(f"{bold(ctx.t('settings.zone'))}: ")
        + f"{city(zone)} ({offset_name(datetime.now(ctx.locale.zone))})",
    )
    rows: tuple[Row, ...] = (
        (
            Button(ctx.t("settings.language"), Go(Press.LANGUAGE)),
            Button(ctx.t("settings.zone"), Go(Press.ZONE)),
        ),
        (Button(f"🔔 {ctx.t('alerts.title')}", Go(Press.ALERTS)),),
        navigation(ctx.locale, Go(Press.MENU)),
    )
    return Outcome(Screen(text, rows))


async def language(ctx: Context, go: Go) -> Outcome:
    """The languages; with one chosen, the settings (a guest: the welcome) in it."""
    if go.arg in LANGUAGES:
        await ctx.app.preferences.set_language(ctx.person.id, go.arg)
        ctx.locale = ctx.app.locale(go.arg, ctx.state.timezone)
        await show_commands(ctx.app, ctx.chat_id, signed_in=not ctx.principal.is_guest, language=go.arg)
        screen = welcome(ctx) if ctx.principal.is_guest else (await open_settings(ctx)).screen
        return Outcome(screen, toast=ctx.t("settings.saved"))
    buttons = [
        Button(
            ("● " if name == ctx.locale.language else "") + LANGUAGE_NAMES[name], Go(Press.LANGUAGE, arg=name)
        )
        for name in LANGUAGES
    ]
    back = Go(Press.MENU) if ctx.principal.is_guest else Go(Press.SETTINGS)
    return Outcome(
        Screen(
            lines(bold(ctx.t("settings.language_question"))), (tuple(buttons), navigation(ctx.locale, back))
        )
    )


async def zone(ctx: Context, go: Go) -> Outcome:
    """The zones; with one chosen, the settings."""
    if go.arg.isdigit() and int(go.arg) < len(ZONES):
        return await _set_zone(ctx, ZONES[int(go.arg)])
    return _ask_zone(ctx)


async def typed_zone(ctx: Context, typed: str) -> Outcome:
    """The settings with the zone whose name (or city) was typed; the question again for an unknown one."""
    wanted = typed.strip().replace(" ", "_").casefold()
    found = next(
        (
            name
            for name in sorted(available_timezones())
            if wanted in (name.casefold(), name.rpartition("/")[2].casefold())
        ),
        None,
    )
    return (
        await _set_zone(ctx, found)
        if found
        else _ask_zone(ctx, ctx.html("settings.zone_unknown", name=typed[:60]))
    )


async def _set_zone(ctx: Context, name: str) -> Outcome:
    await ctx.app.preferences.set_timezone(ctx.person.id, name)
    ctx.locale = ctx.app.locale(ctx.locale.language, name)
    return Outcome((await open_settings(ctx)).screen, toast=ctx.t("settings.saved"))


def _ask_zone(ctx: Context, note: str = "") -> Outcome:
    now = datetime.now(ctx.locale.zone)
    buttons = [
        Button(
            f"{'● ' if str(ctx.locale.zone) == name else ''}{city(name)} {offset_name(now.astimezone(ZoneInfo(name)))}",
            Go(Press.ZONE, arg=str(index)),
        )
        for index, name in enumerate(ZONES)
    ]
    text = lines(bold(ctx.t("settings.zone_question")), "", ctx.html("settings.zone_help"))
    return Outcome(
        Screen(
            text, (*pairs(buttons, longest=24), navigation(ctx.locale, Go(Press.SETTINGS))), listens="zone"
        ).noted(note)
    )


def city(name: str) -> str:
    """The last part of a zone's name: ``Almaty``."""
    return name.rpartition("/")[2].replace("_", " ")


ROUTES: Mapping[str, PersonRoute] = {
    Press.SETTINGS: PersonRoute(open_settings, SIGNED_IN, shows=True),
    Press.LANGUAGE: PersonRoute(language, PUBLIC),
    Press.ZONE: PersonRoute(zone, SIGNED_IN),
}
