"""``main.py demo``: CRM, Telegram, Redis and the bot on one machine, and one page that shows them together.

The bot is a process of its own that polls over HTTP. It is told three addresses and nothing else: it cannot know
that this is a demo.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web

from sandbox.crm import CrmServer
from sandbox.crm.groups.user_telegram import BOT_SECRET
from sandbox.telegram import TelegramServer
from sandbox.telegram.__main__ import DEMO_PERSONS, add_persons
from sandbox.tour import Tour, TourFailed

TOKEN = "4200:DEMO-ON-THIS-MACHINE"  # the sandbox Telegram's own; good for nothing else
ROOT = Path(__file__).parent.parent
READY_WITHIN = 30.0
STOP_WITHIN = 25.0
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV")


async def run_demo(port: int) -> int:
    """Serves until Ctrl-C or SIGTERM; 0 when everything ended well, 1 when the bot ended by itself."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        redis_port = stack.enter_context(embedded_redis())
        telegram = TelegramServer(TOKEN)
        add_persons(telegram, DEMO_PERSONS)
        await stack.enter_async_context(telegram)
        crm = await stack.enter_async_context(CrmServer(chat_url=telegram.url))
        url = await stack.enter_async_context(page(port, crm.url, telegram.url, Tour(crm, telegram)))
        bot = await stack.enter_async_context(bot_process(telegram.url, crm.url, redis_port))
        _say(f"\n  Tabys Admin Bot, demo: {url}\n\n")
        _say(f"  CRM {crm.url}/sandbox   chat {telegram.url}\n  Stop with Ctrl-C.\n\n")
        ended = asyncio.create_task(bot.wait())
        asked = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not stop.is_set():
            _say("The bot has ended by itself; its log is above.\n")
            return 1
        _say("Stopping ...\n")
        ended.cancel()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@contextmanager
def embedded_redis() -> Iterator[int]:
    """The port of a Redis inside this process, gone with it."""
    from fakeredis import TcpFakeServer

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = TcpFakeServer(("127.0.0.1", port))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="redis").start()
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()


@asynccontextmanager
async def bot_process(
    telegram_url: str, crm_url: str, redis_port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, serving; ended in good order. Raises ``RuntimeError`` when it does not come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        ops_port = int(probe.getsockname()[1])
    env = {
        **{name: value for name, value in os.environ.items() if name in PASSED_ON},
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram_url, "TABYS_API_URL": crm_url,
        "TELEGRAM_BOT_LINK_SECRET": BOT_SECRET,
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0", "OPS_PORT": str(ops_port),
        "LOG_LEVEL": "WARNING", "LOG_FORMAT": "console", "TZ": "UTC",
        # Nobody who looks at a demo waits half a minute.
        "ALERTS_EVERY": "1",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "main.py"), "run", cwd=ROOT, env=env, start_new_session=True
    )
    try:
        await _ready(process, ops_port)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _ready(process: asyncio.subprocess.Process, ops_port: int) -> None:
    async with asyncio.timeout(READY_WITHIN):
        while process.returncode is None:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", ops_port)
                writer.write(b"GET /readyz HTTP/1.0\r\n\r\n")
                status = await reader.readline()
                writer.close()
                if b" 200 " in status:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError("the bot did not come up")


@asynccontextmanager
async def page(port: int, crm_url: str, telegram_url: str, tour: Tour) -> AsyncIterator[str]:
    """The address of the page that holds both sandboxes."""
    html = (
        (Path(__file__).parent / "demo.html")
        .read_text(encoding="utf-8")
        .replace("{crm}", f"{crm_url}/sandbox")
        .replace("{chat}", telegram_url)
    )

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    async def step(request: web.Request) -> web.Response:
        take = {"people": tour.people, "event": tour.event}[request.match_info["step"]]
        try:
            return web.json_response(await take())
        except TourFailed as failed:
            return web.Response(text=str(failed), status=502)

    app = web.Application()
    app.router.add_get("/", show)
    app.router.add_post("/{step:people|event}", step)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError:
            # The usual port is taken, perhaps by another demo: any other will do.
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
