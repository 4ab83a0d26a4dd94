"""What speaks for a mentor and a mentee, and what is missing, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from handlers.community.shown import LANGUAGE, SEGMENT
from locales.locale import Locale
from models.community import Member, Mentee, Mentor
from services.matching import mentorship
from services.matching.mentorship import HIGHEST, Reason, Suggestion
from utils.folding import fold
from utils.html import Html
from views.bars import bar
from views.fitting import label

NAMED = 5
"""Topics that are named."""


def matched(mentee: Mentee) -> mentorship.Mentee:
    """The mentee as the matching sees them."""
    since = mentee.waiting_since
    return mentorship.Mentee(
        mentee.id, since.date() if since else None, mentee.mentorship_topics, mentee.mentorship_languages,
        mentee.segment, mentee.city,
    )  # fmt: skip


def matching(mentor: Mentor) -> mentorship.Mentor:
    """The mentor as the matching sees them."""
    return mentorship.Mentor(
        mentor.id, mentor.free + mentor.active, mentor.active, mentor.mentorship_topics,
        mentor.mentorship_languages, mentor.segment, mentor.city,
    )  # fmt: skip


def today() -> date:
    return datetime.now(UTC).date()


def score(suggestion: Suggestion) -> str:
    """``▓▓▓▓▓▓░░░░ 62%``."""
    share = suggestion.score / HIGHEST
    return f"{bar(share)} {round(100 * share)}%"


def waited(suggestion: Suggestion, locale: Locale) -> Html | None:
    """How long the mentee waits: the same whoever the mentor is."""
    found = (one for one in suggestion.reasons if one.key == "waiting")
    return next((Html("⏳ ") + _said(one, locale) for one in found), None)


def reasons(
    suggestion: Suggestion, mentor: Member, mentee: Member, locale: Locale, *, waiting: bool = True
) -> Iterator[Html]:
    """A line each: what the score is made of, with or without the waiting, then what is missing."""
    missing = []
    for reason in suggestion.reasons:
        if reason.key == "waiting" and not waiting:
            continue
        if reason.points or reason.key in ("free", "waiting"):
            yield Html("✓ ") + _said(reason, locale)
        else:
            missing.append(locale.t(f"mentorship.reason.{reason.key}"))
    for key, ours, theirs in (
        ("other_city", mentee.city, mentor.city),
        ("other_segment", SEGMENT.show(mentee.segment, locale), SEGMENT.show(mentor.segment, locale)),
    ):
        if ours and theirs and fold(ours) != fold(theirs):
            missing.append(locale.t(f"mentorship.reason.{key}", name=label(theirs, 60)))
    yield from (Html("✗ ") + one for one in missing)


def _said(reason: Reason, locale: Locale) -> str:
    params = reason.params
    key = f"mentorship.reason.{reason.key}"
    if reason.key in ("topics", "language"):
        names = params["names"]
        shown = [
            LANGUAGE.show(one, locale) if reason.key == "language" else one
            for one in (names if isinstance(names, tuple) else ())
        ]
        return locale.t(key, names=label(", ".join(shown[:NAMED]), 200))
    if reason.key in ("city", "segment"):
        name = str(params["name"])
        return locale.t(key, name=label(SEGMENT.show(name, locale) if reason.key == "segment" else name, 60))
    number = params["count"] if reason.key == "free" else params["weeks"]
    count = number if isinstance(number, int) else 0
    return locale.t(key, n=count, count=locale.number(count))
