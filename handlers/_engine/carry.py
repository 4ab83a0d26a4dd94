"""Carrying out decisions that were held back for their undo, by whichever process comes first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog
from redis.exceptions import RedisError

from api.context import request_id, within
from api.errors import BackendError, NotFound, SessionEnded, Unavailable, UnknownOutcome
from keyboards.buttons import Button, navigation
from keyboards.callbacks import Go, Place, Press
from middlewares.context import App
from models.access import Principal
from resources.registry import Registry
from resources.resource import Op, Resource
from services import policy
from services.decisions import AT_ONCE, TRIES, Decision
from services.records import Records
from utils.html import lines
from views.fitting import label
from views.screen import Screen

WITHIN = 20.0
"""Seconds the backend calls of one decision share: less than its lease."""

_log = structlog.get_logger("decisions")


def decides(records: Records, principal: Principal, resource: Resource[Any]) -> bool:
    """True when this person decides records of that kind."""
    if resource.waiting is None or not records.may(principal, resource, Op.CARD):
        return False
    deeds = [resource.deciding(approve=one) for one in (True, False)]
    if None in deeds:
        return records.may(principal, resource, Op.MODERATE)
    return all(deed is not None and records.may_do(principal, resource, deed) for deed in deeds)


def kinds_of(records: Records, registry: Registry, principal: Principal) -> Mapping[str, Resource[Any]]:
    """What waits and is this person's to decide, or to look at for those who see everybody's records."""
    return {
        item.code: item
        for item in registry
        if item.waiting is not None
        and records.may(principal, item, Op.LIST)
        and (decides(records, principal, item) or not policy.owns_only(principal, item.module))
    }


class Carrier:
    """Carries out what is due, several at a time: one that the backend keeps waiting must not outlive its lease, nor
    hold up the others."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    async def pulse(self) -> None:
        """Begins what is due. Raises ``RedisError``: what was claimed is taken up again after its lease."""
        free = AT_ONCE - len(self._tasks)
        if free <= 0:
            return
        for decision, tries in await self._app.decisions.claim(time.time(), free):
            task = asyncio.create_task(self._one(decision, tries), name=f"decision:{decision.ref}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, decision: Decision, tries: int) -> None:
        request_id.set(f"decision-{decision.id}")
        (error,) = await asyncio.gather(_carry(self._app, decision, tries), return_exceptions=True)
        if isinstance(error, Exception):
            known = isinstance(error, RedisError | OSError)
            _log.error("decision_crashed", decision=decision.ref, exc_info=None if known else error)

    async def close(self) -> None:
        """What still runs is left to its lease."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _carry(app: App, decision: Decision, tries: int) -> None:
    found = app.registry.by_code.get(decision.code)
    resource = found.at(decision.under) if found is not None and decision.under else found
    if resource is None:
        await app.decisions.end(decision, done=False)
        return
    if tries > TRIES:
        await _failed(app, resource, decision, "approvals.failed.unknown")
        return
    try:
        with within(WITHIN):
            _, here = await _done(app, resource, decision, lapsed=tries > 1)
    except (Unavailable, UnknownOutcome) as error:
        # Nobody knows, or nobody could be asked: the lease runs out and the next try begins with reading.
        _log.warning("decision_not_carried_out", decision=decision.ref, tries=tries, error=str(error))
        return
    except NotFound:
        await _failed(app, resource, decision, "approvals.failed.gone")
        return
    except (SessionEnded, policy.Denied):
        await _failed(app, resource, decision, "approvals.failed.rights")
        return
    except BackendError as error:
        _log.warning("decision_refused", decision=decision.ref, error=str(error))
        await _failed(app, resource, decision, "approvals.failed.refused")
        return
    app.inbox.forget()
    await app.decisions.end(decision, done=here)


async def _done(app: App, resource: Resource[Any], decision: Decision, *, lapsed: bool) -> tuple[Any, bool]:
    session = await app.sessions.load(decision.user_id)
    if session is None or session.admin_id != decision.admin_id:
        raise SessionEnded
    now = time.time()
    caller = app.sessions.caller(await app.sessions.revalidate(session, now, writing=True))
    return await app.records.carry_out(caller, resource, decision, now, lapsed=lapsed)


async def _failed(app: App, resource: Resource[Any], decision: Decision, key: str) -> None:
    """Tells the person that a decision did not come about: they saw it confirmed."""
    await app.decisions.end(decision, done=False)
    locale = app.locale(decision.language, decision.zone)
    word = "approve" if decision.approve else "reject"
    text = lines(locale.html(f"approvals.failed.{word}", title=label(decision.title, 80)), locale.html(key))
    card = Go(Press.CARD, resource.code, decision.record_id, view=Place(parent=decision.under).pack())
    rows = ((Button(locale.t("approvals.open"), card),), navigation(locale))
    await app.deliver.show(decision.user_id, None, Screen(text, rows))
