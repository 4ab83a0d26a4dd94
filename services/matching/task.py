"""What is to be solved: the people of a round, what was before, what must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

Members = tuple[int, ...]
"""Who meets: two or three ids, in ascending order."""
Pair = tuple[int, int]

SMALLEST, LARGEST = 2, 3


class OddPolicy(StrEnum):
    """What happens to somebody without a partner."""

    TRIO = "trio"
    """Joins a pair."""
    SKIP = "skip"
    """Sits this round out, by turns."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who wants to meet; blanks in ``segment`` and ``city`` count as unknown.

    ``skipped_last`` is true for who sat the last round out, ``last_skipped`` the day that last happened.
    """

    id: int
    segment: str | None = None
    city: str | None = None
    skipped_last: bool = False
    last_skipped: date | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A group of an earlier round. Ids of people who are no candidates now do no harm."""

    at: date
    member_ids: Members


@dataclass(frozen=True, slots=True)
class Task:
    """One round on the day ``on``. The order within ``candidates``, ``history``, ``bars`` and ``locked`` means nothing.

    Two who met in the last ``lookback_weeks`` weeks, the day exactly so many weeks ago included, are a repeat;
    with 0 nobody is. ``bars`` are pairs that never meet, ``locked`` groups of two or three that stay as they are.
    """

    candidates: tuple[Candidate, ...]
    on: date
    seed: int
    lookback_weeks: int = 12
    odd: OddPolicy = OddPolicy.TRIO
    history: tuple[Meeting, ...] = ()
    bars: tuple[Pair, ...] = ()
    locked: tuple[Members, ...] = ()

    @property
    def since(self) -> date | None:
        """The first day of the lookback; None without one."""
        return self.on - timedelta(weeks=self.lookback_weeks) if self.lookback_weeks else None

    def barred(self) -> frozenset[Pair]:
        """The bars, the lower id first."""
        return frozenset(pair(one, other) for one, other in self.bars if one != other)

    def last_met(self) -> dict[Pair, date]:
        """When two last met, by pair, however long ago."""
        known = {one.id for one in self.candidates}
        found: dict[Pair, date] = {}
        for meeting in self.history:
            for two in combinations(sorted(known.intersection(meeting.member_ids)), 2):
                found[two] = max(meeting.at, found.get(two, meeting.at))
        return found

    def is_repeat(self, met: date | None) -> bool:
        """True for a last meeting inside the lookback."""
        since = self.since
        return met is not None and since is not None and met >= since


def pair(one: int, other: int) -> Pair:
    """The two, the lower first."""
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be: a key for the texts, and what it speaks of."""

    key: str
    params: Mapping[str, int] = field(default_factory=dict)


class Refused(Exception):
    """The task or the change contradicts itself; ``reasons`` say where."""

    def __init__(self, *reasons: Refusal) -> None:
        super().__init__(", ".join(f"{one.key} {dict(one.params)}" for one in reasons))
        self.reasons = reasons


def faults(task: Task, groups: tuple[Members, ...]) -> tuple[Refusal, ...]:
    """What forbids these groups, in a stable order; empty when they may meet.

    Keys: ``size`` (members), ``unknown`` (id: no candidate), ``twice`` (id), ``barred`` (a, b).
    """
    known, barred = {one.id for one in task.candidates}, task.barred()
    found = [
        Refusal("size", {"members": len(group)}) for group in groups if not SMALLEST <= len(group) <= LARGEST
    ]
    times = Counter(one for group in groups for one in group)
    found += [Refusal("unknown", {"id": one}) for one in sorted(times) if one not in known]
    found += [Refusal("twice", {"id": one}) for one, count in sorted(times.items()) if count > 1]
    found += [
        Refusal("barred", {"a": two[0], "b": two[1]})
        for group in sorted(tuple(sorted(group)) for group in groups)
        for two in combinations(group, 2)
        if two in barred
    ]
    return tuple(found)


def check(task: Task) -> None:
    """Raises ``Refused`` when somebody is a candidate twice, or a locked group may not meet."""
    times = Counter(one.id for one in task.candidates)
    twice = [Refusal("twice", {"id": one}) for one, count in sorted(times.items()) if count > 1]
    found = (*twice, *faults(task, task.locked))
    if found:
        raise Refused(*found)
