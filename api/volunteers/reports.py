"""Reports on tasks of volunteer events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.listing import Listing
from api.values import required
from api.volunteers.sought import ADMIN, Sought, with_phone
from models.access import Caller
from models.volunteer_work import TaskReport

ROOT = f"{ADMIN}/task-reports"
ONE = f"{ROOT}/{{completion_id}}"


class TaskReports(Sought[TaskReport]):
    """The reports, newest first; only those that wait can be decided."""

    model = TaskReport
    listings = (Listing(ROOT, key="reports", filters={"report_status": "status_filter"}),)
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
