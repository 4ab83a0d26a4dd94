"""News beside their list and cards: how readers see one, the hours of a day, the most read, the categories."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta

from api.news import CATEGORY_SIGN, News
from handlers._engine.listing import show_list
from handlers._engine.own import ListContext, RecordContext
from keyboards.buttons import Button, Row, navigation, pairs
from keyboards.callbacks import Place
from keyboards.pager import pager
from locales.locale import Locale, offset_name
from models.news import Article, DaySchedule, NewsStatus, Slot
from resources.queries import ListQuery, Page
from utils.html import Html, bold, italic, lines
from views.card import READ_PAGE
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT, first_page, fit, label, pages, units, visible_units
from views.listing import ROW_LABEL
from views.screen import Outcome, Screen

MARKS = {NewsStatus.DRAFT: "📝", NewsStatus.SCHEDULED: "🕒", NewsStatus.PUBLISHED: "📢"}
TOP = 15
CATEGORIES_PAGE = 16
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 30)


def title(article: Article, locale: Locale) -> str:
    """The title in the person's language, else in the nearest one; ``""`` when there is none."""
    return article.titles.best(locale.language)


def line(article: Article, locale: Locale) -> str:
    """``🕒 25 Dec 10:00 · Title``: when it goes out, for all but what is scheduled the day of the article."""
    waits = article.status == NewsStatus.SCHEDULED and article.publish_at is not None
    moment = article.publish_at if waits else article.date or article.created_at
    mark = MARKS.get(NewsStatus(article.status), "") if article.status in MARKS else ""
    head = f"{mark} {locale.short(moment) if moment is not None else ''}".strip()
    return " · ".join(part for part in (head, title(article, locale) or locale.t("card.untitled")) if part)


def subtitle(article: Article, locale: Locale) -> str:
    """Whether readers see it: its moderation alone does not say so (contract Q18)."""
    when = locale.moment(article.publish_at) if article.publish_at is not None else "—"
    return locale.t(f"news.shown.{article.shown}", when=when)


# --- as readers see it --------------------------------------------------------------------------------


async def preview(record: RecordContext) -> Outcome:
    """The article as readers see it in one language: picture, title, description, text; a page of it."""
    ctx = record.ctx
    article = await ctx.app.records.get(ctx.caller, record.resource, record.go.id)
    language, number = _spot(record.argument, article, ctx.locale)
    photo = ctx.app.records.absolute(article.photo_url) if article.photo_url else None
    parts = preview_pages(article, language, CAPTION_LIMIT if photo else READ_PAGE)
    number = min(number, len(parts))
    text = parts[number - 1] if parts else italic(ctx.t("news.preview.empty"))
    page = Page(parts[number - 1 : number], ListQuery(max(1, number), 1), number < len(parts), len(parts))
    rows: tuple[Row, ...] = (
        tuple(
            Button(
                ("● " if name == language else "") + ctx.t(f"language.{name}"), record.address(f"{name}-1")
            )
            for name in _readable(article)
        ),
        pager(page, lambda at: record.address(f"{language}-{at}"), None, ctx.locale),
        navigation(ctx.locale, record.card()),
    )
    return Outcome(Screen(text, rows, photo=photo if number <= 1 else None))


def preview_pages(article: Article, language: str, room: int) -> list[Html]:
    """Title, description and text of one language in messages: ``room`` units in the first, which may stand under
    a picture. Empty when nothing is written in it."""
    heading, description, text = (
        (getattr(article, name) or "").strip() for name in article.languages[language]
    )
    if units(description) > room // 2:
        description, text = "", f"{description}\n\n{text}".strip()
    head = [bold(label(heading, 255))] if heading else []
    head += [italic(description)] if description else []
    if not head and not text:
        return []
    first = first_page(text, room - visible_units(lines(*head)) - 2)
    rest = text[len(first) :].strip()
    return [
        lines(*head, *(("", first) if head and first else (first,) if first else ())),
        *(lines(part) for part in (pages(rest, READ_PAGE) if rest else ())),
    ]


def _spot(argument: str, article: Article, locale: Locale) -> tuple[str, int]:
    """Language and page that an address names; the person's own language, else the first that says something."""
    language, _, digits = argument.partition("-")
    if language in article.languages:
        return language, max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1
    order = (locale.language, *article.languages)
    filled = (name for name in order if name in article.languages and not article.lacks(name))
    return next(filled, "kk"), 1


def _readable(article: Article) -> list[str]:
    """Languages to switch between: the two that news are written in, and the old texts where there are some."""
    return [name for name in article.languages if name != "base" or not article.lacks(name)]


# --- the hours of a day -------------------------------------------------------------------------------


async def slots(tool: ListContext) -> Outcome:
    """How many articles the hours of a day have and still need, and which wait that day."""
    ctx, source = tool.ctx, tool.source
    day, number = _day_of(tool.argument, datetime.fromtimestamp(ctx.now, UTC).date())
    schedule: DaySchedule = await source.day(ctx.caller, day)
    page: Page[Article] = await source.scheduled(ctx.caller, day, ListQuery(number))
    rows: list[Row] = [_card_row(tool, article, line(article, ctx.locale)) for article in page.items]
    rows.append(pager(page, lambda at: tool.address(f"{day:%Y%m%d}-{at}"), None, ctx.locale))
    near = [one for one in (day - timedelta(days=1), day + timedelta(days=1)) if FIRST_DAY <= one <= LAST_DAY]
    rows.append(
        tuple(
            Button(
                f"‹ {ctx.locale.day(one)}" if one < day else f"{ctx.locale.day(one)} ›",
                tool.address(f"{one:%Y%m%d}"),
            )
            for one in near
        )
    )
    rows.append(navigation(ctx.locale, tool.back()))
    return Outcome(Screen(slots_text(schedule, ctx.locale), tuple(rows)))


def slots_text(schedule: DaySchedule, locale: Locale) -> Html:
    """The hours of a day, each with what is missing; in UTC, as the backend counts them, and in the person's time."""
    missing = (
        locale.html("news.slots.missing_all", n=schedule.missing, count=locale.number(schedule.missing))
        if schedule.missing
        else locale.html("news.slots.full")
    )
    zone = offset_name(datetime.now(locale.zone))
    text = lines(
        bold(f"🗓 {locale.t('news.action.slots')}"),
        f"{locale.day(schedule.day)} · UTC",
        "",
        *(_slot_line(slot, schedule.day, locale) for slot in schedule.slots),
        "",
        missing,
        italic(locale.t("news.slots.zone", zone=zone)),
    )
    return fit(text, TEXT_LIMIT)


def _slot_line(slot: Slot, day: date, locale: Locale) -> Html:
    moment = slot.moment(day)
    here = f" ({locale.short(moment)})" if moment is not None else ""
    counts = {"scheduled": locale.number(slot.scheduled), "required": locale.number(slot.required)}
    state = (
        locale.t("news.slots.missing", count=locale.number(slot.missing))
        if slot.missing
        else locale.t("news.slots.enough")
    )
    return lines(bold(f"{slot.time} UTC") + f"{here}: {locale.t('news.slots.of', **counts)}, {state}")


def _day_of(argument: str, today: date) -> tuple[date, int]:
    """Day and page that an address names, ``20261122-2``; today's first page for anything else."""
    digits, _, page = argument.partition("-")
    try:
        day = datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return today, 1
    number = max(1, int(page)) if page.isascii() and page.isdigit() else 1
    return (day, number) if FIRST_DAY <= day <= LAST_DAY else (today, 1)


# --- the most read, the categories --------------------------------------------------------------------


async def top(tool: ListContext) -> Outcome:
    """The public articles with most views."""
    ctx = tool.ctx
    source: News = tool.source
    found = await source.top(ctx.caller, TOP)
    rows: list[Row] = [
        _card_row(
            tool,
            article,
            f"{number}. 👁 {ctx.locale.number(article.view_count or 0)} · "
            f"{title(article, ctx.locale) or ctx.t('card.untitled')}",
        )
        for number, article in enumerate(found, start=1)
    ]
    rows.append(navigation(ctx.locale, tool.back()))
    hint = ctx.html("news.top.hint" if found else "news.empty")
    return Outcome(Screen(lines(bold(f"👁 {ctx.t('news.action.top')}"), "", hint), tuple(rows)))


async def categories(tool: ListContext) -> Outcome:
    """The names of the categories; a tap leads to the list of one."""
    ctx = tool.ctx
    source: News = tool.source
    names = await source.categories(ctx.caller)
    chosen = next((name for name in names if _mark(name) == tool.argument), None)
    if chosen is not None:
        token = await ctx.search_token(f"{CATEGORY_SIGN}{chosen}")
        return await show_list(ctx, tool.resource, Place(options=_none(tool), search=token))
    number = int(tool.argument[1:]) if tool.argument[:1] == "p" and tool.argument[1:].isdecimal() else 1
    shown, query = list(names), ListQuery(max(1, number), CATEGORIES_PAGE)
    page = Page(
        shown[query.skip : query.skip + query.size],
        query,
        len(shown) > query.skip + query.size,
        total=len(shown),
    )
    rows: list[Row] = pairs([Button(label(name, 40), tool.address(_mark(name))) for name in page.items])
    rows.append(pager(page, lambda at: tool.address(f"p{at}"), None, ctx.locale))
    rows.append(navigation(ctx.locale, tool.back()))
    hint = ctx.html("news.categories.hint" if names else "news.categories.none")
    return Outcome(Screen(lines(bold(f"🏷 {ctx.t('news.action.categories')}"), "", hint), tuple(rows)))


def _mark(name: str) -> str:
    """Eight digits that stand for a category in addresses, whatever place it has among the others."""
    return f"{zlib.crc32(name.encode()):08x}"


def _none(tool: ListContext) -> tuple[int, ...]:
    return (0,) * len(tool.resource.list.filters)


def _card_row(tool: ListContext, article: Article, text: str) -> Row:
    return (Button(label(text, ROW_LABEL), tool.card(article.id)),)
