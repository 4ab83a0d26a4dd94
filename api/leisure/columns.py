"""What may go into leisure's free JSON: the backend answers 500 to the rest, or lets any column be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from api.errors import Invalid, Wrong
from api.payload import NUL
from api.values import naive
from models.common import sent

LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        "title": 255, "title_ru": 255, "address": 500, "address_link": 500, "instagram_url": 500,
        "tiktok_url": 500, "price": 100, "whatsapp_number": 50, "discount_text": 255, "promo_code": 100,
        "main_photo_url": 500, "promo_image_url": 500,
    }
)  # fmt: skip
"""Characters that the columns hold (contract Q17)."""
TEXTS = ("title", "title_ru", "description", "description_ru")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind that a form may fill; no other one ever goes out (contract Q7, Q19).

    ``required`` must have a value, ``numbers`` are ids, ``moments`` are kept without a zone; the rest are texts.
    ``defaulted`` must not be emptied, but may be left out of a new record.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    defaulted: tuple[str, ...] = ("status",)
    moments: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset((*self.required, *self.optional, *self.defaulted)))

    def created(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a new record. Raises ``Invalid`` for all that is wrong with it."""
        missing = [Wrong((name,), "must not be empty") for name in self.required if name not in values]
        if missing:
            raise Invalid(missing)
        return self.changed(values)

    def changed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a change, dates as naive UTC. Raises ``Invalid`` for all that is wrong with it.

        The backend would drop an offset and read ``10.01.2027`` as the first of October (contract Q11).
        """
        body: dict[str, Any] = {}
        wrong: list[Wrong] = []
        for name, value in values.items():
            try:
                body[name] = self._column(name, sent(value))
            except ValueError as error:
                wrong.append(Wrong((name,), str(error)))
        if wrong:
            raise Invalid(wrong)
        return body

    def _column(self, name: str, value: Any) -> Any:
        if name not in self.known:
            raise ValueError("no column to fill")
        if value is None or value == "":
            if name not in self.optional:
                raise ValueError("must not be empty")
            return None
        if name in self.moments:
            return _moment(value)
        if name in self.numbers:
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError("no id")
            return value
        if not isinstance(value, str):
            raise ValueError("no text")
        if len(value.replace(NUL, "")) > LENGTHS.get(name, len(value)):
            raise ValueError(f"longer than {LENGTHS[name]} characters")
        return value


def _moment(value: Any) -> str:
    try:
        return naive(datetime.fromisoformat(value))
    except (TypeError, ValueError) as error:
        raise ValueError("not an ISO date") from error


CONTACTS = ("price", "address_link", "instagram_url", "tiktok_url", "whatsapp_number")
PLACE = Columns(
    required=(*TEXTS, "address"),
    optional=(*CONTACTS, "category_id", "event_date"),
    moments=("event_date",),
    numbers=("category_id",),
)
TICKET = Columns(
    required=(*TEXTS, "address", "event_date"),
    optional=CONTACTS,
    moments=("event_date",),
)  # fmt: skip
PROMO = Columns(
    required=("related_type", "related_id", *TEXTS, "start_date", "end_date"),
    optional=("discount_text", "promo_code"),
    moments=("start_date", "end_date"),
    numbers=("related_id",),
)
