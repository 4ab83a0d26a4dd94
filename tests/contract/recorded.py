"""Where the recordings of the backend are."""

import json
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parents[1] / "data" / "contract"


def recordings(group: str) -> list[dict[str, Any]]:
    """The requests of a group and their answers, in the order in which they were made."""
    found: list[dict[str, Any]] = json.loads((CONTRACT / "recordings" / f"{group}.json").read_text("utf-8"))
    return found
