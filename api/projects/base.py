"""What the sources of a project's belongings share: the parent is read first, and paths carry its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar, Generic, Self, TypeVar

from api.answer import Answer
from api.errors import BackendError, Explained, NotFound, UnknownOutcome
from api.source import Served
from models.access import Caller
from models.common import Record
from models.project import Project

M = TypeVar("M", bound=Record)

ROOT = "/api/v2/projects"
ADMIN = f"{ROOT}/admin"
ONE = f"{ROOT}/{{project_id}}"
CARD = f"GET {ADMIN}/{{project_id}}"
DETAIL = f"GET {ONE}"
GROUP = "projects"
BROKEN = 500


class OfProject(Served[M], Generic[M]):
    """Base of the sources whose records belong to a project; ``under`` binds one to it.

    Most of these routes take no token, or answer 500 about somebody else's project (contract Q7, section 7). So each
    operation reads the project by its admin route first: what is not this admin's is ``NotFound`` before anything
    else is asked or done. In paths ``{project_id}`` is the project.
    """

    group: ClassVar[str] = GROUP
    kind: ClassVar[str] = ""
    """The type of projects that have such records; ``""``: all have."""

    project_id: int = 0

    def under(self, parent_id: int) -> Self:
        """The source of that project's records."""
        bound = copy(self)
        bound.project_id = parent_id
        return bound

    async def project(self, caller: Caller) -> Project:
        """The project. ``NotFound`` for one that is not this admin's, or has no such records."""
        project = (await self.call("GET", f"{ADMIN}/{{project_id}}", caller)).one(Project)
        if self.kind and project.project_type != self.kind:
            raise NotFound(f"no {self.kind} project")
        return project

    async def listed(
        self, answer: Answer, key: str, listing: Awaitable[list[M]], sent: Mapping[str, Any]
    ) -> M:
        """The record just added, whose id ``answer`` has under ``key``: as ``listing`` shows it, or as it was sent
        when that cannot be read now. A failed read must not make a done write look undone, or it is done twice."""
        number = answer.part(key).json
        try:
            found = next((one for one in await listing if one.id == number), None)
        except BackendError:
            return self.one(replace(answer, json={**sent, "id": number}))
        if found is None:
            raise answer.bad("what was added is not listed")
        return found

    async def call(self, method: str, path: str, caller: Caller, **parts: Any) -> Answer:
        """The answer of a call about this project."""
        return await super().call(
            method, path.replace("{project_id}", f"{self.project_id:d}"), caller, **parts
        )


async def unless_kept(attempt: Awaitable[Any], reading: Callable[[], Awaitable[Any]], key: str) -> None:
    """Nothing when the delete was done. ``Explained`` with ``key`` when the backend answers 500 and ``reading`` still
    finds the record: something that must stay points at it (contract Q7). Other trouble stays what it is."""
    try:
        await attempt
    except UnknownOutcome as lost:
        if lost.status != BROKEN:
            raise
        try:
            await reading()
        except NotFound:
            return
        except BackendError:
            raise lost from None
        raise Explained(key, call=lost.call, status=lost.status) from lost
