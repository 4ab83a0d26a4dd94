"""What the bot may ask of the backend: the contract's operations, and of those the ones it declares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from tests.support.bots import ROOT
from tests.support.used import used

OPENAPI = ROOT / "tests" / "data" / "contract" / "tabys-openapi.json"
EXTENSION = ROOT / "docs" / "community-openapi.json"
DOCUMENTS = (OPENAPI, EXTENSION)
"""What the backend offers, and what one may offer beside it."""
ALWAYS = ("GET /openapi.json", "GET /")
FILES = re.compile(r"GET /uploads/(?!.*\.\./)[\w/.%() -]+")
"""Names of files are those that people gave them (contract Q15)."""


@cache
def _contract() -> frozenset[str]:
    return frozenset(
        f"{method.upper()} {path}"
        for document in DOCUMENTS
        for path, methods in json.loads(document.read_text(encoding="utf-8"))["paths"].items()
        for method in methods
    )


def outside(requests: Iterable[Any]) -> list[str]:
    """The requests that no declared operation of the contract covers."""
    allowed = [_pattern(call) for call in used().keys() & _contract()]
    calls = {f"{request.method} {request.path}" for request in requests}
    return sorted(
        call
        for call in calls
        if call not in ALWAYS and not FILES.fullmatch(call) and not any(p.fullmatch(call) for p in allowed)
    )


def _pattern(call: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(call)))
