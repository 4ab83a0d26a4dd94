"""What a write needs of the update it happens in, and what is stored together with its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from models.access import Caller
from services.gate import Entry


class Turn(Protocol):
    """The update in which something is written: who, under which operation key, and what ends with it."""

    @property
    def entry(self) -> Entry: ...
    @property
    def write_key(self) -> str: ...
    @property
    def sid(self) -> str:
        """The session it comes from, for the audit."""

    @property
    def lapsed(self) -> bool:
        """True when an earlier press of the same button began this write and nobody knows how it ended."""

    async def fresh_caller(self) -> Caller:
        """The caller with a role that is at most a minute old. Raises ``SessionEnded`` or ``Unavailable``."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is stored together with a finished write: the result for a second press, ui fields, a used draft."""

    result: Mapping[str, Any] = field(default_factory=dict)
    ui: Mapping[str, str] = field(default_factory=dict)
    draft: str | None = None


class Names(Protocol):
    """Names of admins by id, as far as this bot met them."""

    def of(self, admin_id: int) -> str | None: ...
