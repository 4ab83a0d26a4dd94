"""What came out: groups with the reasons for each, who is left out, and what is proven about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations

from services.matching.task import Members, Pair, Task
from utils.folding import fold

DAYS_OF_WEEK = 7


class Proof(StrEnum):
    """How much is certain. ``FEWEST`` and ``BEST``: nobody more could have a partner, nobody is skipped twice
    running who need not be, and there is no way with fewer repeats."""

    BEST = "best"
    """Moreover no other pairs would be more novel."""
    FEWEST = "fewest"
    NONE = "none"
    """The best that was found, or changed by hand."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, for the texts to say: ``a`` and ``b`` are always members.

    ``new`` (a, b: they never met) · ``met_before`` and ``repeat`` (a, b, at: ISO day, weeks: since then; ``repeat``
    is inside the lookback) · ``other_segment`` (a, b, a_segment, b_segment) · ``other_city`` (a, b, a_city, b_city)
    · ``trio`` (nobody was left to pair with) · ``locked`` · ``by_hand``. Of those left out: ``turn`` (the number
    is odd, it is their turn) · ``no_partner`` (everybody they may meet is taken, or there is nobody).
    """

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Two or three who meet; ``repeats`` are those pairs that met inside the lookback."""

    members: Members
    why: tuple[Why, ...]
    repeats: tuple[Pair, ...] = ()
    locked: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who meets nobody in this round."""

    id: int
    why: Why


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A round before it is committed: groups by their lowest ids, ``skipped`` by id."""

    groups: tuple[Group, ...]
    skipped: tuple[LeftOut, ...]
    seed: int
    proof: Proof

    @property
    def repeats(self) -> int:
        """How many pairs meet again inside the lookback, locked ones among them."""
        return sum(len(one.repeats) for one in self.groups)

    @property
    def members(self) -> tuple[Members, ...]:
        """Who meets whom, as the backend takes it."""
        return tuple(one.members for one in self.groups)


class Reasons:
    """Builds groups with their reasons from one task."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._met = task.last_met()
        self._people = {one.id: one for one in task.candidates}

    def group(self, members: Iterable[int], *, locked: bool = False, by_hand: bool = False) -> Group:
        """The group with everything that speaks for and against it."""
        ordered = tuple(sorted(members))
        pairs = tuple(combinations(ordered, 2))
        why = [Why("locked")] if locked else []
        why += [Why("by_hand")] if by_hand else []
        why += [Why("trio")] if len(ordered) > len(("a", "b")) and not locked else []
        for two in pairs:
            why += self._of_pair(two)
        repeats = tuple(two for two in pairs if self._task.is_repeat(self._met.get(two)))
        return Group(ordered, tuple(why), repeats, locked, by_hand)

    def _of_pair(self, two: Pair) -> list[Why]:
        met = self._met.get(two)
        one, other = (self._people[member] for member in two)
        named = {"a": two[0], "b": two[1]}
        why = [Why("new", named) if met is None else self._met_at(two, met)]
        for name in ("segment", "city"):
            ones, others = known(getattr(one, name)), known(getattr(other, name))
            if ones and others and fold(ones) != fold(others):
                why.append(Why(f"other_{name}", named | {f"a_{name}": ones, f"b_{name}": others}))
        return why

    def _met_at(self, two: Pair, met: date) -> Why:
        weeks = max(0, (self._task.on - met).days // DAYS_OF_WEEK)
        key = "repeat" if self._task.is_repeat(met) else "met_before"
        return Why(key, {"a": two[0], "b": two[1], "at": met.isoformat(), "weeks": weeks})


def known(value: str | None) -> str:
    """The value without blanks around it; empty for what nobody filled in."""
    return (value or "").strip()
