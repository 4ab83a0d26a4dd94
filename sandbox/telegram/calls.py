"""The record of Bot API calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from sandbox.telegram.wire import Json


@dataclass(slots=True)
class Call:
    """One call of the bot: `at` is Unix time in seconds, `took` seconds, `status` the HTTP status."""

    method: str
    params: Json
    chat_id: int | None
    at: float
    status: int = 0
    description: str = ""
    took: float = 0.0

    def payload(self) -> Json:
        """The call as JSON."""
        return {
            "method": self.method,
            "params": self.params,
            "chat_id": self.chat_id,
            "at": self.at,
            "status": self.status,
            "description": self.description,
            "took": self.took,
        }


class CallLog(Sequence[Call]):
    """The last calls, oldest first; `total` counts all of them since the start."""

    def __init__(self, keep: int) -> None:
        self._calls: deque[Call] = deque(maxlen=keep)
        self.total = 0

    def add(self, call: Call) -> None:
        """Appends a call; the oldest one is forgotten when the log is full."""
        self._calls.append(call)
        self.total += 1

    def clear(self) -> None:
        """Forgets the calls so far; `total` goes on."""
        self._calls.clear()

    def of(self, *methods: str) -> list[Call]:
        """The calls of these methods, compared without case."""
        wanted = {method.lower() for method in methods}
        return [call for call in self._calls if call.method.lower() in wanted]

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        """The call at `index`, or a list for a slice."""
        return list(self._calls)[index] if isinstance(index, slice) else self._calls[index]

    def __len__(self) -> int:
        """How many calls are kept now."""
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        """The calls, oldest first; calls made meanwhile do not disturb."""
        return iter(list(self._calls))
