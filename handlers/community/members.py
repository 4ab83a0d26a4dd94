"""Members of the community: who waits, who is in, and who may be there twice (docs/community-api.md)."""

from __future__ import annotations

from typing import Any

from api.community import Cities, Members, Twin
from handlers._engine.own import RecordContext
from handlers.community.figures import overview
from handlers.community.shown import (
    CHANNEL,
    FREQUENCY,
    LANGUAGE,
    LANGUAGES,
    LEVEL,
    ROLE,
    SEGMENT,
    STATUS,
    TOPICS,
    line,
    subtitle,
    title,
)
from keyboards.buttons import Button, navigation
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.community import CoffeeState, Level, Member, MemberStatus, MentorshipRole, Segment
from resources.fields import Choice, Date, DateTime, Email, Flag, LongText, Number, Text
from resources.resource import READS, Action, Deed, Filter, ListView, Mood, Op, Resource, Tool, Waiting
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import record_label
from views.screen import Outcome, Screen

HINTED = 3
"""Members that the hint above a card names."""
REASON = LongText(name="reason", required=True, max_len=1000)
CODE = "mb"


async def notice(source: Members, caller: Caller, member: Member, locale: Locale) -> str:
    """Who may be the same person, in a line; ``""`` for nobody."""
    twins = await source.alike(caller, member)
    if not twins:
        return ""
    names = ", ".join(label(_twin(twin, locale), 80) for twin in twins[:HINTED])
    more = len(twins) - HINTED
    return locale.html("members.twins", names=names) + (f" +{more}" if more > 0 else "")


async def show_twins(own: RecordContext) -> Outcome:
    """Members who may be the same person, and why; a tap opens one."""
    ctx, locale = own.ctx, own.ctx.locale
    member = await own.source.get(ctx.caller, own.go.id)
    twins = await own.source.alike(ctx.caller, member)
    rows: list[tuple[Button, ...]] = [
        (Button(record_label(own.resource, one.member, locale), Go(Press.CARD, CODE, one.member.id)),)
        for one in twins
    ]
    found = [Html("• ") + label(_twin(one, locale), 200) for one in twins]
    head = bold(f"👥 {ctx.t('members.action.twins')}")
    body = found or [ctx.html("members.no_twins")]
    text = lines(head, label(title(member, locale), 120), "", *body)
    return Outcome(Screen(fit(text, TEXT_LIMIT), (*rows, navigation(locale, own.card()))))


def _twin(twin: Twin, locale: Locale) -> str:
    """``Aigerim Sapar (approved, same e-mail)``."""
    why = locale.t("members.same_email" if twin.same_email else "members.same_name")
    state = STATUS.show(twin.member.status, locale).lower()
    return f"{title(twin.member, locale)} ({state}, {why})"


async def impact(source: Members, caller: Caller, record_id: int, locale: Locale) -> str:
    """That a delete erases what is personal and ends what the member is in."""
    return locale.html("members.impact")


def waits(member: Member) -> bool:
    """True while nobody has decided."""
    return member.status == MemberStatus.PENDING


def some(value: Any, locale: Locale) -> str:
    """The number; none at all says nothing of somebody who is no mentor."""
    return locale.number(value) if value else ""


def is_in(status: MemberStatus) -> Any:
    """Whether a record read back is in that state."""
    return lambda member, values: member.status == status


MEMBERS: Resource[Member] = Resource(
    module=Module.COMMUNITY,
    key="members",
    code=CODE,
    icon="🫂",
    model=Member,
    source=Members,
    needs={**READS, Op.EDIT: Permission.UPDATE, Op.DELETE: Permission.DELETE},
    title=title,
    subtitle=subtitle,
    notice=notice,
    impact=impact,
    fields=(
        STATUS,
        Text(name="full_name", required=True, max_len=255),
        Text(name="nickname", max_len=100),
        Email(name="email", masked=True),
        SEGMENT,
        LEVEL,
        Text(name="affiliation", max_len=255),
        Text(name="city", max_len=100),
        LANGUAGE,
        LongText(name="about", max_len=4000),
        ROLE,
        TOPICS,
        Number(name="mentorship_capacity", required=True, most=50, format=some),
        LANGUAGES,
        Choice(name="coffee", editable=False, options=CoffeeState, texts="members_frequency"),
        Flag(name="coffee_enabled", required=True),
        FREQUENCY,
        Date(name="coffee_paused_until"),
        CHANNEL,
        Flag(name="notify_announcements", required=True),
        Flag(name="notify_events", required=True),
        Flag(name="notify_matches", required=True),
        LongText(name="reject_reason", editable=False),
        Text(name="registration_step", editable=False),
        DateTime(name="created_at", editable=False),
        DateTime(name="submitted_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("status", tuple(MemberStatus), texts="members_status"),
            Filter("segment", tuple(Segment), texts="members_segment"),
            Filter("level", tuple(Level), texts="members_level"),
            Filter("city", texts="members_city", lookup=Cities),
            Filter("mentorship_role", tuple(MentorshipRole), texts="members_role"),
            Filter("coffee_enabled", ("yes", "no"), texts="members_coffee"),
        ),
        sorts=("", "first", "name"),
    ),
    card=(
        "reject_reason", "nickname", "email", "segment", "level", "affiliation", "city", "language", "channel",
        "mentorship_role", "mentorship_topics", "mentorship_capacity", "mentorship_languages", "coffee",
        "coffee_paused_until", "created_at", "submitted_at", "about",
    ),
    actions=(Action("twins", "tw", Permission.READ, show_twins, icon="👥", calls=("alike",)),),
    waiting=Waiting(
        {"status": "pending"}, waits, "approve", "reject", since="submitted_at", reasons="members",
    ),
    deeds=(
        Deed(
            "approve", "ap", Permission.MODERATE, method="accept", icon="✅", mood=Mood.GOOD,
            offered=waits, reached=is_in(MemberStatus.APPROVED),
        ),
        Deed(
            "reject", "rj", Permission.MODERATE, method="refuse", icon="⛔", mood=Mood.BAD, fields=(REASON,),
            offered=waits, reached=is_in(MemberStatus.REJECTED),
        ),
        Deed(
            "block", "bl", Permission.MODERATE, icon="🚫", mood=Mood.BAD, fields=(REASON,),
            offered=lambda member: member.status != MemberStatus.BLOCKED, reached=is_in(MemberStatus.BLOCKED),
        ),
        Deed(
            "unblock", "ub", Permission.MODERATE, icon="🔓",
            offered=lambda member: member.status == MemberStatus.BLOCKED,
            reached=lambda member, values: member.status != MemberStatus.BLOCKED,
        ),
    ),
    tools=(Tool("overview", "ov", Permission.READ, overview, icon="📊", calls=("figures",)),),
)  # fmt: skip
