"""Settings of alerts: what one is told of, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers._engine.carry import decides, kinds_of
from handlers._engine.dispatch import PersonRoute
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import SIGNED_IN
from resources.resource import Resource
from services.alerts import Watch, muted
from views.alerts import (
    DIGESTS,
    QUIET,
    choice_screen,
    digest_text,
    kinds_screen,
    quiet_text,
    settings_screen,
)
from views.screen import Outcome, Screen


def kinds(ctx: Context) -> Mapping[str, Resource[Any]]:
    """What this person decides."""
    found = kinds_of(ctx.app.records, ctx.app.registry, ctx.principal)
    return {code: item for code, item in found.items() if decides(ctx.app.records, ctx.principal, item)}


async def open_alerts(ctx: Context, go: Go | None = None) -> Outcome:
    """The settings after what the button changes."""
    arg = go.arg if go is not None else ""
    watch = await _mine(ctx)
    if arg == "on" or (arg == "m" and watch is None):
        watch = watch or _new(ctx)
        await ctx.app.alerts.keep(watch)
    elif arg == "off":
        await ctx.app.alerts.stop(ctx.person.id)
        watch = None
    if watch is None or arg in ("", "on", "off"):
        return _settings(ctx, watch, ctx.t("settings.saved") if arg else "")
    if arg in ("m", "u"):
        watch = muted(watch, ctx.now) if arg == "m" else replace(watch, muted_until=0.0)
        await ctx.app.alerts.keep(watch)
        return _settings(ctx, watch, ctx.t("alerts.muted_toast" if arg == "m" else "settings.saved"))
    return await _choice(ctx, watch, arg, go.res if go is not None else "")


async def _choice(ctx: Context, watch: Watch, arg: str, code: str) -> Outcome:
    locale = ctx.locale
    if arg == "k":
        if code in (known := kinds(ctx)):
            chosen = set(watch.kinds or known) ^ {code}
            # All of them is kept as "all", so that kinds that come later are among them; none is not possible.
            kept = () if chosen >= set(known) or not chosen else tuple(one for one in known if one in chosen)
            watch = replace(watch, kinds=kept)
            await ctx.app.alerts.keep(watch)
        text, rows = kinds_screen(watch, known, locale)
        return Outcome(Screen(text, tuple(rows)))
    name, options = ("quiet", QUIET) if arg[0] == "q" else ("digest_at", DIGESTS)
    index = arg[1:]
    if index.isascii() and index.isdigit() and int(index) < len(options):
        value = options[int(index)]
        watch = replace(watch, quiet=value) if name == "quiet" else replace(watch, digest=value)
        await ctx.app.alerts.keep(watch)
        return _settings(ctx, watch, ctx.t("settings.saved"))
    told = quiet_text if name == "quiet" else digest_text
    chosen_now = watch.quiet if name == "quiet" else watch.digest
    text, rows = choice_screen(name, chosen_now, [(one, told(one, locale)) for one in options], locale)
    return Outcome(Screen(text, tuple(rows)))


async def _mine(ctx: Context) -> Watch | None:
    """This admin's watch; one of another admin that used this account is none. Language and zone follow."""
    watch = await ctx.app.alerts.watch(ctx.person.id)
    if watch is None or watch.admin_id != ctx.principal.admin_id:
        return None
    return replace(watch, language=ctx.locale.language, zone=str(ctx.locale.zone))


def _new(ctx: Context) -> Watch:
    return Watch(
        ctx.person.id,
        ctx.principal.admin_id or 0,
        ctx.locale.language,
        str(ctx.locale.zone),
        asked_at=ctx.now,
    )


def _settings(ctx: Context, watch: Watch | None, toast: str) -> Outcome:
    text, rows = settings_screen(watch, kinds(ctx), ctx.locale, ctx.now)
    return Outcome(Screen(text, tuple(rows)), toast=toast)


ROUTES: Mapping[str, PersonRoute] = {Press.ALERTS: PersonRoute(open_alerts, SIGNED_IN)}
