"""Administration: the bot's people, what they did, what goes out to them; apart from the CRM's content."""

from __future__ import annotations

from collections.abc import Mapping

from handlers._engine.dispatch import PersonRoute
from handlers._engine.entries import entries
from keyboards.buttons import Button, navigation, pairs
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import OFFICE, SIGNED_IN
from resources.resource import Op
from utils.html import bold, lines
from views.screen import Outcome, Screen


async def open_office(ctx: Context, go: Go | None = None) -> Outcome:
    """The lists and screens of the administration that this role may open."""
    lists = [
        Button(f"{item.icon} {ctx.t(item.key + '.title')}", Go(Press.LIST, item.code))
        for item in ctx.app.registry
        if item.module in OFFICE and not item.parent and ctx.may(item, Op.LIST)
    ]
    buttons = [*lists, *entries(ctx, OFFICE)]
    hint = ctx.html("office.hint" if buttons else "office.nothing")
    text = lines(bold(f"🛡 {ctx.t('office.title')}"), "", hint)
    return Outcome(Screen(text, (*pairs(buttons, longest=22), navigation(ctx.locale, Go(Press.MENU)))))


ROUTES: Mapping[str, PersonRoute] = {Press.OFFICE: PersonRoute(open_office, SIGNED_IN)}
