"""Finding a mentor for a mentee: suggestions with their reasons, any other one by hand, and the pair itself.

However a mentor was found, the two are looked at side by side before they are paired.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from api.community import Pairs
from api.errors import BackendError, NotFound, Refused
from handlers._engine.card import known_of, show_card
from handlers._engine.dispatch import ResourceRoute, Stale
from handlers._engine.form import begin_filled
from handlers._engine.own import FormContext, RecordContext
from handlers._engine.save import CLOSED
from handlers._engine.written import written
from handlers.community import telling
from handlers.community.reasons import matched, matching, reasons, score, today, waited
from handlers.community.shown import CODES, title
from keyboards.buttons import SUCCESS, Button, Row, navigation
from keyboards.callbacks import Go, Press, from_base36, to_base36
from middlewares.context import Context
from models.access import SIGNED_IN
from models.common import Ref
from models.community import Mentee, Mentor, Pair, PairStatus
from resources.resource import Op, Resource
from services import policy
from services.matching.mentorship import suggest, suggestion
from services.writes import Ending
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

NAME = 100
MENTEES_CODE, PAIRS_CODE, BARS_CODE = CODES["mentees"], CODES["pairs"], CODES["bars"]
SUGGESTIONS, CHOOSE = "su", "ch"
"""Codes of the actions on a mentee's card."""
NEVER = "n"
"""After a mentor in an address: the two are to be barred."""


# --- suggestions -------------------------------------------------------------------------------------------


async def suggestions(own: RecordContext) -> Outcome:
    """The mentors that fit best, with why; with a mentor in the address, the two side by side, or their bar."""
    argument = own.argument
    if not argument:
        return await _suggestions(own.ctx, await own.source.get(own.ctx.caller, own.go.id), own.card())
    never = argument.startswith(f"{NEVER}-")
    mentor_id = _number(argument.removeprefix(f"{NEVER}-"))
    if never:
        return await _begin_bar(own.ctx, own.go.id, mentor_id)
    return await side_by_side(own.ctx, own.go.id, mentor_id, back=own.address())


async def _suggestions(ctx: Context, mentee: Mentee, back: Go, note: Html | None = None) -> Outcome:
    locale = ctx.locale
    head = [bold(f"✨ {ctx.t('mentees.action.suggestions')}"), label(title(mentee, locale), NAME), note]
    if mentee.mentor_id is not None:
        rows = (*_pair_row(await _active(ctx, mentee.id), ctx), navigation(locale, back))
        return Outcome(Screen(lines(*head, "", ctx.html("mentees.has_mentor")), rows))
    mentors, bars = await asyncio.gather(
        _source(ctx, "mentors").with_room(ctx.caller), _source(ctx, "bars").all(ctx.caller)
    )
    by_id: dict[int, Mentor] = {one.id: one for one in mentors}
    found = suggest(matched(mentee), map(matching, mentors), bars, today())
    blocks: list[object] = [waited(found[0], locale)] if found else []
    buttons: list[Row] = []
    for number, one in enumerate(found, 1):
        mentor = by_id[one.mentor_id]
        name = label(title(mentor, locale), NAME)
        said = reasons(one, mentor, mentee, locale, waiting=False)
        blocks += ["", bold(f"{number}. {name}"), score(one), *said]
        profile = Button(label(f"👤 {number}. {name}", 30), Go(Press.CARD, CODES["mentors"], mentor.id))
        if _may_pair(ctx):
            pair = Button(
                f"🤝 {number}. {ctx.t('mentorship.pair')}", _both(mentee.id, mentor.id), style=SUCCESS
            )
            buttons.append((pair, profile))
        else:
            buttons.append((profile,))
    if _may_pair(ctx):
        choose = Go(Press.ACTION, MENTEES_CODE, mentee.id, CHOOSE)
        buttons.append((Button(f"🔎 {ctx.t('mentees.action.choose')}", choose),))
    body = blocks or ["", ctx.html("mentorship.nobody")]
    text = fit(lines(*head, *body), TEXT_LIMIT)
    return Outcome(Screen(text, (*buttons, navigation(locale, back))))


async def choose(own: RecordContext) -> Outcome:
    """The mentors with room, found by typing; the mentee is known already."""
    ctx = own.ctx
    _require_real(ctx)
    mentee: Mentee = await own.source.get(ctx.caller, own.go.id)
    if mentee.mentor_id is not None:
        return await _suggestions(ctx, mentee, own.card())
    values = {"mentee_id": mentee.ref.model_dump()}
    return await begin_filled(ctx, ctx.app.registry.by_code[PAIRS_CODE], values)


# --- the two side by side ----------------------------------------------------------------------------------


async def look(form: FormContext, values: Mapping[str, Any]) -> Outcome:
    """The two that were picked in the form."""
    mentee_id, mentor_id = int(values["mentee_id"]["id"]), int(values["mentor_id"]["id"])
    return await side_by_side(form.ctx, mentee_id, mentor_id, back=form.go(Press.BACK), draft=form.draft.id)


async def side_by_side(
    ctx: Context, mentee_id: int, mentor_id: int, *, back: Go, draft: str = "", note: Html | None = None
) -> Outcome:
    """What speaks for the two and what does not, and the button that pairs them."""
    caller, locale = ctx.caller, ctx.locale
    mentee, mentor, bars = await asyncio.gather(
        _source(ctx, "mentees").get(caller, mentee_id),
        _source(ctx, "mentors").get(caller, mentor_id),
        _source(ctx, "bars").all(caller),
    )
    found = suggestion(matched(mentee), matching(mentor), today())
    barred = (min(mentee_id, mentor_id), max(mentee_id, mentor_id)) in bars
    problem = _problem(mentee, mentor, barred=barred)
    rows: list[Row] = []
    if problem is None and _may_pair(ctx):
        pair = Go(Press.PAIR_NOW, PAIRS_CODE, mentee_id, to_base36(mentor_id), draft)
        rows.append((Button(f"🤝 {ctx.t('mentorship.pair_now')}", ctx.keyed(pair), style=SUCCESS),))
    profile = Button(f"👤 {ctx.t('mentors.one')}", Go(Press.CARD, CODES["mentors"], mentor_id))
    never = Button(f"🙅 {ctx.t('mentorship.never')}", _both(mentee_id, mentor_id, never=True))
    rows.append((profile, never) if _may_pair(ctx) and not barred else (profile,))
    if problem == "mentorship.taken":
        rows += _pair_row(await _active(ctx, mentee_id), ctx)
    rows.append(navigation(locale, back))
    text = lines(
        bold(f"🤝 {ctx.t('mentorship.two')}"),
        note,
        "",
        ctx.html("mentorship.mentor", name=label(title(mentor, locale), NAME)),
        ctx.html("mentorship.mentee", name=label(title(mentee, locale), NAME)),
        "",
        score(found),
        *reasons(found, mentor, mentee, locale),
        lines("", ctx.html(problem)) if problem else lines("", ctx.html("mentorship.both_told")),
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), tuple(rows)))


def _problem(mentee: Mentee, mentor: Mentor, *, barred: bool) -> str | None:
    """The key of what keeps them apart as things are; None for nothing."""
    if mentee.mentor_id is not None:
        return "mentorship.taken"
    if barred:
        return "mentorship.barred"
    return "mentorship.full" if mentor.free < 1 else None


async def pair_now(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The card of the new pair, both of whom are being told."""
    mentor_id = _number(go.arg)
    if resource.code != PAIRS_CODE or not mentor_id or not go.id:
        await ctx.give_back()
        raise Stale
    values = {"mentor_id": Ref(id=mentor_id).model_dump(), "mentee_id": Ref(id=go.id).model_dump()}
    ui = CLOSED if go.view else {}

    async def attach(pair: Pair) -> Pair:
        """The pair, both of whom are told by and by; it stands, whatever becomes of that."""
        person = ctx.person.id, ctx.principal.admin_id or 0, ctx.locale.language, str(ctx.locale.zone)
        await telling.order(ctx.app, "pair", pair.id, *person)
        return pair

    def ending(pair: Pair) -> Ending:
        card = Go(Press.CARD, PAIRS_CODE, pair.id)
        return Ending(written(card, "mentorship.paired"), ui, go.view or None)

    try:
        pair = await ctx.app.records.create(ctx, resource, values, ending, attach)
    except (Refused, NotFound) as error:
        return await _refused(ctx, go.id, mentor_id, error)
    ctx.settled = True
    note = await known_of(ctx, resource, pair)
    return show_card(ctx, resource, pair, note=note, toast=ctx.t("mentorship.paired"))


async def _refused(ctx: Context, mentee_id: int, mentor_id: int, error: BackendError) -> Outcome:
    """Why nothing was done, over the two as they are now; the suggestions where one of them is gone."""
    known = error.detail.startswith("mentorship.")
    note = ctx.html(error.detail) if known else ctx.html("error.gone")
    if isinstance(error, Refused) and not known:
        note = ctx.html("error.refused", reason=label(error.detail or str(error.status), 300))
    back = Go(Press.ACTION, MENTEES_CODE, mentee_id, SUGGESTIONS)
    try:
        outcome = await side_by_side(ctx, mentee_id, mentor_id, back=back, note=None if known else note)
    except NotFound:
        return Outcome(Screen(lines(bold(ctx.t("error.title")), "", note), (navigation(ctx.locale, back),)))
    return Outcome(outcome.screen, toast=ctx.t("mentorship.not_paired"), alert=True)


# --- never ------------------------------------------------------------------------------------------------


async def _begin_bar(ctx: Context, mentee_id: int, mentor_id: int) -> Outcome:
    """The form of a bar between the two; its summary is the question."""
    _require_real(ctx)
    bars = ctx.app.registry.by_code[BARS_CODE]
    policy.require(ctx.principal, bars.need(Op.CREATE) or policy.NOBODY)
    mentee, mentor = await asyncio.gather(
        _source(ctx, "mentees").get(ctx.caller, mentee_id), _source(ctx, "mentors").get(ctx.caller, mentor_id)
    )
    return await begin_filled(ctx, bars, {"a_id": mentee.ref.model_dump(), "b_id": mentor.ref.model_dump()})


# --- what all of them need --------------------------------------------------------------------------------


async def _active(ctx: Context, mentee_id: int) -> list[Pair]:
    source: Pairs = _source(ctx, "pairs")
    return await source.of(ctx.caller, mentee_id=mentee_id, status=PairStatus.ACTIVE)


def _pair_row(found: list[Pair], ctx: Context) -> list[Row]:
    """The way to the pair that the mentee is in."""
    return [
        (Button(label(f"🤝 {title(one.mentor, ctx.locale)}", 56), Go(Press.CARD, PAIRS_CODE, one.id)),)
        for one in found[:1]
    ]


def _both(mentee_id: int, mentor_id: int, *, never: bool = False) -> Go:
    prefix = f"{NEVER}-" if never else ""
    return Go(Press.ACTION, MENTEES_CODE, mentee_id, f"{SUGGESTIONS}{prefix}{to_base36(mentor_id)}")


def _may_pair(ctx: Context) -> bool:
    return ctx.may(ctx.app.registry.by_code[PAIRS_CODE], Op.CREATE)


def _require_real(ctx: Context) -> None:
    """Nothing; raises ``LookingOnly`` for whoever only looks on: a form is something written."""
    if ctx.look is not None:
        raise policy.LookingOnly(ctx.principal, SIGNED_IN)


def _source(ctx: Context, name: str) -> Any:
    return ctx.app.records.source(ctx.app.registry.by_code[CODES[name]])


def _number(text: str) -> int:
    """The id in base 36; 0 for anything else."""
    return from_base36(text) if text.isascii() and text.isalnum() and len(text) <= 12 else 0


RESOURCES: Mapping[str, ResourceRoute] = {Press.PAIR_NOW: ResourceRoute(pair_now, Op.CREATE, writes=True)}
