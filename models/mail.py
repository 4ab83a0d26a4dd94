"""What goes out to users of the site and to admins: notifications and e-mails (contract 2.12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from models.common import Record, Ref, UtcDateTime


class Notification(Record):
    """A notification of one user; it stands on the site and goes nowhere else."""

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title_kz", "message_kz"),
        "ru": ("title_ru", "message_ru"),
    }

    user_id: int
    user: Ref | None = None
    title_kz: str
    title_ru: str
    message_kz: str | None = None
    message_ru: str | None = None
    notification_type: str
    entity_type: str | None = None
    entity_id: int | None = None
    is_read: bool = False
    admin_comment: str | None = None
    created_at: UtcDateTime


class Users(StrEnum):
    """Which users a notification is for."""

    ALL = "all"
    PEOPLE = "individual"
    ORGANIZATIONS = "organization"
    CHOSEN = "chosen"


class MailRecipient(Record):
    """An admin with an e-mail address."""

    name: str
    email: str
    role: str | None = None


class Letters(StrEnum):
    """Who an e-mail is for."""

    ADMINS = "admins"
    ROLE = "role"
    ORGANIZATIONS = "organizations"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one call: how many were reached, and who was not, by id or address."""

    sent: int
    failed: tuple[str, ...] = ()
