"""Looking through a round before it is stored, and changing it: two change places, a group is locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers._engine.dispatch import ResourceRoute
from handlers.community.coffee import solving
from handlers.community.coffee.preparing import TOOL, current, intro, kept, stale, version_of
from keyboards.callbacks import Go, Press, from_base36
from middlewares.context import Context
from resources.resource import Op, Resource
from services import policy
from services.coffee import Preview, State
from services.matching.arrangement import Arrangement, Group, Why
from services.matching.swaps import locking, swapped, unlocking
from services.matching.task import Refused
from views.coffee import (
    CHOOSE,
    DROP,
    GROUP,
    GROUP_OF_REPEATS,
    JUMP,
    LEFT,
    LOCK,
    QUESTION,
    REPEATS,
    SWAP,
    UNLOCK,
    Painter,
)
from views.screen import Outcome

OVERDUE = 60.0
"""Seconds after which somebody else is asked to solve what is still not there."""
LONGEST = 4
"""Digits of a page that is typed."""


async def show(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What the address names of the preview as it stands; of an earlier version the first page, and a word."""
    preview = await kept(ctx)
    if preview is None:
        return await intro(ctx, ctx.html("coffee.gone") if go.arg else "")
    painter = Painter(resource, preview, ctx.locale)
    if preview.state is not State.READY or preview.arrangement is None:
        await _hasten(ctx, preview)
        return Outcome(painter.current())
    if not go.arg:
        return Outcome(painter.current())
    if version_of(go.arg) != preview.version:
        return await stale(ctx, resource)
    what = go.arg.partition("-")[2]
    kind, rest = what[:1], what[1:]
    if kind == QUESTION:
        return Outcome(painter.question(ctx.keyed))
    if kind == LEFT:
        return Outcome(painter.left(_number(rest)))
    if kind == JUMP:
        return Outcome(painter.jump(_number(rest)))
    group = preview.group_of(_member(rest)) if kind in (GROUP, GROUP_OF_REPEATS) else None
    if group is not None:
        return Outcome(painter.group(group, repeats=kind == GROUP_OF_REPEATS))
    return Outcome(painter.groups(_number(rest), repeats=kind == REPEATS))


async def search(ctx: Context, resource: Resource[Any], view: str, typed: str) -> Outcome:
    """The groups with that name in them; of a number that page."""
    tool = next(one for one in resource.tools if one.name == TOOL)
    policy.require(ctx.principal, solving.NEED)
    preview = await kept(ctx)
    if preview is None or preview.arrangement is None or not ctx.may_run(resource, tool):
        return await current(ctx, resource)
    painter = Painter(resource, preview, ctx.locale)
    text = " ".join(typed.split())[:100]
    if text.isascii() and text.isdigit() and len(text) <= LONGEST:
        return Outcome(painter.groups(int(text)))
    return Outcome(painter.groups(1, search=text))


async def _hasten(ctx: Context, preview: Preview) -> None:
    """Has it solved by somebody else when whoever began is late: its worker died, or Redis was away."""
    late = ctx.now - preview.asked_at > OVERDUE
    if preview.state is State.SOLVING and late and ctx.look is None:
        await ctx.app.coffee.asked(ctx.person.id, preview.version)
        await solving.ask(ctx.app, ctx.person.id, preview.admin_id, preview.version)


# --- changing -----------------------------------------------------------------------------------------------


async def turn(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The preview after the change, or why it cannot be; a button of an earlier version changes nothing."""
    preview = await kept(ctx)
    if preview is None or preview.version != version_of(go.arg):
        return await stale(ctx, resource)
    what = go.arg.partition("-")[2]
    kind, member_id = what[:1], _member(what[1:])
    if kind == DROP:
        if not await ctx.app.coffee.drop(ctx.person.id, preview.version):
            return await stale(ctx, resource)
        outcome = await intro(ctx)
        return Outcome(outcome.screen, toast=ctx.t("coffee.dropped"))
    if preview.state is not State.READY or preview.arrangement is None:
        return Outcome(Painter(resource, preview, ctx.locale).current())
    try:
        if kind == CHOOSE:
            return await _choose(ctx, resource, preview, member_id)
        if kind == SWAP:
            return await _swap(ctx, resource, preview, preview.arrangement, member_id)
        if kind in (LOCK, UNLOCK):
            return await _lock(ctx, resource, preview, preview.arrangement, member_id, locked=kind == LOCK)
    except Refused as error:
        painter = Painter(resource, preview, ctx.locale)
        screen = painter.groups(painter.page_of(preview.chosen or member_id))
        return Outcome(screen, toast=painter.refused(error.reasons[0]), alert=True)
    return await stale(ctx, resource)


async def _choose(ctx: Context, resource: Resource[Any], preview: Preview, member_id: int) -> Outcome:
    known = preview.group_of(member_id) is not None or preview.left_out(member_id) is not None
    version = await ctx.app.coffee.choose(ctx.person.id, preview.version, member_id if known else 0)
    return await _changed(ctx, resource, version, preview.chosen or member_id)


async def _swap(
    ctx: Context, resource: Resource[Any], preview: Preview, arrangement: Arrangement, member_id: int
) -> Outcome:
    """Both in each other's places. Raises ``Refused``."""
    task = await ctx.app.coffee.task(ctx.person.id)
    if task is None or not preview.chosen:
        return await stale(ctx, resource)
    made = swapped(arrangement, task, preview.chosen, member_id)
    version = await ctx.app.coffee.turn(ctx.person.id, preview.version, made)
    return await _changed(ctx, resource, version, preview.chosen, "coffee.swapped")


async def _lock(
    ctx: Context,
    resource: Resource[Any],
    preview: Preview,
    arrangement: Arrangement,
    member_id: int,
    *,
    locked: bool,
) -> Outcome:
    """The group locked, so that it stays when the rest is solved again, or open again. Raises ``Refused``."""
    task, group = await ctx.app.coffee.task(ctx.person.id), preview.group_of(member_id)
    if task is None or group is None:
        return await stale(ctx, resource)
    task = locking(task, group.members) if locked else unlocking(task, group.members)
    groups = tuple(_locked(one, locked=locked) if one is group else one for one in arrangement.groups)
    made = replace(arrangement, groups=groups)
    version = await ctx.app.coffee.turn(ctx.person.id, preview.version, made, task)
    return await _changed(
        ctx, resource, version, 0, "coffee.locked" if locked else "coffee.unlocked", member_id
    )


def _locked(group: Group, *, locked: bool) -> Group:
    why = tuple(one for one in group.why if one.key != "locked")
    return replace(group, locked=locked, why=(Why("locked"), *why) if locked else why)


async def _changed(
    ctx: Context, resource: Resource[Any], version: int | None, near: int, toast: str = "", group: int = 0
) -> Outcome:
    """The page with that member as it is now, or the group's own screen."""
    preview = await kept(ctx)
    if version is None or preview is None or preview.arrangement is None:
        return await stale(ctx, resource)
    painter = Painter(resource, preview, ctx.locale)
    opened = preview.group_of(group) if group else None
    screen = painter.group(opened) if opened is not None else painter.groups(painter.page_of(near))
    return Outcome(screen, toast=ctx.t(toast) if toast else "")


def _number(digits: str) -> int:
    """The page; the first one for anything that is none."""
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1


def _member(text: str) -> int:
    """The id; 0 for anything that is none."""
    return from_base36(text) if text.isascii() and text.isalnum() and text == text.lower() else 0


ROUTES: Mapping[str, ResourceRoute] = {
    Press.MATCH: ResourceRoute(show, Op.ACTION, shows=True, tool=TOOL),
    Press.MATCH_TURN: ResourceRoute(turn, Op.ACTION, tool=TOOL),
}
