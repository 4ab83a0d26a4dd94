"""A round of random coffee: everybody in a pair, as far as it goes.

In this order: as many people as possible have a partner; nobody is skipped twice running who need not be; as few
repeats as possible; the skipped one is whose turn it is; repeats are old ones; segments and cities differ.
"""

from __future__ import annotations

from services.matching import large
from services.matching.arrangement import Arrangement, LeftOut, Proof, Reasons, Why
from services.matching.bonds import Bonds
from services.matching.pairing import Solved, complete, left_of
from services.matching.task import OddPolicy, Task, check
from services.matching.trios import Joined, joined

EXACT = 300
"""Up to so many people all pairs there are take part in one solution."""


def arrange(task: Task) -> Arrangement:
    """The round; the same for the same task, whatever order its parts have. Takes seconds: see ``apart``.

    Raises ``Refused`` for a task that contradicts itself.
    """
    check(task)
    locked = {one for group in task.locked for one in group}
    alone = _alone(Bonds(task, locked))
    bonds = Bonds(task, locked.union(alone))
    skips = task.odd is OddPolicy.SKIP
    solved = _paired(bonds, skips=skips)
    done = (
        Joined(list(solved.pairs), solved.left, solved.sure, solved.novel) if skips else joined(bonds, solved)
    )
    reasons = Reasons(task)
    groups = [reasons.group(group, locked=True) for group in task.locked]
    groups += [reasons.group(bonds.ids[one] for one in group) for group in done.groups]
    turn = skips and len(done.left) == 1 and len(bonds.everyone) % 2 == 1
    skipped = [LeftOut(one, Why("no_partner")) for one in alone]
    skipped += [LeftOut(bonds.ids[one], Why("turn" if turn else "no_partner")) for one in done.left]
    return Arrangement(
        tuple(sorted(groups, key=lambda one: one.members)),
        tuple(sorted(skipped, key=lambda one: one.id)),
        task.seed,
        _proof(done),
    )


def _alone(bonds: Bonds) -> list[int]:
    """Ids of those who may meet none of the others."""
    return [bonds.ids[one] for one in bonds.everyone if len(bonds.barred[one]) + 1 >= len(bonds.everyone)]


def _paired(bonds: Bonds, *, skips: bool) -> Solved:
    if len(bonds.everyone) > EXACT:
        return large.paired(bonds, skips=skips)
    pairs = complete(bonds, bonds.everyone)
    return Solved(pairs, left_of(bonds.everyone, pairs), bonds.repeats_in(pairs), sure=True, novel=True)


def _proof(done: Joined) -> Proof:
    if not done.sure:
        return Proof.NONE
    return Proof.BEST if done.novel else Proof.FEWEST
