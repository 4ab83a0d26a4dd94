"""A backend of recorded answers about projects."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx

from tests.contract.recorded import recordings

ROOT = "/api/v2/projects"
Reply = httpx.Response | Callable[[httpx.Request], httpx.Response]


def recorded(name: str) -> Any:
    """The recorded body of that name."""
    found = next(one["response"] for one in recordings("projects") if one["name"] == name)
    return deepcopy(found["json"] if found["json"] is not None else found.get("text"))


def project(number: int, **values: Any) -> dict[str, Any]:
    """A raw row as the admin routes answer with it."""
    return recorded("admin detail") | {"id": number} | values


class Crm:
    """Answers by ``METHOD /path`` behind ``/api/v2/projects``; anything else is an error of the test."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.calls: list[str] = []
        self.bodies: list[Any] = []

    def on(self, call: str, *replies: Any) -> None:
        """``call`` is answered with these, the last one for ever: bodies, statuses or responses."""
        left = [_response(reply) for reply in replies]

        def answer(_: httpx.Request) -> httpx.Response:
            reply = left.pop(0) if len(left) > 1 else left[0]
            return httpx.Response(reply.status_code, content=reply.content, headers=reply.headers)

        self.replies[call] = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path.removeprefix(ROOT)}"
        self.calls.append(call)
        kind = request.headers.get("Content-Type", "")
        self.bodies.append(json.loads(request.content) if "json" in kind else request.content)
        assert call in self.replies, f"nobody expected {call}"
        reply = self.replies[call]
        assert callable(reply)
        return reply(request)

    @property
    def writes(self) -> list[str]:
        """What was not a reading."""
        return [call for call in self.calls if not call.startswith("GET")]


def _response(reply: Any) -> httpx.Response:
    if isinstance(reply, httpx.Response):
        return reply
    if isinstance(reply, int):
        return httpx.Response(reply, json={"detail": "no"} if reply < 500 else None)
    return httpx.Response(200, json=reply)
