"""What is sent: JSON bytes without what the backend answers 500 to (contract Q7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from pydantic_core import to_json

NUL = "\x00"
JSON_NUL = b"\\u0000"


def encoded(values: Any) -> bytes:
    """``values`` as JSON bytes, NUL characters left out."""
    body = to_json(values)
    return to_json(without_nul(values)) if JSON_NUL in body else body


def without_nul(value: Any) -> Any:
    """The same value, every string in it without NUL characters."""
    if isinstance(value, str):
        return value.replace(NUL, "")
    if isinstance(value, Mapping):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nul(item) for item in value]
    return value


def query(params: Mapping[str, Any] | None) -> str:
    """``params`` as ``?a=1&b=2``, those that are None left out; ``""`` when nothing is left."""
    sent = {name: _parameter(value) for name, value in (params or {}).items() if value is not None}
    return f"?{urlencode(sent, quote_via=quote)}" if sent else ""


def _parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).replace(NUL, "")
