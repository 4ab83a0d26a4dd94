"""One's own sessions in other Telegram accounts, and their end: for every admin, whatever the role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from handlers._engine.dispatch import PersonRoute
from keyboards.buttons import DANGER, Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import SIGNED_IN
from services import policy
from services.audit import AuditEntry
from services.living import Alive
from utils.html import Html, bold, lines
from views.fitting import label
from views.screen import Outcome, Screen

DRAWN = 5
"""Other sessions that get a line and a button."""


async def others(ctx: Context) -> list[Alive]:
    """The living sessions of this admin but this one, the one used last first."""
    if ctx.session is None:
        return []
    found = await ctx.app.living.of_admin(ctx.session.admin_id)
    return [one for one in found if one.telegram_user_id != ctx.person.id]


def told(ctx: Context, found: list[Alive]) -> list[Html | str]:
    """A line about each; nothing where there is none."""
    if not found:
        return []
    said = [
        "• "
        + ctx.t(
            "mine.line",
            account=name(one),
            since=ctx.locale.short(datetime.fromtimestamp(one.created_at, UTC)),
            active=ctx.locale.short(datetime.fromtimestamp(one.last_activity, UTC)),
        )
        for one in found[:DRAWN]
    ]
    more = len(found) - len(said)
    return ["", bold(ctx.t("mine.title")), *said, *([ctx.t("bulk.and_more", n=more)] if more else [])]


def buttons(ctx: Context, found: list[Alive]) -> list[Row]:
    """A button for the end of each."""
    return [
        (
            Button(
                label(ctx.t("mine.end", account=name(one)), 40), Go(Press.MINE_END, id=one.telegram_user_id)
            ),
        )
        for one in found[:DRAWN]
    ]


def name(one: Alive) -> str:
    """The account as its owner knows it."""
    return one.account or str(one.telegram_user_id)


async def ask_end(ctx: Context, go: Go) -> Outcome:
    """The question before ending another session of one's own."""
    found = next((one for one in await others(ctx) if one.telegram_user_id == go.id), None)
    back = Go(Press.STATUS)
    if found is None:
        text = lines(bold(ctx.t("mine.title")), "", ctx.html("mine.gone"))
        return Outcome(Screen(text, (navigation(ctx.locale, back),)))
    text = lines(bold(ctx.t("mine.title")), "", ctx.html("mine.question", account=label(name(found), 60)))
    confirm = Button(ctx.t("mine.confirm"), Go(Press.MINE_END_NOW, id=go.id), style=DANGER)
    return Outcome(
        Screen(text, ((Button(ctx.t("nav.cancel"), back),), (confirm,), navigation(ctx.locale, back)))
    )


async def end(ctx: Context, go: Go) -> Outcome:
    """That it is over; pressing again does no harm."""
    await ctx.fresh_caller()
    if ctx.session is None:
        raise policy.Denied(ctx.principal, SIGNED_IN)
    ended = await ctx.app.living.end_other(ctx.session, go.id, ctx.now)
    if ended:
        await ctx.app.audit.add(
            AuditEntry(
                at=ctx.now, admin_id=ctx.principal.admin_id, telegram_user_id=ctx.person.id,
                name=ctx.principal.name, role=str(ctx.principal.role), op="deed revoke", resource="sessions",
                record_id=go.id, update_id=ctx.update_id, sid=ctx.sid,
            )
        )  # fmt: skip
    note = ctx.html("mine.done" if ended else "mine.gone")
    text = lines(bold(ctx.t("mine.title")), "", note)
    return Outcome(
        Screen(text, (navigation(ctx.locale, Go(Press.STATUS)),)), toast=ctx.t("mine.done") if ended else ""
    )


ROUTES: Mapping[str, PersonRoute] = {
    Press.MINE_END: PersonRoute(ask_end, SIGNED_IN),
    Press.MINE_END_NOW: PersonRoute(end, SIGNED_IN),
}
