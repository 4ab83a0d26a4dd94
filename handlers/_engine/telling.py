"""Telling one person what is new, each thing once, and stamping what became of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from api.errors import BackendError, Forbidden, NotFound
from keyboards.callbacks import Go
from locales.locale import Locale
from middlewares.context import App
from models.access import Caller
from resources.resource import Resource
from services.alerts import NO_MESSAGE, Watch
from services.decisions import Decision
from services.inbox import Item, Snapshot
from services.preferences import UiState
from services.sessions import Session
from utils.html import Html
from views.alerts import many_screen, new_screen, outcome_screen
from views.approvals import said
from views.card import card_text
from views.deliver import Shown
from views.screen import Screen

MERGED_FOR = 60.0
"""Seconds in which what comes next goes into the same message."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One who asked for alerts, and the session they are told in."""

    watch: Watch
    session: Session


@dataclass(slots=True)
class Group:
    """Those who see the same records: all of a role, or one person where only own records are seen."""

    caller: Caller
    kinds: Mapping[str, Resource[Any]]
    readers: list[Reader] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Everything needed to tell one person."""

    app: App
    group: Group
    watch: Watch
    session: Session
    state: UiState
    now: datetime

    @property
    def locale(self) -> Locale:
        """How they read."""
        return self.app.locale(self.watch.language, self.watch.zone)


def item_of(ref: str) -> Item:
    """The item of that name, without its title."""
    code, under, record_id = ref.split(":")
    return Item(code, int(record_id), int(under))


def bound(resource: Resource[Any], item: Item) -> Resource[Any]:
    """The kind with the parent of that item."""
    return resource.at(item.under) if item.under else resource


async def tell(app: App, group: Group, reader: Reader, snapshot: Snapshot) -> None:
    """Tells what ``snapshot`` has that the person does not know of, and stamps what it has no more."""
    state = await app.preferences.state(reader.watch.user_id)
    # Language and zone may have been chosen anew since the alerts were asked for.
    watch = replace(
        reader.watch,
        language=state.reads or reader.watch.language,
        zone=state.timezone or reader.watch.zone,
    )
    turn = _Turn(app, group, watch, reader.session, state, datetime.now(UTC))
    told = await app.alerts.told(watch.user_id)
    items = {item.ref: item for item in snapshot.items}
    unread = frozenset(snapshot.silent) | frozenset(snapshot.cut)
    over = [ref for ref in told if ref not in items and ref.partition(":")[0] not in unread]
    for ref in over:
        await _stamp(turn, ref, told[ref])
    await app.alerts.forget(watch.user_id, over)
    if not watch.primed:
        # What waited before they asked is no news.
        asked_at = watch.asked_at or turn.now.timestamp()
        before = [ref for ref, item in items.items() if item.since is None or item.since < asked_at]
        await app.alerts.claim(watch.user_id, before)
        await app.alerts.advance(watch.user_id, lambda one: replace(one, primed=True))
        told = {**dict.fromkeys(before, NO_MESSAGE), **told}
    # Nor is what they did not want when it came.
    await app.alerts.claim(watch.user_id, [ref for ref, one in items.items() if not watch.wants(one.code)])
    if watch.digest:
        await _digest(turn, list(items.values()))
        return
    new = [item for ref, item in items.items() if ref not in told and watch.wants(item.code)]
    if new and not watch.is_silent(turn.now) and (caller := await _reading(turn)) is not None:
        await _new(turn, caller, new, items)


async def _reading(turn: _Turn) -> Caller | None:
    """The person's own session, if it has at this very moment the rights that the group was read with."""
    try:
        session = await turn.app.sessions.renewed(turn.session, used=False)
    except BackendError:
        return None
    same = session.role == turn.session.role
    return turn.app.sessions.caller(session, used=False) if same else None


async def _digest(turn: _Turn, items: Sequence[Item]) -> None:
    app, watch = turn.app, turn.watch
    await app.alerts.claim(watch.user_id, [item.ref for item in items])
    if not watch.digest_due(turn.now) or watch.is_silent(turn.now) or await _reading(turn) is None:
        return
    today = turn.locale.local(turn.now).date().isoformat()
    # Of two processes that come to it at once one finds it done.
    due = await app.alerts.advance(
        watch.user_id, lambda one: None if one.digest_day == today else replace(one, digest_day=today)
    )
    wanted = [item for item in items if watch.wants(item.code)]
    if due is not None and wanted:
        screen = many_screen(wanted, turn.group.kinds, turn.locale, turn.now.timestamp(), digest=True)
        await app.deliver.show(watch.user_id, None, screen)


async def _new(turn: _Turn, caller: Caller, new: Sequence[Item], items: Mapping[str, Item]) -> None:
    app, watch = turn.app, turn.watch
    # Noted first: whatever happens from here on, it is not told twice.
    mine = await app.alerts.claim(watch.user_id, [item.ref for item in new])
    new = [item for item in new if item.ref in mine]
    if not new:
        return
    at = turn.now.timestamp()
    recent = at - watch.merged_at < MERGED_FOR
    if len(new) == 1 and not recent:
        try:
            screen = await _one(turn, caller, new[0])
        except (Forbidden, NotFound):
            return
        if screen is not None:
            shown = await app.deliver.show(watch.user_id, None, screen)
            if shown is not None:
                await app.alerts.note(watch.user_id, [new[0].ref], shown.message_id)
            await app.alerts.advance(watch.user_id, partial(_merged, at=at, message_id=0, refs=()))
            return
    # More within the minute goes into the message that is there, unless it has become the person's screen.
    grows = recent and bool(watch.merged) and watch.merged != turn.state.message_id
    known = [items[ref] for ref in watch.merged_refs if ref in items] if grows else []
    listed = [item for item in (*known, *new) if item.code in turn.group.kinds]
    screen = many_screen(listed, turn.group.kinds, turn.locale, at, digest=False)
    shown = await app.deliver.redraw(watch.user_id, Shown(watch.merged), screen) if grows else None
    shown = shown or await app.deliver.show(watch.user_id, None, screen)
    message_id = shown.message_id if shown is not None else 0
    refs = tuple(item.ref for item in listed)
    await app.alerts.advance(watch.user_id, partial(_merged, at=at, message_id=message_id, refs=refs))


def _merged(watch: Watch, at: float, message_id: int, refs: tuple[str, ...]) -> Watch:
    return replace(watch, merged_at=at, merged=message_id, merged_refs=refs)


async def _one(turn: _Turn, caller: Caller, item: Item) -> Screen | None:
    """The alert of one record, opened by the very person who gets it; None when it cannot be read now: then it is
    named in a list. Raises ``Forbidden`` and ``NotFound``."""
    app, watch, resource = turn.app, turn.watch, bound(turn.group.kinds[item.code], item)
    try:
        record = await app.records.get(caller, resource, item.id)
    except (Forbidden, NotFound):
        raise
    except BackendError:
        return None

    def keyed(go: Go) -> Go:
        key = app.operation_keys.draw(turn.state.epoch, watch.user_id, go.scope, time.time())
        return replace(go, key=key)

    card = card_text(resource, record, None, turn.locale, under_photo=True)
    return new_screen(resource, item, card.text, turn.locale, keyed)


async def _stamp(turn: _Turn, ref: str, message_id: int) -> None:
    """Writes into the alert what became of its record, unless its message is the person's screen by now."""
    item = item_of(ref)
    if message_id in (NO_MESSAGE, turn.state.message_id) or item.code not in turn.group.kinds:
        return
    app, locale = turn.app, turn.locale
    resource = bound(turn.group.kinds[item.code], item)
    last = await app.decisions.last(ref)
    title, told = f"#{item.id}", locale.html("approvals.was.decided")
    try:
        record = await app.records.get(turn.group.caller, resource, item.id)
        title = resource.title(record, locale) or locale.t("card.untitled")
        told = _told(last, record, locale)
    except NotFound:
        told = locale.html("alerts.gone")
    except BackendError:
        if last is not None:
            told = said(last, locale, "was")
    screen = outcome_screen(title, told, resource, item, locale)
    await app.deliver.redraw(turn.watch.user_id, Shown(message_id), screen)


def _told(last: Decision | None, record: Any, locale: Locale) -> Html:
    """Who decided through the bot; of what was decided elsewhere, the state the CRM tells."""
    status = str(getattr(record, "moderation_status", "") or "")
    if last is not None and (not status or status == ("approved" if last.approve else "rejected")):
        return said(last, locale, "was")
    if status in ("approved", "rejected"):
        return locale.html(f"alerts.in_crm.{status}")
    return locale.html("approvals.was.decided")
