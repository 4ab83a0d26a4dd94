"""Ticking rows across pages and deciding them together, with a result for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.errors import BackendError, NotFound, SessionEnded, UnknownOutcome
from handlers._engine.listing import owner_of, place_of, query_of
from keyboards.buttons import DANGER, SUCCESS, Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.resource import Op, Resource
from services.writes import Ending
from utils.html import Html, bold, italic, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import select_screen
from views.screen import Outcome, Screen

OPS = {"ap": Op.MODERATE, "rj": Op.MODERATE, "de": Op.DELETE}
WORDS = {"ap": "approve", "rj": "reject", "de": "delete"}
AT_ONCE = 4
"""Records decided side by side: fast enough for a page, gentle to the backend."""

BULK_LIMIT = 50
BULK_SECONDS = 4.5
"""How long one press works on; what is left stays ticked for the next one."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one record fared: ``done``, or the key of what went wrong."""

    record_id: int
    outcome: str
    title: str = ""


async def open_select(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The list with a box before each row."""
    ticked = await ctx.app.lists.ticked(ctx.person.id, resource.code, listing(resource))
    return await _select(ctx, resource, go, ticked)


async def tick(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The same list with the row's box turned, or all boxes of the page set, or none."""
    lists, person = ctx.app.lists, ctx.person.id
    if go.arg == "none":
        await lists.clear_ticks(person, resource.code, listing(resource))
        return await _select(ctx, resource, go, frozenset())
    if go.arg == "page":
        query, _, _ = await query_of(ctx, resource, place_of(resource, go))
        page = await ctx.app.records.page(ctx.caller, resource, query)
        ids = [item.id for item in page.items]
        ticked = await lists.tick_all(person, resource.code, ids, listing(resource))
        return await _select(ctx, resource, go, ticked)
    ticked = await lists.toggle(person, resource.code, go.id, listing(resource))
    return await _select(ctx, resource, go, ticked)


def listing(resource: Resource[Any]) -> str:
    """Which list's ticks these are: children of one record are not those of another."""
    return str(resource.under or "")


async def _select(ctx: Context, resource: Resource[Any], go: Go, ticked: frozenset[int]) -> Outcome:
    place = place_of(resource, go)
    query, _, _ = await query_of(ctx, resource, place)
    page, owner = await asyncio.gather(
        ctx.app.records.page(ctx.caller, resource, query), owner_of(ctx, resource)
    )
    text, rows = select_screen(
        resource, page, place, ticked, ctx.locale, lambda op: ctx.may(resource, op), owner
    )
    return Outcome(Screen(text, tuple(rows)))


async def ask_bulk(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The question before many records change: which, how many, and that a delete cannot be undone."""
    ticked = sorted(await ctx.app.lists.ticked(ctx.person.id, resource.code, listing(resource)))
    back = Go(Press.SELECT, resource.code, view=go.view)
    word = WORDS.get(go.arg)
    if not ticked or word is None or not ctx.may(resource, OPS[go.arg]):
        return await open_select(ctx, resource, back)
    names = await _titles(ctx, resource, ticked[:10])
    more = len(ticked) - len(names)
    text = lines(
        bold(ctx.t(f"bulk.ask_{word}", n=len(ticked))),
        "",
        *[f"• {name}" for name in names],
        ctx.t("bulk.and_more", n=more) if more > 0 else None,
        ctx.html("delete.warning") if word == "delete" and not resource.soft else None,
        italic(ctx.t("card.announces")) if word == "approve" and resource.announced else None,
    )
    confirm = ctx.keyed(Go(Press.BULK_NOW, resource.code, arg=go.arg, view=go.view))
    rows: tuple[Row, ...] = (
        (Button(ctx.t("nav.cancel"), back),),
        (
            Button(
                ctx.t(f"bulk.{word}", n=len(ticked)), confirm, style=SUCCESS if word == "approve" else DANGER
            ),
        ),
        navigation(ctx.locale, back),
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), rows))


async def _titles(ctx: Context, resource: Resource[Any], ids: Sequence[int]) -> list[str]:
    async def title(record_id: int) -> str:
        try:
            record = await ctx.app.records.get(ctx.caller, resource, record_id)
        except NotFound:
            return f"{record_id} · {ctx.t('bulk.gone')}"
        return label(resource.title(record, ctx.locale) or ctx.t("card.untitled"), 80)

    return list(await asyncio.gather(*(title(record_id) for record_id in ids)))


async def run_bulk(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What became of each ticked record; those that failed or were not reached stay ticked for another try."""
    ids = sorted(await ctx.app.lists.ticked(ctx.person.id, resource.code, listing(resource)))
    back = Go(Press.LIST, resource.code, view=go.view)
    results = await _run_each(ctx, resource, go.arg, ids[:BULK_LIMIT])
    results += [Result(record_id, "bulk.later") for record_id in ids[BULK_LIMIT:]]
    failed = [result for result in results if result.outcome != "done"]
    await ctx.app.lists.clear_ticks(ctx.person.id, resource.code, listing(resource))
    if failed:
        again = [result.record_id for result in failed]
        await ctx.app.lists.tick_all(ctx.person.id, resource.code, again, listing(resource))
    await ctx.app.records.finish_bulk(ctx, Ending({"go": back.pack(), "toast": "bulk.finished"}))
    ctx.settled = True
    return Outcome(_report(ctx, resource, go, results, failed), toast=ctx.t("bulk.finished"))


async def _run_each(ctx: Context, resource: Resource[Any], what: str, ids: Sequence[int]) -> list[Result]:
    room = asyncio.Semaphore(AT_ONCE)
    end = time.monotonic() + BULK_SECONDS

    async def one(record_id: int) -> Result:
        async with room:
            if time.monotonic() > end:
                return Result(record_id, "bulk.later")
            title = ""
            try:
                record = await ctx.app.records.get(ctx.caller, resource, record_id)
                title = label(resource.title(record, ctx.locale) or ctx.t("card.untitled"), 80)
                await ctx.app.records.bulk_one(ctx, resource, what, record)
            except SessionEnded:
                raise
            except NotFound:
                return Result(record_id, "bulk.gone", title)
            except UnknownOutcome:
                return Result(record_id, "bulk.unknown", title)
            except BackendError:
                return Result(record_id, "bulk.failed", title)
            return Result(record_id, "done", title)

    return list(await asyncio.gather(*(one(record_id) for record_id in ids)))


def _report(
    ctx: Context, resource: Resource[Any], go: Go, results: Sequence[Result], failed: Sequence[Result]
) -> Screen:
    word = WORDS[go.arg]
    blocks: list[Html | str] = [bold(ctx.t(f"bulk.done_{word}", n=len(results) - len(failed)))]
    blocks += [f"⚠️ {result.title or result.record_id}: {ctx.t(result.outcome)}" for result in failed]
    blocks += [f"• {result.title}" for result in results if result.outcome == "done"]
    rows: list[Row] = []
    if failed:
        rows.append(
            (
                Button(
                    ctx.t("bulk.retry", n=len(failed)),
                    Go(Press.BULK, resource.code, arg=go.arg, view=go.view),
                ),
            )
        )
    rows.append(navigation(ctx.locale, Go(Press.LIST, resource.code, view=go.view)))
    return Screen(fit(lines(*blocks), TEXT_LIMIT), tuple(rows))
