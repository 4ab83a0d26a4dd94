"""One record: its card, its texts in full, a copy of it as a draft, its photo's end."""

from __future__ import annotations

import asyncio
from typing import Any

from api.errors import BackendError, SessionEnded
from handlers._engine.carry import decides
from handlers._engine.listing import back_of, open_list
from handlers._engine.own import FROM_TOOL, RecordContext
from keyboards.buttons import Row, navigation
from keyboards.callbacks import Go, Press
from keyboards.pager import pager
from middlewares.context import Context
from resources.queries import ListQuery, Page
from resources.resource import Op, Resource
from services.decisions import ref_of
from utils.html import Html, italic, lines, quote
from views.approvals import FROM_INBOX, look_lines
from views.card import REVEALED, CardText, Rights, card_rows, card_text, read_pages, stamp
from views.fitting import label
from views.screen import Outcome, Screen

NOTICED_WITHIN = 2.0
"""Seconds that a card waits for what it is to warn of."""


async def open_card(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card of the record an address names."""
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    back = None
    if go.arg.startswith(FROM_INBOX):
        back = Go(Press.APPROVALS, go.arg.removeprefix(FROM_INBOX))
        if decides(ctx.app.records, ctx.principal, resource):
            back = Go(Press.TRIAGE, go.res, go.id, go.arg.removeprefix(FROM_INBOX), go.view)
    elif go.arg.startswith(FROM_TOOL):
        back = Go(Press.TOOL, go.res, arg=go.arg.removeprefix(FROM_TOOL), view=go.view)
    look, note, known = await asyncio.gather(
        _look(ctx, resource, record), _noticed(ctx, resource, record), known_of(ctx, resource, record)
    )
    told = lines(note or None, known or None)
    return show_card(ctx, resource, record, go.view, note=told, look=look, back=back)


async def known_of(ctx: Context, resource: Resource[Any], record: Any) -> str:
    """What the bot itself keeps of the record."""
    return "" if resource.known is None else await resource.known(ctx, record)


async def open_listed(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The list an address names, or the card of the only record there is."""
    if resource.sole:
        return await open_card(ctx, resource, Go(Press.CARD, resource.code, resource.sole))
    return await open_list(ctx, resource, go)


async def _look(ctx: Context, resource: Resource[Any], record: Any) -> Html | None:
    """Who has the card of a waiting record open, what is being decided of it, and why it was rejected. Asked only
    where there is something to know: of what waits, for those who decide it, and of what was rejected."""
    waiting = resource.waiting
    if waiting is None:
        return None
    rejected = str(getattr(record, "moderation_status", "")) == "rejected"
    if not rejected and not (waiting.waits(record) and decides(ctx.app.records, ctx.principal, resource)):
        return None
    ref = ref_of(resource.code, resource.under, record.id)
    look = await ctx.app.decisions.look(ref, ctx.person.id, ctx.principal.name, ctx.now)
    why = look.last if rejected and look.last is not None and not look.last.approve else None
    return lines(
        *(look_lines(look, ctx.locale, ctx.now) if not rejected else ()),
        quote(label(why.reason, 300)) if why is not None and why.reason else None,
    )


async def _noticed(ctx: Context, resource: Resource[Any], record: Any) -> str:
    """What the module warns of; nothing where it cannot tell in time: the card is worth more."""
    if resource.notice is None:
        return ""
    try:
        async with asyncio.timeout(NOTICED_WITHIN):
            return await resource.notice(ctx.app.records.source(resource), ctx.caller, record, ctx.locale)
    except SessionEnded:
        raise
    except (BackendError, TimeoutError):
        return ""


def show_card(
    ctx: Context,
    resource: Resource[Any],
    record: Any,
    view: str = "",
    note: str = "",
    toast: str = "",
    *,
    revealed: bool = False,
    look: Html | None = None,
    back: Go | None = None,
) -> Outcome:
    """The card of ``record``, with a note above it and a toast beside it; personal data masked unless ``revealed``.
    ``look`` stands under the moderation state; Back leads to ``back``, else to the list."""
    photo = photo_of(ctx, resource, record)
    card = _text(ctx, resource, record, revealed=revealed, look=look)
    rights = Rights(
        lambda op: ctx.may(resource, op),
        lambda action: ctx.may_run(resource, action),
        lambda deed: ctx.may_do(resource, deed),
        tuple(one for one in ctx.app.registry.children(resource.code) if ctx.may(one, Op.LIST)),
        ctx.keyed,
    )
    rows = card_rows(
        resource,
        record,
        view,
        ctx.deep_link(payload_of(resource, record.id)),
        ctx.locale,
        rights,
        shortened=card.is_cut,
        revealed=revealed,
        # No list stands behind the only record.
        back=back or (back_of(ctx, resource) if resource.sole else None),
    )
    return Outcome(Screen(card.text, tuple(rows), photo=photo).noted(note), toast=toast)


def _text(
    ctx: Context, resource: Resource[Any], record: Any, *, revealed: bool, look: Html | None = None
) -> CardText:
    return card_text(
        resource,
        record,
        lines(moderation_stamp(ctx, resource, record), look or None) or None,
        ctx.locale,
        under_photo=photo_of(ctx, resource, record) is not None,
        revealed=revealed,
    )


async def reveal(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card with its personal data in full; who looked is noted."""
    record = await ctx.app.records.reveal(ctx, resource, go.id)
    return show_card(ctx, resource, record, go.view, revealed=True)


def payload_of(resource: Resource[Any], record_id: int) -> str:
    """What a link to the record starts the bot with: ``ev_31``, for a child with its parent ``pp_12_5``."""
    return (
        f"{resource.code}_{resource.under}_{record_id}" if resource.under else f"{resource.code}_{record_id}"
    )


def photo_of(ctx: Context, resource: Resource[Any], record: Any) -> str | None:
    """The absolute URL of the record's picture; None without one."""
    for name in resource.card:
        if resource.by_name[name].kind == "photo":
            path = getattr(record, name, None)
            return ctx.app.records.absolute(path) if path else None
    return None


def moderation_stamp(ctx: Context, resource: Resource[Any], record: Any) -> Html | None:
    """State, who decided and when, of a record that is moderated, and whom an approval would reach."""
    status = getattr(record, "moderation_status", None)
    if status is None:
        return None
    who, when = "", ""
    if record.moderated_by is not None:
        mine = record.moderated_by == ctx.principal.admin_id
        who = (
            ctx.t("stamp.you")
            if mine
            else ctx.app.records.admin_name(record.moderated_by)
            or ctx.t("stamp.admin", id=record.moderated_by)
        )
    if record.moderated_at is not None:
        when = ctx.locale.short(record.moderated_at)
    waits = resource.announced and status != "approved" and ctx.may(resource, Op.MODERATE)
    return lines(
        stamp(str(status), who, when, ctx.locale), italic(ctx.t("card.announces")) if waits else None
    )


async def read_in_full(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What the card of a record cuts, a page of it; ``arg`` is the page, from 0, and before it whether the card
    showed personal data: who reads on is noted as who looked."""
    records, revealed, digits = ctx.app.records, go.arg.startswith(REVEALED), go.arg.removeprefix(REVEALED)
    record = await (
        records.reveal(ctx, resource, go.id) if revealed else records.get(ctx.caller, resource, go.id)
    )
    parts = read_pages(resource, record, ctx.locale, _text(ctx, resource, record, revealed=revealed).whole)
    number = min(int(digits) if digits.isascii() and digits.isdigit() else 0, len(parts) - 1)
    prefix = REVEALED if revealed else ""
    page = Page(
        parts[number : number + 1], ListQuery(number + 1, 1), number + 1 < len(parts), total=len(parts)
    )
    rows: list[Row] = [
        pager(
            page,
            lambda at: Go(Press.READ, resource.code, go.id, f"{prefix}{at - 1}", go.view),
            None,
            ctx.locale,
        ),
        navigation(ctx.locale, Go(Press.CARD, resource.code, go.id, view=go.view)),
    ]
    return Outcome(Screen(parts[number], tuple(rows)))


async def run_action(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What the named action of the module answers; an unknown one shows the card again."""
    action = resource.action(go.arg[:2])
    if action is None:
        return await open_card(ctx, resource, go)
    outcome = await action.run(RecordContext(ctx, resource, go))
    return outcome if isinstance(outcome, Outcome) else Outcome()
