"""Every screen of every view, in three languages, with nasty records: Telegram takes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest

import views.approvals as approvals
import views.card
import views.form
import views.listing
import views.saved
import views.screen
from handlers.modules import RESOURCES
from keyboards.buttons import Button, Row
from keyboards.callbacks import Go, Place, Press
from locales.catalogue import LANGUAGES
from locales.locale import Locale
from models.common import Named
from resources.fields import Date, DateTime, Relation, Rows
from resources.queries import ListQuery, Page
from resources.resource import Op, Resource
from services import drafts
from services.decisions import Decision, Look
from services.export import columns
from services.export.orders import Order, State
from services.inbox import Item
from services.saved_views import SavedView
from tests.matrix.nasty import records
from tests.matrix.strict import LOCALES, check_rows, check_text
from utils.html import Html
from views.alerts import many_screen, new_screen, outcome_screen
from views.approvals import Inbox, Turn, inbox_screen, reason_screen, said, triage, triage_head, triage_rows
from views.card import (
    Rights,
    card_rows,
    card_text,
    deed_button,
    delete_screen,
    edit_screen,
    question_screen,
    read_pages,
    stamp,
)
from views.export import Wanted, choice_screen, end_screen, progress_screen, title
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT
from views.form import (
    FormView,
    Options,
    again_screen,
    cancel_screen,
    draft_label,
    row_screen,
    step_screen,
    summary_screen,
)
from views.listing import (
    ListRights,
    chips,
    choices_screen,
    filters_screen,
    jump_screen,
    list_screen,
    list_text,
    select_screen,
)  # fmt: skip

KEY = "k" * 14
DRAFT = "dDrf_-"
NOW = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
CHILDREN = {item.code: tuple(one for one in RESOURCES if one.parent == item.code) for item in RESOURCES}
CASES = [
    pytest.param(resource, record, language, id=f"{resource.key}-{name}-{language}".replace(" ", "-"))
    for resource in RESOURCES
    for name, record in records(resource)
    for language in LANGUAGES
]
Screen = tuple[Html, list[Row]]


def keyed(go: Go) -> Go:
    return replace(go, key=KEY)


def anything(_asked: Any) -> bool:
    return True


def nothing(_asked: Any) -> bool:
    return False


def places(resource: Resource[Any]) -> Iterator[Place]:
    """The plainest place of a list and the one with the longest address."""
    filters = resource.list.filters
    parent = 36**5 if resource.parent else 0
    yield Place(options=(0,) * len(filters), parent=parent)
    far = tuple(len(item.options) if item.lookup is None else 2**31 - 1 for item in filters)
    yield Place(36**3, far, len(resource.list.sorts) - 1, "-_tok-", parent)


def check(screen: Screen, limit: int = TEXT_LIMIT) -> None:
    text, rows = screen
    check_text(text, limit)
    addresses = check_rows(rows)
    assert any(go.op == Press.MENU for go in addresses), "no way home"


@pytest.mark.parametrize(("resource", "record", "language"), CASES)
def test_lists(resource: Resource[Any], record: Any, language: str):
    locale = LOCALES[language]
    search = str(record.model_dump().get("title") or "")
    for place in places(resource):
        for total in (None, 0, 12_345_678):
            for items in ([record] * 7, []):
                query = ListQuery(place.page, search=search)
                page: Page[Any] = Page(items, query, bool(items), total, scanned=500, complete=False)
                for may in (anything, nothing):
                    check(
                        list_screen(
                            resource, page, place, search, locale, list_rights(resource, place, locale, may)
                        )
                    )
                    check(select_screen(resource, page, place, {record.id}, locale, may))
                    check(select_screen(resource, page, place, (), locale, may))
            check(jump_screen(resource, place, total, locale))
        names = dict.fromkeys(range(len(resource.list.filters)), search or "ә" * 5000)
        for known in ({}, names):
            check(filters_screen(resource, place, locale, known))
            check_text(list_text(resource, page, place, search, locale, known), TEXT_LIMIT)
            if narrowed := chips(resource, place, search, locale, known):
                check_rows(narrowed)
        for index in (number for number, item in enumerate(resource.list.filters) if item.lookup is not None):
            for options in _pages(names[index]):
                check(choices_screen(resource, index, options, place, "-_tok-", search, locale))


@pytest.mark.parametrize(("resource", "record", "language"), CASES)
def test_cards(resource: Resource[Any], record: Any, language: str):
    locale = LOCALES[language]
    who = str(record.model_dump().get("title") or "")[:300]
    for place in places(resource):
        view = place.pack()
        for under_photo, limit in ((False, TEXT_LIMIT), (True, CAPTION_LIMIT)):
            mark = stamp("approved", who, locale.short(getattr(record, "created_at", None) or NOW), locale)
            card = card_text(resource, record, mark, locale, under_photo=under_photo)
            check_text(card.text, limit)
            for page in read_pages(resource, record, locale, card.whole):
                check_text(page, TEXT_LIMIT)
            for may in (anything, nothing):
                check_rows(
                    card_rows(
                        resource,
                        record,
                        view,
                        "https://t.me/x?start=ev_1",
                        locale,
                        Rights(may, may, may, CHILDREN[resource.code], keyed),
                        shortened=card.is_cut,
                    )
                )
            for full in (True, False):
                shown = card_text(resource, record, mark, locale, under_photo=under_photo, revealed=full)
                check_text(shown.text, limit)
        for deed in resource.deeds:
            check(question_screen(resource, deed, record, view, locale, keyed))
        check(delete_screen(resource, record, view, locale.html("delete.warning"), locale, keyed))
        check(edit_screen(resource, record, view, locale, warn=True))


def list_rights(
    resource: Resource[Any], place: Place, locale: Locale, may: Callable[[Any], bool]
) -> ListRights:
    """Rights as the engine makes them, every quick deed drawn."""

    def quick(record: Any) -> Row:
        return tuple(
            deed_button(resource, deed, record, place.pack(), locale, keyed, in_list=True)
            for deed in resource.deeds
            if deed.name in resource.list.quick
        )

    return ListRights(may, may, quick, Go(Press.MENU), owner="<ә" * 3000)


@pytest.mark.parametrize(("resource", "record", "language"), CASES)
def test_forms(resource: Resource[Any], record: Any, language: str):
    locale = LOCALES[language]
    asked = (*resource.fields, *resource.asked)
    values = {item.name: item.value_of(getattr(record, item.name, None)) for item in asked}
    typed = str(values.get("title") or "x")
    for view in (_view(resource, values, locale), _view(resource, values, locale, error=typed, typed=typed)):
        for screen in _form_screens(view, resource):
            check(screen)
    for name in resource.form:
        edit = replace(_view(resource, {name: values[name]}, locale), editing=True, order=(name,))
        check(summary_screen(edit, KEY, True))
        check(summary_screen(replace(edit, before={name: None}), KEY, True))
        check(step_screen(edit, resource.by_name[name]))
    for mode in ("create", "edit", *(deed.code for deed in resource.deeds)):
        for about in ("", typed):
            draft = drafts.new(1, resource.code, mode, 0, values=values, about=about)
            check_rows([(Button(draft_label(resource, draft, locale), Go(Press.MENU)),)])
            draft = replace(draft, record_id=1)
            check_rows([(Button(draft_label(resource, draft, locale), Go(Press.MENU)),)])


def _view(resource: Resource[Any], values: dict[str, Any], locale: Locale, **more: str) -> FormView:
    return FormView(
        resource=resource, draft=DRAFT, editing=False, values=values, before={}, order=resource.form, locale=locale,
        now=NOW, **more,
    )  # fmt: skip


def _form_screens(view: FormView, resource: Resource[Any]) -> Iterator[Screen]:
    for name in resource.form:
        field = resource.by_name[name]
        yield step_screen(view, field)
        if isinstance(field, Relation):
            yield from (step_screen(replace(view, options=options), field) for options in _options(view))
        if isinstance(field, DateTime | Date):
            yield step_screen(view, field, "209912")
            yield step_screen(view, field, "20991231")
        if isinstance(field, Rows):
            for index, _ in enumerate(view.values[name]):
                yield row_screen(view, field, index, None)
                for column in field.columns:
                    yield row_screen(view, field, index, column)
    yield summary_screen(view, KEY, False)
    yield summary_screen(replace(view, values={}), KEY, False)
    yield cancel_screen(view)
    yield again_screen(view, KEY, Go(Press.CARD, view.resource.code, 36**5))


def _options(view: FormView) -> Iterator[Options]:
    text = view.typed or "ә" * 5000
    full, empty = _pages(text)
    yield Options(full, "-_tok-", text)
    yield Options(empty, "", "")
    yield Options(problem=text)


def _pages(text: str) -> tuple[Page[Named], Page[Named]]:
    """A page of a lookup, full and empty."""
    found = [Named(id=2**31 - 1, name_kz=text, name_ru=text), Named(id=1)]
    return Page(found, ListQuery(36**2, search=text), True), Page([], ListQuery(), False)


EXPORTABLE = [item for item in RESOURCES if Op.EXPORT in item.needs]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("resource", EXPORTABLE, ids=lambda resource: resource.key)
def test_exports(resource: Resource[Any], language: str):
    locale, names = LOCALES[language], columns.names(resource)
    for place in places(resource):
        view = place.pack()
        name = title(resource, place, "<ә>" * 40, locale, {})
        for ticked in (frozenset(names), frozenset[str]()):
            for expected in (None, 0, 21, 1_600_000):
                for flag in (True, False):
                    wanted = Wanted("csv", ticked, full=flag, ticked=flag, expected=expected)
                    shown = choice_screen(resource, wanted, name, view, 50_000, locale)
                    check((shown.text, list(shown.rows)))
                    for go in _addresses(shown):
                        # A shorter place would be another list, and so another file.
                        assert go.view == view or go.op == Press.MENU
                        asked = Wanted.unpack(go.arg, names)
                        assert go.op != Press.EXPORT_NOW or asked in (wanted, replace(wanted, expected=None))
        order = Order(
            id="f" * 8, user_id=1, admin_id=1, resource=resource.code, format="xlsx", columns=names, language=language,
            zone="Asia/Almaty", created_at=0.0, title=name, view=view, arg=Wanted(columns=frozenset(names)).pack(names),
        )  # fmt: skip
        for expected, rows, left in ((None, 0, None), (10, 20, 0.0), (50_000, 49_999, 4000.0)):
            told = replace(order, expected=expected)
            for state in State:
                shown = progress_screen(resource, told, state, rows, left, locale)
                check((shown.text, list(shown.rows)))
        shown = end_screen(resource, order, locale.html("export.broken"), locale, again=True)
        check((shown.text, list(shown.rows)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
def test_saved_views(resource: Resource[Any], language: str):
    locale = LOCALES[language]
    for name in ("Ұ" * 40, "‏", "x"):
        view = SavedView(id="f" * 8, admin_id=1, resource=resource.code, name=name, created_at=0.0)
        shown = [
            views.saved.views_screen([(resource, view)] * 20, locale), views.saved.views_screen([], locale),
            views.saved.deleted_screen(view, locale), views.saved.rename_screen(view, locale),
        ]  # fmt: skip
        for place in places(resource):
            parts = views.saved.contents(resource, place, "<b>&" * 50, locale, {0: "Ұ<b>" * 99})
            assert views.saved.default_name(parts)
            shown.append(views.saved.ask_screen(resource, parts, place.pack(), locale))
            shown += [
                views.saved.view_screen(resource, replace(view, pinned=one), parts, locale)
                for one in (True, False)
            ]
        for screen in shown:
            check((screen.text, list(screen.rows)))
            assert all(
                go.view == "" or go.view in [one.pack() for one in places(resource)]
                for go in _addresses(screen)
            )
        button = Button(
            views.saved.view_label(resource, view, locale, 12_345_678), Go(Press.VIEW_OPEN, arg=view.id)
        )
        check_rows([(button,)])


def _addresses(screen: views.screen.Screen) -> Iterator[Go]:
    for button in (button for row in screen.rows for button in row):
        found = Go.unpack(button.go.pack() if button.go else None)
        assert found is not None
        yield found


WAITING = [case for case in CASES if case.values[0].waiting is not None]


@pytest.mark.parametrize(("resource", "record", "language"), WAITING)
def test_approvals(resource: Resource[Any], record: Any, language: str):
    locale = LOCALES[language]
    name = resource.title(record, locale)
    under = 36**5 if resource.parent else 0
    items = [
        Item(resource.code, 36**6 + number, under, name, age) for number, age in enumerate((None, 0.0, 1e9))
    ]
    decision = Decision("d" * 8, resource.code, under, 1, False, 1, 1, name, 1e9, 1e9, reason=name)
    look = Look((name, name), decision, decision)
    view = Place(parent=under).pack()
    kinds = {resource.code: resource}
    for kind, search, decides in (("", "", frozenset(kinds)), (resource.code, name, frozenset())):
        for found in (items * 5, []):
            inbox = Inbox(
                found, kinds, {resource.code: 12_345}, 1, kind, search, "-_tok-", tuple(kinds), True,
                frozenset(item.ref for item in items), decides,
            )  # fmt: skip
            check(inbox_screen(inbox, locale, NOW.timestamp()))
            check(approvals.kinds_screen(inbox, locale))
    turn = Turn(
        resource, items[0].id, name, 4, 27, 1.0, resource.code, triage(items[1], resource.code), look,
        Go(Press.UNDO, resource.code, items[0].id, f"dddddddd{resource.code}", view),
    )  # fmt: skip
    check((triage_head(turn, locale, NOW.timestamp()), triage_rows(turn, view, locale, keyed)))
    check(reason_screen(resource, items[0].id, name, resource.code, view, locale, keyed))
    check(approvals.end_screen(resource.code, turn.undo, locale))
    now = NOW.timestamp()
    shown = card_text(resource, record, None, locale, under_photo=True).text
    for screen in (
        new_screen(resource, items[0], shown, locale, keyed),
        many_screen(items * 9, kinds, locale, now, digest=True),
        many_screen(items, kinds, locale, now, digest=False),
        outcome_screen(name, said(decision, locale, "was"), resource, items[0], locale),
    ):
        check_text(screen.text, TEXT_LIMIT)
        check_rows(screen.rows)


def test_no_screen_is_left_out():
    """Whoever adds a function that draws a screen adds it above."""
    drawn: set[Callable[..., Any]] = {
        list_screen, select_screen, jump_screen, filters_screen, delete_screen, edit_screen, step_screen,
        row_screen, summary_screen, cancel_screen, again_screen, question_screen, choices_screen,
    }  # fmt: skip
    found = {
        function
        for module in (views.card, views.form, views.listing)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == module.__name__
        and get_type_hints(function).get("return") == tuple[Html, list[Row]]
    }
    assert found == drawn
