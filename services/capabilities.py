"""What the running backend really offers, compared with what the sources need."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

import structlog

from api.errors import BackendError
from api.extensions import extension_of, left_out

ALIVE_FOR = 10.0
"""Seconds an answer to "is the backend there" is good for."""


class Banner(Protocol):
    """The part of the backend's client that capabilities need."""

    async def openapi(self) -> frozenset[str]:
        """The operations the backend offers, as ``"METHOD /path"``."""

    async def alive(self) -> bool:
        """True when the backend answers."""


class Capabilities:
    """Knows the backend's operations; read at start and hourly. Until it was read, the contract is believed; what
    extends the contract has to be seen."""

    def __init__(self, backend: Banner, needed: Mapping[str, frozenset[str]]) -> None:
        """``needed``: resource key -> the operations its source calls."""
        self._backend = backend
        self._needed = needed
        self._offered: frozenset[str] | None = None
        self._alive: tuple[float, bool] | None = None
        self.checked_at: datetime | None = None

    def offers(self, operation: str) -> bool:
        """True when the backend has the operation, or nobody knows yet."""
        return not extension_of(operation) if self._offered is None else operation in self._offered

    def missing(self) -> frozenset[str]:
        """Operations that are needed and not offered; an extension that is not there at all lacks nothing."""
        if self._offered is None:
            return frozenset()
        missing = frozenset().union(*self._needed.values()) - self._offered
        return missing - left_out(missing, self._offered)

    async def refresh(self) -> bool:
        """True when the list was read; False leaves what was known."""
        try:
            self._offered = await self._backend.openapi()
        except BackendError as error:
            structlog.get_logger(__name__).warning("capabilities_not_read", reason=str(error))
            return False
        self.checked_at = datetime.now(UTC)
        if missing := self.missing():
            structlog.get_logger(__name__).warning("capabilities_missing", operations=sorted(missing))
        return True

    async def refresh_unread(self) -> None:
        """Nothing; reads the list where it was never read."""
        if self._offered is None:
            await self.refresh()

    async def backend_alive(self) -> bool:
        """True when the backend answers; asked at most every ten seconds."""
        now = time.monotonic()
        if self._alive is None or now - self._alive[0] > ALIVE_FOR:
            self._alive = (now, await self._backend.alive())
        return self._alive[1]
