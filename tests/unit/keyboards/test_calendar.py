"""Every shape a month can have, in every language, within Telegram's hundred buttons."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyboards.buttons import Row
from keyboards.calendar import FIRST_YEAR, LAST_YEAR, month_rows, time_rows
from keyboards.callbacks import Go
from tests.matrix.strict import LOCALES, check_rows, locale

FIELD = "abc"


def go(moment: str) -> Go:
    return Go("ca", "ev", 0, FIELD + moment, "draft1")


def days_of(rows: list[Row]) -> list[str]:
    """The days that can be chosen, ``yyyymmdd``."""
    found = [address.arg[3:] for address in check_rows(rows)]
    return [moment for moment in found if len(moment) == 8]


def others_of(rows: list[Row]) -> set[str]:
    """The other months that can be turned to, ``yyyymm``."""
    return {address.arg[3:] for address in check_rows(rows) if len(address.arg) == 9}


@given(
    st.integers(FIRST_YEAR, LAST_YEAR),
    st.integers(1, 12),
    st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)),
    st.booleans(),
    st.sampled_from(sorted(LOCALES)),
)
def test_every_month_offers_just_its_days(year: int, month: int, today: date, future: bool, language: str):
    earliest = today if future else None
    rows = month_rows(year, month, go, locale(language), today, earliest)
    assert sum(map(len, rows)) <= 100
    assert all(len(row) == 7 for row in rows if any(len(button.go.arg) == 11 for button in row))
    last = calendar.monthrange(year, month)[1]
    expected = [
        f"{day:%Y%m%d}"
        for day in (date(year, month, number) for number in range(1, last + 1))
        if earliest is None or day >= earliest
    ]
    assert days_of(rows) == expected


@pytest.mark.parametrize("year", [2010, 2026, 2027, 2028, 2032])
@pytest.mark.parametrize("month", range(1, 13))
def test_neighbours_are_one_month_away(year: int, month: int):
    rows = month_rows(year, month, go, locale(), date(2026, 6, 15), None)
    before = f"{date(year, month, 1) - timedelta(days=1):%Y%m}"
    after = f"{date(year, month, calendar.monthrange(year, month)[1]) + timedelta(days=1):%Y%m}"
    assert others_of(rows) == {before, f"{year}{month:02}", after}


def test_the_calendar_ends_where_addresses_end():
    first = others_of(month_rows(FIRST_YEAR, 1, go, locale(), date(2026, 6, 15), None))
    last = others_of(month_rows(LAST_YEAR, 12, go, locale(), date(2026, 6, 15), None))
    assert first == {"200001", "200002"}
    assert last == {"209911", "209912"}


def test_months_that_are_past_cannot_be_turned_to_where_only_the_future_counts():
    today = date(2026, 6, 15)
    assert "202605" not in others_of(month_rows(2026, 6, go, locale(), today, today))
    assert "202606" in others_of(month_rows(2026, 7, go, locale(), today, today))


@pytest.mark.parametrize(("language", "monday"), [("kk", "Дс"), ("ru", "Пн"), ("en", "Mo")])
def test_weeks_begin_on_monday(language: str, monday: str):
    rows = month_rows(2026, 6, go, locale(language), date(2026, 6, 15), None)
    names, first = next((above, row) for above, row in pairwise(rows) if row[0].text == "1")
    assert names[0].text == monday
    assert [button.text for button in first] == ["1", "2", "3", "4", "5", "6", "7"]


def test_the_clock_offers_half_hours_of_the_day():
    moments = [address.arg[3:] for address in check_rows(time_rows(date(2026, 12, 25), go))]
    assert moments[0] == "202612250800"
    assert moments[-1] == "202612252130"
    assert len(moments) == len(set(moments)) == 28
