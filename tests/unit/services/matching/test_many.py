"""Rounds of many people: everybody meets somebody new, and what is certain about it."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching import coffee, trios
from services.matching.arrangement import Arrangement, Proof
from services.matching.bonds import Bonds
from services.matching.coffee import arrange
from services.matching.pairing import mended
from services.matching.task import Candidate, Meeting, OddPolicy, Task
from tests.support.matching import LOOKBACK, ON, crowd, holds, shuffled


def people(count: int) -> tuple[Candidate, ...]:
    return tuple(Candidate(one) for one in range(1, count + 1))


def met(weeks: int, *ids: int) -> Meeting:
    return Meeting(ON - timedelta(weeks=weeks), ids)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(4, 16), st.randoms(use_true_random=False))
def test_where_everybody_may_meet_half_of_all_nobody_stays_alone(count: int, random: Random):
    """The bars are as many as that leaves, and nothing was paired before."""
    bars: list[tuple[int, int]] = []
    most = (count - 2) // 2
    for two in random.sample(list(combinations(range(1, count + 1), 2)), count * (count - 1) // 2):
        if all(sum(one in bar for bar in bars) < most for one in two):
            bars.append(two)
    bonds = Bonds(Task(people(count), ON, 1, bars=tuple(bars)))
    alone = list(bonds.everyone)
    pairs, left = mended(bonds, [], random.sample(alone, count))
    assert len(left) == count % 2
    assert sorted([one for two in pairs for one in two] + left) == alone
    assert all(bonds.fresh(*two) for two in pairs)


@pytest.mark.parametrize("odd", OddPolicy)
@pytest.mark.parametrize("count", [coffee.EXACT + 1, 700])
def test_many_people_meet_somebody_new(count: int, odd: OddPolicy):
    task = crowd(count, odd=odd, bars=tuple((one, one + 1) for one in range(1, 200)))
    found = arrange(task)
    holds(task, found)
    assert found.repeats == 0
    assert len(found.skipped) == (count % 2 if odd is OddPolicy.SKIP else 0)
    assert found.proof is Proof.FEWEST
    assert arrange(shuffled(task, Random(7))) == found


def test_the_few_whom_nearly_all_have_met_do_not_spoil_it():
    """Twenty of 401 who may meet but twenty others among them, and one of these has met those twenty already."""
    hubs, others = range(1, 21), range(21, 402)
    bars = tuple((hub, one) for hub in hubs for one in others if one > 40)
    task = crowd(401, 8, bars=bars + tuple(combinations(hubs, 2)), odd=OddPolicy.SKIP)
    task = replace(task, history=(*task.history, *(met(1, 20, one) for one in range(21, 41))))
    found = arrange(task)
    holds(task, found)
    # Leaving the twentieth out saves the only repeat there would be.
    assert [one.id for one in found.skipped] == [20]
    assert (found.repeats, found.proof) == (0, Proof.FEWEST)
    even = arrange(replace(task, candidates=task.candidates[:-1]))
    assert (even.repeats, even.skipped, even.proof) == (1, (), Proof.FEWEST)


@pytest.mark.parametrize(("tried", "repeats", "proof"), [(100, 0, Proof.FEWEST), (0, 1, Proof.NONE)])
def test_a_trio_of_those_who_have_met_all_others_is_found_or_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, tried: int, repeats: int, proof: Proof
):
    monkeypatch.setattr(coffee, "EXACT", 0)
    monkeypatch.setattr(trios, "SOME_TRIED", tried)
    history = tuple(met(1, one, other) for one in range(1, 4) for other in range(4, 16))
    found = arrange(Task(people(15), ON, 1, LOOKBACK, history=history))
    assert (found.repeats, found.proof) == (repeats, proof)
    assert ((1, 2, 3) in found.members) is (repeats == 0)


def test_2000_people_are_solved():
    task = crowd(2_000, 20, majority=0.7)
    found = arrange(task)
    holds(task, found)
    assert (len(found.groups), found.repeats, found.proof) == (1_000, 0, Proof.FEWEST)


def test_many_pairs_are_nearly_as_novel_as_the_best(monkeypatch: pytest.MonkeyPatch):
    task = crowd(260, majority=0.7)

    def novelty(found: Arrangement) -> int:
        return sum(one.key.startswith(("other", "new")) for group in found.groups for one in group.why)

    exact = arrange(task)
    monkeypatch.setattr(coffee, "EXACT", 0)
    assert exact.proof is Proof.BEST
    assert novelty(arrange(task)) >= 0.98 * novelty(exact)
