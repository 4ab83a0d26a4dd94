"""SIGTERM under load: nothing failed, nothing lost, exit 0; replicas rolled one after the other."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from sandbox.telegram import Person
from tests.faults.figures import Figures
from tests.support.stage import Stage, answered, packed

PEOPLE = 12


class Clicks:
    """People who click on without waiting for anything but their answer."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.stopping = False
        self.count = 0
        self.slowest = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self.people: list[Person] = []

    async def begin(self) -> None:
        for index in range(PEOPLE):
            self.stage.crm.add_admin(f"clicker{index}", "administrator")
            self.people.append(await self.stage.signed_in(f"clicker{index}", user_id=6000 + index))
        self.stage.crm.faults.add("delay", "/events", delay=0.05)
        self._tasks = [asyncio.create_task(self._click(person)) for person in self.people]

    async def end(self) -> None:
        self.stopping = True
        await asyncio.gather(*self._tasks)
        await self.stage.telegram.settle(20)

    async def _click(self, person: Person) -> None:
        screens = [packed("li"), packed("cd", 1), packed("fl"), "me--"]
        while not self.stopping:
            self.count += 1
            self.slowest = max(self.slowest, await answered(person, screens[self.count % 4], 30))

    @property
    def failed(self) -> list[str]:
        """Presses without an answer, and answers or screens that tell of trouble."""
        return [data for person in self.people for data in person.unanswered] + [
            text for person in self.people for text, _ in person.alerts
        ]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_sigterm_under_load_finishes_everything_and_exits_with_0(
    mode: str, polled: Stage, hooked: Stage, figures: Figures
):
    stage = polled if mode == "polling" else hooked
    clicks = Clicks(stage)
    async with stage.process() as bot:
        if mode == "webhook":
            await stage.registered()
        await clicks.begin()
        await asyncio.sleep(1.0)
        began = time.monotonic()
        bot.signal(signal.SIGTERM)
        code = await bot.exit_code(26)
        took = time.monotonic() - began
    async with stage.bot():
        await asyncio.sleep(0.5)
        await clicks.end()
    figures.note(
        f"SIGTERM under load, {mode}", exit=code, seconds=round(took, 1), presses=clicks.count,
        failed=len(clicks.failed),
    )  # fmt: skip
    assert code == 0
    assert took < 25
    assert clicks.failed == []
    assert not stage.telegram.state.updates.pending
    bad = [line for line in bot.lines if line.get("level") in ("error", "critical")]
    assert bad == []


async def test_a_busy_update_is_finished_before_the_process_ends(hooked: Stage):
    async with hooked.process() as bot:
        await hooked.registered()
        ann = await hooked.signed_in("administrator")
        hooked.crm.faults.add("delay", "/events", delay=2.0, times=1)
        await ann.press(packed("li"), ann.last.id)
        await asyncio.sleep(0.3)
        bot.signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        status, headers = await hooked.post({"update_id": 999_999})
        assert status == 503
        assert headers["Retry-After"]
        assert (await bot.get("/readyz"))[0] == 503
        assert await bot.exit_code(25) == 0
    assert ann.unanswered == []
    assert [status for _, status in hooked.telegram.state.webhook.state.statuses][-1] == 200


async def test_two_replicas_rolled_one_after_the_other_lose_nothing(pair: Stage, figures: Figures):
    clicks = Clicks(pair)
    bots = [pair.bot(0), pair.bot(1), pair.bot(0), pair.bot(1)]
    first, second, third, fourth = bots
    try:
        await asyncio.gather(*[(await bot.begin()).ready() for bot in (first, second)])
        await pair.registered()
        await clicks.begin()
        for old, new in ((first, third), (second, fourth)):
            await asyncio.sleep(0.5)
            old.signal(signal.SIGTERM)
            await old.gone(25)
            await (await new.begin()).ready()
        await asyncio.sleep(0.5)
        await clicks.end()
    finally:
        for bot in bots:
            await bot.kill()
    figures.note(
        "two replicas rolled under load", presses=clicks.count, failed=len(clicks.failed),
        slowest_answer_s=round(clicks.slowest, 2),
    )  # fmt: skip
    lines = [line for bot in (first, second) for line in bot.lines]
    assert [line["clean"] for line in lines if line["event"] == "drained"] == [True, True]
    assert clicks.failed == []
    assert pair.telegram.state.webhook.waiting == 0
    assert [line for line in lines if line.get("level") in ("error", "critical")] == []
