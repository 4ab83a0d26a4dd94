"""The whole bot as one function of an update: what the ingress calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from aiogram import Dispatcher, Router
from aiogram.types import CallbackQuery, Message, Update
from pydantic import ValidationError

from handlers import (
    alerts,
    approvals,
    community,
    drafts,
    find,
    look,
    mailings,
    menu,
    office,
    sessions,
    settings,
    sign_in,
    statistics,
    status,
)
from handlers._engine import export, mine, saved
from handlers._engine.dispatch import Dispatch, PersonRoute, ResourceRoute
from handlers._engine.turn import Turns
from handlers.broadcasts import note_read, read_press
from handlers.messages import Messages
from ingress.contract import Handled
from middlewares.access import AccessMiddleware, undeclared
from middlewares.context import App, Context
from middlewares.gate import GateMiddleware, StoreUnavailable, UpdateBusy
from middlewares.strangers import Strangers
from middlewares.update import ContextMiddleware
from models.access import PUBLIC

UPDATE_WITHIN = 8.0
"""Seconds one update may take, however it ends."""

PERSON_ROUTES: Mapping[str, PersonRoute] = {
    **menu.ROUTES, **settings.ROUTES, **sign_in.ROUTES, **status.ROUTES, **drafts.ROUTES, **find.ROUTES,
    **saved.ROUTES, **office.ROUTES, **approvals.ROUTES, **alerts.ROUTES, **statistics.ROUTES, **mine.ROUTES,
    **community.ROUTES,
}  # fmt: skip

RESOURCE_ROUTES: Mapping[str, ResourceRoute] = {
    **menu.HUB, **export.ROUTES, **saved.RESOURCES, **approvals.RESOURCES, **sessions.ROUTES, **mailings.RESOURCES,
    **community.RESOURCES,
}  # fmt: skip


class UndeclaredHandler(Exception):
    """A handler without a declared need: the bot does not start with one."""


class Application:
    """Takes updates as decoded JSON. ``routers`` are a module's own aiogram routers, the last rung of the ladder."""

    def __init__(self, app: App, routers: Iterable[Router] = ()) -> None:
        """Raises ``UndeclaredHandler`` naming every handler without a need."""
        self._app = app
        persons = {**PERSON_ROUTES, **look.routes(menu.open_menu)}
        self._dispatch = Dispatch(persons, RESOURCE_ROUTES, mailings.DRAFTS)
        self._turns = Turns(lambda ctx: menu.open_menu(ctx))
        self._messages = Messages(self._turns)
        self.dispatcher = Dispatcher(disable_fsm=True)
        self.dispatcher.include_routers(*routers, self._engine())
        if missing := undeclared(self.dispatcher):
            raise UndeclaredHandler(", ".join(missing))
        strangers = Strangers(app.bot, app.bot_username, dict(app.texts), app.default_language)
        for middleware in (ContextMiddleware(app, strangers), GateMiddleware()):
            self.dispatcher.update.outer_middleware(middleware)
        for router in self.dispatcher.sub_routers:
            for observer in (router.message, router.callback_query):
                observer.middleware(AccessMiddleware())

    async def handle(self, raw: dict[str, Any]) -> Handled:
        """What became of the update. Never raises but ``CancelledError``; ends within 8 s."""
        try:
            update = Update.model_validate(_slim(raw), context={"bot": self._app.bot})
        except ValidationError:
            structlog.get_logger(__name__).warning("update_unreadable", update_id=raw.get("update_id"))
            return Handled.DONE
        try:
            async with asyncio.timeout(UPDATE_WITHIN):
                await self.dispatcher.feed_update(self._app.bot, update)
        except UpdateBusy:
            return Handled.BUSY
        except StoreUnavailable:
            return Handled.UNAVAILABLE
        except TimeoutError:
            structlog.get_logger(__name__).error("update_timed_out", update_id=update.update_id)
        return Handled.DONE

    def _engine(self) -> Router:
        """The router of everything that is declared rather than written: two handlers, all behind a dictionary."""
        router = Router(name="engine")
        router.callback_query.register(self._press, flags={"need": PUBLIC})
        router.message.register(self._message, flags={"need": PUBLIC})
        return router

    async def _press(self, press: CallbackQuery, ctx: Context) -> None:
        broadcast = read_press(press.data)
        if broadcast is not None:
            await self._turns.take(ctx, lambda: note_read(ctx, broadcast))
        else:
            await self._turns.take(ctx, lambda: self._dispatch.press(ctx, ctx.go))

    async def _message(self, message: Message, ctx: Context) -> None:
        await self._messages.receive(message, ctx)


def _slim(raw: dict[str, Any]) -> dict[str, Any]:
    """The update without the pressed message's own keyboard: no handler reads it, and its models cost the most."""
    press = raw.get("callback_query")
    message = press.get("message") if isinstance(press, dict) else None
    if not isinstance(press, dict) or not isinstance(message, dict) or "reply_markup" not in message:
        return raw
    rest = {name: value for name, value in message.items() if name != "reply_markup"}
    return {**raw, "callback_query": {**press, "message": rest}}
