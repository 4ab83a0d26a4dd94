"""Small tasks of every kind, and the best round found by trying all: written from the rules, not from the solver."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from random import Random

from hypothesis import strategies as st

from services.matching.arrangement import Arrangement
from services.matching.task import Candidate, Meeting, Members, OddPolicy, Pair, Task, faults

ON = date(2026, 11, 23)
LOOKBACK = 6
NAMES = st.sampled_from([None, "", "a", "b", "c"])
DAYS = st.none() | st.integers(1, 8).map(lambda weeks: ON - timedelta(weeks=weeks))
FRESH, BARRED = "fresh", "barred"
BETWEEN = st.sampled_from([FRESH, BARRED, 1, 2, 5, LOOKBACK, LOOKBACK + 1, 30])
"""What is between two: nothing, a bar, or a meeting so many weeks ago."""


@st.composite
def tasks(draw: st.DrawFn, most: int = 8, odd: OddPolicy | None = None) -> Task:
    """People with any bars and meetings between them, most often many of one kind."""
    ids = draw(st.lists(st.integers(1, 99), unique=True, min_size=0, max_size=most))
    usual = draw(BETWEEN)
    people = tuple(
        Candidate(one, draw(NAMES), draw(NAMES), draw(st.integers(0, 9)) == 0, draw(DAYS)) for one in ids
    )
    bars: list[Pair] = []
    history: list[Meeting] = []
    for two in combinations(ids, 2):
        between = draw(st.just(usual) | BETWEEN)
        if between == BARRED:
            bars.append(two if draw(st.booleans()) else two[::-1])
        elif isinstance(between, int):
            history.append(Meeting(ON - timedelta(weeks=between), two))
    return Task(
        people, ON, draw(st.integers(0, 5)), draw(st.sampled_from([0, LOOKBACK])),
        odd or draw(st.sampled_from(OddPolicy)), tuple(history), tuple(bars),
    )  # fmt: skip


def shuffled(task: Task, random: Random) -> Task:
    """The same task with everything in it in another order."""

    def mixed(things: tuple) -> tuple:
        return tuple(random.sample(things, len(things)))

    return replace(
        task,
        candidates=mixed(task.candidates),
        history=mixed(tuple(replace(one, member_ids=mixed(one.member_ids)) for one in task.history)),
        bars=mixed(tuple(mixed(one) for one in task.bars)),
        locked=mixed(tuple(mixed(one) for one in task.locked)),
    )


def crowd(count: int, weeks: int = 52, *, seed: int = 1, majority: float = 0.3, **values: object) -> Task:
    """So many people after a year of weekly rounds; that share of them is of one segment and city."""
    random = Random(seed)

    def name(some: int) -> str:
        return str(0 if random.random() < majority else 1 + random.randrange(some))

    people = tuple(Candidate(one, name(6), name(12)) for one in range(1, count + 1))
    history = []
    for week in range(1, weeks + 1):
        ids = random.sample(range(1, count + 1), count)
        history += [
            Meeting(ON - timedelta(weeks=week), tuple(ids[at : at + 2])) for at in range(0, count - 1, 2)
        ]
    return replace(Task(people, ON, seed, 52, history=tuple(history)), **values)


def groupings(task: Task, largest: int) -> Iterator[tuple[list[Members], list[int]]]:
    """All ways to put the people into groups and to leave people out."""
    barred = task.barred()

    def meet(members: Members) -> bool:
        return not any(two in barred for two in combinations(members, 2))

    def rest(ids: list[int]) -> Iterator[tuple[list[Members], list[int]]]:
        if not ids:
            yield [], []
            return
        first, others = ids[0], ids[1:]
        for groups, left in rest(others):
            yield groups, [first, *left]
        for size in range(1, largest):
            for with_them in combinations(others, size):
                if meet((first, *with_them)):
                    remaining = [one for one in others if one not in with_them]
                    for groups, left in rest(remaining):
                        yield [(first, *with_them), *groups], left

    yield from rest(sorted(one.id for one in task.candidates))


def judged(task: Task, groups: list[Members], left: list[int]) -> tuple[int, ...]:
    """How bad a round is, what weighs most first: groups too few, people left out, those among them whom the last
    round left out, repeats, turns passed over, how new the repeats are, and segments and cities alike."""
    people, met, barred = {one.id: one for one in task.candidates}, task.last_met(), task.barred()
    turns = [0] * len(left)
    spared = 0
    if task.odd is OddPolicy.SKIP:
        alone = {
            one for one in people if all(tuple(sorted((one, two))) in barred for two in people if two != one)
        }
        able = [one for key, one in people.items() if key not in alone]
        days = sorted({one.last_skipped for one in able if one.last_skipped})
        turns = [
            days.index(people[one].last_skipped) + 1 if people[one].last_skipped
            else (len(days) + 1) * people[one].skipped_last
            for one in left if one not in alone
        ]  # fmt: skip
        spared = sum(people[one].skipped_last for one in left if one not in alone)
    repeats, newness, novelty = 0, 0, 0
    for two in (two for group in groups for two in combinations(sorted(group), 2)):
        last = met.get(two)
        if task.lookback_weeks and last and last >= ON - timedelta(weeks=task.lookback_weeks):
            repeats += 1
            newness += task.lookback_weeks - (ON - last).days // 7
        a, b = (people[one] for one in two)
        novelty += 2 * bool(a.segment and b.segment and a.segment != b.segment)
        novelty += 2 * bool(a.city and b.city and a.city != b.city) + (last is None)
    return -len(groups), len(left), spared, repeats, sum(turns), newness, -novelty


UNTIL_REPEATS = 4
"""So many of ``judged`` are certain with ``Proof.FEWEST``."""


def verdict(task: Task, found: Arrangement) -> tuple[int, ...]:
    """``judged`` of a result."""
    return judged(task, list(found.members), [one.id for one in found.skipped])


def best(task: Task) -> tuple[int, ...]:
    """The least bad verdict of all rounds there could be."""
    largest = 2 if task.odd is OddPolicy.SKIP else 3
    return min(judged(task, groups, left) for groups, left in groupings(task, largest))


def holds(task: Task, found: Arrangement) -> None:
    """Everybody once, in a group of a size that may be, with nobody they must not meet."""
    assert faults(task, found.members) == ()
    times = Counter([one for group in found.members for one in group] + [one.id for one in found.skipped])
    assert times == Counter(one.id for one in task.candidates)
    if task.odd is OddPolicy.SKIP:
        assert all(len(group.members) == 2 or group.locked for group in found.groups)
