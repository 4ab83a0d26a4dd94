"""Parameters of one Bot API call, read with Telegram's tolerance: numbers and JSON may come as strings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.wire import Json


@dataclass(slots=True, frozen=True)
class Upload:
    """A file of a multipart body."""

    name: str
    mime: str
    data: bytes


class Params:
    """The parameters by name; reading one stores its typed value, so the call log shows typed values."""

    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def text(self, name: str) -> str | None:
        """The string, or None when absent; 400 when it is not valid Unicode."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            value = json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise bad_request("strings must be encoded in UTF-8") from None
        return value

    def required_text(self, name: str) -> str:
        """The string; 400 when absent or empty."""
        value = self.text(name)
        if not value:
            raise bad_request(f"{name} is empty")
        return value

    def integer(self, name: str) -> int | None:
        """The whole number, or None when absent; 400 when it is no number."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None
        self.values[name] = number
        return number

    def flag(self, name: str) -> bool:
        """The boolean; absent is False."""
        value = self.values.get(name)
        if isinstance(value, bool) or value is None:
            return bool(value)
        return str(value).lower() in {"true", "1", "yes", "y"}

    def parsed(self, name: str) -> Any:
        """The JSON value, or None when absent; 400 when the text is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name}: Can't parse JSON object") from None
        self.values[name] = value
        return value

    def mapping(self, name: str) -> Json | None:
        """The JSON object, or None when absent."""
        value = self.parsed(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _not_a(name, "object")
        return value

    def sequence(self, name: str) -> list[Any] | None:
        """The JSON array, or None when absent."""
        value = self.parsed(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise _not_a(name, "array")
        return value

    def loggable(self) -> Json:
        """The values for the call log; files by name and size."""
        for name, upload in self.files.items():
            self.values.setdefault(name, f"<file {upload.name}, {len(upload.data)} bytes>")
        return self.values


def _not_a(name: str, kind: str) -> ApiError:
    return bad_request(f"can't parse {name}: expected an {'Array' if kind == 'array' else 'Object'}")
