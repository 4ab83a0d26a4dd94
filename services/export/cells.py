"""What may stand in a cell: cleaned, cut to what Excel holds, and never a formula."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

Cell = str | int | float | None
"""A value as JSON: a moment or a day is its ISO text, in the zone of the person."""
Row = Sequence[Cell]

CELL_LIMIT = 32_767
"""Characters Excel holds in one cell; of a longer one in a CSV file it makes several rows."""
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""What spreadsheets begin to calculate at, the full-width forms among them."""
_KEPT = frozenset("\n\t")


def is_formula(text: str) -> bool:
    """True when a spreadsheet could take ``text`` for a formula, also behind blanks."""
    return text[:1] in FORMULA_STARTS or text.lstrip()[:1] in FORMULA_STARTS if text else False


def cleaned(text: str) -> str:
    """``text`` without what XML and UTF-8 cannot carry, line ends as ``\\n``, cut to ``CELL_LIMIT``."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    if not whole.isprintable():
        whole = "".join(one for one in whole if one in _KEPT or _fits(one))
    return whole if len(whole) <= CELL_LIMIT else whole[: CELL_LIMIT - 1] + "…"


def _fits(character: str) -> bool:
    return unicodedata.category(character) != "Cc" and character not in "\ufffe\uffff"


def as_text(text: str) -> str:
    """``text`` as a CSV cell that is read as text: an apostrophe stands before what could be calculated."""
    return f"'{text}" if is_formula(text) else text


def is_number(value: object) -> bool:
    """True for what may stand in a sheet as a number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
