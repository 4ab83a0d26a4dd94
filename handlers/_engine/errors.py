"""Trouble as a person reads it: one outcome for each branch of the backend's error tree, in their language."""

from __future__ import annotations

from typing import Any

from api.errors import (
    BackendError,
    Explained,
    Forbidden,
    Invalid,
    NotFound,
    OutOfReach,
    Refused,
    SessionEnded,
    TooMany,
    Unavailable,
    UnknownOutcome,
)
from handlers._engine.form import Sub
from handlers._engine.listing import back_of, newest, place_of, show_list
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.resource import Op
from services.decisions import BeingDecided
from utils.html import Html, bold, code, lines
from views.approvals import said
from views.fitting import label
from views.screen import Outcome, Screen

NO_SUCH_ROUTE = 405
"""What the backend answers wherever it has no route (contract section 1): its sentence is no reason for a person."""


async def outcome_of(ctx: Context, error: Exception) -> Outcome:
    """What the person is shown instead of what they asked for; the place they were at stays one tap away."""
    if isinstance(error, SessionEnded):
        return await signed_out(ctx)
    if isinstance(error, NotFound):
        return await _gone(ctx)
    if isinstance(error, OutOfReach):
        return _screen(ctx, ctx.html("error.out_of_reach", count=ctx.locale.number(error.read)), retry=False)
    if isinstance(error, Forbidden):
        return _screen(ctx, ctx.html("error.forbidden"), retry=False)
    if isinstance(error, BeingDecided):
        return _screen(ctx, said(error.decision, ctx.locale, "deciding"), retry=False)
    if isinstance(error, Explained):
        return _screen(ctx, ctx.html(error.detail), retry=False)
    if isinstance(error, Refused) and error.status == NO_SUCH_ROUTE:
        return _screen(ctx, ctx.html("error.not_offered"), retry=False)
    if isinstance(error, Invalid | Refused):
        return _screen(
            ctx, ctx.html("error.refused", reason=label(error.detail or str(error.status), 300)), retry=False
        )
    if isinstance(error, TooMany):
        return _screen(ctx, ctx.html("error.too_many", n=max(1, round(error.retry_after or 5))))
    if isinstance(error, Unavailable):
        return _screen(ctx, ctx.html("error.unavailable"))
    if isinstance(error, UnknownOutcome):
        return _screen(ctx, ctx.html("error.unknown_outcome"), check=True)
    if isinstance(error, BackendError):
        return _screen(ctx, lines(ctx.html("error.backend"), code(ctx.error_id)))
    if isinstance(error, TimeoutError):
        unknown = ctx.write_key != ""
        text = ctx.html("error.unknown_outcome" if unknown else "error.slow")
        return _screen(ctx, lines(text, code(ctx.error_id)), check=unknown)
    return _screen(ctx, lines(ctx.html("error.unexpected"), code(ctx.error_id)), retry=False)


def _screen(ctx: Context, text: Html, *, retry: bool = True, check: bool = False) -> Outcome:
    rows: list[Row] = []
    if check:
        rows.append((Button(ctx.t("error.check"), _look(ctx)),))
    if ctx.go is not None and (retry or check):
        # After a lost answer the same button looks for what the first try did before it does anything.
        rows.append((Button(ctx.t("error.retry"), ctx.go),))
    back = _back(ctx)
    rows.append(navigation(ctx.locale, back))
    return Outcome(Screen(lines(bold(ctx.t("error.title")), "", text), tuple(rows)))


def _look(ctx: Context) -> Go:
    """Where one sees whether a write happened, without writing: the record, or the list with the last created first."""
    go = ctx.go
    resource = ctx.resource(go.res, _view(ctx, go)) if go is not None else None
    if go is None or resource is None:
        return Go(Press.MENU)
    record_id = go.id or (ctx.draft.record_id if ctx.draft is not None else 0)
    if record_id:
        return Go(Press.CARD, resource.code, record_id, view=_view(ctx, go))
    return newest(resource)


def _back(ctx: Context) -> Go | None:
    """Where this press came from, as far as its address tells: the form, the card or the list."""
    go = ctx.go
    if go is None or not go.res or go.op == Press.HUB:
        return Go(Press.MENU)
    if go.op == Press.LIST:
        # The list itself failed: the way back is the one that it would have shown.
        resource = ctx.resource(go.res, go.view)
        return Go(Press.MENU) if resource is None else back_of(ctx, resource)
    if go.op in FORM_PRESSES:
        return Go(Press.DRAFT, go.res, view=go.view)
    if go.id and go.op != Press.CARD:
        return Go(Press.CARD, go.res, go.id, view=go.view)
    return Go(Press.LIST, go.res, view=go.view)


def _view(ctx: Context, go: Go) -> str:
    """The place in the list that an address carries; inside a form that the form was opened from."""
    if go.op not in FORM_PRESSES:
        return go.view
    return Sub.of(ctx.draft.sub).view if ctx.draft is not None and ctx.draft.id == go.view else ""


FORM_PRESSES = frozenset({
    Press.DRAFT, Press.STEP, Press.VALUE, Press.OPTIONS, Press.CALENDAR, Press.SKIP, Press.BACK, Press.CLEAR, Press.ROW,
    Press.ROW_FIELD, Press.ROW_DELETE, Press.SAVE, Press.CANCEL, Press.DISCARD,
})  # fmt: skip


async def _gone(ctx: Context) -> Outcome:
    """ "Already gone", and the list it was in."""
    go = ctx.go
    resource: Any = ctx.resource(go.res, _view(ctx, go)) if go is not None else None
    if resource is None or not ctx.may(resource, Op.LIST):
        return _screen(ctx, ctx.html("error.gone"), retry=False)
    view = "" if go is None else _view(ctx, go)
    try:
        outcome = await show_list(
            ctx,
            resource,
            place_of(resource, Go(Press.LIST, resource.code, view=view)),
            ctx.html("error.gone"),
        )
    except BackendError:
        return _screen(ctx, ctx.html("error.gone"), retry=False)
    return Outcome(outcome.screen, toast=ctx.t("error.gone_toast"), alert=True)


async def signed_out(ctx: Context) -> Outcome:
    """The one clear screen after a session ended: drafts are kept and offered again after the next login."""
    text = lines(bold(ctx.t("session.ended_title")), "", ctx.html("session.ended"))
    return Outcome(
        Screen(text, ((Button(ctx.t("login.how"), Go(Press.HELP)),),)), toast=ctx.t("session.ended_title")
    )
