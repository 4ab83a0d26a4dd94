"""Reports on the tasks of volunteer events: contract 2.10."""

from __future__ import annotations

from collections.abc import Mapping

from api.volunteers import TaskReports, VolunteerEvents
from locales.locale import Locale
from models.access import Module, Permission
from models.volunteer_work import ReportStatus, TaskReport
from resources.fields import Choice, DateTime, LongText, Number, Phone, Photo, Text
from resources.resource import READS, Deed, Filter, ListView, Mood, Resource, Waiting

MARKS: Mapping[str | None, str] = {
    ReportStatus.PENDING: "⏳", ReportStatus.APPROVED: "✅", ReportStatus.REJECTED: "⛔",
    ReportStatus.NOT_SUBMITTED: "▫️",
}  # fmt: skip


def title(report: TaskReport, locale: Locale) -> str:
    """The task."""
    return report.task_title or locale.t("card.untitled")


def line(report: TaskReport, locale: Locale) -> str:
    """``⏳ Photo report · Aigerim Sapar``."""
    mark = MARKS.get(report.report_status, "")
    parts = (f"{mark} {title(report, locale)}".strip(), report.volunteer_name)
    return " · ".join(part for part in parts if part)


def waits(report: TaskReport) -> bool:
    """True while the backend takes a decision."""
    return report.report_status == ReportStatus.PENDING


TASK_REPORTS: Resource[TaskReport] = Resource(
    module=Module.VOLUNTEERS,
    key="task_reports",
    code="vr",
    icon="📸",
    model=TaskReport,
    source=TaskReports,
    needs=READS,
    waiting=Waiting({"report_status": "pending"}, waits, "approve", "reject", reasons="reports"
    ),
    title=title,
    fields=(
        Text(name="volunteer_name", editable=False),
        Phone(name="volunteer_phone", editable=False),
        Text(name="event_title", editable=False),
        Text(name="task_title", editable=False),
        Number(name="task_v_coins", editable=False),
        LongText(name="report_text", editable=False),
        Photo(name="report_photo_url", editable=False),
        Choice(name="report_status", editable=False, options=ReportStatus, texts="task_reports_status"),
        LongText(name="admin_comment", editable=False),
        Number(name="v_coins_earned", editable=False),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("report_status", tuple(ReportStatus), texts="task_reports_status"),
            Filter("event_id", texts="task_reports_event", lookup=VolunteerEvents),
        ),
    ),
    card=(
        "report_photo_url", "volunteer_name", "volunteer_phone", "event_title", "report_status", "task_v_coins",
        "v_coins_earned", "created_at", "report_text", "admin_comment",
    ),
    deeds=(
        Deed(
            "approve", "ap", Permission.UPDATE, method="accept", icon="✅", mood=Mood.GOOD, confirm=True,
            offered=waits, reached=lambda one, values: one.report_status == ReportStatus.APPROVED,
        ),
        Deed(
            "reject", "rj", Permission.UPDATE, method="refuse", icon="⛔", mood=Mood.BAD,
            fields=(LongText(name="comment", required=True, max_len=1000),),
            offered=waits, reached=lambda one, values: one.report_status == ReportStatus.REJECTED,
        ),
    ),
)  # fmt: skip
