"""Requests for a higher status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.listing import Listing
from api.values import required
from api.volunteers.sought import ADMIN, Sought, flat
from models.access import Caller
from models.volunteer_work import PromotionRequest

ROOT = f"{ADMIN}/promotion-requests"
ONE = f"{ROOT}/{{request_id}}"


class PromotionRequests(Sought[PromotionRequest]):
    """The requests, all at once. The backend decides one as often as it is told to (contract Q18)."""

    model = PromotionRequest
    listings = (Listing(ROOT, key="requests", paged=False, filters={"status": "status_filter"}),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}",),
            "get": (f"GET {ROOT}",),
            "accept": (f"POST {ONE}/approve",),
            "refuse": (f"POST {ONE}/reject",),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with its volunteer laid open."""
        volunteer = {"id": "volunteer_id", "name": "volunteer_name", "current_status": "current_status"}
        return flat(row, {"request_id": "id"}, volunteer)

    def texts(self, record: PromotionRequest) -> Iterable[str | None]:
        """The volunteer."""
        return (record.volunteer_name,)

    async def accept(
        self, caller: Caller, record_id: int, values: Mapping[str, Any]
    ) -> PromotionRequest | None:
        """The approved request; the volunteer has the new status and is told."""
        # The body is mandatory, also an empty one.
        body = {"admin_comment": values["praise"]} if values.get("praise") else {}
        await self.write("POST", f"{ROOT}/{record_id:d}/approve", caller, json=body)
        return await self.seen(caller, record_id)

    async def refuse(
        self, caller: Caller, record_id: int, values: Mapping[str, Any]
    ) -> PromotionRequest | None:
        """The rejected request."""
        required({"comment": values.get("comment")}, "comment")
        body = {"admin_comment": values["comment"]}
        await self.write("POST", f"{ROOT}/{record_id:d}/reject", caller, json=body)
        return await self.seen(caller, record_id)
