"""Admins and those who ask to become one: contract 2.2. The backend decides registrations and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.admins import Admins
from handlers._engine.listing import place_of, show_list
from handlers._engine.own import RecordContext
from keyboards.callbacks import Go, Place, Press
from locales.locale import Locale
from models.access import Module, Permission, Role
from models.admin import Admin, ApprovalStatus
from resources.fields import Choice, DateTime, LongText, Text
from resources.resource import READS, Action, Deed, Filter, ListView, Mood, Resource, Waiting
from views.screen import Outcome

MARKS: Mapping[str, str] = {
    ApprovalStatus.PENDING: "⏳", ApprovalStatus.APPROVED: "✅", ApprovalStatus.REJECTED: "⛔",
}  # fmt: skip
ROLE = Choice(name="role", editable=False, options=Role, texts="admin_role")


def title(admin: Admin, locale: Locale) -> str:
    """The name, with a word where it is the reader's own."""
    return f"{admin.name} ({locale.t('admins.you')})" if admin.mine else admin.name


def line(admin: Admin, locale: Locale) -> str:
    """``⏳ Aigerim Sapar · Super admin``; a powerful role that is only asked for is marked."""
    asks = "⚠️ " if admin.is_powerful and admin.approval_status == ApprovalStatus.PENDING else ""
    parts = (f"{MARKS.get(admin.approval_status, '')} {admin.name}".strip(), ROLE.show(admin.role, locale))
    return asks + " · ".join(part for part in parts if part)


def warning(admin: Admin, locale: Locale) -> str:
    """What whoever decides must not overlook: the role that is asked for."""
    if not admin.is_powerful or admin.approval_status != ApprovalStatus.PENDING:
        return ""
    return locale.t("admins.warning", role=ROLE.show(admin.role, locale))


def advice(names: Sequence[str], locale: Locale) -> str:
    """What to know before and after deciding, a line each."""
    return "\n".join(f"• {locale.t(f'admins.advice.{name}')}" for name in names)


def waits(admin: Admin) -> bool:
    """True while nobody has decided about the registration."""
    return admin.approval_status == ApprovalStatus.PENDING


def refusable(admin: Admin) -> bool:
    """True for everybody but oneself: nobody else may be left to undo it."""
    return admin.approval_status != ApprovalStatus.REJECTED and not admin.mine


async def sessions(record: RecordContext) -> Outcome:
    """The sessions of this admin alone."""
    ctx = record.ctx
    resource = ctx.app.registry.by_key["sessions"]
    options = tuple(record.go.id if item.name == "admin" else 0 for item in resource.list.filters)
    go = Go(Press.LIST, resource.code, view=Place(options=options).pack())
    return await show_list(ctx, resource, place_of(resource, go))


ADMINS: Resource[Admin] = Resource(
    module=Module.ADMINS,
    key="admins",
    code="ad",
    icon="🧑‍💼",
    model=Admin,
    source=Admins,
    needs=READS,
    title=title,
    subtitle=warning,
    fields=(
        Text(name="name", editable=False),
        Text(name="login", editable=False),
        ROLE,
        Choice(name="approval_status", editable=False, options=ApprovalStatus, texts="admin_approval"),
        LongText(name="approval_reason", editable=False),
        Text(name="decided_by", editable=False),
        DateTime(name="approved_at", editable=False),
        DateTime(name="created_at", editable=False),
        Text(name="telegram", editable=False),
        DateTime(name="last_seen", editable=False),
        LongText(name="advice", editable=False, format=advice),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("approval_status", tuple(ApprovalStatus), texts="admin_approval"),
            Filter("role", tuple(Role), texts="admin_role"),
        ),
        sorts=("", "created"),
    ),
    card=(
        "login", "role", "approval_status", "decided_by", "approved_at", "created_at", "telegram", "last_seen",
        "approval_reason", "advice",
    ),
    actions=(Action("sessions", "se", Permission.READ, sessions, icon="📱"),),
    deeds=(
        Deed(
            "approve", "ap", Permission.MODERATE, method="accept", icon="✅", mood=Mood.GOOD, confirm=True,
            offered=lambda admin: admin.approval_status != ApprovalStatus.APPROVED,
            reached=lambda admin, _: admin.approval_status == ApprovalStatus.APPROVED,
            asked=lambda admin: "approve_powerful" if admin.is_powerful else "approve",
        ),
        Deed(
            "reject", "rj", Permission.MODERATE, method="refuse", icon="⛔", mood=Mood.BAD,
            fields=(LongText(name="reason", required=True, max_len=500),),
            offered=refusable, reached=lambda admin, _: admin.approval_status == ApprovalStatus.REJECTED,
        ),
    ),
    waiting=Waiting({"approval_status": "pending"}, waits, "approve", "reject", reasons="admins"),
)  # fmt: skip
