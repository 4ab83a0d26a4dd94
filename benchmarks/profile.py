"""Where a click's CPU goes: ``python -m benchmarks.profile`` writes ``benchmarks/profile.txt``.

The profiler itself costs about as much as the code: shares are right, milliseconds are not.
"""

from __future__ import annotations

import asyncio
import cProfile
import io
import os
import pstats
import signal
import sys
from pathlib import Path

from benchmarks.processes import ROOT, backend, bot, redis_server, until_listening
from benchmarks.rounds import Round, browse
from benchmarks.telegram import Telegram

TO = Path(__file__).with_name("profile.txt")
SECONDS = 8.0
PERSONS = 16


def inside() -> None:
    """The bot, profiled from the first SIGUSR1 on; the raw figures go to ``PROFILE_TO`` at its end."""
    from main import main

    profiler = cProfile.Profile()
    signal.signal(signal.SIGUSR1, lambda *_: profiler.enable())
    main(["run"])
    profiler.disable()
    profiler.dump_stats(os.environ["PROFILE_TO"])


async def measure(raw: Path) -> int:
    """How many clicks were profiled; the figures are in ``raw``."""
    with redis_server() as store, backend() as url:
        telegram = Telegram()
        await telegram.start()
        async with bot(telegram.url, url, store, webhook=True, profile=str(raw)) as process:
            await until_listening(process.port)
            await asyncio.sleep(0.5)
            telegram.webhooks = [process.port]
            rounds = Round(telegram, [process], store, url)
            await rounds.run("warm", PERSONS, 1.0, browse)
            process.signal(signal.SIGUSR1)
            before = telegram.calls["answerCallbackQuery"]
            await rounds.run("profiled", PERSONS, SECONDS, browse)
            return telegram.calls["answerCallbackQuery"] - before


def table(raw: Path, clicks: int) -> str:
    """The top of the profile by own time and by cumulated time, without this installation's paths."""
    text = io.StringIO()
    text.write(f"cProfile of {clicks} clicks (list page, card, back), webhook, {PERSONS} persons\n")
    for order in ("tottime", "cumulative"):
        pstats.Stats(str(raw), stream=text).sort_stats(order).print_stats(45)
    found = text.getvalue().replace(str(raw), "profile")
    for path, name in (
        (f"{ROOT}/.venv/lib/", ""),
        (f"{ROOT}/", ""),
        (f"{os.path.dirname(os.__file__)}/", ""),
    ):
        found = found.replace(path, name)
    return "\n".join(line.rstrip() for line in found.splitlines()) + "\n"


def main() -> None:
    """Profiles and saves."""
    raw = ROOT / "build" / "profile.raw"
    raw.parent.mkdir(exist_ok=True)
    clicks = asyncio.run(measure(raw))
    TO.write_text(table(raw, clicks))
    print(f"{clicks} clicks profiled: {TO.relative_to(ROOT)}")


if __name__ == "__main__":
    inside() if sys.argv[1:] == ["inside"] else main()
