"""What people type finds what is stored, whichever keyboard they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.folding import fold


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("елка", "Ёлка"),
        ("болашак", "«Болашақ»"),
        ("конил", "Көңіл"),
        ("улы", "Ұлы"),
        ("ХАЛЫК", "Һалық"),
        ("омир  жолы", "Өмір\nжолы"),
        ("е\u0308лка", "ёлка"),
    ],
)
def test_alike_letters_are_the_same(typed: str, stored: str):
    assert fold(typed) in fold(stored)


@given(st.text())
def test_folding_again_changes_nothing_that_matters(text: str):
    assert fold(fold(text)) == fold(text)
    assert "  " not in fold(text)
