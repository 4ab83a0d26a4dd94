"""From an address to the function that answers it: three dictionaries, no module known by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.errors import BackendError, UnknownOutcome
from handlers._engine import bulk, card, deeds, form, listing, moderate, steps, tools
from handlers._engine.save import save
from handlers._engine.translations import open_translations
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import SIGNED_IN, Need
from resources.resource import Op, Resource
from services import policy
from services.drafts import Draft
from services.gate import Begun
from views.screen import Outcome

PersonOp = Callable[[Context, Go], Awaitable[Outcome]]
ResourceOp = Callable[[Context, Resource[Any], Go], Awaitable[Outcome]]
DraftOp = Callable[[Context, Resource[Any], Draft, Go], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class PersonRoute:
    """A press that concerns no resource; ``need`` is mandatory: there is no default. ``shows`` is True where nothing is
    written, so that it is open to who looks on as another role."""

    run: PersonOp
    need: Need
    shows: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRoute:
    """A press on a resource; its need is what the resource declares for ``op``, or for the tool of the name ``tool``,
    whose screens it leads on from. ``shows`` as for ``PersonRoute``."""

    run: ResourceOp
    op: Op
    writes: bool = False
    shows: bool = False
    tool: str = ""


@dataclass(frozen=True, slots=True)
class DraftRoute:
    """A press inside a form; its need is that of the draft's save."""

    run: DraftOp
    writes: bool = False


RESOURCE_ROUTES: Mapping[str, ResourceRoute] = {
    Press.LIST: ResourceRoute(card.open_listed, Op.LIST, shows=True),
    Press.FILTERS: ResourceRoute(listing.open_filters, Op.LIST, shows=True),
    Press.TRANSLATIONS: ResourceRoute(open_translations, Op.LIST, shows=True),
    Press.JUMP: ResourceRoute(listing.open_jump, Op.LIST, shows=True),
    Press.CHOOSE: ResourceRoute(listing.open_choices, Op.LIST, shows=True),
    Press.CARD: ResourceRoute(card.open_card, Op.CARD, shows=True),
    Press.READ: ResourceRoute(card.read_in_full, Op.CARD, shows=True),
    Press.ACTION: ResourceRoute(card.run_action, Op.ACTION, shows=True),
    Press.TOOL: ResourceRoute(tools.run_tool, Op.ACTION, shows=True),
    Press.REVEAL: ResourceRoute(card.reveal, Op.CARD),
    Press.DEED: ResourceRoute(deeds.open_deed, Op.ACTION),
    Press.DEED_NOW: ResourceRoute(deeds.do, Op.ACTION, writes=True),
    Press.CREATE: ResourceRoute(form.begin_create, Op.CREATE),
    Press.DUPLICATE: ResourceRoute(form.begin_duplicate, Op.CREATE),
    Press.EDIT: ResourceRoute(form.open_edit, Op.EDIT, shows=True),
    Press.EDIT_FIELD: ResourceRoute(form.begin_edit, Op.EDIT),
    Press.APPROVE: ResourceRoute(moderate.approve, Op.MODERATE, writes=True),
    Press.REJECT: ResourceRoute(moderate.reject, Op.MODERATE, writes=True),
    Press.DELETE: ResourceRoute(moderate.ask_delete, Op.DELETE, shows=True),
    Press.DELETE_NOW: ResourceRoute(moderate.delete, Op.DELETE, writes=True),
    Press.SELECT: ResourceRoute(bulk.open_select, Op.LIST, shows=True),
    Press.TICK: ResourceRoute(bulk.tick, Op.LIST),
    Press.BULK: ResourceRoute(bulk.ask_bulk, Op.LIST),
    Press.BULK_NOW: ResourceRoute(bulk.run_bulk, Op.LIST, writes=True),
}

DRAFT_ROUTES: Mapping[str, DraftRoute] = {
    Press.DRAFT: DraftRoute(steps.resume),
    Press.STEP: DraftRoute(steps.open_step),
    Press.VALUE: DraftRoute(steps.pick),
    Press.CALENDAR: DraftRoute(steps.calendar),
    Press.OPTIONS: DraftRoute(steps.options),
    Press.SKIP: DraftRoute(steps.skip),
    Press.CLEAR: DraftRoute(steps.clear),
    Press.BACK: DraftRoute(steps.back),
    Press.ROW: DraftRoute(steps.open_row),
    Press.ROW_FIELD: DraftRoute(steps.open_row),
    Press.ROW_DELETE: DraftRoute(steps.delete_row),
    Press.SAVE: DraftRoute(save, writes=True),
    Press.CANCEL: DraftRoute(steps.ask_cancel),
    Press.DISCARD: DraftRoute(steps.discard),
}


class Stale(Exception):
    """An address that leads nowhere (any more): the person gets the menu and a short note, nothing is executed."""

    def __init__(self, key: str = "stale.screen") -> None:
        super().__init__(key)
        self.key = key


class Dispatch:
    """Answers presses. ``persons`` are the routes of screens that belong to no resource, ``resources`` further
    ones that do, ``drafts`` further ones inside a form."""

    def __init__(
        self,
        persons: Mapping[str, PersonRoute],
        resources: Mapping[str, ResourceRoute] | None = None,
        drafts: Mapping[str, DraftRoute] | None = None,
    ) -> None:
        self._persons = persons
        self._resources = resources or {}
        self._drafts = {**DRAFT_ROUTES, **(drafts or {})}

    async def press(self, ctx: Context, go: Go | None) -> Outcome:
        """The outcome of the press. Raises ``Stale``, ``services.policy.Denied`` and ``api.errors``."""
        if go is None:
            raise Stale
        await self._look_only(ctx, go)
        if (person := self._persons.get(go.op)) is not None:
            policy.require(ctx.principal, person.need)
            return await person.run(ctx, go)
        if (draft_route := self._drafts.get(go.op)) is not None:
            return await self._on_draft(ctx, draft_route, go)
        resource, route = (
            ctx.resource(go.res, go.view),
            RESOURCE_ROUTES.get(go.op) or self._resources.get(go.op),
        )
        if resource is None or route is None:
            raise Stale
        return await self._on_resource(ctx, resource, route, go)

    async def _look_only(self, ctx: Context, go: Go) -> None:
        """Nothing for presses that only show. Raises ``LookingOnly`` for others of whoever looks on as another role,
        and ``Stale`` for the first one after that has lapsed: its screen still said that nothing would be written."""
        route = self._persons.get(go.op) or RESOURCE_ROUTES.get(go.op) or self._resources.get(go.op)
        if (ctx.look is None and not ctx.look_lapsed) or (route is not None and route.shows):
            return
        await ctx.give_back()
        if ctx.look_lapsed:
            raise Stale("look.lapsed")
        raise policy.LookingOnly(ctx.principal, SIGNED_IN)

    async def _on_resource(
        self, ctx: Context, resource: Resource[Any], route: ResourceRoute, go: Go
    ) -> Outcome:
        policy.require(ctx.principal, SIGNED_IN)
        if not _allowed(ctx, resource, route, go):
            await ctx.give_back()
            raise policy.Denied(ctx.principal, SIGNED_IN)
        if route.writes and (settled := await self._settled(ctx, go)) is not None:
            return settled
        return await self._running(ctx, route.run(ctx, resource, go))

    async def _on_draft(self, ctx: Context, route: DraftRoute, go: Go) -> Outcome:
        policy.require(ctx.principal, SIGNED_IN)
        if go.res not in ctx.app.registry.by_code:
            raise Stale
        if route.writes and (settled := await self._settled(ctx, go)) is not None:
            return settled
        draft = await form.open_draft(ctx, go.view)
        resource = form.resource_of(ctx, draft) if draft is not None else None
        if draft is None or resource is None or draft.resource != go.res:
            await ctx.give_back()
            raise Stale("stale.draft")
        if not form.allowed(ctx, resource, draft):
            await ctx.give_back()
            raise policy.Denied(ctx.principal, SIGNED_IN)
        return await self._running(ctx, route.run(ctx, resource, draft, go))

    async def _running(self, ctx: Context, op: Awaitable[Outcome]) -> Outcome:
        """The outcome of the op. Trouble on the way to a write gives the key back: the next press need not wait."""
        try:
            return await op
        except UnknownOutcome:
            raise
        except BackendError:
            if not ctx.settled:
                await ctx.give_back()
            raise

    async def _settled(self, ctx: Context, go: Go) -> Outcome | None:
        """What a press on a write answers without writing: stale, already being done, or done before. None: go on."""
        operation = ctx.entry.operation
        if operation is None or not ctx.key_holds(go):
            await ctx.give_back()
            raise Stale
        if operation.state is Begun.PENDING:
            return Outcome(toast=ctx.t("write.pending"))
        if operation.state is Begun.DONE:
            return await self._first_result(ctx, operation.result or {})
        return None

    async def _first_result(self, ctx: Context, result: Mapping[str, Any]) -> Outcome:
        """The screen that the first press led to, and what it said."""
        again = Go.unpack(str(result.get("go", "")))
        if again is None or again.key:
            raise Stale
        outcome = await self.press(ctx, again)
        return Outcome(outcome.screen, toast=ctx.t(str(result.get("toast", ""))))


def _allowed(ctx: Context, resource: Resource[Any], route: ResourceRoute, go: Go) -> bool:
    if route.tool:
        own = next((one for one in resource.tools if one.name == route.tool), None)
        return own is not None and ctx.may_run(resource, own)
    if route.op is not Op.ACTION:
        return ctx.may(resource, route.op)
    code = go.arg[:2]
    if go.op == Press.TOOL:
        tool = resource.tool(code)
        return tool is not None and ctx.may_run(resource, tool)
    if go.op == Press.ACTION:
        action = resource.action(code)
        return action is not None and ctx.may_run(resource, action)
    deed = resource.deed(code)
    return deed is not None and ctx.may_do(resource, deed)
