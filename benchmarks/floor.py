"""The floor build: the least that a bot of this kind can be, to hold the real one against.

A bare aiogram bot: one Redis GET, one backend GET over aiohttp, then edit and answer side by side. No session,
limits, policy, forms or error handling. ``FLOOR_BUTTONS`` is how many buttons its screen has.
"""

from __future__ import annotations

import asyncio
import gc
import html
import os

import aiohttp
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from redis.asyncio import Redis

BUTTONS = int(os.environ.get("FLOOR_BUTTONS", "8"))


async def serve() -> None:
    """Until killed."""
    env = os.environ
    session = AiohttpSession(api=TelegramAPIServer.from_base(env["TELEGRAM_API_URL"]))
    bot = Bot(env["TELEGRAM_BOT_TOKEN"], session=session, default=DefaultBotProperties(parse_mode="HTML"))
    redis = Redis.from_url(env["REDIS_URL"])
    http = aiohttp.ClientSession(base_url=env["TABYS_API_URL"])
    dispatcher = Dispatcher(disable_fsm=True)
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=f"25 дек 10:00 · Событие {n}", callback_data=f"cdev.{n}")]
            for n in range(1, BUTTONS + 1)
        ]
    )

    @dispatcher.message()
    async def start(message: Message) -> None:
        await message.answer("menu", reply_markup=keyboard)

    @dispatcher.callback_query()
    async def press(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await redis.get(f"session:{query.from_user.id}")
        async with http.get("/api/v2/events/admin/17", headers={"Authorization": "Bearer x"}) as response:
            event = await response.json()
        text = f"<b>{html.escape(event['title'])}</b>\n{html.escape(event['description'])[:500]}"
        await asyncio.gather(bot(query.message.edit_text(text, reply_markup=keyboard)), bot(query.answer()))

    gc.collect()
    gc.freeze()
    if not env.get("TELEGRAM_WEBHOOK_URL"):
        await dispatcher.start_polling(bot, handle_signals=False)
        return
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token="bench-secret")
    handler.register(app, path="/hook")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(env["HTTP_PORT"])).start()
    await bot.set_webhook(env["TELEGRAM_WEBHOOK_URL"], secret_token="bench-secret")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
