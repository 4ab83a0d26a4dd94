"""Places: contract section 2.8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from api.answer import Answer
from api.errors import Invalid, Wrong
from api.leisure.categories import CATEGORIES, CategoryNames
from api.leisure.columns import PLACE, Columns
from api.leisure.content import ADMIN, ROOT, PromotedSource, lists_of, operations_of
from models.access import Caller
from models.leisure import LeisureStats, Place, RelatedType

RATINGS = (0, 9.99)
"""What the column holds."""


class Places(PromotedSource[Place]):
    """The places source. One filter more: ``category_id``."""

    model = Place
    columns: ClassVar[Columns] = PLACE
    related_type: ClassVar[str] = RelatedType.PLACE
    listings = lists_of("places", "category_id", "status", search="search")
    moderation = f"{ADMIN}/places/moderation"
    stats = f"{ADMIN}/places/moderation/stats"
    operations = operations_of(
        "places",
        "place",
        rate=(f"PUT {ADMIN}/places/{{place_id}}",),
        totals=(f"GET {ROOT}/stats",),
        promos_count=(f"GET {ADMIN}/promo/list",),
        names=(f"GET {CATEGORIES}",),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._categories = CategoryNames(self._backend, self._clock)

    def adapt(self, row: Any) -> Any:
        """The row with an absolute photo address and the name of its category."""
        row = super().adapt(row)
        if isinstance(row, dict) and isinstance(row.get("category_id"), int):
            row["category_id"] = self._categories.ref(row["category_id"])
        return row

    async def rate(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Place:
        """The place with another rating. No ``update``: an owner must not rate itself."""
        rating = values.get("rating")
        if (
            not isinstance(rating, int | float)
            or isinstance(rating, bool)
            or not RATINGS[0] <= rating <= RATINGS[1]
        ):
            raise Invalid((Wrong(("rating",), f"not within {RATINGS[0]} and {RATINGS[1]}"),))
        return await self._put(caller, record_id, {"rating": rating})

    async def totals(self, caller: Caller) -> LeisureStats:
        """Totals of leisure and the places looked at most, over all owners."""
        return (await self.call("GET", f"{ROOT}/stats", caller)).one(LeisureStats)

    async def call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        """The answer of a call; the categories' names are there when its rows become records."""
        await self._categories.learn()
        return await super().call(method, path, caller, **parts)
