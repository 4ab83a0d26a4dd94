"""Leisure: places, tickets and promo actions, contract 2.8."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from api.leisure import LeisureCategories, Places, Promos, Tickets
from handlers._engine.own import ListContext
from keyboards.buttons import Button, Row, navigation
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.common import Localized
from models.leisure import (
    Content,
    Place,
    PlaceStatus,
    Promo,
    PromoStatus,
    RelatedType,
    Ticket,
    TicketStatus,
)
from resources.fields import (
    Choice,
    DateTime,
    Field,
    Link,
    LongText,
    Number,
    Phone,
    Photo,
    Relation,
    Text,
    days_later,
    moment_of,
)
from resources.resource import MODERATED, Deed, Filter, ListView, Resource, Tool, Waiting
from services import policy
from utils.html import bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

MARKS: Mapping[str, str] = {"inactive": "⏸ ", "sold_out": "🚫 ", "expired": "⌛ "}
"""What stands before a record in the list that is not simply active."""

STATES = Filter("moderation_status", ("pending", "approved", "rejected"))
MISSING = Filter("missing", ("kk", "ru"))

TEXTS: tuple[Field, ...] = (
    Text(name="title", required=True, max_len=255),
    Text(name="title_ru", required=True, max_len=255),
    LongText(name="description", required=True),
    LongText(name="description_ru", required=True),
)
CONTACTS: tuple[Field, ...] = (
    Text(name="price", max_len=100),
    Link(name="address_link"),
    Link(name="instagram_url"),
    Link(name="tiktok_url"),
    # What visitors write to is on the site for everybody: nothing to mask.
    Phone(name="whatsapp_number", max_len=50, masked=False),
)
ABOUT = ("title", "title_ru", "description", "description_ru")
LINKS = ("address_link", "instagram_url", "tiktok_url", "whatsapp_number")
CHECKED = frozenset(ABOUT)
"""Texts that an owner cannot change without a new decision (contract Q22)."""


def title(record: Content, locale: Locale) -> str:
    """The title in the person's language."""
    return record.name.best(locale.language) or locale.t("card.untitled")


def place_line(place: Place, locale: Locale) -> str:
    """``Central park · Parks``."""
    category = f" · {place.category_id.best(locale.language)}" if place.category_id else ""
    return f"{MARKS.get(place.status, '')}{title(place, locale)}{category}"


def ticket_line(ticket: Ticket, locale: Locale) -> str:
    """``25 Dec 19:00 · Concert``."""
    return f"{MARKS.get(ticket.status, '')}{locale.short(ticket.event_date)} · {title(ticket, locale)}"


def promo_line(promo: Promo, locale: Locale) -> str:
    """``-30% · For students``."""
    discount = f"{promo.discount_text} · " if promo.discount_text else ""
    return f"{MARKS.get(promo.status, '')}{discount}{title(promo, locale)}"


def promo_state(promo: Promo, locale: Locale) -> str:
    """Whether the site shows it now: that takes its state and its dates."""
    now = datetime.now(UTC)
    if promo.status != PromoStatus.ACTIVE:
        return locale.t("promos.state.off")
    if now < promo.start_date:
        return locale.t("promos.state.ahead", when=locale.short(promo.start_date))
    if now > promo.end_date:
        return locale.t("promos.state.over", when=locale.short(promo.end_date))
    return locale.t("promos.state.running", when=locale.short(promo.end_date))


async def promos_left(source: Places | Tickets, caller: Caller, record_id: int, locale: Locale) -> str:
    """How many promo actions a delete leaves without what they are for."""
    amount = await source.promos_count(caller, record_id)
    return locale.html("places.impact", n=amount.count, count=str(amount)) if amount.count else ""


def next_week(values: dict[str, Any]) -> dict[str, Any]:
    """The same tickets a week later; past ones as many weeks later as it takes to lie ahead."""
    if not values.get("event_date"):
        return values
    past = datetime.now(UTC) - moment_of(values["event_date"])
    weeks = max(1, past.days // 7 + 1)
    return {**values, "event_date": days_later(values["event_date"], 7 * weeks)}


def next_time(values: dict[str, Any]) -> dict[str, Any]:
    """The same promo action right after its end, for as long; never in the past."""
    if not (values.get("start_date") and values.get("end_date")):
        return values
    start, end = moment_of(values["start_date"]), moment_of(values["end_date"])
    begins = max(end, datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
    return {
        **values,
        "status": PromoStatus.ACTIVE.value,
        "start_date": begins.isoformat(),
        "end_date": (begins + (end - start)).isoformat(),
    }


def in_order(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """A promo action that ends before it begins."""
    start, end = values.get("start_date"), values.get("end_date")
    if not start or not end or moment_of(start) < moment_of(end):
        return None
    return "end_date", "promos.check.dates"


async def statistics(screen: ListContext) -> Outcome:
    """Totals over all owners, as the site shows them, and for who sees everybody's places those looked at most."""
    ctx = screen.ctx
    found = await screen.source.totals(ctx.caller)
    number = ctx.locale.number
    totals = [
        ctx.html("places.stats.places", active=number(found.active_places), total=number(found.total_places)),
        ctx.html(
            "places.stats.tickets", active=number(found.active_tickets), total=number(found.total_tickets)
        ),
        ctx.html("places.stats.promos", active=number(found.active_promos)),
        ctx.html("places.stats.categories", total=number(found.total_categories)),
    ]
    best_places = [] if policy.owns_only(ctx.principal, Module.LEISURE) else found.top_places
    top = [
        (place.id, Localized(kk=place.title, ru=place.title_ru).best(ctx.locale.language) or f"#{place.id}")
        for place in best_places
    ]
    shown = [
        lines(
            f"{index}. {label(name, 80)}",
            ctx.html("places.stats.views", n=place.views_count or 0, count=number(place.views_count or 0)),
        )
        for index, (place, (_, name)) in enumerate(zip(best_places, top, strict=True), start=1)
    ]
    rows: list[Row] = [(Button(label(name, 56), screen.card(place_id)),) for place_id, name in top]
    rows.append(navigation(ctx.locale, screen.back()))
    head = bold(f"📊 {ctx.t('places.action.statistics')}")
    best = [lines("", bold(ctx.t("places.stats.top"))), *shown] if shown else []
    return Outcome(Screen(fit(lines(head, "", *totals, *best), TEXT_LIMIT), tuple(rows)))


RATING = Number(name="rating", required=True, editable=False, most=9.99, places=2)

PLACES: Resource[Place] = Resource(
    module=Module.LEISURE,
    key="places",
    code="pl",
    icon="🏞",
    entity="places",
    waiting=Waiting(queue="place"),
    model=Place,
    source=Places,
    needs=MODERATED,
    title=title,
    fields=(
        *TEXTS,
        Relation(name="category_id", lookup=LeisureCategories),
        Text(name="address", required=True, max_len=500),
        *CONTACTS,
        DateTime(name="event_date"),
        Choice(name="status", required=True, options=PlaceStatus, texts="places.status"),
        Photo(name="main_photo_url"),
        Number(name="views_count", editable=False),
    ),
    list=ListView(
        line=place_line,
        filters=(
            STATES,
            Filter("status", tuple(PlaceStatus), texts="places.status"),
            MISSING,
            Filter("category_id", texts="places.category", lookup=LeisureCategories),
        ),
        sorts=("created",),
    ),
    card=(
        "main_photo_url", "status", "category_id", "address", "price", "event_date", *LINKS, "rating",
        "views_count", "title", "title_ru", "description", "description_ru",
    ),
    form=(
        *ABOUT, "category_id", "address", "price", *LINKS, "event_date", "status", "main_photo_url",
    ),
    # An owner who rates itself would stand first on the site, so that takes who decides.
    deeds=(
        Deed(
            "rate", "rt", Permission.MODERATE, (RATING,), icon="⭐",
            reached=lambda place, values: place.rating == values["rating"],
        ),
    ),
    tools=(Tool("statistics", "sx", Permission.READ, statistics, icon="📊", calls=("totals",)),),
    remoderated=CHECKED | {"price", "main_photo_url"},
    impact=promos_left,
)  # fmt: skip

TICKETS: Resource[Ticket] = Resource(
    module=Module.LEISURE,
    key="tickets",
    code="tk",
    icon="🎫",
    entity="tickets",
    waiting=Waiting(queue="ticket"),
    model=Ticket,
    source=Tickets,
    needs=MODERATED,
    title=title,
    fields=(
        *TEXTS,
        DateTime(name="event_date", required=True, future=True),
        Text(name="address", required=True, max_len=500),
        *CONTACTS,
        Choice(name="status", required=True, options=TicketStatus, texts="tickets.status"),
        Photo(name="main_photo_url"),
    ),
    list=ListView(
        line=ticket_line,
        filters=(STATES, Filter("status", tuple(TicketStatus), texts="tickets.status"), MISSING),
        sorts=("created", "nearest"),
    ),
    card=(
        "main_photo_url", "event_date", "status", "address", "price", *LINKS, "title", "title_ru",
        "description", "description_ru",
    ),
    form=(
        *ABOUT, "event_date", "address", "price", *LINKS, "status", "main_photo_url",
    ),
    remoderated=CHECKED | {"event_date", "price"},
    impact=promos_left,
    duplicate=next_week,
)  # fmt: skip

PROMOS: Resource[Promo] = Resource(
    module=Module.LEISURE,
    key="promos",
    code="pm",
    icon="🏷",
    entity="promo_actions",
    waiting=Waiting(queue="promo"),
    model=Promo,
    source=Promos,
    needs=MODERATED,
    title=title,
    subtitle=promo_state,
    fields=(
        # What a promo is for stays a place or a ticket: which one can be changed.
        Choice(
            name="related_type",
            required=True,
            editable=False,
            options=RelatedType,
            texts="promos.related_type",
        ),
        Relation(
            name="related_id",
            required=True,
            lookup={RelatedType.TICKET.value: Tickets, RelatedType.PLACE.value: Places},
            depends="related_type",
        ),
        *TEXTS,
        Text(name="discount_text", max_len=255),
        Text(name="promo_code", max_len=100),
        DateTime(name="start_date", required=True),
        DateTime(name="end_date", required=True),
        Choice(name="status", required=True, options=PromoStatus, texts="promos.status"),
        Photo(name="promo_image_url"),
    ),
    list=ListView(
        line=promo_line,
        filters=(
            STATES,
            Filter("status", tuple(PromoStatus), texts="promos.status"),
            Filter("related_type", tuple(RelatedType), texts="promos.related_type"),
            MISSING,
        ),
        sorts=("created",),
    ),
    card=(
        "promo_image_url", "related_type", "related_id", "discount_text", "promo_code", "start_date", "end_date",
        "status", "title", "title_ru", "description", "description_ru",
    ),
    form=(
        "related_type", "related_id", *ABOUT, "discount_text", "promo_code", "start_date", "end_date", "status",
        "promo_image_url",
    ),
    check=in_order,
    remoderated=CHECKED | {"discount_text", "promo_code"},
    duplicate=next_time,
)  # fmt: skip
