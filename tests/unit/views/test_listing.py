"""What is drawn under a list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.events import EVENTS
from keyboards.callbacks import Go, Place, Press
from resources.queries import ListQuery, Page
from tests.matrix.nasty import records
from tests.matrix.strict import LOCALES
from views.listing import ListRights, columns, list_screen


def presses(single: bool, items: list[Any]) -> set[str]:
    """The ops of the buttons, for a person who may do everything."""
    resource = replace(EVENTS, list=replace(EVENTS.list, single=single))
    rights = ListRights(lambda _: True, lambda _: True, lambda _: (), Go(Press.MENU))
    page: Page[Any] = Page(items, ListQuery(), has_next=False, total=len(items))
    place = Place(options=(0,) * len(resource.list.filters))
    _, rows = list_screen(resource, page, place, "", LOCALES["en"], rights)
    return {button.go.op for row in rows for button in row if button.go is not None}


def test_nothing_new_beside_a_record_that_is_the_only_one():
    _, record = next(iter(records(EVENTS)))
    assert {Press.CREATE, Press.SELECT} <= presses(single=False, items=[record])
    assert not {Press.CREATE, Press.SELECT} & presses(single=True, items=[record])
    assert Press.CREATE in presses(single=True, items=[])


def test_three_options_a_row_only_where_none_is_cut():
    assert columns(["Ожидает", "Одобрено", "Отклонено"]) == 3
    assert columns(["Күтуде", "Мақұлданған", "Қабылданбаған"]) == 2
    assert columns(["Online", "Offline"]) == 2
