"""Faults that can be switched on: what goes wrong, for which methods, how often."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from itertools import count

from sandbox.telegram.wire import Json

KINDS = frozenset(
    {"flood", "server_error", "bad_gateway", "empty", "latency", "reset", "hang", "conflict", "unauthorized"}
)
"""429, 500, 502 with HTML, 200 without a body, slow answer, connection reset, no answer, 409, 401."""


@dataclass(slots=True)
class Fault:
    """One fault; it ends after `times` hits (None = never); `after` = the call is performed, its answer lost.

    `method` is a regular expression on the method name, `seconds` the latency, or retry_after for a flood.
    `chat_id` limits the fault to one chat.
    """

    kind: str
    method: str = ".*"
    times: int | None = None
    after: bool = False
    seconds: float = 1.0
    chat_id: int | None = None
    id: int = 0
    hits: int = 0
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuses unknown kinds and broken expressions with ValueError."""
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(sorted(KINDS))}")
        try:
            self._pattern = re.compile(self.method, re.IGNORECASE)
        except re.error as problem:
            raise ValueError(f"{self.method!r} is no regular expression: {problem}") from problem

    def meets(self, method: str, chat_id: int | None) -> bool:
        """Whether the fault is due for this call."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        return bool(self._pattern.fullmatch(method))

    def payload(self) -> Json:
        """The fault as JSON."""
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}


class Faults:
    """The faults that are switched on, in the order they were added."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.active: list[Fault] = []

    def add(
        self,
        kind: str,
        *,
        method: str = ".*",
        times: int | None = None,
        after: bool = False,
        seconds: float = 1.0,
        chat_id: int | None = None,
    ) -> Fault:
        """The new fault; ValueError for an unknown kind."""
        fault = Fault(kind, method, times, after, seconds, chat_id, next(self._numbers))
        self.active.append(fault)
        return fault

    def remove(self, fault_id: int) -> None:
        """Switches one fault off; an unknown id is ignored."""
        self.active = [fault for fault in self.active if fault.id != fault_id]

    def clear(self) -> None:
        """Switches all faults off."""
        self.active = []

    def take(self, method: str, chat_id: int | None) -> list[Fault]:
        """The faults that hit this call now: any latencies and at most one other."""
        hit: list[Fault] = []
        for fault in self.active:
            if not fault.meets(method, chat_id):
                continue
            if fault.kind != "latency" and any(other.kind != "latency" for other in hit):
                continue
            fault.hits += 1
            hit.append(fault)
        if hit:
            self.active = [f for f in self.active if f.times is None or f.hits < f.times]
        return hit
