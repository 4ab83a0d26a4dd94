"""Stand-ins on this machine for the servers that errors and spans are sent to."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Takes whatever is posted."""

    def __init__(self) -> None:
        self.port = 0
        self.bodies: dict[str, list[bytes]] = {}

    @property
    def everything(self) -> bytes:
        """All that arrived, unpacked."""
        return b"\n".join(body for bodies in self.bodies.values() for body in bodies)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The errors that arrived at project 1."""
        found = []
        for body in self.bodies.get("/api/1/envelope/", ()):
            parts = body.split(b"\n")
            for head, item in zip(parts[1::2], parts[2::2], strict=False):
                if head and json.loads(head)["type"] == "event":
                    found.append(json.loads(item))
        return found

    @property
    def spans(self) -> list[Span]:
        """The spans that arrived."""
        return list(self._spans())

    def _spans(self) -> Iterator[Span]:
        for body in self.bodies.get("/v1/traces", ()):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    yield from scope.spans

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.bodies.setdefault(request.path, []).append(body)
        return web.json_response({})


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that listens as long as this is entered."""
    collector = Collector()
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/{path:.*}", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    collector.port = site._server.sockets[0].getsockname()[1]
    try:
        yield collector
    finally:
        await runner.cleanup()
