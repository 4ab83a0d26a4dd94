"""Those without a partner join pairs: one each, where it costs the fewest repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from services.matching.bonds import Bonds
from services.matching.pairing import Solved, complete, heaviest, left_of

ALL_TRIED = 13
"""Up to so many people every possible trio is tried, each with the best pairs of all others."""
SOME_TRIED, WORK = 100, 1_000_000
"""Up to so many, those trios that could save a repeat are tried until so many pairs were looked at in all."""

Three = tuple[int, int, int]
Some = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Groups of two and three, who is still left, and what is proven: see ``Solved``."""

    groups: list[Some]
    left: list[int]
    sure: bool
    novel: bool = False


def joined(bonds: Bonds, solved: Solved) -> Joined:
    """Everybody without a partner in a pair that is allowed, as far as there is one."""
    if not solved.left:
        return Joined(list(solved.pairs), [], solved.sure, solved.novel)
    found = _assigned(bonds, solved)
    if len(solved.left) > 1:
        sure = solved.sure and not found.left and _repeats(bonds, found.groups) == solved.floor
        return Joined(found.groups, found.left, sure)
    return _odd_one(bonds, solved, found)


def _assigned(bonds: Bonds, solved: Solved) -> Joined:
    first = len(bonds.everyone)
    edges = [
        (one, first + at, bonds.worth(one, a) + bonds.worth(one, b))
        for one in solved.left
        for at, (a, b) in enumerate(solved.pairs)
        if bonds.allowed(one, a) and bonds.allowed(one, b)
    ]
    third = {at - first: one for one, at in heaviest(edges)}
    groups: list[Some] = [(*two, third[at]) if at in third else two for at, two in enumerate(solved.pairs)]
    return Joined(groups, [one for one in solved.left if one not in third.values()], sure=False)


# --- one alone -----------------------------------------------------------------------------------------------


def _odd_one(bonds: Bonds, solved: Solved, found: Joined) -> Joined:
    """``found``, unless another trio does with fewer repeats."""
    count = len(bonds.everyone)
    if count <= ALL_TRIED:
        return _tried(bonds, combinations(bonds.everyone, 3), found, sure=True)
    more = count if found.left else _repeats(bonds, found.groups) - solved.floor
    if not more or (not found.left and more <= _least_added(bonds)):
        return Joined(found.groups, [], solved.sure)
    if count > SOME_TRIED:
        return Joined(found.groups, found.left, sure=False)
    better = (three for three in combinations(bonds.everyone, 3) if _added(bonds, three) < more)
    tries = WORK // count**2
    some = list(islice(better, tries + 1))
    return _tried(bonds, some[:tries], found, sure=solved.sure and len(some) <= tries)


def _tried(bonds: Bonds, threes: Iterable[Three], found: Joined, *, sure: bool) -> Joined:
    """The best of ``found`` and the trios, each with the best pairs of the others."""
    best, worth = found.groups, None if found.left else _worth(bonds, found.groups)
    for three in threes:
        if not all(bonds.allowed(*two) for two in combinations(three, 2)):
            continue
        others = left_of(bonds.everyone, [three[:2], three[1:]])
        pairs = complete(bonds, others)
        if 2 * len(pairs) < len(others):
            continue
        groups: list[Some] = [three, *pairs]
        if worth is None or _worth(bonds, groups) > worth:
            best, worth = groups, _worth(bonds, groups)
    if worth is None:
        return Joined(best, found.left, sure)
    return Joined(best, [], sure, novel=sure and len(bonds.everyone) <= ALL_TRIED)


def _added(bonds: Bonds, three: Three) -> int:
    """Repeats that whichever of the three joins brings at the most: so many more than ``floor`` there must be."""
    between = {frozenset(two): int(two[1] in bonds.recent[two[0]]) for two in combinations(three, 2)}
    return sum(between.values()) - min(between.values())


def _least_added(bonds: Bonds) -> int:
    """The fewest repeats any trio must add: 0 with three who are new to each other, 1 with two such pairs, else 2."""
    fresh = [
        sum(1 << other for other in bonds.everyone if other != one and bonds.fresh(one, other))
        for one in bonds.everyone
    ]
    least = 2
    for one, other in combinations(bonds.everyone, 2):
        if fresh[one] & fresh[other]:
            if fresh[one] >> other & 1:
                return 0
            if bonds.allowed(one, other):
                least = 1
    return least


def _repeats(bonds: Bonds, groups: Sequence[Some]) -> int:
    return sum(other in bonds.recent[one] for group in groups for one, other in combinations(group, 2))


def _worth(bonds: Bonds, groups: Sequence[Some]) -> int:
    return sum(bonds.worth(one, other) for group in groups for one, other in combinations(group, 2))
