"""The boundary where nothing that the application does can hurt the way updates arrive."""

from __future__ import annotations

import asyncio
import time

import structlog

from ingress.contract import Handle, Handled, Update
from services.metrics import Metrics
from utils.tracing import requested, span

SAFETY_SECONDS = 30.0
"""Far beyond the application's own deadline (8 s): only a handler that ignored its cancellation gets here."""

KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "callback_query",
        "inline_query",
        "my_chat_member",
        "chat_member",
    }
)

_log = structlog.get_logger("ingress")


class Boundary:
    """Runs one update under an id of its own and always answers; counts and times it."""

    def __init__(self, handle: Handle, metrics: Metrics, safety: float = SAFETY_SECONDS) -> None:
        self._handle = handle
        self._metrics = metrics
        self._safety = safety

    async def __call__(self, update: Update) -> Handled:
        """What became of it. A crash or a hang is DONE: coming again, it would crash or hang again."""
        with requested(update.get("update_id")), span("update", kind=kind(update)):
            return await self._run(update)

    async def _run(self, update: Update) -> Handled:
        started = time.perf_counter()
        outcome = "cancelled"
        self._metrics.updates_in_flight.inc()
        try:
            async with asyncio.timeout(self._safety):
                handled = await self._handle(update)
            outcome = handled.value
        except Exception as error:  # noqa: BLE001 - boundary: one update never takes the ingress down
            _log.exception("update failed", update_id=update.get("update_id"), error=type(error).__name__)
            handled, outcome = Handled.DONE, "failed"
        finally:
            self._metrics.updates_in_flight.dec()
            self._metrics.update(kind(update), outcome, time.perf_counter() - started)
        return handled


def kind(update: Update) -> str:
    """The Bot API's name of what the update carries; ``other`` for what the bot does not know."""
    return next((key for key in update if key in KINDS), "other")
