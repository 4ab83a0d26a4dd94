"""One measured round: persons clicking for some seconds, and everything that was counted meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from benchmarks.processes import Bot, Store, backend_counts
from benchmarks.telegram import Person, Telegram
from keyboards.callbacks import from_base36

WARM_UP = 1.5
STUCK = 60.0
Walk = Callable[[Person], str | None]


def browse(person: Person) -> str | None:
    """Next page, card, back, and again; None when the screen is none of menu, list and card."""
    buttons = person.buttons()
    lists = [data for data in buttons if data.startswith("liev")]
    cards = [data for data in buttons if data.startswith("cdev")]
    if not lists:
        return None
    if cards:
        return cards[person.step // 3 % len(cards)] if person.step % 3 == 2 else max(lists, key=_page)
    return lists[0] if any(data.startswith(("se--", "edev", "deev")) for data in buttons) else None


def _page(data: str) -> int:
    parts = data.split(".")
    return from_base36(parts[3].split("-")[0]) if len(parts) > 3 else 1


def first_button(person: Person) -> str | None:
    """What the floor build offers."""
    return next(iter(person.buttons()), None)


@dataclass
class Figures:
    """What one round measured; per-click figures divide by ``clicks``. Latencies in ms, sorted."""

    label: str
    persons: int
    seconds: float = 0.0
    answers: list[float] = field(default_factory=list)
    screens: list[float] = field(default_factory=list)
    cpu: float = 0.0
    load_cpu: float = 0.0
    rss: float = 0.0
    lost: int = 0
    redis: dict[str, float] = field(default_factory=dict)
    backend: dict[str, float] = field(default_factory=dict)
    telegram: dict[str, float] = field(default_factory=dict)

    @property
    def clicks(self) -> int:
        """How many were answered."""
        return max(1, len(self.screens))

    @property
    def cpu_ms(self) -> float:
        """CPU of the bot per click, all its processes together."""
        return 1000 * self.cpu / self.clicks

    @property
    def rate(self) -> float:
        """Clicks per second."""
        return len(self.screens) / self.seconds if self.seconds else 0.0


def _code(number: int) -> str:
    """A one-time password of that person's own."""
    digits = "23456789ABCDEFGH"
    return "BENC" + "".join(digits[number >> shift & 15] for shift in (12, 8, 4, 0))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the sorted ``values`` lie; 0 for none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


class Round:
    """A round of one kind of bot on one set of stand-ins."""

    def __init__(self, telegram: Telegram, bots: Sequence[Bot], store: Store, backend: str) -> None:
        self._telegram, self._bots, self._store, self._backend = telegram, bots, store, backend
        self._measuring: Figures | None = None
        self._walk: Walk = browse
        self._paced = False
        self._resting: list[Person] = []
        self._stopped = False
        self._lost = 0

    async def run(
        self, label: str, persons: int, seconds: float, walk: Walk, *, per_second: float = 0.0
    ) -> Figures:
        """The figures after a warm-up. ``per_second`` paces all persons together; 0: each clicks at once."""
        self._walk, self._paced, self._stopped, self._lost = walk, per_second > 0, False, 0
        crowd = await self._crowd(persons)
        self._telegram.on_done = self._clicked
        self._resting = list(crowd)
        pacer = asyncio.create_task(self._pace(per_second)) if self._paced else None
        if not self._paced:
            for person in crowd:
                self._click(person)
        await asyncio.sleep(WARM_UP)
        figures = await self._measure(label, persons, seconds)
        self._stopped = True
        if pacer is not None:
            pacer.cancel()
        await asyncio.sleep(0.3)
        return figures

    async def _crowd(self, persons: int) -> list[Person]:
        """Persons who signed in and look at their first screen."""
        arrived: set[int] = set()
        self._telegram.on_done = lambda person: arrived.add(person.id)
        crowd = [self._telegram.person(1001 + number) for number in range(persons)]
        fresh = [person for person in crowd if not person.message]
        ends = time.monotonic() + STUCK
        for number, person in enumerate(fresh, 1):
            self._telegram.say(person, f"/login {_code(person.id)}")
            # A few at a time: the bot has a budget of codes that nobody has confirmed yet.
            while len(arrived) < number - 3 or (number == len(fresh) and len(arrived) < number):
                if time.monotonic() > ends:
                    raise TimeoutError(f"{len(arrived)} of {len(fresh)} persons got a first screen")
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.3)
        return crowd

    async def _measure(self, label: str, persons: int, seconds: float) -> Figures:
        figures = Figures(label, persons)
        before = self._counted()
        cpu, own = [bot.cpu() for bot in self._bots], psutil.Process().cpu_times()
        started = time.perf_counter()
        self._measuring = figures
        await asyncio.sleep(seconds)
        self._measuring = None
        figures.seconds = time.perf_counter() - started
        figures.cpu = sum(bot.cpu() - used for bot, used in zip(self._bots, cpu, strict=True))
        spent = psutil.Process().cpu_times()
        figures.load_cpu = (spent.user + spent.system - own.user - own.system) / figures.seconds
        figures.rss = max(bot.rss() for bot in self._bots)
        per_click = [
            {name: (value - old.get(name, 0)) / figures.clicks for name, value in new.items()}
            for new, old in zip(self._counted(), before, strict=True)
        ]
        figures.redis, figures.backend, figures.telegram = per_click
        figures.answers.sort()
        figures.screens.sort()
        figures.lost = self._lost
        return figures

    def _counted(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        return self._store.figures(), backend_counts(self._backend), dict(self._telegram.calls)

    def _clicked(self, person: Person) -> None:
        if self._measuring is not None:
            self._measuring.answers.append(1000 * (person.answered - person.pressed))
            self._measuring.screens.append(1000 * (person.seen - person.pressed))
        if self._stopped:
            return
        if self._paced:
            self._resting.append(person)
        else:
            asyncio.get_running_loop().call_soon(self._click, person)

    def _click(self, person: Person) -> None:
        person.step += 1
        data = self._walk(person)
        if data is None:
            self._lost += 1
            data = "me--"
        self._telegram.press(person, data)

    async def _pace(self, per_second: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += 1 / per_second
            await asyncio.sleep(max(0.0, due - loop.time()))
            if self._resting:
                self._click(self._resting.pop(0))
