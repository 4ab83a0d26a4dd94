"""The outermost layer: records requests, lets faults strike, turns crashes into the backend's plain 500."""

import asyncio
import json
import logging
import socket
import struct

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.crm.faults import Fault, with_wrong_types
from sandbox.crm.recorder import of_the_sandbox_itself, recorded, replay, whole_body
from sandbox.crm.room import RecordedRequest, Room
from sandbox.crm.store import BackendError

logger = logging.getLogger(__name__)

PROXY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
PROXY_TITLES = {502: "502 Bad Gateway", 503: "503 Service Unavailable", 504: "504 Gateway Timeout"}
MAINTENANCE = "<!doctype html><html><body><h1>Техникалық жұмыстар / Технические работы</h1></body></html>"
HUGE_CHUNK = b'"' + b"x" * 65_533 + b'",'


class TrackedProtocol(H11Protocol):
    """Lets the layers above reach the connection: a reset cannot be asked for in ASGI's own words."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Answer:
    """A caught answer: send() into it, read it later."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


class Wire:
    """ASGI layer around the application of one room."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self.app = app
        self.room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await whole_body(receive)
        if body is None:
            return
        call = _Call(self, scope, replay(body, receive), receive, send)
        if of_the_sandbox_itself(scope):
            await call.work(call.pass_on)
            return
        call.record = recorded(scope, body)
        self.room.requests.append(call.record)
        fault = self.room.faults.take(scope["method"], scope["path"])
        try:
            await (call.strike(fault) if fault else call.work(call.pass_on))
            call.drop_if_due()
        except ServerStopError:
            await call.reset()


class ServerStopError(Exception):
    """The server stops: whoever still waits gives up."""


class _Call:
    """One request on its way through."""

    def __init__(self, wire: Wire, scope: Scope, body: Receive, receive: Receive, send: Send) -> None:
        self.room = wire.room
        self.app = wire.app
        self.scope = scope
        self.body = body
        self.receive = receive
        self.send = send
        self.status = 0
        self.record: RecordedRequest | None = None

    @property
    def transport(self) -> asyncio.Transport:
        found: asyncio.Transport = self.scope["state"]["transport"]
        return found

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.record:
                self.record.status = self.status
        await self.send(message)

    async def work(self, send: Send) -> None:
        """Lets the application answer; a crash ends as the 500 that it has already sent."""
        try:
            await self.app(self.scope, self.body, send)
        except BackendError as broken:
            logger.debug("answered 500 as the backend does: %s", broken)
        except Exception:
            logger.exception("the sandbox itself failed")

    def drop_if_due(self) -> None:
        # The backend closes without announcing it, so the client learns of it with its next request (Q6).
        state = self.scope.get("state", {})
        due = self.room.drop_after_500 and self.status == 500
        if (due or state.get("drop_connection")) and "transport" in state:
            self.transport.close()

    async def strike(self, fault: Fault) -> None:
        await self._pause(fault.delay)
        answer = Answer()
        if fault.does_work:
            await self.work(answer.send)
        match fault.kind:
            case "hang":
                await self._until_gone()
            case "reset":
                await self.reset()
            case "delay":
                await self._reply(answer.status, answer.headers, answer.body)
            case "cut":
                await self._cut(answer)
            case "drip":
                await self._drip(answer, fault.interval)
            case "wrong_types":
                swapped = json.dumps(with_wrong_types(json.loads(answer.body or b"null")), ensure_ascii=False)
                await self._reply(answer.status, _headers("application/json"), swapped.encode())
            case "huge":
                await self._huge(fault.size)
            case _:
                await self._reply(*_instead(fault))

    async def reset(self) -> None:
        """Ends the connection with a reset: no header, no farewell."""
        # Zero linger time makes the kernel send RST instead of FIN.
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        await self._abort()

    async def _abort(self) -> None:
        self.transport.abort()
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _pause(self, seconds: float) -> None:
        """Waits; raises ServerStopError when the server stops meanwhile."""
        if not seconds:
            return
        try:
            await asyncio.wait_for(self.room.faults.closing.wait(), seconds)
        except TimeoutError:
            return
        raise ServerStopError

    async def _until_gone(self) -> None:
        """Never answers: returns when the client gave up, raises ServerStopError when the server stops."""
        gone = asyncio.ensure_future(self._disconnected())
        stopping = asyncio.ensure_future(self.room.faults.closing.wait())
        try:
            await asyncio.wait({gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                raise ServerStopError
        finally:
            gone.cancel()
            stopping.cancel()

    async def _disconnected(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]], length: int) -> None:
        kept = [header for header in headers if header[0].lower() != b"content-length"]
        sized = [] if status in (204, 304) else [(b"content-length", str(length).encode())]
        await self.pass_on({"type": "http.response.start", "status": status, "headers": kept + sized})

    async def _reply(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        await self._start(status, headers, len(body))
        await self.send({"type": "http.response.body", "body": body})

    async def _cut(self, answer: Answer) -> None:
        await self._start(answer.status, answer.headers, max(len(answer.body), 2))
        half = answer.body[: len(answer.body) // 2]
        await self.send({"type": "http.response.body", "body": half, "more_body": True})
        await self._pause(0.01)
        await self._abort()

    async def _drip(self, answer: Answer, interval: float) -> None:
        await self._start(answer.status, answer.headers, len(answer.body))
        for position in range(len(answer.body)):
            await self._pause(interval)
            piece = answer.body[position : position + 1]
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})
            if self.transport.is_closing():
                return
        await self.send({"type": "http.response.body", "body": b""})

    async def _huge(self, size: int) -> None:
        await self._start(200, _headers("application/json"), size)
        sent = 1
        await self.send({"type": "http.response.body", "body": b"[", "more_body": True})
        while sent + len(HUGE_CHUNK) < size - 3:
            await self.send({"type": "http.response.body", "body": HUGE_CHUNK, "more_body": True})
            sent += len(HUGE_CHUNK)
            await asyncio.sleep(0)
            if self.transport.is_closing():
                return
            if self.room.faults.closing.is_set():
                raise ServerStopError
        rest = b'""'.ljust(size - sent - 1) + b"]"
        await self.send({"type": "http.response.body", "body": rest[: size - sent]})


def _instead(fault: Fault) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The answer that a fault puts in the place of the true one."""
    match fault.kind:
        case "html":
            status, kind, text = fault.status or 200, "text/html; charset=utf-8", MAINTENANCE
        case "broken_json":
            status, kind, text = fault.status or 200, "application/json", '{"items": [{"id": 1, "tit'
        case "redirect":
            status, kind, text = fault.status or 307, "text/plain; charset=utf-8", ""
        case _:
            status = fault.status or 500
            if status == 500:
                kind, text = "text/plain; charset=utf-8", "Internal Server Error"
            elif status in PROXY_TITLES:
                kind, text = "text/html", PROXY_PAGE.format(PROXY_TITLES[status])
            else:
                detail = "Too Many Requests" if status == 429 else f"Sandbox fault {status}"
                kind, text = "application/json", json.dumps({"detail": detail})
    headers = _headers(kind)
    if fault.kind == "redirect":
        headers.append((b"location", fault.location.encode()))
    if fault.retry_after is not None:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    return status, headers, (fault.body if fault.body is not None else text).encode()


def _headers(content_type: str) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", content_type.encode())]
