"""The one client of the backend: addresses, deadlines, retries, breakers and metrics of every call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from api import context, files, replies
from api.answer import Answer
from api.auth import BearerAuth
from api.breaker import Breaker, State
from api.errors import BackendError, BadAnswer, Cause, Explained, Unavailable
from api.payload import encoded, query, without_nul
from api.retry import retrying
from api.transport import AiohttpTransport
from models.access import Caller
from utils.tracing import span

CONNECT = 1.0
POOL = 1.0
CLICK = 6.0
UPLOAD = 20.0
ALIVE = 2.0
READS = frozenset(("GET", "HEAD"))
FILE_CAP = 10 * 1024 * 1024
METHODS = frozenset(("get", "post", "put", "patch", "delete"))
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tabys-admin-bot"}

Files = Mapping[str, tuple[str, bytes, str]]
"""Multipart files: field -> (file name, content, content type)."""

Form = Mapping[str, str | Sequence[str]]
"""Fields of a form; a list is a field that is repeated."""


class Observer(Protocol):
    """Told about every call, once, after its last try."""

    def __call__(self, group: str, method: str, outcome: int | str, seconds: float, /) -> None:
        """``outcome`` is the HTTP status, or the name of the error where there was none."""


@dataclass(frozen=True, slots=True)
class _Order:
    """One call on its way: all that its tries have in common."""

    method: str
    path: str
    url: httpx.URL
    write: bool
    raw: bool
    seconds: float
    auth: BearerAuth | None
    parts: Mapping[str, Any]
    extensions: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class Backend:
    """Calls of one backend. Nothing is opened before the first call; ``aclose`` ends all connections.

    ``timeout`` caps every call, in seconds. ``bot_secret`` goes as ``X-Bot-Secret`` with calls made
    ``as_bot``.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 30,
        transport: httpx.AsyncBaseTransport | None = None,
        observe: Observer | None = None,
        bot_secret: str | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._home = httpx.URL(self._base)
        self._cap = timeout
        self._observe = observe
        self._secret = bot_secret
        self._breakers: dict[str, Breaker] = {}
        self._timeouts = httpx.Timeout(timeout, connect=CONNECT, pool=POOL).as_dict()
        self._transport = transport or AiohttpTransport()

    async def call(
        self,
        method: str,
        path: str,
        *,
        group: str,
        caller: Caller | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Form | None = None,
        files: Files | None = None,
        deadline: float | None = None,
        write: bool | None = None,
        request_id: str | None = None,
        raw: bool = False,
        body_cap: int | None = None,
        as_bot: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer of a 2xx within ``deadline`` seconds (6, uploads 20), all tries and token renewal
        included.

        ``path`` begins with a slash and is percent-encoded. Parameters that are None are left out; NUL
        characters too. ``write=False`` marks a POST that may safely be repeated. Raises ``api.errors``
        only. ``headers`` go along with the client's own.
        """
        writes = method not in READS if write is None else write
        if writes and not as_bot and context.is_reading_only():
            raise Explained("look.blocked", call=f"{method} {path}")
        sent = {**self._headers(request_id, as_bot=as_bot), **(headers or {})}
        parts: dict[str, Any] = {"headers": sent}
        if json is not None:
            parts["content"] = encoded(json)
            sent["Content-Type"] = "application/json"
        elif files is not None or data is not None:
            parts |= {"files": files, "data": without_nul(data)}
        order = _Order(
            method,
            path,
            self._url(path, params),
            write=writes,
            raw=raw,
            seconds=self._seconds(deadline, upload=files is not None),
            auth=None if caller is None else BearerAuth(caller, self._home),
            parts=parts,
            extensions={"timeout": self._timeouts} | ({} if body_cap is None else {"body_cap": body_cap}),
        )
        return await self._watched(group, order)

    def absolute(self, value: str) -> str:
        """The absolute URL of a stored photo or file in any form of contract Q15, ``""`` for an empty one."""
        return files.absolute(self._base, value)

    async def fetch_own(self, url: str) -> bytes:
        """The bytes of one of the backend's own static files, at most 10 MB, fetched without a token.

        Raises ``BadAnswer`` for an address elsewhere: a record may hold any URL, and none of those is
        fetched.
        """
        path = files.own_path(self._base, self.absolute(url))
        if path is None:
            raise BadAnswer("not a file of the backend")
        return (await self.call("GET", path, group="files", raw=True, body_cap=FILE_CAP)).content

    async def openapi(self) -> frozenset[str]:
        """The operations that the running backend offers, as ``"METHOD /path"``."""
        answer = await self.call("GET", "/openapi.json", group="openapi")
        paths = answer.json.get("paths") if isinstance(answer.json, dict) else None
        if not isinstance(paths, dict):
            raise answer.bad("no OpenAPI document")
        return frozenset(
            f"{method.upper()} {path}"
            for path, operations in paths.items()
            if isinstance(operations, dict)
            for method in operations.keys() & METHODS
        )

    async def alive(self) -> bool:
        """True when the backend's banner answers within 2 s."""
        try:
            answer = await self.call("GET", "/", group="banner", deadline=ALIVE)
        except BackendError:
            return False
        return isinstance(answer.json, dict)

    @property
    def breakers(self) -> Mapping[str, State]:
        """State of the breaker of every group that was called so far."""
        return {group: breaker.state for group, breaker in self._breakers.items()}

    async def aclose(self) -> None:
        """Ends all connections."""
        await self._transport.aclose()

    async def _watched(self, group: str, order: _Order) -> Answer:
        breaker = self._breakers.get(group) or self._breakers.setdefault(group, Breaker())
        started = time.perf_counter()
        outcome: int | str = "Cancelled"
        try:
            with span(f"{order.method} {group}", group=group), breaker.guard():
                answer = await self._bounded(order)
            outcome = answer.status
        except BackendError as error:
            outcome = error.status or type(error).__name__
            raise
        finally:
            if self._observe is not None:
                self._observe(group, order.method, outcome, time.perf_counter() - started)
        return answer

    async def _bounded(self, order: _Order) -> Answer:
        if order.seconds <= 0:
            raise Unavailable(Cause.TIMEOUT, "no time left to call", call=order.name)
        try:
            async with asyncio.timeout(order.seconds):
                return await retrying(
                    lambda number: self._try(order, number), write=order.write, seconds=order.seconds
                )
        except TimeoutError as error:
            detail = f"no answer in {order.seconds:.1f} s"
            raise replies.lost(Cause.TIMEOUT, detail, call=order.name, write=order.write) from error

    async def _try(self, order: _Order, number: int) -> Answer:
        extensions = {**order.extensions, "fresh": number > 1 or order.write}
        request = httpx.Request(order.method, order.url, extensions=extensions, **order.parts)
        try:
            response = await self._send(request, order.auth)
        except httpx.TransportError as error:
            raise replies.failure(error, call=order.name, write=order.write) from error
        return replies.answer(response, call=order.name, write=order.write, raw=order.raw)

    async def _send(self, request: httpx.Request, auth: BearerAuth | None) -> httpx.Response:
        """httpx's own client without its cookie jar, redirects and log of addresses: none of them is wanted.

        What is left of it is this walk through the auth flow; the rest costs more CPU than the call itself.
        """
        if auth is None:
            return await self._transport.handle_async_request(request)
        async with aclosing(auth.async_auth_flow(request)) as flow:
            asked = await anext(flow)
            while True:
                response = await self._transport.handle_async_request(asked)
                try:
                    asked = await flow.asend(response)
                except StopAsyncIteration:
                    return response

    def _url(self, path: str, params: Mapping[str, Any] | None) -> httpx.URL:
        if not path.startswith("/"):
            raise ValueError("a path begins with a slash, or it could name another host")
        return httpx.URL(f"{self._base}{path}{query(params)}")

    def _seconds(self, deadline: float | None, *, upload: bool) -> float:
        wanted = deadline if deadline is not None else UPLOAD if upload else CLICK
        left = context.time_left()
        return min(wanted, self._cap) if left is None else min(wanted, self._cap, left)

    def _headers(self, request_id: str | None, *, as_bot: bool) -> dict[str, str]:
        headers = dict(HEADERS)
        if identifier := request_id or context.request_id.get():
            headers["X-Request-ID"] = identifier
        if as_bot and self._secret:
            headers["X-Bot-Secret"] = self._secret
        return headers
