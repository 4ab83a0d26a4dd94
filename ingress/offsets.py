"""Which updates Telegram may forget."""

from __future__ import annotations

import time

FORGET_AFTER = 24 * 3600.0
"""Seconds without an update after which the offset is left out: after an idle week Telegram numbers anew, and
a remembered offset above the new numbers would hide them. Without one, it sends what is not confirmed."""


class Offsets:
    """Follows the known updates up to their confirmation."""

    def __init__(self) -> None:
        self.next: int | None = None
        self._done: dict[int, bool] = {}
        self._unfinished = 0
        self._sent: int | None = None
        self._confirmed: int | None = None
        self._began_at = time.monotonic()

    @property
    def has_news(self) -> bool:
        """True when more is finished than Telegram has been told."""
        return self.next is not None and self.next != self._confirmed

    def begin(self, update_id: int) -> bool:
        """True when it is new; False when it is in work or finished already."""
        if update_id in self._done:
            return False
        self._done[update_id] = False
        self._unfinished += 1
        if self.next is not None and update_id < self.next:
            self.next = update_id  # numbers may begin anew; a higher offset would confirm it unfinished
        self._began_at = time.monotonic()
        return True

    def finish(self, update_id: int) -> bool:
        """True when nothing is unfinished any more. Moves ``next`` behind the finished beginning."""
        self._done[update_id] = True
        self._unfinished -= 1
        for known in sorted(self._done):
            if not self._done[known]:
                break
            self.next = known + 1
        return self._unfinished == 0

    def sending(self) -> int | None:
        """The offset for the next getUpdates; None asks for everything unconfirmed."""
        if not self._done and time.monotonic() - self._began_at > FORGET_AFTER:
            self.next = self._confirmed = None
        self._sent = self.next
        return self._sent

    def sent(self) -> None:
        """Telegram has answered to that offset, so it will never send what lies below it again."""
        if self._sent is None:
            return
        self._confirmed = self._sent
        for known in [known for known in self._done if known < self._sent and self._done[known]]:
            del self._done[known]
