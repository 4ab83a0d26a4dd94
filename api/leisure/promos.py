"""Promo actions: contract section 2.8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from api.errors import BackendError, Explained, Invalid, NotFound, Wrong
from api.leisure.columns import PROMO, Columns
from api.leisure.content import ADMIN, ContentSource, lists_of, operations_of
from api.leisure.places import Places
from api.leisure.tickets import Tickets
from models.access import Caller
from models.common import Ref, sent
from models.leisure import Promo


class Promos(ContentSource[Promo]):
    """The promo source. One filter more: ``related_type``. The backend has no search for promo."""

    model = Promo
    columns: ClassVar[Columns] = PROMO
    photo: ClassVar[str] = "promo_image_url"
    # A decision's answer does not name the place or the ticket.
    reads_back = True
    listings = lists_of("promo", "status", "related_type")
    moderation = f"{ADMIN}/promo/moderation"
    stats = f"{ADMIN}/promo/moderation/stats"
    operations = operations_of(
        "promo",
        "promo",
        get=(f"GET {ADMIN}/promo/list", f"GET {ADMIN}/places/list", f"GET {ADMIN}/tickets/list"),
        create=(
            f"POST {ADMIN}/promo/create", f"GET {ADMIN}/places/list", f"GET {ADMIN}/tickets/list",
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._promoted: Mapping[str, Places | Tickets] = {
            "place": Places(*args, **options),
            "ticket": Tickets(*args, **options),
        }

    def adapt(self, row: Any) -> Any:
        """The row with an absolute photo address and what it is for, not yet named."""
        row = super().adapt(row)
        if isinstance(row, dict) and isinstance(row.get("related_id"), int):
            row["related_id"] = {"id": row["related_id"]}
        return row

    async def get(self, caller: Caller, record_id: int) -> Promo:
        """The promo, with the title of its place or ticket where that still exists and is this admin's to see: the
        public route would tell the names of everybody's."""
        promo = await super().get(caller, record_id)
        source = self._promoted.get(promo.related_type)
        try:
            ref = (
                (await source.get(caller, promo.related_id.id)).ref
                if source is not None
                else promo.related_id
            )
        except BackendError:
            # A title beside the record is not worth losing it.
            return promo
        return promo.model_copy(update={"related_id": ref})

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Promo:
        """The created promo. ``Explained`` when what it is for is gone or another admin's: the backend never looks."""
        self.columns.created(values)
        ref = await self._related(caller, str(values["related_type"]), values["related_id"])
        return (await super().create(caller, values)).model_copy(update={"related_id": ref})

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Promo:
        """The promo after changing just ``values``; what it is for must exist and be this admin's to promote."""
        if "related_id" in values:
            self.columns.changed(values)
            kind = values.get("related_type") or (await super().get(caller, record_id)).related_type
            await self._related(caller, str(kind), values["related_id"])
        return await super().update(caller, record_id, values)

    async def _related(self, caller: Caller, kind: str, related_id: Any) -> Ref:
        source = self._promoted.get(kind)
        if source is None:
            raise Invalid((Wrong(("related_type",), "neither a place nor a ticket"),))
        try:
            return (await source.get(caller, sent(related_id))).ref
        except NotFound as error:
            raise Explained("promos.unrelated") from error
