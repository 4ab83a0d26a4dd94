"""Who wants to be told of what waits, and what they were told: exactly once each.

An alert is noted before it is sent: a process that dies in between leaves it unsent rather than sent twice, and the
inbox has it anyway.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from services.keys import AlertedKey, DecidedKey, WatchesKey, as_text

# Compares and sets: KEYS: watches. ARGV: person, what was read, what it becomes.
_SWAP = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""
SWAPS = 5
"""Times a change is tried while the person changes the same watch."""
NO_MESSAGE = 0
"""Known, and not in a message of its own: it waited before, came in a summary, or its message became a screen."""
MUTE_SECONDS = 3600.0
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Watch:
    """What one person asked for. ``kinds``: codes, empty for all they decide. ``quiet``: hours of silence (``22-7``)
    in their zone, ``digest``: the hour of the one summary a day instead of alerts; both ``""`` for none.
    ``primed`` once what waited at the beginning is known; ``merged_at`` is when they were told last, ``merged`` the
    message that told of several, ``merged_refs`` what stands in it. What came before ``asked_at`` is no news."""

    user_id: int
    admin_id: int
    language: str
    zone: str
    kinds: tuple[str, ...] = ()
    quiet: str = ""
    digest: str = ""
    muted_until: float = 0.0
    primed: bool = False
    digest_day: str = ""
    merged_at: float = 0.0
    merged: int = 0
    merged_refs: tuple[str, ...] = ()
    asked_at: float = 0.0

    def wants(self, code: str) -> bool:
        """True for a kind this person asked for."""
        return not self.kinds or code in self.kinds

    def is_silent(self, now: datetime) -> bool:
        """True within the quiet hours, or while muted."""
        if now.timestamp() < self.muted_until:
            return True
        first, _, last = self.quiet.partition("-")
        if not (first.isdigit() and last.isdigit()):
            return False
        hour, begin, end = now.astimezone(ZoneInfo(self.zone)).hour, int(first), int(last)
        return begin <= hour < end if begin < end else hour >= begin or hour < end

    def digest_due(self, now: datetime) -> bool:
        """True when today's summary has not been sent and its hour has come."""
        here = now.astimezone(ZoneInfo(self.zone))
        return (
            bool(self.digest) and here.hour >= int(self.digest) and self.digest_day != here.date().isoformat()
        )


class Alerts:
    """Keeps watches and what was told. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def watches(self) -> list[Watch]:
        """Everybody who asked for alerts."""
        found = await self._redis.hgetall(WatchesKey.name)
        return [watch for raw in found.values() if (watch := _watch(raw)) is not None]

    async def watch(self, user_id: int) -> Watch | None:
        """What that person asked for; None for nothing."""
        raw = await self._redis.hget(WatchesKey.name, str(user_id))
        return _watch(raw) if raw else None

    async def keep(self, watch: Watch) -> None:
        """Stores the watch."""
        await self._redis.hset(
            WatchesKey.name, str(watch.user_id), json.dumps(asdict(watch), ensure_ascii=False)
        )

    async def advance(self, user_id: int, change: Callable[[Watch], Watch | None]) -> Watch | None:
        """The watch after ``change``, which gets it as it is now: what the person chose meanwhile stays. None when
        they want no alerts any more, or ``change`` has nothing to do."""
        for _ in range(SWAPS):
            raw = await self._redis.hget(WatchesKey.name, str(user_id))
            found = _watch(raw) if raw else None
            changed = change(found) if found is not None else None
            if raw is None or changed is None:
                return None
            blob = json.dumps(asdict(changed), ensure_ascii=False)
            if await self._redis.eval(_SWAP, 1, WatchesKey.name, str(user_id), raw, blob):
                return changed
        return None

    async def stop(self, user_id: int) -> None:
        """No more alerts for that person; what they were told is forgotten."""
        await self._redis.hdel(WatchesKey.name, str(user_id))
        await self._redis.delete(AlertedKey(user_id).name)

    async def told(self, user_id: int) -> Mapping[str, int]:
        """Ref -> message id of what the person knows of."""
        found = await self._redis.hgetall(AlertedKey(user_id).name)
        return {as_text(ref): int(as_text(message)) for ref, message in found.items()}

    async def claim(self, user_id: int, refs: Iterable[str]) -> frozenset[str]:
        """Those the person did not know of: they are this caller's to tell, and nobody else's."""
        names = list(refs)
        if not names:
            return frozenset()
        key = AlertedKey(user_id)
        pipe = self._redis.pipeline(transaction=False)
        for ref in names:
            pipe.hsetnx(key.name, ref, str(NO_MESSAGE))
        pipe.expire(key.name, key.TTL)
        *new, _ = await pipe.execute()
        return frozenset(ref for ref, is_new in zip(names, new, strict=True) if is_new)

    async def note(self, user_id: int, refs: Iterable[str], message_id: int = NO_MESSAGE) -> None:
        """The person knows of those."""
        values = dict.fromkeys(refs, str(message_id))
        if values:
            key = AlertedKey(user_id)
            await self._redis.hset(key.name, mapping=dict[Any, Any](values))
            await self._redis.expire(key.name, key.TTL)

    async def forget(self, user_id: int, refs: Iterable[str]) -> None:
        """Those wait no more."""
        names = list(refs)
        if names:
            await self._redis.hdel(AlertedKey(user_id).name, *names)

    async def decided(self, refs: Iterable[str]) -> frozenset[str]:
        """Those that were decided through this bot."""
        names = list(refs)
        if not names:
            return frozenset()
        # One by one: in a Cluster they live in different slots.
        pipe = self._redis.pipeline(transaction=False)
        for ref in names:
            pipe.get(DecidedKey(ref).name)
        found = await pipe.execute()
        return frozenset(ref for ref, raw in zip(names, found, strict=True) if raw)


def muted(watch: Watch, now: float) -> Watch:
    """The same, silent for an hour."""
    return replace(watch, muted_until=now + MUTE_SECONDS)


def _watch(raw: Any) -> Watch | None:
    """The watch; unknown fields of another version are left out, one that cannot be read is none."""
    blob = json.loads(as_text(raw))
    names = {item.name for item in fields(Watch)}
    known = {name: value for name, value in blob.items() if name in names}
    try:
        return Watch(**{**known, "kinds": tuple(known["kinds"]), "merged_refs": tuple(known["merged_refs"])})
    except (KeyError, TypeError):
        return None
