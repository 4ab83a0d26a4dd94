"""Values on their way to the backend and back: what it takes, and when two of them mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.errors import Invalid, Wrong
from models.common import as_utc, sent


def required(values: Mapping[str, Any], *names: str) -> None:
    """Nothing; ``Invalid`` when one of ``names`` is to be emptied: null in a required column is a 500 (contract Q7)."""
    empty = [name for name in names if name in values and values[name] in (None, "")]
    if empty:
        raise Invalid(Wrong((name,), "must not be empty") for name in empty)


def sendable(values: Mapping[str, Any], *moments: str) -> dict[str, Any]:
    """The values as the backend takes them: references as ids, ``moments`` as naive UTC to the second (an aware
    date always counts as a change, and some routes answer 500 to it: contract Q7, Q11)."""
    plain = {name: sent(value) for name, value in values.items()}
    for name in moments:
        if plain.get(name) is not None:
            plain[name] = naive(datetime.fromisoformat(str(plain[name])))
    return plain


def naive(moment: datetime) -> str:
    """UTC without an offset, to the second."""
    return as_utc(moment).replace(tzinfo=None).isoformat(timespec="seconds")


def same(kept: Any, value: Any) -> bool:
    """True when a record's attribute is what was sent as ``value``: dates as instants, references by id, null as
    ``""``."""
    if isinstance(kept, datetime) and isinstance(value, str):
        return as_utc(kept) == as_utc(datetime.fromisoformat(value))
    if isinstance(kept, date) and isinstance(value, str):
        return kept.isoformat() == value[:10]
    return (sent(kept) or None) == (sent(value) or None)
