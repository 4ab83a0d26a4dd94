"""Forms: where a draft stands, how it is stored and shown, how it is begun and left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from handlers._engine.card import open_card, show_card
from handlers._engine.listing import place_of, show_list
from handlers._engine.own import FormContext
from handlers._engine.relation import options_of
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import Role
from resources.fields import Field, Relation, Rows, is_blank
from resources.resource import Deed, Op, Resource
from services import drafts as draft_store
from services.drafts import Draft
from services.preferences import UiField
from views.card import edit_screen
from views.fitting import label
from views.form import SUMMARY, FormView, Options, row_screen, step_screen, summary_screen
from views.screen import Outcome, Screen

CREATE, EDIT = "create", "edit"
ABOUT = 120
"""Units of a record's title that the steps of an edit or a deed repeat."""


@dataclass(frozen=True, slots=True)
class Sub:
    """Where inside a step: come from the summary, in which row, at which column, in a text that goes on; and the
    place in the list that the form was opened from."""

    origin: bool = False
    row: int | None = None
    column: str = ""
    more: bool = False
    view: str = ""

    @classmethod
    def of(cls, text: str) -> Sub:
        """The place that a draft keeps as text."""
        rest, _, view = text.partition("@")
        flags, _, place = rest.partition(":")
        row, _, column = place.partition("-")
        return cls("s" in flags, int(row) if row.isdigit() else None, column, "m" in flags, view)

    def __str__(self) -> str:
        place = "" if self.row is None else f"{self.row}-{self.column}"
        return f"{'s' if self.origin else ''}{'m' if self.more else ''}:{place}@{self.view}"

    def fresh(self, *, origin: bool = False) -> str:
        """The same list place at the beginning of another step, as a draft keeps it."""
        return str(Sub(origin=origin, view=self.view))


def resource_of(ctx: Context, draft: Draft) -> Resource[Any] | None:
    """What the draft is a form of, bound to its parent where it has one."""
    return ctx.resource(draft.resource, Sub.of(draft.sub).view)


def order_of(resource: Resource[Any], draft: Draft) -> tuple[str, ...]:
    """The steps of this draft: the form's or the deed's that its values ask for, or the one field that is edited."""
    if draft.mode == EDIT:
        return tuple(draft.before or ())
    asked = (resource.by_name[name] for name in resource.order(draft.mode))
    return tuple(item.name for item in asked if item.when is None or item.when(draft.values))


def view_of(
    ctx: Context,
    resource: Resource[Any],
    draft: Draft,
    error: str = "",
    typed: str = "",
    options: Options | None = None,
) -> FormView:
    """What the form's screens are drawn from."""
    return FormView(
        resource,
        draft.id,
        draft.mode == EDIT,
        draft.values,
        draft.before or {},
        order_of(resource, draft),
        ctx.locale,
        datetime.fromtimestamp(ctx.now, UTC),
        draft.record_id or 0,
        error,
        typed,
        deed=resource.deed(draft.mode),
        options=options,
        about=draft.about,
        doubtful=draft.is_doubtful,
    )


def allowed(ctx: Context, resource: Resource[Any], draft: Draft) -> bool:
    """True when this person may save the draft: create, edit, or do the deed it asks the values of."""
    if draft.mode in (CREATE, EDIT):
        return ctx.may(resource, Op.CREATE if draft.mode == CREATE else Op.EDIT)
    deed = resource.deed(draft.mode)
    return deed is not None and ctx.may_do(resource, deed)


async def open_draft(ctx: Context, draft_id: str) -> Draft | None:
    """This admin's draft of that id: the open one came with the gate, another one is fetched."""
    draft = ctx.draft
    if draft is not None and draft.id == draft_id:
        return draft
    return await ctx.app.drafts.get(ctx.person.id, ctx.principal.admin_id or 0, draft_id)


def filled(resource: Resource[Any], draft: Draft) -> dict[str, Any] | None:
    """What was filled in of all that the form asks for; None when something required is missing."""
    order = order_of(resource, draft)
    values = {name: draft.values[name] for name in order if not is_blank(draft.values.get(name))}
    return None if any(resource.by_name[name].required and name not in values for name in order) else values


async def begin_create(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The first step of a new record."""
    draft = draft_store.new(
        ctx.principal.admin_id or 0, resource.code, CREATE, ctx.now, step=resource.form[0]
    )
    return await _begin(ctx, resource, draft, go.view)


async def begin_filled(
    ctx: Context, resource: Resource[Any], values: Mapping[str, Any], *, view: str = ""
) -> Outcome:
    """The form of a new record in which ``values`` (JSON-ready, by field name) stand already: at the first field that
    is still to be given, else at its summary."""
    open_ = (name for name in resource.form if resource.by_name[name].required and name not in values)
    draft = draft_store.new(
        ctx.principal.admin_id or 0, resource.code, CREATE, ctx.now, values=values, step=next(open_, SUMMARY)
    )
    return await _begin(ctx, resource, draft, view)


async def begin_duplicate(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The summary of a copy, to be looked through and saved."""
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    values = {name: resource.by_name[name].value_of(getattr(record, name, None)) for name in resource.form}
    values = {
        name: value
        for name, value in values.items()
        if not is_blank(value)
        and resource.by_name[name].kind != "photo"
        and not resource.by_name[name].masked
    }
    if resource.duplicate is not None:
        values = resource.duplicate(values)
    draft = draft_store.new(
        ctx.principal.admin_id or 0, resource.code, CREATE, ctx.now, values=values, step=SUMMARY
    )
    return await _begin(ctx, resource, draft, go.view)


async def begin_edit(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The step of one field of an existing record, its present value shown."""
    # A deed's field is asked for by its deed alone, whatever an address says.
    field = next((item for item in resource.editable() if item.code == go.arg), None)
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    if field is None or not resource.offers(Op.EDIT, record):
        return await open_edit(ctx, resource, go)
    values = {field.name: field.value_of(getattr(record, field.name, None))}
    draft = draft_store.new(
        ctx.principal.admin_id or 0,
        resource.code,
        EDIT,
        ctx.now,
        record_id=go.id,
        values=values,
        before=dict(values),
        step=field.name,
        about=label(resource.title(record, ctx.locale) or ctx.t("card.untitled"), ABOUT),
    )
    return await _begin(ctx, resource, draft, go.view)


async def begin_deed(ctx: Context, resource: Resource[Any], deed: Deed[Any], go: Go, about: str) -> Outcome:
    """The first thing that a deed asks for; each step names the record, which is called ``about``. Where the same
    deed was sent before and not answered, that form instead: it tells, and is not sent again unseen."""
    kept = await ctx.app.drafts.list(ctx.person.id, ctx.principal.admin_id or 0)
    same = (resource.code, deed.code, go.id)
    doubtful = (one for one in kept if one.is_doubtful and (one.resource, one.mode, one.record_id) == same)
    if (unanswered := next(doubtful, None)) is not None:
        return await keep(ctx, resource, replace(unanswered, step=SUMMARY))
    draft = draft_store.new(
        ctx.principal.admin_id or 0,
        resource.code,
        deed.code,
        ctx.now,
        record_id=go.id,
        step=deed.fields[0].name,
        about=label(about, ABOUT),
    )
    return await _begin(ctx, resource, draft, go.view)


async def _begin(ctx: Context, resource: Resource[Any], draft: Draft, view: str) -> Outcome:
    """The first screen of a new draft, for which untouched and the oldest ones make room."""
    await ctx.app.drafts.make_room(ctx.person.id)
    return await keep(ctx, resource, replace(draft, sub=str(Sub(view=view))))


async def open_edit(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The fields of a record with their present values."""
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    if not resource.offers(Op.EDIT, record):
        return show_card(ctx, resource, record, go.view, note=ctx.html("deed.not_now"))
    text, rows = edit_screen(
        resource,
        record,
        go.view,
        ctx.locale,
        warn=bool(resource.remoderated) and goes_back(ctx, resource, record),
    )
    return Outcome(Screen(text, tuple(rows)))


def goes_back(ctx: Context, resource: Resource[Any], record: Any) -> bool:
    """True when an edit of this record by this person sends it back to moderation (contract Q22)."""
    owner_roles = (Role.NPO, Role.MSB)
    return getattr(record, "moderation_status", None) == "approved" and ctx.principal.role in owner_roles


async def keep(ctx: Context, resource: Resource[Any], draft: Draft, **shown: str) -> Outcome:
    """Stores the draft, makes it the open one and shows where it stands: the second round trip of a step."""
    draft = draft_store.touched(draft, ctx.now)
    ctx.ui |= {UiField.DRAFT: draft.id, UiField.INPUT: "form"}
    await ctx.app.gate.finish(ctx.entry, ui=ctx.ui, save_draft=draft)
    ctx.ui = {}
    ctx.settled = True
    return await show(ctx, resource, draft, **shown)


async def show(
    ctx: Context,
    resource: Resource[Any],
    draft: Draft,
    error: str = "",
    typed: str = "",
    month: str = "",
    choose: str = "",
) -> Outcome:
    """The screen of the draft's step; ``choose`` is the place among the records that a relation picks from."""
    field, sub = resource.by_name.get(draft.step), Sub.of(draft.sub)
    if field is None and not error and resource.straight and resource.submit is not None:
        values = filled(resource, draft)
        if values is not None and draft.mode == CREATE:
            outcome: Outcome = await resource.submit(FormContext(ctx, resource, draft), values)
            return outcome
    options = await options_of(ctx, resource, field, draft, choose) if isinstance(field, Relation) else None
    view = view_of(ctx, resource, draft, error, typed, options)
    if field is None:
        key = ctx.keyed(view.go(Press.SAVE)).key
        text, rows = summary_screen(view, key, await _warns(ctx, resource, draft))
    elif (
        isinstance(field, Rows) and sub.row is not None and sub.row < len(draft.values.get(field.name) or ())
    ):
        text, rows = row_screen(view, field, sub.row, field.column(sub.column))
    else:
        text, rows = step_screen(view, field, month)
    return Outcome(Screen(text, tuple(rows), listens="form"))


async def _warns(ctx: Context, resource: Resource[Any], draft: Draft) -> bool:
    if (
        draft.mode != EDIT
        or not resource.remoderated & set(draft.values)
        or ctx.principal.role not in (Role.NPO, Role.MSB)
    ):
        return False
    record = await ctx.app.records.get(ctx.caller, resource, draft.record_id or 0)
    return goes_back(ctx, resource, record)


def after(resource: Resource[Any], draft: Draft, field: Field) -> Draft:
    """The draft one step on: back to the summary for whoever came from there, else the next field."""
    order = order_of(resource, draft)
    index = order.index(field.name) + 1 if field.name in order else len(order)
    step = SUMMARY if Sub.of(draft.sub).origin or index >= len(order) else order[index]
    sub = Sub.of(draft.sub)
    return replace(draft, step=step, sub=sub.fresh(origin=sub.origin and step != SUMMARY))


def with_value(draft: Draft, name: str, value: Any) -> Draft:
    return replace(draft, values={**draft.values, name: value})


def with_choice(resource: Resource[Any], draft: Draft, name: str, value: Any) -> Draft:
    """The draft with that value, without what was picked under another one: the same id names something else now."""
    stale = {
        item.name
        for item in resource.by_name.values()
        if isinstance(item, Relation) and item.depends == name and draft.values.get(name) != value
    }
    kept = {key: kept for key, kept in draft.values.items() if key not in stale}
    return with_value(replace(draft, values=kept), name, value)


async def leave(ctx: Context, resource: Resource[Any], draft: Draft) -> Outcome:
    """Where the form was opened from: the fields of the record, or the list at its place."""
    view = Sub.of(draft.sub).view
    if draft.mode == EDIT:
        return await open_edit(ctx, resource, Go(Press.EDIT, resource.code, draft.record_id or 0, view=view))
    if draft.record_id:
        return await open_card(ctx, resource, Go(Press.CARD, resource.code, draft.record_id, view=view))
    return await show_list(ctx, resource, place_of(resource, Go(Press.LIST, resource.code, view=view)))
