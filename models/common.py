"""Value types that several records share: instants, translated texts, moderation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def as_utc(value: datetime) -> datetime:
    """The same instant, aware and in UTC; the backend writes most instants naive, in UTC (contract Q11)."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


UtcDateTime = Annotated[datetime, AfterValidator(as_utc)]
"""An aware UTC instant, whatever form the backend sent."""


class Record(BaseModel):
    """One item of a module as the backend serves it; unknown keys are dropped, null is kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int


class ModerationStatus(StrEnum):
    """State of the backend's moderation."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Localized:
    """One text in the languages the backend keeps: its suffix ``_kz`` is our ``kk``."""

    kk: str | None = None
    ru: str | None = None
    base: str | None = None

    def best(self, language: str) -> str:
        """The text for ``language`` (kk, ru or en), else the nearest that is not blank, else ``""``."""
        order = {"kk": (self.kk, self.base, self.ru), "ru": (self.ru, self.base, self.kk)}
        return next((text for text in order.get(language, (self.base, self.ru, self.kk)) if text), "")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way to the backend: content in memory, at most 10 MB, type read from the content."""

    content: bytes
    name: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Amount:
    """How many there are, counted up to a bound: ``more`` says that there are more than ``count``."""

    count: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.count}+" if self.more else str(self.count)
