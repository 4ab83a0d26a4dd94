"""Everything that waits for a decision, oldest first, whatever list of the backend it stands in."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from redis.asyncio import Redis

from api.errors import BackendError, SessionEnded
from locales.locale import Locale
from models.access import Caller
from models.common import Amount
from models.moderation import Queued
from resources.queries import Counts, ListQuery
from resources.resource import Op, Resource
from services import policy
from services.decisions import ref_of
from services.keys import InboxKey, as_text
from services.reading import Reading

AT_ONCE = 100
"""Rows asked for at once."""
MOST = 1000
"""Rows of the unified queue that are read: the oldest of them when there are more."""
OF_A_KIND = 200
"""Rows read of a kind that is not in the unified queue."""
COUNTED_FOR = 15.0
"""Seconds counts are kept: the menu is opened more often than anything changes."""
CHILDREN_FOR = 300.0
"""Seconds the number of children that wait is believed; it is known from the inbox alone."""
BROKEN_FOR = 300.0
"""Seconds the whole queue is not asked for after it was a 500 (contract Q1)."""
TITLE = 60


class Queue(Protocol):
    """The unified moderation calls (``api.moderation.Moderation``)."""

    async def queue(self, caller: Caller, entity: str = "", skip: int = 0) -> list[Queued]:
        """Rows of what waits, newest first."""

    async def entities(self, caller: Caller) -> Mapping[str, Counts]:
        """Counters of every entity."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record that waits; ``since`` in epoch seconds, None where the backend does not say."""

    code: str
    id: int
    under: int = 0
    title: str = ""
    since: float | None = None

    @property
    def ref(self) -> str:
        """The record's name among decisions."""
        return ref_of(self.code, self.under, self.id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The inbox at one moment: items oldest first, the kinds that could not be read, and those with more to come."""

    at: float
    items: tuple[Item, ...] = ()
    silent: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()

    def of(self, kind: str = "") -> tuple[Item, ...]:
        """The items of one kind, or all."""
        return self.items if not kind else tuple(item for item in self.items if item.code == kind)

    def counts(self) -> Mapping[str, int]:
        """How many wait, by kind."""
        found: dict[str, int] = {}
        for item in self.items:
            found[item.code] = found.get(item.code, 0) + 1
        return found


@dataclass(slots=True)
class _Read:
    """What one kind gave."""

    items: list[Item] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)


class Inbox:
    """Reads what waits, and keeps each person's last look. Redis errors come through; backend errors of one kind
    leave that kind silent, so that the others can be worked on."""

    def __init__(
        self,
        redis: Redis,
        records: Reading,
        queue: Queue,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._redis = redis
        self._records = records
        self._queue = queue
        self._clock = clock
        self._now = now
        self._broken_at = float("-inf")
        self._counted: dict[str, tuple[float, dict[str, Amount]]] = {}
        self._children: dict[str, tuple[float, dict[str, Amount]]] = {}

    async def read(self, caller: Caller, kinds: Sequence[Resource[Any]], locale: Locale) -> Snapshot:
        """What waits now among ``kinds``, of which the caller may read all."""
        together = [item for item in kinds if item.waiting is not None and item.waiting.queue]
        alone = [item for item in kinds if item not in together]
        reads = await asyncio.gather(
            self._queued(caller, together, locale) if together else _nothing(),
            *(self._kind(caller, item, locale) for item in alone),
        )
        # An item without a date has waited since nobody knows when: it comes last.
        items = sorted(
            (item for read in reads for item in read.items),
            key=lambda item: (item.since is None, item.since or 0.0, item.code, item.under, item.id),
        )
        reader = _reader(caller, kinds)
        self._counted.pop(reader, None)
        cut = {code for read in reads for code in read.cut}
        numbers = Counter(item.code for item in items)
        children = {one.code: Amount(numbers[one.code], one.code in cut) for one in kinds if one.parent}
        self._children[reader] = (self._clock(), children)
        return Snapshot(
            self._now(),
            tuple(items),
            tuple(code for read in reads for code in read.silent),
            tuple(code for read in reads for code in read.cut),
        )

    async def counts(
        self, caller: Caller, kinds: Sequence[Resource[Any]], within: float, *, fresh: bool = False
    ) -> Mapping[str, Amount]:
        """How many wait, by kind, at most fifteen seconds old (``fresh``: now); kinds that cannot be counted in
        ``within`` seconds are left out: a number beside a button is not worth waiting for."""
        reader = _reader(caller, kinds)
        kept = self._counted.get(reader)
        if kept is not None and not fresh and self._clock() - kept[0] < COUNTED_FOR:
            return kept[1]
        counted = [item for item in kinds if item.waiting is not None and not _deed(item)]
        own = any(policy.owns_only(caller.principal, item.module) for item in kinds)
        # Children of all parents cost a call for each parent: nobody waits for that to see a menu.
        alone = [item for item in kinds if item not in counted and (own or not item.parent)]
        tasks = [asyncio.ensure_future(self._amount(caller, item)) for item in alone]
        if counted:
            tasks.append(asyncio.ensure_future(self._pending(caller, counted)))
        if not tasks:
            return {}
        try:
            _, late = await asyncio.wait(tasks, timeout=within)
        finally:
            # Whoever waited for them may be cancelled itself.
            for task in tasks:
                task.cancel()
        # All are asked how they ended, or asyncio complains of those that nobody asked.
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                raise end
        found = {code: amount for task in tasks if task not in late for code, amount in task.result().items()}
        at, children = self._children.get(reader, (float("-inf"), {}))
        if not own and self._clock() - at < CHILDREN_FOR:
            found |= children
        elif not own:
            found |= {item.code: Amount(0, more=True) for item in kinds if item.parent}
        found = {item.code: found[item.code] for item in kinds if item.code in found}
        if not late:
            self._counted[reader] = (self._clock(), found)
        return found

    def forget(self) -> None:
        """Counts are asked for anew: something was decided here."""
        self._counted.clear()

    # --- a person's look --------------------------------------------------------------------------------

    async def keep(self, user_id: int, snapshot: Snapshot) -> None:
        """Keeps the order in which a person works through it."""
        rows = [[one.code, one.id, one.under, one.title, one.since] for one in snapshot.items]
        text = json.dumps(
            {"at": snapshot.at, "items": rows, "silent": snapshot.silent, "cut": snapshot.cut},
            ensure_ascii=False,
        )
        await self._redis.set(InboxKey(user_id).name, text, ex=InboxKey.TTL)

    async def kept(self, user_id: int) -> Snapshot | None:
        """A person's last look; None when there is none."""
        raw = await self._redis.get(InboxKey(user_id).name)
        if not raw:
            return None
        blob = json.loads(as_text(raw))
        return Snapshot(
            blob["at"], tuple(Item(*row) for row in blob["items"]), tuple(blob["silent"]), tuple(blob["cut"])
        )

    # --- reading ----------------------------------------------------------------------------------------

    async def _queued(self, caller: Caller, kinds: Sequence[Resource[Any]], locale: Locale) -> _Read:
        """The kinds of the unified queue: in one go, else each for itself."""
        if self._clock() - self._broken_at >= BROKEN_FOR:
            try:
                return await self._whole(caller, kinds)
            except SessionEnded:
                raise
            except BackendError:
                # While an untitled vacancy waits the queue of all is a 500 (contract Q1).
                self._broken_at = self._clock()
        reads = await asyncio.gather(*(self._entity(caller, item, locale) for item in kinds))
        return _joined(reads)

    async def _whole(self, caller: Caller, kinds: Sequence[Resource[Any]]) -> _Read:
        by_entity = {item.waiting.queue: item for item in kinds if item.waiting is not None}
        rows, counts = await asyncio.gather(self._queue.queue(caller), self._queue.entities(caller))
        total = sum(one.pending for one in counts.values())
        if len(rows) == AT_ONCE:
            # Newest first: what has waited longest is at the end.
            first = max(AT_ONCE, total - MOST)
            more = await asyncio.gather(
                *(self._queue.queue(caller, skip=skip) for skip in range(first, total, AT_ONCE))
            )
            rows += [row for page in more for row in page]
        unique = {(row.entity_type, row.id): row for row in rows if row.entity_type in by_entity}
        items = [_item(by_entity[row.entity_type], row) for row in unique.values()]
        cut = [item.code for item in kinds] if total > len(rows) else []
        return _Read(items, [], cut)

    async def _entity(self, caller: Caller, resource: Resource[Any], locale: Locale) -> _Read:
        """One kind of the queue. Vacancies come from their own list, which knows what they are called."""
        if resource.waiting is None or resource.waiting.queue == "vacancy":
            return await self._kind(caller, resource, locale)
        rows: list[Queued] = []
        try:
            for skip in range(0, OF_A_KIND, AT_ONCE):
                page = await self._queue.queue(caller, resource.waiting.queue, skip)
                rows += page
                if len(page) < AT_ONCE:
                    break
        except SessionEnded:
            raise
        except BackendError:
            return _Read(silent=[resource.code])
        unique = {row.id: row for row in rows}
        cut = [resource.code] if len(rows) >= OF_A_KIND else []
        return _Read([_item(resource, row) for row in unique.values()], [], cut)

    async def _kind(self, caller: Caller, resource: Resource[Any], locale: Locale) -> _Read:
        """A kind as its own list has it."""
        try:
            found, more = await self._waiting(caller, resource, OF_A_KIND)
        except SessionEnded:
            raise
        except BackendError:
            return _Read(silent=[resource.code])
        items = [
            Item(
                resource.code,
                record.id,
                under,
                _title(resource.title(record, locale)),
                _epoch(getattr(record, resource.waiting.since, None) if resource.waiting else None),
            )
            for under, record in found
        ]
        return _Read(items, [], [resource.code] if more else [])

    async def _waiting(
        self, caller: Caller, resource: Resource[Any], most: int
    ) -> tuple[list[tuple[int, Any]], bool]:
        """Records that wait, each with its parent, and whether there are more."""
        if resource.waiting is None:
            return [], False
        if resource.parent:
            self._records.require(caller.principal, resource.need(Op.LIST))
            found, more = await self._records.source(resource).pending(caller, most)
            return found, more
        query = ListQuery(1, AT_ONCE, filters=resource.waiting.filters)
        records: list[Any] = []
        while True:
            page = await self._records.page(caller, resource, query)
            records += page.items
            if not page.has_next or len(records) >= most:
                # A list that changes while it is paged may show a record twice.
                unique = {record.id: record for record in records}
                return [(0, record) for record in unique.values()], page.has_next
            query = query.at(query.page + 1)

    async def _pending(self, caller: Caller, resources: Sequence[Resource[Any]]) -> dict[str, Amount]:
        counters = await self._records.counters(caller, resources)
        return {code: Amount(counts.pending) for code, counts in counters.items()}

    async def _amount(self, caller: Caller, resource: Resource[Any]) -> dict[str, Amount]:
        try:
            found, more = await self._waiting(caller, resource, AT_ONCE)
        except SessionEnded:
            raise
        except BackendError:
            return {}
        return {resource.code: Amount(len(found), more)}


def _reader(caller: Caller, kinds: Iterable[Resource[Any]]) -> str:
    """Who sees the same: all of a role, but each for themselves where only own records are seen."""
    who = caller.principal
    own = any(policy.owns_only(who, item.module) for item in kinds)
    return f"{who.role}:{who.admin_id if own else ''}"


def _deed(resource: Resource[Any]) -> bool:
    return resource.waiting is not None and bool(resource.waiting.approve)


def _item(resource: Resource[Any], row: Queued) -> Item:
    return Item(resource.code, row.id, 0, _title(row.title), _epoch(row.created_at))


def _title(text: str | None) -> str:
    return " ".join((text or "").split())[:TITLE]


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _joined(reads: Iterable[_Read]) -> _Read:
    whole = _Read()
    for read in reads:
        whole.items += read.items
        whole.silent += read.silent
        whole.cut += read.cut
    return whole


async def _nothing() -> _Read:
    return _Read()


def without(snapshot: Snapshot, refs: Iterable[str]) -> Snapshot:
    """The look without those records."""
    gone = frozenset(refs)
    return replace(snapshot, items=tuple(item for item in snapshot.items if item.ref not in gone))
