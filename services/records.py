"""The one gate to data: the policy once more, freshness of the role, operation key and audit for writes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from api.context import operation_key
from api.errors import BackendError, Cause, NotFound, UnknownOutcome
from models.access import Caller, Need
from models.common import Upload
from resources.queries import Counts, Moderated, Photographed, Source, Writable
from resources.resource import Deed, Op, Resource
from services.audit import Audit, AuditEntry
from services.decisions import LEASE, BeingDecided, Decision, Decisions
from services.gate import Gate
from services.once import Once
from services.reading import Reading
from services.writing import Ending, Names, Turn

R = TypeVar("R")


class Records(Reading):
    """Reads and writes records of any resource, for a principal who may."""

    def __init__(
        self,
        sources: Mapping[str, Source[Any]],
        offers: Callable[[str], bool],
        lookups: Mapping[type[Any], Source[Any]],
        stats: Callable[[Caller], Awaitable[Mapping[str, Counts]]],
        *,
        gate: Gate,
        audit: Audit,
        absolute: Callable[[str], str],
        names: Names,
        once: Once,
        decisions: Decisions,
    ) -> None:
        """The first four as for ``Reading``; ``absolute`` makes a URL of a stored path; ``names`` knows admins by
        id; ``once`` remembers what must never be done again; ``decisions`` let one admin at a time decide."""
        super().__init__(sources, offers, lookups, stats)
        self._gate = gate
        self._audit = audit
        self._once = once
        self._decisions = decisions
        self.absolute = absolute
        self.admin_name = names.of

    async def create(
        self,
        turn: Turn,
        resource: Resource[Any],
        values: Mapping[str, Any],
        ending: Callable[[Any], Ending],
        attach: Callable[[Any], Awaitable[Any]],
    ) -> Any:
        """The created record, after ``attach`` added what is uploaded apart. After an unanswered try of the same
        key it is looked for first: never made twice."""
        source: Writable[Any] = self.source(resource)

        async def run(caller: Caller) -> Any:
            found = await source.find_created(caller, values) if turn.lapsed else None
            if found is not None:
                return await attached(found)
            try:
                made = await source.create(caller, values)
            except UnknownOutcome as lost:
                made = await _read_back(source.find_created(caller, values), lost)
                if made is None:
                    raise
            return await attached(made)

        async def attached(record: Any) -> Any:
            # It stands: whatever fails from here on must not give the key back, or it is made again.
            try:
                return await attach(record)
            except BackendError:
                return record

        return await self._write(turn, resource, Op.CREATE, 0, {}, values, run, ending)

    async def update(
        self,
        turn: Turn,
        resource: Resource[Any],
        record_id: int,
        before: Mapping[str, Any],
        values: Mapping[str, Any],
        ending: Ending,
        version: int | None = None,
    ) -> Any:
        """The record after changing just ``values``; a lost answer is settled by reading the record back.
        ``version`` is that of the record as it was read, where its records have one: ``Outdated`` for another."""
        source: Any = self.source(resource)
        seen = {} if version is None else {"version": version}

        async def run(caller: Caller) -> Any:
            try:
                return await source.update(caller, record_id, values, **seen)
            except UnknownOutcome as lost:
                record = await _read_back(source.get(caller, record_id), lost)
                if all(
                    resource.by_name[name].value_of(getattr(record, name)) == value
                    for name, value in values.items()
                ):
                    return record
                raise

        return await self._write(turn, resource, Op.EDIT, record_id, before, values, run, lambda _: ending)

    async def delete(
        self, turn: Turn, resource: Resource[Any], record_id: int, before: Mapping[str, Any], ending: Ending
    ) -> None:
        """Nothing; a record that is gone already counts as deleted only when this very press deleted it."""
        source: Writable[Any] = self.source(resource)

        async def run(caller: Caller) -> None:
            try:
                await source.delete(caller, record_id)
            except NotFound:
                if not turn.lapsed:
                    raise
            except UnknownOutcome as lost:
                await _expect_gone(source, caller, record_id, lost)

        await self._write(turn, resource, Op.DELETE, record_id, before, {}, run, lambda _: ending)

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
            return record, False
        try:
            found = await getattr(source, deed.calls)(caller, record_id, values)
        except UnknownOutcome as lost:
            found = await _read_back(source.get(caller, record_id), lost)
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
            found = await _unless_lost(source.get(caller, record_id))
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
                    before=_withheld(resource, sides.before), after=_withheld(resource, sides.after), outcome=outcome,
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

    async def reveal(self, turn: Turn, resource: Resource[Any], record_id: int) -> Any:
        """The record, after the audit noted that its personal data is shown in full."""
        caller = await turn.fresh_caller()
        record = await self.get(caller, resource, record_id)
        await self._audit.add(self._entry(turn, caller, resource, "reveal", record_id, {}, {}, "done"))
        return record

    async def upload_photo(
        self, turn: Turn, resource: Resource[Any], record_id: int, photo: Upload, ending: Ending
    ) -> str:
        """The stored path of the record's new photo."""
        source: Photographed[Any] = self.source(resource)
        after = {"photo": photo.name, "bytes": len(photo.content)}
        path = await self._write(
            turn,
            resource,
            Op.EDIT,
            record_id,
            {},
            after,
            lambda caller: source.upload_photo(caller, record_id, photo),
            lambda _: ending,
        )
        return str(path)

    async def attach_photo(
        self, caller: Caller, resource: Resource[Any], record_id: int, photo: Upload
    ) -> None:
        """Adds the photo of a record that this very update created; the create's key and audit cover it."""
        self.require_write(caller.principal, resource.need(Op.CREATE))
        await self.source(resource).upload_photo(caller, record_id, photo)

    async def delete_photo(self, turn: Turn, resource: Resource[Any], record_id: int, ending: Ending) -> None:
        """Nothing; also when there was no photo."""
        source: Photographed[Any] = self.source(resource)
        await self._write(
            turn,
            resource,
            Op.EDIT,
            record_id,
            {"photo": "…"},
            {},
            lambda caller: source.delete_photo(caller, record_id),
            lambda _: ending,
        )

    async def bulk_one(self, turn: Turn, resource: Resource[Any], what: str, record: Any) -> None:
        """Approves (``ap``), rejects (``rj``) or deletes (``de``) one of many, with an audit entry of its own; the
        operation key of the whole is settled by ``finish_bulk``. One that is decided this way already is left."""
        caller = await turn.fresh_caller()
        op = Op.DELETE if what == "de" else Op.MODERATE
        self.require_write(caller.principal, resource.need(op))
        source: Any = self.source(resource)
        wanted = "approved" if what == "ap" else "rejected"
        if op is Op.MODERATE and record.moderation_status == wanted:
            return
        before, after = (
            (self._values(resource, record), {}) if op is Op.DELETE else ({}, {"moderation_status": wanted})
        )
        run = {"de": "delete", "ap": "approve", "rj": "reject"}[what]
        outcome = "done"
        try:
            if op is Op.DELETE:
                await source.delete(caller, record.id)
            else:
                async with self._deciding(turn, caller, resource, record.id, approve=what == "ap") as made:
                    await getattr(source, run)(caller, record.id)
                    made(True)
        except UnknownOutcome:
            outcome = "unknown"
            raise
        except BackendError:
            outcome = "refused"
            raise
        finally:
            await self._audit.add(self._entry(turn, caller, resource, op, record.id, before, after, outcome))

    async def finish_bulk(self, turn: Turn, end: Ending) -> None:
        """Settles the operation key of a bulk run."""
        await self._gate.finish(turn.entry, write_key=turn.write_key, result=dict(end.result), ui=end.ui)

    def _entry(
        self,
        turn: Turn,
        caller: Caller,
        resource: Resource[Any],
        op: Op | str,
        record_id: int,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        outcome: str,
    ) -> AuditEntry:
        principal = caller.principal
        return AuditEntry(
            at=turn.entry.at,
            admin_id=principal.admin_id,
            telegram_user_id=principal.telegram_user_id,
            name=principal.name,
            role=str(principal.role),
            op=op.name.lower() if isinstance(op, Op) else op,
            resource=resource.key,
            record_id=record_id,
            before=_withheld(resource, before),
            after=_withheld(resource, after),
            outcome=outcome,
            update_id=turn.entry.update_id,
            sid=turn.sid,
            under=resource.under,
        )

    async def _write(
        self,
        turn: Turn,
        resource: Resource[Any],
        op: Op | str,
        record_id: int,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        run: Callable[[Caller], Awaitable[R]],
        ending: Callable[[R], Ending],
        *,
        need: Need | None = None,
    ) -> R:
        caller = await turn.fresh_caller()
        self.require_write(caller.principal, resource.need(op) if isinstance(op, Op) else need)

        def entry(outcome: str, found_id: int) -> AuditEntry:
            return self._entry(turn, caller, resource, op, found_id, before, after, outcome)

        pressed = operation_key.set(turn.write_key)
        try:
            result = await run(caller)
        except UnknownOutcome:
            await self._gate.fail(turn.entry, write_key=turn.write_key, audit=entry("unknown", record_id))
            raise
        except BackendError:
            refusal = entry("refused", record_id)
            if turn.lapsed:
                # Still unknown: forgetting the first try would let the next press repeat it blindly.
                await self._gate.fail(turn.entry, turn.write_key, audit=refusal)
            else:
                await self._gate.release(turn.entry, turn.write_key, audit=refusal)
            raise
        finally:
            operation_key.reset(pressed)
        end = ending(result)
        found_id = record_id or int(getattr(result, "id", 0))
        await self._gate.finish(
            turn.entry,
            write_key=turn.write_key,
            result=dict(end.result),
            audit=entry("done", found_id),
            ui=end.ui,
            drop_draft=end.draft,
        )
        return result


def _decision_of(resource: Resource[Any], deed: Deed[Any]) -> bool | None:
    """True where the deed approves what waits, False where it rejects, None where it does something else."""
    return next((one for one in (True, False) if resource.deciding(approve=one) is deed), None)


def _withheld(resource: Resource[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without what nobody may be reached by: the audit is kept longer than records are."""
    fields = resource.by_name
    return {name: fields[name].withheld(value) if name in fields else value for name, value in values.items()}


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


async def _unless_lost(reading: Awaitable[R]) -> R | None:
    """What is read after a write that was done; None when it cannot be read."""
    try:
        return await reading
    except BackendError:
        return None


async def _read_back(reading: Awaitable[R], lost: UnknownOutcome) -> R:
    """What is read after a write whose answer is lost. Raises ``lost`` when that cannot be read either: a failed
    read says nothing about the write."""
    try:
        return await reading
    except BackendError:
        raise lost from None


async def _expect_gone(source: Writable[Any], caller: Caller, record_id: int, lost: UnknownOutcome) -> None:
    """Nothing when the record is gone. Raises ``lost`` when it is still there, or nobody can tell."""
    try:
        await source.get(caller, record_id)
    except NotFound:
        return
    except BackendError:
        raise lost from None
    raise lost
