"""People driven from another process, and the page's live events."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys

import pytest
from PIL import Image

from sandbox.telegram.remote import RemoteTelegram

KEYS = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}, {"text": "Site", "url": "https://a.kz"}]]}


@pytest.fixture
async def remote(server):
    async with RemoteTelegram(server.url) as client:
        yield client


@pytest.fixture
async def bot(api):
    """A bot that answers presses and edits, slowly enough to be waited for."""

    async def run() -> None:
        offset = 0
        while True:
            for update in await api.ok("getUpdates", offset=offset, timeout=10):
                offset = update["update_id"] + 1
                if "message" in update:
                    chat = update["message"]["chat"]["id"]
                    await api.ok("sendMessage", chat_id=chat, text="menu", reply_markup=KEYS)
                elif "callback_query" in update:
                    query = update["callback_query"]
                    await api.ok("answerCallbackQuery", callback_query_id=query["id"], text="done")
                    place = {"chat_id": query["from"]["id"], "message_id": query["message"]["message_id"]}
                    await api("editMessageText", **place, text=f"screen {offset}", reply_markup=KEYS)

    task = asyncio.create_task(run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_remote_person_clicks(remote, bot):
    alice = await remote.person("Aigerim", user_id=1001, language_code="kk")
    await alice.send("/start", settle=True)
    assert (await alice.last()).buttons == [["Go", "Site"]]
    for wait in ("settle", "screen", "answer"):
        pressed = await alice.click("Go", wait=wait)
        assert pressed["answer"]["text"] == "done"
    assert (await alice.last()).text.startswith("screen")
    with pytest.raises(LookupError, match="no button"):
        await alice.click("Nothing")
    with pytest.raises(ValueError, match="no callback button"):
        await alice.click("Site")
    with pytest.raises(ValueError, match="text or data"):
        await alice.click()
    assert (await alice.answers())["unanswered"] == []
    assert [m.from_bot for m in await alice.messages()] == [False, True]
    assert len(await remote.calls("answerCallbackQuery")) == 3
    await remote.clear_calls()
    await remote.settle()


async def test_an_unanswered_press_times_out(remote, api, alice):
    person = await remote.person("Aigerim", user_id=1001)
    await api.ok("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
    with pytest.raises(TimeoutError, match="did not answer"):
        await person.click("Go", patience=0.1)
    await person.press("forged", 1)
    assert (await person.answers())["unanswered"] == ["go", "forged"]


async def test_everything_else_over_http(remote, server, api):
    person = await remote.person("Ivan")
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    await person.send_photo(out.getvalue(), "photo")
    await person.send_document(b"a,b", "list.csv", "text/csv")
    await person.do("start", payload="otp_ABCD2345")
    await person.do("forward", text="x", hidden_name="Y")
    await person.do("via_bot", text="x")
    await person.do("edit", message_id=3, text="edited")
    with pytest.raises(ValueError, match="start payload"):
        await person.do("start", payload="no spaces")
    await person.do("delete", message_id=4)
    texts = [message.text for message in await person.messages()]
    assert texts == ["photo", "", "edited", "x"]
    await person.do("block")
    await person.do("unblock")
    group = await remote.request("POST", "group", {"title": "Team", "members": [person.id]})
    for asked in ({"person": person.id}, {"anonymous": True}, {"as_bot": True}):
        await remote.request("POST", f"group/{group['id']}/send", {"text": "x"} | asked)
    assert len(await remote.request("GET", f"group/{group['id']}/messages")) == 3
    await remote.add_fault("flood", method="getMe", times=1)
    assert (await api("getMe"))["error_code"] == 429
    assert await remote.request("GET", "faults") == []
    await remote.add_fault("flood")
    await remote.clear_faults()
    number = await remote.push_raw({"odd": 1})
    await api.ok("getUpdates", offset=number + 1)
    assert await remote.redeliver(number) == []
    assert (await remote.request("GET", "deliveries"))["url"] == ""
    assert (await remote.request("GET", "state"))["bot"]["username"] == "tabys_sandbox_bot"
    with pytest.raises(LookupError):
        await remote.request("GET", "person/5/messages")
    with pytest.raises(LookupError):
        await remote.request("POST", "nothing")


async def test_live_events(server, session, api, alice):
    async with session.get(f"{server.url}/sandbox/events") as stream:
        await stream.content.readline()
        await api.ok("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        press = await alice.click("Go", settle=False)
        await api.ok("answerCallbackQuery", callback_query_id=press.query_id, text="hi")
        await api.ok("sendChatAction", chat_id=1001, action="typing")
        await api.ok("deleteMessage", chat_id=1001, message_id=2)
        kinds = []
        while "delete" not in kinds:
            line = await asyncio.wait_for(stream.content.readline(), 2)
            if line.startswith(b"data: "):
                kinds.append(json.loads(line[6:])["kind"])
    assert kinds == ["message", "call", "press", "answer", "call", "action", "call", "delete"]


async def test_stored_files_are_served_safely(server, session, alice):
    await alice.send_document(b"<script>", "page.html", "text/html")
    async with session.get(f"{server.url}/sandbox/file/{alice.messages[-1].document['file_id']}") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")


async def test_it_runs_alone_and_stops_on_sigterm(session):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.telegram",
        "--port",
        "0",
        "--token",
        "7:ALONE",
        "--persons",
        "A:kk,B:en",
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    url = line.split()[2]
    async with session.get(f"{url}/sandbox/state") as response:
        persons = (await response.json())["persons"]
    assert [(p["id"], p["language_code"]) for p in persons] == [(1001, "kk"), (1002, "en")]
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    process._transport.close()
