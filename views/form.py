"""The screens of a form: a step, the summary before saving, the difference before an edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from keyboards.buttons import DANGER, SUCCESS, Button, Row, navigation, pairs
from keyboards.calendar import month_rows, time_rows
from keyboards.callbacks import Go, Press, to_base36
from keyboards.pager import pager
from locales.locale import Locale
from resources.fields import (
    Choice,
    Choices,
    Date,
    DateTime,
    Field,
    Flag,
    Relation,
    Relations,
    Rows,
    Zone,
    is_blank,
    moment_of,
)
from resources.queries import Page
from resources.resource import Deed, Resource
from services.drafts import Draft
from utils.html import Html, bold, italic, lines, quote
from views.card import shown_value
from views.fitting import TEXT_LIMIT, cut, fit, label

SUMMARY = "summary"
DRAFT_LABEL = 56
AGAIN = "again"
"""Behind the address of Save: it is said that it is to be saved although it may have been already."""


@dataclass(frozen=True, slots=True)
class Options:
    """A page of the records that a relation picks from; ``token`` and ``text`` of what was searched there."""

    page: Page[Any] | None = None
    token: str = ""
    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """What a form screen is drawn from: the draft's parts, the step, and what went wrong with the last input."""

    resource: Resource[Any]
    draft: str
    editing: bool
    values: Mapping[str, Any]
    before: Mapping[str, Any]
    order: tuple[str, ...]
    locale: Locale
    now: datetime
    record_id: int = 0
    error: str = ""
    typed: str = ""
    deed: Deed[Any] | None = None
    options: Options | None = None
    about: str = ""
    doubtful: bool = False

    def go(self, press: Press, arg: str = "", key: str = "") -> Go:
        """An address inside this draft."""
        return Go(press, self.resource.code, 0, arg, self.draft, key)

    def caption(self, name: str) -> str:
        """The field's name in words."""
        return self.locale.t(f"{self.resource.key}.field.{name}")

    def shown(self, field: Field, value: Any) -> str:
        """The value in words; personal data whole only where this person typed it."""
        found = self.editing and value == self.before.get(field.name)
        return shown_value(field, value, self.locale, full=not found)

    @property
    def missing(self) -> list[str]:
        """Required fields that have no value yet."""
        return [
            name
            for name in self.order
            if self.resource.by_name[name].required and is_blank(self.values.get(name))
        ]

    @property
    def heading(self) -> str:
        """ "New event", "Editing", or the name of the deed."""
        if self.deed is not None:
            name = self.locale.t(f"{self.resource.key}.action.{self.deed.name}")
            return f"{self.deed.icon or self.resource.icon} {name}"
        key = "edit.title" if self.editing else f"{self.resource.key}.new"
        return f"{self.resource.icon} {self.locale.t(key)}"


def step_screen(view: FormView, field: Field, month: str = "") -> tuple[Html, list[Row]]:
    """One step: what is asked, an example, limits, what stands there now, what was wrong; and its picker."""
    locale, number = view.locale, view.order.index(field.name) + 1
    head = bold(view.heading)
    if not view.editing and len(view.order) > 1:
        head += " · " + locale.t("form.step", number=number, total=len(view.order))
    # Rows stand below as buttons already.
    current = "" if isinstance(field, Rows) else view.shown(field, view.values.get(field.name))
    text = lines(
        head,
        label(view.about, 200) if view.about else None,
        "",
        bold(view.caption(field.name)) + ("" if field.required else f" · {locale.t('form.optional')}"),
        locale.html(f"{view.resource.key}.hint.{field.name}"),
        italic(field.limits(locale)) if field.limits(locale) else None,
        _current(current, locale) if current else None,
        _chosen_from(view.options, locale) if view.options is not None else None,
        _error(view) if view.error else None,
    )
    rows = _picker(view, field, month)
    rows.append(_step_tools(view, field))
    rows.append(_back(view))
    return fit(text, TEXT_LIMIT), rows


def _current(text: str, locale: Locale) -> Html:
    return lines("", bold(locale.t("form.now")), quote(cut(text, 700)))


def _chosen_from(options: Options, locale: Locale) -> Html:
    """What the buttons of a relation show: all there is, what was searched, or why there is nothing."""
    if options.page is None:
        return lines("", f"⚠️ {label(options.problem, 200)}")
    searched = locale.html("list.searched", text=label(options.text, 64)) if options.text else None
    hint = locale.html("form.type_to_find") if options.page.items else locale.html("list.nothing_found")
    return lines("", searched, italic(hint))


def _error(view: FormView) -> Html:
    typed = quote(label(view.typed, 500)) if view.typed else None
    return lines("", f"⚠️ {view.error}", typed)


def _step_tools(view: FormView, field: Field) -> Row:
    tools = []
    value = view.values.get(field.name)
    filled = not is_blank(value)
    if filled and field.may_be_emptied(stored=view.editing):
        tools.append(Button(view.locale.t("form.clear"), view.go(Press.CLEAR, field.code)))
    if not view.editing and (not field.required or filled):
        tools.append(
            Button(view.locale.t("form.next" if filled else "form.skip"), view.go(Press.SKIP, field.code))
        )
    if view.editing and view.values.get(field.name) != view.before.get(field.name):
        tools.append(Button(view.locale.t("form.review"), view.go(Press.STEP, "sum")))
    tools.append(Button(view.locale.t("nav.cancel"), view.go(Press.CANCEL)))
    return tuple(tools)


def _back(view: FormView) -> Row:
    return (
        Button(view.locale.t("nav.back"), view.go(Press.BACK)),
        Button(view.locale.t("nav.home"), Go(Press.MENU)),
    )


def _picker(view: FormView, field: Field, month: str) -> list[Row]:
    if isinstance(field, Choice):
        return _options(view, field)
    if isinstance(field, Zone):
        chosen = view.values.get(field.name)
        return pairs(
            [
                Button(
                    f"{'● ' if name == chosen else ''}{name}", view.go(Press.VALUE, f"{field.code}{index}")
                )
                for index, name in enumerate(field.presets)
            ]
        )
    if isinstance(field, Flag):
        return [
            tuple(
                Button(
                    ("● " if view.values.get(field.name) is value else "") + field.label(value, view.locale),
                    view.go(Press.VALUE, f"{field.code}{int(value)}"),
                )
                for value in (True, False)
            )
        ]
    if isinstance(field, Relation):
        return _relation(view, field)
    if isinstance(field, DateTime | Date):
        return _calendar(view, field, month)
    if isinstance(field, Rows):
        return [
            (
                Button(
                    label(f"✏️ {field.line(row, view.locale)}", 56), view.go(Press.ROW, f"{field.code}{index}")
                ),
            )
            for index, row in enumerate(view.values.get(field.name) or ())
        ]
    return []


def _options(view: FormView, field: Choice) -> list[Row]:
    """A button an option; of several that may be chosen each with a box."""
    several, value = isinstance(field, Choices), view.values.get(field.name)
    chosen = frozenset(value or ()) if several else frozenset({value})
    on, off = ("☑ ", "☐ ") if several else ("● ", "")
    return pairs(
        [
            Button(
                (on if option.value in chosen else off) + field.label(option.value, view.locale),
                view.go(Press.VALUE, f"{field.code}{index}"),
            )
            for index, option in enumerate(field.options)
        ]
    )


def _relation(view: FormView, field: Relation) -> list[Row]:
    options = view.options
    if options is None or options.page is None:
        return []
    value = view.values.get(field.name)
    chosen = {one["id"] for one in (value if isinstance(value, list) else [value] if value else [])}
    place = f"-{_place(options.page.query.page, options.token)}"
    several = isinstance(field, Relations)
    rows: list[Row] = []
    for record in options.page.items:
        mark = ("☑ " if record.id in chosen else "☐ ") if several else "● " if record.id in chosen else ""
        address = f"{field.code}{to_base36(record.id)}{place if several else ''}"
        name = label(f"{mark}{record.ref.best(view.locale.language)}", 56)
        rows.append((Button(name, view.go(Press.VALUE, address)),))

    def at(number: int) -> Go:
        return view.go(Press.OPTIONS, f"{field.code}{_place(number, options.token)}")

    rows.append(pager(options.page, at, None, view.locale))
    if options.text:
        everything = view.go(Press.OPTIONS, f"{field.code}1")
        rows.append((Button(label(f"✕ «{options.text}»", 24), everything),))
    return rows


def _place(page: int, token: str) -> str:
    """Where among the records of a relation; a token may end in a hyphen itself, so an empty one takes its own."""
    return f"{to_base36(page)}-{token}" if token else to_base36(page)


def _calendar(view: FormView, field: DateTime | Date, month: str) -> list[Row]:
    today = view.now.astimezone(view.locale.zone)
    earliest = today if field.future else None

    def go(moment: str) -> Go:
        return view.go(Press.CALENDAR, f"{field.code}{moment}")

    if len(month) == 8 and isinstance(field, DateTime):
        day = date(int(month[:4]), int(month[4:6]), int(month[6:]))
        after = earliest.replace(tzinfo=None) if earliest else None
        return [(Button(f"‹ {view.locale.day(day)}", go(month[:6])),), *time_rows(day, go, after)]
    value = view.values.get(field.name)
    if value and isinstance(field, Date):
        shown = datetime.combine(date.fromisoformat(value), time(12), view.locale.zone)
    else:
        shown = view.locale.local(moment_of(value)) if value else today
    if earliest is not None and shown < earliest:
        shown = earliest
    year, number = (int(month[:4]), int(month[4:6])) if len(month) == 6 else (shown.year, shown.month)
    return month_rows(year, number, go, view.locale, today.date(), earliest.date() if earliest else None)


def row_screen(view: FormView, field: Rows, index: int, column: Field | None) -> tuple[Html, list[Row]]:
    """One row of a Rows field: its columns to mend, or the question for one of them."""
    locale, row = view.locale, view.values[field.name][index]
    prefix = f"{view.resource.key}.{field.name}"
    head = bold(f"{view.caption(field.name)} · {index + 1}")
    address = f"{field.code}{index}"
    if column is not None:
        current = column.show(row.get(column.name), locale)
        text = lines(
            head,
            "",
            bold(locale.t(f"{prefix}.{column.name}")),
            locale.html("form.type_value"),
            _current(current, locale) if current else None,
            _error(view) if view.error else None,
        )
        return fit(text, TEXT_LIMIT), [navigation(locale, view.go(Press.ROW, address))]
    shown = [
        Html(f"{bold(locale.t(f'{prefix}.{item.name}'))}: ")
        + label(item.show(row.get(item.name), locale) or "—", 200)
        for item in field.columns
    ]
    buttons = [
        Button(locale.t(f"{prefix}.{item.name}"), view.go(Press.ROW_FIELD, f"{address}-{item.code}"))
        for item in field.columns
    ]
    rows = pairs(buttons)
    rows.append((Button(locale.t("form.row_delete"), view.go(Press.ROW_DELETE, address), style=DANGER),))
    rows.append(navigation(locale, view.go(Press.STEP, field.code)))
    return fit(lines(head, "", *shown), TEXT_LIMIT), rows


def summary_screen(view: FormView, key: str, warn: bool) -> tuple[Html, list[Row]]:
    """Everything before it is saved: each field can be mended; Save is drawn once nothing required is missing."""
    locale = view.locale
    if view.editing:
        return _difference(view, key, warn)
    blocks = []
    for name in view.order:
        field = view.resource.by_name[name]
        text = view.shown(field, view.values.get(name))
        shown = (
            label(text, 160)
            if field.kind != "rows"
            else "\n" + "\n".join(label(line, 80) for line in text.splitlines()[:8])
        )
        mark = "❗ " if name in view.missing else ""
        blocks.append(Html(f"{mark}{bold(view.caption(name))}: ") + (shown if text else "—"))
    text = lines(
        bold(f"{view.heading} · {locale.t('form.summary')}"),
        label(view.about, 200) if view.about else None,
        "",
        *blocks,
        lines("", locale.html("form.doubtful")) if view.doubtful else None,
        lines("", f"❗ {locale.t('form.missing')}") if view.missing else None,
        _error(view) if view.error else None,
    )
    buttons = [
        Button(view.caption(name), view.go(Press.STEP, view.resource.by_name[name].code))
        for name in view.order
    ]
    saves = "form.save" if view.resource.submit is None else "form.look"
    rows: list[Row] = (
        [] if view.missing else [(Button(locale.t(saves), view.go(Press.SAVE, key=key), style=SUCCESS),)]
    )
    rows += pairs(buttons)
    rows.append((Button(locale.t("nav.cancel"), view.go(Press.CANCEL)),))
    rows.append(_back(view))
    return fit(text, TEXT_LIMIT), rows


def _difference(view: FormView, key: str, warn: bool) -> tuple[Html, list[Row]]:
    locale = view.locale
    blocks = []
    for name in view.order:
        field = view.resource.by_name[name]
        if view.values.get(name) != view.before.get(name):
            old, new = (view.shown(field, values.get(name)) or "—" for values in (view.before, view.values))
            blocks.append(
                lines(
                    "",
                    bold(view.caption(name)),
                    locale.html("edit.before"),
                    quote(label(old, 900)),
                    locale.html("edit.after"),
                    quote(label(new, 900)),
                )
            )
    changed = bool(blocks)
    text = lines(
        bold(view.heading),
        label(view.about, 200) if view.about else None,
        *(blocks or [lines("", locale.html("edit.unchanged"))]),
        lines("", locale.html("edit.remoderation")) if warn and changed else None,
        _error(view) if view.error else None,
    )
    rows: list[Row] = (
        [(Button(locale.t("form.save"), view.go(Press.SAVE, key=key), style=SUCCESS),)] if changed else []
    )
    rows.append(
        (
            Button(locale.t("edit.again"), view.go(Press.STEP, view.resource.by_name[view.order[0]].code)),
            Button(locale.t("nav.cancel"), view.go(Press.CANCEL)),
        )
    )
    rows.append(_back(view))
    return fit(text, TEXT_LIMIT), rows


def cancel_screen(view: FormView) -> tuple[Html, list[Row]]:
    """Leaving a form: keep the draft, go on, or throw it away."""
    locale = view.locale
    rows: list[Row] = [
        (Button(locale.t("form.go_on"), view.go(Press.DRAFT), style=SUCCESS),),
        (Button(locale.t("form.keep"), Go(Press.MENU)),),
        (Button(locale.t("form.discard"), view.go(Press.DISCARD), style=DANGER),),
        navigation(locale, view.go(Press.DRAFT)),
    ]
    about = label(view.about, 200) if view.about else None
    return lines(bold(view.heading), about, "", locale.html("form.cancel_question")), rows


def again_screen(view: FormView, key: str, look: Go) -> tuple[Html, list[Row]]:
    """The question before something is saved that may have been saved already; ``look`` shows whether it was."""
    locale = view.locale
    text = lines(
        bold(view.heading),
        label(view.about, 200) if view.about else None,
        "",
        locale.html("form.again_question"),
    )
    rows: list[Row] = [
        (Button(locale.t("error.check"), look),),
        (Button(locale.t("form.again"), view.go(Press.SAVE, AGAIN, key), style=DANGER),),
        navigation(locale, view.go(Press.DRAFT)),
    ]
    return text, rows


def draft_label(resource: Resource[Any], draft: Draft, locale: Locale) -> str:
    """A draft as one line of the drafts' list: what is done to which record, or what is to become one."""
    deed = resource.deed(draft.mode)
    if draft.record_id:
        action = "edit.title" if deed is None else f"{resource.key}.action.{deed.name}"
        icon = "✏️" if deed is None else deed.icon or resource.icon
        return label(
            f"{icon} {locale.t(action)}: {draft.about or locale.t(f'{resource.key}.one')}", DRAFT_LABEL
        )
    texts = (item for item in resource.fields if item.kind == "text" and not item.masked)
    first = next((str(draft.values[item.name]) for item in texts if draft.values.get(item.name)), "")
    return label(f"{resource.icon} {first or locale.t(resource.key + '.new')}", DRAFT_LABEL)
