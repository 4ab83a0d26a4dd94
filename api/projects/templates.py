"""The form of an application project: contract section 2.7."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Generic

from api import paging
from api.answer import Answer, Rows
from api.errors import Explained, NotFound, Refused
from api.projects.base import CARD, ONE, M, OfProject, unless_kept
from api.values import required, same
from models.access import Caller
from models.project import ProjectType
from models.project_form import FormTemplate
from resources.queries import ListQuery, Page, Writable

FORM = f"{ONE}/form-template"
READ = (CARD, f"GET {FORM}", f"PUT {FORM}")
TITLES = ("title_kz", "title_ru")
DESCRIPTIONS = ("description_kz", "description_ru")


class WithForm(OfProject[M], Generic[M]):
    """Base of the sources that look at a project's form."""

    kind: ClassVar[str] = ProjectType.APPLICATION

    async def template(self, caller: Caller) -> FormTemplate | None:
        """The form, also a switched off one; None when there is none. The project was read before.

        The reading route hides a form that is switched off, from admins too. An update of nothing answers with it:
        such an update changes nothing, and asks for the right to edit, which whoever works with forms has.
        """
        try:
            answer = await self.call("GET", FORM, caller)
        except NotFound:
            try:
                answer = await self.call("PUT", FORM, caller, json={}, write=False)
            except NotFound:
                return None
        return self.form(answer)

    def form(self, answer: Answer) -> FormTemplate:
        """The form in that body; its id is the project's, of which it is the only one."""
        return answer.one(
            FormTemplate, lambda row: {**row, "id": self.project_id} if isinstance(row, dict) else row
        )


class FormTemplates(WithForm[FormTemplate], Writable[FormTemplate]):
    """The form of one project as a list of none or one."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": READ,
            "get": READ,
            "create": (CARD, f"POST {FORM}"),
            "find_created": READ,
            "update": (CARD, f"PUT {FORM}"),
            "delete": (CARD, f"DELETE {FORM}", f"PUT {FORM}"),
            "activate": (CARD, f"PUT {FORM}"),
            "deactivate": (CARD, f"PUT {FORM}"),
        }
    )
    model = FormTemplate
    listings = ()

    async def page(self, caller: Caller, query: ListQuery) -> Page[FormTemplate]:
        """The form, when there is one."""
        await self.project(caller)
        found = await self.template(caller)
        return paging.native(Rows([found] if found else [], 1 if found else 0), query, None)

    async def get(self, caller: Caller, record_id: int) -> FormTemplate:
        """The form."""
        await self.project(caller)
        found = await self.template(caller)
        if found is None or found.id != record_id:
            raise NotFound("no form")
        return found

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> FormTemplate:
        """The new form, without questions and switched on. ``Explained`` when there is one already."""
        await self.project(caller)
        # The backend wants the project in the body, too, and does not look at it.
        body = {**values, "project_id": self.project_id, "fields": []}
        try:
            return self.form(await self.write("POST", FORM, caller, json=body))
        except Refused as refused:
            raise Explained(
                "project_forms.error.exists", call=refused.call, status=refused.status
            ) from refused

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> FormTemplate | None:
        """The form, when it is called so; None when there is none."""
        await self.project(caller)
        found = await self.template(caller)
        if found is not None and all(same(getattr(found, name), values.get(name)) for name in TITLES):
            return found
        return None

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> FormTemplate:
        """The form after changing just ``values``."""
        await self._own(caller, record_id)
        required(values, *TITLES)
        return self.form(await self.write("PUT", FORM, caller, json=dict(values)))

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing. ``Explained`` when something was sent in with it: it can only be switched off then."""
        await self._own(caller, record_id)
        await unless_kept(
            self.write("DELETE", FORM, caller),
            lambda: self.get(caller, record_id),
            "project_forms.error.kept",
        )

    async def activate(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> FormTemplate:
        """The form, open to the public as long as its project is."""
        return await self.update(caller, record_id, {"is_active": True})

    async def deactivate(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> FormTemplate:
        """The form, closed; what was sent in stays."""
        return await self.update(caller, record_id, {"is_active": False})

    async def _own(self, caller: Caller, record_id: int) -> None:
        await self.project(caller)
        if record_id != self.project_id:
            raise NotFound("no form of this project")
