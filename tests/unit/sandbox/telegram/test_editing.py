"""Edits, deletions, answers: Telegram's rules and words."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sandbox.telegram import TelegramServer
from sandbox.telegram.methods.editing import NOT_MODIFIED

KEYS = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


@pytest.fixture
async def photo(api, alice):
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    await alice.send_photo(out.getvalue())
    return await api.ok(
        "sendPhoto", chat_id=1001, photo=alice.messages[-1].photo, caption="c", reply_markup=KEYS
    )


@pytest.fixture
async def text(api, alice):
    return await api.ok("sendMessage", chat_id=1001, text="one", reply_markup=KEYS)


def at(message: dict) -> dict:
    return {"chat_id": 1001, "message_id": message["message_id"]}


async def test_text_edits(api, alice, text):
    edited = await api.ok(
        "editMessageText", **at(text), text="<i>two</i>", parse_mode="HTML", reply_markup=KEYS
    )
    assert edited["text"] == "two"
    assert edited["edit_date"]
    assert edited["reply_markup"] == KEYS
    same = await api.fails(
        "editMessageText", **at(text), text=" <i>two</i>", parse_mode="HTML", reply_markup=KEYS
    )
    assert same == f"Bad Request: {NOT_MODIFIED}"
    without = await api.ok("editMessageText", **at(text), text="<i>two</i>", parse_mode="HTML")
    assert "reply_markup" not in without
    assert await api.fails("editMessageText", **at(text), text="a" * 4097) == "Bad Request: MESSAGE_TOO_LONG"


async def test_what_can_not_be_edited(api, alice, text):
    assert (
        await api.fails("editMessageText", chat_id=1001, message_id=1, text="x")
        == "Bad Request: message can't be edited"
    )
    missing = await api.fails("editMessageText", chat_id=1001, message_id=77, text="x")
    assert missing == "Bad Request: message to edit not found"
    refused = await api.fails("editMessageText", chat_id=1001, text="x")
    assert refused == "Bad Request: message identifier is not specified"
    refused = await api.fails("editMessageCaption", **at(text), caption="x")
    assert refused == "Bad Request: there is no caption in the message to edit"
    refused = await api.fails("editMessageReplyMarkup", **at(text), reply_markup={"keyboard": [["x"]]})
    assert refused == "Bad Request: inline keyboard expected"


async def test_photo_edits(api, alice, photo):
    refused = await api.fails("editMessageText", **at(photo), text="x")
    assert refused == "Bad Request: there is no text in the message to edit"
    edited = await api.ok("editMessageCaption", **at(photo), caption="d", reply_markup=KEYS)
    assert edited["photo"] == photo["photo"]
    assert NOT_MODIFIED in await api.fails("editMessageCaption", **at(photo), caption="d", reply_markup=KEYS)
    assert "caption is too long" in await api.fails("editMessageCaption", **at(photo), caption="d" * 1025)
    same = {"type": "photo", "media": photo["photo"][0]["file_id"], "caption": "d"}
    assert NOT_MODIFIED in await api.fails("editMessageMedia", **at(photo), media=same, reply_markup=KEYS)
    await api.ok("editMessageReplyMarkup", **at(photo))
    assert alice.last.buttons == []
    assert alice.last.text == "d"
    assert NOT_MODIFIED in await api.fails("editMessageReplyMarkup", **at(photo))


async def test_text_becomes_a_photo(api, alice, text, photo):
    media = {
        "type": "photo",
        "media": photo["photo"][0]["file_id"],
        "caption": "<b>n</b>",
        "parse_mode": "HTML",
    }
    edited = await api.ok("editMessageMedia", **at(text), media=media)
    assert "text" not in edited
    assert edited["caption"] == "n"
    assert edited["caption_entities"][0]["type"] == "bold"
    assert await api.fails("editMessageMedia", **at(text), media={"type": "video", "media": "x"})


async def test_deleting(api, server, alice, text):
    assert await api.ok("deleteMessage", chat_id=1001, message_id=1) is True
    assert await api.ok("deleteMessage", **at(text)) is True
    assert await api.fails("deleteMessage", **at(text)) == "Bad Request: message to delete not found"
    assert alice.messages == []
    sent = await api.ok("sendMessage", chat_id=1001, text="next")
    assert sent["message_id"] == text["message_id"] + 1
    await api.ok("deleteMessages", chat_id=1001, message_ids=[sent["message_id"], 500])
    assert await api.fails("deleteMessages", chat_id=1001, message_ids=list(range(101)))


async def test_old_messages_can_not_be_deleted():
    now = 1_800_000_000.0
    async with TelegramServer("42:TEST", clock=lambda: now) as server:
        alice = server.person("Aigerim", user_id=1001)
        await alice.send("/start")
        now += 48 * 3600 + 1
        from sandbox.telegram.dispatch import perform
        from sandbox.telegram.params import Params

        answer = await perform(server.state, "deleteMessage", Params({"chat_id": 1001, "message_id": 1}))
        assert b"message can't be deleted for everyone" in answer.body
        assert len(alice.messages) == 1


async def test_answers(api, alice, text):
    press = await alice.click("Go", settle=False)
    assert alice.unanswered == ["go"]
    refused = await api.fails("answerCallbackQuery", callback_query_id=press.query_id, text="a" * 201)
    assert refused == "Bad Request: MESSAGE_TOO_LONG"
    await api.ok("answerCallbackQuery", callback_query_id=press.query_id, text="a" * 200, show_alert=True)
    assert alice.alerts == [("a" * 200, True)]
    assert alice.unanswered == []
    expired = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await api.fails("answerCallbackQuery", callback_query_id=press.query_id) == expired
    assert await api.fails("answerCallbackQuery", callback_query_id="12") == expired


async def test_answers_come_too_late(api, server, alice, text):
    press = await alice.click("Go", settle=False)
    server.state.clock = lambda: 4_000_000_000.0
    assert "query is too old" in await api.fails("answerCallbackQuery", callback_query_id=press.query_id)
    assert alice.unanswered == ["go"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ({"command": "Start", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "a" * 33, "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "", "description": "x"}, "command must be non-empty"),
        ({"command": "a", "description": ""}, "command description must be non-empty"),
        ({"command": "a", "description": "x" * 257}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_bad_commands(api, command, reason):
    assert reason in await api.fails("setMyCommands", commands=[command])


async def test_command_limits_and_scopes(api, alice):
    fine = [{"command": f"c{n}", "description": "x" * 256} for n in range(100)]
    await api.ok("setMyCommands", commands=fine)
    assert len(alice.commands) == 100
    assert await api.fails("setMyCommands", commands=[*fine, fine[0]]) == "Bad Request: BOT_COMMANDS_TOO_MUCH"
    await api.ok("setMyCommands", commands=fine[:2], scope={"type": "all_private_chats"}, language_code="kk")
    assert len(alice.commands) == 2
    assert await api.fails("setMyCommands", commands=fine, language_code="kaz")
    assert await api.fails("setMyCommands", commands=fine, scope={"type": "chat", "chat_id": 5})
    assert await api.ok("getMyCommands", language_code="kk") == []


async def test_descriptions_and_menu_button(api, alice):
    await api.ok("setMyDescription", description="Сипаттама", language_code="kk")
    assert alice.overview()["description"] == "Сипаттама"
    assert await api.fails("setMyDescription", description="x" * 513)
    assert await api.fails("setMyShortDescription", short_description="x" * 121)
    await api.ok("setChatMenuButton", chat_id=1001, menu_button={"type": "default"})
    assert await api.ok("getChatMenuButton", chat_id=1001) == {"type": "default"}
    assert await api.ok("getChatMenuButton") == {"type": "commands"}


async def test_pins_reactions_and_looking(api, alice, text):
    await api.ok("pinChatMessage", **at(text))
    assert (await api.ok("getChat", chat_id=1001))["pinned_message"]["text"] == "one"
    await api.ok("unpinChatMessage", chat_id=1001)
    assert "pinned_message" not in await api.ok("getChat", chat_id=1001)
    await api.ok("setMessageReaction", **at(text), reaction=[{"type": "emoji", "emoji": "👍"}])
    assert await api.ok("getUserProfilePhotos", user_id=1001) == {"total_count": 0, "photos": []}
