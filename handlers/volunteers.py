"""Volunteers, their coins, and how all of them are doing: contract 2.10."""

from __future__ import annotations

from api.volunteers import Volunteers
from handlers._engine.own import ListContext
from keyboards.buttons import Row, navigation
from keyboards.pager import pager
from locales.locale import Locale
from models.access import Module, Permission
from models.volunteer import Direction, Leader, Volunteer, VolunteerStatus
from resources.fields import Choice, DateTime, Number, Phone, Text
from resources.queries import ListQuery
from resources.resource import READS, Deed, Filter, ListView, Mood, Op, Resource, Tool
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

LEADERS_PAGE = 10
COINS = 1_000_000
"""Most coins of one deed: what is more was mistyped."""
PLACES = {1: "🥇", 2: "🥈", 3: "🥉"}

STATUS = Choice(name="volunteer_status", required=True, options=VolunteerStatus, texts="volunteers_status")
AMOUNT = Number(name="amount", required=True, least=1, most=COINS)
REASON = Text(name="reason", required=True, max_len=300)


def title(volunteer: Volunteer, locale: Locale) -> str:
    """The name."""
    return volunteer.full_name or locale.t("card.untitled")


def line(volunteer: Volunteer, locale: Locale) -> str:
    """``Aigerim Sapar · Team leader · 🪙 200``."""
    parts = [title(volunteer, locale), STATUS.show(volunteer.volunteer_status, locale)]
    if volunteer.v_coins_balance is not None:
        parts.append(f"🪙 {locale.number(volunteer.v_coins_balance)}")
    return " · ".join(part for part in parts if part)


def may_lack_balance(volunteer: Volunteer) -> bool:
    """True when the backend may have no balance for this volunteer: it shows a missing one as 0."""
    return not volunteer.v_coins_balance and not volunteer.total_earned


async def overview(tool: ListContext) -> Outcome:
    """The sums over all volunteers, and how many there are of each status."""
    ctx, locale = tool.ctx, tool.ctx.locale
    figures = await tool.source.figures(ctx.caller)
    counted = [
        _figure(locale, f"volunteers.sum.{name}", getattr(figures, name))
        for name in ("total_volunteers", "total_events", "total_applications", "total_v_coins_earned")
    ]
    order = [*VolunteerStatus, *sorted(figures.volunteers_by_status.keys() - set(VolunteerStatus))]
    by_status = [
        Html("• ")
        + f"{STATUS.show(name, locale)}: "
        + bold(locale.number(figures.volunteers_by_status[name]))
        for name in order
        if name in figures.volunteers_by_status
    ]
    head = bold(f"📊 {ctx.t('volunteers.action.overview')}")
    text = lines(head, "", *counted, "", bold(ctx.t("volunteers.sum.by_status")), *by_status)
    return Outcome(Screen(fit(text, TEXT_LIMIT), (navigation(locale, tool.back()),)))


async def leaderboard(tool: ListContext) -> Outcome:
    """Who earned most, ten a page."""
    ctx = tool.ctx
    page = await tool.source.leaders(ctx.caller, ListQuery(tool.page, LEADERS_PAGE))
    places = [_place(one, ctx.locale) for one in page.items]
    body = lines(*places) if places else ctx.html("volunteers.no_leaders")
    rows: tuple[Row, ...] = (pager(page, tool.address, None, ctx.locale), navigation(ctx.locale, tool.back()))
    text = lines(bold(f"🏆 {ctx.t('volunteers.action.leaderboard')}"), "", body)
    return Outcome(Screen(fit(text, TEXT_LIMIT), rows))


def _figure(locale: Locale, key: str, number: int) -> Html:
    return lines(Html("") + f"{locale.t(key)}: " + bold(locale.number(number)))


def _place(one: Leader, locale: Locale) -> Html:
    name = label(one.full_name or locale.t("card.untitled"), 60)
    events = locale.t("volunteers.leader_events", n=one.events_count, count=locale.number(one.events_count))
    facts = (STATUS.show(one.status, locale), f"🪙 {locale.number(one.total_earned)}", events)
    return lines(
        bold(f"{PLACES.get(one.position, f'{one.position}.')} {name}"),
        " · ".join(fact for fact in facts if fact),
    )


VOLUNTEERS: Resource[Volunteer] = Resource(
    module=Module.VOLUNTEERS,
    key="volunteers",
    code="vo",
    icon="🙋",
    model=Volunteer,
    source=Volunteers,
    needs={**READS, Op.EDIT: Permission.UPDATE},
    title=title,
    fields=(
        Text(name="full_name", required=True, max_len=255),
        Phone(name="phone_number", editable=False),
        STATUS,
        Choice(name="direction_id", editable=False, options=Direction, texts="volunteers_direction"),
        Number(name="v_coins_balance", required=True, most=COINS),
        Number(name="total_earned", editable=False),
        Number(name="events_participated", editable=False),
        Number(name="achievements_count", editable=False),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("volunteer_status", tuple(VolunteerStatus), texts="volunteers_status"),
            Filter("direction_id", tuple(Direction), texts="volunteers_direction"),
        ),
    ),
    card=(
        "volunteer_status", "direction_id", "phone_number", "v_coins_balance", "total_earned", "events_participated",
        "achievements_count", "created_at",
    ),
    deeds=(
        Deed("add_coins", "ac", Permission.UPDATE, fields=(AMOUNT, REASON), icon="➕", mood=Mood.GOOD),
        Deed("deduct_coins", "dc", Permission.UPDATE, fields=(AMOUNT, REASON), icon="➖", mood=Mood.BAD),
        Deed("open_balance", "ob", Permission.UPDATE, icon="🪙", confirm=True, offered=may_lack_balance),
    ),
    tools=(
        Tool("overview", "ov", Permission.READ, overview, icon="📊", calls=("figures",)),
        Tool("leaderboard", "lb", Permission.READ, leaderboard, icon="🏆", calls=("leaders",)),
    ),
)  # fmt: skip
