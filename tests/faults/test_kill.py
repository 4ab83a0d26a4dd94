"""kill -9 at random moments: nothing lost, nothing twice, drafts kept; FAULT_ROUNDS times each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from sandbox.telegram import Person
from tests.faults.figures import Figures
from tests.support.stage import Stage, open_card, packed, press, shows, until

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "8"))
LEASE = 10.0
PATIENCE = 5
MODERATORS, AUTHORS, WRITERS = 6, 6, 4


@dataclass
class Ledger:
    """What was asked for, to be compared with what came of it."""

    approved: list[int] = field(default_factory=list)
    copied: list[int] = field(default_factory=list)
    typed: dict[int, str] = field(default_factory=dict)
    presses: int = 0
    kills_in_flight: int = 0


class Load:
    """People at work: some approve, some copy and save records, some write long forms."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ledger = Ledger()
        self.stopping = False
        self.people: list[Person] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def sign_in(self) -> None:
        for index in range(MODERATORS + AUTHORS + WRITERS):
            self.stage.crm.add_admin(f"walker{index}", "administrator")
            self.people.append(await self.stage.signed_in(f"walker{index}", user_id=5000 + index))
        for writer in self.people[MODERATORS + AUTHORS :]:
            await writer.press(packed("cr"), writer.last.id, timeout=10, settle=True)
            text = f"Title of {writer.id}"
            await writer.send(text)
            await writer.settle(10)
            self.ledger.typed[writer.id] = text

    def begin(self) -> None:
        pending = self.stage.pending_events()
        others = [e["id"] for e in self.stage.crm.events() if e["moderation_status"] == "approved"]
        jobs = []
        for index, person in enumerate(self.people):
            if index < MODERATORS:
                jobs.append(self._moderate(person, pending[index::MODERATORS]))
            elif index < MODERATORS + AUTHORS:
                jobs.append(self._copy(person, others[index - MODERATORS :: AUTHORS]))
            else:
                jobs.append(self._write(person))
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def end(self) -> None:
        self.stopping = True
        await asyncio.gather(*self._tasks)

    async def _press(self, person: Person, data: str) -> None:
        # People press a few times more when nothing happens, and then they wait.
        await self._shown(lambda: len(person.unanswered) < PATIENCE)
        self.ledger.presses += 1
        await person.press(data, person.last.id)

    async def _shown(self, holds: Any) -> Any:
        """What ``holds`` finds on the screen, as soon as it is there; None when the load ends first."""
        while not self.stopping:
            with contextlib.suppress(LookupError):
                if found := holds():
                    return found
            await asyncio.sleep(0.02)
        return None

    async def _moderate(self, person: Person, events: list[int]) -> None:
        for number in events:
            await self._press(person, packed("cd", number))
            data = await self._shown(partial(_keyed, person, "ap", number))
            if not data:
                return
            for _ in range(random.choice((1, 1, 2))):
                await self._press(person, data)
            self.ledger.approved.append(number)
            await asyncio.sleep(random.uniform(0, 0.1))
        await self._read(person)

    async def _copy(self, person: Person, events: list[int]) -> None:
        used = None
        for number in events:
            await self._press(person, packed("du", number))
            used = await self._shown(partial(_other, person, "sv", used))
            if not used:
                return
            for _ in range(random.choice((1, 1, 2))):
                await self._press(person, used)
            self.ledger.copied.append(number)
            await self._shown(lambda: not shows(person, "sv"))
            await asyncio.sleep(random.uniform(0, 0.1))

    async def _write(self, person: Person) -> None:
        """Leaves the form and comes back to it, over and over; typed text stays."""
        while not self.stopping:
            await self._press(person, packed("li"))
            await self._press(person, "dr--")
            data = await self._shown(lambda: shows(person, "do"))
            if data:
                await self._press(person, data)
            await asyncio.sleep(random.uniform(0.02, 0.2))

    async def _read(self, person: Person) -> None:
        while not self.stopping:
            await self._press(person, packed("li"))
            await asyncio.sleep(random.uniform(0.02, 0.2))


def _keyed(person: Person, op: str, number: int) -> str | None:
    prefix = packed(op, number)
    data = shows(person, op)
    return data if data is not None and data.startswith(f"{prefix}.") else None


def _other(person: Person, op: str, used: str | None) -> str | None:
    data = shows(person, op)
    return data if data != used else None


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_killed_at_random_moments_nothing_is_lost_and_nothing_done_twice(
    mode: str, polled: Stage, hooked: Stage, figures: Figures
):
    stage = polled if mode == "polling" else hooked
    load = Load(stage)
    bot = await stage.bot().begin()
    await bot.ready()
    try:
        if mode == "webhook":
            await stage.registered()
        await load.sign_in()
        before = len(stage.crm.events())
        # Wide enough windows between the work and its note for a kill to fall into.
        stage.crm.faults.add("delay", delay=0.02)
        stage.telegram.faults.add("latency", method="edit.*|send.*|answer.*", seconds=0.02)
        load.begin()
        for _ in range(ROUNDS):
            await asyncio.sleep(random.uniform(0.05, 0.7))
            await bot.kill()
            load.ledger.kills_in_flight += _waiting(stage) > 0
            bot = await stage.bot().begin()
            await bot.ready()
        await asyncio.sleep(LEASE)
        await load.end()
        await stage.telegram.settle(40)
    finally:
        load.stopping = True
        await bot.kill()
    _report(mode, stage, load, before, figures)
    assert _waiting(stage) == 0
    assert [person.unanswered for person in load.people if person.unanswered] == []
    _check_writes(stage, load, before)
    _check_drafts(stage, load)


def _waiting(stage: Stage) -> int:
    hook = stage.telegram.state.webhook
    return (hook.waiting if hook else 0) + len(stage.telegram.state.updates.pending)


def _check_writes(stage: Stage, load: Load, before: int) -> None:
    approvals = Counter(request.path for request in stage.crm.requests_to("/approve$", "POST"))
    assert [path for path, times in approvals.items() if times > 1] == []
    states = {event["id"]: event["moderation_status"] for event in stage.crm.events()}
    assert [number for number in load.ledger.approved if states[number] != "approved"] == []
    created = stage.crm.events()[before:]
    twins = Counter((event["title"], event["event_date"], event["location"]) for event in created)
    assert [twin for twin, times in twins.items() if times > 1] == []
    assert len(created) == len(load.ledger.copied)


def _check_drafts(stage: Stage, load: Load) -> None:
    kept = {key: value for key, value in stage.redis.dump().items() if key.endswith(":drafts")}
    for number, text in load.ledger.typed.items():
        assert any(text in str(value) for key, value in kept.items() if f":{number}}}" in key), number


def _report(mode: str, stage: Stage, load: Load, before: int, figures: Figures) -> None:
    approvals = Counter(request.path for request in stage.crm.requests_to("/approve$", "POST"))
    figures.note(
        f"kill -9, {mode}", kills=ROUNDS, in_flight=load.ledger.kills_in_flight, presses=load.ledger.presses,
        lost=_waiting(stage) + sum(len(person.unanswered) for person in load.people),
        doubled=sum(times - 1 for times in approvals.values())
        + max(0, len(stage.crm.events()) - before - len(load.ledger.copied)),
        approved=len(load.ledger.approved), saved=len(load.ledger.copied), drafts_kept=len(load.ledger.typed),
    )  # fmt: skip


async def _summary(stage: Stage, number: int) -> tuple[Person, str]:
    """A person in front of a copied event, and the address of its Save."""
    ann = await stage.signed_in("administrator")
    await ann.press(packed("du", number), ann.last.id, timeout=10, settle=True)
    data = shows(ann, "sv")
    assert data
    return ann, data


def _copies(stage: Stage, number: int, before: int) -> list[dict[str, Any]]:
    title = stage.event(number)["title"]
    return [event for event in stage.crm.events()[before:] if event["title"] == title]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_killed_between_the_create_and_the_answer_there_is_one_record(
    mode: str, polled: Stage, hooked: Stage
):
    stage = polled if mode == "polling" else hooked
    number, before = 3, len(stage.crm.events())
    async with stage.bot() as bot:
        ann, data = await _summary(stage, number)
        stage.crm.faults.add("hang", "/create$", method="POST", after=True, times=1)
        await ann.press(data, ann.last.id)
        await until(lambda: len(stage.crm.events()) > before)
        await bot.kill()
    stage.crm.faults.clear()
    async with stage.bot():
        await ann.settle(20)
        assert len(_copies(stage, number, before)) == 1
        assert ann.unanswered == []
        created = _copies(stage, number, before)[0]
        assert created["title"] in ann.last.text, ann.last
        assert shows(ann, "sv") is None
        await ann.press(data, ann.last.id, timeout=10, settle=True)
        assert len(_copies(stage, number, before)) == 1
        assert created["title"] in ann.last.text


@pytest.mark.parametrize("op", ["sv", "ap"])
async def test_killed_between_the_note_of_a_write_and_its_screen_the_person_sees_the_final_state(
    op: str, polled: Stage
):
    number, before = 3, len(polled.crm.events())
    async with polled.bot() as bot:
        if op == "sv":
            ann, data = await _summary(polled, number)
        else:
            number = polled.pending_events()[0]
            ann = await polled.signed_in("administrator")
            await open_card(ann, number)
            data = shows(ann, "ap") or ""
        polled.telegram.faults.add("latency", method="edit.*|send.*|answer.*", seconds=1.0)
        polled.telegram.faults.add("reset", method="edit.*|send.*|answer.*")
        await ann.press(data, ann.last.id)
        await until(lambda: any(str(value).startswith("d:") for value in polled.redis.dump().values()))
        await bot.kill()
    await asyncio.sleep(1.2)
    polled.telegram.faults.clear()
    async with polled.bot():
        await ann.settle(20)
        assert ann.unanswered == []
        assert shows(ann, op) is None, ann.last
    if op == "sv":
        assert len(_copies(polled, number, before)) == 1
    else:
        assert len(polled.crm.requests_to(f"/{number}/approve$", "POST")) == 1


async def test_killed_between_the_note_of_a_form_step_and_its_screen_the_press_is_answered_and_the_draft_kept(
    polled: Stage,
):
    async with polled.bot() as bot:
        ann = await polled.signed_in("administrator")
        await ann.press(packed("cr"), ann.last.id, timeout=8, settle=True)
        await ann.send("A title worth keeping")
        await ann.settle(8)
        back = shows(ann, "fb")
        assert back, ann.last
        polled.telegram.faults.add("latency", method="edit.*|send.*|answer.*", seconds=1.0)
        polled.telegram.faults.add("reset", method="edit.*|send.*|answer.*")
        stored = [value for key, value in polled.redis.dump().items() if key.endswith(":drafts")]
        await ann.press(back, ann.last.id)
        await until(
            lambda: stored != [v for key, v in polled.redis.dump().items() if key.endswith(":drafts")]
        )
        await bot.kill()
    await asyncio.sleep(1.2)
    polled.telegram.faults.clear()
    async with polled.bot():
        await ann.settle(20)
        assert ann.unanswered == []
        await ann.press("dr--", ann.last.id, timeout=8, settle=True)
        assert shows(ann, "do"), ann.last


async def test_a_create_whose_answer_never_comes_is_not_made_again_by_another_press(polled: Stage):
    number, before = 3, len(polled.crm.events())
    async with polled.bot():
        ann, data = await _summary(polled, number)
        polled.crm.faults.add("hang", "/create$", method="POST", after=True, times=1)
        await ann.press(data, ann.last.id, timeout=12, settle=True)
        assert len(_copies(polled, number, before)) == 1
        assert shows(ann, "sv") == data, ann.last
        await press(ann, "sv")
        assert len(_copies(polled, number, before)) == 1
        assert polled.event(number)["title"] in ann.last.text


async def test_a_create_that_is_looked_for_in_vain_while_the_backend_is_down_stays_unknown(polled: Stage):
    number, before = 3, len(polled.crm.events())
    async with polled.bot():
        ann, data = await _summary(polled, number)
        polled.crm.faults.add("status", "/events", method="GET", status=503)
        polled.crm.faults.add("reset", "/create$", method="POST", after=True, times=1)
        for _ in range(3):
            await ann.press(data, ann.last.id, timeout=12, settle=True)
        assert len(_copies(polled, number, before)) == 1
        polled.crm.faults.clear()
        await asyncio.sleep(0.5)
        await until(lambda: shows(ann, "sv") or shows(ann, "ed"))
        for _ in range(6):
            await ann.press(data, ann.last.id, timeout=12, settle=True)
            if polled.event(number)["title"] in ann.last.text:
                break
            await asyncio.sleep(1)
        assert len(_copies(polled, number, before)) == 1
        assert polled.event(number)["title"] in ann.last.text
