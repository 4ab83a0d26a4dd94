"""What a click carries along to every call it makes: its id (``utils.tracing``) and the time it has left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from utils.tracing import request_id

__all__ = ["is_reading_only", "operation_key", "reading_only", "request_id", "time_left", "within"]

operation_key: ContextVar[str] = ContextVar("operation_key", default="")
"""Names what a write is a part of, the same for every press of one button; ``""`` outside of a write."""

_ends: ContextVar[float | None] = ContextVar("ends", default=None)

_reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Every call inside shares these seconds, however many calls there are; an outer, nearer end stays."""
    end, outer = time.monotonic() + seconds, _ends.get()
    token = _ends.set(end if outer is None else min(end, outer))
    try:
        yield
    finally:
        _ends.reset(token)


@contextmanager
def reading_only() -> Iterator[None]:
    """No call inside changes anything, whoever makes it and with whatever token: the client refuses before sending."""
    token = _reading_only.set(True)
    try:
        yield
    finally:
        _reading_only.reset(token)


def is_reading_only() -> bool:
    """True inside of ``reading_only``."""
    return _reading_only.get()


def time_left() -> float | None:
    """Seconds until the end set by ``within``, at least 0; None outside of it."""
    end = _ends.get()
    return None if end is None else max(0.0, end - time.monotonic())
