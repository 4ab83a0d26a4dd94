"""Pages out of the backend's dialects: lists it pages itself, and lists that the bot has to look through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from api.answer import Rows
from models.common import Record
from resources.queries import ListQuery, Page

M = TypeVar("M", bound=Record)

SCAN_PAGES = 10
SCAN_SIZE = 100
"""Most of what the moderation lists give at once (contract Q9)."""

SCAN_PARALLEL = 3


@dataclass(frozen=True, slots=True)
class Scan(Generic[M]):
    """Records that were looked through, and whether there were no others."""

    items: list[M]
    complete: bool


def native(rows: Rows[M], query: ListQuery, total: int | None) -> Page[M]:
    """The page out of ``size`` rows; one more received than that says that there is a next page.

    On the last page the true total is known, whatever ``total`` was given.
    """
    has_next = rows.received > query.size
    if not has_next and (rows.received or query.page == 1):
        total = query.skip + rows.received
    elif total is not None and rows.received:
        # A counter that lags behind must not contradict the rows on the screen.
        total = max(total, query.skip + rows.received)
    return Page(rows.items, query, has_next, total)


def sliced(found: Sequence[M], query: ListQuery, *, scanned: int, complete: bool) -> Page[M]:
    """The page out of all records that the bot found by itself among ``scanned``."""
    end = query.skip + query.size
    return Page(
        found[query.skip : end],
        query,
        has_next=len(found) > end,
        total=len(found) if complete else None,
        scanned=scanned,
        complete=complete,
    )


async def scan(
    fetch: Callable[[int, int], Awaitable[Rows[M]]], *, size: int = SCAN_SIZE, pages: int = SCAN_PAGES
) -> Scan[M]:
    """Up to ``size * pages`` records of ``fetch(skip, limit)``, in its order, without repetitions.

    The first page is asked for alone, since mostly it is the only one; the others three at a time.
    """
    got = [await fetch(0, size)]
    while got[-1].received == size and len(got) < pages:
        ahead = range(len(got), min(len(got) + SCAN_PARALLEL, pages))
        got += await asyncio.gather(*(fetch(number * size, size) for number in ahead))
    # A record moves to the next page when another one is created meanwhile.
    items = {item.id: item for page in got for item in page.items}
    return Scan(list(items.values()), complete=got[-1].received < size)
