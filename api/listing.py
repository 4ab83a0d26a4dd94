"""A list of the backend: what it narrows, searches and orders by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.periods import PERIOD
from models.access import Role
from resources.queries import ListQuery
from utils.folding import loosened

WILDCARDS = frozenset("%_\\")


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the backend.

    ``filters`` and ``search`` map the bot's filters to its parameters; ``values`` translate options where the
    backend spells them otherwise (``{"is_active": {"yes": "true"}}``). ``key`` is where the rows are in the body
    (None: the body is the list), ``total`` where a true total is. ``most`` is how many rows it gives at once;
    ``paged`` is False for a list that comes whole. ``orders`` are the sorts that it has by itself. ``roles`` may
    use it and see just what is theirs; None: all. ``params`` always go along. ``only`` are the values of filters that
    all its rows have and that a query must ask for to be served by it. ``bounds`` are the parameters for the first
    and the last moment of a period. ``untold`` are the filters that nothing in its rows answers. ``numbered`` is
    True where it takes the number of a page and its size instead of rows to skip (contract Q9).
    """

    path: str
    filters: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    key: str | None = None
    total: str = ""
    most: int = 100
    paged: bool = True
    orders: frozenset[str] = frozenset(("",))
    roles: frozenset[Role] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    bounds: tuple[str, str] | None = None
    untold: frozenset[str] = frozenset()
    numbered: bool = False

    def open_to(self, role: Role | None) -> bool:
        """True when this role sees in it just what it may see."""
        return self.roles is None or role in self.roles

    def holds(self, query: ListQuery) -> bool:
        """True when each record that the query asks for is in it, and can be told from the others."""
        return self.only.items() <= query.filters.items() and self.untold.isdisjoint(query.filters)

    def knows(self, name: str) -> bool:
        """True when it narrows by the filter ``name`` itself."""
        return name in self.filters or name in self.only or (name == PERIOD and self.bounds is not None)

    def serves(self, query: ListQuery) -> bool:
        """True when it answers the query by itself, as far as its search finds what is meant."""
        searches = not query.search or (bool(self.search) and WILDCARDS.isdisjoint(query.search))
        return (
            self.paged
            and searches
            and query.sort in self.orders
            and self.holds(query)
            and all(map(self.knows, query.filters))
        )

    def window(self, skip: int, limit: int) -> dict[str, int]:
        """Parameters for ``limit`` rows from ``skip`` on, which a numbered list gives as whole pages only."""
        if self.numbered:
            return {"page": skip // limit + 1, "page_size": limit}
        return {"skip": skip, "limit": limit}

    def narrowing(self, query: ListQuery, *, loose: bool = False) -> dict[str, Any]:
        """Parameters for what it can narrow by itself; ``loose`` finds every spelling of the search."""
        params = dict(self.params)
        for name, value in query.filters.items():
            if name in self.filters:
                params[self.filters[name]] = self.values.get(name, {}).get(value, value)
        if query.search and self.search and "\\" not in query.search:
            params[self.search] = loosened(query.search) if loose else query.search
        return params
