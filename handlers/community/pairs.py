"""Pairs of a mentor and a mentee."""

from __future__ import annotations

from collections.abc import Mapping

from api.community import FreeMentors, Pairs, WaitingMentees
from handlers._engine.own import RecordContext
from handlers.community import telling
from handlers.community.mentorship import look
from handlers.community.shown import CODES, title
from locales.locale import Locale
from middlewares.context import Context
from models.access import Module, Permission
from models.community import Pair, PairStatus
from resources.fields import Choice, DateTime, LongText, Relation
from resources.resource import READS, Action, Deed, Filter, ListView, Mood, Op, Resource
from views.screen import Outcome

MARKS: Mapping[str, str] = {PairStatus.ACTIVE: "🤝", PairStatus.ENDED: "🏁"}


def names(pair: Pair, locale: Locale) -> str:
    """``Aigerim Sapar → Timur Pak``: who helps whom."""
    return f"{title(pair.mentor, locale)} → {title(pair.mentee, locale)}"


def line(pair: Pair, locale: Locale) -> str:
    """``🤝 Aigerim Sapar → Timur Pak``; one who was not told yet is marked."""
    untold = " 🔕" if pair.status == PairStatus.ACTIVE and pair.notified_at is None else ""
    return f"{MARKS.get(pair.status, '')} {names(pair, locale)}{untold}".strip()


def untold(pair: Pair, locale: Locale) -> str:
    """That nobody told the two, under the title."""
    waits = pair.status == PairStatus.ACTIVE and pair.notified_at is None
    return f"🔕 {locale.t('mentor_pairs.untold')}" if waits else ""


async def show_telling(own: RecordContext) -> Outcome:
    """How the two are told, or the button that has them told."""
    return await telling.card.show(own, "pair")


async def telling_mark(ctx: Context, pair: Pair) -> str:
    """Whether they were told, and who could not be."""
    return await telling.card.mark(ctx, "pair", pair.id)


PAIRS: Resource[Pair] = Resource(
    module=Module.COMMUNITY,
    key="mentor_pairs",
    code=CODES["pairs"],
    icon="🤝",
    model=Pair,
    source=Pairs,
    needs={**READS, Op.CREATE: Permission.CREATE},
    title=names,
    subtitle=untold,
    fields=(
        Relation(name="mentor_id", required=True, editable=False, lookup=FreeMentors),
        Relation(name="mentee_id", required=True, editable=False, lookup=WaitingMentees),
        Choice(name="status", editable=False, options=PairStatus, texts="mentor_pairs_status"),
        LongText(name="note", editable=False),
        DateTime(name="created_at", editable=False),
        DateTime(name="notified_at", editable=False),
        DateTime(name="ended_at", editable=False),
        LongText(name="end_reason", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(Filter("status", tuple(PairStatus), texts="mentor_pairs_status"),),
        everywhere=False,
    ),
    card=("mentor_id", "mentee_id", "status", "created_at", "notified_at", "ended_at", "note", "end_reason"),
    form=("mentee_id", "mentor_id"),
    submit=look,
    straight=True,
    known=telling_mark,
    actions=(Action("telling", "te", Permission.READ, show_telling, icon="📣"),),
    deeds=(
        Deed(
            "end", "en", Permission.UPDATE, icon="🏁", mood=Mood.BAD,
            fields=(LongText(name="reason", required=True, max_len=1000),),
            offered=lambda pair: pair.status == PairStatus.ACTIVE,
            reached=lambda pair, values: pair.status == PairStatus.ENDED,
        ),
    ),
)  # fmt: skip
