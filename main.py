"""Composition root and command line: ``run`` (default), ``worker``, ``demo``, ``check``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

EXIT_WRONG_SETTINGS = 2
EXIT_WRONG_DECLARATION = 3
EXIT_TOKEN_REFUSED = 4


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command and its options."""
    parser = argparse.ArgumentParser(prog="main.py", description="Tabys Admin Bot")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="serve updates (default)")
    commands.add_parser("worker", help="work in the background only")
    commands.add_parser("check", help="say whether this installation can work, as a table")
    demo = commands.add_parser("demo", help="everything on this machine: CRM, Telegram, Redis and the bot")
    demo.add_argument(
        "--port", type=int, default=8090, help="port of the page with everything on it (0 = any)"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 well, 1 a failed check, 2 wrong settings, 3 wrong declarations, 4 token refused."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    # Each command imports what it needs: a wrong setting is told in 0.2 s, not after the whole bot is loaded.
    if options.command == "demo":
        from sandbox.demo import run_demo

        return asyncio.run(run_demo(options.port))
    from config import WrongSettings, load

    try:
        settings = load()
    except WrongSettings as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG_SETTINGS
    from checking import check
    from composition import run, work
    from ingress.bot_api import TokenRefused
    from resources.registry import WrongDeclaration

    command = {"check": check, "worker": work}.get(options.command or "run", run)
    try:
        return asyncio.run(command(settings))
    except WrongDeclaration as error:
        sys.stderr.write(
            "wrong declarations:\n" + "\n".join(f"  {problem}" for problem in error.problems) + "\n"
        )
        return EXIT_WRONG_DECLARATION
    except TokenRefused:
        sys.stderr.write("Telegram refuses TELEGRAM_BOT_TOKEN\n")
        return EXIT_TOKEN_REFUSED
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
