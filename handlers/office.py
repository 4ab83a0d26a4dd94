"""Administration: the bot's people, what they did, what goes out to them; apart from the CRM's content."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from api.errors import BackendError, SessionEnded
from handlers._engine.dispatch import PersonRoute
from handlers._engine.entries import entries
from keyboards.buttons import Button, navigation, pairs
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import OFFICE, SIGNED_IN, Permission
from resources.resource import Op, Resource
from utils.html import bold, lines
from views.screen import Outcome, Screen

COUNTED_WITHIN = 0.6
"""Seconds the menu waits for what waits: without it it is still a menu."""


async def open_office(ctx: Context, go: Go | None = None) -> Outcome:
    """The lists and screens of the administration that this role may open."""
    resources = [
        item
        for item in ctx.app.registry
        if item.module in OFFICE and not item.parent and ctx.may(item, Op.LIST)
    ]
    waiting = await asyncio.gather(*(_waiting(ctx, item) for item in resources))
    lists = [
        Button(f"{item.icon} {ctx.t(item.key + '.title')}{mark}", Go(Press.LIST, item.code))
        for item, mark in zip(resources, waiting, strict=True)
    ]
    buttons = [*lists, *entries(ctx, OFFICE)]
    hint = ctx.html("office.hint" if buttons else "office.nothing")
    text = lines(bold(f"🛡 {ctx.t('office.title')}"), "", hint)
    return Outcome(Screen(text, (*pairs(buttons, longest=22), navigation(ctx.locale, Go(Press.MENU)))))


async def _waiting(ctx: Context, resource: Resource[Any]) -> str:
    """How many wait for a decision, as it stands behind the name of their list; ``""`` for none or no answer."""
    counting = getattr(ctx.app.records.source(resource), "counts", None)
    if counting is None or not any(deed.permission is Permission.MODERATE for deed in resource.deeds):
        return ""
    try:
        async with asyncio.timeout(COUNTED_WITHIN):
            counts = await counting(ctx.caller)
    except SessionEnded:
        raise
    except (BackendError, TimeoutError):
        return ""
    return f" ⏳ {ctx.locale.number(counts.pending)}" if counts.pending else ""


ROUTES: Mapping[str, PersonRoute] = {Press.OFFICE: PersonRoute(open_office, SIGNED_IN, shows=True)}
