"""Broadcasts: contract section 2.11."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from api.answer import Answer
from api.errors import BackendError, Explained, Invalid, Refused, SessionEnded, Wrong
from api.listing import Listing
from api.source import Served
from api.values import required, sendable
from models.access import Caller
from models.broadcast import OPEN, Audience, Broadcast, BroadcastStats, BroadcastStatus, Recipient
from resources.queries import Writable
from utils.markup import plain

ROOT = "/api/v1/broadcasts"
SESSIONS = "/api/v1/telegram-auth/sessions"
DUE_PAGES = 5
"""Pages of scheduled broadcasts, 100 each, that are looked through for due ones."""

_REASONS = (
    ("No users found matching", "broadcasts.nobody"),
    ("target_role must be specified", "broadcasts.check.role"),
    # The state's spelling depends on the backend's Python (contract Q14).
    ("Cannot update broadcast with status", "broadcasts.too_late"),
    ("Cannot delete broadcast with status", "broadcasts.too_late"),
    ("Cannot send broadcast with status", "broadcasts.too_late"),
)


class Broadcasts(Served[Broadcast], Writable[Broadcast]):
    """Broadcasts, newest first. Filters: ``status`` by the backend, ``origin`` looked through, as is every search."""

    model = Broadcast
    group = "broadcasts"
    listings = (
        Listing(f"{ROOT}/", {"status": "status"}, key="items", total="total", most=100, numbered=True),
    )
    card = f"{ROOT}/{{id}}"
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ROOT}/",),
            "get": (f"GET {ROOT}/{{broadcast_id}}",),
            "create": (f"POST {ROOT}/",),
            "find_created": (f"GET {ROOT}/",),
            "update": (f"PUT {ROOT}/{{broadcast_id}}",),
            "delete": (f"DELETE {ROOT}/{{broadcast_id}}",),
            "send": (f"POST {ROOT}/{{broadcast_id}}/send",),
            "retry": (f"POST {ROOT}/{{broadcast_id}}/retry",),
            "delivery": (f"GET {ROOT}/{{broadcast_id}}/stats",),
            "recipients": (f"GET {SESSIONS}",),
        }
    )

    def texts(self, record: Broadcast) -> Iterable[str | None]:
        """Title, and the message as it is read."""
        return record.title, plain(record.message)

    async def get(self, caller: Caller, record_id: int) -> Broadcast:
        """The broadcast with what its card says of its recipients, as far as the backend answers for that."""
        record = await super().get(caller, record_id)
        try:
            if record.status in OPEN:
                reach = await self.reach(caller, record.target_audience, record.target_role)
                return record.model_copy(update={"reach": reach})
            if record.total_recipients and record.status != BroadcastStatus.CANCELLED:
                waiting = (await self.delivery(caller, record_id)).pending_count
                return record.model_copy(update={"waiting": waiting})
        except SessionEnded:
            raise
        except BackendError:
            # A number beside the broadcast is not worth losing it.
            return record
        return record

    async def delivery(self, caller: Caller, record_id: int) -> BroadcastStats:
        """What became of its messages."""
        return (await self.call("GET", f"{ROOT}/{record_id:d}/stats", caller)).one(BroadcastStats)

    async def reach(self, caller: Caller, audience: str, role: str | None) -> int:
        """How many would get it now: the backend sends to the active sessions of admins, and tells nobody before."""
        answer = (await self.call("GET", SESSIONS, caller)).part("sessions")
        return sum(one.among(audience, role) for one in answer.many(Recipient).items)

    async def due(self, caller: Caller, now: datetime) -> list[Broadcast]:
        """Scheduled broadcasts whose time has come, the earliest first; the backend never sends them."""
        found: list[Broadcast] = []
        listing = self.listings[0]
        for number in range(DUE_PAGES):
            params = {"status": BroadcastStatus.SCHEDULED.value, **listing.window(number * 100, 100)}
            answer = await self.call("GET", listing.path, caller, params=params)
            rows = self.many(answer.part("items"))
            found += [one for one in rows.items if one.scheduled_at is not None and one.scheduled_at <= now]
            if rows.received < 100:
                break
        # One that is read twice, because another one was made meanwhile, is still one.
        return sorted({one.id: one for one in found}.values(), key=_when)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Broadcast:
        """The created broadcast: a draft, or scheduled when it has a time."""
        return self.one(await self._told("POST", f"{ROOT}/", caller, json=_body(values)))

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Broadcast:
        """The broadcast after changing just ``values``; a time makes it scheduled and cannot be taken away."""
        required(values, "title", "message", "target_audience", "scheduled_at")
        sent = sendable(values, "scheduled_at")
        await self._told("PUT", f"{ROOT}/{record_id:d}", caller, json=sent)
        return await self.get(caller, record_id)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; only what has not been sent can be deleted."""
        await self._told("DELETE", f"{ROOT}/{record_id:d}", caller)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Broadcast | None:
        """The newest broadcast of the last hour that equals ``values``, None when there is none."""
        names = ("title", "message", "target_audience", "target_role", "scheduled_at")
        return await self.newest_like(caller, _body(values), names)

    async def send(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> None:
        """Nothing; the backend sends it in the background."""
        await self._told("POST", f"{ROOT}/{record_id:d}/send", caller)

    async def retry(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> None:
        """Nothing; the backend sends what still waits. Failed messages are not sent again (contract 2.11)."""
        await self._told("POST", f"{ROOT}/{record_id:d}/retry", caller)

    async def _told(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        try:
            return await self.write(method, path, caller, **parts)
        except Refused as error:
            for prefix, key in _REASONS:
                if error.detail.startswith(prefix):
                    raise Explained(key, call=error.call, status=error.status) from error
            raise


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a new broadcast is made of; a role belongs to one audience only. Raises ``Invalid`` without one there:
    the backend takes that and only refuses to send it."""
    body = sendable(values, "scheduled_at")
    if body.get("target_audience") != Audience.ROLE:
        body.pop("target_role", None)
    elif not body.get("target_role"):
        raise Invalid([Wrong(("target_role",), "needed for by_role", "broadcasts.check.role")])
    return body


def _when(broadcast: Broadcast) -> tuple[datetime, int]:
    return broadcast.scheduled_at or broadcast.created_at, broadcast.id
