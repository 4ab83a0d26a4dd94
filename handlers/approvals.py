"""Approvals: everything that waits, decided one after the other."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.errors import NotFound
from handlers._engine.card import moderation_stamp, open_card, photo_of
from handlers._engine.carry import decides, kinds_of
from handlers._engine.dispatch import PersonRoute, ResourceRoute, Stale
from keyboards.callbacks import Go, Place, Press, from_base36, to_base36
from middlewares.context import Context
from models.access import SIGNED_IN
from resources.resource import Op, Resource
from services.decisions import WINDOW, Decision, ref_of
from services.inbox import Item, Snapshot
from services.policy import Denied
from services.writes import Ending
from utils.folding import fold
from utils.html import Html, lines
from views.alerts import ALONE
from views.approvals import (
    FROM_INBOX,
    ROWS,
    Inbox,
    Turn,
    alone_rows,
    end_screen,
    inbox_screen,
    kinds_screen,
    reason_screen,
    said,
    triage,
    triage_head,
    triage_rows,
)
from views.card import card_text
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

KEPT_FOR = 600.0
"""Seconds pages are turned in the same look; the first page is always read anew."""
HOPS = 5
"""Records decided meanwhile that are passed over in search of the next one."""
KINDS, END = "k", "e"
REASON = 500
"""Characters of a reason of one's own."""


async def open_inbox(ctx: Context, go: Go | None = None) -> Outcome:
    """What waits, a page of it; the kinds to narrow it to; the end of a round."""
    go = go or Go(Press.APPROVALS)
    resources = kinds_of(ctx.app.records, ctx.app.registry, ctx.principal)
    if go.arg == END:
        text, rows = end_screen(go.res, None, ctx.locale)
        return Outcome(Screen(text, tuple(rows)))
    page = max(1, go.id)
    snapshot = await _snapshot(ctx, list(resources.values()), fresh=page == 1 and go.arg != KINDS)
    search = await ctx.search_text(go.view) if go.view else ""
    return await _list(ctx, resources, snapshot, go.res, page, search or "", go.view, kinds=go.arg == KINDS)


async def _list(
    ctx: Context,
    resources: Mapping[str, Resource[Any]],
    snapshot: Snapshot,
    kind: str,
    page: int,
    search: str,
    token: str,
    *,
    kinds: bool = False,
) -> Outcome:
    items = [item for item in snapshot.of(kind if kind in resources else "") if item.code in resources]
    if search:
        items = [item for item in items if fold(search) in fold(item.title)]
    page = min(page, max(1, -(-len(items) // ROWS)))
    shown = items[(page - 1) * ROWS : page * ROWS]
    inbox = Inbox(
        items, resources, snapshot.counts(), page, kind if kind in resources else "", search, token,
        snapshot.silent, bool(snapshot.cut), frozenset(await ctx.app.decisions.open(one.ref for one in shown)),
        frozenset(code for code, item in resources.items() if decides(ctx.app.records, ctx.principal, item)),
    )  # fmt: skip
    text, rows = kinds_screen(inbox, ctx.locale) if kinds else inbox_screen(inbox, ctx.locale, ctx.now)
    return Outcome(Screen(text, tuple(rows), listens=f"inbox:{inbox.kind}"))


async def search(ctx: Context, kind: str, typed: str) -> Outcome:
    """The items whose title holds ``typed``."""
    text = " ".join(typed.split())[:100]
    resources = kinds_of(ctx.app.records, ctx.app.registry, ctx.principal)
    snapshot = await _snapshot(ctx, list(resources.values()), fresh=False)
    token = await ctx.search_token(text) if text else ""
    return await _list(ctx, resources, snapshot, kind, 1, text, token)


async def _snapshot(ctx: Context, resources: Sequence[Resource[Any]], *, fresh: bool) -> Snapshot:
    """What waits: as this person saw it last while that is not old, so that pages stay what they were."""
    if not fresh:
        kept = await ctx.app.inbox.kept(ctx.person.id)
        if kept is not None and ctx.now - kept.at < KEPT_FOR:
            return kept
    snapshot = await ctx.app.inbox.read(ctx.caller, resources, ctx.locale)
    await ctx.app.inbox.keep(ctx.person.id, snapshot)
    return snapshot


async def open_triage(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The record as the one to decide; one that is decided meanwhile says by whom, and the next one comes."""
    return await _triage(ctx, resource, go, go.arg)


async def _triage(
    ctx: Context, resource: Resource[Any], go: Go, kind: str, note: Html | None = None, undo: Go | None = None
) -> Outcome:
    _require(ctx, resource)
    resources = kinds_of(ctx.app.records, ctx.app.registry, ctx.principal)
    snapshot = await _snapshot(ctx, list(resources.values()), fresh=False)
    items = [item for item in snapshot.of(kind) if item.code in resources]
    item: Item | None = Item(resource.code, go.id, resource.under)
    for _ in range(HOPS):
        if item is None:
            break
        found = resources.get(item.code)
        bound = found.at(item.under) if found is not None and item.under else found
        number = next((at for at, one in enumerate(items, 1) if one.ref == item.ref), 0)
        following = next(
            (one for one in items[number:] if decides(ctx.app.records, ctx.principal, resources[one.code])),
            None,
        )
        if bound is not None:
            screen, gone = await _one(ctx, bound, item, items, number, kind, following, undo)
            if screen is not None:
                return Outcome(screen.noted(note))
            note = lines(*(one for one in (note, gone) if one))
        item = following
    if item is not None:
        # Many were decided meanwhile: the inbox is read anew instead of being walked through.
        listed = await open_inbox(ctx, Go(Press.APPROVALS, kind))
        return replace(listed, screen=listed.screen.noted(note) if listed.screen is not None else None)
    text, rows = end_screen(kind, undo, ctx.locale)
    return Outcome(Screen(text, tuple(rows)).noted(note))


async def _one(
    ctx: Context,
    resource: Resource[Any],
    item: Item,
    items: Sequence[Item],
    number: int,
    kind: str,
    following: Item | None,
    undo: Go | None,
) -> tuple[Screen | None, Html | None]:
    """The screen of one record, or what became of it when it waits no more."""
    try:
        record, look = await asyncio.gather(
            ctx.app.records.get(ctx.caller, resource, item.id),
            ctx.app.decisions.look(
                item.ref, ctx.person.id, ctx.principal.name, ctx.now, noted=ctx.look is None
            ),
        )
    except NotFound:
        return None, ctx.html("approvals.gone", title=item.title or str(item.id))
    title = label(resource.title(record, ctx.locale) or ctx.t("card.untitled"), 80)
    mine = look.open is not None and look.open.user_id == ctx.person.id
    if mine or (resource.waiting is not None and not resource.waiting.waits(record)):
        decided = look.open or look.last
        word = said(decided, ctx.locale, "was") if decided else ctx.html("approvals.was.decided")
        return None, lines(f"«{title}»: {word}") if not mine else None
    known = next((one for one in items if one.ref == item.ref), item)
    since = known.since
    turn = Turn(
        resource, item.id, title, max(1, number), max(1, len(items)), since, kind,
        triage(following, kind) if following is not None else None, look, undo,
    )  # fmt: skip
    photo = photo_of(ctx, resource, record)
    head = triage_head(turn, ctx.locale, ctx.now)
    body = card_text(
        resource, record, moderation_stamp(ctx, resource, record), ctx.locale, under_photo=photo is not None
    ).text
    view = Place(parent=item.under).pack()
    rows = triage_rows(turn, view, ctx.locale, ctx.keyed)
    text = fit(lines(head, "", body), CAPTION_LIMIT if photo else TEXT_LIMIT)
    return Screen(text, tuple(rows), photo=photo), None


def _require(ctx: Context, resource: Resource[Any]) -> None:
    if not decides(ctx.app.records, ctx.principal, resource):
        raise Denied(ctx.principal, SIGNED_IN)


async def ask_reason(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """Why it is rejected; what is typed under the question is a reason of one's own."""
    _require(ctx, resource)
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    title = resource.title(record, ctx.locale) or ctx.t("card.untitled")
    text, rows = reason_screen(resource, go.id, title, go.arg, go.view, ctx.locale, ctx.keyed)
    listens = f"reason:{resource.code}:{go.view}:{to_base36(go.id)}:{go.arg}"
    return Outcome(Screen(text, tuple(rows), listens=listens))


async def typed_reason(ctx: Context, resource: Resource[Any], view: str, typed: str) -> Outcome:
    """The next record, this one rejected with the typed reason."""
    _require(ctx, resource)
    place, _, rest = view.partition(":")
    record_id, _, kind = rest.partition(":")
    go = Go(Press.TRIAGE, resource.code, from_base36(record_id), kind, place)
    return await _decided(ctx, resource, go, kind, approve=False, reason=" ".join(typed.split())[:REASON])


async def decide(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The next record, this one approved or rejected; the decision is carried out when it can no longer be undone."""
    _require(ctx, resource)
    verb, choice, kind = go.arg[:1], go.arg[1:2], go.arg[2:]
    if verb not in ("a", "r"):
        raise Stale
    waiting = resource.waiting
    preset = f"reason.{waiting.reasons}.{choice}" if waiting is not None and choice.isdigit() else ""
    reason = ctx.t(preset) if verb == "r" and preset in ctx.locale.texts else ""
    return await _decided(ctx, resource, go, kind, approve=verb == "a", reason=reason)


async def _decided(
    ctx: Context, resource: Resource[Any], go: Go, kind: str, *, approve: bool, reason: str
) -> Outcome:
    # Who may is asked anew, as before any write; the decision itself is carried out later in this name.
    caller = await ctx.fresh_caller()
    _require(ctx, resource)
    record = await ctx.app.records.get(caller, resource, go.id)
    title = label(resource.title(record, ctx.locale) or ctx.t("card.untitled"), 80)
    decision = Decision(
        id=secrets.token_hex(4), code=resource.code, under=resource.under, record_id=go.id, approve=approve,
        user_id=ctx.person.id, admin_id=ctx.principal.admin_id or 0, name=ctx.principal.name, at=ctx.now,
        due=ctx.now + WINDOW, reason=reason, title=title, language=ctx.locale.language,
        zone=str(ctx.locale.zone), sid=ctx.sid,
    )  # fmt: skip
    here = Go(Press.TRIAGE, resource.code, go.id, kind, Place(parent=resource.under).pack())
    open_one = None
    if resource.waiting is not None and resource.waiting.waits(record):
        open_one = await ctx.app.decisions.begin(decision)
    if ctx.write_key:
        await ctx.app.records.finish_bulk(ctx, Ending({"go": here.pack(), "toast": "approvals.pressed"}))
        ctx.settled = True
    if kind == ALONE:
        return await _alone(ctx, resource, decision, open_one, record)
    if open_one is not None or resource.waiting is None or not resource.waiting.waits(record):
        # Somebody was first: the record's own screen says who, and goes on to the next one.
        return await _triage(ctx, resource, here, kind)
    key = "approvals.approved" if approve else "approvals.rejected"
    note = ctx.html(key, title=title)
    undo = Go(Press.UNDO, resource.code, go.id, f"{decision.id}{kind}", here.view)
    outcome = await _triage(ctx, resource, here, kind, note, undo)
    return replace(
        outcome, toast=ctx.t("approvals.toast_approved" if approve else "approvals.toast_rejected")
    )


async def _alone(
    ctx: Context, resource: Resource[Any], decision: Decision, other: Decision | None, record: Any
) -> Outcome:
    """What became of the record of an alert: no next one follows it."""
    waits = resource.waiting is not None and resource.waiting.waits(record)
    if other is not None:
        told = said(other, ctx.locale, "deciding")
    elif not waits:
        last = await ctx.app.decisions.last(decision.ref)
        told = said(last, ctx.locale, "was") if last else ctx.html("approvals.was.decided")
    else:
        told = ctx.html(
            "approvals.approved" if decision.approve else "approvals.rejected", title=decision.title
        )
    undo = Go(Press.UNDO, resource.code, decision.record_id, f"{decision.id}{ALONE}")
    undo = replace(undo, view=Place(parent=resource.under).pack())
    here = waits and other is None
    toast = (
        ctx.t("approvals.toast_approved" if decision.approve else "approvals.toast_rejected") if here else ""
    )
    return Outcome(Screen(told, tuple(alone_rows(undo if here else None, ctx.locale))), toast=toast)


async def undo(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The record again, undecided; once it is carried out, that it is too late."""
    _require(ctx, resource)
    ref, decision_id, kind = ref_of(resource.code, resource.under, go.id), go.arg[:8], go.arg[8:]
    kept = (await ctx.app.decisions.open((ref,))).get(ref)
    mine = kept is not None and kept.user_id == ctx.person.id and kept.id == decision_id
    undone = mine and await ctx.app.decisions.undo(ref, decision_id)
    if kind == ALONE:
        outcome = await open_card(ctx, resource, replace(go, arg=FROM_INBOX))
    else:
        outcome = await _triage(ctx, resource, go, kind)
    return replace(
        outcome, toast=ctx.t("approvals.undone" if undone else "approvals.too_late"), alert=not undone
    )


ROUTES: Mapping[str, PersonRoute] = {Press.APPROVALS: PersonRoute(open_inbox, SIGNED_IN, shows=True)}
RESOURCES: Mapping[str, ResourceRoute] = {
    Press.TRIAGE: ResourceRoute(open_triage, Op.CARD, shows=True),
    Press.REASON: ResourceRoute(ask_reason, Op.CARD),
    Press.DECIDE: ResourceRoute(decide, Op.CARD, writes=True),
    Press.UNDO: ResourceRoute(undo, Op.CARD),
}
