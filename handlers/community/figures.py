"""How many members there are, how they register, and where they stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handlers._engine.own import ListContext
from handlers.community.shown import LEVEL, SEGMENT, STATUS
from keyboards.buttons import Button, navigation
from locales.locale import Locale
from models.community import FunnelStep, MemberFigures
from resources.fields import Choice
from utils.html import Html, bold, lines
from views.bars import bar
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

PERIODS = ("7d", "30d", "90d", "365d")
USUAL = "30d"
CITIES = 8
"""Cities with most members that are named."""
STEPS = ("consent", "name", "contacts", "segment", "city", "about", "preferences", "submitted")
"""Steps of a registration that there are words for; others are shown as they stand."""


async def overview(tool: ListContext) -> Outcome:
    """All members counted, and the registrations of a period; a tap shows another one."""
    ctx, locale = tool.ctx, tool.ctx.locale
    period = tool.argument if tool.argument in PERIODS else USUAL
    figures: MemberFigures = await tool.source.figures(ctx.caller, period)
    periods = tuple(
        Button(f"{'● ' if one == period else ''}{locale.t(f'members.period.{one}')}", tool.address(one))
        for one in PERIODS
    )
    text = lines(
        bold(f"📊 {ctx.t('members.action.overview')}"),
        "",
        *_counted(locale, "status", STATUS, figures.by_status),
        *_counted(locale, "segment", SEGMENT, figures.by_segment),
        *_counted(locale, "level", LEVEL, figures.by_level),
        *_counted(locale, "city", None, figures.by_city),
        bold(f"{locale.t('members.sum.registrations')} · {locale.t(f'members.period.{period}')}"),
        *_registrations(locale, figures),
        *_funnel(locale, figures.funnel),
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), (periods[:2], periods[2:], navigation(locale, tool.back()))))


def _counted(
    locale: Locale, name: str, field: Choice | None, counts: Mapping[str, int]
) -> Iterator[Html | str]:
    """Largest first, those without a value last; of cities only the first."""
    if not counts:
        return
    yield bold(locale.t(f"members.field.{name}"))
    most = max(counts.values())
    named = sorted(((value, count) for value, count in counts.items() if value), key=lambda one: -one[1])
    for value, count in named[: CITIES if field is None else None]:
        shown = value if field is None else field.show(value, locale)
        yield _share(locale, shown, count, most)
    if others := sum(count for _, count in named[CITIES:]) if field is None else 0:
        yield _share(locale, locale.t("members.sum.others"), others, most)
    if counts.get(""):
        yield _share(locale, locale.t("members.sum.unknown"), counts[""], most)
    yield ""


def _share(locale: Locale, name: str, count: int, most: int) -> Html:
    share = bar(count / most if most else 0, 6)
    return Html(f"{share} ") + f"{label(name, 40)}: " + bold(locale.number(count))


def _registrations(locale: Locale, figures: MemberFigures) -> Iterator[Html]:
    for name in ("started", "submitted", "approved"):
        total = sum(getattr(day, name) for day in figures.registrations)
        yield Html("• ") + f"{locale.t(f'members.sum.{name}')}: " + bold(locale.number(total))


def _funnel(locale: Locale, funnel: tuple[FunnelStep, ...]) -> Iterator[Html | str]:
    """A line a step: how many came so far, how many stopped there, how long the next one took."""
    if not funnel:
        return
    yield ""
    yield bold(locale.t("members.sum.funnel"))
    most = max(step.reached for step in funnel)
    for step in funnel:
        name = locale.t(f"members.step.{step.step}") if step.step in STEPS else step.step
        parts = [f"{label(name, 40)}: {locale.number(step.reached)}"]
        if step.left:
            parts.append(locale.t("members.sum.left", n=step.left, count=locale.number(step.left)))
        if step.median_seconds is not None:
            parts.append(_duration(locale, step.median_seconds))
        yield Html(f"{bar(step.reached / most if most else 0, 6)} ") + " · ".join(parts)


def _duration(locale: Locale, seconds: float) -> str:
    """``40 s``, ``3 min``, ``2 h``, ``5 d``: what people wait, not what a clock shows."""
    for name, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return locale.t(f"members.sum.{name}", count=locale.number(round(seconds / size)))
    return locale.t("members.sum.seconds", count=locale.number(round(seconds)))
