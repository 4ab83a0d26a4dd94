"""Mentors for a mentee, the most fitting first, with what speaks for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.matching.arrangement import DAYS_OF_WEEK, known
from services.matching.task import Pair, pair
from utils.folding import fold

TOP = 3
TOPIC, TOPICS_COUNTED = 12, 4
"""Points for each shared topic, and how many of them count."""
LANGUAGE, CITY, SEGMENT = 24, 10, 8
FREE, FREE_COUNTED = 2, 3
"""Points for each place a mentor has left: who has more is asked first."""
WEEK, WEEKS_COUNTED = 1, 12
"""Points for each week a mentee waits; the same with every mentor, so they tell mentees apart, not mentors."""
HIGHEST = (
    TOPIC * TOPICS_COUNTED + LANGUAGE + CITY + SEGMENT + FREE * FREE_COUNTED + WEEK * WEEKS_COUNTED
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mentor:
    """Somebody with places for mentees, ``active`` of them taken."""

    id: int
    capacity: int
    active: int = 0
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    segment: str | None = None
    city: str | None = None

    @property
    def free(self) -> int:
        """Places left, never below 0."""
        return max(0, self.capacity - self.active)


@dataclass(frozen=True, slots=True)
class Mentee:
    """Somebody who looks for a mentor since that day."""

    id: int
    waiting_since: date | None = None
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    segment: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of the score, for the texts to say; ``points`` of all reasons add up to it.

    ``topics`` (names) · ``language`` (names) · ``city`` and ``segment`` (name) · ``free`` (count) · ``waiting``
    (weeks) · and without points: ``no_topics``, ``no_language`` (nothing shared although both named some).
    """

    key: str
    points: int = 0
    params: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A mentor for the mentee; ``score`` is 0 .. ``HIGHEST``."""

    mentor_id: int
    score: int
    reasons: tuple[Reason, ...]


def suggest(
    mentee: Mentee, mentors: Iterable[Mentor], bars: Iterable[Pair], on: date, top: int = TOP
) -> tuple[Suggestion, ...]:
    """The mentors with a free place whom the mentee may have, the highest score first, then more places, then by id.

    Never the mentee themselves. The order of ``mentors`` and ``bars`` means nothing.
    """
    barred = {pair(*two) for two in bars}
    open_to = {one.id: one for one in mentors if one.free and one.id != mentee.id}
    found = [
        (suggestion(mentee, one, on), one)
        for one in open_to.values()
        if pair(mentee.id, one.id) not in barred
    ]
    found.sort(key=lambda each: (-each[0].score, -each[1].free, each[1].id))
    return tuple(each for each, _ in found[:top])


def suggestion(mentee: Mentee, mentor: Mentor, on: date) -> Suggestion:
    """What speaks for the two, also for a mentor chosen by hand; neither bars nor places are looked at."""
    reasons = (
        *_shared("topics", mentee.topics, mentor.topics, TOPIC, TOPICS_COUNTED),
        *_shared("language", mentee.languages, mentor.languages, LANGUAGE, 1),
        *_same("city", mentee.city, mentor.city, CITY),
        *_same("segment", mentee.segment, mentor.segment, SEGMENT),
        Reason("free", FREE * min(mentor.free, FREE_COUNTED), {"count": mentor.free}),
        *_waiting(mentee, on),
    )
    return Suggestion(mentor.id, sum(one.points for one in reasons), reasons)


def _shared(key: str, ours: Iterable[str], theirs: Iterable[str], each: int, counted: int) -> list[Reason]:
    wanted, offered = _folded(ours), _folded(theirs)
    names = tuple(wanted[one] for one in sorted(wanted.keys() & offered.keys()))
    if names:
        return [Reason(key, each * min(len(names), counted), {"names": names})]
    return [Reason(f"no_{key}")] if wanted and offered else []


def _same(key: str, ours: str | None, theirs: str | None, points: int) -> list[Reason]:
    alike = known(ours) and fold(ours or "") == fold(theirs or "")
    return [Reason(key, points, {"name": known(ours)})] if alike else []


def _waiting(mentee: Mentee, on: date) -> list[Reason]:
    if mentee.waiting_since is None:
        return []
    weeks = max(0, (on - mentee.waiting_since).days // DAYS_OF_WEEK)
    return [Reason("waiting", WEEK * min(weeks, WEEKS_COUNTED), {"weeks": weeks})]


def _folded(names: Iterable[str]) -> dict[str, str]:
    """What was named, by what it is compared by; of several spellings the first in the alphabet."""
    return {fold(one): known(one) for one in sorted(names, reverse=True) if known(one)}
