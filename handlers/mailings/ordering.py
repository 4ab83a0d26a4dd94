"""From the filled-in form to a mailing that is being sent: looking at it, sending it, stopping it, sending the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers._engine.dispatch import DraftRoute, ResourceRoute, Stale
from handlers._engine.form import show
from handlers._engine.own import FormContext
from handlers._engine.save import CLOSED, filled
from handlers._engine.written import written
from handlers.mailings import sending
from handlers.mailings.kinds import KINDS
from handlers.mailings.screens import ME, left, preview_screen, standing_screen
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import Caller
from resources.resource import Op, Resource
from services import policy
from services.audit import AuditEntry
from services.drafts import Draft
from services.mailings import OPEN, Mailing
from views.screen import Outcome

PAGES = 5
"""Pages of users, a thousand each, that are counted within a click; the mailing itself reads them all."""
NOTED = ("audience", "to_role", "title_ru", "title_kz", "subject")
"""Values that the audit keeps."""


async def look(form: FormContext, values: Mapping[str, Any]) -> Outcome:
    """How it will look, and how many get it."""
    ctx, kind = form.ctx, KINDS[form.resource.code]
    found, more = await kind.collect(form.source, ctx.caller, values, PAGES)
    text = kind.look(values, ctx.locale)
    return Outcome(
        preview_screen(
            form.resource,
            form.go(Press.DRAFT),
            text,
            len(found),
            more=more,
            locale=ctx.locale,
            keyed=ctx.keyed,
        )
    )


async def send(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """How far it is, from now on; to oneself it is sent at once."""
    values = filled(resource, draft)
    if values is None:
        return await show(ctx, resource, draft)
    if go.arg == ME:
        return await _to_me(FormContext(ctx, resource, draft), values)
    caller = await _allowed(ctx, resource)
    kind = KINDS[resource.code]
    found, _ = await kind.collect(ctx.app.records.source(resource), caller, values, PAGES)
    return await _begin(ctx, resource, values, expected=len(found), to=(), draft=draft)


async def _to_me(form: FormContext, values: Mapping[str, Any]) -> Outcome:
    ctx, kind = form.ctx, KINDS[form.resource.code]
    caller = await _allowed(ctx, form.resource)
    own = await kind.mine(form.source, caller) if kind.mine is not None else None
    if own is None:
        await ctx.give_back()
        return Outcome((await look(form, values)).screen, toast=ctx.t("mailings.no_address"), alert=True)
    posted = await form.source.post(caller, values, [own])
    toast = "mailings.sent_to_me" if posted.sent else "mailings.not_sent_to_me"
    await ctx.app.gate.finish(ctx.entry, write_key=ctx.write_key, result=written(form.go(Press.DRAFT), toast))
    ctx.settled = True
    return Outcome((await look(form, values)).screen, toast=ctx.t(toast), alert=not posted.sent)


async def _begin(
    ctx: Context,
    resource: Resource[Any],
    values: Mapping[str, Any],
    *,
    expected: int,
    to: tuple[str, ...],
    draft: Draft | None,
) -> Outcome:
    """The progress of the mailing that this press orders; of another one that is still going on, when there is."""
    mailing = Mailing(
        # The same press, delivered again, orders the same mailing.
        id=ctx.write_key, user_id=ctx.person.id, admin_id=ctx.principal.admin_id or 0, resource=resource.code,
        values=values, language=ctx.locale.language, zone=str(ctx.locale.zone), created_at=ctx.now, to=to,
        expected=expected,
    )  # fmt: skip
    if not await ctx.app.mailings.begin(mailing):
        await ctx.give_back()
        return Outcome((await state(ctx, resource)).screen, toast=ctx.t("mailings.one_at_a_time"), alert=True)
    principal = ctx.principal
    after = {name: values[name] for name in NOTED if values.get(name)} | {"recipients": expected}
    entry = AuditEntry(
        at=ctx.now, admin_id=principal.admin_id, telegram_user_id=ctx.person.id, name=principal.name,
        role=str(principal.role), op="send", resource=resource.key, after=after, sid=ctx.sid,
        update_id=ctx.update_id,
    )  # fmt: skip
    await ctx.app.gate.finish(
        ctx.entry,
        write_key=ctx.write_key,
        result=written(Go(Press.MAIL_STATE, resource.code), "mailings.begun"),
        audit=entry,
        ui=CLOSED if draft is not None else None,
        drop_draft=draft.id if draft is not None else None,
    )
    ctx.settled = True
    await sending.ask(ctx.app, mailing.user_id, mailing.id)
    return Outcome((await state(ctx, resource)).screen, toast=ctx.t("mailings.begun"))


async def state(ctx: Context, resource: Resource[Any], go: Go | None = None) -> Outcome:
    """How far the last mailing is, or what became of it."""
    standing = await ctx.app.mailings.current(ctx.person.id)
    if standing is None:
        raise Stale
    kind = ctx.resource(standing.mailing.resource) or resource
    return Outcome(standing_screen(kind, standing, ctx.locale, ctx.keyed))


async def stop(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What was sent until now; the batch that is on its way still counts."""
    if await ctx.app.mailings.stop(ctx.person.id, go.arg) is None:
        raise Stale
    return await state(ctx, resource)


async def rest(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The progress of another mailing of the same to whom nothing was sent."""
    standing = await ctx.app.mailings.current(ctx.person.id)
    known = await ctx.app.mailings.recipients(ctx.person.id)
    await _allowed(ctx, resource)
    if standing is None or known is None or standing.mailing.id != go.arg or standing.state in OPEN:
        await ctx.give_back()
        raise Stale
    mailing = standing.mailing
    if not left(standing) or mailing.resource != resource.code or mailing.admin_id != ctx.principal.admin_id:
        await ctx.give_back()
        return await state(ctx, resource)
    again = standing.failures if resource.code == "em" else ()
    to = (*again, *known[standing.next :])
    return await _begin(ctx, resource, mailing.values, expected=len(to), to=to, draft=None)


async def _allowed(ctx: Context, resource: Resource[Any]) -> Caller:
    """The caller with a role at most a minute old, which may send. Raises ``Denied``."""
    caller = await ctx.fresh_caller()
    policy.require(caller.principal, resource.need(Op.CREATE) or policy.NOBODY)
    return caller


DRAFTS: Mapping[str, DraftRoute] = {Press.MAIL_SEND: DraftRoute(send, writes=True)}
RESOURCES: Mapping[str, ResourceRoute] = {
    Press.MAIL_STATE: ResourceRoute(state, Op.CREATE),
    Press.MAIL_STOP: ResourceRoute(stop, Op.CREATE),
    Press.MAIL_REST: ResourceRoute(rest, Op.CREATE, writes=True),
}
