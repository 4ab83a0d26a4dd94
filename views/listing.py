"""The screens of a list: its page, its filters, the jump between pages, the ticking of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from keyboards.buttons import DANGER, PRIMARY, SUCCESS, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press, to_base36
from keyboards.pager import grid, jump_targets, pager
from locales.locale import Locale
from resources.queries import Page
from resources.resource import Filter, Op, Resource, Tool
from utils.html import Html, bold, italic, lines
from views.fitting import TEXT_LIMIT, fit, label

ROW_LABEL = 56
OWNER = 60
"""Units of the title of the record that a list belongs to."""
THIRD = 10
"""Characters of a label that a third of a phone's width shows whole, the mark of a choice included."""
STATUS_MARKS = {"pending": "⏳", "approved": "✅", "rejected": "⛔"}

May = Callable[[Op], bool]


@dataclass(frozen=True, slots=True)
class ListRights:
    """What the person may do with a list, as its buttons are drawn: ops, tools, the row of deeds under a record,
    where Back leads, the names of the records that it is narrowed to, and of the one that it belongs to."""

    may: May
    may_run: Callable[[Tool], bool]
    quick: Callable[[Any], Row]
    back: Go
    names: Mapping[int, str] = field(default_factory=dict)
    owner: str = ""


def list_screen(
    resource: Resource[Any],
    page: Page[Any],
    place: Place,
    search: str,
    locale: Locale,
    rights: ListRights,
) -> tuple[Html, list[Row]]:
    """Text and rows of one page: heading, chips of what narrows it, one button a record, pager, tools."""
    view, may = place.pack(), rights.may
    rows: list[Row] = []
    for item in page.items:
        card = Go(Press.CARD, resource.code, item.id, view=view)
        rows += [(Button(record_label(resource, item, locale), card),), rights.quick(item)]
    rows += chips(resource, place, search, locale, rights.names)
    rows.append(
        pager(
            page,
            lambda number: Go(Press.LIST, resource.code, view=place.at(number).pack()),
            Go(Press.JUMP, resource.code, view=view),
            locale,
        )
    )
    tools = []
    if resource.list.filters:
        tools.append(Button(locale.t("list.filters"), Go(Press.FILTERS, resource.code, view=view)))
    if page.items and not resource.list.single and any(map(may, (Op.MODERATE, Op.DELETE, Op.EXPORT))):
        tools.append(Button(locale.t("list.select"), Go(Press.SELECT, resource.code, view=view)))
    tools += [
        Button(
            f"{tool.icon} {locale.t(f'{resource.key}.action.{tool.name}')}".strip(),
            Go(Press.TOOL, resource.code, arg=tool.code, view=view),
        )
        for tool in resource.tools
        if rights.may_run(tool)
    ]
    if search or any(place.options) or place.sort:
        tools.append(Button(locale.t("views.save"), Go(Press.VIEW_ASK, resource.code, view=view)))
    if page.items and may(Op.EXPORT):
        tools.append(Button(locale.t("export.button"), Go(Press.EXPORT, resource.code, view=view)))
    if may(Op.CREATE) and not (resource.list.single and page.items):
        tools.append(Button(locale.t("list.new"), Go(Press.CREATE, resource.code, view=view), style=PRIMARY))
    rows += pairs(tools) if len(tools) != 3 else [tuple(tools)]
    rows.append(navigation(locale, rights.back))
    return list_text(resource, page, place, search, locale, rights.names, rights.owner), rows


def heading_of(resource: Resource[Any], owner: str, locale: Locale) -> list[str]:
    """What the list is called, and whose it is."""
    return [locale.t(f"{resource.key}.title"), *([label(owner, OWNER)] if owner else [])]


def record_label(resource: Resource[Any], item: Any, locale: Locale) -> str:
    """A record as one line: its moderation mark where the list knows it, then what the declaration says."""
    mark = STATUS_MARKS.get(str(getattr(item, "moderation_status", None) or ""), "")
    return label(f"{mark} {resource.list.line(item, locale)}".strip(), ROW_LABEL)


def list_text(
    resource: Resource[Any],
    page: Page[Any],
    place: Place,
    search: str,
    locale: Locale,
    names: Mapping[int, str] | None = None,
    owner: str = "",
) -> Html:
    """Heading ("Events · Pending · 21-30 of 134"), what was searched, and why the list is empty if it is. A list that
    belongs to a record says to which: ``owner``."""
    head = [*heading_of(resource, owner, locale), *filter_labels(resource, place, locale, names)]
    heading = lines(bold(f"{resource.icon} {' · '.join(head)}"))
    where = position(page, locale)
    searched = locale.html("list.searched", text=label(search, 64)) if search else None
    if page.items:
        typing = resource.list.search and not search
        hint = italic(locale.t("list.type_to_search")) if typing else None
    elif page.query.page > 1:
        hint = locale.html("list.past_the_end")
    else:
        hint = locale.html("list.nothing_found" if page.query.is_narrowed else f"{resource.key}.empty")
    partial = None
    if page.scanned is not None and not page.complete:
        partial = italic(locale.t("list.scanned", n=page.scanned, count=locale.number(page.scanned)))
    note = locale.html(page.note) if page.note else None
    return fit(lines(heading, where or None, searched, partial, note, hint), TEXT_LIMIT)


def position(page: Page[Any], locale: Locale) -> str:
    """ "21-30 of 134", or "21-30, more" when the total is unknown; ``""`` for an empty page."""
    if not page.items:
        return ""
    numbers = {"first": locale.number(page.first), "last": locale.number(page.last)}
    if page.total is not None:
        return locale.t("list.of_total", total=locale.number(page.total), **numbers)
    return locale.t("list.more" if page.has_next else "list.all", **numbers)


def filter_labels(
    resource: Resource[Any], place: Place, locale: Locale, names: Mapping[int, str] | None = None
) -> list[str]:
    """The options in force, in words; ``names`` of those that are records, by the number of the filter."""
    return [
        option_label(item, option, locale, (names or {}).get(index))
        for index, (item, option) in enumerate(zip(resource.list.filters, place.options, strict=False))
        if item.value(option) is not None
    ]


def option_label(item: Filter, option: int, locale: Locale, name: str | None) -> str:
    """The option in words; a record by its name, or its number while that is unknown."""
    if item.lookup is not None:
        return label(name or f"#{option}", 40)
    return locale.t(f"choice.{item.key}.{item.value(option)}")


def chips(
    resource: Resource[Any], place: Place, search: str, locale: Locale, names: Mapping[int, str]
) -> list[Row]:
    """A button for each thing that narrows the list; a tap takes it away."""
    buttons = []
    for index, (item, option) in enumerate(zip(resource.list.filters, place.options, strict=False)):
        if item.value(option) is not None:
            text = option_label(item, option, locale, names.get(index))
            buttons.append(
                Button(f"✕ {text}", Go(Press.LIST, resource.code, view=place.with_option(index, 0).pack()))
            )
    if search:
        view = replace(place, page=1, search="").pack()
        buttons.append(Button(label(f"✕ «{search}»", 24), Go(Press.LIST, resource.code, view=view)))
    if len(buttons) > 1:
        cleared = replace(place, page=1, search="", options=(0,) * len(place.options))
        buttons.append(Button(locale.t("list.reset"), Go(Press.LIST, resource.code, view=cleared.pack())))
    return pairs(buttons)


def filters_screen(
    resource: Resource[Any], place: Place, locale: Locale, names: Mapping[int, str] | None = None
) -> tuple[Html, list[Row]]:
    """Every filter with its options and the orders; a tap applies it and stays, "Show" goes to the list."""
    rows: list[Row] = []
    for index, item in enumerate(resource.list.filters):
        if item.lookup is not None:
            rows.append((_choice_button(resource, index, place, locale, (names or {}).get(index)),))
            continue
        options = []
        for number, option in enumerate(item.options, start=1):
            chosen = place.options[index] == number
            view = place.with_option(index, 0 if chosen else number).pack()
            text = f"{'● ' if chosen else ''}{locale.t(f'choice.{item.key}.{option}')}"
            options.append(Button(text, Go(Press.FILTERS, resource.code, view=view)))
        rows += grid(options, columns([locale.t(f"choice.{item.key}.{option}") for option in item.options]))
    if len(resource.list.sorts) > 1:
        orders = []
        for number, name in enumerate(resource.list.sorts):
            text = ("● " if place.sort == number else "") + locale.t(f"sort.{name or 'default'}")
            orders.append(
                Button(
                    text, Go(Press.FILTERS, resource.code, view=replace(place, page=1, sort=number).pack())
                )
            )
        rows += pairs(orders)
    view = place.at(1).pack()
    if resource.filter("missing") is not None:
        rows.append(
            (
                Button(
                    f"🌐 {locale.t('translations.title')}", Go(Press.TRANSLATIONS, resource.code, view=view)
                ),
            )
        )
    rows.append((Button(locale.t("list.show"), Go(Press.LIST, resource.code, view=view), style=PRIMARY),))
    rows.append(navigation(locale, Go(Press.LIST, resource.code, view=view)))
    captions = [locale.t(f"filter.{item.key}") for item in resource.list.filters]
    captions += [locale.t("filter.order")] if len(resource.list.sorts) > 1 else []
    title = bold(f"{resource.icon} {locale.t(resource.key + '.title')} · {locale.t('list.filters_title')}")
    return lines(title, "", locale.html("list.filters_help", names=", ".join(dict.fromkeys(captions)))), rows


def columns(labels: Sequence[str]) -> int:
    """How many options stand in a row: three only where none of them is cut on a phone."""
    short = max(map(len, labels), default=0) <= THIRD
    return 3 if short and (len(labels) % 3 == 0 or len(labels) > 4) else 2


def _choice_button(
    resource: Resource[Any], index: int, place: Place, locale: Locale, name: str | None
) -> Button:
    """The way to the records that a filter can narrow to, with the one that it does."""
    item, option = resource.list.filters[index], place.options[index]
    chosen = f"● {option_label(item, option, locale, name)}" if option else "…"
    caption = locale.t(f"filter.{item.key}")
    text = f"{caption[:1].upper()}{caption[1:]}: {chosen}"
    return Button(text, Go(Press.CHOOSE, resource.code, arg=to_base36(index) or "0", view=place.pack()))


def choices_screen(
    resource: Resource[Any],
    index: int,
    page: Page[Any],
    place: Place,
    token: str,
    search: str,
    locale: Locale,
) -> tuple[Html, list[Row]]:
    """A page of the records that a filter can narrow to: a tap shows the list of that one, a second tap of all."""
    rows: list[Row] = []
    chosen = place.options[index]
    for record in page.items:
        mark = "● " if record.id == chosen else ""
        view = place.with_option(index, 0 if mark else record.id).pack()
        name = label(f"{mark}{record.ref.best(locale.language)}", ROW_LABEL)
        rows.append((Button(name, Go(Press.LIST, resource.code, view=view)),))

    def at(number: int) -> Go:
        arg = f"{to_base36(index) or '0'}{to_base36(number)}" + (f"-{token}" if token else "")
        return Go(Press.CHOOSE, resource.code, arg=arg, view=place.pack())

    rows.append(pager(page, at, None, locale))
    rows.append(navigation(locale, Go(Press.FILTERS, resource.code, view=place.pack())))
    caption = locale.t(f"filter.{resource.list.filters[index].key}")
    title = bold(f"{resource.icon} {locale.t(resource.key + '.title')} · {caption}")
    searched = locale.html("list.searched", text=label(search, 64)) if search else None
    hint = locale.html("form.type_to_find") if page.items else locale.html("list.nothing_found")
    return lines(title, position(page, locale) or None, searched, italic(hint)), rows


def jump_screen(
    resource: Resource[Any], place: Place, pages: int | None, locale: Locale
) -> tuple[Html, list[Row]]:
    """Pages worth jumping to."""
    targets = jump_targets(place.page, pages)
    buttons = [
        Button(
            f"· {number} ·" if number == place.page else str(number),
            Go(Press.LIST, resource.code, view=place.at(number).pack()),
        )
        for number in targets
    ]
    rows = [*grid(buttons, 5), navigation(locale, Go(Press.LIST, resource.code, view=place.pack()))]
    return lines(bold(locale.t("list.jump_title")), locale.html("list.jump_help")), rows


def select_screen(
    resource: Resource[Any],
    page: Page[Any],
    place: Place,
    ticked: Collection[int],
    locale: Locale,
    may: May,
    owner: str = "",
) -> tuple[Html, list[Row]]:
    """A page with a box before each row; what is ticked stays so across pages."""
    view = place.pack()
    rows: list[Row] = []
    for item in page.items:
        box = "☑" if item.id in ticked else "☐"
        text = label(f"{box} {record_label(resource, item, locale)}", ROW_LABEL)
        rows.append((Button(text, Go(Press.TICK, resource.code, item.id, view=view)),))
    rows.append(
        pager(
            page, lambda number: Go(Press.SELECT, resource.code, view=place.at(number).pack()), None, locale
        )
    )
    whole = Button(locale.t("bulk.page"), Go(Press.TICK, resource.code, arg="page", view=view))
    none = Button(locale.t("bulk.none"), Go(Press.TICK, resource.code, arg="none", view=view))
    rows.append((whole, none) if ticked else (whole,))
    if ticked:
        acts = []
        if may(Op.MODERATE):
            acts += [
                Button(
                    locale.t("bulk.approve", n=len(ticked)),
                    Go(Press.BULK, resource.code, arg="ap", view=view),
                    style=SUCCESS,
                ),
                Button(
                    locale.t("bulk.reject", n=len(ticked)),
                    Go(Press.BULK, resource.code, arg="rj", view=view),
                    style=DANGER,
                ),
            ]
        if may(Op.DELETE):
            acts.append(
                Button(
                    locale.t("bulk.delete", n=len(ticked)),
                    Go(Press.BULK, resource.code, arg="de", view=view),
                    style=DANGER,
                )
            )
        if may(Op.EXPORT):
            export = Go(Press.EXPORT, resource.code, arg="ticked", view=view)
            acts.append(Button(locale.t("export.button"), export))
        rows += pairs(acts)
    rows.append(navigation(locale, Go(Press.LIST, resource.code, view=view)))
    names = " · ".join([*heading_of(resource, owner, locale), locale.t("bulk.title")])
    head = bold(f"{resource.icon} {names}")
    return lines(head, position(page, locale), locale.html("bulk.ticked", n=len(ticked))), rows
