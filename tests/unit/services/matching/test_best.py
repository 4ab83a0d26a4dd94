"""Small rounds held against all there are: as good as they say, also when they are solved as large ones are."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from services.matching import coffee, large, trios
from services.matching.arrangement import Arrangement, Proof
from services.matching.coffee import arrange
from services.matching.task import Candidate, Meeting, OddPolicy, Task
from tests.support.matching import LOOKBACK, ON, UNTIL_REPEATS, best, holds, tasks, verdict

FREE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def met(*ids: int) -> Meeting:
    return Meeting(ON - timedelta(weeks=1), ids)


def at_its_word(task: Task) -> Arrangement:
    """The round, which is as good as it says."""
    found = arrange(task)
    holds(task, found)
    certain = {Proof.BEST: None, Proof.FEWEST: UNTIL_REPEATS, Proof.NONE: 0}[found.proof]
    if task.odd is OddPolicy.TRIO and found.skipped and certain is None:
        certain = UNTIL_REPEATS
    assert verdict(task, found)[:certain] == best(task)[:certain]
    return found


@FREE
@given(tasks(odd=OddPolicy.SKIP))
def test_with_skips_small_rounds_are_the_best_there_are(task: Task):
    assert at_its_word(task).proof is Proof.BEST


@FREE
@given(tasks(odd=OddPolicy.TRIO))
def test_with_trios_small_rounds_are_as_good_as_they_say(task: Task):
    found = at_its_word(task)
    if sum(len(one.members) == 3 for one in found.groups) + len(found.skipped) <= 1:
        assert found.proof is not Proof.NONE


@FREE
@given(tasks(most=9))
def test_the_ways_for_many_people_keep_their_word_with_few(task: Task):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coffee, "EXACT", 0)
        patch.setattr(trios, "ALL_TRIED", 0)
        at_its_word(task)


@FREE
@given(tasks(most=9))
def test_a_crowd_without_a_proof_says_so(task: Task):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coffee, "EXACT", 0)
        patch.setattr(large, "TWO_LEVELS", 0)
        patch.setattr(trios, "ALL_TRIED", 0)
        patch.setattr(trios, "SOME_TRIED", 0)
        at_its_word(task)


@FREE
@given(tasks(most=9, odd=OddPolicy.TRIO))
def test_trios_that_are_tried_by_choice_keep_their_word(task: Task):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trios, "ALL_TRIED", 0)
        at_its_word(task)


def test_several_without_a_partner_who_do_not_all_find_a_pair_prove_nothing():
    bars = ((1, 3), (2, 4), (2, 6), (3, 4), (3, 6), (4, 5), (4, 6), (5, 6))
    task = Task(
        tuple(map(Candidate, range(1, 7))),
        ON,
        0,
        LOOKBACK,
        history=(met(1, 4), met(1, 6), met(3, 5)),
        bars=bars,
    )
    assert verdict(task, arrange(task)) > best(task)
    assert arrange(task).proof is Proof.NONE


def test_a_crowd_in_which_nearly_all_must_be_spared_proves_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(coffee, "EXACT", 0)
    seven = tuple(Candidate(one, skipped_last=one != 3) for one in range(1, 8))
    task = Task(seven, ON, 0, LOOKBACK, OddPolicy.SKIP, (met(1, 2),), ((2, 5), (2, 7)))
    assert verdict(task, arrange(task)) > best(task)
    assert arrange(task).proof is Proof.NONE


@pytest.mark.parametrize("spared", [2, 3, 4])
def test_who_must_be_spared_is_or_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch, spared: int):
    monkeypatch.setattr(coffee, "EXACT", 0)
    four = tuple(Candidate(one, skipped_last=one == spared) for one in range(1, 5))
    at_its_word(Task(four, ON, 1, odd=OddPolicy.SKIP, bars=((2, 3), (2, 4), (3, 4))))
