"""Projects: contract section 2.7, shape ProjectResponse, and what belongs to votings and galleries."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from models.common import BilingualRecord, Record, UtcDateTime


class ProjectType(StrEnum):
    """What a project is. The backend takes any text, and only these two mean something to it."""

    VOTING = "voting"
    APPLICATION = "application"


class ProjectStatus(StrEnum):
    """How far a project is."""

    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Project(BilingualRecord):
    """A project; what is kept without a suffix is Kazakh."""

    author: str
    project_type: str
    start_date: UtcDateTime
    end_date: UtcDateTime
    photo_url: str | None = None
    video_url: str | None = None

    @property
    def is_voting(self) -> bool:
        """True for a project with participants and votes."""
        return self.project_type == ProjectType.VOTING

    @property
    def takes_applications(self) -> bool:
        """True for a project with a form and submissions."""
        return self.project_type == ProjectType.APPLICATION


class VotingParticipant(Record):
    """Whom one can vote for. ``votes_count`` is only ever shown."""

    name: str
    description: str | None = None
    description_ru: str | None = None
    photo_url: str | None = None
    video_url: str | None = None
    instagram_url: str | None = None
    facebook_url: str | None = None
    linkedin_url: str | None = None
    twitter_url: str | None = None
    votes_count: int = 0
    created_at: UtcDateTime | None = None


class ProjectPicture(Record):
    """A picture of a project's gallery."""

    image_url: str | None = None
    description: str | None = None


class VotingResult(BaseModel):
    """One place of a voting; ``percentage`` is the backend's text, ``12.3%``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    position: int
    participant_name: str
    votes_count: int
    percentage: str = ""


class VotingResults(BaseModel):
    """The places of a voting. ``total_votes`` sums the counters of the participants."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    total_votes: int
    total_participants: int
    results: tuple[VotingResult, ...] = ()


class Leader(BaseModel):
    """Who is ahead in a voting."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    votes: int


class ProjectStats(BaseModel):
    """Figures of a project. Of a voting: those of participants and votes, where ``total_votes`` counts the votes that
    were cast; else those of applications, the ones sent in without a form."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    total_participants: int | None = None
    total_votes: int | None = None
    average_votes_per_participant: float | None = None
    leading_participant: Leader | None = None
    total_applications: int | None = None
    pending_applications: int | None = None
    approved_applications: int | None = None
    rejected_applications: int | None = None
    approval_rate: float | None = None


class Belongings(BaseModel):
    """How much goes with a project that is deleted."""

    model_config = ConfigDict(frozen=True)

    participants: int = 0
    votes: int = 0
    pictures: int = 0
    applications: int = 0
    submissions: int = 0
    stored: bool = False
    """True when the results of a voting may be stored already, which keeps it from being deleted."""
