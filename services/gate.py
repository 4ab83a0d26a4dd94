"""The one round trip at the start of a click, and the one that ends a write."""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import NoScriptError

from services import audit as audits
from services import drafts
from services.audit import AuditEntry
from services.drafts import Draft
from services.journal import Journal, Mark, Pending
from services.keys import (
    DAY,
    DraftsKey,
    OperationKey,
    RateKey,
    SessionKey,
    UiKey,
    UpdateKey,
)
from services.preferences import UiState

LEASE = 10.0
"""Seconds an update or a write is held: longer than the 8 s a click may take."""

_GIVE_BACK = """
for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if held and string.sub(held, -#ARGV[1]) == ARGV[1] then redis.call('DEL', key) end
end
"""


class Seen(StrEnum):
    """What became of an update before: nothing, someone is at it, it is finished."""

    NEW = "new"
    RUNNING = "running"
    DONE = "done"


class Begun(StrEnum):
    """State of the write behind an operation key.

    ``FRESH``: ours to do now. ``PENDING``: someone is at it. ``LAPSED``: it was begun and nobody knows how it
    ended: read back, never repeat. ``DONE``: its result is stored.
    """

    FRESH = "fresh"
    PENDING = "pending"
    LAPSED = "lapsed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Limits:
    """Clicks per minute, which may also come all at once."""

    guests: int = 30
    admins: int = 120


@dataclass(frozen=True, slots=True)
class Operation:
    """A write's state; ``result`` is what ``finish`` or ``fail`` stored, None otherwise."""

    state: Begun
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the gate knows about one click.

    ``wait``: seconds until the next click is welcome, 0 = come in. ``session`` and ``draft`` are raw: read
    them with ``Sessions.read`` and ``drafts.read``. ``operation`` is None without a key or without a session.
    ``redelivered``: an earlier holder never finished this update. ``at`` is the ``now`` of the call.
    """

    user_id: int
    update_id: int | None
    at: float
    holder: str
    seen: Seen
    redelivered: bool
    wait: int
    ui: UiState
    session: str | None = None
    draft: str | None = None
    operation: Operation | None = None

    @property
    def admitted(self) -> bool:
        """True when this click is ours to handle."""
        return self.seen is Seen.NEW and self.wait == 0

    @property
    def mark(self) -> Mark | None:
        """The update we hold; None when it is not ours or no update is behind this entry."""
        if self.update_id is None or not self.admitted:
            return None
        return Mark(self.user_id, self.update_id, self.at + LEASE)


class Gate:
    """Admits clicks and settles them. Every method lets ``RedisError`` through."""

    def __init__(
        self, redis: Redis, journal: Journal, limits: Limits | None = None, *, idle_ttl: int = DAY
    ) -> None:
        self._redis = redis
        self._journal = journal
        text = files("services").joinpath("gate.lua").read_text(encoding="utf-8")
        self._script = _settings(limits or Limits(), idle_ttl) + text
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()

    async def enter(
        self, update_id: int | None, user_id: int, *, now: float, write_key: str | None = None
    ) -> Entry:
        """The entry of one click (``now`` in epoch seconds); no ``update_id``: a request that is no update.

        With ``write_key`` the write behind that button is begun, for a signed-in person only. What the
        journal holds for the person is written on the way.
        """
        holder = secrets.token_urlsafe(9)
        pending = self._journal.pending_for(user_id)
        keys = self._keys(update_id, user_id, write_key, pending, now)
        flags = ["01"[update_id is not None], "01"[write_key is not None]]
        values = [str(int(now * 1000)), holder, *flags]
        if pending is not None:
            values += [part for pair in pending.ui.items() for part in pair]
        try:
            reply = await self._call(keys, values)
        except BaseException:
            if pending is not None:
                self._journal.put_back(user_id, pending)
            raise
        return _entry(reply, user_id=user_id, update_id=update_id, at=now, holder=holder)

    def done(self, entry: Entry, *, ui: Mapping[str, str] | None = None) -> None:
        """Ends a click that wrote nothing: noted in the journal, no round trip."""
        if entry.mark is not None:
            self._journal.done(entry.mark)
        if ui:
            self._journal.set_ui(entry.user_id, ui)

    async def finish(
        self,
        entry: Entry,
        *,
        write_key: str | None = None,
        result: Mapping[str, Any] | None = None,
        audit: AuditEntry | None = None,
        ui: Mapping[str, str] | None = None,
        save_draft: Draft | None = None,
        drop_draft: str | None = None,
    ) -> None:
        """Ends a click that wrote: key, draft, ui, update and audit entry in one round trip.

        ``result`` (JSON-ready) is what a second press of the same button gets for 48 hours. With a ``write_key``
        the update itself stays held until ``done``: should the process die before the person saw the result,
        the redelivery finds the key done and shows it.
        """
        await self._settle(entry, "d", write_key, result, audit, ui, save_draft, drop_draft)

    async def fail(
        self,
        entry: Entry,
        write_key: str,
        *,
        note: Mapping[str, Any] | None = None,
        audit: AuditEntry | None = None,
        ui: Mapping[str, str] | None = None,
    ) -> None:
        """Ends a click whose write may or may not have happened: a second press gets LAPSED with ``note``."""
        await self._settle(entry, "u", write_key, note, audit, ui, None, None)

    async def release(self, entry: Entry, write_key: str, *, audit: AuditEntry | None = None) -> None:
        """Gives a key back because nothing was changed; another holder's key stays. The update stays held."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.eval(_GIVE_BACK, 1, OperationKey(entry.user_id, write_key).name, entry.holder)
        if audit is not None:
            audits.append(pipe, audit)
        await pipe.execute()

    async def abandon(self, entry: Entry, write_key: str | None = None) -> None:
        """Gives the update (and the key) back unhandled, so that a redelivery is served at once."""
        names = [OperationKey(entry.user_id, write_key).name] if write_key else []
        if entry.mark is not None:
            names.append(UpdateKey(entry.user_id, entry.mark.update_id).name)
        if names:
            await self._redis.eval(_GIVE_BACK, len(names), *names, entry.holder)

    def _keys(
        self, update_id: int | None, user_id: int, write_key: str | None, pending: Pending | None, now: float
    ) -> list[str]:
        keys = [SessionKey(user_id).name, UiKey(user_id).name, DraftsKey(user_id).name, RateKey(user_id).name]
        if update_id is not None:
            keys.append(UpdateKey(user_id, update_id).name)
        if write_key is not None:
            keys.append(OperationKey(user_id, write_key).name)
        if pending is not None:
            keys += [UpdateKey(user_id, mark.update_id).name for mark in pending.held(now)]
        return keys

    async def _call(self, keys: list[str], values: list[str]) -> list[Any]:
        try:
            reply = await self._redis.evalsha(self._sha, len(keys), *keys, *values)
        except NoScriptError:
            reply = await self._redis.eval(self._script, len(keys), *keys, *values)
        answer: list[Any] = json.loads(reply)
        return answer

    async def _settle(
        self,
        entry: Entry,
        state: str,
        write_key: str | None,
        result: Mapping[str, Any] | None,
        audit: AuditEntry | None,
        ui: Mapping[str, str] | None,
        save_draft: Draft | None,
        drop_draft: str | None,
    ) -> None:
        pending = self._journal.pending_for(entry.user_id) or Pending()
        pipe = self._redis.pipeline(transaction=False)
        # The key comes first: cut short here, a redelivery still finds the write done.
        if write_key is not None:
            stored = f"{state}:{json.dumps(result or {}, ensure_ascii=False)}"
            pipe.set(OperationKey(entry.user_id, write_key).name, stored, ex=OperationKey.TTL)
        if drop_draft is not None:
            drafts.remove(pipe, entry.user_id, drop_draft)
        if save_draft is not None:
            drafts.put(pipe, entry.user_id, save_draft)
        mark = entry.mark if write_key is None else None
        self._queue(pipe, entry, pending, mark, {**pending.ui, **(ui or {})})
        if audit is not None:
            audits.append(pipe, audit)
        try:
            await pipe.execute()
        except BaseException:
            self._journal.put_back(entry.user_id, pending)
            raise

    def _queue(
        self, pipe: Pipeline, entry: Entry, pending: Pending, mark: Mark | None, ui: Mapping[str, str]
    ) -> None:
        if ui:
            pipe.hset(UiKey(entry.user_id).name, mapping=dict[Any, Any](ui))
        for done in [*pending.held(entry.at), *([mark] if mark else [])]:
            pipe.set(UpdateKey(done.user_id, done.update_id).name, "done", ex=UpdateKey.TTL)


def _settings(limits: Limits, idle_ttl: int) -> str:
    """The head of the script: what never changes between clicks is not sent with each."""
    settings = {
        "idle_ttl": idle_ttl,
        "mark_ttl": UpdateKey.TTL,
        "operation_ttl": OperationKey.TTL,
        "ui_ttl": UiKey.TTL,
        "guest_ui_ttl": UiKey.GUEST_TTL,
        "lease": int(LEASE * 1000),
        "guest_interval": 60_000 / limits.guests,
        "admin_interval": 60_000 / limits.admins,
        "guest_burst": limits.guests,
        "admin_burst": limits.admins,
    }
    return "".join(f"local {name} = {value}\n" for name, value in settings.items())


def _entry(reply: list[Any], *, user_id: int, update_id: int | None, at: float, holder: str) -> Entry:
    seen, redelivered, wait, session, flat, draft, operation, result = reply
    return Entry(
        user_id=user_id,
        update_id=update_id,
        at=at,
        holder=holder,
        seen=Seen(seen),
        redelivered=bool(redelivered),
        wait=math.ceil(wait / 1000),
        ui=UiState.read(dict(zip(flat[::2], flat[1::2], strict=True))),
        session=session or None,
        draft=draft or None,
        operation=_operation(operation, result) if operation else None,
    )


def _operation(state: str, result: str) -> Operation:
    return Operation(Begun(state), json.loads(result) if result else None)
