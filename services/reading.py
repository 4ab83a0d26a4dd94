"""Reading records, and who may do what with them: the half of the gate to data that changes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from api.errors import BackendError, NotFound, SessionEnded
from api.paging import Scan
from models.access import Caller, Need, Permission, Principal
from resources.queries import Counts, ListQuery, Moderated, Page, Source
from resources.resource import Action, Deed, Op, Resource, Tool
from services import policy

R = TypeVar("R")

OWNER_FOR = 60.0
"""Seconds for which a record is known as the owner of a list."""
OWNERS = 500


class Reading:
    """Reads records of any resource, for a principal who may.

    ``sources`` by resource code; ``offers`` says whether the running backend has an operation; ``lookups`` are what
    relations pick from; ``stats`` are the unified moderation counters.
    """

    def __init__(
        self,
        sources: Mapping[str, Source[Any]],
        offers: Callable[[str], bool],
        lookups: Mapping[type[Any], Source[Any]],
        stats: Callable[[Caller], Awaitable[Mapping[str, Counts]]],
    ) -> None:
        self._sources = sources
        self._offers = offers
        self._lookups = lookups
        self._stats = stats
        self._owners: dict[tuple[int | None, str, int], tuple[float, Any]] = {}

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

    def may_run(self, principal: Principal, resource: Resource[Any], own: Action[Any] | Tool) -> bool:
        """True when the action or tool is allowed to the principal, all that it calls is offered by the backend, and
        what it is drawn on can be seen."""
        operations = self._sources[resource.code].operations
        return (
            policy.allows(principal, Need(own.permission, resource.module))
            and all(self._offers(name) for method in own.calls for name in operations.get(method, ()))
            and self.may(principal, resource, Op.CARD if isinstance(own, Action) else Op.LIST)
        )

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
        self.require(caller.principal, resource.need(Op.LIST))
        found: Page[Any] = await self.source(resource).page(caller, query)
        return found

    async def scan(self, caller: Caller, resource: Resource[Any]) -> Scan[Any]:
        """The records this caller sees, up to a bound, for what is counted over all of them."""
        self.require(caller.principal, resource.need(Op.LIST))
        found: Scan[Any] = await self.source(resource).scan(caller)
        return found

    async def get(self, caller: Caller, resource: Resource[Any], record_id: int) -> Any:
        """The record; ``NotFound`` for one that is gone or not this person's to see."""
        self.require(caller.principal, resource.need(Op.CARD))
        if not 0 < record_id < 2**63:
            raise NotFound("no such id")
        return await self.source(resource).get(caller, record_id)

    async def owner(self, caller: Caller, resource: Resource[Any], record_id: int) -> Any:
        """The record that owns a list, as this admin saw it in the last minute: its title stands above each page."""
        key = (caller.principal.admin_id, resource.code, record_id)
        known = self._owners.get(key)
        if known is not None and time.monotonic() - known[0] < OWNER_FOR:
            return known[1]
        record = await self.get(caller, resource, record_id)
        self._owners.pop(key, None)
        while len(self._owners) >= OWNERS:
            self._owners.pop(next(iter(self._owners)))
        self._owners[key] = (time.monotonic(), record)
        return record

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

    def require_write(self, principal: Principal, need: Need | None) -> None:
        policy.require_write(principal, need or Need(Permission.READ))

    def require(self, principal: Principal, need: Need | None) -> None:
        # No declared need is refused as the emptiest of needs: nobody meets a permission without a module.
        policy.require(principal, need or Need(Permission.READ))


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
