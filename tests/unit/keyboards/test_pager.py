"""The row that turns pages, and the pages worth jumping to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keyboards.buttons import Button, navigation, pairs
from keyboards.callbacks import Go, Press
from keyboards.pager import grid, jump_targets, pager
from resources.queries import ListQuery, Page
from tests.matrix.strict import check_rows, locale

EN = locale("en")
JUMP = Go("ju", "ev")


def at(page: int) -> Go:
    return Go("li", "ev", page)


@given(st.integers(1, 10_000), st.booleans(), st.one_of(st.none(), st.integers(0, 70_000)))
def test_a_pager_leads_only_where_pages_are(number: int, has_next: bool, total: int | None):
    page: Page[int] = Page([1], ListQuery(number), has_next, total=total)
    row = pager(page, at, JUMP, EN)
    if number == 1 and not has_next:
        assert row == ()
        return
    check_rows([row])
    targets = [button.go.id for button in row if button.go.op == "li"]
    assert targets == [number - 1] * (number > 1) + [number + 1] * has_next
    assert sum(button.go == JUMP for button in row) == 1


@given(st.integers(1, 5000), st.one_of(st.none(), st.integers(1, 5000)))
def test_jumps_are_few_sorted_and_real(current: int, pages: int | None):
    current = min(current, pages or current)
    targets = jump_targets(current, pages)
    assert targets == sorted(set(targets))
    assert current in targets
    assert 1 in targets
    assert len(targets) <= 20
    assert all(1 <= target <= (pages or target) for target in targets)
    if pages is not None:
        assert pages in targets


@given(st.lists(st.integers(1, 40), max_size=30), st.integers(1, 8))
def test_no_button_is_lost_in_rows(lengths: list[int], columns: int):
    buttons = [Button("x" * length, Go("me", id=index)) for index, length in enumerate(lengths)]
    assert [button for row in grid(buttons, columns) for button in row] == buttons
    assert all(len(row) <= columns for row in grid(buttons, columns))
    paired = pairs(buttons, longest=18)
    assert [button for row in paired for button in row] == buttons
    assert all(1 <= len(row) <= 2 for row in paired)
    assert all(len(row) == 1 for row in paired if any(len(button.text) > 18 for button in row))


def test_back_stands_before_home():
    back = Go("li", "ev")
    assert [button.go for button in navigation(EN, back)] == [back, Go(Press.MENU)]
    assert [button.go for button in navigation(EN)] == [Go(Press.MENU)]
