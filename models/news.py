"""News: contract section 2.9, shape NewsResponse, and the hours of its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from models.common import Localized, ModeratedRecord, ModerationStatus, UtcDateTime, as_utc


class NewsStatus(StrEnum):
    """Where an article stands on its way to the readers."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


class Origin(StrEnum):
    """Who brought an article in."""

    ADMIN = "admin"
    PARSER = "parser"


class Shown(StrEnum):
    """Whether readers see an article, which its moderation alone does not say (contract 2.9, Q18)."""

    HIDDEN = "hidden"
    DRAFT = "draft"
    PUBLIC = "public"
    DRAFT_PUBLIC = "draft_public"
    REJECTED_PUBLIC = "rejected_public"
    WAITS = "waits"
    REJECTED_WAITS = "rejected_waits"


class Article(ModeratedRecord):
    """One article. The fields without a language are older than the two languages, and mostly empty."""

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title_kz", "description_kz", "content_text_kz"),
        "ru": ("title_ru", "description_ru", "content_text_ru"),
        "base": ("title", "description", "content_text"),
    }

    title: str | None = None
    description: str | None = None
    content_text: str | None = None
    title_kz: str | None = None
    description_kz: str | None = None
    content_text_kz: str | None = None
    title_ru: str | None = None
    description_ru: str | None = None
    content_text_ru: str | None = None
    photo_url: str | None = None
    category: str | None = None
    date: UtcDateTime | None = None
    source_url: str | None = None
    source_name: str | None = None
    language: str | None = None
    keywords_matched: str | None = None
    created_at: UtcDateTime | None = None
    status: str | None = None
    publish_at: UtcDateTime | None = None
    published_at: UtcDateTime | None = None
    view_count: int | None = None

    @property
    def titles(self) -> Localized:
        """The title in the languages it is kept in; a blank one is none."""
        return Localized(*(_filled(text) for text in (self.title_kz, self.title_ru, self.title)))

    @property
    def origin(self) -> Origin:
        """Who brought it in; old rows of the parser do not say."""
        return Origin.ADMIN if self.is_admin_created else Origin.PARSER

    @property
    def shown(self) -> Shown:
        """What readers see of it: published, or approved while its status is draft (contract 2.9)."""
        rejected = self.moderation_status is ModerationStatus.REJECTED
        if self.status == NewsStatus.PUBLISHED:
            return Shown.REJECTED_PUBLIC if rejected else Shown.PUBLIC
        if self.status == NewsStatus.SCHEDULED:
            return Shown.REJECTED_WAITS if rejected else Shown.WAITS
        if self.status == NewsStatus.DRAFT:
            approved = self.moderation_status is ModerationStatus.APPROVED
            return Shown.DRAFT_PUBLIC if approved else Shown.DRAFT
        return Shown.HIDDEN


class Slot(BaseModel):
    """One hour of a day's schedule: how many articles it has and needs."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    time: str
    required: int
    scheduled: int

    @property
    def missing(self) -> int:
        """Articles that it still needs."""
        return max(0, self.required - self.scheduled)

    def moment(self, day: date) -> datetime | None:
        """Its instant on ``day``: the backend compares its hours with times that it keeps in UTC (contract Q11).

        None for an hour that cannot be read.
        """
        try:
            return as_utc(datetime.combine(day, time.fromisoformat(self.time.zfill(5))))
        except ValueError:
            return None


class DaySchedule(BaseModel):
    """The schedule of one day, which begins and ends with UTC's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    day: date = Field(validation_alias="date")
    slots: tuple[Slot, ...] = ()

    @property
    def missing(self) -> int:
        """Articles that the day still needs."""
        return sum(slot.missing for slot in self.slots)


def _filled(text: str | None) -> str | None:
    return text if text and text.strip() else None
