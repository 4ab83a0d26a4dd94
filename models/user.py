"""End users of the site: contract section 2.12."""

from __future__ import annotations

from enum import StrEnum

from models.common import Record, Ref


class UserStatus(StrEnum):
    """Whether a user may sign in on the site; nobody can change it through the backend."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class UserType(StrEnum):
    """A person or an organization."""

    INDIVIDUAL = "individual"
    ORGANIZATION = "organization"


class User(Record):
    """A user: personal data. Only organizations have an e-mail address; without a profile there is no name."""

    phone_number: str
    email: str | None = None
    full_name: str | None = None
    status: str
    user_type: str

    @property
    def ref(self) -> Ref:
        """The user as somebody picks one: by name, else by the end of the number."""
        name = (self.full_name or "").strip() or f"… {self.phone_number[-4:]}"
        return Ref(id=self.id, kk=name, ru=name)
