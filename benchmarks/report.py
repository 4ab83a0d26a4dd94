"""The figures as Markdown tables, with their targets beside them."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.matching import Solved
from benchmarks.modules import MANY, Cost, Measured
from benchmarks.rounds import Figures, percentile
from benchmarks.scenes import Memory

LOOP_HEAD = (
    "who", "persons", "clicks/s", "CPU ms/click", "p50", "p90", "p99", "max ms (screen)", "p50", "p99 ms (answer)",
    "RSS MB", "wrong screens",
)  # fmt: skip
COUNT_HEAD = (
    "who", "persons", "Redis round trips", "Redis scripts", "Redis commands inside", "backend calls", "Bot API calls",
)  # fmt: skip
NOT_OF_A_CLICK = ("getUpdates", "webhook 200", "deleteWebhook", "setWebhook", "setMyCommands", "getMe")


@dataclass
class Results:
    """Everything that was measured."""

    bot: list[Figures] = field(default_factory=list)
    floor: list[Figures] = field(default_factory=list)
    bare: list[Figures] = field(default_factory=list)
    paced: list[Figures] = field(default_factory=list)
    others: list[Figures] = field(default_factory=list)
    replicas: list[Figures] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    memory: Memory | None = None
    modules: list[Measured] = field(default_factory=list)
    matching: list[Solved] = field(default_factory=list)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines) + "\n"


def machine() -> str:
    """Processor, cores, Python."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        model = names[0] if names else model
    return f"{model}, {psutil.cpu_count()} cores, Python {platform.python_version()}"


def _loop(found: Sequence[Figures]) -> str:
    return table(
        LOOP_HEAD,
        [
            (
                one.label, str(one.persons), f"{one.rate:.0f}", f"{one.cpu_ms:.2f}",
                *(f"{percentile(one.screens, share):.1f}" for share in (0.5, 0.9, 0.99, 1)),
                *(f"{percentile(one.answers, share):.1f}" for share in (0.5, 0.99)),
                f"{one.rss:.0f}", str(one.lost),
            )
            for one in found
        ],
    )  # fmt: skip


def bot_api_calls(one: Figures) -> float:
    """Calls per click that the bot made for it."""
    return sum(value for name, value in one.telegram.items() if name not in NOT_OF_A_CLICK)


def _counts(found: Sequence[Figures]) -> str:
    outside = {"reads", "evalsha", "eval", "hello", "info", "client|setinfo"}
    return table(
        COUNT_HEAD,
        [
            (
                one.label, str(one.persons), f"{one.redis.get('reads', 0):.2f}",
                f"{one.redis.get('evalsha', 0) + one.redis.get('eval', 0):.2f}",
                f"{sum(value for name, value in one.redis.items() if name not in outside):.1f}",
                f"{sum(one.backend.values()):.2f}", f"{bot_api_calls(one):.2f}",
            )
            for one in found
        ],
    )  # fmt: skip


def _ratios(results: Results) -> list[tuple[str, ...]]:
    rows = []
    for one in results.bot:
        mode = one.label.partition(", ")[2]
        floors = [
            next((two for two in group if two.label.endswith(mode) and two.persons == one.persons), None)
            for group in (results.floor, results.bare)
        ]
        ratios = [f"{one.cpu_ms / floor.cpu_ms:.2f}" if floor and floor.cpu_ms else "-" for floor in floors]
        rows.append((mode, str(one.persons), f"{one.cpu_ms:.2f}", *ratios))
    return rows


def verdicts(results: Results) -> list[tuple[str, str, str, str]]:
    """Figure, target, measured, met or missed."""
    found: list[tuple[str, str, str, str]] = []

    def add(name: str, target: str, value: float, shown: str, *, met: bool) -> None:
        found.append((name, target, shown, "met" if met else "MISSED"))

    for one, row in zip(results.bot, _ratios(results), strict=True):
        where = f"{row[0]}, {one.persons} persons"
        add(
            f"CPU per click ({where})", "<= 2.5 ms", one.cpu_ms, f"{one.cpu_ms:.2f} ms", met=one.cpu_ms <= 2.5
        )
        if row[3] != "-":
            add(f"ratio to the floor ({where})", "<= 1.7", 0, row[3], met=float(row[3]) <= 1.7)
        reads = one.redis.get("reads", 0)
        add(f"Redis round trips ({where})", "1", reads, f"{reads:.2f}", met=reads <= 1.15)
        calls = bot_api_calls(one)
        add(f"Bot API calls ({where})", "2", calls, f"{calls:.2f}", met=calls <= 2.1)
        per_core = 1000 / one.cpu_ms if one.cpu_ms else 0
        add(f"clicks/s per core ({where})", ">= 350", per_core, f"{per_core:.0f}", met=per_core >= 350)
    for one in results.paced:
        p50, p99 = percentile(one.screens, 0.5), percentile(one.screens, 0.99)
        if one.label.startswith("bot"):
            text = f"p50 {p50:.1f}, p99 {p99:.1f} ms"
            add(
                f"latency at 20 clicks/s ({one.label})", "p50 <= 5, p99 <= 25 ms", p99, text,
                met=p50 <= 5 and p99 <= 25,
            )  # fmt: skip
    if len(results.replicas) == 2:
        alone, both = results.replicas
        gain = both.rate / alone.rate if alone.rate else 0
        by_cpu = 2 * alone.cpu_ms / both.cpu_ms if both.cpu_ms else 0
        text = f"{gain:.2f} x here; {by_cpu:.2f} x by CPU per click"
        add("two processes against one", ">= 1.8 x", gain, text, met=gain >= 1.8)
    if results.cold:
        worst = max(results.cold)
        add("cold start to the first answer", "<= 6 s", worst, f"{worst:.1f} s at worst", met=worst <= 6)
    for solved in results.matching:
        name = f"a round of {solved.count:,} ({solved.crowd})"
        add(name, "< 10 s", solved.seconds, f"{solved.seconds:.1f} s", met=solved.seconds < 10)
    if results.memory is not None:
        slope = results.memory.slope
        add("memory", "flat", slope, f"{slope:+.0f} KB per 1,000 updates", met=slope <= 64)
    return found


def _of_module(one: Measured) -> tuple[str, ...]:
    def cost(found: Cost | None) -> str:
        return (
            "refused"
            if found is None
            else f"{found.calls:.0f} calls, {found.cpu_ms:.1f} ms, {found.rows} rows"
        )

    return one.module, one.screen, cost(one.few), cost(one.many)


def _of_round(one: Solved) -> tuple[str, ...]:
    found = one.found
    return (
        f"{one.count:,}", one.crowd, f"{one.seconds:.1f}", f"{one.cpu:.1f}", str(len(found.groups)),
        str(found.repeats), found.proof,
    )  # fmt: skip


def render(results: Results, command: str) -> str:
    """The whole report."""
    parts = [
        f"# Results\n\n{datetime.datetime.now(datetime.UTC):%Y-%m-%d} · {machine()} · `{command.strip()}` ·"
        f" load average at the end {os.getloadavg()[1]:.1f} (this run alone makes about 1.8)\n",
        "The bot runs as a process of its own (`main.py run`). Its backend and its Telegram are stand-ins of a few"
        " lines at 0 ms: the sandbox's CRM takes 1.3 ms of CPU for one GET, nearly as much as the bot for the whole"
        " click, and would be measured with it; and here the moment is known at which a call arrives."
        " The persons live in Telegram's process; it, the backend and Redis share the cores with the bot, so clicks/s"
        " are what is left for the bot, and CPU per click is the figure to compare. A click: next page, card or back,"
        " in turns. Latency: from the press to the arrival of the edit (screen) and of the answer.\n",
        "## Closed loop\n\n" + _loop(results.bot),
        "The floor build: a bare aiogram bot with one Redis GET, one backend GET, edit and answer side by side, and"
        " the same `gc.freeze()`; `bare` has one button on its screen, `floor` eight, as a list of the bot has.\n",
        _loop([*results.floor, *results.bare]),
        "## CPU per click against the floor\n\n"
        + table(
            ("how", "persons", "bot ms", "ratio to the floor", "ratio to the bare floor"), _ratios(results)
        ),
        "## Calls per click\n\nRound trips are requests Redis read from its sockets (a pipeline is one), the journal's"
        " background writes among them: under load they travel with the person's next click, at 20 clicks a second each"
        " click has one of its own, up to 50 ms after its answer. Commands inside are those of the one script.\n\n"
        + _counts([*results.bot, *results.floor, *results.paced, *results.others]),
        f"## {20} clicks a second\n\n" + _loop(results.paced),
        "## Photos, distance, long lists\n\n" + _loop(results.others),
        "## Two processes\n\nOn two cores the second bot shares its core with the load: the gain here is a lower"
        " bound, the CPU per click says what separate cores would give.\n\n" + _loop(results.replicas),
        "## Start and memory\n\nCold start to the first answered update: "
        + ", ".join(f"{seconds:.1f} s" for seconds in results.cold)
        + ".\n",
    ]
    if results.memory is not None:
        rows = [(f"{updates:,}", f"{rss:.1f}") for updates, rss in results.memory.samples]
        step = max(1, len(rows) // 12)
        parts.append(table(("updates", "RSS MB"), [*rows[::step], rows[-1]]))
    if results.modules:
        parts.append(
            f"## Every module with some hundred and with {MANY:,} records\n\nOne page read through the module's source:"
            " backend calls and the bot's own CPU. Tables of rows that belong to others are not multiplied.\n\n"
            + table(("module", "screen", "seeded", f"{MANY:,}"), [_of_module(one) for one in results.modules])
        )
    if results.matching:
        parts.append(
            "## Matching\n\nA round of random coffee after a year of weekly ones, all of it inside the lookback, one"
            " bar for ten people. Seconds: from asking to having the round, the start of the process and the way there"
            " and back among them. Proven: `best` by all that counts, `fewest` that nobody more can meet and no fewer"
            " repeats are possible.\n\n"
            + table(
                ("people", "who", "seconds", "CPU seconds", "groups", "repeats", "proven"),
                [_of_round(one) for one in results.matching],
            )
        )
    parts.append("## Targets\n\n" + table(("figure", "target", "measured", ""), verdicts(results)))
    return "\n".join(parts)
