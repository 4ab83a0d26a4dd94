"""Records as nobody wants them, made from the models themselves, so that a new module gets them too."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from resources.resource import Resource

TEXTS = {
    "long": "ғқңөұүһі " * 2500,
    "unbroken": "ә" * 20_000,
    "families": "👨‍👩‍👧‍👦" * 900,
    "right to left": "\u202eשלום עולם\u202c مرحبا " * 300,
    "markup": '<b>&amp;</b> & <script> "x" </a><blockquote> &lt; ' * 60,
    "marks": "e" + "\u0301" * 3000,
    "lines": "a\n\n\n" * 2000,
    "control": "\x01\x02\r\n\tx\x0b" * 200,
    "empty": "",
    "blank": " \n ",
    "dash": "—",
    "percent": "{n} {} %s {name!r} {0}",
}
NOTHING = "nothing"
"""Every field that may be null is."""
FAR = datetime(9999, 12, 30, 23, 59, tzinfo=UTC)


def records(resource: Resource[Any]) -> Iterator[tuple[str, Any]]:
    """Name and record: every text that kind of nasty, rows full or empty, every choice and state in turn."""
    for name, text in TEXTS.items():
        yield name, _build(resource.model, text, rows=3, record_id=7)
    yield "many rows", _build(resource.model, TEXTS["markup"][:400], rows=30, record_id=36**8)
    yield NOTHING, _build(resource.model, "", rows=0, record_id=1, null=True)


def _build(model: type[BaseModel], text: str, *, rows: int, record_id: int, null: bool = False) -> Any:
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        values[name] = record_id if name == "id" else _value(field.annotation, text, rows, null)
    return model.model_construct(**values)


def _value(kind: Any, text: str, rows: int, null: bool) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        some = next(one for one in arguments if one is not type(None))
        return None if null else _value(some, text, rows, null)
    if origin is typing.Annotated:
        return _value(arguments[0], text, rows, null)
    if origin in (tuple, list):
        return tuple(_value(arguments[0], text, rows, null) for _ in range(rows))
    if kind is bool:
        return True
    if kind is str:
        return text
    if kind is int:
        return 2**31 - 1
    if kind is float:
        return 9999999.99
    if kind is datetime:
        return FAR
    if kind is date:
        return FAR.date()
    if kind is Any or origin in (dict, Mapping):  # free JSON
        return {text[:50]: text}
    if issubclass(kind, StrEnum):
        return list(kind)[-1]
    if issubclass(kind, BaseModel):
        return _build(kind, text, rows=rows, record_id=7, null=null)
    raise AssertionError(f"say here how a nasty {kind!r} looks")
