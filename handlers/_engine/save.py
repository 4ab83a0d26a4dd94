"""Saving a form: one record, whatever happens between the press and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from aiogram.exceptions import TelegramAPIError

from api.errors import BackendError, Invalid, Outdated, SessionEnded
from api.source import FRESH
from handlers._engine.card import open_card, show_card
from handlers._engine.deeds import told
from handlers._engine.form import CREATE, EDIT, Sub, filled, keep, open_draft, show, view_of
from handlers._engine.listing import newest
from handlers._engine.own import FormContext
from handlers._engine.written import written
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.common import Upload
from resources.fields import FieldError, Photo
from resources.resource import Resource
from services.drafts import Draft
from services.preferences import UiField
from services.writes import Ending
from views.form import AGAIN, SUMMARY, again_screen
from views.screen import Outcome, Screen

__all__ = ["CLOSED", "doubt", "filled", "save"]

CLOSED: dict[str, str] = {UiField.DRAFT: "", UiField.INPUT: ""}


async def save(ctx: Context, resource: Resource[Any], draft: Draft, go: Go) -> Outcome:
    """The card of what was saved; a field that the backend refuses is asked again."""
    saves = {CREATE: _create, EDIT: _edit}
    # The same values saved twice in a record are what it has; another record or another deed is not.
    ctx.doubtful = draft.is_doubtful and draft.mode != EDIT
    if _unclear(ctx, resource, draft) and (go.arg != AGAIN or ctx.repeated):
        return await _ask_again(ctx, resource, draft)
    try:
        return await saves.get(draft.mode, _act)(ctx, resource, draft)
    except Invalid as error:
        return await _refused(ctx, resource, draft, error)
    except FieldError as error:
        return await show(ctx, resource, draft, error=ctx.t(error.key, **error.params))


async def doubt(ctx: Context) -> None:
    """Notes on the form that was saved that nobody knows whether it was: its next save looks before it writes."""
    go = ctx.go
    if go is None or go.op != Press.SAVE or ctx.settled:
        return
    draft = await open_draft(ctx, go.view)
    if draft is not None and draft.mode != EDIT:
        await ctx.app.drafts.doubt(ctx.person.id, draft, ctx.now)


def _unclear(ctx: Context, resource: Resource[Any], draft: Draft) -> bool:
    """True when it may have been saved already, and looking cannot tell whether it was."""
    if not ctx.lapsed or draft.mode == EDIT:
        return False
    deed = resource.deed(draft.mode)
    if deed is not None:
        return deed.reached is None
    return draft.is_doubtful and (ctx.now - draft.doubted_at > FRESH.total_seconds() or not draft.is_as_sent)


async def _ask_again(ctx: Context, resource: Resource[Any], draft: Draft) -> Outcome:
    """The question whether to save it although it may be there already; nothing was done."""
    await ctx.give_back()
    if not draft.is_doubtful:
        await ctx.app.drafts.doubt(ctx.person.id, draft, ctx.now)
    place = Sub.of(draft.sub).view
    look = Go(Press.CARD, resource.code, draft.record_id, view=place) if draft.record_id else newest(resource)
    view = view_of(ctx, resource, draft)
    text, rows = again_screen(view, ctx.keyed(view.go(Press.SAVE, AGAIN)).key, look)
    return Outcome(Screen(text, tuple(rows)))


async def _create(ctx: Context, resource: Resource[Any], draft: Draft) -> Outcome:
    view = Sub.of(draft.sub).view
    values = filled(resource, draft)
    if values is None:
        return await show(ctx, resource, draft)
    if (wrong := await _inconsistent(ctx, resource, draft, values)) is not None:
        return wrong
    if resource.submit is not None:
        await ctx.give_back()
        outcome: Outcome = await resource.submit(FormContext(ctx, resource, draft), values)
        return outcome
    upload = None
    for field in (resource.by_name[name] for name in tuple(values)):
        if isinstance(field, Photo):
            picture = await _upload_of(ctx, values.pop(field.name))
            if field.at_create:
                values[field.name] = picture
            else:
                upload = picture
    problem: list[str] = []

    async def attach(record: Any) -> Any:
        """The record with its photo. A photo that fails must not lose the record: it is told beside it."""
        if upload is None:
            return record
        try:
            await ctx.app.records.attach_photo(ctx.caller, resource, record.id, upload)
        except SessionEnded:
            raise
        except BackendError:
            problem.append("photo.not_attached")
            return record
        return await ctx.app.records.get(ctx.caller, resource, record.id)

    def ending(record: Any) -> Ending:
        return Ending(
            written(Go(Press.CARD, resource.code, record.id, view=view), "done.created"), CLOSED, draft.id
        )

    record = await ctx.app.records.create(ctx, resource, values, ending, attach)
    ctx.settled = True
    note = ctx.html(problem[0]) if problem else _fate(ctx, record)
    return show_card(ctx, resource, record, view, note=note, toast=ctx.t("done.created"))


async def _inconsistent(
    ctx: Context, resource: Resource[Any], draft: Draft, values: Mapping[str, Any]
) -> Outcome | None:
    """The step of the field that contradicts another one; None when all fit together."""
    found = resource.check(values) if resource.check is not None else None
    if found is None:
        return None
    name, key = found
    await ctx.give_back()
    if name not in draft.values:
        return await keep(ctx, resource, replace(draft, step=SUMMARY), error=ctx.t(key))
    sub = Sub.of(draft.sub).fresh(origin=draft.mode != EDIT)
    return await keep(ctx, resource, replace(draft, step=name, sub=sub), error=ctx.t(key))


async def _act(ctx: Context, resource: Resource[Any], draft: Draft) -> Outcome:
    """The card after the deed whose values the draft holds."""
    deed, view, record_id = resource.deed(draft.mode), Sub.of(draft.sub).view, draft.record_id or 0
    if deed is not None and deed.reached is None:
        ctx.doubtful = False
    values = filled(resource, draft)
    if deed is None or values is None:
        return await show(ctx, resource, draft)
    card = Go(Press.CARD, resource.code, record_id, view=view)

    def ending(record: Any, here: bool) -> Ending:
        return Ending(written(card, told(resource, deed, record, here=here)), CLOSED, draft.id)

    record, here = await ctx.app.records.act(ctx, resource, deed, record_id, values, ending)
    ctx.settled = True
    return show_card(ctx, resource, record, view, toast=ctx.t(told(resource, deed, record, here=here)))


def _fate(ctx: Context, record: Any) -> str:
    """What happens next to a new record that waits for approval."""
    return ctx.html("created.pending") if getattr(record, "moderation_status", None) == "pending" else ""


async def _edit(ctx: Context, resource: Resource[Any], draft: Draft) -> Outcome:
    before, record_id = draft.before or {}, draft.record_id or 0
    changed = {name: value for name, value in draft.values.items() if value != before.get(name)}
    if not changed:
        return await open_card(
            ctx, resource, Go(Press.CARD, resource.code, record_id, view=Sub.of(draft.sub).view)
        )
    current = await ctx.app.records.get(ctx.caller, resource, record_id)
    now = {name: resource.by_name[name].value_of(getattr(current, name, None)) for name in changed}
    if any(now[name] not in (before.get(name), changed[name]) for name in changed) and not ctx.lapsed:
        # Someone else saved this field meanwhile: show their value and ask again, never overwrite unseen.
        fresh = replace(draft, before={**before, **now}, step=SUMMARY)
        await ctx.give_back()
        return await keep(ctx, resource, fresh, error=ctx.t("edit.changed_meanwhile"))
    if resource.check is not None:
        known = {item.name: item.value_of(getattr(current, item.name, None)) for item in resource.fields}
        found = resource.check(known | changed)
        # What the CRM holds may contradict itself: that must not keep anybody from mending something else.
        mended = found is None or (found == resource.check(known) and found[0] not in changed)
        if not mended and (wrong := await _inconsistent(ctx, resource, draft, known | changed)) is not None:
            return wrong
    ending = Ending(
        written(Go(Press.CARD, resource.code, record_id, view=Sub.of(draft.sub).view), "done.saved"),
        CLOSED,
        draft.id,
    )
    name = next(iter(changed))
    if resource.by_name[name].kind == "photo":
        await _edit_photo(ctx, resource, record_id, changed[name], ending)
    else:
        version = getattr(current, "version", None)
        try:
            await ctx.app.records.update(ctx, resource, record_id, before, changed, ending, version)
        except Outdated:
            return await keep(
                ctx, resource, replace(draft, step=SUMMARY), error=ctx.t("edit.changed_meanwhile")
            )
    ctx.settled = True
    outcome = await open_card(
        ctx, resource, Go(Press.CARD, resource.code, record_id, view=Sub.of(draft.sub).view)
    )
    return Outcome(outcome.screen, toast=ctx.t("done.saved"))


async def _edit_photo(
    ctx: Context, resource: Resource[Any], record_id: int, value: Any, ending: Ending
) -> None:
    if value is None:
        await ctx.app.records.delete_photo(ctx, resource, record_id, ending)
    else:
        await ctx.app.records.upload_photo(ctx, resource, record_id, await _upload_of(ctx, value), ending)


async def _upload_of(ctx: Context, photo: dict[str, Any]) -> Upload:
    """The picture behind a draft's photo, checked. Raises ``FieldError``."""
    if "url" in photo:
        return await ctx.app.pictures.from_link(photo["url"])
    try:
        file = await ctx.app.bot.download(photo["file_id"], destination=BytesIO(), timeout=5)
    except TelegramAPIError as error:
        raise FieldError("photo.unreadable") from error
    return await ctx.app.pictures.checked(file.read() if file is not None else b"")


async def _refused(ctx: Context, resource: Resource[Any], draft: Draft, error: Invalid) -> Outcome:
    """The step of the first field that the backend complains about, with its words."""
    wrong = next((one for one in error.wrong if one.field in draft.values), None)
    if wrong is None:
        return await keep(ctx, resource, draft, error=ctx.t("error.refused", reason=error.detail or "422"))
    fresh = replace(draft, step=wrong.field, sub=Sub.of(draft.sub).fresh(origin=draft.mode != EDIT))
    return await keep(
        ctx,
        resource,
        fresh,
        error=ctx.t(wrong.key) if wrong.key else ctx.t("error.refused", reason=wrong.message),
        typed=str(draft.values.get(wrong.field) or ""),
    )
