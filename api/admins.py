"""Admins and registrations of admins: contract section 2.2. Only a super admin gets any of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from api.answer import Answer
from api.errors import BackendError, Broken, Explained, NotFound, SessionEnded
from api.listing import Listing
from api.source import Served
from api.telegram_auth import TelegramAuth
from models.access import Caller
from models.admin import Admin, ApprovalStatus
from models.auth import TelegramSession
from resources.queries import Counts, ListQuery, Page

ROOT = "/api/v2/admin"
LIST = Listing(f"{ROOT}/list", paged=False, orders=frozenset())
PENDING = Listing(
    f"{ROOT}/pending", paged=False, orders=frozenset(), only={"approval_status": ApprovalStatus.PENDING}
)
DECIDE = "PATCH /api/v2/admin/{admin_id}/approve"
ORDER = tuple(ApprovalStatus)
"""What waits comes first."""


class Admins(Served[Admin]):
    """Admins. The backend lists all of them or those that wait; it filters, searches and orders nothing, and has no
    route for one of them."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}/list", f"GET {ROOT}/pending"),
            "get": (f"GET {ROOT}/list",),
            "counts": (f"GET {ROOT}/list",),
            "accept": (DECIDE,),
            "refuse": (DECIDE,),
        }
    )
    model = Admin
    group = "admin-auth"
    listings = (LIST, PENDING)
    orders: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "": lambda one: (_rank(one), one.name.casefold(), one.id),
            "created": lambda one: -one.created_at.timestamp(),
        }
    )

    def texts(self, record: Admin) -> Iterable[str | None]:
        """Name, login, e-mail."""
        return (record.name, record.login, record.email)

    async def page(self, caller: Caller, query: ListQuery) -> Page[Admin]:
        """The admins of that page; the list comes whole, so nothing is left out of a search."""
        page = await super().page(caller, query)
        return replace(page, scanned=None)

    async def get(self, caller: Caller, record_id: int) -> Admin:
        """The admin, with Telegram accounts where the backend tells."""
        admins, accounts = await asyncio.gather(self._all(caller), self._accounts(caller, record_id))
        found = next((one for one in admins if one.id == record_id), None)
        if found is None:
            raise NotFound("no such admin", call=f"GET {ROOT}/list")
        return _completed(found, admins, accounts, caller)

    async def counts(self, caller: Caller) -> Counts:
        """Registrations by approval."""
        statuses = [one.approval_status for one in await self._all(caller)]
        return Counts(len(statuses), *(statuses.count(one) for one in ORDER))

    async def accept(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Admin | None:
        """Nothing: the card is read anew. What was said to an earlier decision is overwritten."""
        await self._decide(caller, record_id, ApprovalStatus.APPROVED, None)
        return None

    async def refuse(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Admin | None:
        """Nothing. The person reads ``reason`` at the next try to sign in with the password."""
        await self._decide(caller, record_id, ApprovalStatus.REJECTED, str(values["reason"]))
        return None

    async def _decide(
        self, caller: Caller, record_id: int, status: ApprovalStatus, reason: str | None
    ) -> None:
        body = {"approval_status": str(status), "approval_reason": reason}
        await self.write("PATCH", f"{ROOT}/{record_id:d}/approve", caller, json=body)

    async def _all(self, caller: Caller) -> Sequence[Admin]:
        return (await self.rows(caller, LIST, 0, 10**9, {})).items

    async def _accounts(self, caller: Caller, admin_id: int) -> list[TelegramSession] | None:
        try:
            found = await TelegramAuth(self._backend).sessions(caller)
        except SessionEnded:
            raise
        except BackendError:
            # Which accounts are bound is not worth losing the card.
            return None
        return [one for one in found if one.admin_id == admin_id]

    async def call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        """The answer. One account with a login of fewer than three characters breaks the list of all (2.2)."""
        try:
            return await super().call(method, path, caller, **parts)
        except Broken as error:
            raise Explained("admins.broken", call=error.call, status=error.status) from error


class People(Admins):
    """Admins as a filter picks them: by name, without their accounts."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {name: Admins.operations[name] for name in ("page", "get")}
    )

    async def get(self, caller: Caller, record_id: int) -> Admin:
        """The admin as the list has them."""
        found = next((one for one in await self._all(caller) if one.id == record_id), None)
        if found is None:
            raise NotFound("no such admin", call=f"GET {ROOT}/list")
        return found


def _rank(admin: Admin) -> int:
    known = admin.approval_status in ORDER
    return ORDER.index(ApprovalStatus(admin.approval_status)) if known else len(ORDER)


def _completed(
    admin: Admin, admins: Sequence[Admin], accounts: list[TelegramSession] | None, caller: Caller
) -> Admin:
    """The admin with what other lists know."""
    decided_by = next((one.name for one in admins if one.id == admin.approved_by), None)
    more: dict[str, Any] = {"decided_by": decided_by, "mine": admin.id == caller.principal.admin_id}
    if accounts is not None:
        more |= {
            "bound": len(accounts),
            "telegram": ", ".join(one.account for one in accounts) or None,
            "last_seen": max((one.last_activity_at for one in accounts), default=None),
        }
    return admin.model_copy(update=more)
