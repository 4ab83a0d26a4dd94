"""The one gate to data: the policy once more, freshness of the role, operation key and audit for writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from api.errors import BackendError, Cause, NotFound, SessionEnded, UnknownOutcome
from api.paging import Scan
from models.access import Caller, Need, Permission, Principal
from models.common import Upload
from resources.queries import Counts, ListQuery, Moderated, Page, Photographed, Source, Writable
from resources.resource import Deed, Op, Resource
from services import policy
from services.audit import Audit, AuditEntry
from services.gate import Gate
from services.once import Once
from services.writing import Ending, Names, Turn

R = TypeVar("R")


class Records:
    """Reads and writes records of any resource, for a principal who may."""

    def __init__(
        self,
        sources: Mapping[str, Source[Any]],
        gate: Gate,
        audit: Audit,
        offers: Callable[[str], bool],
        absolute: Callable[[str], str],
        names: Names,
        lookups: Mapping[type[Any], Source[Any]],
        once: Once,
        stats: Callable[[Caller], Awaitable[Mapping[str, Counts]]],
    ) -> None:
        """``sources`` by resource code; ``offers`` says whether the running backend has an operation;
        ``absolute`` makes a URL of a stored path; ``names`` knows admins by id; ``lookups`` are what relations
        pick from; ``once`` remembers what must never be done again; ``stats`` are the unified moderation counters."""
        self._stats = stats
        self._sources = sources
        self._lookups = lookups
        self._once = once
        self._gate = gate
        self._audit = audit
        self._offers = offers
        self.absolute = absolute
        self.admin_name = names.of

    def source(self, resource: Resource[Any]) -> Any:
        """What serves the resource's records, bound to their parent where they have one."""
        source: Any = self._sources[resource.code]
        return source.under(resource.under) if resource.under else source

    def offered(self, resource: Resource[Any], op: Op) -> bool:
        """True when the running backend has every operation that ``op`` needs."""
        operations = self._sources[resource.code].operations
        return all(self._offers(name) for method in _METHODS[op] for name in operations.get(method, ()))

    def may(self, principal: Principal, resource: Resource[Any], op: Op) -> bool:
        """True when ``op`` is declared, allowed to the principal and offered by the backend."""
        need = resource.need(op)
        return need is not None and policy.allows(principal, need) and self.offered(resource, op)

    def may_do(self, principal: Principal, resource: Resource[Any], deed: Deed[Any]) -> bool:
        """True when the deed is allowed to the principal, offered by the backend, and the record can be seen."""
        operations = self._sources[resource.code].operations.get(deed.calls, ())
        need = Need(deed.permission, resource.module)
        return (
            policy.allows(principal, need)
            and all(self._offers(name) for name in operations)
            and self.may(principal, resource, Op.CARD)
        )

    async def lookup(self, caller: Caller, source: type[Any], query: ListQuery) -> Page[Any]:
        """A page of what a relation picks from. Lookups are open to every admin, as the backend has them."""
        found: Page[Any] = await self._lookups[source].page(caller, query)
        return found

    async def look_up(self, caller: Caller, source: type[Any], record_id: int) -> Any:
        """One record of what a relation picks from. Raises ``NotFound``."""
        return await self._lookups[source].get(caller, record_id)

    async def page(self, caller: Caller, resource: Resource[Any], query: ListQuery) -> Page[Any]:
        """The records of that page."""
        self._require(caller.principal, resource.need(Op.LIST))
        found: Page[Any] = await self.source(resource).page(caller, query)
        return found

    async def scan(self, caller: Caller, resource: Resource[Any]) -> Scan[Any]:
        """The records this caller sees, up to a bound, for what is counted over all of them."""
        self._require(caller.principal, resource.need(Op.LIST))
        found: Scan[Any] = await self.source(resource).scan(caller)
        return found

    async def get(self, caller: Caller, resource: Resource[Any], record_id: int) -> Any:
        """The record; ``NotFound`` for one that is gone or not this person's to see."""
        self._require(caller.principal, resource.need(Op.CARD))
        if not 0 < record_id < 2**63:
            raise NotFound("no such id")
        return await self.source(resource).get(caller, record_id)

    async def counters(self, caller: Caller, resources: Iterable[Resource[Any]]) -> dict[str, Counts]:
        """Moderation counters by resource code: one call for all that the unified counters know, one for each of
        the others. Left out are those that have none, those of a role that sees only its own records, and those
        the backend does not answer for."""
        wanted = [
            item
            for item in resources
            if self.may(caller.principal, item, Op.LIST)
            and Op.MODERATE in item.needs
            and not policy.owns_only(caller.principal, item.module)
        ]
        together = [item for item in wanted if item.entity]
        alone = [item for item in wanted if not item.entity]
        unified, others = await asyncio.gather(
            _or_none(self._stats(caller)) if together else _nothing(),
            asyncio.gather(*(_or_none(self._counts(caller, item)) for item in alone)),
        )
        found = {item.code: counts for item, counts in zip(alone, others, strict=True) if counts is not None}
        if unified is not None:
            found |= {item.code: unified[item.entity] for item in together if item.entity in unified}
        return found

    async def _counts(self, caller: Caller, resource: Resource[Any]) -> Counts:
        source: Moderated[Any] | Any = self._sources[resource.code]
        counts: Counts = await source.counts(caller)
        return counts

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
    ) -> Any:
        """The record after changing just ``values``; a lost answer is settled by reading the record back."""
        source: Writable[Any] = self.source(resource)

        async def run(caller: Caller) -> Any:
            try:
                return await source.update(caller, record_id, values)
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
        source: Moderated[Any] = self.source(resource)
        wanted = "approved" if approve else "rejected"
        decided_here = False

        async def run(caller: Caller) -> Any:
            nonlocal decided_here
            record = await source.get(caller, record_id)
            if record.moderation_status == wanted:
                return record
            decided_here = True
            return await (source.approve if approve else source.reject)(caller, record_id)

        record = await self._write(
            turn, resource, Op.MODERATE, record_id, {}, {"moderation_status": wanted}, run, ending
        )
        return record, decided_here

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
        source: Any = self.source(resource)
        here = False

        async def run(caller: Caller) -> Any:
            nonlocal here
            record = await source.get(caller, record_id)
            if turn.lapsed:
                if deed.reached is None:
                    raise UnknownOutcome(Cause.ANSWER, "nobody can tell whether it was done")
                if deed.reached(record, values):
                    here = True
                    return record
            if deed.offered is not None and not deed.offered(record):
                return record
            scope = f"{deed.scope or f'{resource.code}:{deed.code}:{resource.under}'}:{record_id}"
            if deed.once and not await self._once.claim(scope):
                return record
            try:
                found = await getattr(source, deed.calls)(caller, record_id, values)
            except UnknownOutcome as lost:
                found = await _read_back(source.get(caller, record_id), lost)
                if deed.reached is None or not deed.reached(found, values):
                    raise
            except BackendError:
                if deed.once:
                    await self._once.release(scope)
                raise
            here = True
            if found is None:
                # It is done: a card that cannot be read now must not give the key back, or it is done again.
                found = await _unless_lost(source.get(caller, record_id))
            return record if found is None else found

        record = await self._write(
            turn, resource, f"deed {deed.name}", record_id, {}, values, run, lambda found: ending(found, here),
            need=Need(deed.permission, resource.module),
        )  # fmt: skip
        return record, here

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
        self._require(caller.principal, resource.need(Op.CREATE))
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
        self._require(caller.principal, resource.need(op))
        source: Any = self.source(resource)
        wanted = "approved" if what == "ap" else "rejected"
        if op is Op.MODERATE and record.moderation_status == wanted:
            return
        before = {item.name: item.value_of(getattr(record, item.name, None)) for item in resource.fields}
        before, after = (before, {}) if op is Op.DELETE else ({}, {"moderation_status": wanted})
        run = {"de": "delete", "ap": "approve", "rj": "reject"}[what]
        outcome = "done"
        try:
            await getattr(source, run)(caller, record.id)
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
            before=before,
            after=after,
            outcome=outcome,
            update_id=turn.entry.update_id,
            sid=turn.sid,
        )

    def _require(self, principal: Principal, need: Need | None) -> None:
        # No declared need is refused as the emptiest of needs: nobody meets a permission without a module.
        policy.require(principal, need or Need(Permission.READ))

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
        self._require(caller.principal, resource.need(op) if isinstance(op, Op) else need)

        def entry(outcome: str, found_id: int) -> AuditEntry:
            return self._entry(turn, caller, resource, op, found_id, before, after, outcome)

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


_METHODS: Mapping[Op, tuple[str, ...]] = {
    Op.LIST: ("page",),
    Op.CARD: ("get",),
    Op.CREATE: ("create",),
    Op.EDIT: ("update",),
    Op.DELETE: ("delete",),
    Op.MODERATE: ("approve", "reject"),
    Op.EXPORT: ("page",),
    Op.ACTION: (),
}


async def _nothing() -> None:
    return None


async def _or_none(reading: Awaitable[R]) -> R | None:
    """What is read, None when the backend cannot say: a number beside a screen is not worth losing the screen."""
    try:
        return await reading
    except SessionEnded:
        raise
    except BackendError:
        return None


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
