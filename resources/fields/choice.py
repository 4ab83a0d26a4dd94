"""Fields that are picked from a fixed set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from locales.locale import Locale
from resources.fields.base import Field, FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    """One of the values of ``options``; its label is the text ``choice.<texts>.<value>``.

    ``texts`` is the field's name unless another one is given: two modules may call different things ``status``.
    """

    kind: ClassVar[str] = "choice"

    options: type[StrEnum]
    texts: str = ""

    @property
    def key(self) -> str:
        """The middle of its labels' keys."""
        return self.texts or self.name

    def parse(self, typed: str, locale: Locale) -> Any:
        """The value whose label or name was typed. Raises ``FieldError`` for anything else."""
        wanted = typed.strip().casefold()
        for option in self.options:
            if wanted in (option.value.casefold(), self.label(option.value, locale).casefold()):
                return option.value
        raise FieldError("field.error.choice")

    def label(self, value: str, locale: Locale) -> str:
        """The option in the person's language."""
        return locale.t(f"choice.{self.key}.{value}")

    def show(self, value: Any, locale: Locale) -> str:
        """The label; a value the declaration does not know is shown as it is."""
        if self.format is not None:
            return self.format(value, locale)
        if value is None:
            return ""
        return self.label(value, locale) if value in self.options._value2member_map_ else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Choice):
    """Several of the values of ``options``, ticked one by one; kept as a list in the order of the options."""

    def parse(self, typed: str, locale: Locale) -> Any:
        """The values whose labels were typed with commas between them. Raises ``FieldError`` for anything else."""
        words = [part for part in typed.replace(";", ",").split(",") if part.strip()]
        if not words:
            raise FieldError("field.error.blank")
        return self.ordered(Choice.parse(self, word, locale) for word in words)

    def ordered(self, values: Iterable[Any]) -> list[str]:
        """The values that there are, each once, in the order of the options."""
        chosen = frozenset(map(str, values))
        return [option.value for option in self.options if option.value in chosen]

    def turned(self, values: Any, value: str) -> list[str] | None:
        """The values with that one added or taken away; None for none."""
        return self.ordered(frozenset(values or ()) ^ {value}) or None

    def value_of(self, raw: Any) -> Any:
        """A list of what a record carries; None for nothing."""
        return list(raw) or None if raw is not None else None

    def show(self, value: Any, locale: Locale) -> str:
        """The labels with commas between them."""
        return ", ".join(Choice.show(self, one, locale) for one in value or ())
