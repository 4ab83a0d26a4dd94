"""When rounds of random coffee are run: one record, which opens without a list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from api.community import CoffeePlans
from api.community.plan import SOLE
from handlers._engine.card import show_card
from handlers._engine.own import ListContext
from handlers.community.coffee.shown import SCHEDULE, SCHEDULE_CODE
from locales.locale import Locale
from models.access import Module, Permission
from models.community import CoffeePlan, OddPolicy, Weekday
from resources.fields import (
    Choice,
    Choices,
    Date,
    DateTime,
    Flag,
    Number,
    Rows,
    TimeOfDay,
    Zone,
)
from resources.resource import ListView, Op, Resource
from views.screen import Outcome

WEEK = 7 * 24 * 60
DAY = Date(name="day", future=True)


def title(plan: CoffeePlan, locale: Locale) -> str:
    """There is one, so it has no name of its own."""
    return locale.t("coffee_schedule.title")


def subtitle(plan: CoffeePlan, locale: Locale) -> str:
    """Whether it runs by itself."""
    return f"▶️ {locale.t('coffee.on')}" if plan.enabled else f"⏸ {locale.t('coffee.off')}"


def read_holiday(typed: str, locale: Locale) -> dict[str, Any]:
    """The day of a typed line. Raises ``FieldError``."""
    return {"day": DAY.parse(typed, locale)}


def holiday(row: Mapping[str, Any], locale: Locale) -> str:
    """``16 December 2026``."""
    return locale.day(date.fromisoformat(str(row["day"])[:10]))


async def open_schedule(tool: ListContext) -> Outcome:
    """The schedule's card; Back leads to the rounds."""
    ctx = tool.ctx
    resource = ctx.app.registry.by_key[SCHEDULE]
    plan = await ctx.app.records.get(ctx.caller, resource, SOLE)
    return show_card(ctx, resource, plan, back=tool.back())


COFFEE_SCHEDULE: Resource[CoffeePlan] = Resource(
    module=Module.COMMUNITY,
    key=SCHEDULE,
    code=SCHEDULE_CODE,
    icon="🗓",
    model=CoffeePlan,
    source=CoffeePlans,
    needs={Op.LIST: Permission.READ, Op.CARD: Permission.READ, Op.EDIT: Permission.UPDATE},
    title=title,
    subtitle=subtitle,
    sole=SOLE,
    fields=(
        Flag(name="enabled", required=True, yes="coffee.on", no="coffee.off"),
        Choices(name="weekdays", required=True, options=Weekday, texts="coffee_weekday"),
        TimeOfDay(name="time", required=True),
        Zone(name="timezone", required=True),
        Number(name="lookback_weeks", required=True, most=52, unit="coffee.weeks"),
        Choice(name="odd_policy", required=True, options=OddPolicy, texts="coffee_odd"),
        Rows(name="holidays", columns=(DAY,), read_line=read_holiday, line=holiday, max_rows=100),
        Number(name="cooldown_minutes", required=True, most=WEEK, unit="coffee.minutes"),
        DateTime(name="next_run_at", editable=False),
        DateTime(name="last_run_at", editable=False),
    ),
    list=ListView(line=title, search=False, everywhere=False, single=True),
    card=(
        "next_run_at", "last_run_at", "weekdays", "time", "timezone", "lookback_weeks", "odd_policy",
        "cooldown_minutes", "holidays",
    ),
)  # fmt: skip
