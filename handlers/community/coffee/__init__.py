"""Random coffee: rounds, their schedule, preparing one by hand, and those that run by themselves."""

from __future__ import annotations

from collections.abc import Mapping

from handlers._engine.dispatch import ResourceRoute
from handlers.community.coffee import committing, preparing, preview, reports, scheduled, solving
from handlers.community.coffee.preview import search
from handlers.community.coffee.rounds import COFFEE_ROUNDS
from handlers.community.coffee.schedule import COFFEE_SCHEDULE

ROUTES: Mapping[str, ResourceRoute] = {
    **preparing.ROUTES, **preview.ROUTES, **committing.ROUTES, **reports.ROUTES,
}  # fmt: skip

__all__ = ["COFFEE_ROUNDS", "COFFEE_SCHEDULE", "ROUTES", "scheduled", "search", "solving"]
