"""What a field of a resource is: its name, its limits, and how a value is read, kept and shown."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from locales.locale import Locale

DOTS = "•••"
SHOWN_FROM = 8
"""Characters from which on the ends of a text that is hidden are shown: half of it at most."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class FieldError(ValueError):
    """What a person typed does not fit the field; ``key`` and ``params`` are the text that says what to mend."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


def is_blank(value: Any) -> bool:
    """True for no value at all; 0 and False are values."""
    return value is None or value == "" or value == [] or value == ()


def hidden(text: str) -> str:
    """The text with its middle left out; nothing of one so short that the rest would give it away."""
    if len(text) < SHOWN_FROM:
        return DOTS if text else ""
    return text[:2] + "•" * (len(text) - 4) + text[-2:]


def short_code(name: str) -> str:
    """Three letters that stand for ``name`` in addresses: the same after fields were added or moved."""
    number = zlib.crc32(name.encode()) % 36**3
    return _DIGITS[number // 1296] + _DIGITS[number // 36 % 36] + _DIGITS[number % 36]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: a row of a declaration.

    ``parse`` turns what was typed into the JSON-ready value that drafts keep and the backend gets; ``show`` turns
    such a value into plain text. ``format`` replaces ``show`` for one field of one resource.
    """

    kind: ClassVar[str] = "text"
    formatted: ClassVar[bool] = False
    """True where ``parse`` is given what was typed as Telegram's HTML, its formatting included."""

    name: str
    required: bool = False
    editable: bool = True
    format: Callable[[Any, Locale], str] | None = None
    when: Callable[[Mapping[str, Any]], bool] | None = None
    """Whether a form asks for it at all, by the values so far; None: always."""
    removable: bool = True
    """False where the backend can replace what is stored, but not take it away."""
    masked: bool = False
    """True for personal data that is shown in part until somebody asks for it, which is audited."""

    @property
    def code(self) -> str:
        """Three letters for callback addresses."""
        return short_code(self.name)

    def parse(self, typed: str, locale: Locale) -> Any:
        """The JSON-ready value. Raises ``FieldError``."""
        raise FieldError("field.error.not_typed")

    def value_of(self, raw: Any) -> Any:
        """The JSON-ready value of what a record carries."""
        return raw

    def show(self, value: Any, locale: Locale) -> str:
        """The value as plain text; ``""`` for nothing."""
        if self.format is not None:
            return self.format(value, locale)
        return "" if value is None else str(value)

    def may_be_emptied(self, *, stored: bool) -> bool:
        """True when a value may be taken out again; ``stored``: one that a record has already."""
        return not self.required and (self.removable or not stored)

    def mask(self, value: Any, locale: Locale) -> str:
        """The value with so much left out that nobody is reached by it; for ``masked`` fields."""
        return hidden(self.show(value, locale))

    def withheld(self, value: Any) -> Any:
        """The value as records of what was done keep it: of personal data only so much that it can be told apart."""
        if not self.masked or is_blank(value):
            return value
        return hidden(value) if isinstance(value, str) else DOTS

    def limits(self, locale: Locale) -> str:
        """What the form says about limits; ``""`` when there is nothing to say."""
        return ""
