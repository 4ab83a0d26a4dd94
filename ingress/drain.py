"""From SIGTERM to an empty process: nothing new, everything begun finished, exit 0."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import structlog

from ingress.contract import Ingress

DRAIN_SECONDS = 22.0
"""For what still runs; leaves three of the 25 seconds for confirming and closing."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)
HARD_EXIT = 130

_log = structlog.get_logger("ingress")


def _exit_now() -> NoReturn:
    os._exit(HARD_EXIT)


class Drain:
    """Whether the process should end.

    ``on_request`` runs first of all (readiness turns to 503). It may be set later: a signal can come before
    there is anything to drain.
    """

    def __init__(self, on_request: Callable[[], None], exit_now: Callable[[], object] = _exit_now) -> None:
        self.on_request = on_request
        self._exit_now = exit_now
        self._requested = asyncio.Event()

    @property
    def requested(self) -> bool:
        """True once ending was asked for."""
        return self._requested.is_set()

    def request(self) -> None:
        """End in good order; asked a second time, end at once."""
        if self.requested:
            _log.warning("second signal: stopping hard")
            self._exit_now()
            return
        _log.info("draining")
        self.on_request()
        self._requested.set()

    async def wait(self) -> None:
        """Return once ending was asked for."""
        await self._requested.wait()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT ask for the end as long as this is entered."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.request)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


class Together:
    """Several ways of taking work as one: they run, and are stopped, at the same time."""

    def __init__(self, *parts: Ingress) -> None:
        self._parts = parts

    async def run(self) -> None:
        """Run all until ``stop``; raises what the first of them raises, the others having ended."""
        tasks = [asyncio.create_task(part.run()) for part in self._parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self, limit: float) -> bool:
        """Stop all; False when one of them did not finish within ``limit`` seconds."""
        return all(await asyncio.gather(*(part.stop(limit) for part in self._parts)))


async def serve(ingress: Ingress, drain: Drain, limit: float = DRAIN_SECONDS) -> bool:
    """Take updates until the drain is asked for, then finish; False when something did not finish in time.

    Raises what the ingress raises (``TokenRefused``).
    """
    taking = asyncio.create_task(ingress.run())
    waiting = asyncio.create_task(drain.wait())
    try:
        await asyncio.wait({taking, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if taking.done():
            taking.result()
        clean = await ingress.stop(limit)
        await taking
    finally:
        taking.cancel()
        waiting.cancel()
        await asyncio.gather(taking, waiting, return_exceptions=True)
    _log.info("drained", clean=clean)
    return clean
