"""Third: a handler's declared need against the principal. No declared need means refused, and no start at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Router
from aiogram.dispatcher.flags import get_flag
from aiogram.types import TelegramObject

from middlewares.context import Context
from models.access import Need
from services import policy

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class AccessMiddleware(BaseMiddleware):
    """Lets a handler run only for whom its ``need`` flag allows; the engine's presses are checked once more by op."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hands on, or answers with a refusal."""
        ctx: Context = data["ctx"]
        need = get_flag(data, "need")
        if isinstance(need, Need) and policy.allows(ctx.principal, need):
            return await handler(event, data)
        await ctx.answer.give(ctx.t("error.forbidden_toast"), alert=True)
        ctx.app.gate.done(ctx.entry)
        return None


def undeclared(router: Router) -> list[str]:
    """Names of all handlers below ``router`` that declare no need."""
    found = []
    for child in router.chain_tail:
        for observer in (
            child.message,
            child.callback_query,
            child.edited_message,
            child.inline_query,
            child.my_chat_member,
        ):
            found += [
                f"{child.name}:{getattr(handler.callback, '__qualname__', handler.callback)}"
                for handler in observer.handlers
                if not isinstance(handler.flags.get("need"), Need)
            ]
    return found
