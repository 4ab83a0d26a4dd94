"""The questions of a project's form: contract section 2.7."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from api import paging
from api.answer import Rows
from api.errors import Invalid, NotFound, Wrong
from api.projects.base import CARD
from api.projects.templates import FORM, READ, WithForm
from api.values import required, same
from models.access import Caller
from models.project import Project
from models.project_form import OPTION_TYPES, FormField, FormFieldType, FormTemplate
from resources.queries import ListQuery, Page, Writable
from utils.folding import fold

LABELS = ("label_kz", "label_ru")
EDITED = (*LABELS, "placeholder_kz", "placeholder_ru", "hint_kz", "hint_ru", "required", "options")
COMPARED = ("type", *LABELS)
WRITE = (*READ, f"POST {FORM}")


class FormFields(WithForm[FormField], Writable[FormField]):
    """The questions of one project's form, in their order.

    The backend has no questions of their own: it keeps them as one list inside the form, which each write replaces.
    So each write reads the list, changes the one question and leaves all others as they are, with whatever else they
    carry.

    A question is known there by a text. A record's id is a number, and must go on meaning the same question after
    others were added, moved or deleted, or a button in an old message would hit another one: so it is made of the
    text (CRC-32), not of the place. Two texts with one number are told apart by their order.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": READ,
            "get": READ,
            "create": WRITE,
            "find_created": READ,
            "update": READ,
            "delete": READ,
            "move_up": READ,
            "move_down": READ,
            "submissions": (CARD, "GET /api/v2/projects/{project_id}/submissions"),
        }
    )
    model = FormField
    listings = ()

    async def page(self, caller: Caller, query: ListQuery) -> Page[FormField]:
        """The questions of that page; none when there is no form yet."""
        await self.project(caller)
        found = records(ordered(await self.template(caller)))
        if query.search:
            text = fold(query.search)
            found = [one for one in found if any(text in fold(part) for part in (one.label_kz, one.label_ru))]
        rows = Rows(found[query.skip : query.skip + query.size], len(found[query.skip :]))
        return paging.native(rows, query, len(found))

    async def get(self, caller: Caller, record_id: int) -> FormField:
        """The question."""
        await self.project(caller)
        return _found(records(ordered(await self.template(caller))), record_id)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> FormField:
        """The new question, at the end. The first one makes the form, named like the project."""
        project = await self.project(caller)
        row = new_row(values)
        template = await self.template(caller)
        rows = [*ordered(template), row]
        if template is None:
            body = {**_named_like(project), "fields": numbered(rows)}
            stored = self.form(await self.write("POST", FORM, caller, json=body))
        else:
            stored = await self._put(caller, rows)
        return next(one for one in records(ordered(stored)) if one.field_id == row["id"])

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> FormField | None:
        """The last question of that type with those words, None when there is none."""
        await self.project(caller)
        found = records(ordered(await self.template(caller)))
        alike = [one for one in found if all(same(getattr(one, name), values.get(name)) for name in COMPARED)]
        return alike[-1] if alike else None

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> FormField:
        """The question after changing just ``values``; its type stays, or old answers would fit it no more."""
        required(values, *LABELS)
        await self.project(caller)
        rows = ordered(await self.template(caller))
        place = self._place(rows, record_id)
        changed = {name: value for name, value in values.items() if name in EDITED}
        if "required" in changed:
            # A null is refused there: what is not said to be needed is not.
            changed["required"] = bool(changed["required"])
        if "options" in changed:
            kind = rows[place].get("type")
            if kind not in OPTION_TYPES:
                raise Invalid((Wrong(("options",), "takes no options", "project_fields.error.no_options"),))
            changed["options"] = options_of(kind, changed["options"])
        rows[place] = {**rows[place], **changed}
        return _found(records(ordered(await self._put(caller, rows))), record_id)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; answers that were given to it stay in the submissions, without its words."""
        await self.project(caller)
        rows = ordered(await self.template(caller))
        gone = rows.pop(self._place(rows, record_id))
        rows = [
            {**row, "depends_on": None} if row.get("depends_on") == gone.get("id") else row for row in rows
        ]
        await self._put(caller, rows)

    async def move_up(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> FormField:
        """The question, one place nearer to the beginning."""
        return await self._moved(caller, record_id, -1)

    async def move_down(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> FormField:
        """The question, one place nearer to the end."""
        return await self._moved(caller, record_id, 1)

    async def submissions(self, caller: Caller) -> int:
        """How many have answered."""
        await self.project(caller)
        answer = await self.call(
            "GET", "/api/v2/projects/{project_id}/submissions", caller, params={"skip": 0, "limit": 1}
        )
        total = answer.part("total").json
        return total if isinstance(total, int) else 0

    async def _moved(self, caller: Caller, record_id: int, step: int) -> FormField:
        await self.project(caller)
        rows = ordered(await self.template(caller))
        place = self._place(rows, record_id)
        target = place + step
        if 0 <= target < len(rows):
            rows[place], rows[target] = rows[target], rows[place]
            return _found(records(ordered(await self._put(caller, rows))), record_id)
        return records(rows)[place]

    async def _put(self, caller: Caller, rows: Sequence[Mapping[str, Any]]) -> FormTemplate:
        return self.form(await self.write("PUT", FORM, caller, json={"fields": numbered(rows)}))

    def _place(self, rows: Sequence[Mapping[str, Any]], record_id: int) -> int:
        return records(rows).index(_found(records(rows), record_id))


def ordered(template: FormTemplate | None) -> list[dict[str, Any]]:
    """The questions as the backend keeps them, in the order in which people see them."""
    rows = [row for row in (template.questions if template else ()) if isinstance(row.get("id"), str)]
    return sorted(rows, key=lambda row: row["order"] if isinstance(row.get("order"), int) else 0)


def numbered(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their places, from 1, as their order."""
    return [{**row, "order": number} for number, row in enumerate(rows, 1)]


def records(rows: Sequence[Mapping[str, Any]]) -> list[FormField]:
    """The questions as records."""
    return [
        FormField.model_validate(
            {
                **{name: value for name, value in row.items() if value is not None},
                "id": number, "field_id": row["id"], "options": "\n".join(row.get("options") or ()) or None,
                "position": place, "last": place == len(rows),
            }
        )
        for place, (number, row) in enumerate(zip(numbers(row["id"] for row in rows), rows, strict=True), 1)
    ]  # fmt: skip


def numbers(names: Iterable[str]) -> list[int]:
    """A number above 0 for each of the texts; the same for the same text, whatever stands beside it."""
    found: list[int] = []
    for name in names:
        number = zlib.crc32(name.encode()) or 1
        while number in found:
            number += 1
        found.append(number)
    return found


def new_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """A question as the backend takes it. ``Invalid`` for one to choose from without anything to choose."""
    kind = str(values["type"])
    row = {
        # Drawn, never counted: the number of a deleted question would give its answers to a new one.
        "id": f"f-{secrets.token_hex(6)}",
        "type": kind,
        **{name: values.get(name) for name in EDITED if name not in ("required", "options")},
        "required": bool(values.get("required")),
        "options": options_of(kind, values.get("options")),
    }
    if kind == FormFieldType.FILE:
        row["file_config"] = {}
    if kind == FormFieldType.RATING:
        row["validation"] = {"min": 1, "max": 5}
    return row


def options_of(kind: Any, text: str | None) -> list[str] | None:
    """The options, one from each line, each once; None for a question without any."""
    if kind not in OPTION_TYPES:
        return None
    found = list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))
    if not found:
        raise Invalid((Wrong(("options",), "no options", "project_fields.error.options"),))
    return found


def _found(found: Sequence[FormField], record_id: int) -> FormField:
    one = next((one for one in found if one.id == record_id), None)
    if one is None:
        raise NotFound("no question of this form")
    return one


def _named_like(project: Project) -> dict[str, Any]:
    """A form's titles, which may not be empty."""
    return {
        "project_id": project.id,
        "title_kz": project.title or project.title_ru or "—",
        "title_ru": project.title_ru or project.title or "—",
    }
