"""Ways into screens that belong to no list: they stand in a hub or in the administration beside the lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from keyboards.buttons import Button
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import Module, Need
from services import looking, policy
from services.statistics import NEED


@dataclass(frozen=True, slots=True)
class Entry:
    """A button: icon, key of its text, where it leads, and the module right it asks for."""

    icon: str
    text: str
    go: Go
    need: Need


ENTRIES: tuple[Entry, ...] = (
    Entry("📊", "statistics.title", Go(Press.STATISTICS), NEED),
    Entry("👁", "look.title", Go(Press.LOOK_AS), looking.NEED),
)


def entries(ctx: Context, modules: Iterable[Module]) -> list[Button]:
    """The buttons of those modules that this person may press."""
    wanted = frozenset(modules)
    return [
        Button(f"{entry.icon} {ctx.t(entry.text)}", entry.go)
        for entry in ENTRIES
        if entry.need.module in wanted and policy.allows(ctx.principal, entry.need)
    ]
