"""Which columns a resource's sheet may have, and a record as a row of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from locales.locale import Locale
from models.common import as_utc
from resources.fields import Field, Number, Relation
from resources.fields.base import is_blank
from resources.resource import Resource
from services.export.cells import Cell, Row, is_number

FIRST, LAST = ("id",), ("moderation_status", "created_at")
"""What most records carry without declaring it as a field."""
ASIDE = frozenset(("long", "photo", "rows"))
"""Kinds that are left out until somebody ticks them."""
_KINDS = {"moment": "moment", "date": "day", "number": "number"}

Absolute = Callable[[str], str]
"""Makes a URL of a stored path."""
Pointer = tuple[str, str, int]
"""What a relation points at: the field, the value it depends on (``""``), the id."""
Known = Mapping[Pointer, Mapping[str, Any]]
"""Names of what records point at by number alone, as ``{"id", "kk", "ru"}``."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``name`` of the record's attribute, its heading, its kind (text, number, moment, day)."""

    name: str
    heading: str
    kind: str
    cell: Callable[[Any], Cell]


def names(resource: Resource[Any]) -> tuple[str, ...]:
    """The columns there are, in the order of the declaration; addresses hold their positions."""
    model, declared = resource.model.model_fields, _declared(resource)

    def undeclared(extras: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in extras if name in model and name not in declared)

    return (*undeclared(FIRST), *(item.name for item in resource.fields), *undeclared(LAST))


def usual(resource: Resource[Any], sample: Collection[Any]) -> tuple[str, ...]:
    """The columns that are ticked at first: what the list's rows (``sample``) carry, without long texts.

    Of an empty list nobody knows what its rows carry: then it is everything short.
    """
    fields = _declared(resource)
    carried = [name for name in names(resource) if not sample or any(carries(one, name) for one in sample)]
    return tuple(name for name in carried if name not in fields or fields[name].kind not in ASIDE)


def carries(record: Any, name: str) -> bool:
    """True when the record was served with that attribute: rows of a list have fewer than a card."""
    return name not in type(record).model_fields or name in record.model_fields_set


def masked(resource: Resource[Any], ticked: Collection[str]) -> tuple[Field, ...]:
    """The ticked fields of personal data."""
    return tuple(item for item in resource.fields if item.masked and item.name in ticked)


def headings(resource: Resource[Any], locale: Locale) -> dict[str, str]:
    """What each column is called; no two alike, or nobody could tell them apart."""
    declared, used, found = _declared(resource), Counter[str](), {}
    for name in names(resource):
        label = locale.t(f"{resource.key}.field.{name}" if name in declared else f"export.column.{name}")
        used[label] += 1
        found[name] = label if used[label] == 1 else f"{label} ({used[label]})"
    return found


def pointers(resource: Resource[Any], ticked: Collection[str], record: Any) -> Iterator[Pointer]:
    """What the record points at by number alone: its list gives no names."""
    for field in resource.fields:
        if isinstance(field, Relation) and field.name in ticked and field.format is None:
            for value in _refs(field.value_of(getattr(record, field.name, None))):
                if not (value["kk"] or value["ru"]):
                    yield _pointer(field, record, value)


def _refs(value: Any) -> list[Mapping[str, Any]]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _pointer(field: Relation, record: Any, value: Mapping[str, Any]) -> Pointer:
    on = getattr(record, field.depends, "") if field.depends else ""
    return field.name, str(on), int(value["id"])


def build(
    resource: Resource[Any],
    ticked: Sequence[str],
    locale: Locale,
    absolute: Absolute,
    *,
    full: bool,
    known: Known,
) -> tuple[Column, ...]:
    """The ticked columns; personal data in part unless ``full``. ``known`` may grow while rows are made."""
    fields = _declared(resource)
    wanted = frozenset(ticked)
    found = []
    for name, label in headings(resource, locale).items():
        if name in wanted:
            field = fields.get(name)
            found.append(
                _extra(name, label, locale)
                if field is None
                else _of_field(field, label, locale, absolute, full, known)
            )
    return tuple(found)


def row(columns: Sequence[Column], record: Any, card: Any = None) -> Row:
    """The record's cells; what its list row does not carry comes from its card."""
    return [
        column.cell(record if card is None or carries(record, column.name) else card) for column in columns
    ]


def _declared(resource: Resource[Any]) -> dict[str, Field]:
    return {item.name: item for item in resource.fields}


def _extra(name: str, label: str, locale: Locale) -> Column:
    if name == "id":
        return Column(name, label, "number", lambda record: int(record.id))
    if name == "created_at":
        return Column(
            name, _zoned(label, locale), "moment", lambda record: _local(getattr(record, name, None), locale)
        )
    return Column(name, label, "text", lambda record: _status(getattr(record, name, None), locale))


def _status(value: Any, locale: Locale) -> Cell:
    return locale.t(f"choice.moderation_status.{value}") if value else None


def _of_field(
    field: Field, label: str, locale: Locale, absolute: Absolute, full: bool, known: Known
) -> Column:
    kind = "text" if field.format is not None or field.masked else _KINDS.get(field.kind, "text")
    if kind == "moment":
        label = _zoned(label, locale)
    if isinstance(field, Number) and kind == "number" and field.unit:
        label = f"{label}, {locale.t(field.unit, value='').strip()}"
    show = _shower(field, kind, locale, absolute, full)

    def cell(record: Any) -> Cell:
        value = field.value_of(getattr(record, field.name, None))
        if isinstance(field, Relation) and not is_blank(value):
            value = _named(field, record, value, known)
        return None if is_blank(value) else show(value)

    return Column(field.name, label, kind, cell)


def _named(field: Relation, record: Any, value: Any, known: Known) -> Any:
    named = [known.get(_pointer(field, record, one), one) for one in _refs(value)]
    return named if isinstance(value, list) else named[0]


def _shower(field: Field, kind: str, locale: Locale, absolute: Absolute, full: bool) -> Callable[[Any], Cell]:
    if field.masked and not full:
        return lambda value: field.mask(value, locale)
    if kind == "moment":
        return lambda value: _local(value, locale)
    if kind == "day":
        return lambda value: _day(value)
    if kind == "number":
        return lambda value: value if is_number(value) else field.show(value, locale)
    if field.kind == "photo":
        return lambda value: absolute(value) if isinstance(value, str) else None
    return lambda value: field.show(value, locale)


def _zoned(label: str, locale: Locale) -> str:
    """A heading that says whose clock its times are by; not how far from UTC, which changes with the years."""
    return f"{label} ({locale.zone})"


def _local(value: Any, locale: Locale) -> Cell:
    if not value:
        return None
    try:
        moment = as_utc(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)
    return locale.local(moment).replace(tzinfo=None, microsecond=0).isoformat()


def _day(value: Any) -> Cell:
    text = str(value)
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return text
