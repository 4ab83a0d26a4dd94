"""What operators and orchestrators ask: does it live, is it ready, what are the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from services.metrics import CONTENT_TYPE, Metrics

CHECK_SECONDS = 1.0

Check = Callable[[], Awaitable[object]]
"""Passes when it returns something true within ``CHECK_SECONDS``; raising is failing."""

_log = structlog.get_logger("ops")


class Ops:
    """Readiness of this process: ``started`` and ``draining`` are set by the composition root."""

    def __init__(self, metrics: Metrics, checks: Mapping[str, Check]) -> None:
        self._metrics = metrics
        self._checks = dict(checks)
        self._told: tuple[str, ...] = ()
        self.started = False
        self.draining = False

    def app(self) -> web.Application:
        """The three paths, for the operators' port alone."""
        app = web.Application()
        app.router.add_get("/livez", self.live)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.metrics)
        return app

    async def live(self, _request: web.Request) -> web.Response:
        """200 as long as the event loop answers."""
        return web.json_response({"live": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when updates can be handled, else 503; ``failed`` names what is in the way."""
        failed = await self.failing()
        if failed != self._told:
            _log.info("readiness changed", failed=failed)
            self._told = failed
        body = {"ready": not failed, "failed": failed}
        return web.json_response(body, status=503 if failed else 200)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Prometheus' text form."""
        return web.Response(body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def failing(self) -> tuple[str, ...]:
        """Names of the conditions that do not hold."""
        failed = [
            name for name, holds in (("started", self.started), ("draining", not self.draining)) if not holds
        ]
        results = await asyncio.gather(*(_passes(check) for check in self._checks.values()))
        failed += [name for name, passed in zip(self._checks, results, strict=True) if not passed]
        return tuple(failed)


async def _passes(check: Check) -> bool:
    task = asyncio.ensure_future(check())
    done, _ = await asyncio.wait({task}, timeout=CHECK_SECONDS)
    if not done:
        task.cancel()
        return False
    return task.exception() is None and bool(task.result())
