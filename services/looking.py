"""A super admin who looks on as another role: what it is, how long it lasts, and on whose behalf is read meanwhile.

It stands in the person's ui hash, so the gate brings it along. Whatever writes is refused in four places: by the
dispatch (routes that only show are named), by the gate to data (``policy.require_write``, ``fresh_caller``), by the
client of the backend (``api.context.reading_only``), and by the operation keys, which are void when drawn meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.access import Caller, Module, Need, Permission, Principal, Role
from services.keys import MINUTE

LASTS = 30 * MINUTE
NEED = Need(Permission.MODERATE, Module.ADMINS)
"""Super admins alone."""
ROLES = tuple(role for role in Role if role is not Role.SUPER_ADMIN)
"""Roles that can be looked on as."""


@dataclass(frozen=True, slots=True)
class Look:
    """As which role, and until when (epoch seconds)."""

    role: Role
    until: float

    @classmethod
    def read(cls, text: str | None) -> Look | None:
        """What ``pack`` made; None for anything else."""
        name, _, until = (text or "").partition(":")
        role = Role.known(name)
        if role not in ROLES or role is None or not (until.isascii() and until.isdigit()):
            return None
        return cls(role, float(until))

    def pack(self) -> str:
        """The value of the ui field."""
        return f"{self.role}:{int(self.until)}"

    def over(self, principal: Principal) -> Principal:
        """The principal as whom the screens are drawn."""
        return replace(principal, role=self.role, looking=True)


class LookingCaller:
    """The super admin's caller, seen as the other role: the token is theirs, so owners' records are all there."""

    def __init__(self, behind: Caller, principal: Principal) -> None:
        self._behind = behind
        self.principal = principal

    @property
    def token(self) -> str:
        """The JWT."""
        return self._behind.token

    async def renew(self, spent: str) -> str:
        """As the caller behind does."""
        return await self._behind.renew(spent)
