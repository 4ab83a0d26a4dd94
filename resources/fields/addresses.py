"""Several e-mail addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from locales.locale import Locale
from resources.fields.base import Field, FieldError
from resources.fields.text import Email

_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses(Field):
    """Addresses, one a line or with commas between them; kept as a list without repetitions."""

    most: int = 500

    def parse(self, typed: str, locale: Locale) -> Any:
        """The addresses. Raises ``FieldError`` that names the first one which is none."""
        one = Email(name=self.name)
        found: dict[str, str] = {}
        for part in filter(None, _BETWEEN.split(typed.replace("\x00", ""))):
            try:
                found.setdefault(part.casefold(), one.parse(part, locale))
            except FieldError as error:
                raise FieldError("field.error.address", address=part[:80]) from error
        if not found:
            raise FieldError("field.error.blank")
        if len(found) > self.most:
            raise FieldError("field.error.too_many_rows", limit=self.most)
        return list(found.values())

    def show(self, value: Any, locale: Locale) -> str:
        """The addresses with commas."""
        return ", ".join(value or ())

    def limits(self, locale: Locale) -> str:
        """How many there may be."""
        return locale.t("field.limit.addresses", n=self.most, count=locale.number(self.most))
