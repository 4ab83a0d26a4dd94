"""What every write has in common: the policy once more, a fresh role, the operation key's end, an audit entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from api.context import operation_key
from api.errors import BackendError, NotFound, UnknownOutcome
from models.access import Caller, Need, Permission
from resources.queries import Counts, Source, Writable
from resources.resource import Op, Resource
from services.audit import Audit, AuditEntry
from services.decisions import Decisions
from services.gate import Entry, Gate
from services.once import Once
from services.reading import Reading

R = TypeVar("R")


class Turn(Protocol):
    """The update in which something is written: who, under which operation key, and what ends with it."""

    @property
    def entry(self) -> Entry: ...
    @property
    def write_key(self) -> str: ...
    @property
    def sid(self) -> str:
        """The session it comes from, for the audit."""

    @property
    def lapsed(self) -> bool:
        """True when an earlier press of the same button began this write and nobody knows how it ended."""

    async def fresh_caller(self) -> Caller:
        """The caller with a role that is at most a minute old. Raises ``SessionEnded`` or ``Unavailable``."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is stored together with a finished write: the result for a second press, ui fields, a used draft."""

    result: Mapping[str, Any] = field(default_factory=dict)
    ui: Mapping[str, str] = field(default_factory=dict)
    draft: str | None = None


class Names(Protocol):
    """Names of admins by id, as far as this bot met them."""

    def of(self, admin_id: int) -> str | None: ...


class Writes(Reading):
    """Reads of any resource, and the one way that every write takes."""

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

    async def perform(
        self,
        turn: Turn,
        resource: Resource[Any],
        op: str,
        permission: Permission,
        after: Mapping[str, Any],
        run: Callable[[Caller], Awaitable[R]],
        ending: Callable[[R], Ending],
    ) -> R:
        """What ``run`` made: a write of the module's own that begins with no record and ends in one. ``op`` is what
        the audit calls it, ``after`` what it keeps."""
        need = Need(permission, resource.module)
        return await self._write(turn, resource, op, 0, {}, after, run, ending, need=need)

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
            before=withheld(resource, before),
            after=withheld(resource, after),
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


def withheld(resource: Resource[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without what nobody may be reached by: the audit is kept longer than records are."""
    fields = resource.by_name
    return {name: fields[name].withheld(value) if name in fields else value for name, value in values.items()}


async def unless_lost(reading: Awaitable[R]) -> R | None:
    """What is read after a write that was done; None when it cannot be read."""
    try:
        return await reading
    except BackendError:
        return None


async def read_back(reading: Awaitable[R], lost: UnknownOutcome) -> R:
    """What is read after a write whose answer is lost. Raises ``lost`` when that cannot be read either: a failed
    read says nothing about the write."""
    try:
        return await reading
    except BackendError:
        raise lost from None


async def expect_gone(source: Writable[Any], caller: Caller, record_id: int, lost: UnknownOutcome) -> None:
    """Nothing when the record is gone. Raises ``lost`` when it is still there, or nobody can tell."""
    try:
        await source.get(caller, record_id)
    except NotFound:
        return
    except BackendError:
        raise lost from None
    raise lost
