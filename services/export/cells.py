"""What may stand in a cell: cleaned, and cut to what Excel holds."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

Cell = str | int | float | None
"""A value as JSON: a moment or a day is its ISO text, in the zone of the person."""
Row = Sequence[Cell]

CELL_LIMIT = 32_767
"""Characters Excel holds in one cell; of a longer one in a CSV file it makes several rows."""
_KEPT = frozenset("\n\t")


def cleaned(text: str) -> str:
    """``text`` without what XML and UTF-8 cannot carry, line ends as ``\\n``, cut to ``CELL_LIMIT``."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    if not whole.isprintable():
        whole = "".join(one for one in whole if one in _KEPT or _fits(one))
    return whole if len(whole) <= CELL_LIMIT else whole[: CELL_LIMIT - 1] + "…"


def _fits(character: str) -> bool:
    return unicodedata.category(character) != "Cc" and character not in "\ufffe\uffff"


def is_number(value: object) -> bool:
    """True for what may stand in a sheet as a number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
