"""What is typed or sent into a form: text, rows, photos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers._engine.form import Sub, after, keep, show, with_choice, with_value
from handlers._engine.relation import searched
from middlewares.context import Context
from resources.fields import Field, FieldError, LongText, Relation, Rows
from resources.resource import Resource
from services.drafts import Draft
from views.fitting import units
from views.screen import Outcome

SPLIT_AT = 4000
"""Telegram cuts longer messages into several: from this length on the next message continues the text."""


async def typed_text(ctx: Context, resource: Resource[Any], draft: Draft, typed: str) -> Outcome:
    """The next step after text that fits; the same step with what is wrong, and what was typed, otherwise."""
    field = resource.by_name.get(draft.step)
    if field is None:
        return await show(ctx, resource, draft, error=ctx.t("form.press_a_button"))
    if isinstance(field, Relation):
        return await show(ctx, resource, draft, choose=await searched(ctx, typed))
    written = ctx.message.html_text if field.formatted and ctx.message is not None else typed
    try:
        return await keep(ctx, resource, await _taken(ctx, resource, draft, field, written))
    except FieldError as error:
        return await show(ctx, resource, draft, error=ctx.t(error.key, **error.params), typed=typed)


async def _taken(ctx: Context, resource: Resource[Any], draft: Draft, field: Field, typed: str) -> Draft:
    sub = Sub.of(draft.sub)
    if isinstance(field, Rows):
        return _with_rows(ctx, draft, field, typed, sub)
    continues = isinstance(field, LongText) and units(typed) >= SPLIT_AT
    if isinstance(field, LongText) and sub.more:
        typed = f"{draft.values.get(field.name) or ''}\n{typed}"
    value = field.parse(typed, ctx.locale)
    if field.kind == "photo":
        value = await ctx.app.pictures.checked_link(value)
    draft = with_choice(resource, draft, field.name, value)
    if continues:
        return replace(draft, sub=str(replace(sub, more=True)))
    return after(resource, draft, field)


def _with_rows(ctx: Context, draft: Draft, field: Rows, typed: str, sub: Sub) -> Draft:
    rows = list(draft.values.get(field.name) or ())
    column = field.column(sub.column)
    if sub.row is not None and sub.row < len(rows) and column is not None:
        rows[sub.row] = {**rows[sub.row], column.name: column.parse(typed, ctx.locale)}
        return replace(with_value(draft, field.name, rows), sub=str(replace(sub, column="")))
    rows += field.parse(typed, ctx.locale)
    if len(rows) > field.max_rows:
        raise FieldError("field.error.too_many_rows", limit=field.max_rows)
    return replace(with_value(draft, field.name, rows), sub=sub.fresh(origin=sub.origin))


async def sent_photo(
    ctx: Context, resource: Resource[Any], draft: Draft, photo: dict[str, Any] | None, problem: str
) -> Outcome:
    """The next step with the photo kept; another step, or a file that is no photo, says so."""
    field = resource.by_name.get(draft.step)
    if field is None or field.kind != "photo":
        return await show(ctx, resource, draft, error=ctx.t("form.no_photo_here"))
    if photo is None:
        return await show(ctx, resource, draft, error=ctx.t(problem))
    return await keep(ctx, resource, after(resource, with_value(draft, field.name, photo), field))
