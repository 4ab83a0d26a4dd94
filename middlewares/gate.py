"""Second: one Redis round trip that says whether this update is new, in time, and whose session it brings."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.exceptions import TelegramAPIError
from aiogram.types import TelegramObject
from redis.exceptions import RedisError

from api.context import reading_only
from api.errors import BackendError, SessionEnded
from middlewares.context import Context
from middlewares.strangers import carries_code
from services.gate import Seen
from services.journal import INTERVAL
from services.looking import Look
from services.preferences import UiField
from services.sessions import FRESH
from views.deliver import Shown

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

REDIS_WITHIN = 2.0
"""Seconds Redis may take before the person is told that it is down."""
NOTED_WITHIN = INTERVAL + 0.03
"""Seconds after which what one replica did is known to the others."""
NOTICE_PAUSE = 20.0
"""Seconds between two notices of the same kind to the same person."""


class UpdateBusy(Exception):
    """Another process holds this update right now."""


class StoreUnavailable(Exception):
    """Redis cannot be reached: nothing was begun, the update must come again."""


class GateMiddleware(BaseMiddleware):
    """Admits each update once, at a human pace, with the person's session and screen state."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[int, str], float] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hands on an admitted update. Raises ``UpdateBusy`` and ``StoreUnavailable``."""
        ctx: Context = data["ctx"]
        if ctx.message is not None and ctx.app.replicated:
            # Another replica may have shown the screen that this text answers, and have its note still to write.
            await asyncio.sleep(NOTED_WITHIN)
        try:
            async with asyncio.timeout(REDIS_WITHIN):
                ctx.entry = await ctx.app.gate.enter(
                    ctx.update_id, ctx.person.id, now=ctx.now, write_key=ctx.write_key or None
                )
        except (RedisError, TimeoutError, OSError) as error:
            structlog.get_logger(__name__).error("redis_unavailable", reason=type(error).__name__)
            await _hide_code(ctx)
            await self._tell(ctx, "error.store")
            raise StoreUnavailable from error
        spoken = (ctx.person.language_code or "")[:2]
        ctx.locale = ctx.app.locale(ctx.state.language or spoken, ctx.state.timezone)
        if spoken in ctx.app.texts and spoken != ctx.state.spoken:
            ctx.ui[UiField.SPOKEN] = spoken
        if ctx.entry.seen is Seen.RUNNING:
            raise UpdateBusy
        if ctx.entry.seen is Seen.DONE:
            # Its answer may have died with the process that did the work; one that arrived makes this one void.
            await ctx.answer.give()
            return None
        if ctx.entry.wait:
            await _hide_code(ctx)
            await self._tell(ctx, "error.too_fast", n=ctx.entry.wait)
            return None
        try:
            await self._sign_in(ctx)
            with reading_only() if ctx.look is not None else contextlib.nullcontext():
                return await handler(event, data)
        except (RedisError, ConnectionError) as error:
            structlog.get_logger(__name__).error("redis_lost", reason=type(error).__name__)
            await self._tell(ctx, "error.store")
            raise StoreUnavailable from error

    async def _sign_in(self, ctx: Context) -> None:
        """Sets session and principal; begins the check of a binding that is older than a minute."""
        sessions = ctx.app.sessions
        ctx.session = sessions.read(ctx.person.id, ctx.entry.session)
        if ctx.session is None:
            try:
                ctx.session = await sessions.recover(ctx.person.id, ctx.state, ctx.now)
            except BackendError as error:
                structlog.get_logger(__name__).warning("session_not_recovered", reason=type(error).__name__)
        look = Look.read(ctx.state.look)
        ctx.look_lapsed = look is not None and look.until <= ctx.now
        ctx.look_on(None if ctx.look_lapsed else look)
        if ctx.look_lapsed:
            ctx.ui[UiField.LOOK] = ""
        if ctx.session is not None and ctx.now - ctx.session.checked_at > FRESH:
            ctx.refreshing = asyncio.create_task(sessions.revalidate(ctx.session, ctx.now))
            ctx.refreshing.add_done_callback(_retrieve)
        if ctx.shown is None and ctx.go is None and ctx.state.message_id is not None:
            ctx.shown = Shown(ctx.state.message_id, ctx.state.message_kind == "photo")

    async def _tell(self, ctx: Context, key: str, **params: Any) -> None:
        """One notice in the person's language: an alert for a press, else a message, not more often than is useful."""
        texts = (
            ctx.locale.texts
            if hasattr(ctx, "locale")
            else ctx.app.locale((ctx.person.language_code or "")[:2], None).texts
        )
        text = texts(key, **params)
        if not ctx.answer.given:
            await ctx.answer.give(text, alert=True)
        elif self._is_due(ctx.person.id, key):
            try:
                await ctx.app.bot.send_message(ctx.chat_id, text)
            except TelegramAPIError as error:
                structlog.get_logger(__name__).warning("notice_not_sent", reason=type(error).__name__)

    def _is_due(self, user_id: int, key: str) -> bool:
        now = time.monotonic()
        if now - self._told.get((user_id, key), -NOTICE_PAUSE) < NOTICE_PAUSE:
            return False
        self._told[user_id, key] = now
        while len(self._told) > 1000:
            self._told.popitem(last=False)
        return True


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Marks the task's error as seen: an op that never needed the answer must not leave a warning behind."""
    if not task.cancelled() and isinstance(task.exception(), SessionEnded):
        structlog.get_logger(__name__).info("session_ended")


async def _hide_code(ctx: Context) -> None:
    """A message with a one-time password is removed also when nobody may read it now."""
    if ctx.message is not None and carries_code(ctx.message.text or ""):
        await ctx.app.deliver.delete(ctx.chat_id, ctx.message.message_id)
