"""The chat page's files, its live events, and the pictures and documents in it."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from urllib.parse import quote

from aiohttp import web

from sandbox.telegram.state import State
from sandbox.telegram.stream import Stream

_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
HEARTBEAT = 15.0
"""Seconds between comments that keep an idle event stream open."""


def page(request: web.BaseRequest) -> web.Response:
    """A file of the page; `/` is index.html, anything unknown 404."""
    name = request.path.removeprefix("/") or "index.html"
    suffix = name[name.rfind(".") :] if "." in name else ""
    source = files("sandbox.telegram").joinpath("page", name)
    if "/" in name or suffix not in _KINDS or not source.is_file():
        return web.Response(status=404, text="not found")
    return web.Response(
        body=source.read_bytes(),
        content_type=_KINDS[suffix],
        charset="utf-8",
        headers={"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY},
    )


def stored_file(state: State, file_id: str) -> web.Response:
    """A photo for showing, or a document for saving; documents are never shown in the page's origin."""
    stored = state.files.by_id(file_id)
    if stored is None:
        return web.Response(status=404, text="not found")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
    if stored.kind == "photo":
        return web.Response(body=stored.data, content_type=stored.mime, headers=headers)
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name)}"
    return web.Response(body=stored.data, content_type="application/octet-stream", headers=headers)


async def events(stream: Stream, request: web.BaseRequest) -> web.StreamResponse:
    """Server-sent events until the page leaves or the server stops."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    queue = stream.subscribe()
    try:
        await response.write(b"retry: 1000\n\n")
        while True:
            try:
                line = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if line is None:
                return response
            await response.write(f"data: {line}\n\n".encode("utf-8", "surrogatepass"))
    except ConnectionError:
        return response
    finally:
        stream.unsubscribe(queue)
