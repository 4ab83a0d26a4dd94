"""Webhook delivery: order, retries, secrets, replicas, replies."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from sandbox.telegram import TelegramServer, WebhookPace

PACE = WebhookPace(timeout=0.5, first_retry=0.01, longest_retry=0.05)


class Target:
    """A bot's endpoint that answers as told."""

    def __init__(self) -> None:
        self.got: list[dict] = []
        self.secrets: list[str | None] = []
        self.answers: list[web.Response | Exception] = []
        self.delay = 0.0
        self.running = self.most = 0
        self.per_chat: dict[int, int] = {}
        self.overlap = False
        self.url = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        update = await request.json()
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        chat = update.get("message", {}).get("chat", {}).get("id", 0)
        self.overlap |= self.per_chat.get(chat, 0) > 0
        self.per_chat[chat] = self.per_chat.get(chat, 0) + 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.delay)
            self.got.append(update)
            if self.answers:
                answer = self.answers.pop(0)
                if isinstance(answer, Exception):
                    request.transport.abort()
                    raise answer
                return answer
            return web.Response()
        finally:
            self.running -= 1
            self.per_chat[chat] -= 1

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]


async def listening(target: Target) -> web.ServerRunner:
    runner = web.ServerRunner(web.Server(target.handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    return runner


@pytest.fixture
async def target():
    made = Target()
    runner = await listening(made)
    yield made
    await runner.cleanup()


@pytest.fixture
async def server():
    async with TelegramServer("42:TEST", pace=PACE) as running:
        yield running


async def test_setting_and_removing(api, server, alice, target):
    for url in ("http://example.com/x", "ftp://127.0.0.1/x", "https://"):
        assert "HTTPS URL must be provided" in await api.fails("setWebhook", url=url)
    assert await api.fails("setWebhook", url=target.url, secret_token="ә")
    assert await api.fails("setWebhook", url=target.url, max_connections=101)
    await api.ok("setWebhook", url=target.url, secret_token="s3cret", allowed_updates=["message"])
    await alice.settle()
    assert target.texts == ["/start"]
    assert target.secrets == ["s3cret"]
    info = await api.ok("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (target.url, 0)
    assert info["allowed_updates"] == ["message"]
    refused = await api("getUpdates")
    assert refused["error_code"] == 409
    assert "webhook is active" in refused["description"]
    await api.ok("deleteWebhook")
    assert (await api.ok("getWebhookInfo"))["url"] == ""
    await alice.send("polled")
    assert [u["message"]["text"] for u in await api.ok("getUpdates")] == ["polled"]


async def test_setting_ends_a_long_poll(api, server, target):
    poll = asyncio.create_task(api("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    await api.ok("setWebhook", url=target.url)
    assert (await poll)["description"] == "Conflict: terminated by setWebhook request"


async def test_pending_updates_can_be_dropped(api, server, alice, target):
    await api.ok("setWebhook", url=target.url, drop_pending_updates=True)
    await server.settle()
    assert target.got == []


async def test_one_at_a_time_per_chat_and_chats_in_parallel(api, server, alice, target):
    await api.ok("setWebhook", url=target.url)
    await alice.settle()
    target.delay = 0.02
    ivan = server.person("Ivan", user_id=1002)
    for number in range(4):
        await alice.send(f"a{number}")
        await ivan.send(f"i{number}")
    await server.settle()
    assert [t for t in target.texts if t.startswith("a")] == ["a0", "a1", "a2", "a3"]
    assert [t for t in target.texts if t.startswith("i")] == ["i0", "i1", "i2", "i3"]
    assert not target.overlap
    assert target.most == 2


async def test_max_connections(api, server, target):
    await api.ok("setWebhook", url=target.url, max_connections=2)
    target.delay = 0.01
    people = [server.person("P", user_id=2000 + n) for n in range(6)]
    for person in people:
        await person.send("x")
    await server.settle()
    assert len(target.got) == 6
    assert target.most == 2


async def test_the_same_update_until_a_2xx(api, server, alice, target):
    target.answers = [
        web.Response(status=500),
        web.Response(status=503, headers={"Retry-After": "0.05"}),
        web.Response(status=302, headers={"Location": "/elsewhere"}),
        ConnectionResetError("cut"),
        web.Response(status=204),
    ]
    await api.ok("setWebhook", url=target.url)
    await alice.send("next")
    await server.settle()
    assert target.texts == ["/start"] * 5 + ["next"]
    statuses = [status for _, status in server.state.webhook.state.statuses]
    assert statuses == [500, 503, 302, 0, 204, 200]
    assert (await api.ok("getWebhookInfo"))["last_error_message"]


async def test_a_hanging_bot_is_asked_again(api, server, alice, target):
    server.state.pace.timeout = 0.1
    target.delay = 0.3
    await api.ok("setWebhook", url=target.url)
    await asyncio.sleep(0.15)
    target.delay = 0
    await server.settle()
    assert len(target.got) >= 1
    assert server.state.webhook.state.statuses[0][1] == 0


async def test_undelivered_updates_are_polled_later(api, server, alice, target):
    target.answers = [web.Response(status=500)] * 1000
    await api.ok("setWebhook", url=target.url)
    await alice.send("second")
    await asyncio.sleep(0.05)
    await api.ok("deleteWebhook")
    assert [u["message"]["text"] for u in await api.ok("getUpdates")] == ["/start", "second"]


async def test_a_method_in_the_response(api, server, alice, target):
    reply = {"method": "sendMessage", "chat_id": 1001, "text": "<b>at once</b>", "parse_mode": "HTML"}
    target.answers = [web.json_response(reply)]
    await api.ok("setWebhook", url=target.url)
    await alice.settle()
    assert alice.last.html == "<b>at once</b>"
    assert server.calls[-1].method == "sendMessage"


async def test_redelivery_and_raw_posts(api, server, alice, target):
    await api.ok("setWebhook", url=target.url, secret_token="good")
    await alice.settle()
    number = target.got[0]["update_id"]
    assert await server.redeliver(number, times=5) == [200] * 5
    assert await server.redeliver(number, times=2, parallel=False) == [200, 200]
    assert [u["update_id"] for u in target.got] == [number] * 8
    assert await server.post_raw(b'{"any": "thing"}', {server.secret_header: "bad"}) == 200
    assert target.secrets[-1] == "bad"
    with pytest.raises(KeyError):
        await server.redeliver(1)


async def test_replicas_take_turns(target):
    other = Target()
    runner = await listening(other)
    targets = {"https://bot.example/hook": [target.url, other.url]}
    async with TelegramServer("42:TEST", pace=PACE, webhook_targets=targets) as server:
        alice = server.person("Aigerim", user_id=1001)
        from sandbox.telegram.dispatch import perform
        from sandbox.telegram.params import Params

        await perform(server.state, "setWebhook", Params({"url": "https://bot.example/hook"}))
        for number in range(4):
            await alice.send(str(number))
        await server.settle()
    await runner.cleanup()
    assert target.texts == ["0", "2"]
    assert other.texts == ["1", "3"]


async def test_callbacks_may_have_their_own_queue(api, server, alice, target):
    server.state.pace.split_callbacks = True
    await api.ok("setWebhook", url=target.url)
    await alice.settle()
    target.delay = 0.05
    await alice.send("slow")
    await alice.press("x", 1)
    await server.settle()
    assert target.most == 2
    server.state.pace.split_callbacks = False
