"""``python -m tests.faults.report FIGURES``: docs/reliability.md from what a run of the fault tests wrote down."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.table import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = """# Reliability

What the bot withstands, with real processes, sockets, a real redis-server and a proxy that cuts, delays, drips and
swallows. `make faults` runs it all and writes this page; the same tests in a reduced size are part of `make test`.
Seconds were measured beside the sandboxes and the people of the tests on the same machine: read them as upper bounds.
Every row is held to its tests by `tests/faults/test_table.py`.
"""


def render(lines: Iterable[Mapping[str, Any]], machine: str, day: str) -> str:
    """The page."""
    kept = list(lines)
    outcomes: dict[str, list[str]] = {}
    figures: dict[str, list[Mapping[str, Any]]] = {}
    for line in kept:
        if "outcome" in line:
            outcomes.setdefault(line["test"], []).append(line["outcome"])
        else:
            figures.setdefault(line["test"], []).append(line)
    passed = sum(each.count("passed") for each in outcomes.values())
    failed = sum(len(each) for each in outcomes.values()) - passed
    parts = [HEAD, f"{day} · {machine} · `make faults`: {passed} passed, {failed} not\n"]
    parts += ["| Fault | Must happen | Tests | Passed |", "|---|---|---|---|"]
    for row in ROWS:
        names = [name.rpartition("::")[2] for name in row.tests]
        runs = [one for test in row.tests for one in outcomes.get(short(test), [])]
        share = f"{runs.count('passed')} of {len(runs)}" if runs else "not run"
        parts.append(f"| {row.fault} | {row.must} | {'<br>'.join(f'`{name}`' for name in names)} | {share} |")
    parts += ["", "## Attacks", "", "| Test | Passed |", "|---|---|"]
    for test in sorted({line["test"] for line in kept if line.get("folder") == "security"}):
        runs = outcomes[test]
        parts.append(f"| `{test}` | {runs.count('passed')} of {len(runs)} |")
    parts += ["", "## Figures", "", "| Case | Measured |", "|---|---|"]
    for row in ROWS:
        for test in row.tests:
            parts += [f"| {one['case']} | {_told(one['figures'])} |" for one in figures.get(short(test), [])]
    return "\n".join(parts) + "\n"


def short(test: str) -> str:
    """``file::function`` as the runs name it."""
    return test.rpartition("/")[2]


def _told(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())


def main(name: str) -> None:
    """Writes the page."""
    lines = [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    PAGE.write_text(render(lines, machine, f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
