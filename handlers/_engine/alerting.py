"""Telling admins what is new to decide, and what became of it: one process at a time, for all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from api.context import request_id, within
from api.errors import BackendError, NotFound
from handlers._engine.carry import decides, kinds_of
from keyboards.callbacks import Go
from locales.locale import Locale
from middlewares.context import App
from models.access import Caller
from models.common import Amount
from resources.resource import Resource
from services import policy
from services.alerts import NO_MESSAGE, Watch
from services.inbox import Item, Snapshot
from services.preferences import UiState
from utils.html import Html
from views.alerts import many_screen, new_screen, outcome_screen
from views.approvals import said
from views.card import card_text
from views.deliver import Shown
from views.screen import Screen

EVERY = 30.0
"""Seconds between two looks for what is new."""
PULSE = 2.0
"""Seconds between two looks for what was decided through the bot."""
COUNTED_EVERY = 4.0
"""Seconds between two looks at the counters, while there are alerts whose outcome somebody may wait for."""
COUNTED_WITHIN = 3.0
FRESH = 3600.0
"""Seconds after an alert in which its outcome is looked for that closely."""
MERGED_FOR = 60.0
"""Seconds in which what comes next goes into the same message."""
WITHIN = 20.0

_log = structlog.get_logger("alerts")


@dataclass(slots=True)
class _Group:
    """Those who see the same records: all of a role, or one person where only own records are seen."""

    caller: Caller
    kinds: Mapping[str, Resource[Any]]
    watches: list[Watch] = field(default_factory=list)


class Alerting:
    """The looks of one process; ``pulse`` is called again and again, and does something while it holds the lease."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._looked_at = float("-inf")
        self._counted_at = float("-inf")
        self._counts: dict[str, Mapping[str, Amount]] = {}
        self._sent_at = float("-inf")

    async def pulse(self) -> None:
        """One look, as far as it is time for one. Raises ``RedisError``."""
        if not await self._app.alerts_lease.renew():
            return
        now = time.monotonic()
        if now - self._looked_at >= EVERY:
            self._looked_at = now
            await self.look()
            return
        watches = await self._app.alerts.watches()
        if not watches:
            return
        open_refs = {
            ref for watch in watches for ref, at in (await self._app.alerts.told(watch.user_id)).items() if at
        }
        if not open_refs:
            return
        if await self._app.alerts.decided(open_refs) or await self._changed(watches, now):
            self._looked_at = now
            await self.look()

    async def _changed(self, watches: Sequence[Watch], now: float) -> bool:
        """True when the counters are no longer what they were: something was decided elsewhere, or came in."""
        if now - self._counted_at < COUNTED_EVERY or now - self._sent_at > FRESH:
            return False
        self._counted_at = now
        changed = False
        for name, group in (await self._groups(watches)).items():
            try:
                with within(WITHIN):
                    kinds = list(group.kinds.values())
                    found = await self._app.inbox.counts(group.caller, kinds, COUNTED_WITHIN, fresh=True)
            except BackendError:
                continue
            changed = changed or self._counts.get(name, found) != found
            self._counts[name] = found
        return changed

    async def look(self) -> None:
        """Reads what waits, once for all who see the same, tells what is new and stamps what is over."""
        watches = await self._app.alerts.watches()
        for group in (await self._groups(watches)).values():
            request_id.set(f"alerts-{int(time.time())}")
            locale = self._app.locale(group.watches[0].language, group.watches[0].zone)
            try:
                with within(WITHIN):
                    snapshot = await self._app.inbox.read(group.caller, list(group.kinds.values()), locale)
            except BackendError as error:
                _log.warning("inbox_not_read", error=str(error))
                continue
            for watch in group.watches:
                await self._person(group, watch, snapshot)

    async def _groups(self, watches: Sequence[Watch]) -> dict[str, _Group]:
        """The watches by who sees the same; each group reads with the session of one of its own, never with wider
        rights. Whoever has no living session is told nothing."""
        groups: dict[str, _Group] = {}
        for watch in watches:
            session = await self._app.sessions.load(watch.user_id)
            if session is None or session.admin_id != watch.admin_id:
                continue
            try:
                session = await self._app.sessions.revalidate(session, time.time())
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
            group = groups.setdefault(name, _Group(self._app.sessions.caller(session), mine))
            group.watches.append(watch)
        return groups

    async def _person(self, group: _Group, watch: Watch, snapshot: Snapshot) -> None:
        app, now = self._app, datetime.now(UTC)
        # Language and zone may have been chosen anew since the alerts were asked for.
        state = await app.preferences.state(watch.user_id)
        watch = replace(watch, language=state.reads or watch.language, zone=state.timezone or watch.zone)
        told = await app.alerts.told(watch.user_id)
        items = {item.ref: item for item in snapshot.items}
        unread = frozenset(snapshot.silent) | frozenset(snapshot.cut)
        over = [ref for ref in told if ref not in items and ref.partition(":")[0] not in unread]
        for ref in over:
            await self._stamp(group, watch, ref, told[ref], state)
        await app.alerts.forget(watch.user_id, over)
        if not watch.primed:
            # What waited before is no news.
            await app.alerts.note(watch.user_id, items)
            await app.alerts.keep(replace(watch, primed=True))
            return
        if watch.digest:
            await self._digest(group, watch, list(items.values()), now)
            return
        new = [item for ref, item in items.items() if ref not in told and watch.wants(item.code)]
        if new and not watch.is_silent(now):
            await self._tell(group, watch, new, now, state)

    async def _digest(self, group: _Group, watch: Watch, items: Sequence[Item], now: datetime) -> None:
        wanted = [item for item in items if watch.wants(item.code)]
        await self._app.alerts.note(watch.user_id, [item.ref for item in items])
        if not watch.digest_due(now) or watch.is_silent(now):
            return
        locale = self._app.locale(watch.language, watch.zone)
        await self._app.alerts.keep(replace(watch, digest_day=locale.local(now).date().isoformat()))
        if wanted:
            screen = many_screen(wanted, group.kinds, locale, now.timestamp(), digest=True)
            await self._app.deliver.show(watch.user_id, None, screen)

    async def _tell(
        self, group: _Group, watch: Watch, new: Sequence[Item], now: datetime, state: UiState
    ) -> None:
        app = self._app
        # Noted first: whatever happens from here on, it is not told twice.
        await app.alerts.note(watch.user_id, [item.ref for item in new])
        locale = app.locale(watch.language, watch.zone)
        self._sent_at = time.monotonic()
        recent = now.timestamp() - watch.merged_at < MERGED_FOR
        if len(new) == 1 and not recent:
            screen = await self._one(group, watch, new[0], locale, state)
            if screen is not None:
                shown = await app.deliver.show(watch.user_id, None, screen)
                if shown is not None:
                    await app.alerts.note(watch.user_id, [new[0].ref], shown.message_id)
                await app.alerts.keep(replace(watch, merged_at=now.timestamp(), merged=0, merged_refs=()))
                return
        waiting = [item for item in new if item.code in group.kinds]
        screen = many_screen(waiting, group.kinds, locale, now.timestamp(), digest=False)
        shown = None
        if recent and watch.merged and watch.merged != state.message_id:
            # More within the minute goes into the message that is there.
            shown = await app.deliver.redraw(watch.user_id, Shown(watch.merged), screen)
        shown = shown or await app.deliver.show(watch.user_id, None, screen)
        merged = shown.message_id if shown is not None else 0
        await app.alerts.keep(replace(watch, merged_at=now.timestamp(), merged=merged))

    async def _one(
        self, group: _Group, watch: Watch, item: Item, locale: Locale, state: UiState
    ) -> Screen | None:
        """The alert of one record; None when it cannot be read now: then it is named in a list."""
        app, resource = self._app, _bound(group.kinds[item.code], item)
        try:
            record = await app.records.get(group.caller, resource, item.id)
        except BackendError:
            return None

        def keyed(go: Go) -> Go:
            key = app.operation_keys.draw(state.epoch, watch.user_id, go.scope, time.time())
            return replace(go, key=key)

        card = card_text(resource, record, None, locale, under_photo=True)
        return new_screen(resource, item, card.text, locale, keyed)

    async def _stamp(self, group: _Group, watch: Watch, ref: str, message_id: int, state: UiState) -> None:
        """Writes into the alert what became of its record, unless its message is the person's screen by now."""
        if message_id == NO_MESSAGE:
            return
        app = self._app
        code, under, record_id = ref.split(":")
        item = Item(code, int(record_id), int(under))
        if code not in group.kinds:
            return
        resource = _bound(group.kinds[code], item)
        locale = app.locale(watch.language, watch.zone)
        if state.message_id == message_id:
            return
        last = await app.decisions.last(ref)
        title, told = f"#{item.id}", locale.html("approvals.was.decided")
        try:
            record = await app.records.get(group.caller, resource, item.id)
            title = resource.title(record, locale) or locale.t("card.untitled")
            told = _told(last, record, locale)
        except NotFound:
            told = locale.html("alerts.gone")
        except BackendError:
            if last is not None:
                told = said(last, locale, "was")
        screen = outcome_screen(title, told, resource, item, locale)
        await app.deliver.redraw(watch.user_id, Shown(message_id), screen)


def _bound(resource: Resource[Any], item: Item) -> Resource[Any]:
    return resource.at(item.under) if item.under else resource


def _told(last: Any, record: Any, locale: Locale) -> Html:
    """Who decided through the bot; of what was decided elsewhere, the state the CRM tells."""
    status = str(getattr(record, "moderation_status", "") or "")
    if last is not None and (not status or status == ("approved" if last.approve else "rejected")):
        return said(last, locale, "was")
    if status in ("approved", "rejected"):
        return locale.html(f"alerts.in_crm.{status}")
    return locale.html("approvals.was.decided")
