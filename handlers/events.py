"""Events: contract 2.4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from api.events import Events
from handlers._engine.own import RecordContext, number_of
from keyboards.buttons import Button, Row, navigation
from keyboards.pager import pager
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.event import Event, EventFormat, Participant
from resources.fields import (
    Choice,
    Clock,
    DateTime,
    Email,
    FieldError,
    Link,
    LongText,
    Photo,
    Rows,
    Text,
    days_later,
    moment_of,
)
from resources.queries import ListQuery, Page
from resources.resource import MODERATED, Action, Filter, ListView, Resource, Waiting
from utils.html import bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

PARTICIPANTS_PAGE = 10
IN_FULL = "f"
"""What stands before the page in addresses of registrations whose e-mails are shown."""
EMAIL = Email(name="email", masked=True)


def read_programme(text: str, locale: Locale) -> dict[str, Any]:
    """A row of ``10:00 Registration``. Raises ``FieldError``."""
    clock, _, rest = text.partition(" ")
    what = rest.strip(" -–—")
    if not what:
        raise FieldError("events.programs.unclear")
    return {"time": TIME.parse(clock, locale), "description": WHAT.parse(what, locale)}


def read_speaker(text: str, locale: Locale) -> dict[str, Any]:
    """A row of ``First Last — who they are``. Raises ``FieldError``."""
    name, bio = text, ""
    for dash in (" — ", " – ", " - "):
        if dash in text:
            name, _, bio = text.partition(dash)
            break
    parts = [part for part in name.split() if part.strip("-–—")]
    if len(parts) < 2:
        raise FieldError("events.speakers.unclear")
    row = {"first_name": parts[0], "last_name": parts[-1]}
    if len(parts) > 2:
        row["middle_name"] = " ".join(parts[1:-1])
    return {**row, "bio": bio.strip()} if bio.strip() else row


def programme_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``10:00 Registration``."""
    return f"{TIME.show(row.get('time'), locale)} {row.get('description') or ''}".strip()


def speaker_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``First Middle Last — who they are``."""
    name = " ".join(str(row[part]) for part in ("first_name", "middle_name", "last_name") if row.get(part))
    return f"{name} — {row['bio']}" if row.get("bio") else name


def line(event: Event, locale: Locale) -> str:
    """``25 Dec 10:00 · Title``."""
    return f"{locale.short(event.event_date)} · {event.title or locale.t('card.untitled')}"


async def impact(source: Events, caller: Caller, record_id: int, locale: Locale) -> str:
    """How many registrations a delete takes along."""
    amount = await source.participants_count(caller, record_id)
    return locale.html("events.impact", n=amount.count, count=str(amount)) if amount.count else ""


def next_week(values: dict[str, Any]) -> dict[str, Any]:
    """The same event a week later; a past one as many weeks later as it takes to lie ahead."""
    if not values.get("event_date"):
        return values
    past = datetime.now(UTC) - moment_of(values["event_date"])
    weeks = max(0, past.days // 7 + 1) if past > timedelta() else 0
    return {**values, "event_date": days_later(values["event_date"], 7 * max(1, weeks))}


async def participants(record: RecordContext) -> Outcome:
    """Who registered, ten a page; e-mails in part until somebody asks for them, which the audit notes."""
    ctx, source = record.ctx, record.source
    full = record.argument.startswith(IN_FULL)
    if full:
        await ctx.app.records.reveal(ctx, record.resource, record.go.id)
    query = ListQuery(number_of(record.argument.removeprefix(IN_FULL)), PARTICIPANTS_PAGE)
    page: Page[Participant] = await source.participants(ctx.caller, record.go.id, query)
    shown = [
        lines(
            bold(f"{page.first + index}. {label(f'{one.first_name} {one.last_name}', 80)}"),
            label(f"{one.company_name} · {one.email if full else EMAIL.mask(one.email, ctx.locale)}", 120),
        )
        for index, one in enumerate(page.items)
    ]
    body = lines(*shown) if shown else ctx.html("events.no_participants")
    reveal = Button(ctx.t("card.reveal"), record.address(f"{IN_FULL}{query.page}"))
    rows: tuple[Row, ...] = (
        pager(page, lambda at: record.address(f"{IN_FULL if full else ''}{at}"), None, ctx.locale),
        () if full or not shown else (reveal,),
        navigation(ctx.locale, record.card()),
    )
    return Outcome(
        Screen(fit(lines(bold(f"👥 {ctx.t('events.action.participants')}"), "", body), TEXT_LIMIT), rows)
    )


TIME = Clock(name="time", required=True)
WHAT = Text(name="description", required=True, max_len=300)

PROGRAMME = Rows(
    name="programs", editable=False, read_line=read_programme, line=programme_line,
    columns=(TIME, WHAT),
)  # fmt: skip

SPEAKERS = Rows(
    name="speakers", editable=False, read_line=read_speaker, line=speaker_line,
    columns=(
        Text(name="first_name", required=True, max_len=100), Text(name="last_name", required=True, max_len=100),
        Text(name="middle_name", max_len=100), LongText(name="bio", max_len=1000), Link(name="photo_url"),
        Link(name="linkedin_url"), Link(name="instagram_url"), Link(name="facebook_url"),
    ),
)  # fmt: skip

EVENTS: Resource[Event] = Resource(
    module=Module.EVENTS,
    key="events",
    code="ev",
    icon="📅",
    model=Event,
    source=Events,
    announced=True,
    needs=MODERATED,
    title=lambda event, locale: event.title,
    fields=(
        Text(name="title", required=True, max_len=200),
        DateTime(name="event_date", required=True, future=True),
        Choice(name="format", required=True, options=EventFormat),
        Text(name="location", required=True, max_len=300),
        LongText(name="description", required=True),
        Photo(name="event_photo"),
        PROGRAMME,
        SPEAKERS,
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("moderation_status", ("pending", "approved", "rejected")),
            Filter("format", tuple(EventFormat)),
            Filter("period", ("upcoming", "today", "week", "month", "past")),
        ),
        sorts=("", "nearest", "created"),
    ),
    card=("event_photo", "event_date", "location", "format", "description", "programs", "speakers"),
    form=("title", "event_date", "format", "location", "description", "event_photo", "programs", "speakers"),
    actions=(
        Action("participants", "pt", Permission.READ, participants, icon="👥", calls=("participants",)),
    ),
    remoderated=frozenset({"title", "description", "location", "event_date"}),
    impact=impact,
    duplicate=next_week,
    entity="events",
    waiting=Waiting(queue="event"),
)
