"""End users of the site: contract 2.12. They register themselves; nobody can change them through the backend."""

from __future__ import annotations

from api.users import Users
from locales.locale import Locale
from models.access import Module
from models.user import User, UserStatus, UserType
from resources.fields import Choice, Email, Phone, Text, masked_phone
from resources.resource import READS, Filter, ListView, Resource


def title(user: User, locale: Locale) -> str:
    """The name; of somebody without a profile as much of the phone number as reaches nobody."""
    return (user.full_name or "").strip() or masked_phone(user.phone_number)


def line(user: User, locale: Locale) -> str:
    """``⛔ 🏢 Name``: blocked ones and organizations are marked."""
    blocked = "⛔ " if user.status == UserStatus.BLOCKED else ""
    organization = "🏢 " if user.user_type == UserType.ORGANIZATION else ""
    return f"{blocked}{organization}{title(user, locale)}"


USERS: Resource[User] = Resource(
    module=Module.USERS,
    key="users",
    code="us",
    icon="👤",
    model=User,
    source=Users,
    needs=READS,
    title=title,
    fields=(
        Text(name="full_name", editable=False),
        Phone(name="phone_number", editable=False),
        Email(name="email", editable=False, masked=True),
        Choice(name="status", editable=False, options=UserStatus, texts="users_status"),
        Choice(name="user_type", editable=False, options=UserType, texts="users_type"),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("status", tuple(UserStatus), texts="users_status"),
            Filter("user_type", tuple(UserType), texts="users_type"),
        ),
    ),
    card=("phone_number", "email", "status", "user_type"),
)
