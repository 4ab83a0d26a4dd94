"""A list of small rows inside a record: a programme, speakers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel

from locales.locale import Locale
from resources.fields.base import Field, FieldError
from resources.fields.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Field):
    """Rows of the same ``columns``. A typed message adds a row per line through ``read_line``; each row can be
    opened and each of its columns mended. ``line`` is a row as one line of text."""

    kind: ClassVar[str] = "rows"

    columns: tuple[Field, ...]
    read_line: Callable[[str, Locale], dict[str, Any]]
    line: Callable[[Mapping[str, Any], Locale], str]
    max_rows: int = 30

    def parse(self, typed: str, locale: Locale) -> Any:
        """The rows of all lines. Raises ``FieldError`` naming the first line that cannot be read."""
        rows: list[dict[str, Any]] = []
        for number, text in enumerate(filter(str.strip, typed.splitlines()), start=1):
            try:
                rows.append(self.read_line(text.strip(), locale))
            except FieldError as error:
                reason = locale.t(error.key, **error.params)
                raise FieldError("field.error.row", number=number, reason=reason) from error
        if not rows:
            raise FieldError("field.error.blank")
        if len(rows) > self.max_rows:
            raise FieldError("field.error.too_many_rows", limit=self.max_rows)
        return rows

    def value_of(self, raw: Any) -> Any:
        """Rows of a record as JSON-ready mappings of this field's columns."""
        names = {column.name for column in self.columns}
        return [
            {
                name: value
                for name, value in (
                    row.model_dump(mode="json") if isinstance(row, BaseModel) else row
                ).items()
                if name in names
            }
            for row in raw or ()
        ]

    def show(self, value: Any, locale: Locale) -> str:
        """One line per row."""
        return "\n".join(f"{self.line(row, locale)}" for row in value or ())

    def column(self, code: str) -> Field | None:
        """The column of that address code."""
        return next((column for column in self.columns if column.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Text):
    """A time of day, kept as minutes after midnight."""

    def parse(self, typed: str, locale: Locale) -> Any:
        """Minutes after midnight. Raises ``FieldError`` for anything but ``9:30``, ``09.30``, ``0930``."""
        digits = typed.strip().replace(".", ":").replace("-", ":")
        hours, _, minutes = digits.partition(":") if ":" in digits else (digits[:-2], ":", digits[-2:])
        if not (
            hours.isdecimal()
            and minutes.isdecimal()
            and len(minutes) == 2
            and int(hours) < 24
            and int(minutes) < 60
        ):
            raise FieldError("field.error.clock")
        return int(hours) * 60 + int(minutes)

    def show(self, value: Any, locale: Locale) -> str:
        """``09:30``; minutes beyond a day are shown as they are."""
        return (
            f"{value // 60:02}:{value % 60:02}"
            if isinstance(value, int) and 0 <= value < 1440
            else str(value)
        )

    def limits(self, locale: Locale) -> str:
        """A clock has no length to speak of."""
        return ""
