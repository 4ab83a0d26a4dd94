"""The screens of the inbox: what waits, one record after the other, the reason of a rejection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keyboards.buttons import DANGER, PRIMARY, SUCCESS, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press
from keyboards.pager import pager
from locales.locale import Locale
from resources.queries import ListQuery, Page
from resources.resource import Resource
from services.decisions import Decision, Look
from services.inbox import Item
from utils.html import Html, bold, italic, lines, quote
from views.card import Keyed
from views.fitting import TEXT_LIMIT, fit, label, units

ROWS = 7
ROW_LABEL = 56
HOUR = 3600.0
LATE = 24 * HOUR
OVERDUE = 72 * HOUR
PRESETS = 4
"""Reasons to pick from, of each group."""
FROM_INBOX = "i"
"""In the address of a card: Back leads to the inbox, at the kind that follows."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the list of the inbox shows: the items that match, of which kind (``""``: all) and search."""

    items: Sequence[Item]
    kinds: Mapping[str, Resource[Any]]
    counts: Mapping[str, int]
    page: int
    kind: str = ""
    search: str = ""
    token: str = ""
    silent: Sequence[str] = ()
    cut: bool = False
    being: frozenset[str] = frozenset()
    """Names of records that somebody is deciding at this moment."""
    decides: frozenset[str] = frozenset()
    """Kinds that this person decides; the others are only looked at."""


def mark(since: float | None, now: float) -> str:
    """How late it is: amber over a day, red over three."""
    waited = 0.0 if since is None else now - since
    return "🔴" if waited > OVERDUE else "🟡" if waited > LATE else "⚪️"


def age(since: float | None, now: float, locale: Locale) -> str:
    """``3 days``, ``5 hours``, ``12 minutes``; ``""`` where nobody knows."""
    if since is None:
        return ""
    waited = max(0.0, now - since)
    for name, seconds in (("days", 24 * HOUR), ("hours", HOUR), ("minutes", 60.0)):
        if waited >= seconds:
            number = int(waited // seconds)
            return locale.t(f"approvals.age.{name}", n=number, count=locale.number(number))
    return locale.t("approvals.age.now")


def inbox_screen(inbox: Inbox, locale: Locale, now: float) -> tuple[Html, list[Row]]:
    """One button an item, oldest first; the way to work through them one by one."""
    first = (inbox.page - 1) * ROWS
    shown = inbox.items[first : first + ROWS]
    page = Page(
        shown, ListQuery(inbox.page, ROWS, inbox.search), first + ROWS < len(inbox.items), len(inbox.items)
    )
    rows: list[Row] = [(Button(_row(item, inbox, locale, now), _open(item, inbox)),) for item in shown]
    rows.append(
        tuple(
            Button(f"✕ {text}", Go(Press.APPROVALS, *address))
            for text, address in (
                (_name(inbox, locale), ("", 1, "", inbox.token)) if inbox.kind else ("", ()),
                (f"«{label(inbox.search, 20)}»", (inbox.kind, 1)) if inbox.search else ("", ()),
            )
            if text
        )
    )
    rows.append(pager(page, lambda number: _at(inbox, number), None, locale))
    one = next((item for item in inbox.items if item.code in inbox.decides), None)
    tools = []
    if one is not None:
        tools.append(Button(locale.t("approvals.one_by_one"), triage(one, inbox.kind), style=PRIMARY))
    if len(inbox.counts) > 1:
        tools.append(Button(locale.t("approvals.kinds"), Go(Press.APPROVALS, inbox.kind, arg="k")))
    rows += pairs(tools)
    rows.append(
        (
            Button(locale.t("approvals.refresh"), Go(Press.APPROVALS, inbox.kind)),
            *navigation(locale),
        )
    )
    return _text(inbox, page, locale), rows


def _text(inbox: Inbox, page: Page[Item], locale: Locale) -> Html:
    total = len(inbox.items)
    head = " · ".join(
        part
        for part in (
            f"📥 {locale.t('approvals.title')}",
            _name(inbox, locale),
            f"{locale.number(total)}{'+' if inbox.cut else ''}" if total else "",
        )
        if part
    )
    where = f"{page.first}-{page.last} / {locale.number(total)}" if total > ROWS else None
    if total:
        hint = lines(italic(locale.t("approvals.legend")), italic(locale.t("list.type_to_search")))
    else:
        narrowed = bool(inbox.kind or inbox.search)
        hint = locale.html("list.nothing_found" if narrowed else "approvals.empty")
    names = ", ".join(
        locale.t(f"{inbox.kinds[code].key}.title") for code in inbox.silent if code in inbox.kinds
    )
    silent = locale.html("approvals.silent", kinds=names) if names else None
    reading = italic(locale.t("approvals.read_only")) if total and not inbox.decides else None
    return fit(lines(bold(head), where, "", hint, reading, silent), TEXT_LIMIT)


def _name(inbox: Inbox, locale: Locale) -> str:
    return locale.t(f"{inbox.kinds[inbox.kind].key}.title") if inbox.kind in inbox.kinds else ""


def _row(item: Item, inbox: Inbox, locale: Locale, now: float) -> str:
    icon = inbox.kinds[item.code].icon
    busy = "⏳ " if item.ref in inbox.being else ""
    title = item.title or locale.t("card.untitled")
    waited = age(item.since, now, locale)
    head, tail = f"{busy}{mark(item.since, now)} {icon} ", f" · {waited}" if waited else ""
    # Emoji of several people count for more than they look.
    return head + label(title, ROW_LABEL - units(head) - units(tail)) + tail


def _open(item: Item, inbox: Inbox) -> Go:
    if item.code in inbox.decides:
        return triage(item, inbox.kind)
    view = Place(parent=item.under).pack()
    return Go(Press.CARD, item.code, item.id, FROM_INBOX + inbox.kind, view)


def _at(inbox: Inbox, number: int) -> Go:
    return Go(Press.APPROVALS, inbox.kind, number, "", inbox.token)


def triage(item: Item, kind: str) -> Go:
    """The record as the one to decide, among those of one kind or of all."""
    return Go(Press.TRIAGE, item.code, item.id, kind, Place(parent=item.under).pack())


def kinds_screen(inbox: Inbox, locale: Locale) -> tuple[Html, list[Row]]:
    """The kinds with how many wait in each."""
    buttons = [
        Button(
            f"{'● ' if code == inbox.kind else ''}{inbox.kinds[code].icon} "
            f"{locale.t(inbox.kinds[code].key + '.title')} · {locale.number(count)}",
            Go(Press.APPROVALS, code),
        )
        for code, count in inbox.counts.items()
        if code in inbox.kinds
    ]
    every = Button(
        f"{'● ' if not inbox.kind else ''}{locale.t('approvals.all_kinds')} · "
        f"{locale.number(sum(inbox.counts.values()))}",
        Go(Press.APPROVALS),
    )
    text = bold(f"📥 {locale.t('approvals.title')} · {locale.t('approvals.kinds')}")
    return text, [(every,), *pairs(buttons, longest=22), navigation(locale, Go(Press.APPROVALS, inbox.kind))]


@dataclass(frozen=True, slots=True)
class Turn:
    """One record to decide: where it stands (``4 of 27``), among which kind, and what comes next."""

    resource: Resource[Any]
    record_id: int
    title: str
    number: int
    total: int
    since: float | None
    kind: str
    following: Go | None
    look: Look
    undo: Go | None = None


def triage_head(turn: Turn, locale: Locale, now: float) -> Html:
    """Where one is, how long it waits, and who else is at it."""
    waited = age(turn.since, now, locale)
    where = locale.t("approvals.position", number=turn.number, total=turn.total)
    parts = [where, locale.t(f"{turn.resource.key}.title")]
    if waited:
        parts.append(f"{mark(turn.since, now)} {locale.t('approvals.waits', age=waited)}")
    return lines(italic(" · ".join(parts)), *look_lines(turn.look, locale, now))


def look_lines(look: Look, locale: Locale, now: float) -> list[Html]:
    """Who has the card open, and what is being decided of it at this moment."""
    found = []
    if look.viewers:
        names = ", ".join(label(name, 40) for name in look.viewers[:3])
        found.append(locale.html("approvals.viewed_by", names=names))
    if look.open is not None:
        found.append(said(look.open, locale, "deciding"))
    return found


def said(decision: Decision, locale: Locale, state: str) -> Html:
    """What somebody decided: who, when, why; ``state`` is ``deciding`` while it can be undone, else ``was``."""
    when = locale.clock(locale.local(datetime.fromtimestamp(decision.at, UTC)))
    word = "approved" if decision.approve else "rejected"
    told = locale.html(f"approvals.{state}.{word}", name=label(decision.name, 60), time=when)
    return lines(told, quote(label(decision.reason, 300))) if decision.reason else told


def triage_rows(turn: Turn, view: str, locale: Locale, keyed: Keyed) -> list[Row]:
    """The same buttons in the same places for every record."""

    def go(press: Press, arg: str) -> Go:
        return Go(press, turn.resource.code, turn.record_id, arg, view)

    following = turn.following or Go(Press.APPROVALS, turn.kind, arg="e")
    rows: list[Row] = [
        (
            Button(locale.t("card.approve"), keyed(go(Press.DECIDE, f"a-{turn.kind}")), style=SUCCESS),
            Button(locale.t("card.reject"), go(Press.REASON, turn.kind), style=DANGER),
        ),
        (
            Button(locale.t("approvals.skip"), following),
            Button(locale.t("approvals.full"), go(Press.CARD, FROM_INBOX + turn.kind)),
        ),
    ]
    if turn.undo is not None:
        rows.append((Button(locale.t("approvals.undo"), turn.undo),))
    rows.append(navigation(locale, Go(Press.APPROVALS, turn.kind)))
    return rows


def reason_screen(
    resource: Resource[Any], record_id: int, title: str, kind: str, view: str, locale: Locale, keyed: Keyed
) -> tuple[Html, list[Row]]:
    """Why it is rejected: one of a few reasons, one's own, or none where the backend asks for none."""
    deed = resource.deciding(approve=False)
    needs_one = deed is not None and any(field.required for field in deed.fields)
    waiting = resource.waiting
    group = waiting.reasons if waiting is not None else ""

    def decide(choice: str) -> Go:
        return keyed(Go(Press.DECIDE, resource.code, record_id, f"r{choice}{kind}", view))

    rows: list[Row] = [
        (Button(locale.t(f"reason.{group}.{number}"), decide(str(number))),)
        for number in range(1, PRESETS + 1)
    ]
    if not needs_one:
        rows.append((Button(locale.t("reason.none"), decide("-")),))
    rows.append(navigation(locale, Go(Press.TRIAGE, resource.code, record_id, kind, view)))
    kept = None if deed is not None and deed.fields else italic(locale.t("reason.kept"))
    text = lines(bold(locale.t("reason.title")), quote(label(title, 200)), locale.html("reason.type"), kept)
    return text, rows


def alone_rows(undo: Go | None, locale: Locale) -> list[Row]:
    """Under what became of a single record: undo while it can be, and the way to the others."""
    rows: list[Row] = [(Button(locale.t("approvals.undo"), undo),)] if undo is not None else []
    inbox = Button(f"📥 {locale.t('approvals.title')}", Go(Press.APPROVALS))
    return [*rows, (inbox,), navigation(locale)]


def end_screen(kind: str, undo: Go | None, locale: Locale) -> tuple[Html, list[Row]]:
    """That there is nothing left to look through."""
    text = lines(bold(locale.t("approvals.end")), "", locale.html("approvals.end_hint"))
    rows: list[Row] = [(Button(locale.t("approvals.refresh"), Go(Press.APPROVALS, kind), style=PRIMARY),)]
    if undo is not None:
        rows.append((Button(locale.t("approvals.undo"), undo),))
    rows.append(navigation(locale, Go(Press.APPROVALS, kind)))
    return text, rows
