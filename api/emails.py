"""E-mails: contract section 2.12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import NotFound
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.mail import MailRecipient, Posted
from models.user import User
from utils.markup import as_mail, plain

ROOT = "/api/v2/admin/emails"
USERS = "/api/v2/auth/users"
SUBJECT = 200
USERS_AT_ONCE = 1000
SECONDS = 25.0
"""The backend writes to one recipient after the other before it answers."""


class Emails(Served[MailRecipient]):
    """Admins who have an address. Filter: ``role``; that and every search are looked through."""

    model = MailRecipient
    group = "emails"
    listings = (Listing(f"{ROOT}/recipients", key="recipients", paged=False),)
    orders: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}/recipients",),
            "get": (f"GET {ROOT}/recipients",),
            "create": (f"POST {ROOT}/send", f"GET {USERS}"),
        }
    )

    def texts(self, record: MailRecipient) -> Iterable[str | None]:
        """Name and address."""
        return record.name, record.email

    async def get(self, caller: Caller, record_id: int) -> MailRecipient:
        """The admin, read out of the list: there is no route for one."""
        for one in await self.admins(caller):
            if one.id == record_id:
                return one
        raise NotFound("no such recipient", call=f"GET {ROOT}/recipients")

    async def admins(self, caller: Caller) -> Sequence[MailRecipient]:
        """All of them."""
        return (await self.scan(caller)).items

    async def organizations(self, caller: Caller, skip: int) -> tuple[list[str], bool]:
        """Addresses of the active organizations among a thousand users from ``skip`` on, and whether there are more;
        people have none (contract 2.12)."""
        params = {"status_filter": "ACTIVE", "skip": skip, "limit": USERS_AT_ONCE}
        rows = (await self.call("GET", USERS, caller, params=params)).many(User)
        return [one.email for one in rows.items if one.email], rows.received == USERS_AT_ONCE

    async def post(self, caller: Caller, values: Mapping[str, Any], addresses: Sequence[str]) -> Posted:
        """What became of a letter to at most 100 addresses; a 200 also when nothing could be sent."""
        text = str(values.get("body") or "")
        body = {
            "recipients": list(addresses),
            "subject": values.get("subject"),
            "body_html": as_mail(text),
            "body_text": plain(text),
        }
        answer = await self.write("POST", f"{ROOT}/send", caller, json=body, deadline=SECONDS)
        sent, failed = answer.part("sent_count").json, answer.part("failed_emails").json
        if not isinstance(sent, int) or not isinstance(failed, list):
            raise answer.bad("no counters")
        return Posted(sent, tuple(map(str, failed)))
