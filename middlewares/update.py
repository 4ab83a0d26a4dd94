"""First: whose update is it, from where, and is it one this bot answers at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message, TelegramObject, Update, User

from keyboards.callbacks import Go
from middlewares.context import App, Context, Person
from middlewares.strangers import Strangers
from views.deliver import CallbackAnswer, Shown

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

UPDATES = ("message", "callback_query")
"""What Telegram is asked to send; anything else is confirmed unread."""


class ContextMiddleware(BaseMiddleware):
    """Makes the ``Context`` of an update from a person in a private chat; everything else ends here, politely."""

    def __init__(self, app: App, strangers: Strangers) -> None:
        self._app = app
        self._strangers = strangers

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Binds the ids for the log and hands the context on; None for an update that is not answered."""
        if not isinstance(event, Update):
            return None
        if event.message is not None:
            context = await self._of_message(event.update_id, event.message)
        elif event.callback_query is not None:
            context = await self._of_press(event.update_id, event.callback_query)
        else:
            return None
        if context is None:
            return None
        if event.message is not None:
            self._app.metrics.message_age(context.now - event.message.date.timestamp())
        with structlog.contextvars.bound_contextvars(update_id=event.update_id, user_id=context.person.id):
            data["ctx"] = context
            return await handler(event, data)

    async def _of_message(self, update_id: int, message: Message) -> Context | None:
        if not self._strangers.is_personal(message):
            await self._strangers.refuse(message)
            return None
        user = message.from_user
        if user is None:
            return None
        return Context(
            self._app,
            update_id,
            person_of(user),
            message.chat.id,
            CallbackAnswer(self._app.bot, None),
            message=message,
        )

    async def _of_press(self, update_id: int, press: CallbackQuery) -> Context | None:
        answer = CallbackAnswer(self._app.bot, press.id)
        message = press.message
        if (
            press.from_user.is_bot
            or message is None
            or message.chat.type != ChatType.PRIVATE
            or message.chat.id != press.from_user.id
        ):
            await answer.give(self._strangers.text("private.only", press.from_user.language_code), alert=True)
            return None
        shown = Shown(message.message_id, bool(message.photo)) if isinstance(message, Message) else None
        return Context(
            self._app,
            update_id,
            person_of(press.from_user),
            message.chat.id,
            answer,
            go=Go.unpack(press.data),
            shown=shown,
        )


def person_of(user: User) -> Person:
    """The sender as plain values."""
    return Person(user.id, user.first_name, user.last_name, user.username, user.language_code)
