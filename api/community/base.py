"""What the sources of the community share: nested groups laid flat, keys that make a repeated write harmless."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from api.answer import Answer
from api.context import operation_key
from api.errors import NotFound, OutOfReach
from api.extensions import COMMUNITY as ROOT
from api.source import SCANNED_AT_MOST, Served
from models.access import Caller
from models.common import Record, Ref

M = TypeVar("M", bound=Record)

GROUP = "community"
"""Name of the calls' breaker and metrics."""
MOST = 100
"""Most rows that a list gives at once."""
YES_NO: Mapping[str, str] = {"yes": "true", "no": "false"}
NESTED: Mapping[str, tuple[str, ...]] = {
    "coffee": ("enabled", "frequency", "paused_until"),
    "mentorship": ("role", "topics", "capacity", "languages"),
    "notify": ("announcements", "events", "matches"),
}
"""Groups inside a member; the bot has their parts as fields of their own: ``coffee_enabled``."""

__all__ = ["GROUP", "MOST", "ROOT", "YES_NO", "Community", "flat", "keyed", "nested", "pointing"]


class Community(Served[M]):
    """Base of the sources with records."""

    group: ClassVar[str] = GROUP

    def adapt(self, row: Any) -> Any:
        """The row with the groups of a member laid flat."""
        return flat(row)

    async def send(
        self,
        method: str,
        path: str,
        caller: Caller,
        *,
        key: str = "",
        also: Mapping[str, str] = MappingProxyType({}),
        **parts: Any,
    ) -> Answer:
        """The answer of a write that is done once however often it is sent with the same ``key``, or by the same
        button. ``also`` are further headers."""
        headers = {**keyed(method, path, key), **also}
        return await self.write(method, f"{ROOT}{path}", caller, headers=headers, **parts)

    async def sought(self, caller: Caller, record_id: int) -> M:
        """A record without a route of its own, looked for among the newest thousand. ``OutOfReach`` when it may lie
        deeper."""
        listing = self.listings[0]
        for skip in range(0, SCANNED_AT_MOST, MOST):
            rows = await self._window(caller, listing, skip, MOST, {})
            for record in rows.items:
                if record.id == record_id:
                    return record
            if rows.received < MOST:
                raise NotFound("in no list", call=f"GET {listing.path}")
        raise OutOfReach(SCANNED_AT_MOST, call=f"GET {listing.path}")

    async def every(self, caller: Caller, **params: Any) -> list[M]:
        """All records of the first list, however many, narrowed by its own ``params``."""
        found: dict[int, M] = {}
        received = MOST
        while received == MOST:
            rows = await self._window(caller, self.listings[0], len(found), MOST, params)
            before, received = len(found), rows.received
            found |= {record.id: record for record in rows.items}
            if len(found) == before:
                break
        return list(found.values())


def keyed(method: str, path: str, key: str = "") -> dict[str, str]:
    """The Idempotency-Key of a write: of ``key``, else of the button that was pressed, else one of its own."""
    base = key or operation_key.get() or secrets.token_urlsafe(16)
    return {"Idempotency-Key": sha256(f"{base} {method} {path}".encode()).hexdigest()[:40]}


def flat(row: Any) -> Any:
    """The row, ``{"coffee": {"enabled": true}}`` as ``coffee_enabled``."""
    if not isinstance(row, dict):
        return row
    parts = {
        f"{group}_{name}": row[group].get(name)
        for group, names in NESTED.items()
        if isinstance(row.get(group), dict)
        for name in names
    }
    kept = {name: value for name, value in row.items() if name not in NESTED}
    # Lists that are null are as good as empty.
    return {**kept, **{name: value for name, value in parts.items() if value is not None}}


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the backend takes them: the other way round."""
    groups = {f"{group}_{name}": (group, name) for group, names in NESTED.items() for name in names}
    found: dict[str, Any] = {}
    for field, value in values.items():
        if field in groups:
            group, name = groups[field]
            found.setdefault(group, {})[name] = value
        else:
            found[field] = value
    return found


def pointing(row: Any, *names: str) -> Any:
    """The row with the member under each of ``names`` in brief, and by name as ``<name>_id``."""
    if not isinstance(row, dict):
        return row
    people = {name: flat(row[name]) for name in names if isinstance(row.get(name), dict)}
    refs = {
        f"{name}_id": Ref(id=one["id"], kk=one.get("full_name") or None, ru=one.get("full_name") or None)
        for name, one in people.items()
        if "id" in one
    }
    return {**row, **people, **refs}
