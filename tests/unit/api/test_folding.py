from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.folding import fold


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("елка", "Ёлка"),
        ("караганды", "Қарағанды"),
        ("онер", "ӨНЕР"),
        ("иске", "Іске"),
        ("а б", " а\n  б "),
        ("й", "и\u0306"),
    ],
)
def test_spellings_that_mean_the_same(typed, stored):
    assert fold(typed) == fold(stored)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
