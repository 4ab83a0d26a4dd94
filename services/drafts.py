"""Unsent values of forms: at most ten per person, kept 30 days, over sign-out, restarts and expiry."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.keys import DraftIndexKey, DraftsKey, as_text

LIMIT = 10
"""Drafts of one person; the one touched longest ago gives way."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far.

    ``resource`` is the resource's code; ``mode`` create, edit or another form's name. ``values`` and
    ``before`` (the record's values when editing began) are JSON-ready, by field name. ``step`` and ``sub``
    say where the person is; ``about`` is the record's title, for people. Times are epoch seconds. Only admin
    ``admin_id`` may see it. ``doubted_at`` is when a save was not answered, 0 for never, and ``doubted`` a digest
    of what it sent.
    """

    id: str
    admin_id: int
    resource: str
    mode: str
    created_at: float
    touched_at: float
    record_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    sub: str = ""
    before: Mapping[str, Any] | None = None
    about: str = ""
    doubted_at: float = 0.0
    doubted: str = ""

    @property
    def is_untouched(self) -> bool:
        """True when nothing was put in yet: such a form is not worth coming back to."""
        return dict(self.values) == dict(self.before or {})

    @property
    def is_doubtful(self) -> bool:
        """True when it may have been saved already."""
        return bool(self.doubted_at)

    @property
    def is_as_sent(self) -> bool:
        """True when its values are still those of the save that was not answered."""
        return self.doubted == _digest(self.values)


def new(
    admin_id: int,
    resource: str,
    mode: str,
    now: float,
    *,
    record_id: int | None = None,
    values: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    step: str = "",
    about: str = "",
) -> Draft:
    """A draft with an id of its own (6 characters), not stored yet."""
    return Draft(
        id=secrets.token_urlsafe(8).replace("-", "a").replace("_", "b")[:6],
        admin_id=admin_id,
        resource=resource,
        mode=mode,
        created_at=now,
        touched_at=now,
        record_id=record_id,
        values=values or {},
        step=step,
        before=before,
        about=about,
    )


def touched(draft: Draft, now: float, **changes: Any) -> Draft:
    """The draft with ``changes``, touched at ``now``."""
    return replace(draft, touched_at=now, **changes)


def doubtful(draft: Draft, now: float) -> Draft:
    """The draft after a save that was not answered."""
    return replace(draft, doubted_at=now, doubted=_digest(draft.values))


def _digest(values: Mapping[str, Any]) -> str:
    text = json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read(blob: str | None, admin_id: int | None) -> Draft | None:
    """The draft in ``blob`` if it is that admin's; None for another's, for nothing, for the unreadable."""
    if blob is None or admin_id is None:
        return None
    draft = _parsed(blob)
    return draft if draft is not None and draft.admin_id == admin_id else None


def _parsed(blob: str) -> Draft | None:
    """The draft in ``blob``; None for what another version wrote and this one cannot read."""
    try:
        return Draft(**json.loads(blob))
    except (ValueError, TypeError):
        return None


def put(pipe: Pipeline, user_id: int, draft: Draft) -> None:
    """Queues saving ``draft``."""
    name = DraftsKey(user_id).name
    pipe.hset(name, draft.id, json.dumps(asdict(draft), ensure_ascii=False))
    pipe.expire(name, DraftsKey.TTL)
    pipe.zadd(DraftIndexKey.name, {f"{user_id}:{draft.id}": int(draft.touched_at) + DraftsKey.TTL})


def remove(pipe: Pipeline, user_id: int, draft_id: str) -> None:
    """Queues the removal of a draft."""
    pipe.hdel(DraftsKey(user_id).name, draft_id)
    pipe.zrem(DraftIndexKey.name, f"{user_id}:{draft_id}")


class Drafts:
    """The drafts in Redis; the gate hands out the open one with each click (``Entry.draft``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, user_id: int, admin_id: int, draft_id: str) -> Draft | None:
        """That admin's draft, None when there is none of this id."""
        blob = await self._redis.hget(DraftsKey(user_id).name, draft_id)
        return None if blob is None else read(as_text(blob), admin_id)

    async def doubt(self, user_id: int, draft: Draft, now: float) -> None:
        """Notes that a save of the draft was not answered."""
        pipe = self._redis.pipeline(transaction=False)
        put(pipe, user_id, doubtful(draft, now))
        await pipe.execute()

    async def list(self, user_id: int, admin_id: int) -> tuple[Draft, ...]:
        """That admin's drafts with something in them, the last touched first."""
        blobs = await self._redis.hvals(DraftsKey(user_id).name)
        found = [
            draft for blob in blobs if (draft := read(as_text(blob), admin_id)) and not draft.is_untouched
        ]
        return tuple(sorted(found, key=lambda draft: draft.touched_at, reverse=True))

    async def make_room(self, user_id: int) -> None:
        """Room for one more: untouched drafts go, then those touched longest ago beyond ``LIMIT`` - 1. What cannot
        be read is left alone: it may be another version's, and lapses with the rest."""
        blobs = await self._redis.hvals(DraftsKey(user_id).name)
        readable = (draft for blob in blobs if (draft := _parsed(as_text(blob))) is not None)
        stored = sorted(readable, key=lambda draft: draft.touched_at)
        kept = [draft for draft in stored if not draft.is_untouched][-(LIMIT - 1) :]
        gone = {draft.id for draft in stored} - {draft.id for draft in kept}
        if gone:
            pipe = self._redis.pipeline(transaction=False)
            for draft_id in gone:
                remove(pipe, user_id, draft_id)
            await pipe.execute()

    async def count(self, now: float) -> int:
        """How many drafts of all persons there are."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.zremrangebyscore(DraftIndexKey.name, "-inf", now)
        pipe.zcard(DraftIndexKey.name)
        return int((await pipe.execute())[-1])
