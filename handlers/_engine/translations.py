"""What is not translated yet, for every list that can be narrowed by it, and the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers._engine.listing import open_list, place_of
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Place, Press
from locales.locale import Locale
from middlewares.context import Context
from models.common import Record
from resources.resource import Resource
from utils.html import Html, bold, italic, lines
from views.screen import Outcome, Screen

MISSING = "missing"
"""The filter that a resource declares: its options are the languages that are asked of a record."""


async def open_translations(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """How many of the records lack each language, with a button to the list of those; the source is a ``Served``."""
    if resource.filter(MISSING) is None:
        return await open_list(ctx, resource, go)
    scan = await ctx.app.records.scan(ctx.caller, resource)
    languages = languages_of(resource)
    rows: list[Row] = [
        (
            Button(
                f"{ctx.t(f'choice.{MISSING}.{language}')} ({ctx.locale.number(count)})",
                _list(resource, go, language),
            ),
        )
        for language in languages
        if (count := sum(record.lacks(language) for record in scan.items))
    ]
    rows.append(navigation(ctx.locale, Go(Press.FILTERS, resource.code, view=go.view)))
    text = lines(
        bold(f"{resource.icon} {ctx.t(resource.key + '.title')} · {ctx.t('translations.title')}"),
        "",
        *(language_line(language, scan.items, ctx.locale) for language in languages),
        "",
        _seen(len(scan.items), ctx.locale, complete=scan.complete),
    )
    return Outcome(Screen(text, tuple(rows)))


def languages_of(resource: Resource[Any]) -> tuple[str, ...]:
    """The languages that a record is asked for."""
    narrowing = resource.filter(MISSING)
    return narrowing.options if narrowing is not None else ()


def language_line(language: str, records: Sequence[Record], locale: Locale) -> Html:
    """``Kazakh: 12 without text · 8 in part · 140 in full``."""
    shares = [record.completeness(language) for record in records]
    none, full = shares.count(0.0), shares.count(1.0)
    counts = {"none": none, "part": len(shares) - none - full, "full": full}
    told = locale.t("translations.counts", **{name: locale.number(count) for name, count in counts.items()})
    return lines(bold(locale.t(f"language.{language}")) + f": {told}")


def _list(resource: Resource[Any], go: Go, language: str) -> Go:
    """The list of the records without that language, whatever narrowed it before."""
    place = place_of(resource, go)
    names = [item.name for item in resource.list.filters]
    cleared = Place(options=(0,) * len(names), sort=place.sort, parent=place.parent)
    option = languages_of(resource).index(language) + 1
    return Go(Press.LIST, resource.code, view=cleared.with_option(names.index(MISSING), option).pack())


def _seen(count: int, locale: Locale, *, complete: bool) -> Html:
    key = "translations.seen" if complete else "list.scanned"
    return italic(locale.t(key, n=count, count=locale.number(count)))
