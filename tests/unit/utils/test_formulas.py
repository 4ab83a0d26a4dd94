"""What spreadsheets calculate at, known wherever it hides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.formulas import as_text, is_formula

TEXTS = st.text(st.characters(exclude_categories=()), max_size=60)
BLANKS = st.sampled_from(["", " ", "\u00a0", " \n"])


@given(BLANKS, st.sampled_from("=+-@＝＋－＠"), TEXTS)
def test_what_begins_like_a_formula_is_known(blank: str, start: str, rest: str):
    text = blank + start + rest
    assert is_formula(text)
    assert as_text(text) == "'" + text


@pytest.mark.parametrize("text", ["\t1", "\r1", "\n1"])
def test_what_a_cell_may_lose_at_its_beginning_is_known(text: str):
    assert is_formula(text)


@pytest.mark.parametrize("text", ["", " ", "a=b", "1+1", "Қ", "'=1"])
def test_other_text_stays(text: str):
    assert as_text(text) == text
