"""What is sent: JSON bytes without what the backend answers 500 to (contract Q7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def query(params: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """``params`` without those that are None."""
    if params is None:
        return None
    return {name: without_nul(value) for name, value in params.items() if value is not None}
