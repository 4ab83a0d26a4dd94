"""A listening aiohttp application; the same for the outside port and the operators' port."""

from __future__ import annotations

from aiohttp import web

CLOSE_SECONDS = 1.0


class Server:
    """``app`` on ``host:port``; port 0 takes any free one, which ``port`` then tells."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=CLOSE_SECONDS
        )
        self._host = host
        self.port = port

    async def start(self) -> None:
        """Listen; raises ``OSError`` when the address is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening and drop what is connected after ``CLOSE_SECONDS``."""
        await self._runner.cleanup()
