"""A round changed by hand: two people change places, or somebody left out takes a place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from services.matching.arrangement import Arrangement, Group, LeftOut, Proof, Reasons
from services.matching.task import Members, Refusal, Refused, Task, faults


def swapped(arrangement: Arrangement, task: Task, one: int, other: int) -> Arrangement:
    """The round with the two in each other's places; their groups carry new reasons, nothing is proven any more.

    Raises ``Refused``: ``unknown`` (id: not in this round), ``same`` (a, b: together already, or both left out),
    ``locked`` (id: first unlock the group), ``barred`` (a, b).
    """
    groups = {who: group for group in arrangement.groups for who in group.members}
    left = {who.id: who for who in arrangement.skipped}
    places = [groups.get(who) for who in (one, other)]
    _movable(places, left, one, other)
    made = [
        tuple(sorted({*group.members} - {goes} | {comes}))
        for group, goes, comes in zip(places, (one, other), (other, one), strict=True)
        if group is not None
    ]
    found = faults(task, tuple(made))
    if found:
        raise Refused(*found)
    reasons = Reasons(task)
    kept = [group for group in arrangement.groups if group not in places]
    changed = [reasons.group(members, by_hand=True) for members in made]
    return replace(
        arrangement,
        groups=tuple(sorted((*kept, *changed), key=lambda group: group.members)),
        skipped=_left(left, one, other),
        proof=Proof.NONE,
    )


def _movable(places: list[Group | None], left: Collection[int], one: int, other: int) -> None:
    both = (one, other)
    missing = [
        Refusal("unknown", {"id": who})
        for who, group in zip(both, places, strict=True)
        if group is None and who not in left
    ]
    if missing:
        raise Refused(*missing)
    if one == other or places[0] == places[1]:
        raise Refused(Refusal("same", {"a": min(both), "b": max(both)}))
    locked = [
        Refusal("locked", {"id": who})
        for who, group in zip(both, places, strict=True)
        if group is not None and group.locked
    ]
    if locked:
        raise Refused(*locked)


def _left(left: dict[int, LeftOut], one: int, other: int) -> tuple[LeftOut, ...]:
    now = {who: replace(found, id=_instead(who, one, other)) for who, found in left.items()}
    return tuple(sorted(now.values(), key=lambda found: found.id))


def _instead(who: int, one: int, other: int) -> int:
    return other if who == one else one if who == other else who


def locking(task: Task, members: Members) -> Task:
    """The task in which these stay together when the rest is solved again. Raises ``Refused``."""
    together = tuple(sorted(members))
    locked = {tuple(sorted(group)) for group in task.locked} | {together}
    found = faults(task, tuple(sorted(locked)))
    if found:
        raise Refused(*found)
    return replace(task, locked=tuple(sorted(locked)))


def unlocking(task: Task, members: Members) -> Task:
    """The task in which these may be parted again."""
    together = tuple(sorted(members))
    return replace(task, locked=tuple(group for group in task.locked if tuple(sorted(group)) != together))
