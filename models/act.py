"""What somebody did through the bot, as the audit keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from models.common import Record, UtcDateTime


class Kind(StrEnum):
    """Kinds of acts, as a filter tells them apart."""

    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    MODERATE = "moderate"
    DEED = "deed"
    REVEAL = "reveal"
    EXPORT = "export"
    OTHER = "other"

    @classmethod
    def of(cls, op: str) -> Kind:
        """The kind of an audit entry's op; ``deed approve`` is a deed."""
        first = op.partition(" ")[0]
        if first in ("approve", "reject"):
            return cls.MODERATE
        return cls(first) if first in cls._value2member_map_ else cls.OTHER


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Act(Record):
    """One act. ``id`` is made of the moment it was written: milliseconds times a thousand, and a count.

    ``resource`` is the key of the records' declaration, ``record_id`` what was done to (None for no single one),
    ``under`` its parent. ``number`` and ``hash`` are its place in the chain, 0 and ``""`` before there was one.
    """

    at: UtcDateTime
    name: str
    admin_id: int | None = None
    telegram_user_id: int
    role: str
    op: str
    resource: str = ""
    module: str = ""
    record_id: int | None = None
    under: int = 0
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any] = {}
    outcome: str = Outcome.DONE
    number: int = 0
    hash: str = ""

    @property
    def kind(self) -> str:
        """What kind of act it was."""
        return Kind.of(self.op)

    @property
    def what(self) -> tuple[str, str]:
        """The op and the declaration it belongs to, for naming it."""
        return self.op, self.resource

    @property
    def changes(self) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        """The declaration, what was before and what is after, for telling them."""
        return self.resource, self.before, self.after
