"""Fields that are picked from a fixed set."""

from __future__ import annotations

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
