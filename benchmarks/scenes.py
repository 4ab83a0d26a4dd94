"""Everything that is measured, scene by scene; each starts its own processes and gives back figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from benchmarks.processes import Bot, Store, backend, bot, redis_server, until_listening
from benchmarks.rounds import Figures, Round, Walk, browse, first_button
from benchmarks.telegram import Telegram

CROWDS = (1, 16, 64)
BUTTONS = 8
"""Buttons of the floor build's screen: as many rows as a list of the bot has."""
PACE = 20.0


@dataclass(frozen=True)
class Plan:
    """How long and how much; ``seconds`` per round."""

    seconds: float = 8.0
    updates: int = 5000


@dataclass
class Stage:
    """Running stand-ins and bots."""

    store: Store
    telegram: Telegram
    backend: str
    bots: list[Bot]

    def round(self) -> Round:
        """A round on this stage."""
        return Round(self.telegram, self.bots, self.store, self.backend)


@asynccontextmanager
async def stage(
    *, webhook: bool, floor: int = 0, photo: bool = False, processes: int = 1, delay: float = 0.0,
    records: int = 1000,
) -> AsyncIterator[Stage]:  # fmt: skip
    """Stand-ins, an empty Redis and ``processes`` bots; several share the persons, by webhook."""
    async with AsyncExitStack() as stack:
        store = stack.enter_context(redis_server())
        url = stack.enter_context(backend(records, photo=photo))
        telegram = Telegram(delay)
        await telegram.start()
        stack.push_async_callback(telegram.close)
        bots = [
            await stack.enter_async_context(bot(telegram.url, url, store, webhook=webhook, floor=floor))
            for _ in range(processes)
        ]
        if webhook:
            await asyncio.gather(*(until_listening(one.port) for one in bots))
            await telegram.registered(processes)
            telegram.webhooks = [one.port for one in bots]
        yield Stage(store, telegram, url, bots)


async def closed_loop(plan: Plan, *, webhook: bool) -> tuple[list[Figures], list[Figures], list[Figures]]:
    """1, 16 and 64 persons, each clicking again as soon as answer and screen are there: bot, floor, bare floor.

    The three take turns, so that whatever else the machine does meets all of them alike.
    """
    mode = "webhook" if webhook else "polling"
    kinds: tuple[tuple[str, int, Walk], ...] = (
        ("bot", 0, browse), ("floor", BUTTONS, first_button), ("bare", 1, first_button),
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        stages = [
            await stack.enter_async_context(stage(webhook=webhook, floor=floor)) for _, floor, _ in kinds
        ]
        found: tuple[list[Figures], ...] = ([], [], [])
        for persons in CROWDS:
            for on, (name, _, walk), figures in zip(stages, kinds, found, strict=True):
                figures.append(await on.round().run(f"{name}, {mode}", persons, plan.seconds, walk))
        return found[0], found[1], found[2]


async def paced(plan: Plan, *, webhook: bool, floor: int = 0) -> Figures:
    """20 clicks a second by 64 persons together."""
    walk: Walk = first_button if floor else browse
    label = f"{'floor' if floor else 'bot'}, {'webhook' if webhook else 'polling'}"
    async with stage(webhook=webhook, floor=floor) as on:
        return await on.round().run(label, 64, plan.seconds, walk, per_second=PACE)


async def photos(plan: Plan) -> Figures:
    """Cards with a picture: a photo message takes the place of the text message and back."""
    async with stage(webhook=True, photo=True) as on:
        return await on.round().run("bot, webhook, photo cards", 16, plan.seconds, browse)


async def far_away(plan: Plan) -> list[Figures]:
    """Telegram 50 ms away, webhook and polling."""
    found = []
    for webhook in (True, False):
        async with stage(webhook=webhook, delay=0.05) as on:
            label = f"bot, {'webhook' if webhook else 'polling'}, Telegram at 50 ms"
            found.append(await on.round().run(label, 16, plan.seconds, browse))
    return found


async def large_list(plan: Plan) -> list[Figures]:
    """A module of 100 and of 100,000 records."""
    found = []
    for records in (100, 100_000):
        async with stage(webhook=True, records=records) as on:
            found.append(await on.round().run(f"bot, webhook, {records:,} records", 16, plan.seconds, browse))
    return found


async def replicas(plan: Plan) -> list[Figures]:
    """One process and two on one Redis, webhook."""
    found = []
    for processes in (1, 2):
        async with stage(webhook=True, processes=processes) as on:
            label = f"bot, webhook, {processes} process{'es' * (processes > 1)}"
            found.append(await on.round().run(label, 64, plan.seconds, browse))
    return found


async def cold_starts(times: int = 3) -> list[float]:
    """Seconds from the start of the process to the first answer on an update that waited."""
    found = []
    for _ in range(times):
        with redis_server() as store, backend() as url:
            telegram = Telegram()
            await telegram.start()
            answered = asyncio.Event()
            telegram.on_done = lambda person, event=answered: event.set()  # type: ignore[misc]
            telegram.say(telegram.person(1001), "/start")
            started = time.perf_counter()
            async with bot(telegram.url, url, store, webhook=False):
                await asyncio.wait_for(answered.wait(), 60)
                found.append(time.perf_counter() - started)
            await telegram.close()
    return found


@dataclass(frozen=True)
class Memory:
    """RSS in MB after so many updates, and KB per 1,000 updates by least squares over the second half."""

    samples: list[tuple[int, float]]
    slope: float


async def memory(plan: Plan) -> Memory:
    """RSS while ``plan.updates`` updates are handled."""
    async with stage(webhook=True) as on:
        rounds = on.round()
        samples: list[tuple[int, float]] = []
        clicks = 0
        while clicks < plan.updates:
            figures = await rounds.run("memory", 64, 1.0, browse)
            clicks = on.telegram.calls["answerCallbackQuery"]
            samples.append((clicks, figures.rss))
        return Memory(samples, _slope(samples[len(samples) // 2 :]))


def _slope(samples: list[tuple[int, float]]) -> float:
    if len(samples) < 2:
        return 0.0
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return 1024 * 1000 * sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread
