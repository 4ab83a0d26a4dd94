"""Having members told: ordered once for a match, looked at, stopped, tried again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from api.errors import BackendError, SessionEnded
from handlers._engine.dispatch import Stale
from handlers.community.shown import title
from handlers.community.telling.kinds import members_of
from handlers.community.telling.running import NEED, ask
from handlers.community.telling.screens import read, standing_screen, troubled
from keyboards.callbacks import Go
from middlewares.context import App, Context
from services import policy
from services.audit import AuditEntry
from services.tellings import OPEN, Standing, Telling
from views.screen import Outcome


async def order(
    app: App,
    kind: str,
    record_id: int,
    user_id: int,
    admin_id: int,
    language: str,
    zone: str,
    *,
    reports: Sequence[int] = (),
) -> bool:
    """True when this call has the members of that match told; False when an earlier one has: there is one telling of a
    match, however often it is ordered.

    ``kind`` is ``pair``, ``coffee`` or ``ask``. Whoever ordered it (0 for nobody) and ``reports``, by Telegram id, are
    told what became of it. Raises ``RedisError``: then it may be ordered again.
    """
    telling = Telling(kind, record_id, user_id, admin_id, language, zone, time.time(), tuple(reports))
    began = await app.tellings.begin(telling)
    standing = await app.tellings.standing(kind, record_id)
    if standing is not None and standing.state in OPEN:
        await ask(app, kind, record_id)
    return began


async def state(ctx: Context, go: Go) -> Outcome:
    """How far it is, or what became of it."""
    standing = await _standing(ctx, go)
    names: dict[int, str] = {}
    if standing.state not in OPEN and (ids := troubled(standing)):
        try:
            members = await members_of(ctx.app, ctx.caller, ids)
            names = {one.id: title(one, ctx.locale) for one in members.values()}
        except SessionEnded:
            raise
        except BackendError:
            names = {}
    writes = policy.allows(ctx.principal, NEED)
    return Outcome(standing_screen(ctx.app, standing, ctx.locale, names, writes=writes))


async def stop(ctx: Context, go: Go) -> Outcome:
    """What was told until now; what is on its way still counts."""
    await allowed(ctx)
    standing = await _standing(ctx, go)
    await ctx.app.tellings.stop(standing.telling.kind, standing.telling.record_id)
    await noted(ctx, RESOURCES[standing.telling.kind], go.id, "stop telling")
    return await state(ctx, go)


async def again(ctx: Context, go: Go) -> Outcome:
    """The progress of another try for those who were not surely told, once for each time it was over."""
    await allowed(ctx)
    standing, (_, turn) = await _standing(ctx, go), read(go) or ("", 0)
    telling = Telling(
        standing.telling.kind, standing.telling.record_id, ctx.person.id, ctx.principal.admin_id or 0,
        ctx.locale.language, str(ctx.locale.zone), ctx.now,
    )  # fmt: skip
    began = await ctx.app.tellings.again(telling, turn)
    if began:
        await noted(ctx, RESOURCES[telling.kind], go.id, "tell again")
        await ask(ctx.app, telling.kind, telling.record_id)
    return Outcome((await state(ctx, go)).screen, toast=ctx.t("tellings.begun" if began else "deed.not_now"))


async def _standing(ctx: Context, go: Go) -> Standing:
    found = read(go)
    standing = await ctx.app.tellings.standing(found[0], go.id) if found else None
    if standing is None:
        raise Stale
    return standing


async def allowed(ctx: Context) -> None:
    """Nothing, when the role, at most a minute old, may. Raises ``Denied``."""
    caller = await ctx.fresh_caller()
    policy.require_write(caller.principal, NEED)


async def noted(ctx: Context, resource: str, record_id: int, op: str) -> None:
    """Notes in the audit who did that."""
    principal = ctx.principal
    await ctx.app.audit.add(
        AuditEntry(
            at=ctx.now, admin_id=principal.admin_id, telegram_user_id=ctx.person.id, name=principal.name,
            role=str(principal.role), op=op, resource=resource, record_id=record_id,
            sid=ctx.sid, update_id=ctx.update_id,
        )
    )  # fmt: skip


RESOURCES: Mapping[str, str] = {"pair": "mentor_pairs", "coffee": "coffee_rounds", "ask": "coffee_rounds"}
"""Keys of the records that the audit names."""
