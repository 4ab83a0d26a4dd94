"""Looking for what is new to decide, and for what became of it: one process at a time, for all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from api.context import request_id, within
from api.errors import BackendError, NotFound
from handlers._engine.carry import decides, kinds_of
from handlers._engine.telling import Group, Reader, bound, item_of, tell
from middlewares.context import App
from models.access import Caller
from resources.resource import Resource
from services import policy
from services.alerts import Watch
from services.inbox import Item

PULSE = 2.0
"""Seconds between two looks for what was decided through the bot."""
FOLLOWED_EVERY = 3.0
"""Seconds between two looks at the records themselves: they may be decided in the CRM, too."""
FOLLOWED = 20
"""Alerts whose records are looked at that closely, the newest of them; the others wait for the next whole look."""
FRESH = 3600.0
"""Seconds after an alert in which its outcome is looked for that closely."""
WITHIN = 20.0

_log = structlog.get_logger("alerts")


class Alerting:
    """The looks of one process; ``pulse`` is called again and again, and does something while it holds the lease.
    ``every``: seconds between two looks for what is new."""

    def __init__(self, app: App, every: float) -> None:
        self._app = app
        self._every = every
        self._looked_at = float("-inf")
        self._followed_at = float("-inf")

    async def pulse(self) -> None:
        """One look, as far as it is time for one. Raises ``RedisError``."""
        if not await self._app.alerts_lease.renew():
            return
        now = time.monotonic()
        if now - self._looked_at >= self._every:
            self._looked_at = now
            await self.look()
            return
        watches = await self._app.alerts.watches()
        told = {watch.user_id: await self._open(watch) for watch in watches}
        refs = {ref for messages in told.values() for ref in messages}
        if refs and (await self._app.alerts.decided(refs) or await self._over(watches, told, now)):
            self._looked_at = now
            await self.look()

    async def _open(self, watch: Watch) -> Mapping[str, int]:
        """The alerts of that person that stand in a message of their own."""
        return {ref: at for ref, at in (await self._app.alerts.told(watch.user_id)).items() if at}

    async def _over(
        self, watches: Sequence[Watch], told: Mapping[int, Mapping[str, int]], now: float
    ) -> bool:
        """True when a record that somebody was alerted of lately waits no more, wherever it was decided."""
        if now - self._followed_at < FOLLOWED_EVERY:
            return False
        lately = [watch for watch in watches if told[watch.user_id] and time.time() - watch.merged_at < FRESH]
        if not lately:
            return False
        self._followed_at = now
        asked: dict[str, tuple[int, Caller, Resource[Any]]] = {}
        for group in (await self._groups(lately)).values():
            for reader in group.readers:
                for ref, at in told[reader.watch.user_id].items():
                    kind = group.kinds.get(ref.partition(":")[0])
                    if kind is not None:
                        asked.setdefault(ref, (at, group.caller, kind))
        newest = sorted(asked.items(), key=lambda one: -one[1][0])[:FOLLOWED]
        over = await asyncio.gather(
            *(self._is_over(caller, kind, item_of(ref)) for ref, (_, caller, kind) in newest)
        )
        return any(over)

    async def _is_over(self, caller: Caller, kind: Resource[Any], item: Item) -> bool:
        try:
            with within(WITHIN):
                record = await self._app.records.get(caller, bound(kind, item), item.id)
        except NotFound:
            return True
        except BackendError:
            return False
        return kind.waiting is not None and not kind.waiting.waits(record)

    async def look(self) -> None:
        """Reads what waits, once for all who see the same, tells what is new and stamps what is over."""
        watches = await self._app.alerts.watches()
        for group in (await self._groups(watches)).values():
            request_id.set(f"alerts-{int(time.time())}")
            first = group.readers[0].watch
            locale = self._app.locale(first.language, first.zone)
            try:
                with within(WITHIN):
                    snapshot = await self._app.inbox.read(group.caller, list(group.kinds.values()), locale)
            except BackendError as error:
                _log.warning("inbox_not_read", error=str(error))
                continue
            for reader in group.readers:
                await tell(self._app, group, reader, snapshot)

    async def _groups(self, watches: Sequence[Watch]) -> dict[str, Group]:
        """The watches by who sees the same; each group reads with the session of one of its own, never with wider
        rights. Whoever has no living session is told nothing, and none is kept alive by being asked about."""
        groups: dict[str, Group] = {}
        for watch in watches:
            session = await self._app.sessions.load(watch.user_id)
            if session is None or session.admin_id != watch.admin_id:
                continue
            try:
                session = await self._app.sessions.revalidate(session, time.time(), used=False)
            except BackendError:
                continue
            kinds = kinds_of(self._app.records, self._app.registry, session.principal)
            mine = {
                code: item
                for code, item in kinds.items()
                if decides(self._app.records, session.principal, item)
            }
            if not mine:
                continue
            own = any(policy.owns_only(session.principal, item.module) for item in mine.values())
            name = f"{session.role}:{watch.user_id if own else ''}"
            group = groups.setdefault(name, Group(self._app.sessions.caller(session, used=False), mine))
            group.readers.append(Reader(watch, session))
        return groups
