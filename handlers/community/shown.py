"""How members are named and told apart, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locales.locale import Locale
from models.community import (
    Channel,
    Frequency,
    Level,
    Member,
    MemberLanguage,
    MemberStatus,
    MentorshipRole,
    Person,
    Segment,
)
from resources.fields import Choice, Email, Field, LongText, Text
from resources.fields.tags import Tags

MARKS: Mapping[str, str] = {MemberStatus.INCOMPLETE: "✏️", MemberStatus.BLOCKED: "🚫"}
"""Marks of the states that other records do not have."""
CODES = {"members": "mb", "mentors": "mt", "mentees": "mn", "pairs": "mp", "bars": "mx", "rounds": "cf"}
"""Address codes of the lists: their cards lead to each other."""

STATUS = Choice(name="status", editable=False, options=MemberStatus, texts="members_status")
SEGMENT = Choice(name="segment", options=Segment, texts="members_segment")
LEVEL = Choice(name="level", options=Level, texts="members_level")
LANGUAGE = Choice(name="language", required=True, options=MemberLanguage, texts="members_language")
CHANNEL = Choice(name="channel", required=True, options=Channel, texts="members_channel")
ROLE = Choice(name="mentorship_role", required=True, options=MentorshipRole, texts="members_role")
FREQUENCY = Choice(name="coffee_frequency", required=True, options=Frequency, texts="members_frequency")
TOPICS = Tags(name="mentorship_topics")
LANGUAGES = Tags(name="mentorship_languages", options=tuple(MemberLanguage), texts="members_language", most=3)


ON_BOARD: tuple[Field, ...] = (
    Text(name="full_name", editable=False),
    Tags(name="mentorship_topics", editable=False),
    Tags(
        name="mentorship_languages",
        editable=False,
        options=tuple(MemberLanguage),
        texts="members_language",
    ),
    Choice(name="segment", editable=False, options=Segment, texts="members_segment"),
    Choice(name="level", editable=False, options=Level, texts="members_level"),
    Text(name="affiliation", editable=False),
    Text(name="city", editable=False),
    Choice(name="language", editable=False, options=MemberLanguage, texts="members_language"),
    Email(name="email", editable=False, masked=True),
    LongText(name="about", editable=False),
)
"""What the boards show of a member; nothing of it is edited there."""


def title(member: Person, locale: Locale) -> str:
    """The name; of a registration that has not come that far, and of an erased member, the number."""
    return " ".join(member.full_name.split()) or locale.t("members.nameless", id=member.id)


def line(member: Member, locale: Locale) -> str:
    """``🚫 Aigerim Sapar · Student · Astana``."""
    mark = MARKS.get(member.status, "")
    parts = (f"{mark} {title(member, locale)}".strip(), SEGMENT.show(member.segment, locale), member.city)
    return " · ".join(part for part in parts if part)


def subtitle(member: Member, locale: Locale) -> str:
    """The state, where no stamp tells it."""
    mark = MARKS.get(member.status)
    return f"{mark} {STATUS.show(member.status, locale)}" if mark else ""


def topics(member: Any) -> str:
    """The first topics, with commas."""
    return ", ".join(member.mentorship_topics[:3])
