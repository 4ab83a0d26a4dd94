"""Files from anywhere but the inside of our network: real sockets, addresses and names of every form."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from api import outside as module
from api.errors import BackendError, BadAnswer, Unavailable
from api.outside import CAP, Outside, PublicResolver, is_public

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Names(AbstractResolver):
    """A name service that answers as it is told, another answer for each question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0)
            for one in answer
        ]

    async def close(self) -> None:
        return


class Site:
    """A web server on loopback, reached under a name that stands for a public one."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.answer: Handler = self.fine
        self.port = 0

    async def fine(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"picture")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.answer(request)

    @property
    def url(self) -> str:
        return f"http://pictures.example:{self.port}/a.jpg"

    def outside(self) -> Outside:
        return Outside(Names(["127.0.0.1"]), lambda address: address == "127.0.0.1")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.port = runner.addresses[0][1]
    yield site
    await runner.cleanup()


PRIVATE = [
    "127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fe80::1%2", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:192.168.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    "2001:0:7f00:1:0:0:80ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address: str):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3.4/8"]
)
def test_what_is_no_address_is_not_public(text: str):
    assert not is_public(text)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0177.0.0.1", "0x7f000001", "0x7f.0.0.1",
        "0X7F.1", "127.0x0.0.1", "127.0.0.0x1", "127.0.0.1.", "0", "0.0.0.0", "10.1", "169.254.169.254",
        "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "①②⑦.0.0.1", "１２７。１",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[fe80::1%25lo]", "[64:ff9b::7f00:1]",
        "[::127.0.0.1]",
    ],
)  # fmt: skip
async def test_a_literal_address_of_ours_is_refused_in_every_spelling(host: str, site: Site):
    """Without asking any name service: none of these is a name."""
    names = Names(["8.8.8.8"])
    with pytest.raises(BadAnswer):
        await Outside(names).fetch(f"http://{host}:{site.port}/a.jpg")
    assert names.asked == []
    assert site.requests == []


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["::1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:10.0.0.1"], []]
)
async def test_a_name_that_leads_inside_is_refused_whole(answers: list[str], site: Site):
    with pytest.raises(Unavailable):
        await Outside(Names(answers)).fetch(site.url)
    assert site.requests == []


async def test_names_of_this_machine_are_refused(site: Site):
    """With the real name service."""
    for host in ("localhost", "LOCALHOST", "localhost."):
        with pytest.raises(BackendError):
            await Outside().fetch(f"http://{host}:{site.port}/a.jpg")
    assert site.requests == []


async def test_a_name_is_asked_for_once(site: Site):
    """A second answer, which could lead inside, is never asked for."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    fetched = await Outside(names, lambda address: address == "127.0.0.1").fetch(site.url)
    assert fetched == b"picture"
    assert names.asked == ["pictures.example"]


async def test_the_resolver_passes_public_answers_and_closes_its_own():
    resolver = PublicResolver(Names(["8.8.8.8", "1.1.1.1"]))
    assert [found["host"] for found in await resolver.resolve("name")] == ["8.8.8.8", "1.1.1.1"]
    await resolver.close()
    assert isinstance(PublicResolver()._inner, ThreadedResolver)


@pytest.mark.parametrize(
    "url",
    [
        "", "picture.jpg", "/a.jpg", "//host/a.jpg", "ftp://host/a.jpg", "file:///etc/passwd", "gopher://host/",
        "javascript:alert(1)", "data:image/png;base64,AAAA", "http://", "http:///a.jpg", "http://host:99999/",
        "http://host:port/", "http://[::1/", "http://user@host/", "http://user:secret@host/", "http://@127.0.0.1/",
        "http://8.8.8.8\\@127.0.0.1/", "http://a b/", "http://host\x00/",
    ],
)  # fmt: skip
async def test_what_is_no_address_of_the_web_is_refused(url: str):
    with pytest.raises(BackendError):
        await Outside(Names(["127.0.0.1"])).fetch(url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int, site: Site):
    async def elsewhere(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "/inside"})

    site.answer = elsewhere
    with pytest.raises(BadAnswer) as caught:
        await site.outside().fetch(site.url)
    assert caught.value.status == status
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 500])
async def test_only_a_200_is_a_file(status: int, site: Site):
    async def other(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    site.answer = other
    with pytest.raises(BadAnswer):
        await site.outside().fetch(site.url)


async def test_what_says_that_it_is_too_large_is_not_read(site: Site):
    ended = asyncio.Event()

    async def large(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(CAP + 1)})
        await response.prepare(request)
        await ended.wait()
        return response

    site.answer = large
    with pytest.raises(BadAnswer, match="too large"):
        await site.outside().fetch(site.url)
    ended.set()


async def test_what_turns_out_too_large_is_cut_off(site: Site):
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 256 * 1024)
            sent += 256 * 1024

    site.answer = endless
    with pytest.raises(BadAnswer, match="too large"):
        await site.outside().fetch(site.url)
    assert sent < CAP + 16 * 1024 * 1024


async def test_a_file_of_just_the_limit_is_taken(site: Site, monkeypatch):
    monkeypatch.setattr(module, "CAP", 7)
    assert await site.outside().fetch(site.url) == b"picture"


async def test_a_packed_answer_is_not_unpacked(site: Site):
    packed = gzip.compress(b"\0" * 50_000_000)

    async def bomb(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    site.answer = bomb
    assert await site.outside().fetch(site.url) == packed
    assert site.requests[0].headers["Accept-Encoding"] == "identity"


async def test_a_drip_is_given_up_in_time(site: Site, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.2)

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    site.answer = drip
    async with asyncio.timeout(2):
        with pytest.raises(Unavailable):
            await site.outside().fetch(site.url)


async def test_a_silent_server_and_a_closed_port_are_given_up(site: Site, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.1)
    ended = asyncio.Event()

    async def silent(_request: web.Request) -> web.StreamResponse:
        await ended.wait()
        return web.Response()

    site.answer = silent
    with pytest.raises(Unavailable):
        await site.outside().fetch(site.url)
    ended.set()
    with pytest.raises(Unavailable):
        await site.outside().fetch("http://pictures.example:1/a.jpg")


async def test_nothing_of_ours_is_sent_along(site: Site, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    async def cookie(_request: web.Request) -> web.StreamResponse:
        response = web.Response(body=b"picture")
        response.set_cookie("seen", "yes")
        return response

    site.answer = cookie
    outside = site.outside()
    for _ in range(2):
        assert await outside.fetch(site.url) == b"picture"
    for request in site.requests:
        assert not {"Authorization", "Cookie", "Referer", "X-Bot-Secret"} & set(request.headers)


async def test_the_reason_never_carries_the_address(site: Site):
    with pytest.raises(Unavailable) as caught:
        await site.outside().fetch("http://pictures.example:1/a.jpg?key=secret")
    assert "secret" not in str(caught.value)
