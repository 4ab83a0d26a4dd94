"""Several words: topics, languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from locales.locale import Locale
from resources.fields.base import FieldError
from resources.fields.text import Text

_BETWEEN = re.compile(r"[,;\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags(Text):
    """Words of at most ``max_len`` characters each, typed with commas between them, kept as a list.

    With ``options`` only those may be typed, by value or by label; the label is the text ``choice.<texts>.<value>``.
    """

    max_len: int = 100
    most: int = 20
    options: tuple[str, ...] = ()
    texts: str = ""

    def parse(self, typed: str, locale: Locale) -> Any:
        """The words, each once. Raises ``FieldError`` for none, too many, too long ones or unknown ones."""
        words = [" ".join(part.split()) for part in _BETWEEN.split(typed.replace("\x00", ""))]
        found = list(dict.fromkeys(self._one(word, locale) for word in words if word))
        if not found:
            raise FieldError("field.error.blank")
        if len(found) > self.most:
            raise FieldError("field.error.too_many_rows", limit=self.most)
        return found

    def _one(self, word: str, locale: Locale) -> str:
        if self.options:
            wanted = word.casefold()
            for option in self.options:
                if wanted in (option.casefold(), self.label(option, locale).casefold()):
                    return option
            raise FieldError("field.error.choice")
        if len(word) > self.max_len:
            raise FieldError(
                "field.error.too_long", limit=locale.number(self.max_len), length=locale.number(len(word))
            )
        return word

    def label(self, value: str, locale: Locale) -> str:
        """The option in the person's language; another value as it stands."""
        return locale.t(f"choice.{self.texts}.{value}") if value in self.options else value

    def value_of(self, raw: Any) -> Any:
        """A list of what a record carries; None for nothing."""
        return list(raw) or None if raw is not None else None

    def show(self, value: Any, locale: Locale) -> str:
        """The words with commas between them."""
        return ", ".join(self.label(str(one), locale) for one in value or ())

    def limits(self, locale: Locale) -> str:
        """How long a word may be says nothing that helps."""
        return ""
