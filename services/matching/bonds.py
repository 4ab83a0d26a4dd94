"""What there is between the people of a task: bars, meetings, novelty, and the weight of a pair made of them.

People are numbers 0..n-1 here, in an order drawn from the seed: it decides between what is otherwise alike, and
makes the result independent of the order in which the candidates came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b

from services.matching.arrangement import DAYS_OF_WEEK
from services.matching.task import Candidate, OddPolicy, Task
from utils.folding import fold

Two = tuple[int, int]
"""A pair of numbers, the lower first."""

OTHER_SEGMENT, OTHER_CITY, NEVER_MET = 2, 2, 1
MOST_NOVEL = OTHER_SEGMENT + OTHER_CITY + NEVER_MET


class Bonds:
    """The people of a task without ``taken`` (ids), numbered."""

    def __init__(self, task: Task, taken: Collection[int] = ()) -> None:
        aside = frozenset(taken)
        people = sorted(
            (one for one in task.candidates if one.id not in aside), key=lambda one: _drawn(task.seed, one.id)
        )
        self.ids = tuple(one.id for one in people)
        self.everyone = range(len(people))
        number = {one: at for at, one in enumerate(self.ids)}
        self.barred: list[set[int]] = [set() for _ in people]
        self.recent: list[dict[int, int]] = [{} for _ in people]
        """Repeats: with whom, and how many weeks of the lookback are left."""
        self._met: list[set[int]] = [set() for _ in people]
        for one, other in task.barred():
            if one in number and other in number:
                self.barred[number[one]].add(number[other])
                self.barred[number[other]].add(number[one])
        for (one, other), met in task.last_met().items():
            if one in number and other in number:
                left = task.lookback_weeks - max(0, (task.on - met).days) // DAYS_OF_WEEK
                for a, b in ((number[one], number[other]), (number[other], number[one])):
                    self._met[a].add(b)
                    if task.is_repeat(met):
                        self.recent[a][b] = left
        self._segments = [fold(one.segment or "") for one in people]
        self._cities = [fold(one.city or "") for one in people]
        skips = task.odd is OddPolicy.SKIP
        self.spared = [int(skips and one.skipped_last) for one in people]
        """1 for who must not be left out again while anybody else can be."""
        self.rank = _turns(people) if skips else [len(self.conflicts(one)) for one in self.everyone]
        """The higher, the later it is that person's turn to be without a partner.

        Where the odd one joins a pair, it had better be somebody who may meet many.
        """
        self._weigh(task.lookback_weeks)

    def _weigh(self, lookback: int) -> None:
        """Each level outweighs all below it together, over a whole round."""
        pairs = 2 * len(self.ids) + 1
        self._age = pairs * MOST_NOVEL + 1
        self._turn = self._age * (pairs * (lookback + 1) + 1)
        self._repeat = self._turn * (pairs * max(self.rank, default=0) + 1)
        self._spare = self._repeat * (pairs + 1)
        self.place = self._spare * (pairs + 1)
        """More than everything else of a round: what it is worth that one more person has a partner."""

    def conflicts(self, one: int) -> set[int]:
        """With whom it would be a repeat, or barred."""
        return self.barred[one].union(self.recent[one])

    def allowed(self, one: int, other: int) -> bool:
        """True when they may meet at all."""
        return other not in self.barred[one]

    def fresh(self, one: int, other: int) -> bool:
        """True when they may meet and it is no repeat."""
        return other not in self.barred[one] and other not in self.recent[one]

    def repeats_in(self, pairs: Iterable[Two]) -> int:
        """How many of the pairs are repeats."""
        return sum(other in self.recent[one] for one, other in pairs)

    def novelty(self, one: int, other: int) -> int:
        """0 .. ``MOST_NOVEL``: another segment, another city, never met."""
        segments, cities = self._segments, self._cities
        found = 0 if other in self._met[one] else NEVER_MET
        if segments[one] and segments[other] and segments[one] != segments[other]:
            found += OTHER_SEGMENT
        if cities[one] and cities[other] and cities[one] != cities[other]:
            found += OTHER_CITY
        return found

    def worth(self, one: int, other: int) -> int:
        """What the pair adds to a round: no repeat, an old one rather than a new one, novelty."""
        left = self.recent[one].get(other)
        found = self.novelty(one, other)
        return found if left is None else found - self._repeat - self._age * left

    def repeat_only(self, one: int, other: int) -> int:
        """The part of ``worth`` that says whether it is a repeat."""
        return -self._repeat if other in self.recent[one] else 0

    def loss(self, one: int) -> int:
        """What a round loses when this one is left out: more than any repeat for who must be spared."""
        return self._spare * self.spared[one] + self._turn * self.rank[one]

    def turn(self, one: int) -> tuple[int, int, int]:
        """Sorts people by whose turn it is to be left out."""
        return self.spared[one], self.rank[one], one


def _drawn(seed: int, one: int) -> tuple[bytes, int]:
    """Stable over Python's versions, unlike ``random``."""
    return blake2b(f"{seed}:{one}".encode(), digest_size=8).digest(), one


def _turns(people: list[Candidate]) -> list[int]:
    """0 for who was never skipped, 1 for who was longest ago, and so on."""
    days = sorted({one.last_skipped for one in people if one.last_skipped is not None})
    rank = {day: at for at, day in enumerate(days, start=1)}
    last = len(days) + 1
    return [
        rank[one.last_skipped] if one.last_skipped is not None else last if one.skipped_last else 0
        for one in people
    ]


def ordered(one: int, other: int) -> Two:
    """The two numbers, the lower first."""
    return (one, other) if one < other else (other, one)
