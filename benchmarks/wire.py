"""An HTTP/1.1 server of a few lines: a stand-in must cost less than what it measures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n"


class Request:
    """One request; ``respond`` may be called later, once."""

    __slots__ = ("_peer", "body", "method", "target")

    def __init__(self, peer: Connection, method: str, target: str, body: bytes) -> None:
        self._peer = peer
        self.method, self.target, self.body = method, target, body

    def respond(self, body: bytes, status: int = 200) -> None:
        """Sends the answer, unless the other side is gone."""
        self._peer.answer(HEAD % (status, len(body)) + body)

    def respond_json(self, value: Any, status: int = 200) -> None:
        """Sends ``value`` as JSON."""
        self.respond(json.dumps(value, ensure_ascii=False).encode(), status)


Handler = Callable[[Request], None]


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests on it come one after the other."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Later answers go nowhere."""
        self._transport = None

    def answer(self, data: bytes) -> None:
        """Writes the answer."""
        if self._transport is not None:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Hands on every whole request."""
        self._buffer += data
        while (found := _split(self._buffer)) is not None:
            head, body, self._buffer = found
            method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            self._handle(Request(self, method, target, body))


def _split(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Head, body and what follows; None while something is missing."""
    head, mark, rest = buffer.partition(b"\r\n\r\n")
    if not mark:
        return None
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        return _chunked(head, rest)
    start = lowered.find(b"content-length:")
    length = int(lowered[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
    return (head, rest[:length], rest[length:]) if len(rest) >= length else None


def _chunked(head: bytes, rest: bytes) -> tuple[bytes, bytes, bytes] | None:
    body = b""
    while True:
        size, mark, after = rest.partition(b"\r\n")
        if not mark:
            return None
        length = int(size.split(b";")[0], 16)
        if len(after) < length + 2:
            return None
        body, rest = body + after[:length], after[length + 2 :]
        if not length:
            return head, body, rest


async def listen(handle: Handler, port: int = 0) -> tuple[asyncio.Server, int]:
    """The listening server and its port."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(handle), "127.0.0.1", port)
    return server, int(server.sockets[0].getsockname()[1])
