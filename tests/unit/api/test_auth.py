"""Tokens: renewed once, never sent elsewhere."""

from __future__ import annotations

import httpx
import pytest

from api import Backend, SessionEnded
from api.auth import BearerAuth

PATH = "/api/v2/admin/profile"


def guarded(*good: str):
    """A backend that knows these tokens."""

    def answer(request: httpx.Request) -> httpx.Response:
        known = request.headers.get("authorization") in {f"Bearer {token}" for token in good}
        return httpx.Response(200, json={}) if known else httpx.Response(401, json={"detail": "Токен истек"})

    return answer


async def test_token_is_sent(wire, admin):
    wire.answers = guarded("old")
    await wire.backend.call("GET", PATH, group="g", caller=admin)
    assert admin.renewed == []


async def test_spent_token_is_renewed_once_and_the_call_repeated(wire, admin):
    wire.answers = guarded("new")
    await wire.backend.call("GET", PATH, group="g", caller=admin)
    assert admin.renewed == ["old"]
    assert len(wire.asked) == 2


async def test_write_with_a_body_is_repeated_whole(wire, admin):
    wire.answers = guarded("new")
    files = {"file": ("a.png", b"\x89PNG", "image/png")}
    await wire.backend.call("POST", PATH, group="g", caller=admin, files=files)
    assert wire.asked[0].content == wire.asked[1].content
    assert b"\x89PNG" in wire.asked[1].content


async def test_second_401_ends_the_session(wire, admin):
    wire.answers = guarded()
    with pytest.raises(SessionEnded):
        await wire.backend.call("GET", PATH, group="g", caller=admin)
    assert len(wire.asked) == 2


async def test_binding_that_is_gone_ends_the_session(wire, admin, monkeypatch):
    async def gone(spent: str) -> str:
        raise SessionEnded

    admin.renew = gone
    wire.answers = guarded()
    with pytest.raises(SessionEnded):
        await wire.backend.call("GET", PATH, group="g", caller=admin)
    assert len(wire.asked) == 1


async def test_call_without_caller_carries_no_token(wire):
    await wire.backend.call("GET", PATH, group="g")
    assert "authorization" not in wire.asked[0].headers


@pytest.mark.parametrize(
    "url", ["http://elsewhere.test/", "https://crm.test/", "http://crm.test:81/", "http://crm.test.evil/"]
)
async def test_token_never_leaves_the_host(admin, url):
    flow = BearerAuth(admin, httpx.URL("http://crm.test")).async_auth_flow(httpx.Request("GET", url))
    with pytest.raises(ValueError, match="host"):
        await anext(flow)


async def test_redirect_takes_no_token_along(listening, admin):
    """Over real sockets: whatever the transport does with the redirect, the other host hears nothing."""
    heard = []

    async def other(reader, writer):
        heard.append(await reader.read(1))

    async with listening(other) as elsewhere:

        async def redirecting(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 307 T\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n" % elsewhere.encode())
            await writer.drain()

        async with listening(redirecting) as home:
            backend = Backend(home)
            with pytest.raises(Exception, match="redirect"):
                await backend.call("GET", PATH, group="g", caller=admin)
            await backend.aclose()
    assert heard == []
