"""The questions of a project's form, in their order: contract 2.7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.projects import FormFields
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.common import Localized
from models.project_form import OPTION_TYPES, FormField, FormFieldType, NewFieldType
from resources.fields import Choice, Flag, LongText, Number, Text
from resources.resource import Deed, ListView, Op, Resource

LABEL = 300
OPTIONS = 4000


def title(question: FormField, locale: Locale) -> str:
    """The question in the person's language, else in the other one."""
    return Localized(kk=question.label_kz, ru=question.label_ru).best(locale.language) or question.field_id


def line(question: FormField, locale: Locale) -> str:
    """``3. The question``, with a star when an answer is required."""
    star = " *" if question.required else ""
    return f"{question.position}. {title(question, locale)}{star}"


def kind(value: Any, locale: Locale) -> str:
    """The type in words, also one that cannot be made here."""
    known = value in FormFieldType._value2member_map_
    return locale.t(f"choice.project_fields.type.{value}") if known else str(value or "")


def has_options(values: Mapping[str, Any]) -> bool:
    """True for a question that is answered by choosing."""
    return values.get("type") in OPTION_TYPES


def check(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """Something to choose from must be there."""
    if has_options(values) and not str(values.get("options") or "").strip():
        return "options", "project_fields.error.options"
    return None


async def impact(source: FormFields, caller: Caller, record_id: int, locale: Locale) -> str:
    """How many may have answered: their answers stay, without the words of the question."""
    count = await source.submissions(caller)
    return locale.html("project_fields.impact", n=count, count=locale.number(count)) if count else ""


QUESTIONS: Resource[FormField] = Resource(
    module=Module.PROJECTS,
    key="project_fields",
    code="pf",
    icon="❔",
    model=FormField,
    source=FormFields,
    parent="pr",
    shown_for=lambda project: project.takes_applications,
    # As in ``project_forms``: government is refused all of it. A question is a part of the form, which is changed.
    needs={
        Op.LIST: Permission.UPDATE,
        Op.CARD: Permission.UPDATE,
        Op.EXPORT: Permission.UPDATE,
        Op.CREATE: Permission.UPDATE,
        Op.EDIT: Permission.UPDATE,
        Op.DELETE: Permission.UPDATE,
    },
    title=title,
    fields=(
        Choice(
            name="type", required=True, editable=False, options=NewFieldType, texts="project_fields.type",
            format=kind,
        ),
        Text(name="label_kz", required=True, max_len=LABEL),
        Text(name="label_ru", required=True, max_len=LABEL),
        LongText(name="options", max_len=OPTIONS, when=has_options),
        Flag(name="required"),
        Text(name="hint_kz", max_len=LABEL),
        Text(name="hint_ru", max_len=LABEL),
        Text(name="placeholder_kz", max_len=LABEL),
        Text(name="placeholder_ru", max_len=LABEL),
        Number(name="position", editable=False),
    ),
    list=ListView(line=line),
    card=(
        "position", "type", "required", "label_kz", "label_ru", "hint_kz", "hint_ru", "placeholder_kz",
        "placeholder_ru", "options",
    ),
    form=(
        "type", "label_kz", "label_ru", "options", "required", "hint_kz", "hint_ru", "placeholder_kz",
        "placeholder_ru",
    ),
    deeds=(
        Deed("move_up", "up", Permission.UPDATE, icon="⬆️", offered=lambda question: question.position > 1),
        Deed("move_down", "dn", Permission.UPDATE, icon="⬇️", offered=lambda question: not question.last),
    ),
    check=check,
    impact=impact,
)  # fmt: skip
