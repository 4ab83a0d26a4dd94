"""The living sessions as others see them, and their end by somebody else's hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from redis.asyncio import Redis

from services.keys import BindingsKey, IdleKey, SessionKey, UiKey, as_text
from services.preferences import Ended
from services.sessions import END_SESSION, Session, Sessions, ended_fields, unpacked


@dataclass(frozen=True, slots=True)
class Alive:
    """A session as others may see it: without its token."""

    telegram_user_id: int
    admin_id: int
    role: str
    admin_name: str
    created_at: float
    last_activity: float
    account: str


class Living:
    """Looks at sessions and ends them. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis, sessions: Sessions) -> None:
        self._redis = redis
        self._sessions = sessions

    async def alive(self, user_ids: Iterable[int] | None = None) -> dict[int, Alive]:
        """The living sessions of those persons, of everybody for None, by Telegram id."""
        if user_ids is None:
            user_ids = [int(as_text(one)) for one in await self._redis.zrange(IdleKey.name, 0, -1)]
        ordered = sorted(set(user_ids))
        if not ordered:
            return {}
        pipe = self._redis.pipeline(transaction=False)
        for user_id in ordered:
            pipe.get(SessionKey(user_id).name)
        blobs = zip(ordered, await pipe.execute(), strict=True)
        found = (_alive(user_id, as_text(blob)) for user_id, blob in blobs if blob is not None)
        return {one.telegram_user_id: one for one in found if one is not None}

    async def of_admin(self, admin_id: int) -> list[Alive]:
        """The living sessions of one admin, the one used last first."""
        members = await self._redis.smembers(BindingsKey(admin_id).name)
        alive = await self.alive(int(as_text(one)) for one in members)
        mine = [one for one in alive.values() if one.admin_id == admin_id]
        return sorted(mine, key=lambda one: (-one.last_activity, one.telegram_user_id))

    async def revoke(self, user_ids: Iterable[int], now: float) -> None:
        """Ends those sessions here, whoever is in them: the next click of each finds none, on every replica.

        Their bindings are owed to the backend: ``settled`` says that one is gone, the sweep ends the others.
        """
        ordered = sorted(set(user_ids))
        if not ordered:
            return
        alive = await self.alive(ordered)
        pipe = self._redis.pipeline(transaction=False)
        for user_id in ordered:
            flat = [part for pair in ended_fields(Ended.REVOKED).items() for part in pair]
            pipe.eval(END_SESSION, 2, SessionKey(user_id).name, UiKey(user_id).name, "", *flat)
            pipe.zadd(IdleKey.name, {str(user_id): int(now)})
            if user_id in alive:
                pipe.srem(BindingsKey(alive[user_id].admin_id).name, str(user_id))
        await pipe.execute()

    async def settled(self, user_id: int) -> None:
        """The backend has no binding of that person any more: nothing is owed to it."""
        if not await self._redis.exists(SessionKey(user_id).name):
            await self._redis.zrem(IdleKey.name, str(user_id))

    async def end_other(self, session: Session, user_id: int, now: float) -> bool:
        """True when another session of the same admin was ended, here at once and at the backend as soon as it can
        be reached; False when there is none (any more)."""
        other = (await self.alive([user_id])).get(user_id)
        if other is None or other.admin_id != session.admin_id or user_id == session.telegram_user_id:
            return False
        await self.revoke([user_id], now)
        await self._sessions.tell_backend(user_id, now)
        return True


def _alive(user_id: int, blob: str) -> Alive | None:
    """The session in ``blob`` without its token; None for one that cannot be read."""
    try:
        one = unpacked({**json.loads(blob), "access_token": ""})
    except (ValueError, TypeError, KeyError):
        return None
    if one.telegram_user_id != user_id:
        return None
    return Alive(
        user_id, one.admin_id, one.role, one.admin_name, one.created_at, one.last_activity, one.account
    )
