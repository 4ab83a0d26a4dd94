"""Storing a round: once, just as it was looked at, and why the backend does not take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from api.errors import BackendError, Conflict, NotFound, SessionEnded, UnknownOutcome
from handlers._engine.card import show_card
from handlers._engine.dispatch import ResourceRoute
from handlers._engine.written import written
from handlers.community.coffee.preparing import TOOL, kept, stale, version_of
from handlers.community.coffee.shown import plans_source, rounds_source
from keyboards.callbacks import Go, Press
from middlewares.context import App, Context
from models.access import Caller, Permission
from models.community import CoffeeRound, RoundStatus
from resources.resource import Op, Resource
from services.coffee import Known, Preview, State
from services.matching.arrangement import Arrangement
from services.writes import Ending
from utils.html import Html
from views.coffee import Painter
from views.coffee_words import numbers
from views.fitting import label
from views.screen import Outcome

NAMED = 5


async def commit(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card of the stored round; of a preview that changed, the preview as it is now, and nothing is stored."""
    preview = await kept(ctx)
    if preview is None or preview.version != version_of(go.arg) or preview.arrangement is None:
        await ctx.give_back()
        return await stale(ctx, resource)
    if preview.state is not State.READY:
        await ctx.give_back()
        return Outcome(Painter(resource, preview, ctx.locale).current())
    arrangement = preview.arrangement
    key = key_of(f"{ctx.person.id}:{preview.version}")

    async def run(caller: Caller) -> CoffeeRound:
        return await stored(ctx.app, caller, arrangement, preview.day, key, lapsed=ctx.lapsed)

    def ending(one: CoffeeRound) -> Ending:
        return Ending(written(Go(Press.CARD, resource.code, one.id), "coffee.committed"))

    try:
        one = await ctx.app.records.perform(
            ctx, resource, "commit", Permission.CREATE, noted(arrangement, preview.day), run, ending
        )
    except Conflict as error:
        return await _explained(ctx, resource, preview, error)
    ctx.settled = True
    await ctx.app.coffee.drop(ctx.person.id, preview.version)
    return show_card(ctx, resource, one, toast=ctx.t("coffee.committed"))


def key_of(what: str) -> str:
    """The idempotency key of a round: the same for every try to store the same one."""
    return sha256(f"coffee:{what}".encode()).hexdigest()[:32]


def noted(arrangement: Arrangement, day: date) -> dict[str, Any]:
    """What the audit keeps of a round."""
    return {"planned_for": day.isoformat(), **numbers(arrangement)}


async def stored(
    app: App, caller: Caller, arrangement: Arrangement, day: date, key: str, *, lapsed: bool = False
) -> CoffeeRound:
    """The round, stored once: after a lost answer (``lapsed``: that of an earlier try) it is looked for. Raises
    ``Conflict``, and ``UnknownOutcome`` when nobody can tell."""
    rounds = rounds_source(app)
    if lapsed and (found := await rounds.stored(caller, arrangement.members, arrangement.seed)) is not None:
        return found
    try:
        return await rounds.commit(
            caller,
            arrangement.members,
            skipped=[one.id for one in arrangement.skipped],
            seed=arrangement.seed,
            planned_for=day,
            key=key,
        )
    except UnknownOutcome as lost:
        try:
            found = await rounds.stored(caller, arrangement.members, arrangement.seed)
        except BackendError:
            raise lost from None
        if found is None:
            raise
        return found


async def _explained(ctx: Context, resource: Resource[Any], preview: Preview, error: Conflict) -> Outcome:
    """The preview as it stands, with why it was not stored and what can be done."""
    try:
        refusal = await why_refused(ctx.app, ctx.caller, preview.arrangement, preview.day)
    except SessionEnded:
        raise
    except BackendError:
        refusal = Refusal("coffee.refused.other", detail=label(error.detail, 200))
    screen = Painter(resource, preview, ctx.locale).current()
    note = said(refusal, ctx, preview.people) if refusal is not None else None
    other = ctx.html("coffee.refused.other", detail=label(error.detail, 200))
    return Outcome(screen.noted(note or other), toast=ctx.t("coffee.not_committed"), alert=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a round is not taken: a key, the members it is about, who stored another one and until when that counts."""

    key: str
    members: tuple[int, ...] = ()
    by: int | None = None
    until: datetime | None = None
    detail: str = ""


async def why_refused(app: App, caller: Caller, arrangement: Arrangement | None, day: date) -> Refusal | None:
    """What stands in the way of storing it now; None for nothing that can be told. Raises ``api.errors``."""
    plans, now = plans_source(app), datetime.now(UTC)
    schedule = await plans.schedule(caller)
    if schedule.last_run_at is not None:
        until = schedule.last_run_at + timedelta(minutes=schedule.cooldown_minutes)
        if until > now:
            newest = await rounds_source(app).latest(caller, 3)
            standing = (one for one in newest if one.status != RoundStatus.ROLLED_BACK)
            by = next((one.created_by for one in standing), None)
            return Refusal("coffee.refused.cooldown", by=by, until=until)
    if arrangement is None:
        return None
    try:
        due = {one.id for one in await plans.candidates(caller, day)}
    except NotFound:
        return None
    people = [who for group in arrangement.groups for who in group.members]
    gone = tuple(who for who in (*people, *(one.id for one in arrangement.skipped)) if who not in due)
    return Refusal("coffee.refused.gone", members=gone) if gone else None


def said(refusal: Refusal, ctx: Context, people: Mapping[int, Known]) -> Html:
    """The reason in words."""
    locale = ctx.locale
    if refusal.until is not None:
        mine = refusal.by is not None and refusal.by == ctx.principal.admin_id
        name = ctx.app.records.admin_name(refusal.by) if refusal.by is not None else None
        who = ctx.t("stamp.you") if mine else name or ctx.t("stamp.admin", id=refusal.by or "?")
        return ctx.html(refusal.key, who=who, until=locale.clock(locale.local(refusal.until)))
    names = [label(people[one].name or f"#{one}", 60) for one in refusal.members[:NAMED] if one in people]
    more = len(refusal.members) - len(names)
    return ctx.html(
        refusal.key,
        names=", ".join(names) + (f" +{locale.number(more)}" if more > 0 else ""),
        n=len(refusal.members),
    )


ROUTES: Mapping[str, ResourceRoute] = {
    Press.MATCH_NOW: ResourceRoute(commit, Op.ACTION, writes=True, tool=TOOL),
}
