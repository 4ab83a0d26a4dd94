"""httpx's transport over aiohttp's connections: httpx 0.28's own pool does not survive cancelled requests.

A write, and a read that is repeated after a reset, travels on a connection of its own: whether it was sent
is then known from the connect phase alone, and a connection that the server dropped while idle (contract
Q6) cannot lose it.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import aiohttp
import httpx
from aiohttp.client_middlewares import ClientHandlerType
from yarl import URL

BODY_CAP = 8 * 1024 * 1024
"""Bytes of an answer that are read at most, unless ``extensions["body_cap"]`` says otherwise."""

SLICED_FROM = 256 * 1024
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
KEEPALIVE = 4.0
"""Seconds an idle connection is kept: below uvicorn's 5, so the server rarely closes first."""


class TooLarge(httpx.TransportError):
    """The answer is longer than its cap; the rest was not read."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends httpx requests over pooled aiohttp connections; opened lazily inside the running loop.

    Raises httpx's errors: ``ConnectError``, ``ConnectTimeout`` and ``PoolTimeout`` mean that nothing was
    sent, all others that the outcome is unknown. Reads ``extensions["timeout"]``, ``["body_cap"]`` and
    ``["fresh"]``.
    """

    def __init__(self, *, limit: int = 100) -> None:
        self._limit = limit
        self._pooled: aiohttp.ClientSession | None = None
        self._single: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, read up to its cap."""
        body = await request.aread()
        cap = request.extensions.get("body_cap", BODY_CAP)
        try:
            answer = await self._session(request).request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
                ],
                data=io.BytesIO(body) if len(body) > SLICED_FROM else body or None,
                allow_redirects=False,
                timeout=_timeout(request.extensions.get("timeout", {})),
            )
            try:
                content = await _read(answer, cap)
            finally:
                answer.release()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _translated(error, request) from error
        except httpx.TransportError as error:
            error.request = request
            raise
        return httpx.Response(answer.status, headers=answer.raw_headers, content=content, request=request)

    async def aclose(self) -> None:
        """Closes every connection; the transport opens anew when it is used again."""
        for session in (self._pooled, self._single):
            if session is not None:
                await session.close()
        self._pooled = self._single = None

    def _session(self, request: httpx.Request) -> aiohttp.ClientSession:
        if self._pooled is None or self._single is None:
            self._pooled, self._single = self._open(fresh=False), self._open(fresh=True)
        fresh = request.extensions.get("fresh", request.method not in SAFE)
        return self._single if fresh else self._pooled

    def _open(self, *, fresh: bool) -> aiohttp.ClientSession:
        pool: dict[str, Any] = {"force_close": True} if fresh else {"keepalive_timeout": KEEPALIVE}
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._limit, **pool),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            response_class=_Response,
            middlewares=(_once,),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        )


class _Response(aiohttp.ClientResponse):
    """Leaves no connection in the pool that answered 5xx: the server closes it unannounced (contract Q6)."""

    async def start(self, connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        protocol = connection.protocol
        await super().start(connection)
        if self.status >= 500 and protocol is not None:
            # A short body may have ended already, and then the connection is back in the pool: close it
            # there, before any other task can run. Otherwise mark it, so that it is closed at the end of
            # the body.
            if self.closed:
                protocol.close()
            else:
                protocol.force_close()
        return self


async def _once(request: aiohttp.ClientRequest, send: ClientHandlerType) -> aiohttp.ClientResponse:
    """Keeps aiohttp from repeating PUT and DELETE after a disconnect: it does not know this error."""
    try:
        return await send(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise httpx.ReadError(_text(error)) from error


async def _read(answer: aiohttp.ClientResponse, cap: int) -> bytes:
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        # Nothing compressed was asked for, and unpacking has no bound.
        answer.close()
        raise httpx.DecodingError("the answer is compressed")
    if (answer.content_length or 0) > cap:
        answer.close()
        raise TooLarge(f"the answer is longer than {cap} bytes")
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_any():
        size += len(chunk)
        if size > cap:
            answer.close()
            raise TooLarge(f"the answer is longer than {cap} bytes")
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _timeout(given: Mapping[str, float | None]) -> aiohttp.ClientTimeout:
    return _limits(given.get("connect"), given.get("read"), given.get("pool"))


@lru_cache(maxsize=64)
def _limits(connect: float | None, read: float | None, pool: float | None) -> aiohttp.ClientTimeout:
    # aiohttp's ``connect`` covers the wait for a free place, the name look-up and the connection together.
    both = None if connect is None or pool is None else connect + pool
    return aiohttp.ClientTimeout(total=None, connect=both, sock_connect=connect, sock_read=read)


def _translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    text = _text(error)
    match error:
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout(text, request=request)
        case aiohttp.ClientConnectorError() | aiohttp.InvalidURL() | aiohttp.ServerFingerprintMismatch():
            return httpx.ConnectError(text, request=request)
        case aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError(text, request=request)
        case asyncio.TimeoutError():
            return httpx.ReadTimeout(text, request=request)
        case _:
            return httpx.ReadError(text, request=request)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
