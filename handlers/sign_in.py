"""Into a session and out of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from aiogram.exceptions import TelegramAPIError

from handlers._engine.commands import show_commands
from handlers._engine.dispatch import PersonRoute
from handlers._engine.welcome import welcome
from keyboards.buttons import DANGER, Button, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import PUBLIC, SIGNED_IN, Principal
from services.login import LoginUnavailable, Refusal, Refused, SignedIn, Who
from utils.html import bold, lines
from views.screen import Outcome, Screen


async def sign_in(ctx: Context, typed: str) -> SignedIn | str:
    """The new session, or the sentence (Html) why there is none. The message with the code is removed meanwhile."""
    person = ctx.person
    removal = asyncio.create_task(_remove_code(ctx))
    try:
        who = Who(person.id, person.username, person.first_name, person.last_name)
        result = await ctx.app.login.sign_in(who, typed, ctx.now)
    except LoginUnavailable:
        return ctx.html("login.unavailable")
    finally:
        await removal
    if isinstance(result, Refusal):
        return refusal(ctx, result)
    await _begin(ctx, result)
    return result


async def _remove_code(ctx: Context) -> None:
    message, ctx.message = ctx.message, None
    if message is not None:
        await ctx.app.deliver.delete(ctx.chat_id, message.message_id)


async def _begin(ctx: Context, result: SignedIn) -> None:
    """Goes on as the admin: command menu, principal, and a word to the admin's other sessions."""
    ctx.adopt(result.session)
    await ctx.app.names.learn(result.session.admin_id, result.session.admin_name)
    await show_commands(ctx.app, ctx.chat_id, signed_in=True, language=ctx.locale.language)
    if result.others:
        await asyncio.gather(*(_warn(ctx, other) for other in result.others))


async def _warn(ctx: Context, telegram_user_id: int) -> None:
    """Tells a former session of the same admin, in the language read there, that another Telegram account was bound."""
    name = ctx.person.username or ctx.person.first_name
    state = await ctx.app.preferences.state(telegram_user_id)
    told = ctx.app.locale(state.reads, state.timezone).html("login.other_session", name=name)
    with contextlib.suppress(TelegramAPIError):
        await ctx.app.bot.send_message(telegram_user_id, told)


def refusal(ctx: Context, result: Refusal) -> str:
    """The exact cause in words, with the seconds to wait where waiting helps."""
    if result.cause in (Refused.WAIT, Refused.CROWDED):
        return ctx.html(f"login.{result.cause}", n=result.wait)
    if len(result.causes) > 1:
        return lines(*(ctx.html(f"login.{cause}") for cause in result.causes))
    return ctx.html(f"login.{result.cause}")


def explain(ctx: Context, reason: str) -> Outcome:
    """A refused login: why, and how to get a working code."""
    return (
        Outcome(welcome(ctx, reason), fresh=True)
        if ctx.principal.is_guest
        else Outcome(
            Screen(lines(bold(ctx.t("login.title")), "", reason), (navigation(ctx.locale),)), fresh=True
        )
    )


def greeting(ctx: Context, result: SignedIn) -> str:
    """What is said above the menu after a login."""
    notes = [ctx.html("login.done", name=result.session.admin_name)]
    if result.former_admin is not None:
        notes.append(ctx.html("login.rebound"))
    if result.session.principal.role is not None and result.session.role == "client":
        notes.append(ctx.html("login.client"))
    return lines(*notes)


async def ask_logout(ctx: Context, go: Go | None = None) -> Outcome:
    """The question before signing out."""
    rows = (
        (Button(ctx.t("nav.cancel"), Go(Press.MENU)),),
        (Button(ctx.t("logout.confirm"), Go(Press.SIGN_OUT), style=DANGER),),
        navigation(ctx.locale, Go(Press.STATUS)),
    )
    return Outcome(Screen(lines(bold(ctx.t("logout.title")), "", ctx.html("logout.question")), rows))


async def log_out(ctx: Context, go: Go | None = None) -> Outcome:
    """The session is over, here and at the backend; drafts are kept for the same admin."""
    if not ctx.principal.is_guest:
        await ctx.app.sessions.logout(ctx.person.id, ctx.now)
        await show_commands(ctx.app, ctx.chat_id, signed_in=False, language=ctx.locale.language)
    ctx.session, ctx.refreshing, ctx.principal = None, None, Principal(ctx.person.id)
    return Outcome(welcome(ctx, ctx.html("logout.done")))


ROUTES: Mapping[str, PersonRoute] = {
    Press.LOGOUT: PersonRoute(ask_logout, SIGNED_IN, shows=True),
    Press.SIGN_OUT: PersonRoute(log_out, PUBLIC, shows=True),
}
