"""Decisions and deeds: one admin at a time decides, what must not be repeated is claimed first."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from api.errors import BackendError, Cause, UnknownOutcome
from models.access import Caller, Need
from resources.queries import Moderated
from resources.resource import Deed, Op, Resource
from services.audit import AuditEntry
from services.decisions import LEASE, BeingDecided, Decision
from services.writes import Ending, Turn, Writes, read_back, unless_lost, withheld


class Deeds(Writes):
    """Approving, rejecting, and whatever else a module declares to be done to a record."""

    async def moderate(
        self,
        turn: Turn,
        resource: Resource[Any],
        record_id: int,
        *,
        approve: bool,
        ending: Callable[[Any], Ending],
    ) -> tuple[Any, bool]:
        """The record and whether this press decided it; one that is decided this way already is not touched."""
        wanted = "approved" if approve else "rejected"
        here = False
        before: dict[str, Any] = {}

        async def run(caller: Caller) -> Any:
            nonlocal here
            async with self._deciding(turn, caller, resource, record_id, approve=approve) as made:
                record, here = await self._moderated(caller, resource, record_id, before, approve=approve)
                made(here)
            return record

        record = await self._write(
            turn, resource, Op.MODERATE, record_id, before, {"moderation_status": wanted}, run, ending
        )
        return record, here

    @asynccontextmanager
    async def _deciding(
        self,
        turn: Turn,
        caller: Caller,
        resource: Resource[Any],
        record_id: int,
        *,
        approve: bool,
        reason: str = "",
    ) -> AsyncIterator[Callable[[bool], None]]:
        """As long as it is entered nobody else decides that record. What it yields is told whether it was decided
        here. Raises ``BeingDecided``."""
        if resource.waiting is None:
            yield lambda here: None
            return
        who = caller.principal
        decision = Decision(
            id=secrets.token_hex(4), code=resource.code, under=resource.under, record_id=record_id,
            approve=approve, user_id=who.telegram_user_id, admin_id=who.admin_id or 0, name=who.name,
            at=turn.entry.at, due=turn.entry.at + LEASE, reason=reason, sid=turn.sid,
        )  # fmt: skip
        if (other := await self._decisions.begin(decision)) is not None:
            # What this very press began before its process died goes on; anything else is somebody else's, or another.
            again = turn.lapsed or turn.entry.redelivered
            if not again or (other.user_id, other.approve) != (who.telegram_user_id, approve):
                raise BeingDecided(other)
            decision = other
        decided = [False]
        try:
            yield lambda here: decided.__setitem__(0, here)
        finally:
            await self._decisions.end(decision, done=decided[0])

    async def _moderated(
        self,
        caller: Caller,
        resource: Resource[Any],
        record_id: int,
        before: dict[str, Any],
        *,
        approve: bool,
    ) -> tuple[Any, bool]:
        """The record and whether it was decided here; ``before`` is told the state it was in."""
        source: Moderated[Any] = self.source(resource)
        record: Any = await source.get(caller, record_id)
        before["moderation_status"] = record.moderation_status
        if record.moderation_status == ("approved" if approve else "rejected"):
            return record, False
        return await (source.approve if approve else source.reject)(caller, record_id), True

    async def act(
        self,
        turn: Turn,
        resource: Resource[Any],
        deed: Deed[Any],
        record_id: int,
        values: Mapping[str, Any],
        ending: Callable[[Any, bool], Ending],
    ) -> tuple[Any, bool]:
        """The record after the deed, and whether this press did it: False when it is not offered (any more) or was
        done before. A lost answer is settled by reading back where the deed knows how."""
        here = False
        sides = _Sides({}, dict(values))

        async def run(caller: Caller) -> Any:
            nonlocal here
            approve = _decision_of(resource, deed)
            if approve is None:
                record, here = await self._acted(
                    caller, resource, deed, record_id, values, sides, lapsed=turn.lapsed
                )
                return record
            reason = next((str(value) for value in values.values() if value), "")
            async with self._deciding(
                turn, caller, resource, record_id, approve=approve, reason=reason
            ) as made:
                record, here = await self._acted(
                    caller, resource, deed, record_id, values, sides, lapsed=turn.lapsed
                )
                made(here)
            return record

        record = await self._write(
            turn, resource, f"deed {deed.name}", record_id, sides.before, sides.after, run,
            lambda found: ending(found, here),
            need=Need(deed.permission, resource.module),
        )  # fmt: skip
        return record, here

    async def _acted(
        self,
        caller: Caller,
        resource: Resource[Any],
        deed: Deed[Any],
        record_id: int,
        values: Mapping[str, Any],
        sides: _Sides,
        *,
        lapsed: bool,
    ) -> tuple[Any, bool]:
        """The record and whether the deed was done here; ``sides`` is told what that changed."""
        source: Any = self.source(resource)
        record = await source.get(caller, record_id)
        if lapsed:
            if deed.reached is None:
                raise UnknownOutcome(Cause.ANSWER, "nobody can tell whether it was done")
            if deed.reached(record, values):
                return record, True
        if deed.offered is not None and not deed.offered(record):
            return record, False
        scope = f"{deed.scope or f'{resource.code}:{deed.code}:{resource.under}'}:{record_id}"
        if deed.claims and not await self._once.claim(scope, deed.claims):
            if lapsed and deed.once:
                # The try that claimed it died, and the record shows nothing of it: free again once it must have landed.
                await self._once.doubt(scope)
                raise UnknownOutcome(Cause.ANSWER, "it was begun, and the record does not show it yet")
            return record, False
        try:
            found = await getattr(source, deed.calls)(caller, record_id, values)
        except UnknownOutcome as lost:
            found = await read_back(source.get(caller, record_id), lost)
            if deed.reached is None or not deed.reached(found, values):
                if deed.once and deed.reached is not None:
                    await self._once.doubt(scope)
                raise
        except BackendError:
            if deed.claims:
                await self._once.release(scope)
            raise
        if found is None:
            # It is done: a card that cannot be read now must not give the key back, or it is done again.
            found = await unless_lost(source.get(caller, record_id))
        if found is not None:
            sides.tell(resource, record, found)
        return record if found is None else found, True

    async def carry_out(
        self, caller: Caller, resource: Resource[Any], decision: Decision, now: float, *, lapsed: bool
    ) -> tuple[Any, bool]:
        """The record after a decision that was held back, and whether this call made it: not when the record had been
        decided meanwhile. ``lapsed``: an earlier try began it, and nobody knows how it ended."""
        deed = resource.deciding(approve=decision.approve)
        need = resource.need(Op.MODERATE) if deed is None else Need(deed.permission, resource.module)
        self.require_write(caller.principal, need)
        outcome = "done"
        sides = _Sides({}, {"reason": decision.reason} if decision.reason else {})
        try:
            if deed is None:
                sides.after["moderation_status"] = "approved" if decision.approve else "rejected"
                record, here = await self._moderated(
                    caller, resource, decision.record_id, sides.before, approve=decision.approve
                )
                # The try before this one got through: it was this decision all the same.
                return record, here or lapsed
            values = {deed.fields[0].name: decision.reason} if decision.reason and deed.fields else {}
            return await self._acted(caller, resource, deed, decision.record_id, values, sides, lapsed=lapsed)
        except UnknownOutcome:
            outcome = "unknown"
            raise
        except BackendError:
            outcome = "refused"
            raise
        finally:
            await self._audit.add(
                AuditEntry(
                    at=now, admin_id=decision.admin_id, telegram_user_id=decision.user_id, name=decision.name,
                    role=str(caller.principal.role), op="approve" if decision.approve else "reject",
                    resource=resource.key, record_id=decision.record_id,
                    before=withheld(resource, sides.before), after=withheld(resource, sides.after), outcome=outcome,
                    sid=decision.sid,
                    under=resource.under,
                )
            )  # fmt: skip

    async def act_on_many(
        self,
        turn: Turn,
        resource: Resource[Any],
        deed: Deed[Any],
        run: Callable[[Caller], Awaitable[Sequence[Any]]],
        end: Ending,
    ) -> Sequence[Any]:
        """The records that ``run`` did the deed to, each with an audit entry of its own."""
        caller = await turn.fresh_caller()
        self.require_write(caller.principal, Need(deed.permission, resource.module))
        try:
            found = await run(caller)
        except BackendError:
            await self._gate.release(turn.entry, turn.write_key)
            raise
        entries = [
            self._entry(
                turn, caller, resource, f"deed {deed.name}", one.id, self._values(resource, one), {}, "done"
            )
            for one in found
        ]
        await self._audit.add(*entries)
        await self._gate.finish(turn.entry, write_key=turn.write_key, result=dict(end.result), ui=end.ui)
        return found

    @staticmethod
    def _values(resource: Resource[Any], record: Any) -> dict[str, Any]:
        return {item.name: item.value_of(getattr(record, item.name, None)) for item in resource.fields}


def _decision_of(resource: Resource[Any], deed: Deed[Any]) -> bool | None:
    """True where the deed approves what waits, False where it rejects, None where it does something else."""
    return next((one for one in (True, False) if resource.deciding(approve=one) is deed), None)


@dataclass(frozen=True, slots=True)
class _Sides:
    """What a record was before a write and is after it, as the audit keeps it."""

    before: dict[str, Any]
    after: dict[str, Any]

    def tell(self, resource: Resource[Any], record: Any, found: Any) -> None:
        """Notes the fields in which the two differ."""
        for item in resource.fields:
            was, now = (item.value_of(getattr(one, item.name, None)) for one in (record, found))
            if was != now:
                self.before[item.name], self.after[item.name] = was, now
