"""Reports on tasks of volunteer events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from api import paging
from api.listing import Listing
from api.source import SCANNED_AT_MOST
from api.values import required
from api.volunteers.sought import ADMIN, Sought, with_phone
from models.access import Caller
from models.volunteer_work import TaskReport
from resources.queries import ListQuery, Page

ROOT = f"{ADMIN}/task-reports"
ONE = f"{ROOT}/{{completion_id}}"


LIST = Listing(ROOT, key="reports", filters={"report_status": "status_filter", "event_id": "event_id"})


class TaskReports(Sought[TaskReport]):
    """The reports, newest first; only those that wait can be decided. Filters: ``report_status``, ``event_id``.

    The backend leaves out other events' reports after it has cut the page, so that a short or empty page says nothing
    about the next one: the newest 1,000 are narrowed at once.
    """

    model = TaskReport
    listings = (LIST,)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}",),
            "get": (f"GET {ROOT}",),
            "accept": (f"POST {ONE}/approve",),
            "refuse": (f"POST {ONE}/reject",),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with the address of its photo and a full phone number."""
        return with_phone(self.with_urls(row, "report_photo_url"), "volunteer_phone")

    def texts(self, record: TaskReport) -> Iterable[str | None]:
        """Volunteer, phone, event, task and report."""
        return (
            record.volunteer_name, record.volunteer_phone, record.event_title, record.task_title, record.report_text,
        )  # fmt: skip

    async def page(self, caller: Caller, query: ListQuery) -> Page[TaskReport]:
        """The reports of that page."""
        if "event_id" not in query.filters:
            return await super().page(caller, query)
        page = await self._looked_through(caller, query, [LIST])
        return replace(page, scanned=None if page.complete else SCANNED_AT_MOST)

    async def _scan(
        self, caller: Caller, listing: Listing, params: Mapping[str, Any]
    ) -> paging.Scan[TaskReport]:
        """The reports looked through; those of one event in one go, since only the others' pages can be counted."""
        if "event_id" not in params:
            return await super()._scan(caller, listing, params)
        others = {name: value for name, value in params.items() if name != "event_id"}
        found, beyond = await asyncio.gather(
            self._window(caller, listing, 0, SCANNED_AT_MOST, params),
            self._window(caller, listing, SCANNED_AT_MOST, 1, others),
        )
        return paging.Scan(found.items, complete=not beyond.received)

    async def accept(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> TaskReport | None:
        """The approved report; the task's coins are paid. ``Refused`` when it was decided already."""
        body = {"admin_comment": values.get("praise") or None}
        await self.write("POST", f"{ROOT}/{record_id:d}/approve", caller, json=body)
        return await self.seen(caller, record_id)

    async def refuse(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> TaskReport | None:
        """The rejected report. ``Refused`` when it was decided already."""
        required({"comment": values.get("comment")}, "comment")
        body = {"admin_comment": values["comment"]}
        await self.write("POST", f"{ROOT}/{record_id:d}/reject", caller, json=body)
        return await self.seen(caller, record_id)
