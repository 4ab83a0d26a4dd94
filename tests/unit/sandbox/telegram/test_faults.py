"""Every fault does what its name says, as often as asked, to the methods asked."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest


async def raw(session: aiohttp.ClientSession, server, method: str = "getMe") -> tuple[int, str]:
    # A client may repeat a GET by itself after a reset; a POST it may not.
    async with session.post(f"{server.url}/bot42:TEST/{method}") as response:
        return response.status, await response.text()


@pytest.mark.parametrize(
    ("kind", "status", "fragment"),
    [
        ("flood", 429, '"retry_after": 3'),
        ("server_error", 500, "Internal Server Error"),
        ("bad_gateway", 502, "<html>"),
        ("conflict", 409, "terminated by other getUpdates"),
        ("unauthorized", 401, "Unauthorized"),
    ],
)
async def test_refusals(server, session, kind, status, fragment):
    server.faults.add(kind, times=2, seconds=3)
    for _ in range(2):
        got, body = await raw(session, server)
        assert got == status
        assert fragment in body
    assert (await raw(session, server))[0] == 200
    assert server.faults.active == []
    assert [call.status for call in server.calls] == [status, status, 200]


async def test_empty_body(server, session):
    server.faults.add("empty", times=1)
    assert await raw(session, server) == (200, "")


async def test_reset(server, session):
    server.faults.add("reset", times=1)
    with pytest.raises(aiohttp.ClientError):
        await raw(session, server)


async def test_hang_and_stop(server, session):
    server.faults.add("hang")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(raw(session, server), 0.1)


async def test_latency(server, session):
    server.faults.add("latency", seconds=0.1, times=1)
    began = asyncio.get_running_loop().time()
    assert (await raw(session, server))[0] == 200
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_only_the_named_methods_and_chats(server, session, api, alice):
    ivan = server.person("Ivan", user_id=1002)
    await ivan.send("x")
    server.faults.add("server_error", method="send.*", chat_id=1001)
    assert (await raw(session, server))[0] == 200
    assert (await api("sendMessage", chat_id=1001, text="x"))["error_code"] == 500
    await api.ok("sendMessage", chat_id=1002, text="x")
    server.faults.clear()
    await api.ok("sendMessage", chat_id=1001, text="x")


async def test_performed_but_the_answer_is_lost(server, api, alice):
    server.faults.add("reset", method="sendMessage", times=1, after=True)
    with pytest.raises(aiohttp.ClientError):
        await api("sendMessage", chat_id=1001, text="landed")
    assert alice.last.text == "landed"


def test_unknown_kinds_are_refused(server):
    with pytest.raises(ValueError, match="unknown fault"):
        server.faults.add("earthquake")
    with pytest.raises(ValueError, match="regular expression"):
        server.faults.add("reset", method="(")


async def test_flood_limits(server, api, alice):
    now = 1000.0
    server.state.clock = lambda: now
    server.flood_limits(total=30, chat=1)
    answers = [await api("sendMessage", chat_id=1001, text=str(n)) for n in range(4)]
    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    assert answers[3]["parameters"] == {"retry_after": 1}
    now += 1
    await api.ok("sendMessage", chat_id=1001, text="later")
    await api.ok("getMe")
    server.flood_limits(total=2)
    assert [(await api("sendMessage", chat_id=1001, text=str(n)))["ok"] for n in range(3)] == [
        True,
        True,
        False,
    ]
    server.flood_limits()
    await api.ok("sendMessage", chat_id=1001, text="free")
    with pytest.raises(ValueError, match="positive"):
        server.flood_limits(total=0)
