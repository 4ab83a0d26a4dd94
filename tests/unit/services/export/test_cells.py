"""Nothing in a file is calculated, whatever people typed into the CRM."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.export.cells import CELL_LIMIT, cleaned
from services.export.writer import Layout, main, write_csv, write_xlsx
from utils.formulas import as_text

STARTS = "=+-@\t\r\n＝＋－＠"
TEXTS = st.text(st.characters(exclude_categories=()), max_size=60)
EVIL = st.one_of(
    st.builds(lambda start, rest: start + rest, st.sampled_from(STARTS), TEXTS),
    st.builds(
        lambda blank, start, rest: blank + start + rest,
        st.sampled_from([" ", "\u00a0", " \n"]),
        st.sampled_from("=+-@＝＋－＠"),
        TEXTS,
    ),
)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def layout(path: Path, kinds: tuple[str, ...] = ("text", "number", "moment", "day"), **given: Any) -> Layout:
    format_ = path.suffix[1:]
    return Layout(format_, str(path), "Іс-шаралар", tuple(f"head {kind}" for kind in kinds), kinds, **given)


@given(TEXTS)
def test_a_text_cell_never_begins_like_a_formula(text: str):
    assert as_text(cleaned(text))[:1] not in STARTS or not as_text(cleaned(text))


@given(TEXTS)
def test_a_cleaned_text_can_be_written_and_keeps_what_people_see(text: str):
    found = cleaned(text)
    found.encode()
    assert not any(ord(one) < 32 and one not in "\n\t" for one in found)
    assert cleaned(found) == found


def test_letters_and_emoji_of_all_kinds_stay():
    assert cleaned("Әділ ұлы 👩‍👩‍👧 ‏مرحبا\r\nnext") == "Әділ ұлы 👩‍👩‍👧 ‏مرحبا\nnext"


def test_a_cell_has_at_most_what_excel_holds():
    assert len(cleaned("Қ" * 40_000)) == CELL_LIMIT


@QUIET
@given(rows=st.lists(EVIL | TEXTS, min_size=1, max_size=8))
def test_csv_reads_back_and_holds_no_formula(tmp_path: Path, rows: list[str]):
    path = tmp_path / "a.csv"
    write_csv(layout(path, ("text",), delimiter=";", decimal=","), [[row] for row in rows])
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    _, *found = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")
    assert [row[0] if row else "" for row in found] == [as_text(cleaned(row)) for row in rows]
    assert not any(row and row[0][:1] in tuple(STARTS) for row in found)


@QUIET
@given(rows=st.lists(EVIL | TEXTS, min_size=1, max_size=8))
def test_a_workbook_holds_texts_only(tmp_path: Path, rows: list[str]):
    path = tmp_path / "a.xlsx"
    write_xlsx(layout(path, ("text",)), [[row] for row in rows])
    (sheet,) = load_workbook(path).worksheets
    cells = [sheet.cell(row=number, column=1) for number in range(2, len(rows) + 2)]
    assert all(cell.data_type in ("s", "n", "inlineStr") and cell.data_type != "f" for cell in cells)
    assert [cell.value or "" for cell in cells] == [cleaned(row) for row in rows]


def test_numbers_days_and_moments_are_what_a_spreadsheet_calls_them(tmp_path: Path):
    rows = [
        ["Ә", 5.5, "2026-11-21T09:30:00", "2026-11-21"],
        [None, -7, None, None],
        ["x", 10**17, "soon", "1850-01-01"],
    ]
    write_xlsx(layout(tmp_path / "a.xlsx"), rows)
    (sheet,) = load_workbook(tmp_path / "a.xlsx").worksheets
    found = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert str(found[0][2]) == "2026-11-21 09:30:00"
    assert str(found[0][3]) == "2026-11-21 00:00:00"
    assert found[0][1] == 5.5
    assert found[1] == [None, -7, None, None]
    assert found[2] == ["x", str(10**17), "soon", "1850-01-01"]
    assert sheet.freeze_panes == "A2"

    write_csv(layout(tmp_path / "a.csv", delimiter=";", decimal=","), rows)
    lines = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert lines[1] == "Ә;5,5;2026-11-21 09:30;2026-11-21"
    assert lines[2] == ";-7;;"


@pytest.mark.parametrize("title", ["", "[]:*?/\\", "a" * 60, "'quoted'"])
def test_any_title_makes_a_sheet(tmp_path: Path, title: str):
    path = tmp_path / "a.xlsx"
    write_xlsx(Layout("xlsx", str(path), title, ("h",), ("text",)), [])
    assert load_workbook(path).worksheets


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_rows_that_break_off_leave_nothing(tmp_path: Path, format_: str):
    folder = tmp_path / "sheet"
    folder.mkdir()
    head = {
        "format": format_,
        "path": str(folder / f"a.{format_}"),
        "title": "t",
        "headings": ["h"],
        "kinds": ["text"],
    }
    told = "\n".join([json.dumps(head), json.dumps([["1"], ["2"]])]) + "\n"
    assert main(io.BytesIO(told.encode())) == 1
    assert not folder.exists()


def test_the_last_line_ends_it(tmp_path: Path):
    head = {
        "format": "csv",
        "path": str(tmp_path / "a.csv"),
        "title": "t",
        "headings": ["h"],
        "kinds": ["text"],
    }
    told = "\n".join([json.dumps(head), json.dumps([["1"], ["2"]]), '{"end": true}'])
    assert main(io.BytesIO(told.encode())) == 0
    assert (tmp_path / "a.csv").read_text("utf-8-sig").split() == ["h", "1", "2"]
