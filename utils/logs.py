"""Structured logs without secrets: one pipeline for structlog and for the standard library's loggers."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from utils.tracing import request_id

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4
"""Characters; a shorter given secret would black out half of every line."""

ERRORS = frozenset({"error", "exception", "critical"})
DEEPEST = 6
"""Levels of nesting that are shown; what lies deeper is shown as text."""

HIDDEN_KEYS = frozenset(
    {
        "access_token",
        "authorization",
        "bot_token",
        "cookie",
        "jwt",
        "otp",
        "otp_code",
        "password",
        "refresh_token",
        "secret",
        "secret_token",
        "session_keys",
        "token",
        "x_bot_secret",
        "x_telegram_bot_api_secret_token",
    }
)
CODE_FREE_KEYS = frozenset({"asked_by", "error_id", "logger", "request_id"})
"""Values of our own making, which may look like a one-time code without being one."""

_CODE = re.compile(r"(?<![A-Za-z0-9_])(?=[2-9]*[A-HJ-NP-Z])[A-HJ-NP-Z2-9]{8}(?![A-Za-z0-9_])")
_NAMES = "|".join(sorted((name.replace("_", "[-_]") for name in HIDDEN_KEYS), key=len, reverse=True))
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    # Each with the characters without which it cannot match: most values are short and have none of them.
    (("/bot",), re.compile(r"(/bot)\d+(?::|%3[aA])[^/\s\"'?]+"), rf"\1{HIDDEN}"),
    ((":", "%3"), re.compile(r"\d{3,}(?::|%3[aA])[\w-]{16,}"), HIDDEN),
    (("eyJ",), re.compile(r"eyJ[\w-]{2,}(?:\.[\w-]*){0,4}"), HIDDEN),
    # The rest of the line: people write the code with spaces, hyphens and letters that only look Latin.
    (
        ("/",),
        re.compile(r"(/login(?:@\w+)?)(?:\s|\\[nt]|%20|\+)[^\n]{1,100}", re.IGNORECASE),
        rf"\1 {HIDDEN}",
    ),
    (("_",), re.compile(r"(otp_)(?!code)[\w-]{1,64}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        (":", "="),
        re.compile(
            rf"\b((?:{_NAMES})\\?[\"']?\s*[:=]\s*\\?[\"']?(?:(?:bearer|basic|token)\s+)?)[^\s\"',;&}}\\]+",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    ((" ",), re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (("://",), re.compile(r"(://[^/\s:@]*:)[^@\s/]+@"), rf"\1{HIDDEN}@"),
)


Report = Callable[[str, EventDict], None]
"""Told level and event of every line that is an error."""


class _Reporting:
    """The processor that passes errors on and leaves every line as it is."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def __call__(self, _logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """The same event."""
        if method in ERRORS:
            self._report("fatal" if method == "critical" else "error", event)
        return event


class Redaction:
    """The processor that takes secrets out of every value, nested ones and exceptions included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST_SECRET for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._given = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The event with every value made plain and clean."""
        return {self.text(str(key)): self._value(key, value, 0) for key, value in event.items()}

    def text(self, written: str, *, codes: bool = True) -> str:
        """``written`` without what is given as a secret and without what looks like one."""
        if self._given is not None:
            written = self._given.sub(HIDDEN, written)
        for needed, pattern, instead in _PATTERNS:
            if any(part in written for part in needed):
                written = pattern.sub(instead, written)
        return _CODE.sub(HIDDEN, written) if codes else written

    def _value(self, key: object, value: object, depth: int) -> Any:
        if str(key).lower().replace("-", "_") in HIDDEN_KEYS and value is not None:
            return HIDDEN
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return HIDDEN if self._given is not None and self._given.search(str(value)) else value
        if isinstance(value, str):
            return self.text(value, codes=key not in CODE_FREE_KEYS)
        if depth < DEEPEST:
            if isinstance(value, Mapping):
                return {
                    self.text(str(name)): self._value(name, one, depth + 1) for name, one in value.items()
                }
            if isinstance(value, list | tuple | set | frozenset):
                return [self._value(key, one, depth + 1) for one in value]
        return self.text(repr(value))


def _forms(secret: str) -> set[str]:
    """The secret as it stands in text, in a repr, in JSON, in a URL."""
    raw = secret.encode(errors="surrogateescape")
    forms = {secret, repr(secret)[1:-1], repr(raw)[2:-1], quote(raw, safe=""), quote(raw)}
    # A repr escapes the apostrophe only beside a quotation mark.
    forms |= {repr(secret + '"')[1:-2], repr(raw + b'"')[2:-2]}
    return forms | {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}


def configure(
    level: str,
    format: Literal["json", "console"],
    secrets: Iterable[str],
    stream: TextIO | None = None,
    report: Report | None = None,
) -> None:
    """Send every log line of the process at ``level`` and above through one pipeline to ``stream`` (stdout).

    ``secrets`` are values that must never show, such as the bot's token. ``report`` is told of errors, before they are
    cleaned. May be called again.
    """
    stream = stream or sys.stdout
    redaction = Redaction(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _identified,
        *([_Reporting(report)] if report is not None else []),
        structlog.processors.StackInfoRenderer(),
    ]
    ending: list[Processor] = [
        _exception_text,
        redaction,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _renderer(format),
    ]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    sys.excepthook = _log_crash


def bind(**ids: object) -> None:
    """Put ids (``update_id``, ``user_id``, ``op``, ``error_id``) on every line of the present task."""
    structlog.contextvars.bind_contextvars(**ids)


def unbind_all() -> None:
    """Take all bound ids off the present task."""
    structlog.contextvars.clear_contextvars()


def _identified(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event with the id of what it belongs to: the one that the backend is told."""
    if identifier := request_id.get():
        event.setdefault("request_id", identifier)
    return event


def _renderer(format: str) -> Processor:
    if format == "console":
        return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_to_json)


def _to_json(event: EventDict, **_options: object) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _exception_text(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Exceptions become text before the redaction, so that messages and source lines are cleaned too."""
    format_exception: Callable[[WrappedLogger, str, EventDict], EventDict] = (
        structlog.processors.format_exc_info
    )
    return format_exception(logger, method, event)


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody caught leaves through the same pipeline: its text may carry a URL with the token."""
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("crash").critical("process crashed", exc_info=(kind, error, trace))
