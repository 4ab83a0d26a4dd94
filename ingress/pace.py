"""How long to wait before trying Telegram again."""

from __future__ import annotations

import asyncio
import random

import structlog

from ingress.bot_api import CallFailed

FIRST_SECONDS = 0.3
LONGEST_SECONDS = 10.0
CONFLICT_SECONDS = 3.0

_log = structlog.get_logger("ingress")


class Backoff:
    """Exponential with jitter; what Telegram asks for goes first."""

    def __init__(self, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._first, self._longest = first, longest
        self._failures = 0

    def succeeded(self) -> None:
        """Start over."""
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure, between half of the step and the whole."""
        step = min(self._longest, self._first * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return step * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret

    def after(self, method: str, failure: CallFailed) -> float:
        """Seconds to wait after this failure, which is logged."""
        seconds = self.next()
        if failure.retry_after is not None:
            seconds = failure.retry_after
        elif failure.status == 409:
            seconds = min(CONFLICT_SECONDS, self._longest)
        _log.warning(
            "another process polls with this token" if failure.status == 409 else "Telegram call failed",
            method=method,
            reason=failure.reason,
            wait=round(seconds, 2),
        )
        return seconds


async def sleep_unless(event: asyncio.Event, seconds: float) -> bool:
    """True as soon as ``event`` is set, False after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True
