"""Notifications to users of the site: contract section 2.12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from api.answer import Answer
from api.errors import BackendError, NotFound, OutOfReach, SessionEnded
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.common import Ref
from models.mail import Notification, Posted, Users
from models.user import User

LIST = "/api/v2/notifications/admin/all"
SEND = "/api/v2/notifications/admin/send"
USERS = "/api/v2/auth/users"
TITLE = 500
"""Characters of a title: one more is a 500 (contract Q17)."""
AT_ONCE = 500
READ_AT_MOST = 5000
USERS_AT_ONCE = 1000
NAMED_FOR = 600.0
"""Seconds for which names of users are kept."""
FIELDS = ("title_kz", "title_ru", "message_kz", "message_ru")
TYPE = "custom_message"


class Notifications(Served[Notification]):
    """Sent notifications, newest first. Filters: ``user_id`` by the backend, the others looked through, as is every
    search."""

    model = Notification
    group = "notifications"
    listings = (Listing(LIST, {"user_id": "user_id"}, key="notifications", total="total", most=AT_ONCE),)
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {LIST}",),
            "get": (f"GET {LIST}", f"GET {USERS}"),
            "create": (f"POST {SEND}", f"GET {USERS}"),
        }
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: tuple[float, dict[int, Ref]] = (float("-inf"), {})

    def adapt(self, row: Any) -> Any:
        """The row with its user, by name as far as that is known already."""
        if not isinstance(row, dict) or "user_id" not in row:
            return row
        return {**row, "user": self._names[1].get(row["user_id"], {"id": row["user_id"]})}

    def texts(self, record: Notification) -> Iterable[str | None]:
        """Titles and messages."""
        return record.title_kz, record.title_ru, record.message_kz, record.message_ru

    async def get(self, caller: Caller, record_id: int) -> Notification:
        """The notification, read out of the list: there is no route for one."""
        listing = self.listings[0]
        for skip in range(0, READ_AT_MOST, AT_ONCE):
            params = listing.window(skip, AT_ONCE)
            rows = self.many((await self.call("GET", LIST, caller, params=params)).part("notifications"))
            found = next((one for one in rows.items if one.id == record_id), None)
            if found is not None:
                return await self._named(caller, found)
            if rows.received < AT_ONCE:
                raise NotFound("no such notification", call=f"GET {LIST}")
        raise OutOfReach(READ_AT_MOST, call=f"GET {LIST}")

    async def _named(self, caller: Caller, found: Notification) -> Notification:
        """The same with the name of its user, when that is among the first thousand."""
        if self._clock() - self._names[0] > NAMED_FOR:
            try:
                answer = await self.call("GET", USERS, caller, params={"limit": USERS_AT_ONCE})
            except SessionEnded:
                raise
            except BackendError:
                # A name on the card is not worth losing the card.
                return found
            self._names = self._clock(), {one.id: one.ref for one in answer.many(User).items}
        return found.model_copy(update={"user": self._names[1].get(found.user_id, found.user)})

    async def users(self, caller: Caller, kind: str, skip: int) -> tuple[list[int], bool]:
        """Ids of the active users of that kind among a thousand from ``skip`` on, and whether there are more.

        Sending to all at once is a 500 (contract 2.12), and the list takes the capital letters only (Q7).
        """
        params = {"status_filter": "ACTIVE", "skip": skip, "limit": USERS_AT_ONCE}
        answer: Answer = await self.call("GET", USERS, caller, params=params)
        rows = answer.many(User)
        meant = [one.id for one in rows.items if kind == Users.ALL or one.user_type == kind]
        return meant, rows.received == USERS_AT_ONCE

    async def post(self, caller: Caller, values: Mapping[str, Any], ids: Sequence[str]) -> Posted:
        """What became of a notification to these users; an unknown id comes back."""
        body = {name: values.get(name) for name in FIELDS} | {
            "user_ids": list(map(int, ids)),
            "notification_type": TYPE,
        }
        answer = await self.write("POST", SEND, caller, json=body)
        made, failed = answer.part("notifications_created").json, answer.part("failed_users").json
        if not isinstance(made, int) or not isinstance(failed, list):
            raise answer.bad("no counters")
        return Posted(made, tuple(map(str, failed)))
