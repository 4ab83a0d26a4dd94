"""The sandbox Telegram alone: `python -m sandbox.telegram --port 8081 --token 42:DEMO`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from sandbox.telegram.server import TelegramServer

DEMO_PERSONS = "Aigerim:kk,Ivan:ru,Grace:en"


def add_persons(server: TelegramServer, listed: str) -> None:
    """Makes the persons of a list like `Aigerim:kk,Ivan:ru`, with ids from 1001 on."""
    for number, entry in enumerate(filter(None, listed.split(",")), 1001):
        name, _, language = entry.strip().partition(":")
        username = name.lower() if name.isascii() else None
        server.person(name, user_id=number, username=username, language_code=language or "ru")


async def serve(options: argparse.Namespace) -> None:
    """Runs until SIGTERM or Ctrl-C."""
    server = TelegramServer(options.token, options.host, options.port, options.username)
    add_persons(server, options.persons)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with server:
        sys.stdout.write(f"Sandbox Telegram: {server.url}  (token {options.token})\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Reads the command line and serves; 2 on wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.telegram", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free port")
    parser.add_argument("--token", default="42:SANDBOX", help="the bot's token, <id>:<anything>")
    parser.add_argument("--username", default="tabys_sandbox_bot", help="the bot's name in t.me links")
    parser.add_argument("--persons", default=DEMO_PERSONS, help="name:language, separated by commas")
    options = parser.parse_args()
    if not options.token.split(":")[0].isdigit():
        parser.error("the token must look like 42:ANYTHING")
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
