"""Refusals of the Bot API, worded as Telegram words them."""

from __future__ import annotations

from sandbox.telegram.wire import Json


class ApiError(Exception):
    """A refused call: `code` is the HTTP status and error_code, `description` the text with its prefix."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def payload(self) -> Json:
        """The body Telegram sends: ok, error_code, description and, for floods, parameters."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> ApiError:
    """400 with `Bad Request: ` in front of `reason`."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """403 with `Forbidden: ` in front of `reason`."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """409 with `Conflict: ` in front of `reason`."""
    return ApiError(409, f"Conflict: {reason}")
