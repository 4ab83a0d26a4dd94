"""The schedule of random coffee as a list of one record: docs/community-api.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api import paging
from api.community.coffee import COFFEE, Coffee
from api.errors import NotFound
from api.values import required
from models.access import Caller
from models.community import CoffeePlan, CoffeeSchedule, Holiday
from resources.queries import ListQuery, Page

SOLE = 1
"""The id of the only schedule there is."""
READ = (f"GET {COFFEE}/schedule",)


class CoffeePlans(Coffee):
    """The one schedule. Days that are over fall out of its holidays with the next change."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {**Coffee.operations, "page": READ, "get": READ, "update": Coffee.operations["reschedule"]}
    )

    async def page(self, caller: Caller, query: ListQuery) -> Page[CoffeePlan]:
        """The schedule alone."""
        return paging.sliced([await self.get(caller, SOLE)], query, scanned=1, complete=True)

    async def get(self, caller: Caller, record_id: int) -> CoffeePlan:
        """The schedule; ``NotFound`` for any other id."""
        if record_id != SOLE:
            raise NotFound("there is one schedule", call=READ[0])
        return plan_of(await self.schedule(caller))

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> CoffeePlan:
        """The schedule after changing just ``values``."""
        required(values, "weekdays", "time", "timezone", "lookback_weeks", "odd_policy", "cooldown_minutes")
        sent = dict(values)
        if "weekdays" in sent:
            sent["weekdays"] = sorted({int(one) for one in sent["weekdays"]})
        if "holidays" in sent:
            today = _today(str(sent.get("timezone") or (await self.schedule(caller)).timezone)).isoformat()
            days = {str(row["day"]) for row in sent["holidays"] or ()}
            sent["holidays"] = sorted(day for day in days if day >= today)
        return plan_of(await self.reschedule(caller, sent))


def plan_of(schedule: CoffeeSchedule) -> CoffeePlan:
    """The schedule as a record; holidays that are over are left out."""
    today = _today(schedule.timezone)
    values = schedule.model_dump(exclude={"weekdays", "holidays"})
    return CoffeePlan(
        id=SOLE,
        weekdays=tuple(map(str, sorted(schedule.weekdays))),
        holidays=tuple(Holiday(day=day) for day in sorted(schedule.holidays) if day >= today),
        **values,
    )


def _today(zone: str) -> Any:
    try:
        return datetime.now(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC).date()
