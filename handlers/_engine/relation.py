"""What a relation field picks from: a page of the other records, found by typing."""

from __future__ import annotations

from typing import Any

from api.errors import BackendError, NotFound, SessionEnded
from keyboards.callbacks import from_base36, to_base36
from middlewares.context import Context
from resources.fields import Relation
from resources.queries import ListQuery
from services.drafts import Draft
from views.form import Options


async def options_of(ctx: Context, field: Relation, draft: Draft, choose: str) -> Options:
    """The page at ``choose`` (``<page>-<token of the search>``); without a source, or when it is silent, an empty
    one that says why."""
    source = field.source(draft.values)
    if source is None:
        return Options(problem=ctx.t("form.pick_first"))
    number, _, token = choose.partition("-")
    text = (await ctx.search_text(token) or "") if token else ""
    query = ListQuery(
        max(1, from_base36(number) if number.isalnum() and number.isascii() else 1), search=text
    )
    try:
        page = await ctx.app.records.lookup(ctx.caller, source, query)
    except SessionEnded:
        raise
    except BackendError:
        return Options(problem=ctx.t("error.unavailable"))
    return Options(page, token, text)


async def picked(ctx: Context, field: Relation, draft: Draft, record_id: int) -> dict[str, Any] | None:
    """The record of that id as a draft keeps it; None when there is none to pick."""
    source = field.source(draft.values)
    if source is None or not record_id:
        return None
    try:
        record = await ctx.app.records.look_up(ctx.caller, source, record_id)
    except NotFound:
        return None
    found: dict[str, Any] = field.one(record.ref)
    return found


async def searched(ctx: Context, typed: str) -> str:
    """The place of the first page that holds ``typed``."""
    text = " ".join(typed.split())[:100]
    return f"{to_base36(1)}-{await ctx.search_token(text)}" if text else ""
