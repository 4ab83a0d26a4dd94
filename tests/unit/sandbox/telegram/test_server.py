"""The doors of the Bot API: tokens, names, bodies."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.telegram import TelegramServer
from sandbox.telegram.dispatch import perform
from sandbox.telegram.methods import table
from sandbox.telegram.params import Params


async def test_wrong_token_and_unknown_method(server, session, api):
    async with session.get(f"{server.url}/bot42:WRONG/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    async with session.get(f"{server.url}/file/bot42:WRONG/x") as response:
        assert response.status == 401
    answer = await api("launchRocket")
    assert answer == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}


async def test_every_way_to_pass_parameters(server, session, alice):
    base = f"{server.url}/bot42:TEST"
    ways = [
        session.get(f"{base}/sendmessage", params={"chat_id": 1001, "text": "a"}),
        session.post(f"{base}/SENDMESSAGE", data={"chat_id": "1001", "text": "b"}),
        session.post(f"{base}/sendMessage?chat_id=1001", json={"text": "c"}),
    ]
    for way in ways:
        async with way as response:
            assert response.status == 200
    assert [message.text for message in alice.bot_messages] == ["a", "b", "c"]
    async with session.post(
        f"{base}/sendMessage", data=b"{", headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400
    async with session.post(
        f"{base}/sendMessage", data=b"[]", headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400


async def test_lone_surrogates_are_refused(server, session, alice):
    body = b'{"chat_id": 1001, "text": "\\ud83d"}'
    url = f"{server.url}/bot42:TEST/sendMessage"
    async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        assert (await response.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


async def test_calls_are_recorded(api, server, alice):
    await api.ok("sendMessage", chat_id="1001", text="a", reply_markup='{"inline_keyboard": []}')
    await api.fails("sendMessage", chat_id=5, text="a")
    good, bad = server.calls
    assert (good.method, good.chat_id, good.status) == ("sendMessage", 1001, 200)
    assert good.params["chat_id"] == 1001
    assert good.params["reply_markup"] == {"inline_keyboard": []}
    assert bad.status == 400
    assert "chat not found" in bad.description
    assert server.calls[-1:] == [bad]
    server.clear_calls()
    assert len(server.calls) == 0
    assert server.calls.total == 2


async def test_stopping_ends_a_long_poll_at_once(session):
    server = TelegramServer("42:TEST")
    await server.start()
    poll = asyncio.create_task(session.get(f"{server.url}/bot42:TEST/getUpdates", params={"timeout": 30}))
    await asyncio.sleep(0.05)
    began = asyncio.get_running_loop().time()
    await server.stop()
    await server.stop()
    response = await poll
    response.release()
    assert asyncio.get_running_loop().time() - began < 2


async def test_the_page_is_served(server, session):
    async with session.get(server.url + "/") as response:
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "Sandbox Telegram" in page
    for name in ("app.js", "phone.js", "frame.css", "chat.css", "panels.css", "pattern.svg", "icon.svg"):
        async with session.get(f"{server.url}/{name}") as response:
            assert response.status == 200
    for name in ("nothing.js", "..%2fserver.py", "page/app.js", "__init__.py"):
        async with session.get(f"{server.url}/{name}") as response:
            assert response.status == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
async def test_other_sites_can_not_drive_it(server, session, origin):
    async with session.post(f"{server.url}/sandbox/settle", headers={"Origin": origin}) as response:
        assert response.status == 403


ODD = [None, True, -1, 10**30, "", "x", "[]", "{", [], [1], ["x"], {}, {"type": "photo"}, {"message_id": "x"}]
NAMES = [
    "message_id",
    "message_ids",
    "text",
    "caption",
    "parse_mode",
    "entities",
    "reply_markup",
    "media",
    "photo",
    "reply_parameters",
    "commands",
    "scope",
    "menu_button",
    "reaction",
    "offset",
    "limit",
    "url",
    "callback_query_id",
    "action",
    "from_chat_id",
    "link_preview_options",
    "file_id",
]
SLOW = {"getupdates", "setwebhook", "deletewebhook"}


@pytest.mark.parametrize("value", ODD, ids=repr)
async def test_odd_parameters_never_break_it(server, alice, value):
    for lower, (name, _) in table().items():
        if lower not in SLOW:
            params = dict.fromkeys(NAMES, value) | {"chat_id": 1001}
            answer = json.loads((await perform(server.state, name, Params(params))).body)
            assert answer["ok"] or answer["error_code"] in {400, 403}
            for one in NAMES:
                answer = await perform(server.state, name, Params({"chat_id": 1001, "text": "x", one: value}))
                assert answer.status in {200, 400, 403}
