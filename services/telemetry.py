"""Errors to Sentry and spans to OpenTelemetry, where settings name a server; nothing personal goes with them.

What is sent is built from what is allowed, not cleaned of what is forbidden: types, places in the code, names of
our own, the request id. Never the text of an exception, a value, an address, a body, or who it was about.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from structlog.typing import EventDict

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

SERVICE = "tabys-admin-bot"
FLUSH_SECONDS = 2.0
"""For what was not sent yet when the process ends."""
SEND_SECONDS = 5
PAUSE_SECONDS = 10.0
"""Between two errors of one kind: Redis away is an error with every click."""
KINDS = 1000

TAGS = frozenset({"asked_by", "error", "error_id", "job", "kind", "request_id"})
_PLAIN = re.compile(r"[\w.:-]{1,80}", re.ASCII)
_FRAME = ("filename", "function", "module", "lineno", "in_app")
_KEPT = ("event_id", "timestamp", "platform", "level", "logger", "message", "release", "server_name", "sdk")
_ITSELF = ("sentry_sdk", "opentelemetry", "urllib3")
"""Loggers that would report their own trouble with reporting."""


class Sentry:
    """Reports what is logged as an error. Needs the packages of the extra ``sentry``."""

    def __init__(self, dsn: str, clock: Callable[[], float] = time.monotonic) -> None:
        import sentry_sdk

        self._sentry = sentry_sdk
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}
        sentry_sdk.init(
            dsn=dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            auto_session_tracking=False,
            send_client_reports=False,
            before_send=_allowed,
            shutdown_timeout=FLUSH_SECONDS,
        )

    def __call__(self, level: str, event: EventDict) -> None:
        """Sends one line of the log, the same again only after ``PAUSE_SECONDS``; returns at once."""
        record = event.get("_record")
        logger = record.name if isinstance(record, logging.LogRecord) else "tabys"
        if logger.startswith(_ITSELF):
            return
        error = _exception(event.get("exc_info"))
        now, same = self._clock(), (f"{logger} {event.get('event')}"[:100], type(error).__name__)
        if now - self._told.get(same, float("-inf")) < PAUSE_SECONDS:
            return
        if len(self._told) > KINDS:
            self._told.clear()
        self._told[same] = now
        found: dict[str, Any] = {}
        if error is not None:
            found = dict(self._sentry.utils.event_from_exception(error)[0])
        # A library's line has values worked into it; ours are names, with the values beside them.
        message = str(event.get("event", "")) if record is None else f"log of {logger}"
        tags = {name: str(event[name]) for name in TAGS if event.get(name)}
        sent = {**found, "level": level, "logger": logger, "message": message, "tags": tags}
        self._sentry.capture_event(cast("Event", sent))

    def close(self) -> None:
        """Sends what waits; takes ``FLUSH_SECONDS`` at most."""
        self._sentry.flush(FLUSH_SECONDS)
        self._sentry.get_client().close(0)
        self._sentry.get_global_scope().set_client(None)


class Spans:
    """Records spans and sends them in the background. Needs the packages of the extra ``otel``."""

    def __init__(self, endpoint: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import Status, StatusCode

        self._provider = TracerProvider(
            resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=SEND_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(SERVICE)
        self._failed: Callable[[BaseException], Any] = lambda error: Status(
            StatusCode.ERROR, type(error).__name__
        )

    def __call__(self, name: str, attributes: dict[str, str]) -> AbstractContextManager[None]:
        """The span; of an exception only its type is kept."""
        return self._span(name, attributes)

    @contextmanager
    def _span(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(self._failed(error))
                raise

    def close(self) -> None:
        """Sends what waits; takes ``SEND_SECONDS`` at most."""
        self._provider.force_flush(int(FLUSH_SECONDS * 1000))
        self._provider.shutdown()


def _allowed(event: Event, _hint: Hint) -> Event:
    """The event made anew from what may leave."""
    given = cast("dict[str, Any]", event)
    sent = {name: given[name] for name in _KEPT if name in given}
    sent["tags"] = {
        name: value
        for name, value in dict(given.get("tags") or {}).items()
        if name in TAGS and _PLAIN.fullmatch(str(value))
    }
    values = (given.get("exception") or {}).get("values") or []
    if values:
        sent["exception"] = {"values": [_bare(one) for one in values]}
    return cast("Event", sent)


def _bare(error: Mapping[str, Any]) -> dict[str, Any]:
    """Type and places; not what it says, which may quote anything."""
    frames = (error.get("stacktrace") or {}).get("frames") or []
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {
            "frames": [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]
        },
    }


def _exception(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if len(given) > 1 else None
    return sys.exc_info()[1] if given else None
