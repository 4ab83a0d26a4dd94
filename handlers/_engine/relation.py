"""What a relation field picks from: a page of the other records, found by typing."""

from __future__ import annotations

from typing import Any

from api.errors import BackendError, NotFound, SessionEnded
from keyboards.callbacks import from_base36, to_base36
from middlewares.context import Context
from resources.fields import Relation
from resources.queries import ListQuery
from resources.resource import Resource
from services.drafts import Draft
from views.form import Options


async def options_of(
    ctx: Context, resource: Resource[Any], field: Relation, draft: Draft, choose: str
) -> Options:
    """The page at ``choose`` (``<page>-<token of the search>``); without a source, or when it is silent, an empty
    one that says why."""
    source = await _source(ctx, resource, field, draft)
    if source is None:
        return Options(problem=ctx.t("form.pick_first"))
    number, _, token = choose.partition("-")
    text = (await ctx.search_text(token) or "") if token else ""
    page_number = from_base36(number) if number.isalnum() and number.isascii() else 1
    query = ListQuery(max(1, page_number), search=text, language=ctx.locale.language)
    try:
        page = await ctx.app.records.lookup(ctx.caller, source, query)
    except SessionEnded:
        raise
    except BackendError:
        return Options(problem=ctx.t("error.unavailable"))
    return Options(page, token, text)


async def picked(
    ctx: Context, resource: Resource[Any], field: Relation, draft: Draft, record_id: int
) -> dict[str, Any] | None:
    """The record of that id as a draft keeps it; None when there is none to pick."""
    source = await _source(ctx, resource, field, draft)
    if source is None or not record_id:
        return None
    try:
        record = await ctx.app.records.look_up(ctx.caller, source, record_id)
    except NotFound:
        return None
    found: dict[str, Any] = field.one(record.ref)
    return found


async def _source(ctx: Context, resource: Resource[Any], field: Relation, draft: Draft) -> type[Any] | None:
    """What the relation picks from; an edit knows just the one field, so what that depends on is read."""
    values = draft.values
    if field.depends and field.depends not in values and draft.record_id:
        record = await ctx.app.records.get(ctx.caller, resource, draft.record_id)
        other = resource.by_name[field.depends]
        values = {other.name: other.value_of(getattr(record, other.name, None))}
    return field.source(values)


async def searched(ctx: Context, typed: str) -> str:
    """The place of the first page that holds ``typed``."""
    text = " ".join(typed.split())[:100]
    return f"{to_base36(1)}-{await ctx.search_token(text)}" if text else ""
