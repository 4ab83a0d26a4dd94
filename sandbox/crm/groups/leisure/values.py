"""Free JSON on its way into a table: what PostgreSQL makes of the values, or a 500 where it refuses."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Column, inspect

from sandbox.crm.store import BackendError, Base

LENGTHS = {
    "title": 255, "title_ru": 255, "address": 500, "main_photo_url": 500, "promo_image_url": 500,
    "address_link": 500, "instagram_url": 500, "tiktok_url": 500, "price": 100, "whatsapp_number": 50,
    "discount_text": 255, "promo_code": 100,
}  # fmt: skip
CLOCK = r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?)?"
# The zone is read and dropped: the columns have none.
ZONE = r"\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.]?(\d{{2}})[-/.]?(\d{{2}}){CLOCK}{ZONE}", re.IGNORECASE)
# Month before day, also between dots.
MONTH_FIRST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){CLOCK}{ZONE}", re.IGNORECASE)
LARGEST_INTEGER = 2**31 - 1
LARGEST_RATING = 10


def columns_of(table: type[Base]) -> dict[str, Column[Any]]:
    return {attribute.key: attribute.columns[0] for attribute in inspect(table).column_attrs}  # type: ignore[misc]


def as_column(name: str, column: Column[Any], value: Any) -> Any:
    """The value as the column stores it; null passes, whether the column takes it or not."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise BackendError(f"{name} cannot be an object or a list")
    kind = column.type.python_type
    if kind is datetime:
        return read_date(value)
    if kind is bool:
        return value if isinstance(value, bool) else _broken(name)
    if kind is int or kind is float:
        return _number(name, kind, value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) > LENGTHS.get(name, len(text)):
        raise BackendError(f"{name} longer than its column")
    return text


def read_date(value: Any) -> datetime:
    """A timestamp as PostgreSQL reads its text: offsets dropped, 10.01.2027 is the first of October."""
    text = value.strip() if isinstance(value, str) else ""
    if match := YEAR_FIRST.fullmatch(text):
        year, month, day, *clock = match.groups()
    elif match := MONTH_FIRST.fullmatch(text):
        month, day, year, *clock = match.groups()
    else:
        raise BackendError("no date")
    hour, minute, second, fraction = clock
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            round(float(fraction or 0) * 10**6),
        )
    except ValueError:
        raise BackendError("date out of range") from None


def _number(name: str, kind: type, value: Any) -> Any:
    if isinstance(value, bool):
        _broken(name)
    try:
        number = float(value)
    except ValueError:
        _broken(name)
    if kind is int:
        if abs(number) > LARGEST_INTEGER or (isinstance(value, str) and not number.is_integer()):
            _broken(name)
        return round(number)
    rounded = round(number, 2)
    if not abs(rounded) < LARGEST_RATING:
        _broken(name)
    return rounded


def _broken(name: str) -> Any:
    raise BackendError(f"unusable value for {name}")
