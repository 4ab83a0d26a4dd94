"""``python -m benchmarks [--seconds 8] [--updates 5000] [--only loop,paced,...]``: measures, prints, saves."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from pathlib import Path

from benchmarks import matching, modules, scenes
from benchmarks.report import Results, render

SAVED = Path(__file__).with_name("results.md")
SCENES = ("loop", "paced", "others", "replicas", "cold", "memory", "modules", "matching")
NOTES = Path(__file__).with_name("notes.md")


async def measure(plan: scenes.Plan, only: list[str]) -> Results:
    """All scenes named in ``only``, one after the other."""
    results = Results()
    if "loop" in only:
        for webhook in (True, False):
            _say(f"closed loop, {'webhook' if webhook else 'polling'}")
            found = await scenes.closed_loop(plan, webhook=webhook)
            for kept, figures in zip((results.bot, results.floor, results.bare), found, strict=True):
                kept += figures
    if "paced" in only:
        _say("20 clicks a second")
        for webhook in (True, False):
            results.paced.append(await scenes.paced(plan, webhook=webhook))
            results.paced.append(await scenes.paced(plan, webhook=webhook, floor=scenes.BUTTONS))
    if "others" in only:
        _say("photos, distance, long lists")
        results.others = [
            await scenes.photos(plan),
            *await scenes.far_away(plan),
            *await scenes.large_list(plan),
        ]
    if "replicas" in only:
        _say("two processes")
        results.replicas = await scenes.replicas(plan)
    if "cold" in only:
        _say("cold start")
        results.cold = await scenes.cold_starts()
    if "memory" in only:
        _say(f"memory over {plan.updates} updates")
        results.memory = await scenes.memory(plan)
    if "modules" in only:
        _say("every module with 100,000 records")
        results.modules = await modules.measure()
    if "matching" in only:
        _say("rounds of random coffee")
        results.matching = await matching.measure()
    return results


def _say(text: str) -> None:
    sys.stderr.write(f"... {text}\n")


def main() -> None:
    """Runs what was asked for; only a whole run is saved."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each round after its warm-up")
    parser.add_argument("--updates", type=int, default=5000, help="of the memory scene")
    parser.add_argument("--only", default=",".join(SCENES), help="scenes, separated by commas: %(default)s")
    options = parser.parse_args()
    only = options.only.split(",")
    gc.freeze()
    results = asyncio.run(measure(scenes.Plan(options.seconds, options.updates), only))
    text = render(results, "python -m benchmarks " + " ".join(sys.argv[1:]))
    print(text)
    if set(SCENES) <= set(only):
        notes = NOTES.read_text() if NOTES.exists() else ""
        SAVED.write_text(text + ("\n" + notes if notes else ""))


if __name__ == "__main__":
    main()
