"""The webhook of a real process: strangers are turned away, and the operators' paths are not outside."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.stage import SECRET, Stage

NAME = "X-Telegram-Bot-Api-Secret-Token"
GOOD = f"{NAME}: {SECRET}"


async def _raw(
    port: int, *headers: str, body: bytes = b'{"update_id": 5}', path: str = "/hook"
) -> tuple[int, bytes]:
    """Status and body of a request written byte by byte, headers as they stand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [
        f"POST {path} HTTP/1.1",
        "Host: bot",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


async def test_who_does_not_know_the_secret_is_refused_and_reaches_nothing(hooked: Stage):
    async with hooked.bot() as bot:
        await hooked.registered()
        port = hooked.ports[0]
        refused = {
            "missing": (),
            "empty": (f"{NAME}:",),
            "wrong": (f"{NAME}: wrong",),
            "prefix": (f"{NAME}: {SECRET[:-1]}",),
            "longer": (f"{GOOD}x",),
            "other case": (f"{NAME}: {SECRET.upper()}",),
            "not ascii": (f"{NAME}: {SECRET[:-1]}é",),
            "doubled": (GOOD, GOOD),
            "doubled with a wrong one": (f"{NAME}: wrong", GOOD),
            "listed": (f"{NAME}: {SECRET}, {SECRET}",),
            "forwarded": ("X-Forwarded-For: 149.154.167.220",),
        }
        for name, headers in refused.items():
            status, _ = await _raw(port, *headers)
            # Bytes that are no header at all may be refused by the HTTP parser itself.
            assert status in ((401, 400) if name == "not ascii" else (401,)), name
        assert not [line for line in bot.lines if "update" in str(line["event"])]
        assert (await _raw(port, GOOD))[0] == 200
        assert (await _raw(port, GOOD, "X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.1"))[0] == 200


async def test_bodies_too_large_or_no_json_are_refused(hooked: Stage):
    async with hooked.bot() as bot:
        await hooked.registered()
        port = hooked.ports[0]
        large = json.dumps({"update_id": 5, "x": "y" * 256 * 1024}).encode()
        assert (await _raw(port, GOOD, body=large))[0] == 413
        for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"update_id=5"):
            assert (await _raw(port, GOOD, body=body))[0] == 400, body[:20]

        async def pieces():
            for _ in range(80):
                yield b"x" * 4096

        async with (
            aiohttp.ClientSession() as http,
            http.post(f"http://127.0.0.1:{port}/hook", data=pieces(), headers={NAME: SECRET}) as answer,
        ):
            assert answer.status == 413
        assert not any("Traceback" in str(line) for line in bot.lines)


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/livez"])
async def test_operators_paths_are_on_their_own_port_alone(path: str, hooked: Stage):
    async with hooked.bot() as bot:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{hooked.ports[0]}{path}") as answer,
        ):
            assert answer.status == 404
        assert (await bot.get(path))[0] == 200


def _anything() -> st.SearchStrategy[object]:
    names = st.sampled_from(
        ("update_id", "message", "callback_query", "edited_message", "from", "chat", "id", "text", "data", "date",
         "message_id", "entities", "type", "reply_markup", "photo", "document")
    )  # fmt: skip
    leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
        max_leaves=25,
    )


async def test_no_body_whatever_breaks_the_webhook(hooked: Stage):
    """The secret is known here: a Telegram that sends what nobody expected, or a leaked secret."""
    bodies: list[object] = []

    @given(_anything())
    @settings(max_examples=200, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def draw(body: object) -> None:
        bodies.append(body)

    draw()
    async with hooked.bot() as bot:
        await hooked.registered()
        ann = await hooked.signed_in("administrator")
        port, number = hooked.ports[0], 5_000_000
        statuses = set()
        for body in bodies:
            if isinstance(body, dict) and isinstance(body.get("update_id"), int):
                number += 1
                body |= {"update_id": number}
            status, _ = await _raw(port, GOOD, body=json.dumps(body).encode())
            statuses.add(status)
        for raw in (
            b"\x00" * 100,
            b'{"update_id": 1e999}',
            b'{"update_id": 9' + b"9" * 400 + b"}",
            b'"\\ud800"',
        ):
            statuses.add((await _raw(port, GOOD, body=raw))[0])
        # Taken and dropped, or refused: never a 5xx, which Telegram would send again and again.
        assert statuses <= {200, 400}, statuses
        await ann.send("/status")
        await ann.settle(10)
        assert ann.unanswered == []
        assert hooked.writes == []
        assert not any("Traceback" in str(line) for line in bot.lines), bot.lines[-5:]
