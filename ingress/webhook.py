"""Updates that Telegram brings, confirmed (2xx) only when their work is done.

Telegram keeps one queue per chat and sends its next update only after a 2xx, so persons stay in order and
nothing has to be queued here.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

import structlog
from aiohttp import web

from ingress.bot_api import BotApi, CallFailed
from ingress.contract import Handle, Handled, is_update
from ingress.pace import LONGEST_SECONDS, Backoff, sleep_unless

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MAX_BODY = 256 * 1024
READ_SECONDS = 10.0
MAX_CONNECTIONS = 100

_log = structlog.get_logger("ingress")


class Webhook:
    """The webhook at ``url``, whose path ``add_to`` puts into an application."""

    def __init__(
        self,
        api: BotApi,
        handle: Handle,
        *,
        url: str,
        path: str,
        secret: str,
        allowed_updates: Sequence[str],
        longest_backoff: float = LONGEST_SECONDS,
    ) -> None:
        self._api = api
        self._handle = handle
        self._path = path
        self._secret = hashlib.sha256(secret.encode()).digest()
        self._registration = {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(allowed_updates),
            "max_connections": MAX_CONNECTIONS,
        }
        self._longest_backoff = longest_backoff
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[Handled]] = set()

    def add_to(self, app: web.Application) -> None:
        """Serve POST at the path; other methods are answered with 405."""
        app.router.add_post(self._path, self.receive)

    async def run(self) -> None:
        """Register with Telegram, however long that takes, then wait. Raises ``TokenRefused``."""
        backoff = Backoff(longest=self._longest_backoff)
        while not self._stopping.is_set():
            try:
                await self._api.call("setWebhook", self._registration)
            except CallFailed as failure:
                await sleep_unless(self._stopping, backoff.after("setWebhook", failure))
            else:
                _log.info("webhook registered", path=self._path)
                await self._stopping.wait()

    async def stop(self, limit: float) -> bool:
        """Answer 503 from now on, finish what runs; False when something still ran after ``limit`` seconds.

        The registration stays: Telegram keeps the updates for the process that comes next.
        """
        self._stopping.set()
        if not self._running:
            return True
        _, late = await asyncio.wait(self._running, timeout=limit)
        for task in late:
            task.cancel()
        return not late

    async def receive(self, request: web.Request) -> web.Response:
        """200 when the update is done or never can be; 503 when it has to come again; 4xx for strangers."""
        if not self._is_telegram(request):
            return web.Response(status=401)
        if self._stopping.is_set():
            return _later(1)
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _read(request)
        except TimeoutError:
            return web.Response(status=408)
        if body is None:
            return web.Response(status=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not is_update(update):
            _log.error("unreadable update", type=type(update).__name__)
            return web.Response()
        return await self._answer(update)

    def _is_telegram(self, request: web.Request) -> bool:
        sent = request.headers.getall(SECRET_HEADER, [])
        given = sent[0] if len(sent) == 1 else ""
        # Digests have one length, so the comparison takes the same time whatever was sent.
        digest = hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest()
        return hmac.compare_digest(digest, self._secret)

    async def _answer(self, update: dict[str, Any]) -> web.Response:
        task = asyncio.ensure_future(self._handle(update))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # Telegram hanging up cancels this request, but must not leave half an update behind.
        handled = await asyncio.shield(task)
        if handled is Handled.DONE:
            return web.Response()
        return _later(1 if handled is Handled.BUSY else 2)


async def _read(request: web.Request) -> bytes | None:
    """The body, None when it is larger than ``MAX_BODY`` after unpacking."""
    if (request.content_length or 0) > MAX_BODY:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _later(seconds: int) -> web.Response:
    return web.Response(status=503, headers={"Retry-After": str(seconds)})
