"""A key proves one purpose of one person for one day."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operation_keys import OperationKeys

KEYS = OperationKeys(b"s" * 32)
ALPHABET = string.ascii_letters + string.digits + "-_"
NOW = 1_800_000_000.0
DAY = 86_400


@given(st.text(min_size=1), st.integers(1, 2**52), st.text(max_size=60), st.floats(1e9, 4e9))
def test_a_drawn_key_holds_for_a_day(epoch: str, user_id: int, scope: str, now: float) -> None:
    key = KEYS.draw(epoch, user_id, scope, now)
    assert re.fullmatch(r"[A-Za-z0-9_-]{14}", key)
    assert KEYS.verify(key, epoch, user_id, scope, now)
    assert KEYS.verify(key, epoch, user_id, scope, now + DAY)


@pytest.mark.parametrize(
    ("epoch", "user_id", "scope", "now"),
    [
        ("other", 101, "ap:ev:42", NOW),
        ("", 101, "ap:ev:42", NOW),
        ("epoch", 102, "ap:ev:42", NOW),
        ("epoch", 101, "de:ev:42", NOW),
        ("epoch", 101, "ap:ev:43", NOW),
        ("epoch", 101, "ap:ev:42", NOW + DAY + 61),
        ("epoch", 101, "ap:ev:42", NOW + 2**17),
        ("epoch", 101, "ap:ev:42", NOW - 120),
    ],
)
def test_a_key_is_good_for_nothing_else(epoch: str, user_id: int, scope: str, now: float) -> None:
    assert not KEYS.verify(KEYS.draw("epoch", 101, "ap:ev:42", NOW), epoch, user_id, scope, now)


def test_a_clock_that_runs_a_little_ahead_is_forgiven() -> None:
    assert KEYS.verify(KEYS.draw("epoch", 101, "ap:ev:42", NOW + 30), "epoch", 101, "ap:ev:42", NOW)


def test_another_secret_proves_nothing() -> None:
    assert not OperationKeys(b"t" * 32).verify(KEYS.draw("e", 1, "s", NOW), "e", 1, "s", NOW)


@given(st.integers(0, 13), st.sampled_from(ALPHABET))
def test_no_changed_character_passes(at: int, char: str) -> None:
    key = KEYS.draw("epoch", 101, "ap:ev:42", NOW)
    changed = key[:at] + char + key[at + 1 :]
    assert (changed == key) == KEYS.verify(changed, "epoch", 101, "ap:ev:42", NOW)


def test_a_key_has_one_spelling() -> None:
    key = KEYS.draw("epoch", 101, "ap:ev:42", NOW)
    ends = [char for char in ALPHABET if KEYS.verify(key[:-1] + char, "epoch", 101, "ap:ev:42", NOW)]
    assert ends == [key[-1]]


@given(st.text(max_size=64))
def test_no_other_text_passes(text: str) -> None:
    assert not KEYS.verify(text, "epoch", 101, "ap:ev:42", NOW)


def test_two_draws_are_two_keys() -> None:
    assert len({KEYS.draw("epoch", 101, "ap:ev:42", NOW) for _ in range(20)}) > 15
