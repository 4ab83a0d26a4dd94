"""Volunteer events: contract 2.10."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from api.volunteers import VolunteerEvents
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.common import Localized
from models.volunteer import Direction, EventStatus, TaskRole, VolunteerEvent
from resources.fields import Choice, DateTime, Flag, Link, LongText, Number, Text, days_later, moment_of
from resources.resource import RECORDS, Deed, Filter, ListView, Mood, Resource

MARKS: Mapping[str | None, str] = {
    EventStatus.ONGOING: "▶️",
    EventStatus.COMPLETED: "🏁",
    EventStatus.CANCELLED: "🚫",
}
COINS = 10_000
PEOPLE = 100_000


def title(event: VolunteerEvent, locale: Locale) -> str:
    """The title; ``title`` itself is Russian."""
    return Localized(event.title_kz, event.title).best(locale.language) or locale.t("card.untitled")


def line(event: VolunteerEvent, locale: Locale) -> str:
    """``25 Dec 10:00 · Title``, with a mark when it is not ahead."""
    mark = MARKS.get(event.status, "")
    when = locale.short(event.event_date) if event.event_date is not None else ""
    return " · ".join(part for part in (f"{mark} {when}".strip(), title(event, locale)) if part)


async def impact(source: VolunteerEvents, caller: Caller, record_id: int, locale: Locale) -> str:
    """That nothing brings it back, and how many were taken for it."""
    taken = (await source.get(caller, record_id)).total_applications or 0
    gone = locale.html("volunteer_events.no_way_back")
    if not taken:
        return gone
    return gone + " " + locale.html("volunteer_events.impact", n=taken, count=locale.number(taken))


def next_week(values: dict[str, Any]) -> dict[str, Any]:
    """The same event a week later; a past one as many weeks later as it takes to lie ahead."""
    if not values.get("event_date"):
        return values
    past = datetime.now(UTC) - moment_of(values["event_date"])
    weeks = max(0, past.days // 7 + 1) if past > timedelta() else 0
    return {**values, "event_date": days_later(values["event_date"], 7 * max(1, weeks))}


VOLUNTEER_EVENTS: Resource[VolunteerEvent] = Resource(
    module=Module.VOLUNTEERS,
    key="volunteer_events",
    code="ve",
    icon="📆",
    model=VolunteerEvent,
    source=VolunteerEvents,
    needs=RECORDS,
    title=title,
    fields=(
        Text(name="title", required=True, max_len=255),
        Text(name="title_kz", max_len=255),
        DateTime(name="event_date", required=True, future=True),
        Text(name="location", max_len=255),
        Choice(name="direction_id", options=Direction, texts="volunteers_direction"),
        LongText(name="description"),
        LongText(name="description_kz"),
        Number(name="v_coins_reward", most=COINS),
        Number(name="photo_bonus", most=COINS),
        Number(name="required_volunteers", most=PEOPLE),
        Number(name="required_team_leaders", most=PEOPLE),
        Number(name="required_supervisors", most=PEOPLE),
        Link(name="whatsapp_group_link"),
        Choice(name="status", editable=False, options=EventStatus, texts="volunteer_events_status"),
        Number(name="total_applications", editable=False),
        Number(name="tasks_total_bonus", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("status", tuple(EventStatus), texts="volunteer_events_status"),
            Filter("period", ("upcoming", "today", "week", "month", "past")),
            Filter("direction_id", tuple(Direction), texts="volunteers_direction"),
            Filter("missing", ("kk", "ru")),
        ),
    ),
    card=(
        "event_date", "location", "status", "direction_id", "total_applications", "required_volunteers",
        "required_team_leaders", "required_supervisors", "v_coins_reward", "photo_bonus", "tasks_total_bonus",
        "description", "description_kz",
    ),
    form=(
        "title", "title_kz", "event_date", "location", "direction_id", "description", "description_kz",
        "v_coins_reward", "photo_bonus", "required_volunteers", "required_team_leaders", "required_supervisors",
        "whatsapp_group_link",
    ),
    deeds=(
        Deed(
            "add_task", "tk", Permission.CREATE, icon="➕",
            fields=(
                Text(name="task_title", required=True, max_len=255),
                LongText(name="task_description"),
                Choice(name="task_for_role", options=TaskRole, texts="volunteer_events_role"),
                Flag(name="task_is_required"),
                Number(name="task_v_coins_bonus", most=COINS),
            ),
        ),
        # No list shows whether there is one: it is offered for every event, and to do it again does no harm.
        Deed(
            "remove_link", "rl", Permission.UPDATE, icon="🔗", mood=Mood.BAD, confirm=True,
            reached=lambda event, _: False,
        ),
    ),
    impact=impact,
    duplicate=next_week,
)  # fmt: skip
