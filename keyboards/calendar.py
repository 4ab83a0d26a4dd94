"""A calendar for the day and a grid for the time."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from babel.dates import get_day_names

from keyboards.buttons import PRIMARY, Button, Row
from keyboards.callbacks import Go
from keyboards.pager import grid
from locales.locale import Locale

_NO_DAY = "·"
"""Label of a place in a week that cannot be chosen; Telegram refuses an empty one."""

FIRST_YEAR, LAST_YEAR = 2000, 2099


def month_rows(
    year: int, month: int, go: Callable[[str], Go], locale: Locale, today: date, earliest: date | None
) -> list[Row]:
    """The weeks of a month, Monday first, with the way to its neighbours.

    ``go`` makes the address of ``yyyymm`` (another month) and ``yyyymmdd`` (a day). Weeks that are wholly before
    ``earliest`` are left out; other days before it keep their place but lead back to this month. A year that no
    address holds gives way to the month of ``today``.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        year, month = today.year, today.month
    here = go(f"{year:04}{month:02}")
    names = get_day_names("abbreviated", locale=locale.language)
    head = tuple(Button(names[weekday][:2].capitalize(), here) for weekday in range(7))
    weeks: list[Row] = []
    for week in calendar.Calendar(0).monthdatescalendar(year, month):
        if earliest is None or any(day >= earliest and day.month == month for day in week):
            weeks.append(tuple(_day(day, month, here, go, today, earliest) for day in week))
    before = date(year, month, 1) - timedelta(days=1)
    after = date(year, month, 28) + timedelta(days=4)
    reachable = before.year >= FIRST_YEAR and (earliest is None or before >= earliest)
    turn = [Button(f"‹ {locale.month_name(before.month)}", go(f"{before:%Y%m}"))] if reachable else []
    if after.year <= LAST_YEAR:
        turn.append(Button(f"{locale.month_name(after.month)} ›", go(f"{after:%Y%m}")))
    return [(Button(locale.month(year, month), here),), head, *weeks, tuple(turn)]


def _day(
    day: date, month: int, here: Go, go: Callable[[str], Go], today: date, earliest: date | None
) -> Button:
    if day.month != month or (earliest is not None and day < earliest):
        return Button(_NO_DAY, here)
    return Button(str(day.day), go(f"{day:%Y%m%d}"), style=PRIMARY if day == today else None)


def time_rows(day: date, go: Callable[[str], Go], earliest: datetime | None = None) -> list[Row]:
    """Half hours from 08:00 to 21:30 of ``day``, those after ``earliest`` (local, naive); other times are typed.

    Addresses are ``yyyymmddHHMM``.
    """
    clocks = [(hour, minute) for hour in range(8, 22) for minute in (0, 30)]
    buttons = [
        Button(f"{hour:02}:{minute:02}", go(f"{day:%Y%m%d}{hour:02}{minute:02}"))
        for hour, minute in clocks
        if earliest is None or datetime.combine(day, time(hour, minute)) > earliest
    ]
    return grid(buttons, 4)
