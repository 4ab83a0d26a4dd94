"""Fields of numbers, and of yes and no."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from locales.locale import Locale
from resources.fields.base import Field, FieldError

_MANY = 2**31 - 1
"""Most that the backend's integer columns hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A number between ``least`` and ``most``, whole unless ``places`` allows decimals.

    ``unit`` is the key of a text with ``{value}`` that the number is shown in ("{value} ₸").
    """

    kind: ClassVar[str] = "number"

    least: float = 0
    most: float = _MANY
    places: int = 0
    unit: str = ""

    def parse(self, typed: str, locale: Locale) -> Any:
        """The number; spaces between thousands and a decimal comma are fine. Raises ``FieldError``."""
        text = "".join(typed.split()).replace(",", ".")
        try:
            number = Decimal(text.removeprefix("+"))
        except InvalidOperation as error:
            raise FieldError("field.error.number") from error
        if not number.is_finite() or not text.isascii() or "e" in text.casefold():
            raise FieldError("field.error.number")
        if not self.least <= number <= self.most:
            raise FieldError(
                "field.error.range", least=locale.number(self.least), most=locale.number(self.most)
            )
        if number != round(number, self.places):
            raise FieldError("field.error.whole" if not self.places else "field.error.number")
        return float(number) if self.places else int(number)

    def show(self, value: Any, locale: Locale) -> str:
        """The number with its unit, thousands apart; ``""`` for nothing."""
        if self.format is not None:
            return self.format(value, locale)
        if value is None:
            return ""
        text = locale.number(value)
        return locale.t(self.unit, value=text) if self.unit else text

    def limits(self, locale: Locale) -> str:
        """From where to where, once there is a bound worth telling."""
        if self.most < _MANY:
            return locale.t(
                "field.limit.range", least=locale.number(self.least), most=locale.number(self.most)
            )
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Field):
    """Yes or no. ``yes`` and ``no`` are keys of the texts that say it better where there are such.

    A record says one or the other: the backend takes no third.
    """

    kind: ClassVar[str] = "flag"

    yes: str = "flag.yes"
    no: str = "flag.no"

    def parse(self, typed: str, locale: Locale) -> Any:
        """True or False. Raises ``FieldError`` for anything but the two labels."""
        wanted = typed.strip().casefold()
        for value in (True, False):
            if wanted == self.label(value, locale).casefold():
                return value
        raise FieldError("field.error.choice")

    def may_be_emptied(self, *, stored: bool) -> bool:
        """True in a new record only, which then gets the backend's own answer."""
        return not self.required and not stored

    def label(self, value: bool, locale: Locale) -> str:
        """The word for ``value``."""
        return locale.t(self.yes if value else self.no)

    def show(self, value: Any, locale: Locale) -> str:
        """The word; ``""`` for nothing."""
        if self.format is not None:
            return self.format(value, locale)
        return "" if value is None else self.label(bool(value), locale)
