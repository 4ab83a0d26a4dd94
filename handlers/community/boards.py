"""The boards of mentorship: mentors with their room, mentees by how long they have waited."""

from __future__ import annotations

from datetime import UTC, datetime

from api.community import Mentees, Mentors
from handlers._engine.own import RecordContext
from handlers.community.mentorship import CHOOSE, SUGGESTIONS, choose, suggestions
from handlers.community.pairs import MARKS
from handlers.community.shown import CODES, ON_BOARD, title, topics
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from models.access import Module, Permission
from models.community import MemberLanguage, Mentee, Mentor, Pair
from resources.fields import DateTime, Number
from resources.queries import ListQuery
from resources.resource import READS, Action, Filter, ListView, Resource
from utils.html import bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

PAIRS_SHOWN = 10
ROW = 56

LANGUAGE = Filter("language", tuple(MemberLanguage), texts="members_language")


def mentor_line(mentor: Mentor, locale: Locale) -> str:
    """``🟢 2 of 3 · Aigerim Sapar · IT, Marketing``: how many places are free, of how many."""
    mark = "🟢" if mentor.free > 0 else "⚪"
    places = locale.t("mentors.places", free=mentor.free, all=mentor.free + mentor.active)
    return " · ".join(part for part in (f"{mark} {places}", title(mentor, locale), topics(mentor)) if part)


def mentee_line(mentee: Mentee, locale: Locale) -> str:
    """``⏳ 34 days · Aigerim Sapar · IT``; who has a mentor is marked instead."""
    first = f"🤝 {title(mentee, locale)}" if mentee.mentor_id else f"⏳ {waiting(mentee, locale)}"
    name = "" if mentee.mentor_id else title(mentee, locale)
    return " · ".join(part for part in (first, name, topics(mentee)) if part)


def waiting(mentee: Mentee, locale: Locale) -> str:
    """How long, in days."""
    since = mentee.waiting_since
    days = max(0, (datetime.now(UTC) - since).days) if since is not None else 0
    return locale.t("mentees.days", n=days, count=locale.number(days))


def waiting_title(mentee: Mentee, locale: Locale) -> str:
    """Under the name: how long they have waited, or that they need not."""
    if mentee.mentor_id is not None:
        return locale.t("mentees.has_mentor")
    return locale.t("mentees.waits", days=waiting(mentee, locale))


async def show_pairs(own: RecordContext) -> Outcome:
    """The pairs that the member is or was in, the newest first, and the way to the member's own card."""
    ctx, locale = own.ctx, own.ctx.locale
    side = "mentor_id" if own.resource.code == CODES["mentors"] else "mentee_id"
    # The card that leads here is gone for somebody who is not on the board any more.
    member = await own.source.get(ctx.caller, own.go.id)
    pairs = ctx.app.registry.by_code[CODES["pairs"]]
    page = await ctx.app.records.page(
        ctx.caller, pairs, ListQuery(size=PAIRS_SHOWN, filters={side: str(member.id)})
    )
    rows: list[Row] = [
        (Button(label(_other(pair, side, locale), ROW), Go(Press.CARD, pairs.code, pair.id)),)
        for pair in page.items
    ]
    profile = Button(f"🫂 {ctx.t('mentors.profile')}", Go(Press.CARD, CODES["members"], member.id))
    rows += [(profile,), navigation(locale, own.card())]
    head = bold(f"🤝 {ctx.t(f'{own.resource.key}.action.pairs')}")
    body = ctx.html("mentor_pairs.of", count=locale.number(page.total or len(page.items)))
    text = lines(
        head, label(title(member, locale), 120), "", body if page.items else ctx.html("mentor_pairs.none")
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), tuple(rows)))


def _other(pair: Pair, side: str, locale: Locale) -> str:
    person = pair.mentee if side == "mentor_id" else pair.mentor
    since = locale.short(pair.created_at) if pair.created_at else ""
    return f"{MARKS.get(pair.status, '')} {title(person, locale)} · {since}".strip(" ·")


MENTORS: Resource[Mentor] = Resource(
    module=Module.COMMUNITY,
    key="mentors",
    code=CODES["mentors"],
    icon="🧭",
    model=Mentor,
    source=Mentors,
    needs=READS,
    title=title,
    fields=(*ON_BOARD, Number(name="free", editable=False),
        Number(name="active", editable=False)),
    list=ListView(
        line=mentor_line,
        filters=(Filter("available", ("yes", "no"), texts="mentors_available"), LANGUAGE),
        everywhere=False,
    ),
    card=(
        "free", "active", "mentorship_topics", "mentorship_languages", "segment", "level", "affiliation", "city",
        "language", "email", "about",
    ),
    actions=(Action("pairs", "pa", Permission.READ, show_pairs, icon="🤝"),),
)  # fmt: skip

MENTEES: Resource[Mentee] = Resource(
    module=Module.COMMUNITY,
    key="mentees",
    code=CODES["mentees"],
    icon="🌱",
    model=Mentee,
    source=Mentees,
    needs=READS,
    title=title,
    subtitle=waiting_title,
    fields=(*ON_BOARD, DateTime(name="waiting_since", editable=False)),
    list=ListView(
        line=mentee_line,
        filters=(Filter("unmatched", ("yes", "no"), texts="mentees_unmatched"), LANGUAGE),
        everywhere=False,
    ),
    card=(
        "waiting_since", "mentorship_topics", "mentorship_languages", "segment", "level", "affiliation", "city",
        "language", "email", "about",
    ),
    actions=(
        Action("suggestions", SUGGESTIONS, Permission.READ, suggestions, icon="✨"),
        Action("choose", CHOOSE, Permission.CREATE, choose, icon="🔎"),
        Action("pairs", "pa", Permission.READ, show_pairs, icon="🤝"),
    ),
)  # fmt: skip
