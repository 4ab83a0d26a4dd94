"""The transport against real sockets: each fault that a server or the network can show."""

from __future__ import annotations

import asyncio
from time import monotonic

import httpx
import pytest

from api import transport as module
from api.transport import AiohttpTransport, TooLarge

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """Head and body of the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)


class Saying:
    """A talk that answers each request of a connection with the next reply, and counts what it sees."""

    def __init__(self, *replies: bytes, ends: bool = False) -> None:
        self.replies = replies
        self.ends = ends
        self.connections = 0
        self.requests: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for reply in self.replies:
            self.requests.append(await request_of(reader))
            writer.write(reply)
            await writer.drain()
        if not self.ends:
            self.requests.append(await request_of(reader))
            await asyncio.sleep(60)


@pytest.fixture
async def transport():
    transport = AiohttpTransport()
    yield transport
    await transport.aclose()


async def send(transport, url, method="GET", *, read=5.0, **extensions):
    timeout = {"connect": 1.0, "read": read, "write": 5.0, "pool": 1.0}
    content = extensions.pop("content", None)
    request = httpx.Request(method, url, content=content, extensions={"timeout": timeout, **extensions})
    return await transport.handle_async_request(request)


async def test_answer_carries_status_headers_and_body(listening, transport):
    reply = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX-A: b\r\n\r\nnull"
    async with listening(Saying(reply)) as url:
        answer = await send(transport, f"{url}/%D2%9B?a=%20b")
    assert (answer.status_code, answer.headers["x-a"], answer.content) == (404, "b", b"null")


async def test_address_and_headers_go_out_unchanged(listening, transport):
    talk = Saying(OK)
    async with listening(talk) as url:
        await send(transport, f"{url}/%D2%9B?a=%20b")
    head = talk.requests[0]
    assert head.startswith(b"GET /%D2%9B?a=%20b HTTP/1.1\r\n")
    assert head.lower().count(b"\r\nhost:") == 1
    assert b"user-agent" not in head.lower()


async def test_connections_are_reused_by_reads(listening, transport):
    talk = Saying(OK, OK, OK)
    async with listening(talk) as url:
        for _ in range(3):
            await send(transport, url)
    assert talk.connections == 1


@pytest.mark.parametrize("body", [b"Internal Server Error", b"x" * 200_000], ids=["short", "long"])
async def test_connection_is_not_reused_after_a_5xx(listening, transport, body):
    reply = b"HTTP/1.1 500 E\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    talk = Saying(reply, OK)
    async with listening(talk) as url:
        assert (await send(transport, url)).status_code == 500
        assert (await send(transport, url)).status_code == 500
    assert talk.connections == 2


async def test_writes_never_share_a_connection(listening, transport):
    talk = Saying(OK, OK)
    async with listening(talk) as url:
        await send(transport, url)
        await send(transport, url, "DELETE")
        await send(transport, url, "DELETE")
    assert talk.connections == 3


async def test_fresh_read_leaves_the_pool_alone(listening, transport):
    talk = Saying(OK, OK)
    async with listening(talk) as url:
        await send(transport, url)
        await send(transport, url, fresh=True)
    assert talk.connections == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_lost_answer_is_a_read_error_and_nothing_is_sent_twice(listening, transport, method):
    talk = Saying(b"", ends=True)
    async with listening(talk) as url:
        with pytest.raises(httpx.ReadError):
            await send(transport, url, method)
    assert len(talk.requests) == 1


async def test_reset_in_the_middle_of_a_body(listening, transport):
    async with listening(Saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[1,", ends=True)) as url:
        with pytest.raises(httpx.ReadError):
            await send(transport, url)


async def test_server_that_hangs_before_its_headers(listening, transport):
    async with listening(Saying()) as url:
        with pytest.raises(httpx.ReadTimeout):
            await send(transport, url, read=0.05)


async def test_refused_connection_and_unknown_host_are_connect_errors(transport):
    with pytest.raises(httpx.ConnectError):
        await send(transport, "http://127.0.0.1:1")
    with pytest.raises(httpx.ConnectError):
        await send(transport, "http://no-such-host.invalid")


async def test_full_pool_is_a_connect_timeout(listening):
    transport = AiohttpTransport(limit=1)
    async with listening(Saying()) as url:
        first = asyncio.create_task(send(transport, url))
        await asyncio.sleep(0.05)
        request = httpx.Request(
            "GET", url, extensions={"timeout": {"connect": 0.05, "read": 5.0, "pool": 0.05}}
        )
        with pytest.raises(httpx.ConnectTimeout):
            await transport.handle_async_request(request)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    await transport.aclose()


async def test_no_http_at_all_is_a_protocol_error(listening, transport):
    async with listening(Saying(b"220 mail.example ESMTP\r\n\r\n")) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            await send(transport, url)


async def test_too_long_an_answer_is_refused_by_its_announcement(listening, transport):
    async with listening(Saying(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")) as url:
        with pytest.raises(TooLarge):
            await send(transport, url)


async def test_reading_stops_at_the_cap(listening, transport):
    written = 0

    async def flood(reader, writer):
        nonlocal written
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"x" * 65536
        while written < 200_000_000:
            writer.write(b"%x\r\n%s\r\n" % (len(block), block))
            await writer.drain()
            written += len(block)

    async with listening(flood) as url:
        with pytest.raises(TooLarge):
            await send(transport, url)
        await asyncio.sleep(0.05)
    assert written < 3 * module.BODY_CAP


async def test_cap_can_be_raised_for_one_call(listening, transport):
    body = b"x" * (module.BODY_CAP + 1)
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with listening(Saying(reply)) as url:
        answer = await send(transport, url, body_cap=10 * 1024 * 1024)
    assert len(answer.content) == len(body)


async def test_compressed_answer_is_refused(listening, transport):
    async with listening(
        Saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b")
    ) as url:
        with pytest.raises(httpx.DecodingError):
            await send(transport, url)


async def test_redirect_is_not_followed(listening, transport):
    elsewhere = Saying(OK)
    async with listening(elsewhere) as other:
        location = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % other.encode()
        async with listening(Saying(location)) as url:
            assert (await send(transport, url)).status_code == 302
    assert elsewhere.connections == 0


async def test_cookies_are_not_kept(listening, transport):
    talk = Saying(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}", OK)
    async with listening(talk) as url:
        await send(transport, url)
        await send(transport, url)
    assert b"cookie" not in talk.requests[1].lower()


async def test_environment_proxies_are_ignored(listening, transport, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with listening(Saying(OK)) as url:
        assert (await send(transport, url)).status_code == 200


async def test_multipart_body_arrives_whole(listening, transport):
    talk = Saying(OK)
    content = bytes(range(256)) * 4096 * 2
    async with listening(talk) as url:
        request = httpx.Request("POST", url, files={"file": ("сурет.png", content, "image/png")})
        assert (await transport.handle_async_request(request)).status_code == 200
    assert content in talk.requests[0]
    assert 'filename="сурет.png"'.encode() in talk.requests[0]


async def test_pool_survives_thousands_of_cancelled_calls(listening, transport):
    hanging = True

    async def talk(reader, writer):
        while True:
            await request_of(reader)
            if hanging:
                await asyncio.sleep(60)
            writer.write(OK)

    async with listening(talk) as url:
        for _ in range(20):
            calls = [asyncio.create_task(send(transport, url)) for _ in range(200)]
            await asyncio.sleep(0.02)
            for call in calls:
                call.cancel()
            results = await asyncio.gather(*calls, return_exceptions=True)
            # On a busy machine a call may not even have connected when it is cancelled.
            assert all(isinstance(one, asyncio.CancelledError | httpx.TransportError) for one in results)
        hanging = False
        started = monotonic()
        answers = await asyncio.gather(*(send(transport, url) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert monotonic() - started < 30


async def test_opens_lazily_and_again_after_closing(listening):
    transport = AiohttpTransport()
    await transport.aclose()
    async with listening(Saying(OK)) as url:
        assert (await send(transport, url)).status_code == 200
        await transport.aclose()
        assert (await send(transport, url)).status_code == 200
        await transport.aclose()
