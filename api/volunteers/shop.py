"""Benefits and what was bought of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import BackendError
from api.listing import Listing
from api.source import after_lost
from api.uploads import PHOTO, Uploads
from api.values import required, sendable
from api.volunteers.sought import ADMIN, Sought, with_phone
from models.access import Caller
from models.common import Upload
from models.volunteer_shop import Benefit, Purchase

BENEFITS = f"{ADMIN}/benefits"
BENEFIT = f"{BENEFITS}/{{benefit_id}}"
PURCHASES = f"{ADMIN}/purchases"
PURCHASE = f"{PURCHASES}/{{purchase_id}}"
SENT = (
    "title", "title_kz", "description", "description_kz", "v_coins_cost", "min_status", "category", "stock_limit",
    "icon_url",
)  # fmt: skip
"""What an update replaces, left out or not."""
REQUIRED = ("title", "description", "v_coins_cost", "min_status")


class Benefits(Sought[Benefit]):
    """The benefits, newest first, deleted ones too. The bot filters and searches by itself."""

    model = Benefit
    listings = (Listing(BENEFITS, key="benefits"),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {BENEFITS}",),
            "get": (f"GET {BENEFITS}",),
            "create": (f"POST {BENEFITS}",),
            "find_created": (f"GET {BENEFITS}",),
            "update": (f"PUT {BENEFIT}", f"GET {BENEFITS}"),
            "delete": (f"DELETE {BENEFIT}",),
            "upload_photo": (f"POST {PHOTO}", f"PUT {BENEFIT}"),
            "delete_photo": (f"PUT {BENEFIT}",),
        }
    )

    def texts(self, record: Benefit) -> Iterable[str | None]:
        """Titles, descriptions and category."""
        return record.title, record.title_kz, record.description, record.description_kz, record.category

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Benefit:
        """The created benefit; as it was sent when it cannot be read back at once."""
        required(values, *REQUIRED)
        body = sendable(values)
        made = (await self.write("POST", BENEFITS, caller, json=body)).part("benefit_id").json
        try:
            return await self.get(caller, made)
        except BackendError:
            stock = {"stock_available": body.get("stock_limit"), "is_active": True}
            return Benefit.model_validate({**body, **stock, "id": made})

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Benefit | None:
        """The newest benefit of the last hour that equals ``values``."""
        return await self.newest_like(caller, values, [name for name in SENT if name != "icon_url"])

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Benefit:
        """The benefit after the change. All fields are sent, since those left out would be emptied; the backend
        fills the stock up to its limit each time."""
        required(values, *REQUIRED)
        benefit = await self.get(caller, record_id)
        whole = {name: getattr(benefit, name) for name in SENT} | sendable(values)
        await self.write("PUT", f"{BENEFITS}/{record_id:d}", caller, json=whole)
        stock = whole["stock_limit"] or benefit.stock_available
        return benefit.model_copy(update={**whole, "stock_available": stock})

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; it stays in the list, inactive for ever."""

        async def inactive() -> bool:
            return (await self.get(caller, record_id)).is_active is False

        await after_lost(self.write("DELETE", f"{BENEFITS}/{record_id:d}", caller), inactive)

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The stored path of the new picture."""
        path = await Uploads(self._backend).upload_photo(caller, photo)
        await self.update(caller, record_id, {"icon_url": path})
        return path

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; also when there was no picture."""
        await self.update(caller, record_id, {"icon_url": None})


class Purchases(Sought[Purchase]):
    """The purchases, newest first."""

    model = Purchase
    listings = (Listing(PURCHASES, key="purchases", filters={"status": "status_filter"}),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {PURCHASES}",),
            "get": (f"GET {PURCHASES}",),
            "accept": (f"POST {PURCHASE}/approve",),
            "complete": (f"POST {PURCHASE}/complete",),
            "cancel": (f"POST {PURCHASE}/cancel",),
        }
    )

    def adapt(self, row: Any) -> Any:
        """The row with a full phone number."""
        return with_phone(row, "volunteer_phone")

    def texts(self, record: Purchase) -> Iterable[str | None]:
        """Volunteer, phone and benefit."""
        return record.volunteer_name, record.volunteer_phone, record.benefit_title

    async def accept(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Purchase | None:
        """The approved purchase. ``Refused`` when it does not wait any more."""
        await self.write("POST", f"{PURCHASES}/{record_id:d}/approve", caller)
        return await self.seen(caller, record_id)

    async def complete(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Purchase | None:
        """The purchase handed over. ``Refused`` unless it was approved: the PATCH of that name checks nothing."""
        params = {"admin_notes": values.get("note") or None}
        await self.write("POST", f"{PURCHASES}/{record_id:d}/complete", caller, params=params)
        return await self.seen(caller, record_id)

    async def cancel(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Purchase | None:
        """The cancelled purchase; its coins go back each time it is called."""
        required({"reason": values.get("reason")}, "reason")
        body = {"reason": values["reason"]}
        await self.write("POST", f"{PURCHASES}/{record_id:d}/cancel", caller, json=body)
        return await self.seen(caller, record_id)
