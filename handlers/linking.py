"""The link of an end user's account on the site with this chat: for anybody who opened the site's link."""

from __future__ import annotations

from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from services.linking import Linked
from services.login import Who
from utils.html import bold, lines
from views.screen import Outcome, Screen


async def link(ctx: Context, token: str) -> Outcome:
    """What became of it, in words. The message with the token is removed with the command it came in."""
    if ctx.look is not None:
        return _told(ctx, ctx.html("link.looking"))
    person = ctx.person
    who = Who(person.id, person.username, person.first_name, person.last_name)
    result = await ctx.app.linking.link(who, token, ctx.now)
    if result.what is Linked.WAIT:
        return _told(ctx, ctx.html("link.wait", n=result.wait))
    return _told(ctx, ctx.html(f"link.{result.what}"))


def _told(ctx: Context, text: str) -> Outcome:
    rows: tuple[Row, ...] = (navigation(ctx.locale),)
    if ctx.principal.is_guest:
        rows = ((Button(ctx.t("menu.language"), Go(Press.LANGUAGE)),), *rows)
    return Outcome(Screen(lines(bold(ctx.t("link.title")), "", text), rows), fresh=True)
