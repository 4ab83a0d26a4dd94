"""What ties everything together that belongs to one update, job or round of upkeep: its id, and spans if wanted."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""On every log line and, as ``X-Request-ID``, with every call of the backend: ASCII, no line breaks."""


class Tracer(Protocol):
    """Records spans."""

    def __call__(self, name: str, attributes: dict[str, str], /) -> AbstractContextManager[object]:
        """A span as long as it is entered; a child of the one around it. An exception marks it as failed."""


tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
"""Set by the composition root before anything runs: tasks inherit it."""


@contextmanager
def requested(kind: object) -> Iterator[str]:
    """Everything inside carries one new id, ``<kind>-<8 hex digits>``, which is given."""
    identifier = f"{kind}-{secrets.token_hex(4)}"
    token = request_id.set(identifier)
    try:
        yield identifier
    finally:
        request_id.reset(token)


def span(name: str, **attributes: str) -> AbstractContextManager[object]:
    """A span, where spans are recorded. Names and attributes come from closed sets, never from what persons send."""
    record = tracer.get()
    if record is None:
        return nullcontext()
    return record(name, {**attributes, "request_id": request_id.get()})
