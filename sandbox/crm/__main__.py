"""`python -m sandbox.crm`: the sandbox CRM alone, until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox.crm.server import CrmServer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.crm", description="The sandbox CRM alone.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--db", default=":memory:", help="SQLite file (default: in memory, gone at the end)")
    parser.add_argument("--uploads", type=Path, help="folder for files (default: a temporary one)")
    parser.add_argument("--bot-username", default="tabys_sandbox_bot", help="for the page's deep links")
    parser.add_argument("--chat-url", help="address of a chat page that takes ?start=otp_CODE")
    parser.add_argument("--empty", action="store_true", help="start without demo data")
    parser.add_argument("--no-community", action="store_true", help="without the community extension")
    parser.add_argument("--drop-after-500", action="store_true", help="close the connection after each 500")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    """Runs until a signal asks to stop; OSError when the port is taken."""
    crm = CrmServer(
        db=options.db,
        host=options.host,
        port=options.port,
        seed=not options.empty,
        uploads=options.uploads,
        bot_username=options.bot_username,
        chat_url=options.chat_url,
        drop_after_500=options.drop_after_500,
        community=not options.no_community,
    )
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await crm.start()
    try:
        sys.stdout.write(f"Sandbox CRM: {crm.url}  (page: {crm.url}/sandbox)\n")
        sys.stdout.flush()
        await asked.wait()
    finally:
        await crm.stop()


def main() -> int:
    options = arguments()
    try:
        asyncio.run(serve(options))
    except OSError as problem:
        sys.stderr.write(f"Sandbox CRM cannot listen on {options.host}:{options.port}: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
