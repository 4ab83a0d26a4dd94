"""Faults that can be switched on per path: what a bad day of the backend looks like from outside."""

import asyncio
import re
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

Kind = Literal[
    "status",
    "delay",
    "hang",
    "reset",
    "cut",
    "html",
    "broken_json",
    "wrong_types",
    "drip",
    "huge",
    "redirect",
]
# These spoil the true answer, so the work is always carried out before them.
SPOILS_ANSWER: frozenset[Kind] = frozenset({"delay", "cut", "wrong_types", "drip"})


class Fault(BaseModel):
    """One switched-on fault.

    Kinds: `status` (an error answer: 500 plain text, 502/503/504 a proxy's page, others JSON), `delay` (late
    but true), `hang` (no answer, ever), `reset` (connection reset before any header), `cut` (closed in the
    middle of the body), `html` (a page with status 200), `broken_json`, `wrong_types` (true answer, types
    swapped), `drip` (true answer, a byte at a time), `huge` (a valid list of `size` bytes), `redirect` (307
    to `location`).
    """

    kind: Kind
    path: str = Field(".*", description="regular expression, searched in the path")
    method: str | None = Field(None, description="any method when unset")
    times: int | None = Field(None, description="how often it strikes; unset = until cleared")
    after: bool = Field(False, description="the work is carried out and stored, only the answer is lost")
    status: int | None = None
    delay: float = Field(0.0, ge=0, description="seconds to wait first, with every kind")
    retry_after: int | None = Field(None, description="seconds, sent as Retry-After")
    body: str | None = Field(None, description="text to send instead of the kind's own")
    location: str = "http://127.0.0.1:9/elsewhere"
    size: int = Field(32 * 1024 * 1024, ge=1, description="bytes of a huge body")
    interval: float = Field(0.2, ge=0, description="seconds between two bytes of a drip")
    struck: int = Field(0, description="how often it struck so far")

    @field_validator("path")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as problem:
            raise ValueError(f"not a regular expression: {problem}") from None
        return value

    @property
    def does_work(self) -> bool:
        return self.after or self.kind in SPOILS_ANSWER


class Faults:
    """The switched-on faults; the one added last wins."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self.closing = asyncio.Event()

    def add(self, kind: Kind, path: str = ".*", **options: Any) -> Fault:
        """The fault, switched on; `options` are the other fields of `Fault`. ValueError when one is wrong."""
        fault = Fault(kind=kind, path=path, **options)
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        self.active.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, counted; None when it may pass."""
        for fault in reversed(self.active):
            if fault.method and fault.method.upper() != method:
                continue
            if not re.search(fault.path, path):
                continue
            fault.struck += 1
            if fault.times is not None and fault.struck >= fault.times:
                self.active.remove(fault)
            return fault
        return None


def with_wrong_types(value: Any) -> Any:
    """The same structure with every leaf of another type."""
    if isinstance(value, dict):
        return {key: with_wrong_types(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_wrong_types(item) for item in value]
    if isinstance(value, str):
        return 7
    if value is None:
        return []
    return "seven"
