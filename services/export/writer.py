"""The process that writes a sheet: ``python -m services.export.writer`` reads rows from stdin.

Lines of JSON: the ``Layout``, then lists of rows, at last ``{"end": true}``. What comes without that last line
comes from a process that is gone: then the folder of the file is removed.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from services.export.cells import Cell, Row, cleaned, is_number
from utils.formulas import as_text, is_formula

NICE = 5
"""Clicks come first."""
WIDTHS = {"number": 12, "moment": 17, "day": 12}
TEXT_WIDTH = 32
SHEET_NAME_LIMIT = 31
_NOT_IN_SHEET_NAMES = str.maketrans("", "", "[]:*?/\\'")
_FIRST_YEAR = 1900
_BIGGEST = 10**15
"""From here on Excel rounds: longer numbers are text."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the sheet looks like; ``kinds`` are text, number, moment or day, one a column."""

    format: str
    path: str
    title: str
    headings: tuple[str, ...]
    kinds: tuple[str, ...]
    delimiter: str = ","
    decimal: str = "."


def main(source: IO[bytes]) -> int:
    """0 when the file is there; 1 when the rows broke off, and then it is not."""
    layout = Layout(**json.loads(source.readline()))
    folder = Path(layout.path).parent
    try:
        (write_xlsx if layout.format == "xlsx" else write_csv)(layout, _batches(source))
    except BrokenOff:
        shutil.rmtree(folder, ignore_errors=True)
        return 1
    return 0


class BrokenOff(Exception):
    """No more rows come although the last one was not announced."""


def _batches(source: IO[bytes]) -> Iterator[Row]:
    for line in source:
        batch: Any = json.loads(line)
        if isinstance(batch, dict):
            return
        yield from batch
    raise BrokenOff


def write_csv(layout: Layout, rows: Iterable[Row]) -> None:
    """UTF-8 with the mark by which Excel knows it."""
    with Path(layout.path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=layout.delimiter, lineterminator="\r\n")
        writer.writerow([as_text(cleaned(one)) for one in layout.headings])
        for row in rows:
            writer.writerow(
                [_plain(cell, kind, layout.decimal) for cell, kind in zip(row, layout.kinds, strict=True)]
            )


def _plain(cell: Cell, kind: str, decimal: str) -> str:
    if cell is None:
        return ""
    if is_number(cell):
        return str(cell).replace(".", decimal)
    if kind == "moment" and (moment := _moment(str(cell))) is not None:
        return f"{moment:%Y-%m-%d %H:%M}"
    return as_text(cleaned(str(cell)))


def write_xlsx(layout: Layout, rows: Iterable[Row]) -> None:
    """One sheet, row by row to the disk, with a heading that stays in sight."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    book = Workbook(
        layout.path,
        {
            "constant_memory": True,
            "tmpdir": str(Path(layout.path).parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    try:
        _fill(book, layout, rows)
    finally:
        # Also when the rows broke off: its own temporary files are open until then.
        book.close()


def _fill(book: Any, layout: Layout, rows: Iterable[Row]) -> None:
    sheet = book.add_worksheet(layout.title.translate(_NOT_IN_SHEET_NAMES)[:SHEET_NAME_LIMIT] or None)
    looks = {
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "number": book.add_format({"valign": "top"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        # Without it a cell that is edited later would turn into the formula it looks like.
        "quoted": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
    }
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    for column, (heading, kind) in enumerate(zip(layout.headings, layout.kinds, strict=True)):
        sheet.set_column(column, column, WIDTHS.get(kind, TEXT_WIDTH))
        sheet.write_string(0, column, cleaned(heading), head)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, (cell, kind) in enumerate(zip(row, layout.kinds, strict=True)):
            _write(sheet, last, column, cell, kind, looks)
    sheet.autofilter(0, 0, last, len(layout.headings) - 1)


def _write(sheet: Any, row: int, column: int, cell: Cell, kind: str, looks: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if is_number(cell) and abs(float(cell)) < _BIGGEST:
        sheet.write_number(row, column, cell, looks["number"])
        return
    text = cleaned(str(cell))
    moment = _moment(text) if kind in ("moment", "day") else None
    if moment is not None and moment.year >= _FIRST_YEAR:
        sheet.write_datetime(row, column, moment, looks[kind])
        return
    sheet.write_string(row, column, text, looks["quoted" if is_formula(text) else "text"])


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if "T" in text else datetime.combine(
            date.fromisoformat(text), datetime.min.time()
        )  # fmt: skip
    except ValueError:
        return None


if __name__ == "__main__":
    os.nice(NICE)
    sys.exit(main(sys.stdin.buffer))
