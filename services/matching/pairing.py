"""Pairs out of many people: exactly over all pairs of few, over the best partners of each of many.

Every function takes numbers (``Bonds``) and gives pairs of them, the lower first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from services.matching.bonds import MOST_NOVEL, Bonds, Two, ordered

MOST = 6
"""How many partners of the highest novelty each person has in the sparse graph."""
OTHERS = 3
"""And of each lower one: where one segment is larger than all others, its people must meet each other."""

BLOCK = 250
"""People solved together in the sparse graph: the time grows with the square of their number, and what more of them
would gain in novelty is next to nothing."""
TRIED = 20
"""With how many others somebody who is alone looks for a way: in a crowd that is not crowded any of them has one."""
NOBODY = -1
"""Whom the odd one is paired with."""


@dataclass(frozen=True, slots=True)
class Solved:
    """Pairs, who has no partner, and ``floor``: no way with as many pairs has fewer repeats.

    ``sure`` when there cannot be more pairs, and their repeats are the fewest (not fewer than ``floor``, at most
    more than it where somebody without a partner joins a pair) of all that spare whom they must.
    """

    pairs: list[Two]
    left: list[int]
    floor: int
    sure: bool
    novel: bool = False
    """When nothing else of as many pairs and as few repeats is more novel."""


def heaviest(edges: Iterable[tuple[int, int, int]], *, cardinality: bool = True) -> list[Two]:
    """A maximum-weight matching of the edges, with as many pairs as there can be unless told otherwise.

    Whole numbers as weights: the result is exact. The edges' order decides between equals.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_weighted_edges_from(edges)
    found = nx.max_weight_matching(graph, maxcardinality=cardinality)
    return sorted(ordered(one, other) for one, other in found)


def complete(bonds: Bonds, people: Sequence[int]) -> list[Two]:
    """The best of all ways to pair these people: most pairs, then who is left out, repeats, novelty."""
    edges = [
        (one, other, bonds.worth(one, other))
        for at, one in enumerate(people)
        for other in people[at + 1 :]
        if bonds.allowed(one, other)
    ]
    odd = [(NOBODY, one, -bonds.loss(one)) for one in people] if len(people) % 2 else []
    found = heaviest(edges + odd)
    if 2 * len(found) < len(people):
        # More than an odd one are without a partner. Weights of people cost networkx several times more.
        found = heaviest(
            (one, other, worth + bonds.loss(one) + bonds.loss(other)) for one, other, worth in edges
        )
    return [two for two in found if two[0] != NOBODY]


def left_of(people: Iterable[int], pairs: Iterable[Two]) -> list[int]:
    """Those of the people who are in none of the pairs."""
    taken = {one for two in pairs for one in two}
    return [one for one in people if one not in taken]


def sparse(bonds: Bonds, people: Sequence[int]) -> list[Two]:
    """Pairs without repeats over the best partners of each, block by block; nearly as many as there can be."""
    blocks = max(1, -(-len(people) // BLOCK))
    return [two for at in range(blocks) for two in _block(bonds, people[at::blocks])]


def _block(bonds: Bonds, people: Sequence[int]) -> list[Two]:
    edges = {ordered(one, other) for at in range(len(people)) for one, other in _partners(bonds, people, at)}
    return heaviest((one, other, bonds.worth(one, other)) for one, other in sorted(edges))


def _partners(bonds: Bonds, people: Sequence[int], at: int) -> list[Two]:
    """The person at that place with the next ones in the drawn order that suit, novel ones rather than others."""
    one, count = people[at], len(people)
    found: list[list[Two]] = [[] for _ in range(MOST_NOVEL + 1)]
    for step in range(1, count):
        other = people[at + step - count]
        if not bonds.fresh(one, other):
            continue
        novelty = bonds.novelty(one, other)
        if len(found[novelty]) < (MOST if novelty == MOST_NOVEL else OTHERS):
            found[novelty].append((one, other))
        if len(found[MOST_NOVEL]) == MOST and step > count // 8:
            break
    return [two for level in found for two in level]


def mended(bonds: Bonds, pairs: list[Two], alone: Sequence[int]) -> tuple[list[Two], list[int]]:
    """Pairs without repeats with as many as possible of those who are alone, and who is left of them.

    Two of them meet, or take a pair apart and meet one each. When everybody may freshly meet at least half of all
    people, nobody is left but an odd one: were all pairs in the way, the two would have too few they may meet.
    """
    waiting = list(alone)
    left: list[int] = []
    partner = {one: other for two in pairs for one, other in (two, two[::-1])}
    while waiting:
        one = waiting.pop(0)
        other = next((two for two in waiting[:TRIED] if _joined(bonds, partner, one, two)), None)
        if other is None:
            left.append(one)
        else:
            waiting.remove(other)
    return sorted({ordered(one, other) for one, other in partner.items()}), left


def _joined(bonds: Bonds, partner: dict[int, int], one: int, other: int) -> bool:
    """True when both have partners now: each other, or the two of the pair where most is gained."""
    if bonds.fresh(one, other):
        partner[one], partner[other] = other, one
        return True
    gained = [
        (bonds.novelty(one, a) + bonds.novelty(other, b) - bonds.novelty(a, b), a, b)
        for a, b in partner.items()
        if bonds.fresh(one, a) and bonds.fresh(other, b)
    ]
    if not gained:
        return False
    _, a, b = max(gained)
    partner[one], partner[a], partner[other], partner[b] = a, one, b, other
    return True
