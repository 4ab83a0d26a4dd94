"""What the fault tests measure: printed, and written down for docs/reliability.md where FAULT_FIGURES names a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class Figures:
    """The figures of one test."""

    def __init__(self, test: str) -> None:
        self._test = test

    def note(self, case: str, **figures: Any) -> None:
        """Figures of one case, by name; names end in their unit."""
        told = ", ".join(f"{name} {value}" for name, value in figures.items())
        print(f"\n{case}: {told}")  # noqa: T201 - figures are what these tests are for
        write({"test": self._test, "case": case, "figures": figures})


def write(line: dict[str, Any]) -> None:
    """Adds a line to the file that FAULT_FIGURES names; without it nothing."""
    name = os.environ.get("FAULT_FIGURES")
    if name:
        # One write of a short line: workers may append beside each other.
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
