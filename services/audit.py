"""Who did what to which record: a bounded stream in Redis, without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.keys import AuditKey, as_text

MAX_VALUE = 500
"""Characters kept of one value."""

_SECRET = re.compile(r"token|password|passwd|secret|otp|authorization|jwt|login_code", re.IGNORECASE)
_REDACTED = "***"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    ``at`` epoch seconds; ``role`` and ``op`` as spelled in the code; ``before`` and ``after`` the changed
    fields only; ``outcome`` done, refused, failed or unknown; ``sid`` the session it came from.
    """

    at: float
    admin_id: int | None
    telegram_user_id: int
    name: str
    role: str
    op: str
    resource: str = ""
    record_id: int | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "done"
    update_id: int | None = None
    sid: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; ``older`` asks for the next page, None at the end."""

    entries: Sequence[AuditEntry]
    older: str | None


def append(pipe: Pipeline, entry: AuditEntry) -> None:
    """Queues ``entry``; secrets replaced, long values cut."""
    pipe.xadd(AuditKey.name, {"entry": _dump(entry)}, maxlen=AuditKey.LENGTH, approximate=True)


class Audit:
    """Writes entries outside a click, and reads them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, entry: AuditEntry) -> None:
        """Stores ``entry``. Within a click, ``Gate.finish(audit=...)`` saves the trip."""
        pipe = self._redis.pipeline(transaction=False)
        append(pipe, entry)
        await pipe.execute()

    async def page(self, older: str | None = None, size: int = 7) -> AuditPage:
        """The newest entries, or those before ``older`` (from the page above)."""
        end = f"({older}" if older else "+"
        rows = await self._redis.xrevrange(AuditKey.name, max=end, count=size + 1) or []
        entries = [_load(fields or {}) for _, fields in rows[:size]]
        return AuditPage(entries, as_text(rows[size - 1][0]) if len(rows) > size else None)


def _dump(entry: AuditEntry) -> str:
    clean = asdict(entry)
    for side in ("before", "after"):
        clean[side] = _clean(clean[side])
    return json.dumps(clean, ensure_ascii=False, default=str)


def _load(fields: Mapping[Any, Any]) -> AuditEntry:
    blob = next(value for name, value in fields.items() if as_text(name) == "entry")
    return AuditEntry(**json.loads(as_text(blob)))


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _REDACTED if _SECRET.search(str(name)) else _clean(inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if isinstance(value, bytes):
        # The picture of a new record: that there was one is enough.
        return f"{len(value)} bytes"
    if isinstance(value, str) and len(value) > MAX_VALUE:
        return value[: MAX_VALUE - 1] + "…"
    return value
