"""Forms: begin, step, pick, type, go back, leave. Every change is stored before it is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from handlers._engine.listing import place_of, show_list
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import Role
from resources.fields import Choice, DateTime, Field, FieldError, LongText, Rows
from resources.resource import Op, Resource
from services import drafts as draft_store
from services.drafts import Draft
from services.preferences import UiField
from views.card import edit_screen
from views.fitting import units
from views.form import SUMMARY, FormView, cancel_screen, row_screen, step_screen, summary_screen
from views.screen import Outcome, Screen

CREATE, EDIT = "create", "edit"
SPLIT_AT = 4000
"""Telegram cuts longer messages into several: from this length on the next message continues the text."""


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


def order_of(resource: Resource[Any], draft: Draft) -> tuple[str, ...]:
    """The steps of this draft: the form's, or the one field that is edited."""
    return resource.form if draft.mode == CREATE else tuple(draft.before or ())


def view_of(
    ctx: Context, resource: Resource[Any], draft: Draft, error: str = "", typed: str = ""
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
    )


async def begin_create(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The first step of a new record."""
    draft = draft_store.new(
        ctx.principal.admin_id or 0, resource.code, CREATE, ctx.now, step=resource.form[0]
    )
    return await _begin(ctx, resource, draft, go.view)


async def begin_duplicate(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The summary of a copy, to be looked through and saved."""
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    values = {name: resource.by_name[name].value_of(getattr(record, name, None)) for name in resource.form}
    values = {
        name: value for name, value in values.items() if value and resource.by_name[name].kind != "photo"
    }
    if resource.duplicate is not None:
        values = resource.duplicate(values)
    draft = draft_store.new(
        ctx.principal.admin_id or 0, resource.code, CREATE, ctx.now, values=values, step=SUMMARY
    )
    return await _begin(ctx, resource, draft, go.view)


async def open_edit(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The fields of a record with their present values."""
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
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


async def begin_edit(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """The step of one field of an existing record, its present value shown."""
    field = resource.by_code.get(go.arg)
    record = await ctx.app.records.get(ctx.caller, resource, go.id)
    if field is None or not field.editable:
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
    )
    return await _begin(ctx, resource, draft, go.view)


async def _begin(ctx: Context, resource: Resource[Any], draft: Draft, view: str) -> Outcome:
    """The first screen of a new draft, for which untouched and the oldest ones make room."""
    await ctx.app.drafts.make_room(ctx.person.id)
    return await keep(ctx, resource, replace(draft, sub=str(Sub(view=view))))


async def keep(ctx: Context, resource: Resource[Any], draft: Draft, **shown: str) -> Outcome:
    """Stores the draft, makes it the open one and shows where it stands: the second round trip of a step."""
    draft = draft_store.touched(draft, ctx.now)
    ctx.ui |= {UiField.DRAFT: draft.id, UiField.INPUT: "form"}
    await ctx.app.gate.finish(ctx.entry, ui=ctx.ui, save_draft=draft)
    ctx.ui = {}
    ctx.settled = True
    return await show(ctx, resource, draft, **shown)


async def show(
    ctx: Context, resource: Resource[Any], draft: Draft, error: str = "", typed: str = "", month: str = ""
) -> Outcome:
    """The screen of the draft's step."""
    view, sub = view_of(ctx, resource, draft, error, typed), Sub.of(draft.sub)
    field = resource.by_name.get(draft.step)
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


def _after(resource: Resource[Any], draft: Draft, field: Field) -> Draft:
    """The draft one step on: back to the summary for whoever came from there, else the next field."""
    order = order_of(resource, draft)
    index = order.index(field.name) + 1 if field.name in order else len(order)
    step = SUMMARY if Sub.of(draft.sub).origin or index >= len(order) else order[index]
    sub = Sub.of(draft.sub)
    return replace(draft, step=step, sub=sub.fresh(origin=sub.origin and step != SUMMARY))


def _with(draft: Draft, name: str, value: Any) -> Draft:
    return replace(draft, values={**draft.values, name: value})


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
    """The chosen option, and on to the next step."""
    field = resource.by_code.get(go.arg[:3])
    number = go.arg[3:]
    if (
        not isinstance(field, Choice)
        or field.name not in order_of(resource, draft)
        or not number.isdigit()
        or int(number) >= len(field.options)
    ):
        return await show(ctx, resource, draft)
    value = list(field.options)[int(number)].value
    return await keep(ctx, resource, _after(resource, _with(draft, field.name, value), field))


async def calendar(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """Another month, the times of a day, or the chosen instant and the next step."""
    field, digits = resource.by_code.get(go.arg[:3]), go.arg[3:]
    if not isinstance(field, DateTime) or field.name not in order_of(resource, draft) or not _is_date(digits):
        return await show(ctx, resource, draft)
    if draft.step != field.name:
        draft = replace(draft, step=field.name)
    if len(digits) < 12:
        return await show(ctx, resource, draft, month=digits)
    moment = datetime.strptime(digits, "%Y%m%d%H%M").replace(tzinfo=ctx.locale.zone)
    try:
        value = field.accept(moment)
    except FieldError as error:
        return await show(ctx, resource, draft, error=ctx.t(error.key, **error.params), month=digits[:8])
    return await keep(ctx, resource, _after(resource, _with(draft, field.name, value), field))


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
    return await keep(ctx, resource, _after(resource, draft, field))


async def clear(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The same step with the field emptied; an edit goes on to the difference."""
    field = resource.by_code.get(go.arg)
    if field is None or field.required or field.name not in order_of(resource, draft):
        return await show(ctx, resource, draft)
    draft = _with(draft, field.name, None)
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


async def leave(ctx: Context, resource: Resource[Any], draft: Draft) -> Outcome:
    """Where the form was opened from: the fields of the record, or the list at its place."""
    view = Sub.of(draft.sub).view
    if draft.mode == EDIT:
        return await open_edit(ctx, resource, Go(Press.EDIT, resource.code, draft.record_id or 0, view=view))
    return await show_list(ctx, resource, place_of(resource, Go(Press.LIST, resource.code, view=view)))


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
        replace(_with(draft, field.name, rows or None), step=field.name, sub=sub.fresh(origin=sub.origin)),
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


async def typed_text(ctx: Context, resource: Resource[Any], draft: Draft, typed: str) -> Outcome:
    """The next step after text that fits; the same step with what is wrong, and what was typed, otherwise."""
    field = resource.by_name.get(draft.step)
    if field is None:
        return await show(ctx, resource, draft, error=ctx.t("form.press_a_button"))
    try:
        return await keep(ctx, resource, await _taken(ctx, resource, draft, field, typed))
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
    draft = _with(draft, field.name, value)
    if continues:
        return replace(draft, sub=str(replace(sub, more=True)))
    return _after(resource, draft, field)


def _with_rows(ctx: Context, draft: Draft, field: Rows, typed: str, sub: Sub) -> Draft:
    rows = list(draft.values.get(field.name) or ())
    column = field.column(sub.column)
    if sub.row is not None and sub.row < len(rows) and column is not None:
        rows[sub.row] = {**rows[sub.row], column.name: column.parse(typed, ctx.locale)}
        return replace(_with(draft, field.name, rows), sub=str(replace(sub, column="")))
    rows += field.parse(typed, ctx.locale)
    if len(rows) > field.max_rows:
        raise FieldError("field.error.too_many_rows", limit=field.max_rows)
    return replace(_with(draft, field.name, rows), sub=sub.fresh(origin=sub.origin))


async def sent_photo(
    ctx: Context, resource: Resource[Any], draft: Draft, photo: dict[str, Any] | None, problem: str
) -> Outcome:
    """The next step with the photo kept; another step, or a file that is no photo, says so."""
    field = resource.by_name.get(draft.step)
    if field is None or field.kind != "photo":
        return await show(ctx, resource, draft, error=ctx.t("form.no_photo_here"))
    if photo is None:
        return await show(ctx, resource, draft, error=ctx.t(problem))
    return await keep(ctx, resource, _after(resource, _with(draft, field.name, photo), field))


def op_of(draft: Draft) -> Op:
    """What a draft's save will be: creating or editing."""
    return Op.CREATE if draft.mode == CREATE else Op.EDIT
