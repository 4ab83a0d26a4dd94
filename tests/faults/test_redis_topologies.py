"""The bot on a Sentinel and on a Cluster: everything works, and a failover is a short pause."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sandbox.telegram import Person
from services.keys import SessionKey
from tests.faults.figures import Figures
from tests.support.errands import sent_out
from tests.support.nursery import Nursery
from tests.support.redis_topologies import Clustered, Sentineled, Topology
from tests.support.stage import Stage, open_card, packed, press, shows, until

PAUSE = 30.0
"""Seconds a failover may take on a busy machine: the servers notice after 1 to 1.5, then choose; what a click was in
the middle of is taken up when its lease of 10 s is over."""


@pytest.fixture(params=[Sentineled, Clustered], ids=["sentinel", "cluster"])
def topology(request: pytest.FixtureRequest) -> Iterator[Topology]:
    servers: Topology = request.param()
    try:
        servers.start()
        yield servers
    finally:
        servers.close()


@pytest.fixture
async def stage(topology: Topology, nursery: Nursery, seeded: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with two webhook replicas on that Redis."""
    async with Stage(topology, nursery, tmp_path, 2) as stage:
        yield stage


async def test_people_sign_in_read_write_and_leave_and_jobs_are_done(stage: Stage, topology: Topology):
    async with stage.bot(0) as one, stage.bot(1) as two:
        await stage.registered()
        people = [await stage.signed_in("administrator", user_id=7000 + number) for number in range(4)]
        number = stage.pending_events()[0]
        for person in people:
            await person.press(packed("li"), person.last.id, timeout=10, settle=True)
            assert shows(person, "cd"), person.last
        ann = people[0]
        await open_card(ann, number)
        await press(ann, "ap")
        await until(lambda: stage.event(number)["moderation_status"] == "approved", within=20)
        await ann.press(packed("cr"), ann.last.id, timeout=10, settle=True)
        await ann.send("A title worth keeping")
        await ann.settle(10)
        await ann.press("dr--", ann.last.id, timeout=10, settle=True)
        assert shows(ann, "do"), ann.last
        await ann.send("/logout")
        await ann.settle(10)
        assert not topology.client().exists(SessionKey(ann.id).name)
        await sent_out(topology.url, "sweep_sessions")
        done = 0
        async with asyncio.timeout(20):
            while not done:
                texts = [(await bot.get("/metrics"))[1] for bot in (one, two)]
                done = sum('name="sweep_sessions",outcome="done"' in text for text in texts)
                await asyncio.sleep(0.2)
        assert [(await bot.get("/readyz"))[0] for bot in (one, two)] == [200, 200]
        lines = one.lines + two.lines
    assert not [line for line in lines if line.get("level") in ("error", "critical")]
    assert not [line for line in lines if line.get("event") == "upkeep_failed"]


async def test_a_failover_is_a_short_pause_in_which_nothing_is_lost_or_done_twice(
    stage: Stage, topology: Topology, figures: Figures
):
    people_count, each = 4, 6
    async with stage.bot(0) as one, stage.bot(1) as two:
        await stage.registered()
        waiting = stage.pending_events()[: people_count * each]
        people = [
            await stage.signed_in("administrator", user_id=8000 + number) for number in range(people_count)
        ]
        moments: list[list[float]] = [[] for _ in people]
        work = [
            asyncio.create_task(_approve_all(stage, person, waiting[number::people_count], moments[number]))
            for number, person in enumerate(people)
        ]
        await asyncio.sleep(1.0)
        assert not any(task.done() for task in work), "the load ended before the failover"
        # On a Cluster the master that holds the first person, so that somebody notices.
        await asyncio.to_thread(topology.kill_master, SessionKey(people[0].id).name)
        killed = time.monotonic()
        await asyncio.wait_for(asyncio.gather(*work), 120)
        await stage.telegram.settle(40)
        ready = [await _ready(bot) for bot in (one, two)]
    approvals = Counter(request.path for request in stage.crm.requests_to("/approve$", "POST"))
    states = [stage.event(number)["moderation_status"] for number in waiting]
    doubled = [path for path, times in approvals.items() if times > 1]
    unanswered = [person.id for person in people if person.unanswered]
    pause = max(_longest_gap(one, killed) for one in moments)
    usual = min(_longest_gap(one, killed) for one in moments)
    figures.note(
        f"failover, {topology.kind}", pause_s=round(pause, 1), least_s=round(usual, 1), decisions=len(waiting),
        lost=states.count("pending"), doubled=len(doubled), unanswered=len(unanswered),
    )  # fmt: skip
    assert pause < PAUSE
    assert set(states) == {"approved"}
    assert doubled == []
    assert unanswered == []
    assert ready == [True, True]


async def _approve_all(stage: Stage, person: Person, numbers: list[int], moments: list[float]) -> None:
    """Opens and approves one record after the other, as people do: what does not happen is tried again. ``moments``
    are those at which one was through."""
    for number in numbers:
        limit = time.monotonic() + 60
        while stage.event(number)["moderation_status"] == "pending":
            assert time.monotonic() < limit, (number, person.last, person.alerts[-3:])
            if not person.unanswered:
                data = shows(person, "ap")
                if data is None or not data.startswith(f"{packed('ap', number)}."):
                    data = packed("cd", number)
                await person.press(data, person.last.id)
            await asyncio.sleep(0.15)
        moments.append(time.monotonic())


def _longest_gap(moments: list[float], since: float) -> float:
    """Seconds between two of them, or from ``since`` to the first, the longest that ended after ``since``."""
    ends = [one for one in moments if one > since]
    starts = [max([one for one in moments if one < end], default=since) for end in ends]
    return max((end - start for start, end in zip(starts, ends, strict=True)), default=0.0)


async def _ready(bot: object) -> bool:
    for _ in range(100):
        status, text = await bot.get("/readyz")
        if status == 200:
            return True
        assert re.search("redis", text)
        await asyncio.sleep(0.1)
    return False
