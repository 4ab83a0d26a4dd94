"""Value types that several records share: instants, translated texts, moderation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict


def as_utc(value: datetime) -> datetime:
    """The same instant, aware and in UTC; the backend writes most instants naive, in UTC (contract Q11)."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


UtcDateTime = Annotated[datetime, AfterValidator(as_utc)]
"""An aware UTC instant, whatever form the backend sent."""


class Record(BaseModel):
    """One item of a module as the backend serves it; unknown keys are dropped, null is kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The fields that carry each language, for a record that is kept in several: ``{"kk": ("title_kz",), ...}``."""

    id: int

    def completeness(self, language: str) -> float:
        """The share of that language's fields that are filled, 0 to 1."""
        names = self.languages[language]
        return sum(bool(getattr(self, name, None)) for name in names) / len(names)

    def lacks(self, language: str) -> bool:
        """True when nothing is written in that language."""
        return language in self.languages and not self.completeness(language)


class ModerationStatus(StrEnum):
    """State of the backend's moderation."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class ModeratedRecord(Record):
    """A record that waits for a decision. The lists that do not tell leave all of it None."""

    moderation_status: ModerationStatus | None = None
    moderated_at: UtcDateTime | None = None
    moderated_by: int | None = None
    is_admin_created: bool | None = None


class BilingualRecord(ModeratedRecord):
    """A moderated record of an admin, its texts in Kazakh (without a suffix) and Russian (contract 3)."""

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title", "description"),
        "ru": ("title_ru", "description_ru"),
    }

    title: str
    title_ru: str
    description: str
    description_ru: str
    status: str
    created_at: UtcDateTime
    admin_id: int | None = None


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


class Ref(BaseModel):
    """Another record that this one points at, with its names as far as they are known."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    kk: str | None = None
    ru: str | None = None

    def best(self, language: str) -> str:
        """The name for ``language``; ``#5`` when the backend gave none."""
        return Localized(self.kk, self.ru).best(language) or f"#{self.id}"


class Named(Record):
    """A row of a lookup: what a relation field picks from."""

    name_kz: str | None = None
    name_ru: str | None = None

    @property
    def ref(self) -> Ref:
        """The row as another record points at it."""
        return Ref(id=self.id, kk=self.name_kz, ru=self.name_ru)


def sent(value: Any) -> Any:
    """The value as the backend takes it: a ``Ref`` (or its JSON form) as its id, a list of them as ids."""
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, Mapping) and value.keys() == {"id", "kk", "ru"}:
        return value["id"]
    return [sent(one) for one in value] if isinstance(value, list | tuple) else value


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
