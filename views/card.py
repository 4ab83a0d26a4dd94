"""The screens of one record: its card, its full text, the question before a delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keyboards.buttons import DANGER, SUCCESS, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from models.access import Permission
from resources.fields import Field
from resources.resource import Op, Resource
from utils.html import Html, bold, lines, quote
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT, first_page, fit, label, pages, units, visible_units
from views.listing import STATUS_MARKS, May

READ_PAGE = 3500
LONG_SHARE = 600
"""Units of a long text that a card shows before "Read in full" takes over; less under a photo."""

Keyed = Callable[[Go], Go]
"""Puts an operation key into the address of a button that writes."""


def card_text(
    resource: Resource[Any], record: Any, stamp: Html | None, locale: Locale, *, under_photo: bool
) -> Html:
    """The record's fields in the order of the declaration; long ones shortened, everything within the limit."""
    limit = CAPTION_LIMIT if under_photo else TEXT_LIMIT
    title = bold(label(f"{resource.icon} {resource.title(record, locale) or locale.t('card.untitled')}", 200))
    short, long = [], []
    for name in resource.card:
        field = resource.by_name[name]
        text = field.show(field.value_of(getattr(record, name, None)), locale)
        if not text or field.kind == "photo":
            continue
        caption = locale.t(f"{resource.key}.field.{name}")
        if field.kind in ("long", "rows"):
            long.append((caption, text))
        else:
            short.append(lines(Html(f"{bold(caption)}: ") + label(text, 200)))
    head = lines(title, stamp, "", *short)
    room = limit - visible_units(head) - sum(units(caption) + 4 for caption, _ in long)
    share = max(60, min(LONG_SHARE, room // max(1, len(long))))
    blocks = [
        lines("", bold(caption), first_page(text, share) + (" …" if units(text) > share else ""))
        for caption, text in long
    ]
    return fit(lines(head, *blocks), limit)


def is_shortened(resource: Resource[Any], record: Any, locale: Locale, *, under_photo: bool) -> bool:
    """True when a card cannot show all of the record's long texts."""
    texts = [full for _, full in full_texts(resource, record, locale)]
    return sum(map(units, texts)) > (350 if under_photo else LONG_SHARE)


def full_texts(resource: Resource[Any], record: Any, locale: Locale) -> list[tuple[str, str]]:
    """Caption and text of every long field that is not empty."""
    found = []
    for name in resource.card:
        field = resource.by_name[name]
        if field.kind in ("long", "rows"):
            text = field.show(field.value_of(getattr(record, name, None)), locale)
            if text:
                found.append((locale.t(f"{resource.key}.field.{name}"), text))
    return found


def read_pages(resource: Resource[Any], record: Any, locale: Locale) -> list[Html]:
    """The long fields in full, one Telegram message a page."""
    title = bold(label(f"{resource.icon} {resource.title(record, locale)}", 120))
    found = []
    for caption, text in full_texts(resource, record, locale):
        found += [lines(title, "", bold(caption), part) for part in pages(text, READ_PAGE)]
    return found or [title]


def card_rows(
    resource: Resource[Any],
    record: Any,
    view: str,
    link: str,
    locale: Locale,
    may: May,
    allows: Callable[[Permission], bool],
    keyed: Keyed,
    *,
    shortened: bool,
) -> list[Row]:
    """Decisions first, then what changes the record, then what looks closer, then the way back."""

    def go(press: Press, arg: str = "") -> Go:
        return Go(press, resource.code, record.id, arg, view)

    rows: list[Row] = []
    status = str(getattr(record, "moderation_status", None) or "")
    decisions = []
    if may(Op.MODERATE) and status != "approved":
        decisions.append(Button(locale.t("card.approve"), keyed(go(Press.APPROVE)), style=SUCCESS))
    if may(Op.MODERATE) and status != "rejected":
        decisions.append(Button(locale.t("card.reject"), keyed(go(Press.REJECT)), style=DANGER))
    rows.append(tuple(decisions))
    tools = []
    if shortened:
        tools.append(Button(locale.t("card.read"), go(Press.READ)))
    tools += [
        Button(
            f"{action.icon} {locale.t(f'{resource.key}.action.{action.name}')}".strip(),
            go(Press.ACTION, action.code),
        )
        for action in resource.actions
        if allows(action.permission)
    ]
    if may(Op.EDIT):
        tools.append(Button(locale.t("card.edit"), go(Press.EDIT)))
    if may(Op.CREATE) and resource.duplicate is not None:
        tools.append(Button(locale.t("card.duplicate"), go(Press.DUPLICATE)))
    if link:
        tools.append(Button(locale.t("card.link"), copy=link))
    if may(Op.DELETE):
        tools.append(Button(locale.t("card.delete"), go(Press.DELETE)))
    rows += pairs(tools, longest=20)
    rows.append(navigation(locale, Go(Press.LIST, resource.code, view=view)))
    return rows


def stamp(status: str, who: str, when: str, locale: Locale) -> Html | None:
    """The moderation state in words, with who decided and when where that is known."""
    if not status:
        return None
    mark = STATUS_MARKS.get(status, "")
    state = locale.t(f"choice.moderation_status.{status}")
    detail = " · ".join(part for part in (who, when) if part)
    return lines(f"{mark} {state}" + (f" · {detail}" if detail else ""))


def delete_screen(
    resource: Resource[Any], record: Any, view: str, impact: str, locale: Locale, keyed: Keyed
) -> tuple[Html, list[Row]]:
    """The question before an irreversible delete: what goes, and what goes with it. Cancel stands first."""
    card = Go(Press.CARD, resource.code, record.id, view=view)
    title = label(resource.title(record, locale) or locale.t("card.untitled"), 200)
    text = lines(bold(locale.t("delete.title")), quote(title), impact or None, locale.html("delete.warning"))
    rows: list[Row] = [
        (Button(locale.t("nav.cancel"), card),),
        (
            Button(
                locale.t("delete.confirm"),
                keyed(Go(Press.DELETE_NOW, resource.code, record.id, view=view)),
                style=DANGER,
            ),
        ),
        navigation(locale, card),
    ]
    return text, rows


def edit_screen(
    resource: Resource[Any], record: Any, view: str, locale: Locale, *, warn: bool
) -> tuple[Html, list[Row]]:
    """The fields that can be changed, each with its present value."""

    def current(field: Field) -> str:
        return label(field.show(field.value_of(getattr(record, field.name, None)), locale) or "—", 80)

    fields = resource.editable()
    shown = [
        Html(f"{bold(locale.t(f'{resource.key}.field.{item.name}'))}: ") + current(item) for item in fields
    ]
    note = lines("", locale.html("edit.remoderation")) if warn else None
    buttons = [
        Button(
            locale.t(f"{resource.key}.field.{item.name}"),
            Go(Press.EDIT_FIELD, resource.code, record.id, item.code, view),
        )
        for item in fields
    ]
    title = bold(f"{resource.icon} {locale.t('edit.title')}")
    rows = [*pairs(buttons), navigation(locale, Go(Press.CARD, resource.code, record.id, view=view))]
    return fit(lines(title, "", *shown, note), TEXT_LIMIT), rows
