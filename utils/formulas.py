"""Text that a spreadsheet could take for a formula, and how it stays text."""

from __future__ import annotations

FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""What spreadsheets begin to calculate at, the full-width forms among them."""


def is_formula(text: str) -> bool:
    """True when a spreadsheet could take ``text`` for a formula, also behind blanks."""
    return text[:1] in FORMULA_STARTS or text.lstrip()[:1] in FORMULA_STARTS if text else False


def as_text(text: str) -> str:
    """``text`` as a CSV cell that is read as text: an apostrophe stands before what could be calculated."""
    return f"'{text}" if is_formula(text) else text
