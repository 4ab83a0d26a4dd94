"""community: what its operations take and answer about members."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Language = Literal["kk", "ru", "en"]
Status = Literal["incomplete", "pending", "approved", "rejected", "blocked"]
Frequency = Literal["weekly", "monthly"]
MentorshipRole = Literal["none", "mentor", "mentee"]
Channel = Literal["telegram", "email", "both", "none"]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
]
Topics = Annotated[list[Short], Field(max_length=20)]


def aware(moment: datetime) -> datetime:
    """Stored times are UTC without saying so; answers say so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


Instant = Annotated[datetime, AfterValidator(aware)]

Unset: Any = None
"""Default of what a partial change leaves alone: only what was sent is looked at."""


class Answer(BaseModel):
    """Parent of what is answered: read off rows."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)


def _undefaulted(schema: dict[str, Any]) -> None:
    for one in schema.get("properties", {}).values():
        one.pop("default", None)


class Taken(BaseModel):
    """Parent of what is taken: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_undefaulted)


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Decided(BaseModel):
    """Who was faster, and when."""

    message: str
    status: Status
    decided_by: int | None
    decided_by_name: str | None
    decided_at: Instant | None


class AlreadyDecided(BaseModel):
    detail: Decided | str


# --- members ----------------------------------------------------------------------------------------------


class MemberCoffee(Answer):
    """Whether and how often the member takes part; paused up to that day, the day included."""

    enabled: bool = Field(validation_alias="coffee_enabled")
    frequency: Frequency = Field(validation_alias="coffee_frequency")
    paused_until: date | None = Field(validation_alias="coffee_paused_until")


class MemberMentorship(Answer):
    role: MentorshipRole = Field(validation_alias="mentorship_role")
    topics: list[str] = Field(validation_alias="mentorship_topics")
    capacity: int = Field(
        validation_alias="mentorship_capacity", description="mentees a mentor takes at once"
    )
    languages: list[str] = Field(validation_alias="mentorship_languages")


class MemberNotify(Answer):
    announcements: bool = Field(validation_alias="notify_announcements")
    events: bool = Field(validation_alias="notify_events")
    matches: bool = Field(validation_alias="notify_matches")


class MemberBrief(Answer):
    """A member where another record points at it: who it is, and how it is reached."""

    id: int
    telegram_user_id: str | None
    full_name: str
    nickname: str | None
    email: str | None
    segment: str | None
    level: str | None
    affiliation: str | None
    city: str | None
    language: Language
    channel: Channel
    notify: MemberNotify


class CommunityMember(Answer):
    id: int
    telegram_user_id: str | None
    full_name: str = Field(description="empty while the registration has not come that far")
    email: str | None
    nickname: str | None
    segment: str | None
    level: str | None
    affiliation: str | None
    about: str | None
    city: str | None
    language: Language
    status: Status
    reject_reason: str | None = Field(description="of the last rejection or block")
    registration_step: str | None
    consent_version: str | None
    coffee: MemberCoffee
    mentorship: MemberMentorship
    socials_enabled: bool
    channel: Channel
    notify: MemberNotify
    created_at: Instant
    submitted_at: Instant | None
    decided_at: Instant | None
    decided_by: int | None = Field(description="id of the admin")
    version: int = Field(description="grows with every change; for If-Match")


class MemberPage(BaseModel):
    items: list[CommunityMember]
    total: int


class CoffeeChange(Taken):
    enabled: bool = Unset
    frequency: Frequency = Unset
    paused_until: date | None = Unset


class MentorshipChange(Taken):
    role: MentorshipRole = Unset
    topics: Topics = Unset
    capacity: Annotated[int, Field(ge=0, le=50)] = Unset
    languages: Annotated[list[Language], Field(max_length=3)] = Unset


class NotifyChange(Taken):
    announcements: bool = Unset
    events: bool = Unset
    matches: bool = Unset


class MemberChange(Taken):
    """Any of what can be edited; what is left out stays, also inside the groups."""

    full_name: Name = Unset
    email: Address | None = Unset
    nickname: Short | None = Unset
    segment: Short | None = Unset
    level: Short | None = Unset
    affiliation: Name | None = Unset
    about: Long | None = Unset
    city: Short | None = Unset
    language: Language = Unset
    coffee: CoffeeChange = Unset
    mentorship: MentorshipChange = Unset
    socials_enabled: bool = Unset
    channel: Channel = Unset
    notify: NotifyChange = Unset

    def columns(self) -> dict[str, Any]:
        """What was sent, by column."""
        found: dict[str, Any] = {}
        for name, value in self.model_dump(exclude_unset=True).items():
            if name in GROUPS:
                found |= {f"{name}_{part}": one for part, one in value.items()}
            else:
                found[name] = value
        return found


GROUPS = ("coffee", "mentorship", "notify")


class Registration(MemberChange):
    """A step of a registration: any of the fields, and where the member is now."""

    step: Short = Unset
    consent_version: Short = Unset


class ReasonGiven(Taken):
    reason: Reason


# --- import and statistics --------------------------------------------------------------------------------


class ImportedMember(MemberChange):
    """A row of an import. A known member is found by id, else Telegram id, else e-mail address."""

    id: int | None = Unset
    telegram_user_id: Annotated[str, StringConstraints(pattern=r"^\d{1,20}$")] | None = Unset
    status: Literal["incomplete", "pending", "approved"] = Unset


class Import(Taken):
    rows: list[dict[str, Any]] = Field(
        description="ImportedMember; at most 5,000. A wrong row stops no other"
    )
    mode: Literal["create", "update", "upsert"]
    dry_run: bool = False


class RowError(BaseModel):
    row: int = Field(description="from 0, as in the request")
    field: str
    message: str


class Imported(BaseModel):
    created: int
    updated: int
    skipped: int = Field(description="known ones of a create, unknown ones of an update")
    errors: list[RowError]
    token: str | None = Field(description="takes the import back; null where nothing was written")


class Reverted(BaseModel):
    reverted: int


class Day(BaseModel):
    date: date
    started: int
    submitted: int
    approved: int


class FunnelStep(BaseModel):
    step: str
    reached: int
    left: int = Field(description="members who have come no further")
    median_seconds: float | None = Field(description="until the next step; null while nobody took it")


class Statistics(BaseModel):
    """`by_...` count all members, those without a value under ""; the rest is about the period."""

    by_status: dict[str, int]
    by_segment: dict[str, int]
    by_level: dict[str, int]
    by_city: dict[str, int]
    registrations: list[Day]
    funnel: list[FunnelStep]
