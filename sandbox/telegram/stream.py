"""Live events for the chat page."""

from __future__ import annotations

import asyncio
import json

from sandbox.telegram.wire import Json

BACKLOG = 2_000
"""How many events may wait for a slow page before it is cut off and has to load anew."""


class Stream:
    """Fans events out to the open pages; costs nothing while no page is open."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str | None]] = set()

    @property
    def watched(self) -> bool:
        """Whether any page listens, so that callers build events only then."""
        return bool(self._queues)

    def publish(self, event: Json) -> None:
        """Sends the event to every page."""
        line = json.dumps(event, ensure_ascii=False)
        for queue in list(self._queues):
            if queue.qsize() >= BACKLOG:
                self.unsubscribe(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(line)

    def subscribe(self) -> asyncio.Queue[str | None]:
        """A queue of JSON lines; None means the end."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._queues.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[str | None]) -> None:
        """Stops feeding the queue."""
        self._queues.discard(queue)

    def close(self) -> None:
        """Ends all pages' streams."""
        for queue in self._queues:
            queue.put_nowait(None)
        self._queues.clear()
