"""Fields that point at other records: picked from a searchable list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel

from locales.locale import Locale
from models.common import Ref
from resources.fields.base import Field, FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Field):
    """One record of ``lookup``, a source whose records have a ``ref``.

    Kept as ``{"id", "kk", "ru"}``, so that a draft can show the name without asking for it; ``models.common.sent``
    makes the id of it that the backend gets. Where the source depends on another value (``depends``), ``lookup``
    maps that value to its source.
    """

    kind: ClassVar[str] = "relation"

    lookup: type[Any] | Mapping[str, type[Any]]
    depends: str = ""

    @property
    def lookups(self) -> tuple[type[Any], ...]:
        """Every source it may pick from."""
        return tuple(self.lookup.values()) if isinstance(self.lookup, Mapping) else (self.lookup,)

    def source(self, values: Mapping[str, Any]) -> type[Any] | None:
        """The source to pick from under these values; None while what it depends on is open."""
        if isinstance(self.lookup, Mapping):
            return self.lookup.get(str(values.get(self.depends)))
        return self.lookup

    def parse(self, typed: str, locale: Locale) -> Any:
        """Typed text searches; it is never the value itself."""
        raise FieldError("field.error.pick")

    def value_of(self, raw: Any) -> Any:
        """What a draft keeps of what a record carries."""
        return None if raw is None else self.one(raw)

    @staticmethod
    def one(raw: Any) -> dict[str, Any]:
        """``{"id", "kk", "ru"}`` of a ``Ref``, its mapping, or a bare id."""
        if isinstance(raw, BaseModel | Mapping):
            return Ref.model_validate(raw, from_attributes=True).model_dump()
        return Ref(id=raw).model_dump()

    def show(self, value: Any, locale: Locale) -> str:
        """The name in the person's language; ``#5`` where it is unknown."""
        if self.format is not None:
            return self.format(value, locale)
        return "" if value is None else Ref.model_validate(value).best(locale.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations(Relation):
    """Several records of ``lookup``; a tap adds one or takes it away."""

    kind: ClassVar[str] = "relations"

    most: int = 20

    def value_of(self, raw: Any) -> Any:
        """A list of what ``Relation`` keeps one of."""
        return [self.one(one) for one in raw or ()]

    def show(self, value: Any, locale: Locale) -> str:
        """The names, with commas."""
        return ", ".join(Relation.show(self, one, locale) for one in value or ())
