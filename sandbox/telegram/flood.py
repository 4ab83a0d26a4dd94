"""Telegram's flood limits, off until somebody switches them on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sandbox.telegram.errors import ApiError

COUNTED = frozenset(
    {
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "sendMediaGroup",
        "copyMessage",
        "forwardMessage",
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
    }
)
"""The methods that count as messages."""


@dataclass(slots=True)
class _Bucket:
    level: float = 0.0
    at: float = 0.0

    def wait(self, rate: float, burst: float, now: float) -> float:
        """Seconds until one more fits; 0 when it fits now."""
        self.level = max(self.level - (now - self.at) * rate, 0.0)
        self.at = now
        return max((self.level + 1 - burst) / rate, 0.0)


@dataclass(slots=True)
class FloodGate:
    """Messages per second that are taken from the whole bot and in one chat; None = no limit.

    `burst` messages may come at once in a chat; the whole bot may send one second's worth at once.
    """

    total: float | None = None
    chat: float | None = None
    burst: float = 3.0
    refused: int = 0
    _all: _Bucket = field(default_factory=_Bucket)
    _chats: dict[int, _Bucket] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether nothing is limited."""
        return self.total is None and self.chat is None

    def set(self, total: float | None, chat: float | None, burst: float = 3.0) -> None:
        """New limits, counted from now; ValueError for rates that are not positive."""
        if any(rate is not None and rate <= 0 for rate in (total, chat)) or burst < 1:
            raise ValueError("rates must be positive and burst at least 1")
        self.total, self.chat, self.burst, self.refused = total, chat, burst, 0
        self._all = _Bucket()
        self._chats = {}

    def check(self, method: str, chat_id: int | None, now: float) -> None:
        """Counts one call; ApiError 429 with retry_after in whole seconds when it is one too many."""
        if self.open or method not in COUNTED:
            return
        wait = self._all.wait(self.total, max(self.total, 1.0), now) if self.total else 0.0
        bucket = None
        if self.chat and chat_id is not None:
            bucket = self._chats.setdefault(chat_id, _Bucket())
            wait = max(wait, bucket.wait(self.chat, self.burst, now))
        if wait > 0:
            self.refused += 1
            seconds = max(math.ceil(wait), 1)
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
        self._all.level += 1
        if bucket:
            bucket.level += 1
