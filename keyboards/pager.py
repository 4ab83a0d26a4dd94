"""Previous, next and the jump between pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keyboards.buttons import Button, Row
from keyboards.callbacks import Go
from locales.locale import Locale
from resources.queries import Page


def pager(page: Page[Any], at: Callable[[int], Go], jump: Go | None, locale: Locale) -> Row:
    """The row under a list: previous, "3 / 20" (a jump), next; nothing for a single page."""
    number, pages = page.query.page, page.pages
    if number == 1 and not page.has_next:
        return ()
    row: list[Button] = []
    if number > 1:
        row.append(Button(locale.t("pager.previous"), at(number - 1)))
    if jump is not None:
        row.append(Button(f"{number} / {pages}" if pages else str(number), jump))
    if page.has_next:
        row.append(Button(locale.t("pager.next"), at(number + 1)))
    return tuple(row)


def jump_targets(current: int, pages: int | None) -> list[int]:
    """At most 20 pages worth jumping to: all of few, else both ends, the neighbourhood and even steps between.

    With an unknown end: back to the start in steps, ahead by 1, 2, 5, 10, 20 and 50 pages.
    """
    if pages is None:
        ahead = [current + step for step in (1, 2, 5, 10, 20, 50)]
        behind = [current - step for step in (1, 2, 5, 10, 20, 50) if current > step]
        return sorted({1, current, *ahead, *behind})
    if pages <= 20:
        return list(range(1, pages + 1))
    near = {page for page in range(current - 2, current + 3) if 1 <= page <= pages}
    steps = {1 + round(number * (pages - 1) / 14) for number in range(15)}
    return sorted(near | steps)


def grid(buttons: list[Button], columns: int) -> list[Row]:
    """The buttons in rows of ``columns``."""
    return [tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]
