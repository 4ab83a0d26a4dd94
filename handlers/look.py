"""Looking on as another role: choosing it, and leaving it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from handlers._engine.dispatch import PersonRoute, Stale
from keyboards.buttons import Button, navigation, pairs
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import SIGNED_IN, Role
from services.audit import AuditEntry
from services.looking import LASTS, NEED, ROLES, Look
from utils.html import bold, lines
from views.screen import Outcome, Screen

Home = Callable[[Context], Awaitable[Outcome]]


def routes(home: Home) -> Mapping[str, PersonRoute]:
    """The ways in and out; ``home`` is the menu, in which both end."""

    async def choose(ctx: Context, go: Go) -> Outcome:
        return await _choose(ctx, go, home)

    async def leave(ctx: Context, go: Go) -> Outcome:
        return await _leave(ctx, home)

    return {
        Press.LOOK_AS: PersonRoute(choose, NEED),
        Press.LOOK_END: PersonRoute(leave, SIGNED_IN, shows=True),
    }


async def _choose(ctx: Context, go: Go, home: Home) -> Outcome:
    """The roles; with one of them chosen, its menu."""
    role = Role.known(go.arg)
    if go.arg and (role is None or role not in ROLES):
        raise Stale
    if role is not None:
        await _begin(ctx, role)
        return await home(ctx)
    buttons = [Button(ctx.t(f"role.{one}"), Go(Press.LOOK_AS, arg=one)) for one in ROLES]
    text = lines(bold(f"👁 {ctx.t('look.title')}"), "", ctx.html("look.hint"))
    return Outcome(Screen(text, (*pairs(buttons, longest=20), navigation(ctx.locale, Go(Press.OFFICE)))))


async def _begin(ctx: Context, role: Role) -> None:
    await ctx.fresh_caller()
    # A role that was lost a moment ago must not open this.
    ctx.app.records.require(ctx.principal, NEED)
    look = Look(role, ctx.now + LASTS)
    await ctx.app.preferences.look(ctx.person.id, look.pack())
    await ctx.app.audit.add(
        AuditEntry(
            at=ctx.now, admin_id=ctx.principal.admin_id, telegram_user_id=ctx.person.id, name=ctx.principal.name,
            role=str(ctx.principal.role), op="look_as", after={"looked_as": str(role)}, update_id=ctx.update_id,
            sid=ctx.sid,
        )
    )  # fmt: skip
    ctx.look_on(look)


async def _leave(ctx: Context, home: Home) -> Outcome:
    """The menu of one's own role."""
    await ctx.app.preferences.look(ctx.person.id, "")
    ctx.look_on(None)
    outcome = await home(ctx)
    screen = outcome.screen.noted(ctx.html("look.left")) if outcome.screen is not None else None
    return Outcome(screen)
