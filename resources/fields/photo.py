"""A photo: sent as a photo, as a file or as a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from locales.locale import Locale
from resources.fields.base import Field
from resources.fields.text import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo(Field):
    """One picture of a record. In a draft it is ``{"file_id": ...}`` (Telegram's) or ``{"url": ...}``;
    on a record it is the backend's path. It is uploaded after the record is saved."""

    kind: ClassVar[str] = "photo"

    at_create: bool = False
    """True where the picture is the record: it goes with ``create`` as an ``Upload`` instead of after it."""

    def parse(self, typed: str, locale: Locale) -> Any:
        """A link to fetch the picture from. Raises ``FieldError`` when it is not a web address."""
        return {"url": Link(name=self.name).parse(typed, locale)}

    def show(self, value: Any, locale: Locale) -> str:
        """Whether there is one, and where it comes from."""
        if not value:
            return ""
        if isinstance(value, dict) and "url" in value:
            return str(value["url"])
        return locale.t("field.photo.attached")
