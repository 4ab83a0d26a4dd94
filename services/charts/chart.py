"""A chart as a value: what is drawn, in the person's language, without a thought of how."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

LOOK = 1
"""Goes up when charts are to look otherwise: what was drawn before is drawn anew."""
SCHEME = "chart:"
"""What addresses of charts begin with."""
WIDTH = 1080
"""Pixels; a phone shows about a third of them."""
HEAD, COLUMNS, SHARES, SHARE = 100, 540, 84, 76
"""Heights in pixels: of the title, the columns with their legend, the heading of the rows, and each row."""


class Tone(StrEnum):
    """A colour by its meaning; all of them are told apart by everybody, and in grey."""

    MAIN = "main"
    WAITS = "waits"
    AGAINST = "against"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Series:
    """One kind among the columns: a number for each part of the period."""

    name: str
    tone: Tone
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns over time, kinds on top of each other; ``before`` is the period before, a line behind them.

    ``labels`` stand under the columns; ``""`` for none, where all of them would not fit.
    """

    heading: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    before: tuple[int, ...] | None = None
    before_name: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a table with a bar: ``written`` is the number as it is read."""

    label: str
    value: int
    written: str
    tone: Tone = Tone.MAIN


@dataclass(frozen=True, slots=True)
class Shares:
    """Rows with bars, the first on top."""

    heading: str
    rows: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of one or two panels. Nothing to draw is no chart."""

    title: str
    columns: Columns | None = None
    shares: Shares | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        columns = COLUMNS if self.columns is not None else 0
        shares = SHARES + SHARE * len(self.shares.rows) if self.shares is not None else 0
        return WIDTH, HEAD + columns + shares

    @property
    def address(self) -> str:
        """The same for the same content, so that Telegram gets each picture once."""
        content = json.dumps([LOOK, asdict(self)], ensure_ascii=False, sort_keys=True)
        return SCHEME + hashlib.sha256(content.encode()).hexdigest()[:32]

    @classmethod
    def read(cls, found: dict[str, Any]) -> Self:
        """The chart that ``asdict`` made JSON of."""
        columns, shares = found["columns"], found["shares"]
        return cls(
            found["title"],
            columns and Columns(
                columns["heading"], tuple(columns["labels"]),
                tuple(Series(one["name"], Tone(one["tone"]), tuple(one["values"])) for one in columns["series"]),
                None if columns["before"] is None else tuple(columns["before"]), columns["before_name"],
            ),
            shares and Shares(
                shares["heading"],
                tuple(Share(one["label"], one["value"], one["written"], Tone(one["tone"])) for one in shares["rows"]),
            ),
        )  # fmt: skip
