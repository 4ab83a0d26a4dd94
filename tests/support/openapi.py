"""Whether what the bot sends fits the backend's document: the stand-in ignores what it does not know, as the backend
does, so a misspelt parameter or field would never be noticed otherwise."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from sandbox.crm import CrmServer
from sandbox.crm.room import RecordedRequest
from tests.support.contract import ALWAYS, DOCUMENTS, FILES, outside

FORM = "multipart/form-data"
JSON = "application/json"
OTHERWISE = {"education_str": "education", "experience_str": "experience"}
"""Fields of forms that the backend takes under another name than its document says (contract 2.13, recordings)."""

FORMATS: Mapping[str, Callable[[str], object]] = {
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch,
}


class Watched(deque[RecordedRequest]):
    """The requests of a stand-in; ``seen`` keeps those that a test clears away."""

    def __init__(self, crm: CrmServer) -> None:
        super().__init__(crm.room.requests, maxlen=crm.room.requests.maxlen)
        self.seen: list[RecordedRequest] = list(self)
        crm.room.requests = self

    def append(self, request: RecordedRequest, /) -> None:
        self.seen.append(request)
        super().append(request)

    def wrong(self) -> list[str]:
        """What the backend's document, or what the sources say of themselves, does not cover."""
        undeclared = (f"{call}: no source declares it" for call in outside(self.seen))
        return [*misfits(self.seen), *undeclared]


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    pattern: re.Pattern[str]
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any]
    body_required: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def misfits(requests: Iterable[Any]) -> list[str]:
    """What of the requests does not fit the document, each complaint once, in words."""
    return list(dict.fromkeys(complaint for request in requests for complaint in _complaints(request)))


def _complaints(request: Any) -> Iterator[str]:
    call = f"{request.method} {request.path}"
    if call in ALWAYS or FILES.fullmatch(call):
        return
    found = _operation(request.method, request.path)
    if found is None:
        yield f"{call}: no such operation"
        return
    for where, sent in (("path", _placed(found, request.path)), ("query", request.query)):
        yield from _parameters(found, where, sent)
    content_type = request.headers.get("content-type", "")
    if JSON in content_type:
        yield from _json_body(found, request.json)
    elif content_type:
        yield from _form(found, request.form)
    elif found.body_required:
        yield f"{found.name}: no body"


def _parameters(operation: Operation, where: str, sent: Mapping[str, str]) -> Iterator[str]:
    known = {one["name"]: one for one in operation.parameters if one["in"] == where}
    for name in sent.keys() - known.keys():
        yield f"{operation.name}: unknown {where} parameter '{name}'"
    for name, one in known.items():
        if name in sent:
            wrong = [list(_wrong(json.dumps(one["schema"]), value)) for value in _readings(sent[name])]
            if all(wrong):
                yield f"{operation.name}: {where} parameter '{name}': {wrong[-1][0]}"
        elif one.get("required"):
            yield f"{operation.name}: no {where} parameter '{name}'"


def _readings(text: str) -> Iterator[Any]:
    """What a parameter may mean."""
    yield text
    if re.fullmatch(r"-?\d+", text):
        yield int(text)
    elif re.fullmatch(r"-?\d+\.\d+", text):
        yield float(text)
    elif text in ("true", "false"):
        yield text == "true"


def _json_body(operation: Operation, body: Any) -> Iterator[str]:
    if JSON not in operation.body:
        yield f"{operation.name}: takes no JSON"
        return
    for complaint in _wrong(json.dumps(operation.body[JSON]["schema"]), body):
        yield f"{operation.name}: body: {complaint}"


def _form(operation: Operation, names: Iterable[str]) -> Iterator[str]:
    if FORM not in operation.body:
        yield f"{operation.name}: takes no form"
        return
    schema = _components()["schemas"][operation.body[FORM]["schema"]["$ref"].rpartition("/")[2]]
    known = {OTHERWISE.get(name, name) for name in schema["properties"]}
    required = {OTHERWISE.get(name, name) for name in schema.get("required", ())}
    sent = set(names)
    for name in sorted(sent - known):
        yield f"{operation.name}: unknown field '{name}'"
    for name in sorted(required - sent):
        yield f"{operation.name}: no field '{name}'"


def _wrong(schema: str, value: Any) -> Iterator[str]:
    for error in _validator(schema).iter_errors(value):
        place = ".".join(map(str, error.absolute_path))
        yield f"{place}: {error.message}" if place else error.message


@cache
def _document() -> dict[str, Any]:
    """The backend's document with the extension's operations among its own."""
    found, more = (json.loads(one.read_text(encoding="utf-8")) for one in DOCUMENTS)
    found["paths"] |= more["paths"]
    schemas = found["components"]["schemas"]
    for name, schema in more["components"]["schemas"].items():
        # Only the two that every such document has may be in both.
        assert name not in schemas or name.endswith("ValidationError"), name
        schemas.setdefault(name, schema)
    return dict(found)


@cache
def _components() -> dict[str, Any]:
    closed: dict[str, Any] = _closed(_document()["components"])
    return closed


def _closed(schema: Any) -> Any:
    """The schema with every object that names its fields taking no others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


@cache
def _formats() -> FormatChecker:
    """Moments without an offset too, which the backend takes and the standard does not."""
    found = FormatChecker(formats=())
    for name, reads in FORMATS.items():
        found.checks(name, raises=ValueError)(partial(_reads, reads))
    return found


def _reads(reads: Callable[[str], object], value: object) -> bool:
    return not isinstance(value, str) or bool(reads(value))


@cache
def _validator(schema: str) -> Draft202012Validator:
    whole = {**_closed(json.loads(schema)), "components": _components()}
    return Draft202012Validator(whole, format_checker=_formats())


@cache
def _operations() -> tuple[Operation, ...]:
    found = []
    for path, methods in _document()["paths"].items():
        for method, one in methods.items():
            body = one.get("requestBody", {})
            pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
            found.append(
                Operation(
                    method.upper(), path, pattern, tuple(one.get("parameters", ())),
                    body.get("content", {}), bool(body.get("required")),
                )
            )  # fmt: skip
    # Where a path fits two of them, the one that spells more of it out is meant.
    return tuple(sorted(found, key=lambda one: one.path.count("{")))


@cache
def _operation(method: str, path: str) -> Operation | None:
    return next((one for one in _operations() if one.method == method and one.pattern.fullmatch(path)), None)


def _placed(operation: Operation, path: str) -> dict[str, str]:
    found = operation.pattern.fullmatch(path)
    return found.groupdict() if found is not None else {}
