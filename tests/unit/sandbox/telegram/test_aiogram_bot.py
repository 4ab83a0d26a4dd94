"""A real aiogram bot on the sandbox: polling, keyboards, edits, answers, files."""

from __future__ import annotations

import asyncio
import io

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    DisabledButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)
from PIL import Image

TOKEN = "42:TEST"


def png(width=32, height=24) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=label.lower())] for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=rows)


@pytest.fixture
async def bot(server):
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    made = Bot(TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    yield made
    await made.session.close()


@pytest.fixture
async def polling(server, bot):
    dispatcher = Dispatcher()

    @dispatcher.message(F.text.startswith("/start"))
    async def start(message: Message) -> None:
        await message.answer("<b>Сәлем</b>, 👋 menu", reply_markup=keyboard("Events", "News"))

    @dispatcher.callback_query()
    async def pressed(query: CallbackQuery) -> None:
        await query.answer(f"got {query.data}", show_alert=query.data == "news")
        await query.message.edit_text(f"Screen {query.data}", reply_markup=keyboard("Back", query.data + "!"))

    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
    yield dispatcher
    await dispatcher.stop_polling()
    await task


async def test_a_person_clicks_through(server, polling):
    alice = server.person("Aigerim", user_id=1001, language_code="kk")
    await alice.send("/start")
    await alice.settle()
    assert alice.last.text == "Сәлем, 👋 menu"
    assert alice.last.html == "<b>Сәлем</b>, 👋 menu"
    assert alice.last.buttons == [["Events"], ["News"]]
    press = await alice.click("Event")
    assert press.answer["text"] == "got events"
    assert alice.last.text == "Screen events"
    assert alice.last.edited
    assert len(alice.bot_messages) == 1
    await alice.click("Back")
    assert alice.alerts == [("got events", False), ("got back", False)]
    assert alice.unanswered == []
    with pytest.raises(LookupError, match=r"(?s)no button 'Nowhere'.*Back"):
        await alice.click("Nowhere")
    assert [call.status for call in server.calls.of("editMessageText")] == [200, 200]


async def test_files_and_media(server, bot, alice):
    sent = await bot.send_photo(1001, BufferedInputFile(png(), "a.png"), caption="<i>Сурет</i>")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (32, 24)
    assert alice.last.html == "<i>Сурет</i>"
    again = await bot.send_photo(1001, sent.photo[-1].file_id)
    assert again.photo[-1].file_id == sent.photo[-1].file_id
    stored = await bot.download(sent.photo[-1].file_id)
    assert stored.read() == png()
    text = await bot.send_message(1001, "text first")
    media = InputMediaPhoto(media=BufferedInputFile(png(40, 40), "b.png"), caption="<b>now</b> a photo")
    edited = await bot.edit_message_media(
        media, chat_id=1001, message_id=text.message_id, reply_markup=keyboard("X")
    )
    assert edited.photo
    assert edited.text is None
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("back", chat_id=1001, message_id=text.message_id)
    await bot.edit_message_caption(chat_id=1001, message_id=text.message_id, caption="again")
    assert alice.last.text == "again"
    files = [InputMediaDocument(media=BufferedInputFile(b"data", f"{n}.csv")) for n in range(2)]
    album = await bot.send_media_group(1001, files)
    assert album[0].media_group_id == album[1].media_group_id
    assert album[0].document.file_name == "0.csv"


async def test_every_kind_of_button(bot, alice):
    row = [
        InlineKeyboardButton(text="Go", callback_data="x", style="primary"),
        InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="ABCD2345")),
        InlineKeyboardButton(text="Site", url="example.com"),
        InlineKeyboardButton(text="Off", disabled=DisabledButton()),
    ]
    await bot.send_message(1001, "keys", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row]))
    assert alice.last.keyboard[0][2]["url"] == "http://example.com/"
    assert alice.last.keyboard[0][3] == {"text": "Off", "disabled": {}}
    with pytest.raises(ValueError, match="no callback button"):
        await alice.click("Copy")


async def test_commands_by_scope_and_language(server, bot, alice):
    await bot.set_my_commands([BotCommand(command="start", description="Start")])
    await bot.set_my_commands([BotCommand(command="start", description="Бастау")], language_code="kk")
    assert alice.commands == [{"command": "start", "description": "Бастау"}]
    ivan = server.person("Ivan", language_code="ru")
    assert ivan.commands[0]["description"] == "Start"
    scope = BotCommandScopeChat(chat_id=1001)
    await bot.set_my_commands([BotCommand(command="logout", description="Out")], scope=scope)
    assert alice.commands[0]["command"] == "logout"
    assert [c.command for c in await bot.get_my_commands(scope=scope)] == ["logout"]
    await bot.delete_my_commands(scope=scope)
    assert alice.commands[0]["command"] == "start"


async def test_flood_wait_reaches_the_client(server, bot, alice):
    server.faults.add("flood", method="sendMessage", times=1, seconds=7)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(1001, "now")
    assert caught.value.retry_after == 7
    await bot.send_message(1001, "later")
