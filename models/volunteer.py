"""Volunteers and their events: contract section 2.10."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from models.common import Record, Ref, UtcDateTime


class VolunteerStatus(StrEnum):
    """What a volunteer has grown to."""

    VOLUNTEER = "VOLUNTEER"
    TEAM_LEADER = "TEAM_LEADER"
    SUPERVISOR = "SUPERVISOR"
    COORDINATOR = "COORDINATOR"


class Direction(StrEnum):
    """The backend's fixed list of directions: their ids, as text."""

    SOCIAL = "1"
    EVENTS = "2"
    CULTURE = "3"
    MEDICINE = "4"
    ECOLOGY = "5"
    PATRIOTISM = "6"
    SPORT = "7"
    DONORS = "8"
    RESCUE = "9"
    DIGITAL = "10"


class EventStatus(StrEnum):
    """State of a volunteer event; no route can change it."""

    UPCOMING = "upcoming"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskRole(StrEnum):
    """For whom a task of an event is."""

    ALL = "ALL"
    VOLUNTEER = "VOLUNTEER"
    TEAM_LEADER = "TEAM_LEADER"
    SUPERVISOR = "SUPERVISOR"


class Volunteer(Record):
    """A volunteer. The answer of an update carries name, status and balance only."""

    full_name: str | None = None
    phone_number: str | None = None
    volunteer_status: str | None = None
    direction_id: str | None = None
    v_coins_balance: int | None = None
    total_earned: int | None = None
    events_participated: int | None = None
    achievements_count: int | None = None
    created_at: UtcDateTime | None = None


class VolunteerEvent(Record):
    """An event that volunteers apply for. Unlike elsewhere ``title`` and ``description`` are Russian.

    ``whatsapp_group_link`` can be set, but no list shows it.
    """

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title_kz", "description_kz"),
        "ru": ("title", "description"),
    }

    title: str | None = None
    title_kz: str | None = None
    description: str | None = None
    description_kz: str | None = None
    event_date: UtcDateTime | None = None
    location: str | None = None
    direction_id: str | None = None
    status: str | None = None
    v_coins_reward: int | None = None
    photo_bonus: int | None = None
    whatsapp_group_link: str | None = None
    required_volunteers: int | None = None
    required_team_leaders: int | None = None
    required_supervisors: int | None = None
    total_applications: int | None = None
    tasks_total_bonus: int | None = None
    day: str = ""
    """The day it is held on, where the CRM is at home: many events share one title."""

    @property
    def ref(self) -> Ref:
        """The event as others point at it."""
        return Ref(id=self.id, kk=self._on_its_day(self.title_kz), ru=self._on_its_day(self.title))

    def _on_its_day(self, title: str | None) -> str | None:
        return " · ".join(filter(None, (title, self.day))) if title else None


class VolunteerFigures(BaseModel):
    """Sums over all volunteers; events are the active ones."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    total_volunteers: int = 0
    total_events: int = 0
    total_applications: int = 0
    total_v_coins_earned: int = 0
    volunteers_by_status: dict[str, int] = {}


class Leader(BaseModel):
    """A place in the table of those who earned most."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    position: int
    volunteer_id: int
    full_name: str | None = None
    status: str | None = None
    current_balance: int = 0
    total_earned: int = 0
    events_count: int = 0
