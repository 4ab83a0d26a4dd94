"""What coins buy and what a status asks for: contract section 2.10."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from models.common import Record, UtcDateTime


class PurchaseStatus(StrEnum):
    """State of a purchase."""

    PENDING = "pending"
    APPROVED = "approved"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Benefit(Record):
    """What volunteers get for their coins. Unlike elsewhere ``title`` and ``description`` are Russian.

    ``stock_limit`` None is unlimited; a deleted one stays in the list, inactive for ever.
    """

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title_kz", "description_kz"),
        "ru": ("title", "description"),
    }

    title: str | None = None
    title_kz: str | None = None
    description: str | None = None
    description_kz: str | None = None
    v_coins_cost: int | None = None
    min_status: str | None = None
    category: str | None = None
    stock_limit: int | None = None
    stock_available: int | None = None
    icon_url: str | None = None
    is_active: bool | None = None
    created_at: UtcDateTime | None = None


class Purchase(Record):
    """A benefit that a volunteer paid for."""

    volunteer_name: str | None = None
    volunteer_phone: str | None = None
    benefit_title: str | None = None
    cost: int | None = None
    status: str | None = None
    created_at: UtcDateTime | None = None
    completed_at: UtcDateTime | None = None
    admin_notes: str | None = None

    @property
    def is_open(self) -> bool:
        """True while it can be cancelled once: the backend refunds a cancelled one again."""
        return self.status in (PurchaseStatus.PENDING, PurchaseStatus.APPROVED)


class StatusRequirement(Record):
    """What a status asks for and gives; a reset gives the rows new ids."""

    status: str
    title_ru: str | None = None
    title_kz: str | None = None
    level: int | None = None
    v_coins_required: int | None = None
    benefits_ru: str | None = None
    benefits_kz: str | None = None
