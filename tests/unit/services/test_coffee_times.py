"""When rounds are due: whatever the weekdays, the zone, the holidays, and the clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.community import CoffeeSchedule
from services.coffee_times import BACK, latest_due, next_due, today

ZONES = ("Asia/Almaty", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "UTC")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

schedules = st.builds(
    CoffeeSchedule,
    enabled=st.just(value=True),
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    time=st.times().map(lambda clock: f"{clock:%H:%M}"),
    timezone=st.sampled_from(ZONES),
    holidays=st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=20).map(tuple),
)
moments = st.datetimes(datetime(2026, 1, 20), datetime(2027, 12, 1), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(schedules, moments)
def test_what_is_due_is_a_day_that_counts_at_that_time(schedule: CoffeeSchedule, now: datetime):
    for due in (latest_due(schedule, now), next_due(schedule, now)):
        if due is None:
            continue
        assert due.day.weekday() in schedule.weekdays
        assert due.day not in schedule.holidays
        here = due.at.astimezone(ZoneInfo(schedule.timezone))
        written = datetime.combine(due.day, time.fromisoformat(schedule.time))
        # The clock shows it, unless it was put forward over just this time.
        assert here.replace(tzinfo=None) - written in (timedelta(), timedelta(hours=1))


@given(schedules, moments)
def test_nothing_lies_between_the_last_one_and_the_next(schedule: CoffeeSchedule, now: datetime):
    last, coming = latest_due(schedule, now), next_due(schedule, now)
    assert last is None or last.at <= now
    assert coming is None or coming.at > now
    if last is not None:
        assert latest_due(schedule, last.at) == last
        assert latest_due(schedule, last.at - MINUTE) != last
    if coming is not None:
        assert latest_due(schedule, coming.at) == coming
        assert next_due(schedule, coming.at - MINUTE) == coming


@given(schedules, moments)
def test_each_day_that_counts_is_due_once(schedule: CoffeeSchedule, now: datetime):
    found, moment = [], now
    for _ in range(12):
        due = next_due(schedule, moment)
        if due is None:
            break
        found.append(due)
        moment = due.at
    days = [one.day for one in found]
    assert days == sorted(set(days))
    if found:
        span = (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1))
        wanted = [one for one in span if one.weekday() in schedule.weekdays and one not in schedule.holidays]
        assert days == wanted


def test_what_is_older_than_a_week_is_forgotten():
    schedule = CoffeeSchedule(enabled=True, weekdays=(0,), time="10:00", timezone="UTC")
    monday = at("2026-11-16T10:00")
    assert latest_due(schedule, monday + timedelta(days=6, hours=23)) is not None
    holidays = (date(2026, 11, 23),)
    late = monday + BACK * DAY + DAY
    assert latest_due(schedule.model_copy(update={"holidays": holidays}), late) is None


def test_a_schedule_that_is_off_is_never_due():
    schedule = CoffeeSchedule(enabled=False, weekdays=(0, 1, 2, 3, 4, 5, 6))
    assert latest_due(schedule, at("2026-11-16T12:00")) is None
    assert next_due(schedule, at("2026-11-16T12:00")) is None


@pytest.mark.parametrize(
    ("now", "day"), [("2026-11-16T04:59", date(2026, 11, 9)), ("2026-11-16T05:00", date(2026, 11, 16))]
)
def test_the_time_is_that_of_the_zone(now: str, day: date):
    schedule = CoffeeSchedule(enabled=True, weekdays=(0,), time="10:00", timezone="Asia/Almaty")
    due = latest_due(schedule, at(now))
    assert due is not None
    assert due.day == day


def test_a_time_that_the_clocks_leave_out_comes_an_hour_later():
    schedule = CoffeeSchedule(enabled=True, weekdays=(6,), time="02:30", timezone="Europe/Berlin")
    due = latest_due(schedule, at("2026-03-29T12:00"))
    assert due is not None
    assert due.at == at("2026-03-29T01:30")
    assert due.at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 30)


def test_a_time_that_comes_twice_counts_once():
    schedule = CoffeeSchedule(enabled=True, weekdays=(6,), time="02:30", timezone="Europe/Berlin")
    due = latest_due(schedule, at("2026-10-25T12:00"))
    assert due is not None
    assert due.at == at("2026-10-25T00:30")
    coming = next_due(schedule, due.at)
    assert coming is not None
    assert coming.day == date(2026, 11, 1)


@pytest.mark.parametrize("zone", ["Nowhere/At_All", "", "../etc"])
def test_a_zone_that_nobody_knows_is_utc(zone: str):
    schedule = CoffeeSchedule(enabled=True, weekdays=(0,), time="10:00", timezone=zone)
    assert today(schedule, at("2026-11-16T23:30")) == date(2026, 11, 16)
    assert latest_due(schedule, at("2026-11-16T10:00")) is not None


def test_a_time_that_is_none_is_never_due():
    schedule = CoffeeSchedule(enabled=True, weekdays=(0,), time="soon", timezone="UTC")
    assert latest_due(schedule, at("2026-11-16T12:00")) is None
