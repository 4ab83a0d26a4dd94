"""Admins of the CRM: contract section 2.2."""

from __future__ import annotations

from enum import StrEnum

from models.access import Role
from models.common import Record, Ref, UtcDateTime

POWERFUL = frozenset((Role.ADMINISTRATOR, Role.SUPER_ADMIN))
"""Roles that open what all the others own."""


class ApprovalStatus(StrEnum):
    """State of a registration; it decides about the password login alone (contract Q12)."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Admin(Record):
    """An admin, or somebody who asked to become one. ``role`` is the backend's spelling, None where it lost it.

    The rest is what the bot adds: ``mine`` for the reader's own, who decided by name, and the Telegram accounts as
    far as the backend told; None where it did not.
    """

    name: str
    login: str
    email: str | None = None
    role: str | None = None
    created_at: UtcDateTime
    approval_status: str = ApprovalStatus.PENDING
    approval_reason: str | None = None
    approved_at: UtcDateTime | None = None
    approved_by: int | None = None
    decided_by: str | None = None
    mine: bool = False
    bound: int | None = None
    telegram: str | None = None
    last_seen: UtcDateTime | None = None

    @property
    def ref(self) -> Ref:
        """The admin as a filter names them."""
        return Ref(id=self.id, kk=self.name, ru=self.name)

    @property
    def is_powerful(self) -> bool:
        """True when the role it has, or asks for, opens nearly everything."""
        return self.role in POWERFUL

    @property
    def advice(self) -> tuple[str, ...]:
        """What whoever decides should know, by name."""
        found = []
        if self.approval_status == ApprovalStatus.PENDING:
            found += ["powerful"] if self.is_powerful else []
            found.append("pending")
        elif self.approval_status == ApprovalStatus.APPROVED and self.bound == 0:
            found.append("next_step")
        elif self.approval_status == ApprovalStatus.REJECTED:
            found.append("rejected_in" if self.bound else "rejected")
        return (*found, "cannot")
