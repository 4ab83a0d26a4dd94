"""Pages and their numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resources.queries import ListQuery, Page


@given(
    st.integers(1, 500), st.integers(1, 50), st.one_of(st.none(), st.integers(0, 10_000)), st.integers(0, 50)
)
def test_numbers_of_rows_follow_from_the_page(number: int, size: int, total: int | None, rows: int):
    page: Page[int] = Page(list(range(min(rows, size))), ListQuery(number, size), False, total)
    if page.items:
        assert page.first == (number - 1) * size + 1
        assert page.last == page.first + len(page.items) - 1
    else:
        assert page.first == page.last == 0
    if total is None:
        assert page.pages is None
    else:
        assert page.pages >= 1
        assert (page.pages - 1) * size < max(total, 1) <= page.pages * size


def test_a_query_is_narrowed_by_search_or_filter():
    assert not ListQuery(3, sort="nearest").is_narrowed
    assert ListQuery(search="a").is_narrowed
    assert ListQuery(filters={"format": "Online"}).is_narrowed
    assert ListQuery(3).at(0).page == 1
