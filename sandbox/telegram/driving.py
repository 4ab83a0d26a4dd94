"""The same person in another process: the `/sandbox` endpoints, and the chat page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer


class Driving:
    """Answers everything outside the Bot API."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer; 404 for an unknown path."""
        return web.Response(status=404, text=json.dumps({"error": "not found"}))
