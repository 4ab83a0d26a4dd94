"""A month of a year, as people tell when they studied or worked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from locales.locale import Locale
from resources.fields.base import FieldError
from resources.fields.text import Text

_MONTH_FIRST = re.compile(r"(?:(\d{1,2})[./-])?(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month(Text):
    """A month, typed as ``09.2015`` or a year alone, kept as the ISO date of its first day."""

    def parse(self, typed: str, locale: Locale) -> Any:
        """ISO text of a day. Raises ``FieldError`` for what is no month of 1900 to 2100."""
        text = "".join(typed.split())
        if (found := _MONTH_FIRST.fullmatch(text)) is not None:
            month, year = found[1] or "1", found[2]
        elif (found := _YEAR_FIRST.fullmatch(text)) is not None:
            year, month = found[1], found[2]
        else:
            raise FieldError("field.error.month")
        if not (1900 <= int(year) <= 2100 and 1 <= int(month) <= 12):
            raise FieldError("field.error.month")
        return f"{year}-{int(month):02}-01"

    def show(self, value: Any, locale: Locale) -> str:
        """``09.2015``; of a January the year alone, which is all that many a person typed."""
        text = str(value or "")
        return text[:4] if text[5:10] == "01-01" else f"{text[5:7]}.{text[:4]}" if text else ""

    def limits(self, locale: Locale) -> str:
        """A month has no length to speak of."""
        return ""
