"""Changes by hand: two change places, a group is locked, and nothing forbidden comes of it."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from services.matching.arrangement import Arrangement, Proof, Why
from services.matching.coffee import arrange
from services.matching.swaps import locking, swapped, unlocking
from services.matching.task import Candidate, OddPolicy, Refused, Task, faults
from tests.support.matching import ON, tasks

TASK = Task(tuple(Candidate(one) for one in range(1, 8)), ON, 1, odd=OddPolicy.SKIP)


@settings(max_examples=100, deadline=None)
@given(tasks(), st.data())
def test_any_two_change_places_or_it_is_refused(task: Task, data: st.DataObject):
    assume(len(task.candidates) > 1)
    before = arrange(task)
    ids = [one.id for one in task.candidates]
    one, other = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(ids))
    try:
        after = swapped(before, task, one, other)
    except Refused as refused:
        event("refused")
        keys = {reason.key for reason in refused.reasons}
    else:
        keys = set()
        still_holds(task, before, after)
        assert swapped(after, task, one, other).members == before.members
    assert keys <= {"same", "barred"}


def still_holds(task: Task, before: Arrangement, after: Arrangement) -> None:
    assert faults(task, after.members) == ()
    times = Counter([who for group in after.members for who in group] + [who.id for who in after.skipped])
    assert times == Counter(one.id for one in task.candidates)
    assert sorted(map(len, after.members)) == sorted(map(len, before.members))
    assert after.proof is Proof.NONE


def test_groups_that_changed_say_so_and_the_others_stay():
    before = arrange(TASK)
    first, second, third = before.groups
    after = swapped(before, TASK, first.members[0], second.members[1])
    assert [one for one in after.groups if not one.by_hand] == [third]
    assert all(one.why[0] == Why("by_hand") for one in after.groups if one.by_hand)


def test_somebody_left_out_takes_a_place():
    before = arrange(TASK)
    (out,) = before.skipped
    goes = before.groups[0].members[0]
    after = swapped(before, TASK, out.id, goes)
    assert [one.id for one in after.skipped] == [goes]
    assert after.skipped[0].why == out.why


def test_who_is_in_no_group_cannot_change_places():
    with pytest.raises(Refused, match="unknown"):
        swapped(arrange(TASK), TASK, 1, 99)


def test_two_of_one_group_cannot_change_places():
    found = arrange(TASK)
    with pytest.raises(Refused, match="same"):
        swapped(found, TASK, *found.groups[0].members)


def test_a_bar_is_named():
    before = arrange(TASK)
    (a, _), (_, b) = before.groups[0].members, before.groups[1].members
    stays = before.groups[0].members[1]
    barred = replace(TASK, bars=((stays, b),))
    with pytest.raises(Refused) as refused:
        swapped(before, barred, a, b)
    (reason,) = refused.value.reasons
    assert (reason.key, dict(reason.params)) == ("barred", {"a": min(stays, b), "b": max(stays, b)})


def test_a_locked_group_is_unlocked_first():
    before = arrange(TASK)
    pair = before.groups[0].members
    task = locking(TASK, pair)
    locked = arrange(task)
    other = next(one for one in locked.groups if not one.locked)
    with pytest.raises(Refused, match="locked"):
        swapped(locked, task, pair[0], other.members[0])
    assert unlocking(task, pair[::-1]) == TASK


def test_locking_twice_is_locking_once():
    task = locking(locking(TASK, (2, 1)), (1, 2))
    assert task.locked == ((1, 2),)


def test_nobody_is_locked_in_two_groups():
    with pytest.raises(Refused, match="twice"):
        locking(locking(TASK, (1, 2)), (2, 3))
