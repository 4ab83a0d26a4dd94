"""Every Redis key of the bot: one class per kind, with its name and its lifetime in seconds.

All keys of one person hash to one Cluster slot: the session's own name is the hash tag of the others, so that
one script can read and write them together. Keys that several persons share stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def as_text(value: object) -> str:
    """A Redis reply as text, whether or not the client decodes answers."""
    return value.decode() if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class SessionKey:
    """The login of one person, JSON; slides with use, never past ``MAX_AGE`` after the login."""

    MAX_AGE: ClassVar[int] = 30 * DAY
    user_id: int

    @property
    def name(self) -> str:
        """``tg_session:<telegram id>``."""
        return f"tg_session:{self.user_id}"


@dataclass(frozen=True, slots=True)
class _PersonKey:
    """A key in the slot of that person's session."""

    user_id: int

    def _named(self, kind: str) -> str:
        return f"{{tg_session:{self.user_id}}}:{kind}"


@dataclass(frozen=True, slots=True)
class UiKey(_PersonKey):
    """Hash of what the bot keeps about a person beside the session (``preferences.UiState``)."""

    TTL: ClassVar[int] = 400 * DAY
    GUEST_TTL: ClassVar[int] = 30 * DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("ui")


@dataclass(frozen=True, slots=True)
class DraftsKey(_PersonKey):
    """Hash draft id -> JSON."""

    TTL: ClassVar[int] = 30 * DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("drafts")


@dataclass(frozen=True, slots=True)
class UpdateKey(_PersonKey):
    """Mark of one update: ``done`` or ``<lease end, ms>:<holder>``."""

    TTL: ClassVar[int] = DAY
    update_id: int

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named(f"update:{self.update_id}")


@dataclass(frozen=True, slots=True)
class OperationKey(_PersonKey):
    """State of one write: ``p:<lease end, ms>:<holder>``, ``d:<result JSON>`` or ``u:<JSON>`` (unknown)."""

    TTL: ClassVar[int] = 2 * DAY
    key: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named(f"op:{self.key}")


@dataclass(frozen=True, slots=True)
class RateKey(_PersonKey):
    """Theoretical arrival time (ms) of the next click; lives as long as it matters."""

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("rate")


@dataclass(frozen=True, slots=True)
class SearchKey(_PersonKey):
    """One search text behind its token."""

    TTL: ClassVar[int] = 7 * DAY
    token: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named(f"search:{self.token}")


@dataclass(frozen=True, slots=True)
class TicksKey(_PersonKey):
    """Set of record ids ticked on one list."""

    TTL: ClassVar[int] = DAY
    resource: str
    listing: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named(f"ticks:{self.resource}:{self.listing}")


@dataclass(frozen=True, slots=True)
class LoginTriesKey(_PersonKey):
    """Sorted set of the attempts of the last minute: to sign in, or (``scope``) at what is limited like that."""

    TTL: ClassVar[int] = MINUTE
    scope: str = "login"

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named(f"{self.scope}:tries")


@dataclass(frozen=True, slots=True)
class LoginFailuresKey(_PersonKey):
    """Hash: failures in a row and until when (ms) the person has to wait."""

    TTL: ClassVar[int] = DAY
    scope: str = "login"

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named(f"{self.scope}:failures")


@dataclass(frozen=True, slots=True)
class LoginCodeKey:
    """What became of one code, by its keyed hash: being verified, or the outcome."""

    LEASE: ClassVar[int] = 15
    TTL: ClassVar[int] = MINUTE
    digest: str
    scope: str = "login"

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"{self.scope}:code:{self.digest}"


@dataclass(frozen=True, slots=True)
class LoginBudgetKey:
    """Sorted set of the bot's failed (and not yet answered) attempts of the last minute."""

    TTL: ClassVar[int] = MINUTE
    scope: str = "login"

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"{self.scope}:budget"


@dataclass(frozen=True, slots=True)
class OnceKey:
    """A deed that must never be done a second time; lives until every button drawn before has lapsed."""

    TTL: ClassVar[int] = 7 * DAY
    DOUBT: ClassVar[int] = 2 * MINUTE

    scope: str

    @property
    def name(self) -> str:
        return f"once:{self.scope}"


@dataclass(frozen=True, slots=True)
class BindingsKey:
    """Set of the Telegram ids that signed in as one admin."""

    TTL: ClassVar[int] = 400 * DAY
    admin_id: int

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"admin_bindings:{self.admin_id}"


@dataclass(frozen=True, slots=True)
class IdleKey:
    """Sorted set Telegram id -> epoch second after which the session may have idled out."""

    name: ClassVar[str] = "sessions:idle"


@dataclass(frozen=True, slots=True)
class AuditKey:
    """Stream of what was done to which record. Its first entry may be a later one than the first ever written only
    when it holds at least ``LENGTH`` of them: lowering this is free, raising it makes ``check`` miss the rest."""

    LENGTH: ClassVar[int] = 100_000
    name: ClassVar[str] = "audit"


@dataclass(frozen=True, slots=True)
class AuditHeadKey:
    """Hash: number and hash of the newest audit entry, in the stream's slot."""

    name: ClassVar[str] = "{audit}:head"


@dataclass(frozen=True, slots=True)
class AuditSealsKey:
    """Stream of signed states of the audit's chain."""

    LENGTH: ClassVar[int] = 20_000
    name: ClassVar[str] = "audit:seals"


@dataclass(frozen=True, slots=True)
class DraftIndexKey:
    """Sorted set ``<telegram id>:<draft id>`` -> epoch second when the draft lapses; only for counting."""

    name: ClassVar[str] = "drafts:index"


@dataclass(frozen=True, slots=True)
class JobsKey:
    """Stream of jobs to do."""

    name: ClassVar[str] = "jobs"


@dataclass(frozen=True, slots=True)
class SchedulerKey:
    """Lease of the one process that sends the scheduled jobs."""

    name: ClassVar[str] = "jobs:scheduler"


@dataclass(frozen=True, slots=True)
class ExportKey(_PersonKey):
    """Hash: the last export a person ordered and how far it is (``export.orders``)."""

    TTL: ClassVar[int] = DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("export")


@dataclass(frozen=True, slots=True)
class ExportsKey:
    """Set of the Telegram ids whose export is not over yet, and some whose is."""

    name: ClassVar[str] = "exports:open"


@dataclass(frozen=True, slots=True)
class SavedViewsKey(_PersonKey):
    """Hash view id -> JSON (``saved_views``), of all admins that signed in from this account."""

    TTL: ClassVar[int] = 400 * DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("views")


@dataclass(frozen=True, slots=True)
class OpenDecisionsKey:
    """Hash ref -> JSON of decisions that wait for their undo window, or are being carried out (``decisions``)."""

    name: ClassVar[str] = "{decisions}:open"


@dataclass(frozen=True, slots=True)
class DueDecisionsKey:
    """Sorted set ref -> epoch second at which the decision is to be carried out, or taken up again."""

    name: ClassVar[str] = "{decisions}:due"


@dataclass(frozen=True, slots=True)
class DecisionTriesKey:
    """Hash ref -> how often the decision was begun to be carried out."""

    name: ClassVar[str] = "{decisions}:tries"


@dataclass(frozen=True, slots=True)
class DecidedKey:
    """JSON of the last decision on one record: by whom, when, why."""

    TTL: ClassVar[int] = 400 * DAY
    ref: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"decided:{self.ref}"


@dataclass(frozen=True, slots=True)
class ViewersKey:
    """Sorted set ``<telegram id>:<name>`` -> epoch second at which that admin opened the card."""

    TTL: ClassVar[int] = 3 * MINUTE
    ref: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"viewers:{self.ref}"


@dataclass(frozen=True, slots=True)
class InboxKey(_PersonKey):
    """JSON of the inbox as a person opened it: the order in which it is worked through (``inbox``)."""

    TTL: ClassVar[int] = DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("inbox")


@dataclass(frozen=True, slots=True)
class WatchesKey:
    """Hash Telegram id -> JSON of the alerts that person asked for (``alerts``)."""

    name: ClassVar[str] = "alerts:people"


@dataclass(frozen=True, slots=True)
class AlertsKey:
    """Lease of the one process that looks for what is new."""

    name: ClassVar[str] = "alerts:lease"


@dataclass(frozen=True, slots=True)
class AlertedKey(_PersonKey):
    """Hash ref -> message of what a person was alerted of, as long as it waits."""

    TTL: ClassVar[int] = 90 * DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("alerted")


@dataclass(frozen=True, slots=True)
class BroadcastAskedKey:
    """Set of the Telegram ids that were asked what becomes of a broadcast whose time (epoch seconds) was missed."""

    TTL: ClassVar[int] = 30 * DAY
    broadcast_id: int
    scheduled_at: int

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"broadcast:asked:{self.broadcast_id}:{self.scheduled_at}"


@dataclass(frozen=True, slots=True)
class BroadcastReadersKey:
    """Set of the Telegram ids that pressed the button under a broadcast."""

    TTL: ClassVar[int] = 90 * DAY
    broadcast_id: int

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"broadcast:readers:{self.broadcast_id}"


@dataclass(frozen=True, slots=True)
class MailingKey(_PersonKey):
    """Hash: the last mailing a person ordered and how far it is (``mailings``)."""

    TTL: ClassVar[int] = 7 * DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("mailing")


@dataclass(frozen=True, slots=True)
class MailingListKey(_PersonKey):
    """JSON list: whom the last mailing goes to, in its order."""

    TTL: ClassVar[int] = 7 * DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("mailing:to")


@dataclass(frozen=True, slots=True)
class MailingsKey:
    """Set of the Telegram ids whose mailing is not over yet, and some whose is."""

    name: ClassVar[str] = "mailings:open"


@dataclass(frozen=True, slots=True)
class CoffeePreviewKey(_PersonKey):
    """Hash: the round of random coffee that a person prepares (``coffee``)."""

    TTL: ClassVar[int] = DAY

    @property
    def name(self) -> str:
        """Name in Redis."""
        return self._named("coffee")


@dataclass(frozen=True, slots=True)
class CoffeeReportsKey:
    """Hash Telegram id -> admin id of those who asked for reports of coffee rounds (``coffee_runs``)."""

    name: ClassVar[str] = "coffee:reports"


@dataclass(frozen=True, slots=True)
class CoffeeSeenKey:
    """Hash: the coffee schedule as it was seen last, and since when (epoch seconds) it is like that."""

    name: ClassVar[str] = "coffee:seen"


@dataclass(frozen=True, slots=True)
class CoffeeRunKey:
    """How far the run is that was due at that epoch second; nothing while nobody began it."""

    TTL: ClassVar[int] = 30 * DAY
    due: int

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"coffee:run:{self.due}"


@dataclass(frozen=True, slots=True)
class CoffeeToldKey:
    """Set of the Telegram ids that were told of something about coffee rounds (``about``)."""

    TTL: ClassVar[int] = 30 * DAY
    about: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"coffee:told:{self.about}"


@dataclass(frozen=True, slots=True)
class TellingKey:
    """Hash: the telling of one match, how far it is, and a field for each member and channel (``tellings``)."""

    TTL: ClassVar[int] = 60 * DAY
    kind: str
    record_id: int

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"telling:{self.kind}:{self.record_id}"


@dataclass(frozen=True, slots=True)
class TellingsKey:
    """Set ``<kind>:<record>`` of the tellings that are not over yet, and some that are."""

    name: ClassVar[str] = "tellings:open"


@dataclass(frozen=True, slots=True)
class TellingPaceKey:
    """Epoch millisecond before which no further message of any telling leaves."""

    name: ClassVar[str] = "tellings:pace"
