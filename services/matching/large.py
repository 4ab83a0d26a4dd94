"""Pairs among more people than can be solved at once, and what is certain about them all the same.

Most people have met few of the others; such a crowd can always be paired without a repeat (Dirac: everybody may meet
half of all), and ``mended`` does it. What is left are the few who have met, or may not meet, very many: they are
solved first and exactly, each with enough of its own partners that nobody else's choice takes them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.matching.bonds import Bonds, Two, ordered
from services.matching.pairing import NOBODY, Solved, heaviest, left_of, mended, sparse

MOST_SCARCE = 100
TWO_LEVELS = 1_000
"""Up to so many people a graph of all pairs is solved for repeats alone when nothing else proves them fewest."""


def paired(bonds: Bonds, *, skips: bool) -> Solved:
    """Pairs of everybody; ``skips`` says that somebody without a partner stays without."""
    scarce = scarce_of(bonds)
    return _crowd(bonds) if scarce is None else _scarce_first(bonds, scarce, skips=skips)


def scarce_of(bonds: Bonds) -> list[int] | None:
    """As few people as possible whose conflicts keep all others from being a crowd as described above.

    None when they would be more than ``MOST_SCARCE``.
    """
    count = len(bonds.everyone)
    many = sorted(bonds.everyone, key=lambda one: (-len(bonds.conflicts(one)), one))
    for some in range(min(MOST_SCARCE, count - 1) + 1):
        # Of the others, as many as there are scarce ones may be taken by them, and one may be the odd one.
        if count - 2 * some - 1 >= 2 * (len(bonds.conflicts(many[some])) + 1):
            return many[:some]
    return None


# --- the few -------------------------------------------------------------------------------------------------


def _scarce_first(bonds: Bonds, scarce: list[int], *, skips: bool) -> Solved:
    aside = set(scarce)
    common = [one for one in bonds.everyone if one not in aside]
    first = _of_scarce(bonds, scarce, common, out=None)
    floor = bonds.repeats_in(first)
    if (len(bonds.everyone) + len(left_of(scarce, first))) % 2:
        # One is left without a partner in any case: it may be a scarce one, whose pair would be a repeat.
        other = _of_scarce(bonds, scarce, common, out=min(common, key=bonds.turn))
        floor = min(floor, bonds.repeats_in(other))
        first = other if skips else first
    left, rest = left_of(scarce, first), left_of(common, first)
    if len(rest) % 2:
        left.append(min(rest, key=bonds.turn))
        rest.remove(left[-1])
    pairs = sparse(bonds, rest)
    pairs, alone = mended(bonds, pairs, left_of(rest, pairs))
    sure = not alone and not any(bonds.spared[one] for one in left if one not in aside)
    return Solved(sorted(first + pairs), left + alone, floor, sure=sure)


def _of_scarce(bonds: Bonds, scarce: list[int], common: list[int], out: int | None) -> list[Two]:
    """The best pairs that scarce people can have; ``out`` is who is left out unless a scarce one is.

    Partners beyond as many as there are scarce people are never needed: one of those is always free.
    """
    weights: dict[Two, int] = {}
    aside = set(scarce)
    for one in scarce:
        for other in (*left_of(scarce, [(one, one)]), *_kept(bonds, one, common, len(scarce))):
            if bonds.allowed(one, other):
                gained = bonds.place + bonds.loss(one)
                gained += bonds.place + bonds.loss(other) if other in aside else 0
                weights[ordered(one, other)] = gained + bonds.worth(one, other)
        if out is not None:
            weights[NOBODY, one] = bonds.place + bonds.loss(out)
    found = heaviest(((*two, weight) for two, weight in sorted(weights.items())), cardinality=False)
    return [two for two in found if two[0] != NOBODY]


def _kept(bonds: Bonds, one: int, common: list[int], enough: int) -> list[int]:
    ranked = sorted(
        (other for other in common if bonds.allowed(one, other)),
        key=lambda other: (-bonds.worth(one, other), other),
    )
    fresh = [other for other in ranked if bonds.fresh(one, other)]
    return fresh[:enough] if len(fresh) >= enough else fresh + ranked[len(fresh) :][:enough]


# --- a crowd that has met too often ----------------------------------------------------------------------------


def _crowd(bonds: Bonds) -> Solved:
    """Without repeats where that is found; else with the fewest, which is proven up to ``TWO_LEVELS`` people."""
    people = list(bonds.everyone)
    out = [min(people, key=bonds.turn)] if len(people) % 2 else []
    rest = left_of(people, [(one, one) for one in out])
    pairs = sparse(bonds, rest)
    pairs, alone = mended(bonds, pairs, left_of(rest, pairs))
    if not alone:
        return Solved(pairs, out, 0, sure=True)
    if len(people) <= TWO_LEVELS:
        return _two_levels(bonds, people)
    more = heaviest(_all(bonds, alone))
    return Solved(sorted(pairs + more), out + left_of(alone, more), 0, sure=False)


def _two_levels(bonds: Bonds, people: Sequence[int]) -> Solved:
    """Most pairs and of those fewest repeats, whatever their novelty."""
    odd = [(NOBODY, one, -bonds.loss(one)) for one in people] if len(people) % 2 else []
    found = heaviest(_all(bonds, people) + odd)
    pairs = [two for two in found if two[0] != NOBODY]
    left = left_of(people, pairs)
    # With more left than an odd one, repeats were not weighed against who must be spared.
    sure = len(left) <= 1 or not any(bonds.spared)
    return Solved(pairs, left, bonds.repeats_in(pairs), sure=sure)


def _all(bonds: Bonds, people: Sequence[int]) -> list[tuple[int, int, int]]:
    return [
        (one, other, bonds.repeat_only(one, other))
        for at, one in enumerate(people)
        for other in people[at + 1 :]
        if bonds.allowed(one, other)
    ]
