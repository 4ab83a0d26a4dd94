"""What the areas of the dashboard share: periods, changes and lines of figures in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from locales.locale import Locale
from services.charts.chart import Columns, Series, Share, Tone
from services.spans import Period, Span, Tally
from utils.html import Html, bold, lines
from views.fitting import label

FEW = 5
"""Below that a share in percent says nothing."""
NAME = 48
"""Characters of a title in a line."""
STATES: Mapping[str, tuple[str, Tone]] = {
    "approved": ("choice.moderation_status.approved", Tone.MAIN),
    "pending": ("choice.moderation_status.pending", Tone.WAITS),
    "rejected": ("choice.moderation_status.rejected", Tone.AGAINST),
    "published": ("choice.news_status.published", Tone.MAIN),
    "scheduled": ("choice.news_status.scheduled", Tone.WAITS),
    "active": ("choice.projects.status.active", Tone.MAIN),
    "completed": ("choice.projects.status.completed", Tone.WAITS),
    "cancelled": ("choice.projects.status.cancelled", Tone.AGAINST),
    "draft": ("choice.news_status.draft", Tone.QUIET),
}
"""The states of all that is counted, in their order: what they are called, and their colour."""


def days(first: date, last: date, locale: Locale) -> str:
    """``21 Nov`` or ``15 Nov – 21 Nov``."""
    begins, ends = locale.short_day(first), locale.short_day(last)
    return begins if begins == ends else f"{begins} – {ends}"


def spell(period: Period, locale: Locale) -> Html:
    """Which days are counted, and which they are compared with."""
    here, before = days(*period.days, locale), days(*period.days_before, locale)
    return locale.html(f"statistics.spell.{period.span}", days=here, before=before)


def change(now: int, before: int | None, locale: Locale) -> str:
    """``▲ 12 (+55%)`` against the period before; ``""`` where that is not known or both are nothing."""
    if before is None or now == before == 0:
        return ""
    if now == before:
        return locale.t("statistics.same")
    mark = "▲" if now > before else "▼"
    text = f"{mark} {locale.number(abs(now - before))}"
    if before < FEW:
        return text
    percent = round((now - before) / before * 100)
    return f"{text} ({'+' if percent > 0 else '−'}{locale.number(abs(percent))}%)"


def came(key: str, tally: Tally | None, locale: Locale) -> Html:
    """A line: how many came and how that changed; that nobody knows, where it is so."""
    if tally is None or tally.now is None:
        return figure(locale.t(key), locale.t("statistics.unknown"))
    return figure(locale.t(key), locale.number(tally.now), change(tally.now, tally.before, locale))


def figure(name: str, value: str, after: str = "") -> Html:
    """``name: value after``, the value in bold."""
    return Html("") + f"{name}: " + bold(value) + (f" {after}" if after else "")


def listed(items: Iterable[tuple[str, int]], locale: Locale) -> str:
    """``approved 20 · waiting 10``; what is nothing is left out."""
    return " · ".join(f"{name} {locale.number(count)}" for name, count in items if count)


def state(name: str, locale: Locale) -> str:
    """What a state is called in the middle of a line; a new one as the backend spells it, or none."""
    if not name:
        return locale.t("statistics.no_status")
    return locale.t(STATES[name][0]) if name in STATES else label(name, 20)


def states(found: Mapping[str, int], locale: Locale) -> str:
    """The states in their order, with how many there are of each."""
    return listed(((state(name, locale), found[name]) for name in in_order(found)), locale)


def in_order(found: Iterable[str]) -> list[str]:
    """Known states first, in their order."""
    names = list(found)
    return [name for name in STATES if name in names] + [name for name in names if name not in STATES]


def ranked(heading: str, rows: Sequence[tuple[str, str]]) -> list[Html]:
    """A small table: the heading, then ``1. name — value``."""
    if not rows:
        return []
    return [
        bold(heading),
        *(
            lines(f"{place}. {label(name, NAME)} — {value}")
            for place, (name, value) in enumerate(rows, start=1)
        ),
    ]


def columns(
    tally: Tally | None, period: Period, heading: str, locale: Locale, name: str = ""
) -> Columns | None:
    """The columns of what came; with ``name`` all states are one. None where nothing came, then and now."""
    if tally is None or tally.now is None or not (tally.now or tally.before):
        return None
    size = len(period.edges) - 1
    if name:
        whole = tuple(sum(numbers[part] for numbers in tally.parts.values()) for part in range(size))
        series: tuple[Series, ...] = (Series(name, Tone.MAIN, whole),)
    else:
        series = tuple(
            Series(state(one, locale), STATES[one][1] if one in STATES else Tone.QUIET, tally.parts[one])
            for one in in_order(tally.parts)
            if any(tally.parts[one])
        )
    before = tally.parts_before if tally.before else None
    return Columns(
        heading, marks(period, locale), series, before, locale.t(f"statistics.before.{period.span}")
    )


def marks(period: Period, locale: Locale) -> tuple[str, ...]:
    """What stands under the columns: hours, days, every fifth day, months."""
    begins = [edge.astimezone(period.zone) for edge in period.edges[:-1]]
    if period.span is Span.DAY:
        return tuple(f"{one:%H:%M}" if number % 2 == 0 else "" for number, one in enumerate(begins))
    if period.span is Span.YEAR:
        return tuple(
            locale.month_name(one.month)[:3] if number % 2 else "" for number, one in enumerate(begins)
        )
    return day_marks([one.date() for one in begins], locale)


def day_marks(found: Sequence[date], locale: Locale) -> tuple[str, ...]:
    """``15.11`` under each of a few days, under every fifth of many."""
    step = 1 if len(found) <= 8 else 5
    last = len(found) - 1
    return tuple(f"{day:%d.%m}" if (last - number) % step == 0 else "" for number, day in enumerate(found))


def shares(
    rows: Iterable[tuple[str, int]], locale: Locale, tone: Tone = Tone.MAIN, most: int = 8
) -> tuple[Share, ...]:
    """Rows with bars, the most first; what is nothing is left out."""
    some = sorted((row for row in rows if row[1] > 0), key=lambda row: -row[1])
    return tuple(Share(label(name, 80), count, locale.number(count), tone) for name, count in some[:most])
