"""What the buttons of a form do. Every change is stored before it is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers._engine.form import (
    EDIT,
    Sub,
    after,
    keep,
    leave,
    order_of,
    show,
    view_of,
    with_choice,
    with_value,
)  # fmt: skip
from handlers._engine.relation import picked
from keyboards.callbacks import Go, from_base36
from middlewares.context import Context
from resources.fields import (
    Choice,
    Choices,
    Date,
    DateTime,
    FieldError,
    Flag,
    Relation,
    Relations,
    Rows,
    Zone,
)  # fmt: skip
from resources.resource import Resource
from services.drafts import Draft
from services.preferences import UiField
from views.form import SUMMARY, cancel_screen
from views.screen import Outcome, Screen


async def resume(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The draft where it was left."""
    return await keep(ctx, resource, draft)


async def open_step(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """One field of the draft, or its summary."""
    field = resource.by_code.get(go.arg)
    step = field.name if field is not None and field.name in order_of(resource, draft) else SUMMARY
    sub = Sub.of(draft.sub)
    from_summary = draft.step == SUMMARY or sub.origin
    return await keep(
        ctx, resource, replace(draft, step=step, sub=sub.fresh(origin=from_summary and step != SUMMARY))
    )


async def pick(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The chosen option, and on to the next step; of several a tap adds or takes away one, and the step stays."""
    field, rest = resource.by_code.get(go.arg[:3]), go.arg[3:]
    if field is None or field.name not in order_of(resource, draft):
        return await show(ctx, resource, draft)
    if isinstance(field, Relations):
        return await _turned(ctx, resource, draft, field, rest)
    if isinstance(field, Choices) and rest.isdigit() and int(rest) < len(field.options):
        turned = field.turned(draft.values.get(field.name), list(field.options)[int(rest)].value)
        return await keep(ctx, resource, with_value(draft, field.name, turned))
    value: Any = None
    if isinstance(field, Relation):
        value = await picked(ctx, resource, field, draft, _number(rest))
    elif isinstance(field, Flag) and rest in ("0", "1"):
        value = rest == "1"
    elif isinstance(field, Choice) and rest.isdigit() and int(rest) < len(field.options):
        value = list(field.options)[int(rest)].value
    elif isinstance(field, Zone) and rest.isdigit() and int(rest) < len(field.presets):
        value = field.presets[int(rest)]
    if value is None:
        return await show(ctx, resource, draft)
    return await keep(ctx, resource, after(resource, with_choice(resource, draft, field.name, value), field))


async def _turned(
    ctx: Context, resource: Resource[Any], draft: Draft, field: Relations, rest: str
) -> Outcome:
    """The step again with that record added or taken away, at the same place among the others."""
    number, _, choose = rest.partition("-")
    chosen = list(draft.values.get(field.name) or ())
    kept = [one for one in chosen if one["id"] != _number(number)]
    if len(kept) == len(chosen):
        found = await picked(ctx, resource, field, draft, _number(number))
        if found is None or len(chosen) >= field.most:
            error = ctx.t("field.error.too_many_rows", limit=field.most) if found is not None else ""
            return await show(ctx, resource, draft, error=error, choose=choose)
        kept.append(found)
    return await keep(ctx, resource, with_value(draft, field.name, kept or None), choose=choose)


async def options(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """Another page of the records that a relation picks from."""
    return await show(ctx, resource, draft, choose=go.arg[3:])


def _number(text: str) -> int:
    """The id in base 36; 0 for anything else."""
    return from_base36(text) if text.isascii() and text.isalnum() and len(text) <= 12 else 0


async def calendar(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """Another month, the times of a day, or the chosen instant and the next step."""
    field, digits = resource.by_code.get(go.arg[:3]), go.arg[3:]
    if (
        not isinstance(field, DateTime | Date)
        or field.name not in order_of(resource, draft)
        or not _is_date(digits)
    ):
        return await show(ctx, resource, draft)
    if draft.step != field.name:
        draft = replace(draft, step=field.name)
    if len(digits) < (8 if isinstance(field, Date) else 12):
        return await show(ctx, resource, draft, month=digits)
    moment = datetime.strptime(digits.ljust(12, "0"), "%Y%m%d%H%M").replace(tzinfo=ctx.locale.zone)
    try:
        value = field.accept(moment.date(), ctx.locale) if isinstance(field, Date) else field.accept(moment)
    except FieldError as error:
        # A day that cannot be taken shows its month again, a time that cannot its day.
        month = digits[:6] if isinstance(field, Date) else digits[:8]
        return await show(ctx, resource, draft, error=ctx.t(error.key, **error.params), month=month)
    return await keep(ctx, resource, after(resource, with_value(draft, field.name, value), field))


def _is_date(digits: str) -> bool:
    form = {6: "%Y%m", 8: "%Y%m%d", 12: "%Y%m%d%H%M"}.get(len(digits))
    try:
        return form is not None and digits.isascii() and 2000 <= datetime.strptime(digits, form).year <= 2099
    except ValueError:
        return False


async def skip(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The next step, the field left as it is."""
    field = resource.by_code.get(go.arg)
    if field is None or field.name not in order_of(resource, draft):
        return await show(ctx, resource, draft)
    return await keep(ctx, resource, after(resource, draft, field))


async def clear(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The same step with the field emptied; an edit goes on to the difference."""
    field = resource.by_code.get(go.arg)
    if field is None or field.name not in order_of(resource, draft):
        return await show(ctx, resource, draft)
    if not field.may_be_emptied(stored=draft.mode == EDIT):
        return await show(ctx, resource, draft)
    draft = with_choice(resource, draft, field.name, None)
    return await keep(ctx, resource, replace(draft, step=SUMMARY) if draft.mode == EDIT else draft)


async def back(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The step before; before the first one the list (or the fields of the record) - the draft is kept."""
    order, sub = order_of(resource, draft), Sub.of(draft.sub)
    if sub.origin:
        return await keep(ctx, resource, replace(draft, step=SUMMARY, sub=sub.fresh()))
    index = order.index(draft.step) if draft.step in order else len(order)
    if index > 0:
        return await keep(ctx, resource, replace(draft, step=order[index - 1], sub=sub.fresh()))
    return await leave(ctx, resource, draft)


async def open_row(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """One row of a Rows field, or one of its columns to type."""
    field, rest = resource.by_code.get(go.arg[:3]), go.arg[3:]
    number, _, column = rest.partition("-")
    rows = draft.values.get(field.name) or () if field is not None else ()
    if not isinstance(field, Rows) or not number.isdigit() or int(number) >= len(rows):
        return await show(ctx, resource, draft)
    sub = replace(Sub.of(draft.sub), row=int(number), column=column, more=False)
    return await keep(ctx, resource, replace(draft, step=field.name, sub=str(sub)))


async def delete_row(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The Rows field without that row."""
    field, number = resource.by_code.get(go.arg[:3]), go.arg[3:]
    rows = list(draft.values.get(field.name) or ()) if field is not None else []
    if not isinstance(field, Rows) or not number.isdigit() or int(number) >= len(rows):
        return await show(ctx, resource, draft)
    del rows[int(number)]
    sub = Sub.of(draft.sub)
    return await keep(
        ctx,
        resource,
        replace(
            with_value(draft, field.name, rows or None), step=field.name, sub=sub.fresh(origin=sub.origin)
        ),
    )


async def ask_cancel(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """Go on, keep for later, or throw away. An edit without a change is simply left."""
    if draft.mode == EDIT and draft.values == draft.before:
        return await discard(ctx, resource, draft, go)
    text, rows = cancel_screen(view_of(ctx, resource, draft))
    return Outcome(Screen(text, tuple(rows)))


async def discard(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The record's fields or the list; the draft is gone."""
    await ctx.app.gate.finish(ctx.entry, ui={UiField.DRAFT: "", UiField.INPUT: ""}, drop_draft=draft.id)
    ctx.settled = True
    return await leave(ctx, resource, draft)
