"""Notifications to users of the site and e-mails: contract 2.12. Both end in a mailing instead of one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.emails import SUBJECT, Emails
from api.notifications import TITLE, Notifications
from api.users import Users as UsersSource
from handlers.mailings.ordering import DRAFTS, RESOURCES, look
from locales.locale import Locale
from models.access import Module, Permission, Role
from models.common import Localized
from models.mail import Letters, MailRecipient, Notification, Users
from resources.fields import (
    Addresses,
    Choice,
    DateTime,
    Email,
    Flag,
    Formatted,
    LongText,
    Relation,
    Relations,
    Text,
)
from resources.resource import READS, Filter, ListView, Op, Resource

__all__ = ["DRAFTS", "EMAILS", "NOTIFICATIONS", "RESOURCES"]

TYPES = (
    "custom_message", "reminder", "application_approved", "event_published", "promotion_rejected", "news_published",
)  # fmt: skip
"""Kinds of notifications that can be narrowed to; the backend makes others, too."""


def title(one: Notification, locale: Locale) -> str:
    """The title in the person's language, else in the other one."""
    return Localized(one.title_kz, one.title_ru).best(locale.language)


def line(one: Notification, locale: Locale) -> str:
    """``✓ 25 Dec 10:00 · Title``: read ones are ticked."""
    mark = "✓ " if one.is_read else ""
    return f"{mark}{locale.short(one.created_at)} · {title(one, locale) or locale.t('card.untitled')}"


def kind(value: Any, locale: Locale) -> str:
    """The kind in words; one that is new to the bot as it stands."""
    return locale.t(f"choice.notifications_type.{value}") if value in TYPES else str(value or "")


def chosen(values: Mapping[str, Any]) -> bool:
    """True when users are to be picked one by one."""
    return values.get("audience") == Users.CHOSEN


def by_role(values: Mapping[str, Any]) -> bool:
    """True when a role is to be picked."""
    return values.get("audience") == Letters.ROLE


def typed(values: Mapping[str, Any]) -> bool:
    """True when addresses are to be typed."""
    return values.get("audience") == Letters.TYPED


def name(one: MailRecipient, locale: Locale) -> str:
    """The admin's name."""
    return one.name


def role(value: Any, locale: Locale) -> str:
    """The role in words."""
    known = Role.known(value)
    return str(value or "") if known is None else locale.t(f"role.{known}")


SENT = {**READS, Op.CREATE: Permission.CREATE}

NOTIFICATIONS: Resource[Notification] = Resource(
    module=Module.NOTIFICATIONS,
    key="notifications",
    code="nt",
    icon="🔔",
    model=Notification,
    source=Notifications,
    needs=SENT,
    title=title,
    fields=(
        Text(name="title_kz", required=True, editable=False, max_len=TITLE),
        Text(name="title_ru", required=True, editable=False, max_len=TITLE),
        LongText(name="message_kz", editable=False, max_len=4000),
        LongText(name="message_ru", editable=False, max_len=4000),
        Relation(name="user", editable=False, lookup=UsersSource),
        Text(name="notification_type", editable=False, format=kind),
        Flag(name="is_read", editable=False),
        LongText(name="admin_comment", editable=False),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("notification_type", TYPES, texts="notifications_type"),
            Filter("is_read", ("yes", "no"), texts="notifications_read"),
            Filter("user_id", lookup=UsersSource),
        ),
    ),
    card=(
        "user", "notification_type", "is_read", "created_at", "message_kz", "message_ru", "admin_comment",
    ),
    asked=(
        Choice(name="audience", required=True, options=Users, texts="notifications_audience"),
        Relations(name="users", required=True, lookup=UsersSource, most=50, when=chosen),
    ),
    form=("title_ru", "title_kz", "message_ru", "message_kz", "audience", "users"),
    submit=look,
)  # fmt: skip

EMAILS: Resource[MailRecipient] = Resource(
    module=Module.EMAILS,
    key="emails",
    code="em",
    icon="✉️",
    model=MailRecipient,
    source=Emails,
    needs=SENT,
    title=name,
    fields=(
        Text(name="name", editable=False),
        Email(name="email", editable=False),
        Text(name="role", editable=False, format=role),
    ),
    list=ListView(line=name, filters=(Filter("role", tuple(Role), texts="emails_role"),)),
    card=("email", "role"),
    asked=(
        Text(name="subject", required=True, max_len=SUBJECT),
        Formatted(name="body", required=True),
        Choice(name="audience", required=True, options=Letters, texts="emails_audience"),
        Choice(name="to_role", required=True, options=Role, texts="emails_role", when=by_role),
        Addresses(name="addresses", required=True, when=typed),
    ),
    form=("subject", "body", "audience", "to_role", "addresses"),
    submit=look,
)
