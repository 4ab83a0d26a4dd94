"""Several options, a time of day, a time zone."""

from __future__ import annotations

from enum import StrEnum

import pytest

from resources.fields import Choices, FieldError, TimeOfDay, Zone
from tests.matrix.strict import LOCALES

EN, RU = LOCALES["en"], LOCALES["ru"]


class Day(StrEnum):
    MONDAY = "0"
    TUESDAY = "1"
    SUNDAY = "6"


DAYS = Choices(name="days", options=Day, texts="coffee_weekday")


def test_options_are_kept_in_their_order_each_once():
    assert DAYS.parse("sunday, Monday; 0", EN) == ["0", "6"]
    assert DAYS.parse("воскресенье", RU) == ["6"]
    assert DAYS.show(["0", "6", "9"], EN) == "Monday, Sunday, 9"


@pytest.mark.parametrize(("typed", "key"), [("", "blank"), (" , ", "blank"), ("someday", "choice")])
def test_what_is_no_option_is_refused(typed: str, key: str):
    with pytest.raises(FieldError, match=key):
        DAYS.parse(typed, EN)


def test_a_tap_adds_and_another_takes_away():
    assert DAYS.turned(None, "1") == ["1"]
    assert DAYS.turned(["6"], "0") == ["0", "6"]
    assert DAYS.turned(["0", "6"], "6") == ["0"]
    assert DAYS.turned(["0"], "0") is None


def test_of_a_record_they_come_as_a_list():
    assert DAYS.value_of(("0", "6")) == ["0", "6"]
    assert DAYS.value_of(()) is None


@pytest.mark.parametrize(
    ("typed", "kept"), [("9:30", "09:30"), ("09.30", "09:30"), ("0930", "09:30"), (" 23:59 ", "23:59")]
)
def test_a_time_of_day_is_kept_as_clocks_show_it(typed: str, kept: str):
    field = TimeOfDay(name="time")
    assert field.parse(typed, EN) == kept
    assert field.show(kept, EN) == kept


@pytest.mark.parametrize("typed", ["24:00", "9", "noon", "9:5", ""])
def test_what_is_no_time_is_refused(typed: str):
    with pytest.raises(FieldError, match="clock"):
        TimeOfDay(name="time").parse(typed, EN)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Asia/Almaty", "Asia/Almaty"),
        ("asia/almaty", "Asia/Almaty"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_kept_as_it_is_spelled(typed: str, kept: str):
    assert Zone(name="zone").parse(typed, EN) == kept


@pytest.mark.parametrize("typed", ["Atlantis", "", "../etc/passwd", "UTC+5"])
def test_a_zone_that_there_is_not_is_refused(typed: str):
    with pytest.raises(FieldError, match="zone"):
        Zone(name="zone").parse(typed, EN)


def test_every_zone_to_pick_is_one():
    field = Zone(name="zone")
    assert [field.parse(one, EN) for one in field.presets] == list(field.presets)
