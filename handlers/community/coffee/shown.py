"""How the parts of random coffee find each other, and how rounds are named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.community import CoffeePlans, CoffeeRounds
from locales.locale import Locale
from middlewares.context import App
from models.community import CoffeeRound, RoundStatus
from resources.resource import Resource

ROUNDS, SCHEDULE = "coffee_rounds", "coffee_schedule"
"""Keys of the two resources."""
CODE, SCHEDULE_CODE = "cf", "cs"
MARKS: Mapping[str, str] = {
    RoundStatus.COMMITTED: "🕒", RoundStatus.NOTIFIED: "📣", RoundStatus.ROLLED_BACK: "↩️",
}  # fmt: skip


def rounds_of(app: App) -> Resource[Any]:
    """The resource of the rounds."""
    return app.registry.by_key[ROUNDS]


def rounds_source(app: App) -> CoffeeRounds:
    """What serves the rounds."""
    found: CoffeeRounds = app.records.source(rounds_of(app))
    return found


def plans_source(app: App) -> CoffeePlans:
    """What serves the schedule, candidates and history."""
    found: CoffeePlans = app.records.source(app.registry.by_key[SCHEDULE])
    return found


def title(one: CoffeeRound, locale: Locale) -> str:
    """``Round of 25 November 2026``."""
    day = locale.day(one.day) if one.day else f"#{one.id}"
    return locale.t("coffee.round_of", day=day)


def status(value: str, locale: Locale) -> str:
    """The state in words; one that is new to the bot as it stands."""
    known = value in RoundStatus._value2member_map_
    return locale.t(f"choice.coffee_rounds_status.{value}") if known else value


def told_of(one: CoffeeRound, locale: Locale) -> str:
    """``180 of 206``."""
    return locale.t("coffee.of", n=locale.number(one.told), all=locale.number(one.size))


def line(one: CoffeeRound, locale: Locale) -> str:
    """``📣 25 Nov · 206 groups · ★ 4.3``; how far the telling is where it is on its way."""
    day = locale.short_day(one.day) if one.day else f"#{one.id}"
    parts = [
        f"{MARKS.get(one.status, '')} {day}".strip(),
        locale.t("coffee.groups", n=one.size, count=locale.number(one.size)),
    ]
    if one.status == RoundStatus.COMMITTED and one.told:
        parts.append(locale.t("coffee.told", told=told_of(one, locale)))
    if one.rating is not None:
        parts.append(f"★ {locale.number(one.rating)}")
    return " · ".join(parts)


def subtitle(one: CoffeeRound, locale: Locale) -> str:
    """The state, and how many know while it is not everybody."""
    state = f"{MARKS.get(one.status, '')} {status(one.status, locale)}".strip()
    if one.status != RoundStatus.COMMITTED:
        return state
    return f"{state} · {locale.t('coffee.told', told=told_of(one, locale))}"


def untouched(one: CoffeeRound) -> bool:
    """True while nobody was told, so that it can be taken back."""
    return one.status == RoundStatus.COMMITTED and not one.told
