"""The screens of one record: its card, its full text, the question before a delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from keyboards.buttons import DANGER, SUCCESS, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press
from locales.locale import Locale
from resources.fields import Field
from resources.resource import Action, Deed, Op, Resource
from utils.html import Html, bold, lines, quote
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT, first_page, fit, label, pages, units, visible_units
from views.listing import STATUS_MARKS, May

READ_PAGE = 3500
LONG_SHARE = 600
"""Units of a long text that a card shows before "Read in full" takes over; less under a photo."""

LINE = 200
"""Units of a short field, or of the title, that a card shows in its line."""
REVEALED = "r"
"""Before the page in the address of "Read in full": the card that it stands on shows personal data."""
WIDEST = 19
"""Characters of a label that half a phone's width shows whole."""

FROM_LIST = "l"
"""Behind the code of a deed whose button stands in a list: afterwards the list is shown again."""

Keyed = Callable[[Go], Go]
"""Puts an operation key into the address of a button that writes."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person may do with a record, as its buttons are drawn: ops, actions, deeds, the
    children's lists, and the way to draw a key for what writes."""

    may: May
    may_run: Callable[[Action[Any]], bool]
    may_do: Callable[[Deed[Any]], bool]
    children: tuple[Resource[Any], ...]
    keyed: Keyed


@dataclass(frozen=True, slots=True)
class CardText:
    """The text of a card, and whether it lacks something. ``whole`` is what there is to read in full, caption and
    text: whatever was cut (the title has no caption), and all that is long."""

    text: Html
    is_cut: bool
    whole: tuple[tuple[str, str], ...]


def card_text(
    resource: Resource[Any],
    record: Any,
    stamp: Html | None,
    locale: Locale,
    *,
    under_photo: bool,
    revealed: bool = False,
) -> CardText:
    """The record's fields in the order of the declaration; long ones shortened, everything within the limit.

    Personal data is masked unless ``revealed``.
    """
    limit = CAPTION_LIMIT if under_photo else TEXT_LIMIT
    named = resource.title(record, locale) or locale.t("card.untitled")
    title = bold(label(f"{resource.icon} {named}", LINE))
    short, long, lost = [], [], []
    if units(f"{resource.icon} {named}") > LINE:
        lost.append(("", named))
    for name in resource.card:
        field = resource.by_name[name]
        text = shown_value(field, field.value_of(getattr(record, name, None)), locale, full=revealed)
        if not text or field.kind == "photo":
            continue
        caption = locale.t(f"{resource.key}.field.{name}")
        if field.kind in ("long", "rows"):
            long.append((caption, text))
        else:
            short.append((caption, text))
    said = resource.subtitle(record, locale) if resource.subtitle is not None else ""
    subtitle = label(said, LINE) if said.strip() else None
    facts = [lines(Html(f"{bold(caption)}: ") + label(text, LINE)) for caption, text in short]
    head = lines(title, stamp, subtitle, languages_line(record, locale), *(("", *facts) if facts else ()))
    room = limit - visible_units(head) - sum(units(caption) + 4 for caption, _ in long)
    share = max(60, min(LONG_SHARE, room // max(1, len(long))))
    blocks = [
        lines("", bold(caption), first_page(text, share) + (" …" if units(text) > share else ""))
        for caption, text in long
    ]
    text = lines(head, *blocks)
    # What stands behind the end of the caption is gone, however short it is.
    over = visible_units(head) > limit
    lost += [one for one in short if over or units(one[1]) > LINE]
    is_cut = bool(lost) or visible_units(text) > limit or any(units(one) > share for _, one in long)
    return CardText(fit(text, limit), is_cut, (*lost, *long) or tuple(short))


def read_pages(
    resource: Resource[Any], record: Any, locale: Locale, whole: Sequence[tuple[str, str]]
) -> list[Html]:
    """What a card cuts in full, one Telegram message a page; short texts share one."""
    title = bold(label(f"{resource.icon} {resource.title(record, locale)}", 120))
    found: list[Html] = []
    waiting: list[Html] = []
    used = 0
    for caption, text in whole:
        parts = pages(text, READ_PAGE)
        if len(parts) == 1 and units(text) <= LONG_SHARE:
            if used + units(text) > READ_PAGE - 200:
                found.append(lines(title, *waiting))
                waiting, used = [], 0
            waiting.append(lines("", bold(caption) if caption else None, parts[0]))
            used += units(text) + units(caption) + 4
            continue
        if waiting:
            found.append(lines(title, *waiting))
            waiting, used = [], 0
        found += [lines(title, "", bold(caption) if caption else None, part) for part in parts]
    if waiting:
        found.append(lines(title, *waiting))
    return found or [title]


def card_rows(
    resource: Resource[Any],
    record: Any,
    view: str,
    link: str,
    locale: Locale,
    rights: Rights,
    *,
    shortened: bool,
    revealed: bool = False,
    back: Go | None = None,
) -> list[Row]:
    """Decisions first, then the module's own writes, then what looks closer or changes it, then the way back."""
    may, keyed = rights.may, rights.keyed

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
    rows += pairs(
        [
            deed_button(resource, deed, record, view, locale, keyed)
            for deed in offered(resource, record, rights)
        ],
        longest=WIDEST,
    )
    tools = []
    if shortened:
        tools.append(Button(locale.t("card.read"), go(Press.READ, REVEALED if revealed else "")))
    if not revealed and any(
        resource.by_name[name].masked and getattr(record, name, None) for name in resource.card
    ):
        tools.append(Button(locale.t("card.reveal"), go(Press.REVEAL)))
    tools += [
        Button(
            f"{child.icon} {locale.t(child.key + '.title')}",
            Go(Press.LIST, child.code, view=Place(parent=record.id).pack()),
        )
        for child in rights.children
        if child.shown_for is None or child.shown_for(record)
    ]
    tools += [
        Button(
            f"{action.icon} {locale.t(f'{resource.key}.action.{action.name}')}".strip(),
            go(Press.ACTION, action.code),
        )
        for action in resource.actions
        if rights.may_run(action)
    ]
    if may(Op.EDIT) and resource.offers(Op.EDIT, record):
        tools.append(Button(locale.t("card.edit"), go(Press.EDIT)))
    if may(Op.CREATE) and resource.duplicate is not None:
        tools.append(Button(locale.t("card.duplicate"), go(Press.DUPLICATE)))
    if link:
        tools.append(Button(locale.t("card.link"), copy=link))
    if may(Op.DELETE) and resource.offers(Op.DELETE, record):
        tools.append(Button(locale.t("card.delete"), go(Press.DELETE)))
    rows += pairs(tools, longest=WIDEST)
    rows.append(navigation(locale, back or Go(Press.LIST, resource.code, view=view)))
    return rows


def offered(resource: Resource[Any], record: Any, rights: Rights) -> list[Deed[Any]]:
    """The deeds that make sense for the record and are this person's to do."""
    return [
        deed
        for deed in resource.deeds
        if (deed.offered is None or deed.offered(record)) and rights.may_do(deed)
    ]


def deed_button(
    resource: Resource[Any],
    deed: Deed[Any],
    record: Any,
    view: str,
    locale: Locale,
    keyed: Keyed,
    *,
    in_list: bool = False,
) -> Button:
    """The deed's button: it does it at once, unless something is asked first."""
    asks = bool(deed.fields) or deed.confirm
    arg = deed.code + (FROM_LIST if in_list else "")
    go = Go(Press.DEED if asks else Press.DEED_NOW, resource.code, record.id, arg, view)
    text = f"{deed.icon} {locale.t(f'{resource.key}.action.{deed.name}')}".strip()
    return Button(text, go if asks else keyed(go), style=deed.mood.value or None)


def question_screen(
    resource: Resource[Any],
    deed: Deed[Any],
    record: Any,
    view: str,
    locale: Locale,
    keyed: Keyed,
    impact: str = "",
) -> tuple[Html, list[Row]]:
    """The question before a deed: on which record, and what it means. Cancel stands first."""
    card = Go(Press.CARD, resource.code, record.id, view=view)
    title = label(resource.title(record, locale) or locale.t("card.untitled"), 200)
    name = locale.t(f"{resource.key}.action.{deed.name}")
    asked = deed.name if deed.asked is None else deed.asked(record)
    text = lines(bold(name), quote(title), impact or None, locale.html(f"{resource.key}.ask.{asked}"))
    now = keyed(Go(Press.DEED_NOW, resource.code, record.id, deed.code, view))
    rows: list[Row] = [
        (Button(locale.t("nav.cancel"), card),),
        (Button(f"{deed.icon} {name}".strip(), now, style=deed.mood.value or None),),
        navigation(locale, card),
    ]
    return text, rows


def shown_value(field: Field, value: Any, locale: Locale, *, full: bool) -> str:
    """The value in words; of personal data only so much that nobody is reached by it, unless ``full``."""
    return field.show(value, locale) if full or not field.masked else field.mask(value, locale)


def languages_line(record: Any, locale: Locale) -> Html | None:
    """How complete each language of the record is: ``Қазақша ✓ · Русский ◐``; None for one that has none."""
    if not getattr(record, "languages", None):
        return None
    shares = {language: record.completeness(language) for language in record.languages}
    marks = {0.0: "—", 1.0: "✓"}
    return lines(
        " · ".join(
            f"{locale.t(f'language.{name}')} {marks.get(share, '◐')}" for name, share in shares.items()
        )
    )


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
    """The question before a delete: what goes, what goes with it, whether for good. Cancel stands first."""
    card = Go(Press.CARD, resource.code, record.id, view=view)
    title = label(resource.title(record, locale) or locale.t("card.untitled"), 200)
    warning = None if resource.soft else locale.html("delete.warning")
    text = lines(bold(locale.t("delete.title")), quote(title), impact or None, warning)
    rows: list[Row] = [
        (Button(locale.t("nav.cancel"), card),),
        (
            Button(
                locale.t("delete.soft" if resource.soft else "delete.confirm"),
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
        value = field.value_of(getattr(record, field.name, None))
        return label(shown_value(field, value, locale, full=False) or "—", 80)

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
    about = label(resource.title(record, locale) or locale.t("card.untitled"), 200)
    rows = [*pairs(buttons), navigation(locale, Go(Press.CARD, resource.code, record.id, view=view))]
    return fit(lines(title, about, "", *shown, note), TEXT_LIMIT), rows
