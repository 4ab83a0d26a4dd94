"""Tech tasks: contract section 2.13 and the raw row of section 3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from models.common import Amount, Record, UtcDateTime


class TechTaskStatus(StrEnum):
    """What the site uses; the backend keeps free text."""

    COLLECTING_OFFERS = "collecting_offers"
    COMPLETED = "completed"


class SolutionStatus(StrEnum):
    """State of an offered solution; the backend keeps free text."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class SolutionFile(BaseModel):
    """A file of a solution; ``file_path`` is absolute here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    file_path: str
    original_name: str


class Solution(Record):
    """What somebody offers for a task."""

    description_kz: str | None = None
    description_ru: str | None = None
    proposed_budget: int | None = None
    proposed_timeline: str | None = None
    user_id: int | None = None
    status: str
    created_at: UtcDateTime
    files: tuple[SolutionFile, ...] = ()


class TechTask(Record):
    """A tech task. Rows of the list carry no solutions; the card has the first fifty."""

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title_kz", "description_kz"),
        "ru": ("title_ru", "description_ru"),
    }

    title_kz: str | None = None
    title_ru: str | None = None
    description_kz: str | None = None
    description_ru: str | None = None
    category: str | None = None
    preferred_technologies: tuple[str, ...] | None = None
    field_of_application: str | None = None
    deadline: date | None = None
    budget_from: int | None = None
    budget_to: int | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    status: str
    user_id: int
    is_active: bool
    created_at: UtcDateTime
    updated_at: UtcDateTime | None = None
    solutions: tuple[Solution, ...] = ()


class Belongings(BaseModel):
    """What a delete takes along with a task, as far as anybody can count it."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    solutions: Amount
    files: Amount
