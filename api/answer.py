"""What a call brought back, and how it becomes records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from api.errors import BackendError, BadAnswer, Cause, UnknownOutcome

M = TypeVar("M", bound=BaseModel)

Adapter = Callable[[Any], Any]
"""Changes a parsed body before it becomes a record."""


def same(body: Any) -> Any:
    """The body as it came."""
    return body


@dataclass(frozen=True, slots=True)
class Rows(Generic[M]):
    """Rows of a bare list; ``received`` counts the unreadable ones too, as paging must."""

    items: list[M]
    received: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: ``json`` is the parsed body, None when empty; ``content`` the bytes of a raw call."""

    status: int
    json: Any = None
    content: bytes = b""
    call: str = ""
    write: bool = False

    def one(self, model: type[M], adapt: Adapter = same) -> M:
        """The body, after ``adapt``, as a record; ``BadAnswer`` when it is none.

        After a write that is ``UnknownOutcome``: it was done, but nobody can say what came of it.
        """
        try:
            return model.model_validate(adapt(self.json))
        except ValidationError as error:
            raise self.bad(f"no {model.__name__}: {_where(error)}") from error

    def many(self, model: type[M], adapt: Adapter = same, *, keep: int | None = None) -> Rows[M]:
        """The readable ones among the first ``keep`` rows of a bare list (all when None).

        A bad row is dropped and logged: it does not hide the rest, and no later row takes its place. Rows of which
        none can be read are ``BadAnswer``: an empty list would say that there is nothing.
        """
        rows = self.rows()
        items: list[M] = []
        for row in rows[:keep]:
            try:
                items.append(model.model_validate(adapt(row)))
            except ValidationError as error:
                log = structlog.get_logger(__name__)
                log.warning("row_dropped", call=self.call, model=model.__name__, reason=_where(error))
        if rows[:keep] and not items:
            raise self.bad(f"no readable {model.__name__}")
        return Rows(items, len(rows))

    def rows(self) -> Sequence[Any]:
        """The body as a list; ``BadAnswer`` when it is none."""
        if not isinstance(self.json, list):
            raise self.bad("no list")
        return self.json

    def part(self, key: str) -> Answer:
        """The same answer, its body what lies under ``key``; ``BadAnswer`` when there is no such key."""
        if not isinstance(self.json, dict) or key not in self.json:
            raise self.bad(f"no {key}")
        return replace(self, json=self.json[key])

    def text(self, key: str) -> str:
        """The string under ``key`` of the body; ``BadAnswer`` when there is none."""
        value = self.part(key).json
        if not isinstance(value, str):
            raise self.bad(f"no {key}")
        return value

    def bad(self, detail: str) -> BackendError:
        """The error for a body that is not what was promised."""
        if self.write:
            return UnknownOutcome(Cause.ANSWER, detail, call=self.call, status=self.status)
        return BadAnswer(detail, call=self.call, status=self.status)


def _where(error: ValidationError) -> str:
    """The places that are wrong, without the values: those are personal data."""
    places = (
        ".".join(map(str, one["loc"])) or one["type"]
        for one in error.errors(include_input=False, include_url=False)
    )
    return ", ".join(places)
