"""The same people in another process: the `/sandbox` endpoints, and the chat page.

Refusals are `{"error": text}`: 400 for wrong input, 403 for another site's page, 404 for what is not there,
504 when the bot did not finish in time.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.telegram.controls import CONTROLS
from sandbox.telegram.driven import GROUP_ACTIONS, PERSON_ACTIONS
from sandbox.telegram.errors import ApiError
from sandbox.telegram.pages import events, page, stored_file
from sandbox.telegram.wire import Json

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer

Endpoint = Callable[["TelegramServer", Json], Awaitable[Any]]


class Driving:
    """Answers everything outside the Bot API."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer; 404 for an unknown path."""
        origin = request.headers.get("Origin")
        if origin and urlsplit(origin).netloc != request.host:
            return answer({"error": "requests from other sites are refused"}, 403)
        parts = request.path.strip("/").split("/")
        if parts[0] != "sandbox":
            return page(request)
        if parts[1:] == ["events"]:
            return await events(self._server.state.stream, request)
        if len(parts) == 3 and parts[1] == "file":
            return stored_file(self._server.state, parts[2])
        try:
            return answer(await self._act(request, parts[1:]))
        except (LookupError, web.HTTPNotFound) as problem:
            return answer({"error": str(problem.args[0]) if problem.args else "not found"}, 404)
        except (ValueError, TypeError, ApiError) as problem:
            return answer({"error": str(problem)}, 400)
        except TimeoutError as problem:
            return answer({"error": str(problem)}, 504)

    async def _act(self, request: web.BaseRequest, parts: list[str]) -> Any:
        asked = await _asked(request)
        if len(parts) == 3 and parts[0] == "person":
            person = self._server.persons.get(int(parts[1]))
            if person is None:
                raise LookupError(f"no person {parts[1]}")
            return await _known(PERSON_ACTIONS, request.method, parts[2])(person, asked)
        if len(parts) == 3 and parts[0] == "group":
            group = self._server.groups.get(int(parts[1]))
            if group is None:
                raise LookupError(f"no group {parts[1]}")
            return await _known(GROUP_ACTIONS, request.method, parts[2])(self._server, group, asked)
        return await _known(CONTROLS, request.method, "/".join(parts))(self._server, asked)


def _known(table: dict[str, Any], method: str, name: str) -> Any:
    found = table.get(f"{method} {name}")
    if found is None:
        raise LookupError(f"no endpoint {method} {name}")
    return found


async def _asked(request: web.BaseRequest) -> Json:
    """The query and JSON body as one object; another body comes as `body` with its `content_type`."""
    asked: Json = dict(request.query)
    if request.can_read_body:
        body = await request.read()
        if request.content_type == "application/json":
            given = json.loads(body or b"{}")
            if not isinstance(given, dict):
                raise ValueError("a JSON object is expected")
            asked |= given
        else:
            asked |= {"body": body, "content_type": request.content_type}
    return asked


def answer(value: Any, status: int = 200) -> web.Response:
    """`value` as a JSON response."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return web.Response(body=body, status=status, content_type="application/json")
