"""What is solved is what the backend told: people, meetings in the schedule's days, bars, and whose turn it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models.community import Candidate, CoffeeGroup, CoffeeRound, CoffeeSchedule, PastGroup
from services.coffee_task import task_of
from services.matching.task import Meeting, OddPolicy, Task

DAY = date(2026, 11, 23)


def person(number: int, **values: object) -> Candidate:
    return Candidate.model_validate({"id": number, "full_name": f"P{number}"} | values)


def past(at: str, *members: int) -> PastGroup:
    return PastGroup(round_id=1, at=datetime.fromisoformat(at).replace(tzinfo=UTC), member_ids=members)


def made(**parts: object) -> Task:
    values: dict[str, object] = {
        "day": DAY, "schedule": CoffeeSchedule(), "people": [person(one) for one in (1, 2, 3)], "past": (), "bars": (),
        "rounds": (), "seed": 7,
    }  # fmt: skip
    return task_of(**(values | parts))


def test_people_come_with_what_is_known_of_them():
    task = made(people=[person(5, segment="npo", city="Astana", skipped_last=True)])
    (one,) = task.candidates
    assert (one.id, one.segment, one.city, one.skipped_last) == (5, "npo", "Astana", True)
    assert (task.on, task.seed, task.lookback_weeks) == (DAY, 7, 8)


def test_somebody_the_backend_names_twice_is_one():
    assert len(made(people=[person(1), person(1)]).candidates) == 1


def test_a_meeting_is_of_the_day_that_it_was_where_the_schedule_is():
    task = made(past=[past("2026-11-01T20:30", 2, 1)])
    assert task.history == (Meeting(date(2026, 11, 2), (1, 2)),)


def test_meetings_of_people_who_are_not_there_are_left_out():
    assert made(past=[past("2026-11-01T10:00", 1, 9), past("2026-11-01T10:00", 8, 9)]).history == ()


@pytest.mark.parametrize(
    ("policy", "odd"), [("trio", OddPolicy.TRIO), ("skip", OddPolicy.SKIP), ("pizza", OddPolicy.TRIO)]
)
def test_the_odd_one(policy: str, odd: OddPolicy):
    assert made(schedule=CoffeeSchedule(odd_policy=policy)).odd is odd


def test_who_sat_out_when_is_read_off_the_rounds():
    def sat(day: date, *skipped: int, status: str = "notified") -> CoffeeRound:
        group = CoffeeGroup(id=1, member_ids=(1, 2))
        return CoffeeRound(id=1, groups=(group,), skipped=skipped, planned_for=day, status=status)

    rounds = [
        sat(date(2026, 11, 16), 1, status="rolled_back"), sat(date(2026, 11, 9), 3), sat(date(2026, 11, 2), 1, 3),
    ]  # fmt: skip
    found = {one.id: one.last_skipped for one in made(rounds=rounds).candidates}
    assert found == {1: date(2026, 11, 2), 2: None, 3: date(2026, 11, 9)}
