"""What sendMessage and its sisters take and refuse."""

from __future__ import annotations

import io
import json

import aiohttp
import pytest
from PIL import Image

from sandbox.telegram.keyboards import MAX_BUTTONS

LONG = "ә" * 4096


def keys(*buttons: dict) -> dict:
    return {"inline_keyboard": [list(buttons)]}


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, kind)
    return out.getvalue()


def upload(name: str, data: bytes, **fields: object) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for key, value in fields.items():
        form.add_field(key, value if isinstance(value, str) else json.dumps(value))
    form.add_field(name, io.BytesIO(data), filename="file.png")
    return form


async def test_a_message_has_what_telegram_shows(api, alice):
    sent = await api.ok("sendMessage", chat_id=1001, text=" <b>Сәлем</b> ", parse_mode="HTML")
    assert sent["text"] == "Сәлем"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    assert sent["from"]["is_bot"] is True
    assert sent["chat"] == {"id": 1001, "first_name": "Aigerim", "username": "aigerim", "type": "private"}
    assert sent["message_id"] == 2


async def test_text_is_measured_after_parsing(api, alice):
    await api.ok("sendMessage", chat_id=1001, text=f"<b>{LONG}</b>  ", parse_mode="HTML")
    await api.ok("sendMessage", chat_id=1001, text="😀" * 2048)
    assert (
        await api.fails("sendMessage", chat_id=1001, text="😀" * 2048 + "a")
        == "Bad Request: message is too long"
    )


@pytest.mark.parametrize("text", ["", " \n ", "<b> </b>"])
async def test_empty_texts(api, alice, text):
    refused = await api.fails("sendMessage", chat_id=1001, text=text, parse_mode="HTML")
    assert refused == "Bad Request: message text is empty"


async def test_who_can_be_written_to(api, server, alice):
    stranger = server.person("Ivan", user_id=1002)
    assert await api.fails("sendMessage", chat_id=5, text="x") == "Bad Request: chat not found"
    assert await api.fails("sendMessage", text="x") == "Bad Request: chat_id is empty"
    refused = await api.fails("sendMessage", chat_id=1002, text="x")
    assert refused == "Forbidden: bot can't initiate conversation with a user"
    await stranger.send("hello")
    await api.ok("sendMessage", chat_id="1002", text="x")
    alice.block()
    blocked = "Forbidden: bot was blocked by the user"
    assert await api.fails("sendMessage", chat_id=1001, text="x") == blocked
    assert await api.fails("sendChatAction", chat_id=1001, action="typing") == blocked
    alice.unblock()
    await api.ok("sendChatAction", chat_id=1001, action="typing")
    assert await api.fails("sendChatAction", chat_id=1001, action="dancing")


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "ә" * 32 + "a"}, "BUTTON_DATA_INVALID"),
        ({"text": " ", "callback_data": "a"}, "inline keyboard button text must be non-empty"),
        ({"callback_data": "a"}, 'Can\'t find field "text"'),
        ({"text": "x"}, "text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": "a", "url": "https://a.kz"}, "exactly one action field"),
        ({"text": "x", "callback_data": "a", "style": "pink"}, "invalid button style"),
        ({"text": "x", "url": "http://localhost/a"}, "Wrong HTTP URL"),
        ({"text": "x", "url": "nonsense"}, "Wrong HTTP URL"),
        ({"text": "x", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "copy_text": {"text": "a" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "web_app": {"url": "http://a.kz"}}, "Only HTTPS links are allowed"),
    ],
)
async def test_bad_buttons(api, alice, button, reason):
    assert reason in await api.fails("sendMessage", chat_id=1001, text="x", reply_markup=keys(button))


async def test_good_buttons(api, alice):
    buttons = [
        {"text": "x", "callback_data": "ә" * 32, "style": "danger"},
        {"text": "x", "copy_text": {"text": "a" * 256}},
        {"text": "x", "url": "tg://user?id=1"},
        {"text": "x", "web_app": {"url": "https://a.kz/app"}},
        {"text": "x", "disabled": {}},
        {"text": "x", "switch_inline_query_current_chat": ""},
    ]
    sent = await api.ok("sendMessage", chat_id=1001, text="x", reply_markup=keys(*buttons))
    assert sent["reply_markup"]["inline_keyboard"][0] == buttons
    many = [[{"text": "x", "callback_data": "a"}] for _ in range(MAX_BUTTONS + 1)]
    refused = await api.fails("sendMessage", chat_id=1001, text="x", reply_markup={"inline_keyboard": many})
    assert refused == "Bad Request: reply markup is too long"
    await api.ok("sendMessage", chat_id=1001, text="x", reply_markup={"inline_keyboard": many[1:]})


async def test_reply_keyboards_come_and_go(api, alice):
    markup = {"keyboard": [[{"text": "Yes"}], ["No"]], "resize_keyboard": True}
    sent = await api.ok("sendMessage", chat_id=1001, text="x", reply_markup=markup)
    assert "reply_markup" not in sent
    assert alice.reply_keyboard == markup
    refused = await api.fails("editMessageText", chat_id=1001, message_id=sent["message_id"], text="y")
    assert refused == "Bad Request: message can't be edited"
    await api.ok("sendMessage", chat_id=1001, text="x", reply_markup={"remove_keyboard": True})
    assert alice.reply_keyboard is None
    assert await api.fails("sendMessage", chat_id=1001, text="x", reply_markup={"keyboard": [[]]})


async def test_other_parse_modes_and_given_entities(api, alice):
    assert (
        await api.fails("sendMessage", chat_id=1001, text="x", parse_mode="XML")
        == "Bad Request: unsupported parse_mode"
    )
    bold = {"type": "bold", "offset": 0, "length": 2}
    sent = await api.ok("sendMessage", chat_id=1001, text="abc", entities=[bold])
    assert sent["entities"] == [bold]
    assert await api.fails("sendMessage", chat_id=1001, text="a", entities=[bold])


async def test_photos(api, server, session, alice):
    url = f"{server.url}/bot42:TEST/sendPhoto"

    async def send(data: bytes, **fields: object) -> dict:
        async with session.post(url, data=upload("photo", data, chat_id="1001", **fields)) as response:
            return await response.json()

    assert (await send(picture(9990, 10)))["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS"
    assert (await send(picture(5001, 5000)))["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS"
    assert (await send(picture(200, 10)))["ok"]
    assert (await send(picture(210, 10)))["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS"
    assert (await send(b"no picture"))["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    large = picture(10, 10) + b"\0" * (10 * 1024 * 1024)
    assert "too big for a photo" in (await send(large))["description"]
    assert (await send(picture(9, 9), caption="a" * 1024))["ok"]
    assert (await send(picture(9, 9), caption="a" * 1025))[
        "description"
    ] == "Bad Request: message caption is too long"
    assert await api.fails("sendPhoto", chat_id=1001) == "Bad Request: there is no photo in the request"
    assert "wrong remote file identifier" in await api.fails("sendPhoto", chat_id=1001, photo="abc")
    refused = await api.fails("sendPhoto", chat_id=1001, photo="https://example.com/a.png")
    assert refused == "Bad Request: failed to get HTTP URL content"


async def test_photos_by_url_come_only_from_this_machine(api, server, alice):
    await alice.send_photo(picture(30, 20), caption="mine")
    photo = alice.messages[-1].photo
    info = await api.ok("getFile", file_id=photo)
    address = f"{server.url}/file/bot42:TEST/{info['file_path']}"
    sent = await api.ok("sendPhoto", chat_id=1001, photo=address)
    assert sent["photo"][0]["width"] == 30
    refused = await api.fails("sendPhoto", chat_id=1001, photo=f"{server.url}/file/bot42:TEST/nothing.png")
    assert refused == "Bad Request: failed to get HTTP URL content"


async def test_documents_and_downloads(api, server, alice):
    await alice.send_document(b"x" * (20 * 1024 * 1024 + 1), "big.bin")
    big = alice.messages[-1].document["file_id"]
    assert await api.fails("getFile", file_id=big) == "Bad Request: file is too big"
    assert await api.fails("getFile", file_id="abc") == "Bad Request: invalid file_id"
    sent = await api.ok("sendDocument", chat_id=1001, document=big, caption="again")
    assert sent["document"]["file_name"] == "big.bin"
    assert "can't use file of type" in await api.fails("sendPhoto", chat_id=1001, photo=big)


async def test_copies_and_forwards(api, alice):
    first = await api.ok("sendMessage", chat_id=1001, text="<b>x</b>", parse_mode="HTML")
    ids = {"chat_id": 1001, "from_chat_id": 1001, "message_id": first["message_id"]}
    copied = await api.ok("copyMessage", **ids)
    assert alice.last.id == copied["message_id"]
    assert alice.last.html == "<b>x</b>"
    forwarded = await api.ok("forwardMessage", **ids)
    assert forwarded["forward_origin"]["type"] == "user"
    assert (
        await api.fails("copyMessage", **{**ids, "message_id": 999})
        == "Bad Request: message to copy not found"
    )


async def test_albums_hold_two_to_ten(api, alice):
    await alice.send_photo(picture(9, 9))
    item = {"type": "photo", "media": alice.messages[-1].photo}
    assert len(await api.ok("sendMediaGroup", chat_id=1001, media=[item, item])) == 2
    assert await api.fails("sendMediaGroup", chat_id=1001, media=[item])
    assert await api.fails("sendMediaGroup", chat_id=1001, media=[item] * 11)
    assert await api.fails("sendMediaGroup", chat_id=1001, media=[item, {"type": "document", "media": "x"}])


async def test_replies(api, alice):
    sent = await api.ok("sendMessage", chat_id=1001, text="x", reply_parameters={"message_id": 1})
    assert sent["reply_to_message"]["text"] == "/start"
    refused = await api.fails("sendMessage", chat_id=1001, text="x", reply_parameters={"message_id": 99})
    assert refused == "Bad Request: message to be replied not found"
    lenient = {"message_id": 99, "allow_sending_without_reply": True}
    await api.ok("sendMessage", chat_id=1001, text="x", reply_parameters=lenient)
