"""Periods, the periods before them, and what fell into them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.spans import Period, Span, tally, together

ALMATY, BERLIN, KATHMANDU = map(ZoneInfo, ("Asia/Almaty", "Europe/Berlin", "Asia/Kathmandu"))
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def wall(*parts: int, zone: ZoneInfo = ALMATY) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("span", "parts", "begins", "since", "then"),
    [
        (Span.DAY, 8, wall(2026, 11, 21), wall(2026, 11, 20), wall(2026, 11, 20, 14, 30)),
        (Span.WEEK, 7, wall(2026, 11, 15), wall(2026, 11, 8), wall(2026, 11, 14, 14, 30)),
        (Span.MONTH, 30, wall(2026, 10, 23), wall(2026, 9, 23), wall(2026, 10, 22, 14, 30)),
        (Span.YEAR, 12, wall(2025, 12, 1), wall(2024, 12, 1), wall(2025, 11, 21, 14, 30)),
    ],
)
def test_a_period_ends_now_and_the_one_before_at_the_same_hour(span, parts, begins, since, then):
    period = Period.of(span, NOW, ALMATY)
    assert len(period.edges) == len(period.earlier) == parts + 1
    assert (period.begins, period.since, period.then) == (begins, since, then)
    assert period.earlier[-1] == period.edges[0]
    assert period.edges[-1] > NOW


def test_the_days_are_those_of_the_person():
    late = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    assert Period.of(Span.DAY, late, ALMATY).days[0].day == 22
    assert Period.of(Span.DAY, late, BERLIN).days[0].day == 21


def test_a_leap_day_has_a_year_before():
    period = Period.of(Span.YEAR, datetime(2028, 2, 29, 12, tzinfo=UTC), ALMATY)
    assert period.days_before[1].isoformat() == "2027-02-28"
    assert period.begins == wall(2027, 3, 1)


@given(
    st.sampled_from(Span),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from((ALMATY, BERLIN, KATHMANDU)),
)
def test_parts_follow_each_other_without_gaps(span: Span, now: datetime, zone: ZoneInfo):
    period = Period.of(span, now, zone)
    for edges in (period.earlier, period.edges):
        assert list(edges) == sorted(set(edges))
    assert period.since <= period.then < period.begins + timedelta(hours=2)
    assert period.begins <= now < period.edges[-1]


@given(
    st.sampled_from(Span),
    st.lists(st.tuples(st.integers(-800 * 24, 0), st.sampled_from(("approved", "pending", ""))), max_size=60),
)
def test_everything_is_counted_once(span: Span, rows: list[tuple[int, str]]):
    period = Period.of(span, NOW, ALMATY)
    moments = [(NOW + timedelta(hours=hours), state) for hours, state in rows]
    found = tally(moments, period)
    here = [moment for moment, _ in moments if period.begins <= moment]
    before = [moment for moment, _ in moments if period.since <= moment < period.begins]
    assert found.now == len(here) == sum(found.states.values())
    assert found.before == sum(moment <= period.then for moment in before)
    assert sum(found.parts_before or ()) == len(before)


def test_what_lies_in_the_future_is_not_counted():
    period = Period.of(Span.DAY, NOW, ALMATY)
    assert tally([(NOW + timedelta(minutes=1), "pending")], period).now == 0


def test_half_a_day_is_not_compared_with_a_whole_one():
    period = Period.of(Span.DAY, NOW, ALMATY)
    yesterday = [(wall(2026, 11, 20, hour), "pending") for hour in range(24)]
    found = tally(yesterday, period)
    assert found.before == 15
    assert found.parts_before == (3,) * 8


def test_what_was_not_read_is_not_nothing():
    period = Period.of(Span.WEEK, NOW, ALMATY)
    moments = [(NOW, "pending"), (wall(2026, 11, 10), "pending")]
    shallow = tally(moments, period, covers=False)
    assert (shallow.now, shallow.before, shallow.parts_before) == (1, None, None)
    unknown = tally(moments, period, covers=False, known=False)
    assert (unknown.now, unknown.before) == (None, None)
    assert unknown.parts["pending"][-1] == 1


def test_a_sum_is_known_where_its_parts_are():
    period = Period.of(Span.WEEK, NOW, ALMATY)
    one = tally([(NOW, "pending"), (wall(2026, 11, 10), "approved")], period)
    other = tally([(NOW, "approved")], period)
    whole = together([one, other], period)
    assert (whole.now, whole.before) == (2, 1)
    assert whole.states == {"pending": 1, "approved": 1}
    assert whole.parts_before is not None
    assert sum(whole.parts_before) == 1
    shallow = tally([(NOW, "approved")], period, covers=False)
    assert (together([one, shallow], period).now, together([one, shallow], period).before) == (2, None)
    assert together([], period).now == 0
