"""Who met whom in a round, and what they said about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from handlers._engine.own import RecordContext
from handlers.community.coffee.shown import title
from keyboards.buttons import Button, Row, navigation
from keyboards.pager import jump_targets, pager
from locales.locale import Locale
from models.community import CoffeeGroup, CoffeeRound
from resources.queries import ListQuery, Page
from utils.html import Html, bold, lines
from views.bars import bar
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import position
from views.screen import Outcome, Screen

R = TypeVar("R")

PAGE = 8
LEFT = "o"
"""In the argument: who sat out, instead of the groups."""
JUMP = "j"
NAME = 60
STARS = (5, 4, 3, 2, 1)
WIDTH = 6


async def show_groups(own: RecordContext) -> Outcome:
    """A page of the groups with names; who was told, and how it was. Also who sat out, and pages to jump to."""
    one: CoffeeRound = await own.source.get(own.ctx.caller, own.go.id)
    if own.argument.startswith(LEFT):
        return await _left(own, one)
    if own.argument.startswith(JUMP):
        return _jump(own, one)
    page = _page(one.groups, own.page)
    locale, ids = own.ctx.locale, [who for group in page.items for who in group.member_ids]
    names = await own.source.people(own.ctx.caller, ids)
    shown = [_group(group, names, locale) for group in page.items]
    rows: list[Row] = [pager(page, own.address, own.address(f"{JUMP}{page.query.page}"), locale)]
    if one.skipped:
        count = locale.number(len(one.skipped))
        rows.append((Button(f"🪑 {locale.t('coffee.left_out')} · {count}", own.address(LEFT)),))
    rows.append(navigation(locale, own.card()))
    head = bold(f"👥 {locale.t('coffee_rounds.action.groups')}")
    where = position(page, locale) or locale.html("coffee.no_groups")
    text = lines(head, title(one, locale), where, "", *shown)
    return Outcome(Screen(fit(text, TEXT_LIMIT), tuple(rows)))


async def _left(own: RecordContext, one: CoffeeRound) -> Outcome:
    locale, digits = own.ctx.locale, own.argument.removeprefix(LEFT)
    page = _page(one.skipped, int(digits) if digits.isascii() and digits.isdigit() else 1)
    names = await own.source.people(own.ctx.caller, page.items)
    rows: tuple[Row, ...] = (
        pager(page, lambda number: own.address(f"{LEFT}{number}"), None, locale),
        navigation(locale, own.address()),
    )
    head = bold(f"🪑 {locale.t('coffee.left_out')}")
    shown = [Html("• ") + _name(who, names, locale) for who in page.items]
    text = lines(
        head, title(one, locale), position(page, locale) or locale.html("coffee.nobody_left"), "", *shown
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), rows))


def _jump(own: RecordContext, one: CoffeeRound) -> Outcome:
    digits = own.argument.removeprefix(JUMP)
    pages = max(1, -(-len(one.groups) // PAGE))
    current = min(int(digits) if digits.isascii() and digits.isdigit() else 1, pages)
    buttons = [Button(str(number), own.address(number)) for number in jump_targets(current, pages)]
    rows: list[Row] = [tuple(buttons[start : start + 5]) for start in range(0, len(buttons), 5)]
    text = lines(bold(own.ctx.t("list.jump_title")), title(one, own.ctx.locale))
    return Outcome(Screen(text, (*rows, navigation(own.ctx.locale, own.address(current)))))


def _group(group: CoffeeGroup, names: dict[int, str], locale: Locale) -> Html:
    """``✉️ Aigerim Sapar · Timur Pak · ✅ ★ 4.5``."""
    feedback = group.feedback
    parts = [_name(who, names, locale) for who in group.member_ids]
    if feedback.met is not None:
        parts.append("✅" if feedback.met else "❌")
    if feedback.rating is not None:
        parts.append(f"★ {locale.number(feedback.rating)}")
    mark = "✉️" if group.notified_at is not None else "▫️"
    return lines(f"{mark} {' · '.join(parts)}")


def _name(member_id: int, names: dict[int, str], locale: Locale) -> str:
    """The name; the number of who is erased."""
    return label(names.get(member_id) or locale.t("members.nameless", id=member_id), NAME)


def _page(found: Sequence[R], number: int) -> Page[R]:
    last = max(1, -(-len(found) // PAGE))
    query = ListQuery(min(max(1, number), last), PAGE)
    return Page(found[query.skip : query.skip + PAGE], query, query.skip + PAGE < len(found), len(found))


async def feedback(own: RecordContext) -> Outcome:
    """What people said about the round, as shares."""
    one: CoffeeRound = await own.source.get(own.ctx.caller, own.go.id)
    locale = own.ctx.locale
    rows: tuple[Row, ...] = (
        (Button(locale.t("coffee.refresh"), own.address()),),
        navigation(locale, own.card()),
    )
    head = bold(f"📊 {locale.t('coffee_rounds.action.feedback')}")
    text = lines(head, title(one, locale), "", *feedback_lines(one, locale))
    return Outcome(Screen(fit(text, TEXT_LIMIT), rows))


def feedback_lines(one: CoffeeRound, locale: Locale) -> Iterator[Html | str]:
    """How many answered and met, the mean, and how many groups gave how many stars."""
    if not one.answers:
        yield locale.html("coffee.no_feedback")
        return
    said = [group for group in one.groups if group.feedback.answers]
    yield locale.html("coffee.answers", n=one.answers, count=locale.number(one.answers))
    yield _share(locale, locale.t("coffee.answered"), len(said), one.size)
    met = [group.feedback.met for group in said if group.feedback.met is not None]
    yield _share(locale, locale.t("coffee.met"), sum(met), len(met))
    rated = Counter(
        max(1, min(STARS[0], round(group.feedback.rating)))
        for group in said
        if group.feedback.rating is not None
    )
    if not rated or one.rating is None:
        return
    yield ""
    yield locale.html("coffee.mean", rating=locale.number(one.rating))
    for stars in STARS:
        yield _share(locale, "★" * stars, rated[stars], sum(rated.values()))


def _share(locale: Locale, name: str, count: int, whole: int) -> Html:
    share = bar(count / whole if whole else 0, WIDTH)
    percent = f" · {locale.number(round(100 * count / whole))} %" if whole else ""
    return Html(f"{share} ") + f"{name}: " + bold(locale.number(count)) + percent
