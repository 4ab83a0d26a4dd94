"""Rounds of random coffee: what always holds, and the rules one by one."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.arrangement import Proof, Why
from services.matching.coffee import arrange
from services.matching.swaps import locking
from services.matching.task import Candidate, Meeting, OddPolicy, Refused, Task
from tests.support.matching import LOOKBACK, ON, holds, shuffled, tasks

FREE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def people(count: int, **values: object) -> tuple[Candidate, ...]:
    return tuple(Candidate(one, **values) for one in range(1, count + 1))


# --- what always holds -----------------------------------------------------------------------------------------


@FREE
@given(tasks(most=12))
def test_nobody_twice_nobody_lost_no_bars(task: Task):
    holds(task, arrange(task))


@FREE
@given(tasks(most=12), st.randoms(use_true_random=False))
def test_the_order_of_the_input_means_nothing(task: Task, random: Random):
    assert arrange(shuffled(task, random)) == arrange(task)


@FREE
@given(tasks(most=12), st.data())
def test_locked_groups_are_kept(task: Task, data: st.DataObject):
    groups = arrange(task).members
    for group in data.draw(st.lists(st.sampled_from(groups), unique=True)) if groups else []:
        task = locking(task, group)
    found = arrange(task)
    holds(task, found)
    assert {group.members for group in found.groups if group.locked} == set(task.locked)


@FREE
@given(tasks())
def test_repeats_are_labelled(task: Task):
    met = task.last_met()
    for group in arrange(task).groups:
        inside = tuple(two for two in combinations(group.members, 2) if task.is_repeat(met.get(two)))
        assert group.repeats == inside
        assert inside == tuple((one.params["a"], one.params["b"]) for one in group.why if one.key == "repeat")


# --- repeats ---------------------------------------------------------------------------------------------------


def met(weeks: int, *ids: int) -> Meeting:
    return Meeting(ON - timedelta(weeks=weeks), ids)


def test_a_repeat_only_when_there_is_no_other_way_and_then_an_old_one():
    history = (met(1, 1, 2), met(1, 3, 4), met(2, 1, 3), met(2, 2, 4), met(3, 1, 4))
    task = Task(people(4), ON, 1, LOOKBACK, history=history)
    assert arrange(task).members == ((1, 4), (2, 3))
    found = arrange(replace(task, history=(*history, met(3, 2, 3))))
    assert found.members == ((1, 4), (2, 3))
    assert found.repeats == 2


@pytest.mark.parametrize(("days", "repeat"), [(LOOKBACK * 7, True), (LOOKBACK * 7 + 1, False), (-7, True)])
def test_the_lookback_ends_with_its_first_day(days: int, repeat: bool):
    task = Task(people(2), ON, 1, LOOKBACK, history=(Meeting(ON - timedelta(days=days), (1, 2)),))
    assert bool(arrange(task).repeats) is repeat


def test_without_a_lookback_nothing_is_a_repeat():
    assert not arrange(Task(people(2), ON, 1, 0, history=(met(0, 1, 2),))).repeats


def test_the_last_meeting_counts_however_the_history_is_ordered():
    history = (met(1, 1, 2), met(30, 2, 1))
    for some in (history, history[::-1]):
        (group,) = arrange(Task(people(2), ON, 1, LOOKBACK, history=some)).groups
        params = {"a": 1, "b": 2, "at": "2026-11-16", "weeks": 1}
        assert group.why == (Why("repeat", params),)


def test_people_of_trios_have_all_met():
    task = Task(people(4), ON, 1, LOOKBACK, history=(met(1, 1, 2, 3),))
    assert arrange(task).repeats == 1


# --- novelty ---------------------------------------------------------------------------------------------------


def test_segments_and_cities_differ_where_they_can():
    four = (
        Candidate(1, "IT", "Astana"), Candidate(2, "IT", "Almaty"),
        Candidate(3, "NGO", "almaty "), Candidate(4, "NGO", "Astana"),
    )  # fmt: skip
    (one, other) = arrange(Task(four, ON, 1)).groups
    assert (one.members, other.members) == ((1, 3), (2, 4))
    assert one.why == (
        Why("new", {"a": 1, "b": 3}),
        Why("other_segment", {"a": 1, "b": 3, "a_segment": "IT", "b_segment": "NGO"}),
        Why("other_city", {"a": 1, "b": 3, "a_city": "Astana", "b_city": "almaty"}),
    )


def test_what_nobody_filled_in_is_no_novelty():
    (group,) = arrange(Task((Candidate(1, "IT", " "), Candidate(2, None, "Almaty")), ON, 1)).groups
    assert group.why == (Why("new", {"a": 1, "b": 2}),)


def test_another_seed_is_another_round():
    assert len({arrange(Task(people(30), ON, seed)).members for seed in range(5)}) == 5


# --- the odd one -----------------------------------------------------------------------------------------------


def test_the_odd_one_joins_a_pair():
    found = arrange(Task(people(7), ON, 1))
    assert sorted(len(one.members) for one in found.groups) == [2, 2, 3]
    (trio,) = (one for one in found.groups if len(one.members) == 3)
    assert trio.why[0] == Why("trio")
    assert not found.skipped


def test_bars_hold_inside_trios():
    for barred in combinations(range(1, 6), 2):
        found = arrange(Task(people(5), ON, 1, bars=(barred,)))
        assert not any(set(barred) <= set(group) for group in found.members)
        assert not found.skipped


def test_nobody_is_skipped_again_before_all_others_were():
    task = Task(people(5), ON, 1, odd=OddPolicy.SKIP)
    skipped: list[int] = []
    for week in range(15):
        (one,) = arrange(task).skipped
        assert one.why == Why("turn")
        skipped.append(one.id)
        today = task.on + timedelta(weeks=1)
        task = replace(task, on=today, seed=week, candidates=tuple(
            replace(
                who, skipped_last=who.id == one.id, last_skipped=task.on if who.id == one.id else who.last_skipped
            )
            for who in task.candidates
        ))  # fmt: skip
    assert all(set(skipped[at : at + 5]) == {1, 2, 3, 4, 5} for at in (0, 5, 10))


def test_who_was_skipped_last_time_is_spared_even_for_a_repeat():
    three = (Candidate(1), Candidate(2), Candidate(3, skipped_last=True))
    task = Task(three, ON, 1, LOOKBACK, OddPolicy.SKIP, (met(1, 1, 3), met(1, 2, 3)))
    found = arrange(task)
    assert found.repeats == 1
    assert 3 not in [one.id for one in found.skipped]


def test_who_may_meet_nobody_is_left_out_and_does_not_make_the_others_odd():
    bars = tuple((1, other) for other in range(2, 6))
    found = arrange(Task(people(5, skipped_last=False), ON, 1, odd=OddPolicy.SKIP, bars=bars))
    assert [(one.id, one.why) for one in found.skipped] == [(1, Why("no_partner"))]
    assert found.proof is Proof.BEST


def test_of_a_star_one_pair_is_left():
    task = Task(people(4), ON, 1, bars=((2, 3), (2, 4), (3, 4)))
    found = arrange(task)
    assert len(found.groups) == 1
    assert [one.why.key for one in found.skipped] == ["no_partner", "no_partner"]


@pytest.mark.parametrize("spared", [2, 3, 4])
def test_of_several_without_a_partner_none_is_skipped_twice_running(spared: int):
    four = tuple(Candidate(one, skipped_last=one == spared) for one in range(1, 5))
    task = Task(four, ON, 1, odd=OddPolicy.SKIP, bars=((2, 3), (2, 4), (3, 4)))
    assert arrange(task).members == ((1, spared),)


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_to_meet(count: int):
    found = arrange(Task(people(count), ON, 1))
    assert found.groups == ()
    assert [one.why.key for one in found.skipped] == ["no_partner"] * count


# --- contradictions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"locked": ((1, 2), (2, 3))}, "twice"),
        ({"locked": ((1, 9),)}, "unknown"),
        ({"locked": ((1, 2),), "bars": ((2, 1),)}, "barred"),
        ({"locked": ((1, 2, 3, 4),)}, "size"),
        ({"locked": ((1,),)}, "size"),
        ({"candidates": (*people(3), Candidate(1))}, "twice"),
    ],
)
def test_a_contradiction_is_refused(values: dict, key: str):
    with pytest.raises(Refused) as refused:
        arrange(replace(Task(people(4), ON, 1), **values))
    assert [one.key for one in refused.value.reasons] == [key]
