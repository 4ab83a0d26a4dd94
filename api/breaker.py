"""Stops calling a part of the backend that does not answer, so that people get their answer at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from api.errors import BackendError, Cause, Unavailable, UnknownOutcome

THRESHOLD = 5
WINDOW = 20.0
"""Seconds in which the failures must fall: a hanging backend costs one person 6 s per click."""

PAUSE = 5.0


class State(StrEnum):
    """Closed lets calls through, open none, half-open one probe."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Breaker:
    """The breaker of one group of calls; ``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        *,
        threshold: int = THRESHOLD,
        window: float = WINDOW,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._window = window
        self._pause = pause
        self._clock = clock
        self._failures: list[float] = []
        self._failing_from: float | None = None
        self._opened: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """What the breaker does with the next call."""
        if self._opened is None:
            return State.CLOSED
        return State.OPEN if self._clock() - self._opened < self._pause else State.HALF_OPEN

    @property
    def since(self) -> datetime | None:
        """When the present run of failures began, None when the last call went well."""
        if self._failing_from is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=self._clock() - self._failing_from)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Watches one call; raises ``Unavailable`` (cause ``OPEN``) instead of letting it through."""
        probe = self._admit()
        try:
            yield
        except BackendError as error:
            if _is_down(error):
                self._failed()
            else:
                self._succeeded()
            if isinstance(error, Unavailable):
                error.since = self.since
            raise
        else:
            self._succeeded()
        finally:
            # A cancelled probe says nothing: the next call may try again.
            if probe:
                self._probing = False

    def _admit(self) -> bool:
        state = self.state
        if state is State.CLOSED:
            return False
        if state is State.OPEN or self._probing:
            left = self._pause - (self._clock() - (self._opened or 0.0))
            raise Unavailable(Cause.OPEN, "not called", retry_after=max(1.0, left), since=self.since)
        self._probing = True
        return True

    def _failed(self) -> None:
        now = self._clock()
        if self._failing_from is None:
            self._failing_from = now
        self._failures = [*(at for at in self._failures if now - at < self._window), now][-self._threshold :]
        if self._probing or len(self._failures) >= self._threshold:
            self._opened = now

    def _succeeded(self) -> None:
        if self._failures or self._failing_from is not None:
            self._failures.clear()
            self._failing_from = self._opened = None


def _is_down(error: BackendError) -> bool:
    """True for what says that the backend is down; a 500 is a fault of one call, contract Q7."""
    return isinstance(error, (Unavailable, UnknownOutcome)) and error.status != 500
