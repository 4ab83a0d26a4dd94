"""The table of faults names tests that exist, and every fault test stands in it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.faults.report import render, short
from tests.faults.table import ROWS

HERE = Path(__file__).parent


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        f"{path.name}::{one.name}" for one in tree.body if isinstance(one, kinds) and one.name[:5] == "test_"
    }


def test_every_row_names_tests_that_exist():
    for row in ROWS:
        assert row.tests, row.fault
        for test in row.tests:
            file = test.partition("::")[0]
            path = HERE.parent / file if "/" in file else HERE / file
            assert short(test) in _tests(path), test


def test_every_fault_test_proves_a_row():
    named = {short(test) for row in ROWS for test in row.tests}
    written = {test for path in HERE.glob("test_*.py") if path != Path(__file__) for test in _tests(path)}
    assert written - named == set()


def test_the_page_tells_what_was_measured_and_what_was_not_run():
    test = ROWS[0].tests[0]
    page = render(
        [
            {"test": short(test), "id": "x", "outcome": "passed", "seconds": 1},
            {"test": short(test), "id": "y", "outcome": "failed", "seconds": 1},
            {"test": short(test), "case": "twice", "figures": {"lost": 0, "doubled": 3}},
        ],
        "a machine",
        "2026-01-01",
    )
    assert "1 passed, 1 not" in page
    assert "| 1 of 2 |" in page
    assert "| twice | lost 0, doubled 3 |" in page
    assert "| not run |" in page
