"""Applications for volunteer events, and the roll call of one event: contract 2.10."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.volunteers import Applications, EventApplications
from locales.locale import Locale
from models.access import Module, Permission
from models.volunteer import VolunteerStatus
from models.volunteer_work import Application, ApplicationStatus, WarningLevel
from resources.fields import Choice, DateTime, Field, Flag, Phone, Text
from resources.resource import READS, Deed, Filter, ListView, Mood, Resource, Waiting

MARKS: Mapping[str | None, str] = {
    ApplicationStatus.PENDING: "⏳", ApplicationStatus.APPROVED: "✅", ApplicationStatus.REJECTED: "⛔",
    ApplicationStatus.CANCELLED: "🚫",
}  # fmt: skip
OPEN = (ApplicationStatus.PENDING, ApplicationStatus.REJECTED)
REFUSABLE = (ApplicationStatus.PENDING, ApplicationStatus.APPROVED)

ROLE = Choice(name="applied_role", editable=False, options=VolunteerStatus, texts="volunteers_status")
STATUS = Choice(
    name="status", editable=False, options=ApplicationStatus, texts="volunteer_applications_status"
)


def title(application: Application, locale: Locale) -> str:
    """The volunteer's name."""
    return application.volunteer_name or locale.t("volunteer_applications.nobody")


def line(application: Application, locale: Locale) -> str:
    """``⏳ Aigerim Sapar · Clean-up day``."""
    mark = MARKS.get(application.status, "")
    parts = [f"{mark} {title(application, locale)}".strip(), presence(application, locale)]
    return " · ".join(part for part in (*parts, application.event_title) if part)


def call_line(application: Application, locale: Locale) -> str:
    """``✅ Aigerim Sapar · came · Team leader``."""
    mark = MARKS.get(application.status, "")
    parts = [f"{mark} {title(application, locale)}".strip(), presence(application, locale)]
    return " · ".join(part for part in (*parts, ROLE.show(application.applied_role, locale)) if part)


def presence(application: Application, locale: Locale) -> str:
    """Whether they were there, in a word; ``""`` while nobody said so."""
    if application.attended:
        return locale.t("event_applications.was.came")
    return locale.t("event_applications.was.missed") if application.missed else ""


def level(name: str) -> Callable[[Application], str]:
    """What is said of a marking: with the warning that it led to."""
    return lambda application: (
        f"{name}_{application.warning_level}" if application.warning_level in tuple(WarningLevel) else name
    )


def only_yes(value: Any, locale: Locale) -> str:
    """A no says nothing here: nobody has marked it."""
    return locale.t("flag.yes") if value else ""


def fields(*more: Field) -> tuple[Field, ...]:
    """What both lists show."""
    return (
        Text(name="volunteer_name", editable=False),
        Phone(name="volunteer_phone", editable=False),
        Text(name="event_title", editable=False),
        ROLE,
        STATUS,
        Flag(name="attended", editable=False, format=only_yes),
        Flag(name="missed", editable=False, format=only_yes),
        Choice(
            name="warning_level", editable=False, options=WarningLevel, texts="event_applications_warning"
        ),
        DateTime(name="created_at", editable=False),
        *more,
    )


DEEDS: tuple[Deed[Any], ...] = (
    Deed(
        "came", "cm", Permission.UPDATE, icon="✔️", mood=Mood.GOOD, once=True,
        offered=lambda one: one.may_come, reached=lambda one, values: bool(one.attended),
        scope="attendance", said=level("came"),
    ),
    Deed(
        "missed", "ms", Permission.UPDATE, icon="✖️", mood=Mood.BAD, once=True,
        offered=lambda one: one.may_miss, reached=lambda one, values: bool(one.missed),
        scope="absence", said=level("missed"),
    ),
    Deed(
        "approve", "ap", Permission.UPDATE, method="accept", icon="✅", mood=Mood.GOOD,
        offered=lambda one: one.status in OPEN,
        reached=lambda one, values: one.status == ApplicationStatus.APPROVED,
    ),
    Deed(
        "reject", "rj", Permission.UPDATE, method="refuse", icon="⛔", mood=Mood.BAD,
        fields=(Text(name="reason", max_len=500),),
        offered=lambda one: one.status in REFUSABLE and not one.attended,
        reached=lambda one, values: one.status == ApplicationStatus.REJECTED,
    ),
)  # fmt: skip
"""Presence pays each time and approval notifies each time (contract Q18): offered only while not done."""

VOLUNTEER_APPLICATIONS: Resource[Application] = Resource(
    module=Module.VOLUNTEERS,
    key="volunteer_applications",
    code="vp",
    icon="📝",
    model=Application,
    source=Applications,
    needs=READS,
    waiting=Waiting(
        {"status": "pending"}, lambda one: one.status == ApplicationStatus.PENDING, "approve", "reject",
        reasons="applications"
    ),
    title=title,
    fields=fields(),
    list=ListView(
        line=line,
        filters=(Filter("status", tuple(ApplicationStatus), texts="volunteer_applications_status"),),
    ),
    card=(
        "event_title", "volunteer_phone", "applied_role", "status", "attended", "missed", "warning_level",
        "created_at",
    ),
    deeds=DEEDS,
)  # fmt: skip

EVENT_APPLICATIONS: Resource[Application] = Resource(
    module=Module.VOLUNTEERS,
    key="event_applications",
    code="vh",
    icon="🗒",
    model=Application,
    source=EventApplications,
    needs=READS,
    title=title,
    fields=fields(
        Choice(name="volunteer_status", editable=False, options=VolunteerStatus, texts="volunteers_status"),
        Flag(name="report_submitted", editable=False),
    ),
    list=ListView(
        line=call_line,
        filters=(
            Filter("status", tuple(ApplicationStatus), texts="volunteer_applications_status"),
            Filter("attended", ("yes", "no"), texts="event_applications_attended"),
        ),
        quick=("came", "missed"),
    ),
    card=(
        "volunteer_phone", "volunteer_status", "applied_role", "status", "attended", "missed", "warning_level",
        "report_submitted", "created_at",
    ),
    deeds=DEEDS,
    parent="ve",
)  # fmt: skip
