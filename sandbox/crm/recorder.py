"""What the sandbox remembers of each request."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope

from sandbox.crm.room import RecordedRequest

CONTROL = "/sandbox"
PAGE_HEADER = b"x-sandbox-page"
RECORDED_HEADERS = (
    "authorization", "content-type", "accept", "accept-language", "user-agent", "x-request-id",
    "x-bot-secret", "x-telegram-user-id", "if-match", "idempotency-key",
)  # fmt: skip
FIELD_OF_FORM = re.compile(
    rb'^content-disposition:\s*form-data;\s*name="([^"\r\n]*)"', re.IGNORECASE | re.MULTILINE
)


async def whole_body(receive: Receive) -> bytes | None:
    """The request's body, or None when the client left before its end."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def of_the_sandbox_itself(scope: Scope) -> bool:
    """True for the page, the switches and what the page polls: neither recorded nor struck by faults."""
    path: str = scope["path"]
    own = path == CONTROL or path.startswith(f"{CONTROL}/")
    return own or any(name == PAGE_HEADER for name, _ in scope["headers"])


def recorded(scope: Scope, body: bytes) -> RecordedRequest:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    content: Any = None
    if body and "json" in headers.get("content-type", "json"):
        try:
            content = json.loads(body)
        except ValueError:
            content = None
    return RecordedRequest(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name: headers[name] for name in RECORDED_HEADERS if name in headers},
        json=content,
        form=_fields(body, headers.get("content-type", "")),
    )


def _fields(body: bytes, content_type: str) -> tuple[str, ...]:
    if content_type.startswith("multipart/form-data"):
        return tuple(name.decode() for name in FIELD_OF_FORM.findall(body))
    if content_type.startswith("application/x-www-form-urlencoded"):
        return tuple(name for name, _ in parse_qsl(body.decode(), keep_blank_values=True))
    return ()
