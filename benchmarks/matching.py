"""Rounds of random coffee after a year of weekly ones, solved by the process that the bot starts for it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from services.matching.apart import arranged
from services.matching.arrangement import Arrangement
from services.matching.task import Candidate, Meeting, OddPolicy, Task

COUNTS = (100, 500, 1_000, 2_000)
WEEKS = 52
ON = date(2026, 11, 23)
SEED = 7
BARS = 0.1
"""Bars for each person."""


@dataclass(frozen=True)
class Crowd:
    """Who the people are: the share that is of one segment and city, and whether one of them is odd."""

    name: str
    majority: float
    odd: int = 0


CROWDS = (
    Crowd("mixed", 0.2),
    Crowd("70 % of one segment and city", 0.7),
    Crowd("the same, one more: a trio", 0.7, odd=1),
)


@dataclass(frozen=True)
class Solved:
    """One round: seconds from asking to having it, CPU seconds of the process, and what came out."""

    crowd: str
    count: int
    seconds: float
    cpu: float
    found: Arrangement


async def measure() -> list[Solved]:
    """Every crowd in every size, one after the other."""
    return [await _solved(crowd, count + crowd.odd) for count in COUNTS for crowd in CROWDS]


async def _solved(crowd: Crowd, count: int) -> Solved:
    task = after_a_year(count, crowd.majority)
    began, cpu = time.perf_counter(), _cpu_of_children()
    found = await arranged(task)
    return Solved(crowd.name, count, time.perf_counter() - began, _cpu_of_children() - cpu, found)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def after_a_year(count: int, majority: float) -> Task:
    """So many people who met somebody in each of the last 52 weeks, all of it inside the lookback."""
    random = Random(SEED)
    ids = range(1, count + 1)
    people = tuple(Candidate(one, _name(random, majority, 6), _name(random, majority, 12)) for one in ids)
    history = tuple(meeting for week in range(1, WEEKS + 1) for meeting in _round(random.sample, ids, week))
    bars = tuple((random.choice(ids), random.choice(ids)) for _ in range(int(count * BARS)))
    return Task(people, ON, SEED, WEEKS, OddPolicy.TRIO, history, bars)


def _name(random: Random, majority: float, others: int) -> str:
    return str(0 if random.random() < majority else random.randint(1, others))


def _round(sample: Callable[[range, int], list[int]], ids: range, week: int) -> list[Meeting]:
    drawn = sample(ids, len(ids))
    at = ON - timedelta(weeks=week)
    return [Meeting(at, tuple(drawn[one : one + 2])) for one in range(0, len(drawn) - 1, 2)]
