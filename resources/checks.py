"""What is wrong with declarations, all of it at once, numbered so that the documentation can explain each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from resources.fields import Choice, Rows
from resources.resource import Op, Resource

LETTERS = re.compile(r"[a-z]{2}")


def problems(resources: Sequence[Resource[Any]], texts: Mapping[str, frozenset[str]]) -> list[str]:
    """Every problem as one line, empty when all declarations can work. ``texts``: language -> keys with a text."""
    found = [*_clashes(resources), *_parents(resources)]
    for resource in resources:
        found += [f"{number} {resource.key}: {what}" for number, what in _of_resource(resource)]
        for language, keys in texts.items():
            found += [
                f"R008 {resource.key}: no text '{key}' in {language}"
                for key in sorted(texts_of(resource) - keys)
            ]
    return found


def _parents(resources: Sequence[Resource[Any]]) -> Iterator[str]:
    codes = {item.code for item in resources}
    for item in resources:
        if item.parent and item.parent not in codes:
            yield f"R009 {item.key}: parent '{item.parent}' is no resource"


def _clashes(resources: Sequence[Resource[Any]]) -> Iterator[str]:
    for kind, names in (
        ("code", [item.code for item in resources]),
        ("key", [item.key for item in resources]),
    ):
        for name, count in Counter(names).items():
            if count > 1:
                yield f"R001 {kind} '{name}' is used by {count} resources"


def _of_resource(resource: Resource[Any]) -> Iterator[tuple[str, str]]:
    if not LETTERS.fullmatch(resource.code):
        yield "R002", f"code '{resource.code}' is not two letters a-z"
    yield from _fields(resource)
    yield from _ops(resource)
    yield from _addresses(resource)


def _fields(resource: Resource[Any]) -> Iterator[tuple[str, str]]:
    for place, names in (
        ("card", resource.card),
        ("form", resource.form),
        ("remoderated", tuple(resource.remoderated)),
    ):
        for name in names:
            if name not in resource.by_name:
                yield "R003", f"{place} names the unknown field '{name}'"
    for item in resource.fields:
        if not hasattr(resource.model, item.name) and item.name not in resource.model.model_fields:
            yield "R003", f"field '{item.name}' is not in the model {resource.model.__name__}"
    if Op.CREATE in resource.needs:
        for item in resource.fields:
            if item.required and item.name not in resource.form:
                yield "R005", f"required field '{item.name}' is in no step of the form"


def _ops(resource: Resource[Any]) -> Iterator[tuple[str, str]]:
    for op in (Op.LIST, Op.CARD):
        if op not in resource.needs:
            yield "R004", f"op '{op.name}' declares no need"
    if Op.CREATE in resource.needs and not resource.form:
        yield "R005", "CREATE is declared without a form"
    if Op.EDIT in resource.needs and not resource.editable():
        yield "R005", "EDIT is declared but no field is editable"
    source = resource.source
    for op, methods in {
        Op.CREATE: ("create", "find_created") if resource.submit is None else (),
        Op.EDIT: ("update",),
        Op.DELETE: ("delete",),
        Op.MODERATE: ("approve", "reject"),
    }.items():
        for method in methods:
            if op in resource.needs and not hasattr(source, method):
                yield "R006", f"op '{op.name}' needs the method '{method}' of its source"
    for deed in resource.deeds:
        if not hasattr(source, deed.calls):
            yield "R006", f"deed '{deed.name}' needs the method '{deed.calls}' of its source"
    called = [(one.name, method) for one in resource.actions for method in one.calls]
    called += [(one.name, method) for one in resource.tools for method in one.calls]
    for name, method in called:
        if method not in getattr(source, "operations", ()):
            yield "R006", f"'{name}' calls '{method}', of which its source names no operation"
    if resource.waiting is not None:
        yield from _waiting(resource)
    if resource.parent and not hasattr(source, "under"):
        yield "R006", "a child resource needs the method 'under' of its source"


def _waiting(resource: Resource[Any]) -> Iterator[tuple[str, str]]:
    for approve in (True, False):
        name = resource.waiting and (resource.waiting.approve if approve else resource.waiting.reject)
        if name and resource.deciding(approve=approve) is None:
            yield "R010", f"waiting names the unknown deed '{name}'"
        elif not name and Op.MODERATE not in resource.needs:
            yield "R010", "waiting names no deed, and MODERATE is not declared"
    if resource.parent and not hasattr(resource.source, "pending"):
        yield "R010", "children that wait need the method 'pending' of their source"


def _addresses(resource: Resource[Any]) -> Iterator[tuple[str, str]]:
    codes = [item.code for item in resource.by_name.values()] + [one.code for one in resource.named]
    for code, count in Counter(codes).items():
        if count > 1:
            yield "R007", f"{count} fields or actions share the address code '{code}'"
    for action in resource.named:
        if not LETTERS.fullmatch(action.code):
            yield "R007", f"action '{action.name}' has the code '{action.code}', not two letters"
    if len(resource.list.filters) > 6:
        yield "R007", "more than 6 filters do not fit an address"
    for item in resource.list.filters:
        if len(item.options) > 35:
            yield "R007", f"filter '{item.name}' has more options than one digit tells apart"


def texts_of(resource: Resource[Any]) -> frozenset[str]:
    """The keys of all texts that a declaration needs in every language."""
    keys = {f"{resource.key}.{name}" for name in ("title", "one", "empty")}
    if resource.form:
        keys.add(f"{resource.key}.new")
    asked = frozenset(name for deed in resource.deeds for name in resource.order(deed.code))
    for item in resource.by_name.values():
        keys.add(f"{resource.key}.field.{item.name}")
        if item.editable or item.name in resource.form or item.name in asked:
            keys.add(f"{resource.key}.hint.{item.name}")
        if isinstance(item, Choice):
            keys |= {f"choice.{item.key}.{option.value}" for option in item.options}
        if isinstance(item, Rows):
            keys |= {f"{resource.key}.{item.name}.{column.name}" for column in item.columns}
    keys |= {f"{resource.key}.action.{one.name}" for one in resource.named}
    keys |= {f"{resource.key}.done.{deed.name}" for deed in resource.deeds}
    keys |= {f"{resource.key}.ask.{deed.name}" for deed in resource.deeds if deed.confirm}
    for narrowing in resource.list.filters:
        keys.add(f"filter.{narrowing.key}")
        keys |= {f"choice.{narrowing.key}.{option}" for option in narrowing.options}
    if resource.waiting is not None:
        keys |= {f"reason.{resource.waiting.reasons}.{number}" for number in range(1, 5)}
    keys |= {f"sort.{name or 'default'}" for name in resource.list.sorts}
    return frozenset(keys)
