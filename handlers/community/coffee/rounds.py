"""Rounds of random coffee as they were stored, newest first (docs/community-api.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.community import CoffeeRounds
from handlers.community.coffee.groups import feedback, show_groups
from handlers.community.coffee.preparing import open_prepare
from handlers.community.coffee.reports import open_reports
from handlers.community.coffee.schedule import open_schedule
from handlers.community.coffee.shown import CODE, ROUNDS, line, subtitle, title, untouched
from handlers.community.coffee.telling import show_telling, telling_mark
from locales.locale import Locale
from models.access import Module, Permission
from models.community import CoffeeRound, RoundStatus
from resources.fields import Choice, Date, DateTime, LongText, Number
from resources.resource import READS, Action, Deed, ListView, Mood, Resource, Tool
from views.coffee import PREPARE


def taken_back(one: CoffeeRound, values: Mapping[str, Any]) -> bool:
    """True once it never was."""
    return one.status == RoundStatus.ROLLED_BACK


def percent(value: Any, locale: Locale) -> str:
    """``87 %``; nothing while nobody said so or not."""
    return "" if value is None else f"{locale.number(value)} %"


def some(value: Any, locale: Locale) -> str:
    """The number; of none there is nothing to say."""
    return locale.number(value) if value else ""


COFFEE_ROUNDS: Resource[CoffeeRound] = Resource(
    module=Module.COMMUNITY,
    key=ROUNDS,
    code=CODE,
    icon="☕",
    model=CoffeeRound,
    source=CoffeeRounds,
    needs=READS,
    title=title,
    subtitle=subtitle,
    fields=(
        Date(name="planned_for", editable=False),
        Choice(name="status", editable=False, options=RoundStatus, texts="coffee_rounds_status"),
        Number(name="people", editable=False),
        Number(name="size", editable=False),
        Number(name="left_out", editable=False),
        Number(name="told", editable=False),
        Number(name="answers", editable=False, format=some),
        Number(name="met_share", editable=False, format=percent),
        Number(name="rating", editable=False, places=1),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(line=line, search=False, everywhere=False),
    card=("people", "size", "left_out", "answers", "met_share", "rating", "planned_for", "created_at"),
    actions=(
        Action("groups", "gr", Permission.READ, show_groups, icon="👥", calls=("people",)),
        Action("telling", "te", Permission.READ, show_telling, icon="📣"),
        Action("feedback", "fb", Permission.READ, feedback, icon="📊"),
    ),
    known=telling_mark,
    deeds=(
        Deed(
            "roll_back", "rb", Permission.UPDATE, icon="↩️", mood=Mood.BAD,
            fields=(LongText(name="reason", required=True, max_len=1000),),
            offered=untouched, reached=taken_back,
        ),
    ),
    tools=(
        Tool("prepare", PREPARE, Permission.CREATE, open_prepare, icon="🎲", calls=("commit",)),
        Tool("schedule", "sc", Permission.READ, open_schedule, icon="🗓"),
        Tool("reports", "rp", Permission.READ, open_reports, icon="🔔"),
    ),
)  # fmt: skip
