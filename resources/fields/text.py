"""Fields that are typed: lines, long texts, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from locales.locale import Locale
from resources.fields.base import Field, FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """One line of at most ``max_len`` characters; line breaks become spaces."""

    max_len: int = 255

    def parse(self, typed: str, locale: Locale) -> Any:
        """The line, trimmed. Raises ``FieldError`` when it is blank or too long."""
        text = " ".join(typed.replace("\x00", "").split())
        return checked(text, self.max_len, locale)

    def limits(self, locale: Locale) -> str:
        """How long it may be."""
        return locale.t("field.limit.characters", n=self.max_len, count=locale.number(self.max_len))


@dataclass(frozen=True, slots=True, kw_only=True)
class LongText(Field):
    """Several paragraphs; line breaks are kept. One Telegram message carries at most 4,096 characters."""

    kind: ClassVar[str] = "long"

    max_len: int = 20_000

    def parse(self, typed: str, locale: Locale) -> Any:
        """The text, trimmed. Raises ``FieldError`` when it is blank or too long."""
        return checked(typed.replace("\x00", "").strip(), self.max_len, locale)

    def limits(self, locale: Locale) -> str:
        """How long it may be."""
        return locale.t("field.limit.characters", n=self.max_len, count=locale.number(self.max_len))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Text):
    """A web address; ``https://`` is added when left out."""

    max_len: int = 500

    def parse(self, typed: str, locale: Locale) -> Any:
        """The address with its scheme. Raises ``FieldError`` when it has no host."""
        text = checked("".join(typed.replace("\x00", "").split()), self.max_len, locale)
        address = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(address)
            valid = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
        except ValueError:
            valid = False
        if not valid:
            raise FieldError("field.error.link")
        return address


def checked(text: str, max_len: int, locale: Locale) -> str:
    """``text`` when it is neither blank nor longer than ``max_len`` characters, else ``FieldError``."""
    if not text:
        raise FieldError("field.error.blank")
    if len(text) > max_len:
        raise FieldError(
            "field.error.too_long", limit=locale.number(max_len), length=locale.number(len(text))
        )
    return text
