"""What is solved, from what the backend knows: people, their earlier meetings, bars, and who sat out when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from models import community
from models.community import CoffeeRound, CoffeeSchedule, PastGroup, RoundStatus
from services.coffee_times import zone_of
from services.matching.task import Candidate, Meeting, OddPolicy, Pair, Task

WEEKS = 104
"""How far back meetings are known, so that even an old one counts as one; the most that the backend tells."""
ROUNDS = 26
"""Rounds that are looked through for whose turn it is to sit out."""


def task_of(
    day: date,
    schedule: CoffeeSchedule,
    people: Iterable[community.Candidate],
    past: Iterable[PastGroup],
    bars: Iterable[Pair],
    rounds: Iterable[CoffeeRound],
    seed: int,
) -> Task:
    """The round of that day."""
    zone, sat_out = zone_of(schedule), _sat_out(rounds)
    known = {one.id: one for one in people}
    return Task(
        candidates=tuple(
            Candidate(one.id, one.segment, one.city, one.skipped_last, sat_out.get(one.id))
            for one in known.values()
        ),
        on=day,
        seed=seed,
        lookback_weeks=schedule.lookback_weeks,
        # A policy that is new to the bot leaves nobody alone.
        odd=OddPolicy.SKIP if schedule.odd_policy == OddPolicy.SKIP else OddPolicy.TRIO,
        history=tuple(
            Meeting(group.at.astimezone(zone).date(), tuple(sorted(group.member_ids)))
            for group in past
            if sum(one in known for one in group.member_ids) > 1
        ),
        bars=tuple(sorted(bars)),
    )


def _sat_out(rounds: Iterable[CoffeeRound]) -> dict[int, date]:
    """When each sat out last."""
    found: dict[int, date] = {}
    for one in rounds:
        if one.status == RoundStatus.ROLLED_BACK or one.day is None:
            continue
        for member_id in one.skipped:
            found[member_id] = max(one.day, found.get(member_id, one.day))
    return found
