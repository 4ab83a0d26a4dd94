"""How broadcasts are drawn: rows, state in words, the message as people get it, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.broadcasts import Broadcasts
from handlers._engine.own import RecordContext
from keyboards.buttons import Button, Row, navigation
from locales.locale import Locale
from models.access import Caller, Role
from models.broadcast import (
    GRACE,
    MESSAGE,
    OPEN,
    PREFIX,
    Audience,
    Broadcast,
    BroadcastStats,
    BroadcastStatus,
    Origin,
)
from utils.html import Html, bold, italic, lines
from utils.markup import is_sound, normal, plain, utf16
from views.fitting import TEXT_LIMIT, fit, pages
from views.screen import Outcome, Screen

MARKS = {
    BroadcastStatus.DRAFT: "📝", BroadcastStatus.SCHEDULED: "🕒", BroadcastStatus.SENDING: "📤",
    BroadcastStatus.SENT: "✅", BroadcastStatus.FAILED: "⚠️", BroadcastStatus.CANCELLED: "⛔",
}  # fmt: skip
_STATUSES = frozenset(BroadcastStatus)
_ROLES = frozenset(Role)
AUDIENCES = ("all_telegram_users", "admins_only", "by_role", "active_sessions")
TO_ME = "me"


def title(broadcast: Broadcast, locale: Locale) -> str:
    """The title; recipients never see it."""
    return broadcast.title


def line(broadcast: Broadcast, locale: Locale) -> str:
    """``🕒 25 Dec 10:00 · Title``; the backend's own notices carry a robot."""
    robot = "🤖 " if broadcast.origin is Origin.BACKEND else ""
    when = broadcast.scheduled_at if broadcast.status == BroadcastStatus.SCHEDULED else broadcast.sent_at
    moment = locale.short(when or broadcast.created_at)
    return f"{mark(broadcast)} {moment} · {robot}{broadcast.title or locale.t('card.untitled')}".strip()


def mark(broadcast: Broadcast) -> str:
    """The state as a sign."""
    return MARKS[BroadcastStatus(broadcast.status)] if broadcast.status in _STATUSES else ""


def subtitle(broadcast: Broadcast, locale: Locale) -> str:
    """The state, and what it means for the recipients."""
    state = status(broadcast.status, locale)
    robot = f" · {locale.t('choice.broadcasts_origin.backend')}" if broadcast.origin is Origin.BACKEND else ""
    return f"{mark(broadcast)} {state}{robot}{_counted(broadcast, locale)}".strip()


def _counted(broadcast: Broadcast, locale: Locale) -> str:
    if broadcast.late(datetime.now(UTC)) > GRACE:
        return f" · {locale.t('broadcasts.missed')}"
    if broadcast.reach is not None:
        return " · " + locale.t("broadcasts.reach", n=broadcast.reach, count=locale.number(broadcast.reach))
    if broadcast.status in OPEN or not broadcast.total_recipients:
        return ""
    sent, total = locale.number(broadcast.sent_count), locale.number(broadcast.total_recipients)
    if broadcast.status == BroadcastStatus.SENDING and broadcast.waiting is not None:
        sent = locale.number(broadcast.total_recipients - broadcast.waiting)
        return " · " + locale.t("broadcasts.on_its_way", done=sent, total=total)
    return " · " + locale.t("broadcasts.sent_to", sent=sent, total=total)


def status(value: str, locale: Locale) -> str:
    """The state in words; one that is new to the bot as it stands."""
    return locale.t(f"choice.broadcasts_status.{value}") if value in _STATUSES else value


def audience(value: Any, locale: Locale) -> str:
    """The audience in words, also the one that is another name of all."""
    return locale.t(f"choice.broadcasts_audience.{value}") if value in AUDIENCES else str(value or "")


# --- which buttons ------------------------------------------------------------------------------------------


def changeable(broadcast: Broadcast) -> bool:
    """True while the backend takes changes."""
    return broadcast.status in OPEN


def deletable(broadcast: Broadcast) -> bool:
    """True while the backend deletes it."""
    return broadcast.status in OPEN or broadcast.status == BroadcastStatus.CANCELLED


def awaits(broadcast: Broadcast) -> bool:
    """True for what has not been sent and Telegram would take."""
    return broadcast.status in OPEN and not unfit(broadcast.message)


def is_out(broadcast: Broadcast, values: Mapping[str, Any]) -> bool:
    """True once the backend began to send it."""
    return broadcast.status not in OPEN


def resumable(broadcast: Broadcast) -> bool:
    """True when a retry sends something."""
    return broadcast.resumable(datetime.now(UTC))


async def impact(source: Broadcasts, caller: Caller, broadcast: Broadcast, locale: Locale) -> str:
    """How many people get it, and who they are."""
    count = broadcast.reach
    if count is None:
        count = await source.reach(caller, broadcast.target_audience, broadcast.target_role)
    if not count:
        return locale.html("broadcasts.nobody")
    who = audience(broadcast.target_audience, locale)
    if broadcast.target_audience == Audience.ROLE:
        who = f"{who}: {role(broadcast.target_role, locale)}"
    return locale.html("broadcasts.impact", n=count, count=locale.number(count), who=who)


def role(value: str | None, locale: Locale) -> str:
    """The role in words; the backend takes any name."""
    return locale.t(f"choice.broadcasts_role.{value}") if value in _ROLES else value or "—"


# --- the message --------------------------------------------------------------------------------------------


def unfit(message: str) -> str:
    """The key of why Telegram refuses the message, ``""`` when it takes it; the backend never looks."""
    if not is_sound(message):
        return "broadcasts.unsound"
    return "broadcasts.too_long" if utf16(plain(PREFIX + message)) > MESSAGE else ""


async def preview(record: RecordContext) -> Outcome:
    """The message as its recipients get it; sent to this person alone when asked for."""
    ctx, go = record.ctx, record.go
    broadcast: Broadcast = await ctx.app.records.get(ctx.caller, record.resource, go.id)
    key = unfit(broadcast.message)
    if key:
        note = lines(f"⚠️ {ctx.t(key)}", "", pages(plain(broadcast.message), TEXT_LIMIT - 400)[0])
        return Outcome(Screen(fit(note, TEXT_LIMIT), (navigation(ctx.locale, record.card()),)))
    text = Html(PREFIX + normal(broadcast.message))
    rows: tuple[Row, ...] = (
        (Button(ctx.t("broadcasts.to_me"), record.address(TO_ME)),),
        navigation(ctx.locale, record.card()),
    )
    if record.argument != TO_ME:
        return Outcome(Screen(text, rows))
    button = Button(ctx.t("broadcasts.read_button"), data=f"broadcast:read:{broadcast.id}")
    return Outcome(
        Screen(text, rows), toast=ctx.t("broadcasts.sent_to_me"), messages=(Screen(text, ((button,),)),)
    )


async def statistics(record: RecordContext) -> Outcome:
    """What became of its messages, counted by the bot where the backend counts wrongly."""
    ctx = record.ctx
    source: Broadcasts = record.source
    broadcast: Broadcast = await ctx.app.records.get(ctx.caller, record.resource, record.go.id)
    stats = await source.delivery(ctx.caller, broadcast.id)
    readers = await ctx.app.broadcasts.readers(broadcast.id)
    rows: tuple[Row, ...] = (
        (Button(ctx.t("broadcasts.refresh"), record.address()),),
        navigation(ctx.locale, record.card()),
    )
    head = bold(f"📊 {ctx.t('broadcasts.action.statistics')}")
    body = stats_text(stats, readers, ctx.locale)
    return Outcome(Screen(fit(lines(head, broadcast.title, "", *body), TEXT_LIMIT), rows))


def stats_text(stats: BroadcastStats, readers: int, locale: Locale) -> list[Html | str | None]:
    """State, counters with their share, and when."""
    if not stats.total_recipients:
        return [status(stats.status, locale), locale.html("broadcasts.no_stats")]
    delivery = stats.delivery
    rate = None if delivery.rate is None else f"{locale.number(round(100 * delivery.rate))} %"
    counts = [
        ("total", delivery.total), ("arrived", delivery.sent), ("failed", delivery.failed),
        ("waiting", delivery.waiting), ("untold", delivery.untold), ("readers", readers),
    ]  # fmt: skip
    facts: list[Html | str | None] = [
        _fact(locale, name, locale.number(count))
        for name, count in counts
        if count or name in ("total", "arrived")
    ]
    times = [
        _fact(locale, name, locale.moment(when))
        for name, when in (("began", stats.sent_at), ("ended", stats.completed_at))
        if when is not None
    ]
    return [
        bold(status(stats.status, locale)),
        *facts,
        _fact(locale, "rate", rate) if rate else None,
        *times,
        italic(locale.t("broadcasts.untold_why")) if delivery.untold else None,
        italic(locale.t("broadcasts.readers_why")),
    ]


def _fact(locale: Locale, name: str, value: str) -> Html:
    return Html(f"{bold(locale.t(f'broadcasts.stats.{name}'))}: ") + value
