"""Counts the bot's own calls of the Bot API."""

from __future__ import annotations

from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from aiogram.methods import TelegramMethod

from services.metrics import Metrics


class ObservedCalls(BaseRequestMiddleware):
    """Method and status of every call, 429 apart."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Any:
        """The call's own answer."""
        try:
            answer = await make_request(bot, method)
        except TelegramRetryAfter:
            self._metrics.bot_call(method.__api_method__, 429)
            raise
        except TelegramAPIError as error:
            self._metrics.bot_call(method.__api_method__, type(error).__name__)
            raise
        self._metrics.bot_call(method.__api_method__, 200)
        return answer
