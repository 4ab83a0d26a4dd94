"""Lists that a person keeps under a name: what narrows them and in which order, not their records."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from redis.asyncio import Redis

from services.keys import HOUR, SavedViewsKey, as_text

LIMIT = 20
"""Views of one admin on one Telegram account."""
PINNED = 4
"""Views on the menu: each costs it a look at the backend."""
UNDO_FOR = HOUR
"""Seconds a deleted view can be brought back."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list under a name.

    ``resource`` is the resource's code, ``under`` the record of its parent. Filters and order by their names, the
    search as its text: addresses and tokens change, these do not. Only admin ``admin_id`` may see it. Times are
    epoch seconds; ``deleted_at`` 0 while it is there.
    """

    id: str
    admin_id: int
    resource: str
    name: str
    created_at: float
    under: int = 0
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    search: str = ""
    pinned: bool = False
    deleted_at: float = 0.0

    def same_list(self, other: SavedView) -> bool:
        """True when both show the same records in the same order."""
        return replace(self, id="", name="", created_at=0, pinned=False) == replace(
            other, id="", name="", created_at=0, pinned=False
        )


class TooMany(Exception):
    """There is no room for another one; ``limit`` is how many there may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class SavedViews:
    """Views by Telegram account and admin. Every method lets ``RedisError`` through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def kept(self, user_id: int, admin_id: int) -> tuple[SavedView, ...]:
        """That admin's views, the pinned ones first, each in the order of saving."""
        views = [view for view in await self._all(user_id, admin_id) if not view.deleted_at]
        return tuple(sorted(views, key=lambda view: (not view.pinned, view.created_at)))

    async def get(self, user_id: int, admin_id: int, view_id: str) -> SavedView | None:
        """That admin's view; None when there is none of this id, or it was deleted."""
        found = _read(await self._redis.hget(SavedViewsKey(user_id).name, view_id))
        return found if found is not None and found.admin_id == admin_id and not found.deleted_at else None

    async def save(self, user_id: int, view: SavedView) -> SavedView:
        """The stored view, with an id; the same list under another name is renamed. Raises ``TooMany``."""
        views = await self._all(user_id, view.admin_id)
        there = [one for one in views if not one.deleted_at]
        twin = next((one for one in there if one.same_list(view)), None)
        if twin is not None:
            return await self._put(user_id, replace(twin, name=view.name))
        if len(there) >= LIMIT:
            raise TooMany(LIMIT)
        await self._forget(user_id, [one for one in views if one.deleted_at], view.created_at)
        return await self._put(user_id, replace(view, id=secrets.token_hex(4)))

    async def rename(self, user_id: int, view: SavedView, name: str) -> SavedView:
        """The view under its new name."""
        return await self._put(user_id, replace(view, name=name))

    async def pin(self, user_id: int, view: SavedView, *, pinned: bool) -> SavedView:
        """The view, on the menu or off it. Raises ``TooMany``."""
        others = [one for one in await self.kept(user_id, view.admin_id) if one.pinned and one.id != view.id]
        if pinned and len(others) >= PINNED:
            raise TooMany(PINNED)
        return await self._put(user_id, replace(view, pinned=pinned))

    async def delete(self, user_id: int, view: SavedView, now: float) -> None:
        """It is gone, and can be brought back for an hour."""
        await self._put(user_id, replace(view, deleted_at=now))

    async def restore(self, user_id: int, admin_id: int, view_id: str, now: float) -> SavedView | None:
        """The view as it was before it was deleted; None when nobody remembers it. Raises ``TooMany``."""
        found = _read(await self._redis.hget(SavedViewsKey(user_id).name, view_id))
        if found is None or found.admin_id != admin_id or found.deleted_at + UNDO_FOR < now:
            return (
                found if found is not None and found.admin_id == admin_id and not found.deleted_at else None
            )
        there = await self.kept(user_id, admin_id)
        if len(there) >= LIMIT:
            raise TooMany(LIMIT)
        room = len([one for one in there if one.pinned]) < PINNED
        return await self._put(user_id, replace(found, deleted_at=0.0, pinned=found.pinned and room))

    async def _all(self, user_id: int, admin_id: int) -> list[SavedView]:
        key = SavedViewsKey(user_id)
        pipe = self._redis.pipeline(transaction=False)
        pipe.hvals(key.name)
        # Looked at is used: they are forgotten only when nobody comes any more.
        pipe.expire(key.name, key.TTL)
        blobs, _ = await pipe.execute()
        found = [_read(blob) for blob in blobs]
        return [view for view in found if view is not None and view.admin_id == admin_id]

    async def _put(self, user_id: int, view: SavedView) -> SavedView:
        key = SavedViewsKey(user_id)
        pipe = self._redis.pipeline(transaction=False)
        pipe.hset(key.name, view.id, json.dumps(asdict(view), ensure_ascii=False))
        pipe.expire(key.name, key.TTL)
        await pipe.execute()
        return view

    async def _forget(self, user_id: int, deleted: list[SavedView], now: float) -> None:
        gone = [view.id for view in deleted if view.deleted_at + UNDO_FOR < now]
        if gone:
            await self._redis.hdel(SavedViewsKey(user_id).name, *gone)


def _read(blob: object) -> SavedView | None:
    """The view in ``blob``; None for nothing, and for what another version of the bot wrote."""
    if blob is None:
        return None
    try:
        return SavedView(**json.loads(as_text(blob)))
    except (TypeError, ValueError):
        return None
