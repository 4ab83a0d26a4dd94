"""The backend's CSV made safe to open."""

from __future__ import annotations

import csv
import io

from utils.formulas import as_text

BOM = "\ufeff"
PLAIN = frozenset("+-0123456789. ")


def sheet(content: bytes) -> bytes:
    """The same table with a byte order mark. Cells that a table program would take for a formula are made text: anybody
    may have sent them in."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode()


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what begins a formula; numbers and phones stay as they are."""
    return cell if PLAIN.issuperset(cell) else as_text(cell)
