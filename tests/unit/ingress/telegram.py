"""A scripted Bot API server on a real socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ingress.bot_api import BotApi
from ingress.contract import is_update
from ingress.server import Server

TOKEN = "123456:unit-tests-only"
Script = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Telegram:
    """Keeps updates until an offset above them is sent, as Telegram does; ``script`` answers go first."""

    def __init__(self) -> None:
        self.pending: list[Any] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.script: list[Script] = []
        self._news = asyncio.Event()
        app = web.Application()
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._answer)
        self.server = Server(app, "127.0.0.1", 0)

    async def start(self) -> BotApi:
        await self.server.start()
        return BotApi(f"http://127.0.0.1:{self.server.port}", TOKEN)

    async def close(self) -> None:
        self._news.set()
        await self.server.close()

    def send(self, *updates: Any) -> None:
        self.pending += updates
        self._news.set()

    @property
    def offsets(self) -> list[int]:
        return [params["offset"] for method, params in self.calls if "offset" in params]

    @property
    def confirmed(self) -> int:
        return max(self.offsets, default=0)

    def of(self, method: str) -> list[dict[str, Any]]:
        return [params for called, params in self.calls if called == method]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], await request.json()
        self.calls.append((method, params))
        if self.script:
            return await self.script.pop(0)(request)
        if method != "getUpdates":
            return web.json_response({"ok": True, "result": True})
        return web.json_response({"ok": True, "result": await self._updates(params)})

    async def _updates(self, params: dict[str, Any]) -> list[Any]:
        offset = params.get("offset", 0)
        self.pending = [one for one in self.pending if not is_update(one) or one["update_id"] >= offset]
        if not self.pending:
            self._news.clear()
            try:
                async with asyncio.timeout(params["timeout"]):
                    await self._news.wait()
            except TimeoutError:
                return []
        return self.pending[: params["limit"]]


def failing(status: int, body: str | dict[str, Any], **parameters: Any) -> Script:
    async def answer(_request: web.Request) -> web.StreamResponse:
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html")
        content = {"ok": False, "error_code": status, **body}
        if parameters:
            content["parameters"] = parameters
        return web.json_response(content, status=status)

    return answer


async def resetting(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def message(update_id: int, person: int = 1, text: str = "hi") -> dict[str, Any]:
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 0,
            "from": {"id": person},
            "chat": {"id": person},
            "text": text,
        },
    }


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions of tests are no events
            await asyncio.sleep(0.005)
