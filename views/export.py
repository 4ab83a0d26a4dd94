"""The screens of an export: what goes into the file, how far it is, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from keyboards.buttons import DANGER, PRIMARY, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press, from_base36, to_base36
from locales.locale import Locale
from resources.resource import Resource
from services.export import columns
from services.export.orders import Order, State
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import filter_labels, heading_of
from views.progress import left_text
from views.screen import Screen

FORMATS = {"x": "xlsx", "c": "csv"}
NAMES = {"xlsx": "Excel (XLSX)", "csv": "CSV"}
"""What the formats are called in every language."""
_FULL, _TICKED = 1, 2
_BAR = 12
"""Cells of the progress bar."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is chosen so far; it stands in the addresses of the screen.

    ``columns`` by name; ``full`` shows personal data whole; ``ticked`` takes the ticked records instead of the
    list; ``expected`` is how many records that is, None where nobody knows.
    """

    format: str = "xlsx"
    columns: frozenset[str] = frozenset()
    full: bool = False
    ticked: bool = False
    expected: int | None = None

    def pack(self, names: Sequence[str]) -> str:
        """The argument of an address; ``names`` are all columns, in the order of the declaration."""
        mask = sum(1 << bit for bit, name in enumerate(names) if name in self.columns)
        letter = next(one for one, name in FORMATS.items() if name == self.format)
        flags = _FULL * self.full + _TICKED * self.ticked
        told = "" if self.expected is None else f"-{to_base36(self.expected + 1)}"
        return f"{letter}{flags}{to_base36(mask)}{told}"

    @classmethod
    def unpack(cls, arg: str, names: Sequence[str]) -> Wanted | None:
        """What an argument says; None for one that says nothing (yet)."""
        head, _, told = arg.partition("-")
        try:
            flags, mask, expected = int(head[1:2]), from_base36(head[2:]), from_base36(told)
        except ValueError:
            return None
        if head[:1] not in FORMATS or not 0 <= flags <= _FULL + _TICKED:
            return None
        return cls(
            FORMATS[head[0]],
            frozenset(name for bit, name in enumerate(names) if mask >> bit & 1),
            bool(flags & _FULL),
            bool(flags & _TICKED),
            expected - 1 if expected else None,
        )

    def turned(self, name: str) -> Wanted:
        """With that column added or taken away."""
        return replace(self, columns=self.columns ^ {name})


def title(
    resource: Resource[Any],
    place: Place,
    search: str,
    locale: Locale,
    names: Mapping[int, str],
    owner: str = "",
) -> str:
    """What the file is of: the list, whose it is, and what narrows it."""
    parts = [*heading_of(resource, owner, locale), *filter_labels(resource, place, locale, names)]
    return " · ".join([*parts, f"«{search}»"] if search else parts)


def choice_screen(
    resource: Resource[Any], wanted: Wanted, name: str, view: str, limit: int, locale: Locale
) -> Screen:
    """Format, columns, personal data; ``name`` is what the file is of."""
    names = columns.names(resource)

    def to(changed: Wanted, press: Press = Press.EXPORT) -> Go:
        go = Go(press, resource.code, arg=changed.pack(names), view=view)
        # A long address gives way at its end; here the number does, for another place were another file.
        return go if go.fits else replace(go, arg=replace(changed, expected=None).pack(names))

    formats = tuple(
        Button(
            ("● " if wanted.format == one else "") + NAMES[one],
            to(replace(wanted, format=one)),
        )
        for one in FORMATS.values()
    )
    ticks = [
        Button(label(f"{'☑' if one in wanted.columns else '☐'} {heading}", 40), to(wanted.turned(one)))
        for one, heading in columns.headings(resource, locale).items()
    ]
    rows: list[Row] = [formats, *pairs(ticks)]
    if len(wanted.columns) < len(names):
        rows.append((Button(locale.t("export.all_columns"), to(replace(wanted, columns=frozenset(names)))),))
    if columns.masked(resource, wanted.columns):
        box = "☑" if wanted.full else "☐"
        rows.append(
            (Button(f"{box} {locale.t('export.complete')}", to(replace(wanted, full=not wanted.full))),)
        )
    if wanted.columns:
        rows.append((Button(locale.t("export.make"), to(wanted, Press.EXPORT_NOW), style=PRIMARY),))
    rows.append(navigation(locale, back_to(resource, view, ticked=wanted.ticked)))
    return Screen(_choice_text(resource, wanted, name, limit, locale), tuple(rows))


def _choice_text(resource: Resource[Any], wanted: Wanted, name: str, limit: int, locale: Locale) -> Html:
    headings = columns.headings(resource, locale)
    private = ", ".join(headings[item.name] for item in columns.masked(resource, wanted.columns))
    total = len(columns.names(resource))
    return fit(
        lines(
            _head(resource, name, locale),
            _expected(wanted, limit, locale),
            "",
            locale.html("export.columns", ticked=len(wanted.columns), all=total)
            if wanted.columns
            else locale.html("export.no_columns"),
            locale.html("export.whole" if wanted.full else "export.shortened", names=private)
            if private
            else None,
        ),
        TEXT_LIMIT,
    )


def _expected(wanted: Wanted, limit: int, locale: Locale) -> Html:
    count = wanted.expected
    if count is None:
        return locale.html("export.whole_list", limit=locale.number(limit))
    if wanted.ticked:
        return locale.html("export.ticked", n=count, count=locale.number(count))
    if count > limit:
        return locale.html("export.too_many", n=count, count=locale.number(count), limit=locale.number(limit))
    return locale.html("export.records", n=count, count=locale.number(count))


def progress_screen(
    resource: Resource[Any],
    order: Order,
    state: State,
    rows: int,
    left: float | None,
    locale: Locale,
) -> Screen:
    """How far it is, with a way to stop it; ``left`` in seconds, None while nobody can tell."""
    stop = Go(Press.EXPORT_STOP, resource.code, arg=order.id, view=order.view)
    keys: list[Row] = (
        [(Button(locale.t("export.stop"), stop, style=DANGER),)] if state is not State.SENDING else []
    )
    keys.append(navigation(locale, back_to(resource, order.view, ticked=bool(order.ids))))
    body: list[object] = []
    if state is State.WAITING:
        body.append(locale.html("export.waiting"))
    elif state is State.SENDING:
        body.append(locale.html("export.sending"))
    elif order.expected:
        whole = max(order.expected, rows)
        body += [
            _bar(rows / whole),
            locale.html("export.rows_of", rows=locale.number(rows), all=locale.number(whole)),
        ]
    else:
        body.append(locale.html("export.rows", n=rows, count=locale.number(rows)))
    if left is not None and state is State.RUNNING:
        body.append(left_text(left, locale))
    text = lines(_head(resource, order.title, locale), "", *body)
    return Screen(fit(text, TEXT_LIMIT), tuple(keys), listens=listens(order))


def listens(order: Order) -> str:
    """How the progress screen of an order is known as the one that the person looks at."""
    return f"export:{order.id}"


def end_screen(
    resource: Resource[Any], order: Order, text: Html, locale: Locale, *, again: bool = False
) -> Screen:
    """What became of it; ``again`` offers the same choice once more."""
    rows: list[Row] = []
    if again:
        go = Go(Press.EXPORT, resource.code, arg=order.arg, view=order.view)
        rows.append((Button(locale.t("error.retry"), go),))
    rows.append(navigation(locale, back_to(resource, order.view, ticked=bool(order.ids))))
    return Screen(fit(lines(_head(resource, order.title, locale), "", text), TEXT_LIMIT), tuple(rows))


def back_to(resource: Resource[Any], view: str, *, ticked: bool) -> Go:
    """The list, or the ticking of its rows."""
    return Go(Press.SELECT if ticked else Press.LIST, resource.code, view=view)


def _head(resource: Resource[Any], name: str, locale: Locale) -> Html:
    return bold(label(f"{resource.icon} {name} · {locale.t('export.title')}", 200))


def _bar(share: float) -> str:
    full = round(_BAR * min(1.0, share))
    return "▓" * full + "░" * (_BAR - full)
