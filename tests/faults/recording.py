"""A pytest plugin, ``-p tests.faults.recording``: writes down what became of each test, for docs/reliability.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.figures import write


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """Notes outcome and seconds, a failed setup among the failures."""
    report: Any = yield
    if report.when == "call" or report.outcome != "passed":
        test = f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
        write({
            "test": test, "folder": item.path.parent.name, "id": item.name, "outcome": report.outcome,
            "seconds": round(report.duration, 1),
        })  # fmt: skip
    return report
