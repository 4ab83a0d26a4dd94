"""What each volunteer status asks for and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import BackendError
from api.listing import Listing
from api.values import required
from api.volunteers.sought import ADMIN, Sought
from models.access import Caller
from models.volunteer_shop import StatusRequirement

ROOT = f"{ADMIN}/status-requirements"


class StatusRequirements(Sought[StatusRequirement]):
    """The four rows, lowest status first."""

    model = StatusRequirement
    listings = (Listing(ROOT, key="status_requirements", paged=False),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}",),
            "get": (f"GET {ROOT}",),
            "update": (f"PUT {ROOT}/{{status}}", f"GET {ROOT}"),
            "reset": (f"POST {ROOT}/reset-defaults",),
        }
    )

    def texts(self, record: StatusRequirement) -> Iterable[str | None]:
        """Titles and benefits."""
        return record.title_ru, record.title_kz, record.benefits_ru, record.benefits_kz

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> StatusRequirement:
        """The row after the change; the coins are sent each time, and a text is emptied by an empty one."""
        required(values, "v_coins_required")
        row = await self.get(caller, record_id)
        body = {"v_coins_required": row.v_coins_required or 0} | {
            name: "" if value is None else value for name, value in values.items()
        }
        await self.write("PUT", f"{ROOT}/{row.status}", caller, json=body)
        return row.model_copy(update=body)

    async def reset(
        self, caller: Caller, record_id: int, values: Mapping[str, Any]
    ) -> StatusRequirement | None:
        """The new row of the same status: all four get new ids."""
        status = (await self.get(caller, record_id)).status
        await self.write("POST", f"{ROOT}/reset-defaults", caller)
        try:
            rows = await self.rows(caller, self.listings[0], 0, 10, {})
        except BackendError:
            return None
        return next((row for row in rows.items if row.status == status), None)
