"""Who did what to which record: a bounded stream in Redis, without secrets, each entry chained to the one before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.keys import AuditHeadKey, AuditKey, as_text

MAX_VALUE = 500
"""Characters kept of one value."""

_SECRET = re.compile(r"token|password|passwd|secret|otp|authorization|jwt|login_code", re.IGNORECASE)
_REDACTED = "***"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    ``at`` epoch seconds; ``role`` and ``op`` as spelled in the code; ``before`` and ``after`` the changed
    fields only; ``outcome`` done, refused, failed or unknown; ``sid`` the session it came from; ``under`` the parent of
    the record, 0 for one that stands alone.
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
    under: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it stands in the stream.

    ``key`` is the stream's id of it. ``number`` counts from 1 and ``before`` is the hash of the entry with the
    number before; 0 and ``""`` for what was written before entries were chained. ``text`` is what was hashed.
    """

    key: str
    text: str
    number: int = 0
    before: str = ""
    hash: str = ""

    @property
    def entry(self) -> AuditEntry:
        """What it says."""
        return AuditEntry(**json.loads(self.text))

    @property
    def follows(self) -> str:
        """The hash that it must have."""
        return hashlib.sha1(f"{self.before}\n{self.number}\n{self.text}".encode()).hexdigest()  # noqa: S324 - what Redis can do itself


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; ``older`` asks for the next page, None at the end."""

    entries: Sequence[AuditEntry]
    older: str | None


# The chain is made where the order is: no round trip more, and two replicas cannot both follow the same entry.
# The demo's Redis cannot hash: there the numbers alone make the chain.
_APPEND = """
local head = redis.call('HMGET', KEYS[2], 'number', 'hash')
local number = string.format('%d', tonumber(head[1] or '0') + 1)
local before = head[2] or ''
local hash = redis.sha1hex and redis.sha1hex(before .. '\\n' .. number .. '\\n' .. ARGV[1]) or ''
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*',
  'entry', ARGV[1], 'number', number, 'before', before, 'hash', hash)
redis.call('HSET', KEYS[2], 'number', number, 'hash', hash)
return 1
"""


def append(pipe: Pipeline, entry: AuditEntry) -> None:
    """Queues ``entry``, chained to the one before; secrets replaced, long values cut."""
    pipe.eval(_APPEND, 2, AuditKey.name, AuditHeadKey.name, _dump(entry), str(AuditKey.LENGTH))


class Audit:
    """Writes entries outside a click, and reads them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, *entries: AuditEntry) -> None:
        """Stores ``entries``. Within a click, ``Gate.finish(audit=...)`` saves the trip."""
        if not entries:
            return
        pipe = self._redis.pipeline(transaction=False)
        for entry in entries:
            append(pipe, entry)
        await pipe.execute()

    async def page(self, older: str | None = None, size: int = 7) -> AuditPage:
        """The newest entries, or those before ``older`` (from the page above)."""
        rows = await self.newest(size + 1, f"({older}" if older else "+")
        return AuditPage([row.entry for row in rows[:size]], rows[size - 1].key if len(rows) > size else None)

    async def newest(self, count: int, newest: str = "+", oldest: str = "-") -> list[Kept]:
        """At most ``count`` entries between two ids of the stream, newest first; ``(`` leaves the id itself out."""
        return _kept(await self._redis.xrevrange(AuditKey.name, max=newest, min=oldest, count=count))

    async def oldest(self, count: int, oldest: str = "-") -> list[Kept]:
        """At most ``count`` entries from that id on, oldest first."""
        return _kept(await self._redis.xrange(AuditKey.name, min=oldest, count=count))

    async def count(self) -> int:
        """How many there are."""
        return int(await self._redis.xlen(AuditKey.name))


def _kept(rows: Any) -> list[Kept]:
    return [_row(as_text(key), fields or {}) for key, fields in rows or []]


def _row(key: str, fields: Mapping[Any, Any]) -> Kept:
    known = {as_text(name): as_text(value) for name, value in fields.items()}
    number = known.get("number", "")
    return Kept(
        key=key,
        text=known.get("entry", ""),
        number=int(number) if number.isascii() and number.isdigit() else 0,
        before=known.get("before", ""),
        hash=known.get("hash", ""),
    )


def _dump(entry: AuditEntry) -> str:
    clean = asdict(entry)
    for side in ("before", "after"):
        clean[side] = _clean(clean[side])
    return json.dumps(clean, ensure_ascii=False, default=str)


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
