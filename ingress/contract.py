"""What the ingress and the application owe each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

Update = dict[str, Any]
"""A Bot API update as decoded JSON; ``update_id`` is there and an int, nothing else is promised."""


class Handled(StrEnum):
    """What became of an update, and so whether Telegram may forget it."""

    DONE = "done"
    """Finished, whether well or with an apology: Telegram may forget it."""
    BUSY = "busy"
    """Another replica is at it right now: ask again shortly."""
    UNAVAILABLE = "unavailable"
    """What is needed to begin (Redis) cannot be reached: keep it and come again."""


Handle = Callable[[Update], Awaitable[Handled]]
"""The application's entrance. Never raises but ``CancelledError``, ends within its own deadline of 8 s."""


class Ingress(Protocol):
    """A way in which updates arrive."""

    async def run(self) -> None:
        """Take updates until ``stop``; raises ``TokenRefused`` when Telegram does not know the bot."""

    async def stop(self, limit: float) -> bool:
        """Take no more and finish what runs; False when something still ran after ``limit`` seconds."""


def is_update(value: object) -> bool:
    """True for an object that can be told apart from others: a dict with an int ``update_id``."""
    return isinstance(value, dict) and type(value.get("update_id")) is int
