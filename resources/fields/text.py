"""Fields that are typed: lines, long texts, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from locales.locale import Locale
from resources.fields.base import Field, FieldError

_EMAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]+\.[^@\s<>\"',;.]{2,}", re.ASCII)
_PHONE_NOISE = re.compile(r"[\s()\-.]")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Text):
    """An e-mail address."""

    max_len: int = 254

    def parse(self, typed: str, locale: Locale) -> Any:
        """The address. Raises ``FieldError`` for what cannot be one."""
        text = checked("".join(typed.replace("\x00", "").split()), self.max_len, locale)
        if _EMAIL.fullmatch(text) is None:
            raise FieldError("field.error.email")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone(Text):
    """A phone number, kept as ``+77011234567``; masked unless the declaration says that it is public."""

    max_len: int = 20
    masked: bool = True

    def parse(self, typed: str, locale: Locale) -> Any:
        """The number with its plus. Kazakhstan's begins with 8, with 7, or without either. Raises ``FieldError``."""
        digits = _PHONE_NOISE.sub("", checked(typed.strip(), 40, locale))
        if digits.startswith("8") and len(digits) == 11:
            digits = f"+7{digits[1:]}"
        elif digits.startswith("7") and len(digits) == 10:
            digits = f"+7{digits}"
        digits = digits if digits.startswith("+") else f"+{digits}"
        if not (digits.isascii() and digits[1:].isdigit() and 10 <= len(digits[1:]) <= 15):
            raise FieldError("field.error.phone")
        return digits

    def mask(self, value: Any, locale: Locale) -> str:
        """``+7 701 ••• •• 67``."""
        return masked_phone(value)

    def withheld(self, value: Any) -> Any:
        """``+7 701 ••• •• 67``."""
        return masked_phone(value) if self.masked and value else value

    def limits(self, locale: Locale) -> str:
        """A number has no length to speak of."""
        return ""


def masked_phone(value: Any) -> str:
    """``+7 701 ••• •• 67`` of a phone number; ``""`` for none."""
    text = str(value or "").strip()
    digits = _PHONE_NOISE.sub("", text)
    if len(digits) < 7:
        return "•" * len(text)
    head = digits[:5] if digits.startswith("+") else digits[:4]
    return f"{head[:-3]} {head[-3:]} ••• •• {digits[-2:]}"


def checked(text: str, max_len: int, locale: Locale) -> str:
    """``text`` when it is neither blank nor longer than ``max_len`` characters, else ``FieldError``."""
    if not text:
        raise FieldError("field.error.blank")
    if len(text) > max_len:
        raise FieldError(
            "field.error.too_long",
            n=len(text),
            limit=locale.number(max_len),
            length=locale.number(len(text)),
        )
    return text
