"""The one gate to data: reads, writes, decisions and deeds of any resource, for a principal who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from api.errors import BackendError, NotFound, UnknownOutcome
from models.access import Caller
from models.common import Upload
from resources.queries import Photographed, Writable
from resources.resource import Op, Resource
from services.deeds import Deeds
from services.writes import Ending, Turn, expect_gone, read_back


class Records(Deeds):
    """Creates, changes and deletes records, one or many, with their photos."""

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
                made = await read_back(source.find_created(caller, values), lost)
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
                record = await read_back(source.get(caller, record_id), lost)
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
                await expect_gone(source, caller, record_id, lost)

        await self._write(turn, resource, Op.DELETE, record_id, before, {}, run, lambda _: ending)

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
