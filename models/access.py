"""Who acts and what may be done: roles, modules, permissions (contract, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """Role of an admin, as the backend spells it."""

    CLIENT = "client"
    VOLUNTEER_ADMIN = "volunteer_admin"
    MSB = "msb"
    NPO = "npo"
    GOVERNMENT = "government"
    ADMINISTRATOR = "administrator"
    SUPER_ADMIN = "super_admin"

    @classmethod
    def known(cls, value: object) -> Role | None:
        """The role of that name; None for anything else, and None is allowed nothing."""
        return cls(value) if isinstance(value, str) and value in cls._value2member_map_ else None


class Module(StrEnum):
    """A CRM area: the unit of permission."""

    VOLUNTEERS = "volunteers"
    VACANCIES = "vacancies"
    LEISURE = "leisure"
    PROJECTS = "projects"
    EVENTS = "events"
    NEWS = "news"
    USERS = "users"
    COURSES = "courses"
    CERTIFICATES = "certificates"
    EXPERTS = "experts"
    RESUMES = "resumes"
    TECH_TASKS = "tech_tasks"
    COMMUNITY = "community"
    BROADCASTS = "broadcasts"
    NOTIFICATIONS = "notifications"
    EMAILS = "emails"
    SESSIONS = "sessions"
    ANALYTICS = "analytics"
    ADMINS = "admins"


OFFICE = frozenset(
    (
        Module.ADMINS, Module.SESSIONS, Module.BROADCASTS, Module.NOTIFICATIONS, Module.EMAILS, Module.ANALYTICS,
    )
)  # fmt: skip
"""The modules about people and messages rather than content: they have a menu of their own."""


class Permission(StrEnum):
    """What a need asks for inside a module."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MODERATE = "moderate"


@dataclass(frozen=True, slots=True)
class Need:
    """The permission an op asks for: a module right, or one of the two marks below."""

    permission: Permission | None = None
    module: Module | None = None
    signed_in: bool = True


PUBLIC = Need(signed_in=False)
"""Anyone in a private chat, also a guest."""

SIGNED_IN = Need()
"""Any signed-in admin, whatever the role."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: an admin, or a guest (no ``admin_id``).

    ``role`` is None for a guest and for a role this bot does not know; both are allowed nothing.
    """

    telegram_user_id: int
    admin_id: int | None = None
    role: Role | None = None
    name: str = ""
    looking: bool = False
    """True for a super admin who only looks on as that role: reads are served, writes refused."""

    @property
    def is_guest(self) -> bool:
        """True when nobody is signed in."""
        return self.admin_id is None


class Caller(Protocol):
    """On whose behalf the backend is called: the principal and a token that can be renewed."""

    @property
    def principal(self) -> Principal:
        """The admin whose token this is."""

    @property
    def token(self) -> str:
        """JWT for the Authorization header, without the scheme."""

    async def renew(self, spent: str) -> str:
        """A token newer than ``spent``, fetched once however many calls ask for it.

        Raises ``api.errors.SessionEnded`` when the binding is gone.
        """
