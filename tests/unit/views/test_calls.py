"""Calls as plain JSON: what is sent, what comes back, and aiogram's own errors for what goes wrong."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import User
from aiohttp import web
from aiohttp.test_utils import TestServer

from views.calls import Call, CallSession, call

TOKEN = "42:CALLS-TEST-TOKEN"


class BotApi:
    """Answers what it is told to and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, '{"ok": true, "result": true}'
        self.asked: list[tuple[str, Any]] = []

    async def receive(self, request: web.Request) -> web.Response:
        json = request.content_type == "application/json"
        self.asked.append((request.path, await request.json() if json else dict(await request.post())))
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@pytest.fixture
def api() -> BotApi:
    return BotApi()


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    app = web.Application()
    app.router.add_post("/{path:.*}", api.receive)
    async with TestServer(app) as server:
        session = CallSession(
            api=TelegramAPIServer.from_base(str(server.make_url("")).rstrip("/")), timeout=2
        )
        made = Bot(TOKEN, session=session)
        yield made
        await made.session.close()


async def test_what_is_given_is_sent_as_json_and_the_result_comes_back_plain(bot: Bot, api: BotApi):
    api.body = '{"ok": true, "result": {"message_id": 7}}'
    keyboard = {"inline_keyboard": [[{"text": "Ә", "callback_data": "me--"}]]}
    found = await call(bot, "sendMessage", chat_id=1, text="Қайырлы күн", reply_markup=keyboard, style=None)
    assert found == {"message_id": 7}
    sent = {"chat_id": 1, "text": "Қайырлы күн", "reply_markup": keyboard}
    assert api.asked == [(f"/bot{TOKEN}/sendMessage", sent)]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (
            400,
            '{"ok": false, "error_code": 400, "description": "message is not modified"}',
            TelegramBadRequest,
        ),
        (403, '{"ok": false, "error_code": 403, "description": "blocked"}', TelegramForbiddenError),
        (
            429,
            '{"ok": false, "error_code": 429, "description": "slow", "parameters": {"retry_after": 3}}',
            TelegramRetryAfter,
        ),
        (500, '{"ok": false, "error_code": 500}', TelegramServerError),
        (502, "<html>Bad Gateway</html>", TelegramServerError),
        (200, "", TelegramServerError),
        (200, "[]", TelegramServerError),
    ],
)
async def test_errors_are_aiograms(bot: Bot, api: BotApi, status: int, body: str, error: type[Exception]):
    api.status, api.body = status, body
    with pytest.raises(error):
        await call(bot, "editMessageText", chat_id=1, message_id=2, text="x")


async def test_an_unreachable_bot_api_is_a_network_error():
    bot = Bot(TOKEN, session=CallSession(api=TelegramAPIServer.from_base("http://127.0.0.1:9"), timeout=2))
    with pytest.raises(TelegramNetworkError):
        await call(bot, "answerCallbackQuery", callback_query_id="1")
    await bot.session.close()


async def test_aiograms_own_methods_go_their_own_way(bot: Bot, api: BotApi):
    api.body = '{"ok": true, "result": {"id": 42, "is_bot": true, "first_name": "Bot"}}'
    assert isinstance(await bot.get_me(), User)


def test_a_session_that_sends_forms_reads_the_parameters():
    assert Call("x", a=1, b=None).model_dump(warnings=False) == {"a": 1}
