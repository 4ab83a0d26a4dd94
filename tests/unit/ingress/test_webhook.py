import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ingress.bot_api import BotApi, TokenRefused
from ingress.contract import Handled, Update
from ingress.server import Server
from ingress.webhook import MAX_BODY, SECRET_HEADER, Webhook
from tests.unit.ingress.telegram import Telegram, failing, message, until

SECRET = "s3cret_Token-1"


class Application:
    def __init__(self) -> None:
        self.seen: list[Update] = []
        self.finished = 0
        self.answer = Handled.DONE
        self.release = asyncio.Event()
        self.release.set()

    async def __call__(self, update: Update) -> Handled:
        self.seen.append(update)
        await self.release.wait()
        self.finished += 1
        return self.answer


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
def webhook(api: BotApi, app: Application) -> Webhook:
    return Webhook(
        api,
        app,
        url="https://bot.example/hook",
        path="/hook",
        secret=SECRET,
        allowed_updates=["message"],
        longest_backoff=0.05,
    )


@pytest.fixture
async def server(webhook: Webhook) -> AsyncIterator[Server]:
    outside = web.Application()
    webhook.add_to(outside)
    server = Server(outside, "127.0.0.1", 0)
    await server.start()
    yield server
    await server.close()


async def post(
    server: Server, body: Any = None, data: bytes | None = None, **headers: str
) -> tuple[int, str | None]:
    headers = {SECRET_HEADER: SECRET} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        content = json.dumps(message(1) if body is None else body).encode() if data is None else data
        async with session.post("/hook", data=content, headers=headers) as response:
            return response.status, response.headers.get("Retry-After")


async def raw(server: Server, *lines: bytes, body: bytes = b"{}") -> int:
    """Status of a request whose header lines go out exactly so."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = [
        b"POST /hook HTTP/1.1",
        b"Host: x",
        b"Connection: close",
        b"Content-Length: %d" % len(body),
        *lines,
    ]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


async def test_an_update_is_handled_and_then_confirmed(server: Server, app: Application):
    assert await post(server) == (200, None)
    assert app.seen == [message(1)]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (b"X-Telegram-Bot-Api-Secret-Token: wrong",),
        (b"X-Telegram-Bot-Api-Secret-Token:",),
        (b"X-Telegram-Bot-Api-Secret-Token: \xd1\x81\xd0\xb5\xd0\xba",),
        (b"X-Telegram-Bot-Api-Secret-Token: \xff\xfe",),
        (b"X-Telegram-Bot-Api-Secret-Token: " + SECRET.encode(),) * 2,
        (b"X-Telegram-Bot-Api-Secret-Token: wrong", b"X-Telegram-Bot-Api-Secret-Token: " + SECRET.encode()),
        (b"X-Telegram-Bot-Api-Secret-Token: " + SECRET.encode() + b"x",),
        (b"X-Telegram-Bot-Api-Secret-Token: " + SECRET[:-1].encode(),),
        (b"X-Forwarded-For: 149.154.167.220",),
    ],
    ids=[
        "missing",
        "wrong",
        "empty",
        "cyrillic",
        "bytes",
        "doubled",
        "two",
        "longer",
        "shorter",
        "forwarded",
    ],
)
async def test_only_telegram_knows_the_secret(server: Server, app: Application, lines: tuple[bytes, ...]):
    body = json.dumps(message(1)).encode()
    assert await raw(server, *lines, body=body) == 401
    assert not app.seen
    assert await raw(server, b"X-Telegram-Bot-Api-Secret-Token: " + SECRET.encode(), body=body) == 200


async def test_forged_addresses_change_nothing(server: Server, app: Application):
    assert await post(server, X_Forwarded_For="10.0.0.1", X_Real_IP="10.0.0.1") == (200, None)
    assert len(app.seen) == 1


async def test_a_body_too_large_is_refused_announced_or_not(server: Server, app: Application):
    assert await post(server, data=b"x" * (MAX_BODY + 1)) == (413, None)
    large = json.dumps(message(1, text="x" * (MAX_BODY - 300))).encode()
    assert len(large) < MAX_BODY
    assert await post(server, data=large) == (200, None)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 8192

    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session,
        session.post("/hook", data=pieces(), headers={SECRET_HEADER: SECRET}) as response,
    ):
        assert response.status == 413
    assert len(app.seen) == 1


@pytest.mark.parametrize("data", [b"", b"{", b"update", b"\xff\xfe", b"[" * 100_000])
async def test_what_is_not_json_is_refused(server: Server, app: Application, data: bytes):
    assert await post(server, data=data) == (400, None)
    assert not app.seen


@pytest.mark.parametrize(
    "body", [[], "text", 7, {}, {"update_id": "1"}, {"update_id": False}, {"message": {}}]
)
async def test_an_unreadable_update_is_confirmed_and_forgotten(
    server: Server, app: Application, body: object
):
    assert await post(server, body) == (200, None)
    assert not app.seen


async def test_only_post_at_the_path(server: Server):
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        for method in ("GET", "PUT", "DELETE", "HEAD"):
            async with session.request(method, "/hook", headers={SECRET_HEADER: SECRET}) as response:
                assert response.status == 405
        for path in ("/", "/hook/", "/metrics", "/readyz", "/livez"):
            async with session.post(path, headers={SECRET_HEADER: SECRET}) as response:
                assert response.status == 404


@pytest.mark.parametrize(("answer", "seconds"), [(Handled.BUSY, "1"), (Handled.UNAVAILABLE, "2")])
async def test_what_could_not_be_done_comes_again(
    server: Server, app: Application, answer: Handled, seconds: str
):
    app.answer = answer
    assert await post(server) == (503, seconds)


async def test_a_hundred_replays_reach_the_application(server: Server, app: Application):
    answers = await asyncio.gather(*(post(server) for _ in range(100)))
    assert set(answers) == {(200, None)}
    assert len(app.seen) == 100


async def test_hanging_up_does_not_cut_a_running_update(server: Server, webhook: Webhook, app: Application):
    app.release.clear()
    request = asyncio.create_task(post(server))
    await until(lambda: len(app.seen) == 1)
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    await asyncio.sleep(0.05)
    stopping = asyncio.create_task(webhook.stop(5))
    await asyncio.sleep(0.05)
    assert not stopping.done()
    app.release.set()
    assert await stopping is True
    assert app.finished == 1


async def test_closing_the_server_does_not_cut_a_running_update(
    server: Server, webhook: Webhook, app: Application
):
    app.release.clear()
    request = asyncio.create_task(post(server))
    await until(lambda: len(app.seen) == 1)
    await server.close()
    app.release.set()
    await asyncio.gather(request, return_exceptions=True)
    assert await webhook.stop(5) is True
    assert app.finished == 1


async def test_draining_sends_updates_away(server: Server, webhook: Webhook, app: Application):
    app.release.clear()
    running = asyncio.create_task(post(server))
    await until(lambda: len(app.seen) == 1)
    stopping = asyncio.create_task(webhook.stop(5))
    await asyncio.sleep(0.02)
    assert await post(server, message(2)) == (503, "1")
    app.release.set()
    assert await running == (200, None)
    assert await stopping is True
    assert len(app.seen) == 1


async def test_a_drain_that_takes_too_long_says_so(server: Server, webhook: Webhook, app: Application):
    app.release.clear()
    running = asyncio.create_task(post(server))
    await until(lambda: len(app.seen) == 1)
    assert await webhook.stop(0.05) is False
    await asyncio.gather(running, return_exceptions=True)
    assert app.finished == 0


async def test_registers_itself_until_telegram_agrees(telegram: Telegram, webhook: Webhook):
    telegram.script = [failing(500, "oops"), failing(429, {"description": "x"}, retry_after=0)]
    running = asyncio.create_task(webhook.run())
    await until(lambda: len(telegram.calls) == 3)
    assert telegram.calls[-1] == (
        "setWebhook",
        {
            "url": "https://bot.example/hook",
            "secret_token": SECRET,
            "allowed_updates": ["message"],
            "max_connections": 100,
        },
    )
    await webhook.stop(1)
    await running


async def test_a_refused_token_ends_it(telegram: Telegram, webhook: Webhook):
    telegram.script = [failing(401, {"description": "Unauthorized"})]
    with pytest.raises(TokenRefused):
        await webhook.run()


async def test_a_body_that_drips_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ingress.webhook.READ_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    secret = f"{SECRET_HEADER}: {SECRET}".encode()
    writer.write(
        b"\r\n".join((b"POST /hook HTTP/1.1", b"Host: x", b"Content-Length: 100", secret, b"", b"{"))
    )
    assert (await reader.readline()).split()[1] == b"408"
    writer.close()
    await writer.wait_closed()
