"""The community: members, mentorship, coffee rounds (docs/community-api.md)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from models.common import ModerationStatus, Named, Record, Ref, UtcDateTime


class MemberStatus(StrEnum):
    """Where a member stands; what waits for a decision first."""

    PENDING = "pending"
    APPROVED = "approved"
    INCOMPLETE = "incomplete"
    REJECTED = "rejected"
    BLOCKED = "blocked"


class Segment(StrEnum):
    """What members are; backends may have others."""

    STUDENT = "student"
    SCHOOL_STUDENT = "school_student"
    YOUNG_SPECIALIST = "young_specialist"
    ENTREPRENEUR = "entrepreneur"
    CIVIL_SERVANT = "civil_servant"
    NPO = "npo"


class Level(StrEnum):
    """How far members have come; backends may have others."""

    BEGINNER = "beginner"
    MIDDLE = "middle"
    SENIOR = "senior"
    EXPERT = "expert"


class MemberLanguage(StrEnum):
    """The language a member is written to."""

    KK = "kk"
    RU = "ru"
    EN = "en"


class MentorshipRole(StrEnum):
    """On which side of mentorship a member is."""

    NONE = "none"
    MENTOR = "mentor"
    MENTEE = "mentee"


class Frequency(StrEnum):
    """How often a member wants to meet somebody."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class CoffeeState(StrEnum):
    """Whether a member takes part in coffee rounds, and how often."""

    OFF = "off"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Channel(StrEnum):
    """How a member is told."""

    TELEGRAM = "telegram"
    EMAIL = "email"
    BOTH = "both"
    NONE = "none"


class PairStatus(StrEnum):
    """Whether a mentor and a mentee still work together."""

    ACTIVE = "active"
    ENDED = "ended"


class RoundStatus(StrEnum):
    """What became of a coffee round."""

    COMMITTED = "committed"
    NOTIFIED = "notified"
    ROLLED_BACK = "rolled_back"


class OddPolicy(StrEnum):
    """What happens to the one who is left over."""

    TRIO = "trio"
    SKIP = "skip"


class Person(Record):
    """A member in brief: who it is and how it is reached. Of an erased one there is a number and nothing else."""

    full_name: str = ""
    nickname: str | None = None
    email: str | None = None
    telegram_user_id: str | None = None
    segment: str | None = None
    level: str | None = None
    affiliation: str | None = None
    city: str | None = None
    language: str | None = None
    channel: str | None = None
    notify_announcements: bool | None = None
    notify_events: bool | None = None
    notify_matches: bool | None = None

    @property
    def ref(self) -> Ref:
        """The member as another record points at it."""
        return Ref(id=self.id, kk=self.full_name or None, ru=self.full_name or None)


class Member(Person):
    """A member. ``full_name`` is empty while the registration has not come that far."""

    about: str | None = None
    status: str = MemberStatus.INCOMPLETE
    reject_reason: str | None = None
    registration_step: str | None = None
    consent_version: str | None = None
    coffee_enabled: bool | None = None
    coffee_frequency: str | None = None
    coffee_paused_until: date | None = None
    mentorship_role: str | None = None
    mentorship_topics: tuple[str, ...] = ()
    mentorship_capacity: int | None = None
    mentorship_languages: tuple[str, ...] = ()
    socials_enabled: bool | None = None
    created_at: UtcDateTime | None = None
    submitted_at: UtcDateTime | None = None
    decided_at: UtcDateTime | None = None
    decided_by: int | None = None
    version: int | None = None

    @property
    def coffee(self) -> str | None:
        """Whether and how often, in one; None where nobody knows."""
        return (
            None if self.coffee_enabled is None else self.coffee_frequency if self.coffee_enabled else "off"
        )

    @property
    def moderation_status(self) -> str | None:
        """The state as other records call it, so that lists mark and cards stamp it; None for the states that those
        do not have."""
        return self.status if self.status in tuple(ModerationStatus) else None

    @property
    def moderated_by(self) -> int | None:
        """Id of the admin who decided."""
        return self.decided_by

    @property
    def moderated_at(self) -> datetime | None:
        """When it was decided."""
        return self.decided_at


class OnBoard(Member):
    """Somebody on a board of mentorship: approved, all of them, so that no mark needs to say so."""

    @property
    def moderation_status(self) -> None:
        """Nothing worth a mark."""
        return


class Mentor(OnBoard):
    """A mentor with so many mentees now, and room for so many more."""

    active: int = 0
    free: int = 0


class Mentee(OnBoard):
    """A mentee; without ``mentor_id`` one who waits."""

    waiting_since: UtcDateTime | None = None
    mentor_id: int | None = None


class Pair(Record):
    """A mentor and a mentee; ``mentor_id`` and ``mentee_id`` are the two by name."""

    mentor_id: Ref
    mentee_id: Ref
    mentor: Person
    mentee: Person
    status: str = PairStatus.ACTIVE
    note: str | None = None
    created_at: UtcDateTime | None = None
    created_by: int | None = None
    ended_at: UtcDateTime | None = None
    end_reason: str | None = None
    notified_at: UtcDateTime | None = None


class Bar(Record):
    """Two who are never matched."""

    a_id: Ref
    b_id: Ref
    reason: str | None = None
    created_at: UtcDateTime | None = None
    created_by: int | None = None


class Part(BaseModel):
    """Parent of what is no record of its own."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RegistrationDay(Part):
    """Registrations of one day, in UTC."""

    date: date
    started: int = 0
    submitted: int = 0
    approved: int = 0


class FunnelStep(Part):
    """How many came to a step, how many stopped there, and how long the others took to the next one."""

    step: str
    reached: int = 0
    left: int = 0
    median_seconds: float | None = None


class MemberFigures(Part):
    """All members counted, those without a value under ``""``, and the registrations of a period."""

    by_status: dict[str, int] = {}
    by_segment: dict[str, int] = {}
    by_level: dict[str, int] = {}
    by_city: dict[str, int] = {}
    registrations: tuple[RegistrationDay, ...] = ()
    funnel: tuple[FunnelStep, ...] = ()


class MemberCity(Named):
    """A city that members live in; its id is made of its name, so it is the same everywhere and always."""

    name: str
    members: int = 0


class CoffeeSchedule(Part):
    """When coffee rounds are due; Monday is 0, ``time`` is ``HH:MM`` in ``timezone``."""

    enabled: bool = False
    weekdays: tuple[int, ...] = ()
    time: str = "10:00"
    timezone: str = "Asia/Almaty"
    lookback_weeks: int = 8
    odd_policy: str = OddPolicy.TRIO
    holidays: tuple[date, ...] = ()
    cooldown_minutes: int = 60
    next_run_at: UtcDateTime | None = None
    last_run_at: UtcDateTime | None = None


class Candidate(Person):
    """Somebody who is due for a coffee."""

    frequency: str | None = None
    last_matched_at: UtcDateTime | None = None
    skipped_last: bool = False


class PastGroup(Part):
    """Who met whom, and when."""

    round_id: int
    at: UtcDateTime
    member_ids: tuple[int, ...]


class GroupFeedback(Part):
    """What a group said: None while nobody did; ``rating`` is the mean, 1 to 5."""

    met: bool | None = None
    rating: float | None = None
    answers: int = 0


class CoffeeGroup(Part):
    """Two or three who are to meet."""

    id: int
    member_ids: tuple[int, ...]
    notified_at: UtcDateTime | None = None
    feedback: GroupFeedback = GroupFeedback()


class CoffeeRound(Record):
    """A round as it was committed."""

    groups: tuple[CoffeeGroup, ...] = ()
    skipped: tuple[int, ...] = ()
    seed: int | None = None
    planned_for: date | None = None
    status: str = RoundStatus.COMMITTED
    created_at: UtcDateTime | None = None
    created_by: int | None = None

    @property
    def day(self) -> date | None:
        """The day it was made for; of one that nobody planned, the day on which it was stored."""
        return self.planned_for or (self.created_at.date() if self.created_at else None)

    @property
    def size(self) -> int:
        """How many groups."""
        return len(self.groups)

    @property
    def people(self) -> int:
        """How many meet somebody."""
        return sum(len(one.member_ids) for one in self.groups)

    @property
    def left_out(self) -> int:
        """How many meet nobody."""
        return len(self.skipped)

    @property
    def told(self) -> int:
        """How many groups were told."""
        return sum(one.notified_at is not None for one in self.groups)

    @property
    def answers(self) -> int:
        """How many people said how it was."""
        return sum(one.feedback.answers for one in self.groups)

    @property
    def met_share(self) -> int | None:
        """Percent of the groups that met, of those that said so or not; None while none did."""
        said = [one.feedback.met for one in self.groups if one.feedback.met is not None]
        return round(100 * sum(said) / len(said)) if said else None

    @property
    def rating(self) -> float | None:
        """The mean of the groups' ratings, 1 to 5; None while there is none."""
        rated = [one.feedback.rating for one in self.groups if one.feedback.rating is not None]
        return round(sum(rated) / len(rated), 1) if rated else None


class Weekday(StrEnum):
    """A day of the week, as the schedule counts them."""

    MONDAY = "0"
    TUESDAY = "1"
    WEDNESDAY = "2"
    THURSDAY = "3"
    FRIDAY = "4"
    SATURDAY = "5"
    SUNDAY = "6"


class Holiday(Part):
    """A day without a round."""

    day: date


class CoffeePlan(Record):
    """The schedule as the one record of its list: days of the week as they are picked, holidays as rows."""

    enabled: bool = False
    weekdays: tuple[str, ...] = ()
    time: str = "10:00"
    timezone: str = "Asia/Almaty"
    lookback_weeks: int = 8
    odd_policy: str = OddPolicy.TRIO
    holidays: tuple[Holiday, ...] = ()
    cooldown_minutes: int = 60
    next_run_at: UtcDateTime | None = None
    last_run_at: UtcDateTime | None = None
