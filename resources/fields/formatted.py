"""Text that is written with Telegram's own formatting and kept as Telegram's HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from locales.locale import Locale
from resources.fields.base import Field, FieldError
from utils.markup import is_sound, plain, utf16

MESSAGE = 4096
"""UTF-16 units of one Telegram message, after its formatting was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted(Field):
    """A message of a person's own: bold, links, quotes as they were typed. ``before`` is Telegram's HTML that is put
    in front of it when it is sent, and counts."""

    kind: ClassVar[str] = "long"
    formatted: ClassVar[bool] = True

    before: str = ""
    max_units: int = MESSAGE

    @property
    def room(self) -> int:
        """Units that the message itself may take."""
        return self.max_units - utf16(plain(self.before))

    def parse(self, typed: str, locale: Locale) -> Any:
        """The HTML. Raises ``FieldError`` when nothing is left of it for a reader, or it is too long."""
        text = typed.replace("\x00", "").strip()
        units = utf16(plain(text))
        if not plain(text).strip():
            raise FieldError("field.error.blank")
        if not is_sound(text):
            raise FieldError("field.error.formatting")
        if units > self.room:
            raise FieldError(
                "field.error.too_long", limit=locale.number(self.room), length=locale.number(units)
            )
        return text

    def show(self, value: Any, locale: Locale) -> str:
        """The text without its formatting."""
        if self.format is not None:
            return self.format(value, locale)
        return plain(str(value)) if value else ""

    def limits(self, locale: Locale) -> str:
        """How long it may be."""
        return locale.t("field.limit.characters", n=self.room, count=locale.number(self.room))
