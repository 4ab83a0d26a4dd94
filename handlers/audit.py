"""The audit: who did what through the bot, with before and after. Only looked at, by super admins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from api.admins import People
from handlers._engine.card import open_card
from handlers._engine.own import RecordContext
from keyboards.buttons import Button
from keyboards.callbacks import Go, Place, Press
from locales.locale import Locale
from models.access import Module, Permission, Role
from models.act import Act, Kind, Outcome
from models.common import Localized
from resources.fields import Choice, DateTime, LongText, Text
from resources.resource import READS, Action, Filter, ListView, Op, Resource
from services.trail import DAY, MODULE, OP, OUTCOME, PERSON, Trail
from views import screen as screens

DEED = "deed "
MARKS: Mapping[str, str] = {Outcome.REFUSED: "✋ ", Outcome.FAILED: "⚠️ ", Outcome.UNKNOWN: "❓ "}
NOTHING = "—"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def op_name(value: tuple[str, str], locale: Locale) -> str:
    """What was done, as its button called it."""
    op, resource = value
    name = op.removeprefix(DEED)
    keys = (f"{resource}.action.{name}", f"audit.{name}", f"choice.audit_op.{op.partition(' ')[0]}")
    return next((locale.t(key) for key in keys if key in locale.texts), op)


def target(act: Act, locale: Locale) -> str:
    """``Event #42``: what it was done to."""
    name = locale.t(f"{act.resource}.one") if f"{act.resource}.one" in locale.texts else act.resource
    return f"{name} #{act.record_id}" if act.record_id else name


def title(act: Act, locale: Locale) -> str:
    """``Approve: Event #42``."""
    return ": ".join(part for part in (op_name(act.what, locale), target(act, locale)) if part)


def line(act: Act, locale: Locale) -> str:
    """``12 Nov 10:00 Aigerim · Approve: Event #42``; what was not done is marked."""
    return f"{MARKS.get(act.outcome, '')}{locale.short(act.at)} {act.name} · {title(act, locale)}"


def changes(value: tuple[str, Mapping[str, Any], Mapping[str, Any]], locale: Locale) -> str:
    """``Title: Old → New``, a line for each field."""
    resource, before, after = value
    return "\n".join(
        f"{_caption(resource, name, locale)}: {_told(name, before.get(name), locale)}"
        + (f" → {_told(name, after[name], locale)}" if name in after else "")
        if name in before
        else f"{_caption(resource, name, locale)}: {_told(name, after[name], locale)}"
        for name in dict.fromkeys((*before, *after))
    )


def _caption(resource: str, name: str, locale: Locale) -> str:
    keys = (f"{resource}.field.{name}", f"filter.{name}", f"audit.value.{name}")
    return next((locale.t(key) for key in keys if key in locale.texts), name)


def _told(name: str, value: Any, locale: Locale) -> str:
    """A stored value as people read it: relations by name, instants in their zone, known words in their language."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return locale.t(f"choice.flag.{'yes' if value else 'no'}")
    if isinstance(value, Mapping):
        if value.keys() == {"id", "kk", "ru"}:
            return Localized(value["kk"], value["ru"]).best(locale.language) or f"#{value['id']}"
        return ", ".join(f"{key}: {_told(key, one, locale)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_told(name, one, locale) for one in value)
    if isinstance(value, str) and _INSTANT.match(value):
        return _moment(value, locale)
    known = f"choice.{name}.{value}"
    return locale.t(known) if known in locale.texts else str(value)


def _moment(text: str, locale: Locale) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return locale.moment(found if found.tzinfo else found.replace(tzinfo=UTC))


def place(value: int, locale: Locale) -> str:
    """The entry's number in the chain."""
    return locale.t("audit.number", number=value) if value else ""


async def open_record(record: RecordContext) -> screens.Outcome:
    """The card of what it was done to, with a way back to the entry."""
    ctx = record.ctx
    act = await ctx.app.records.get(ctx.caller, record.resource, record.go.id)
    found = ctx.app.registry.by_key.get(act.resource)
    resource = found.at(act.under) if found is not None and act.under else found
    if resource is None or not act.record_id or bool(resource.parent) is not bool(resource.under):
        return screens.Outcome(toast=ctx.t("audit.no_record"), alert=True)
    if not ctx.may(resource, Op.CARD):
        return screens.Outcome(toast=ctx.t("error.forbidden_toast"), alert=True)
    ctx.go = Go(Press.CARD, resource.code, act.record_id, view=Place(parent=act.under).pack())
    outcome = await open_card(ctx, resource, ctx.go)
    if outcome.screen is None:
        return outcome
    back = (Button(ctx.t("audit.back"), record.card()),)
    rows = outcome.screen.rows
    return replace(outcome, screen=replace(outcome.screen, rows=(*rows[:-1], back, *rows[-1:])))


AUDIT: Resource[Act] = Resource(
    module=Module.ADMINS,
    key="audit",
    code="au",
    icon="🧾",
    model=Act,
    source=Trail,
    needs=READS,
    title=title,
    fields=(
        DateTime(name="at", editable=False),
        Text(name="name", editable=False),
        Choice(name="role", editable=False, options=Role, texts="admin_role"),
        Text(name="what", editable=False, format=op_name),
        Choice(name="module", editable=False, options=Module, texts="audit_module"),
        Text(name="resource", editable=False),
        Text(name="record_id", editable=False),
        Choice(name="outcome", editable=False, options=Outcome, texts="audit_outcome"),
        LongText(name="changes", editable=False, format=changes),
        Text(name="telegram_user_id", editable=False),
        Text(name="number", editable=False, format=place),
        Text(name="hash", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter(PERSON, texts="audit_person", lookup=People),
            Filter(MODULE, tuple(Module), texts="audit_module"),
            Filter(OP, tuple(Kind), texts="audit_op"),
            Filter(DAY, ("today", "yesterday", "week", "month"), texts="audit_day"),
            Filter(OUTCOME, tuple(Outcome), texts="audit_outcome"),
        ),
    ),
    card=("at", "name", "role", "what", "outcome", "changes", "number", "hash"),
    actions=(Action("open", "op", Permission.READ, open_record, icon="📄"),),
)
