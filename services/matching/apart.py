"""A round solved in a process of its own."""

from __future__ import annotations

import asyncio

from services.children import ask
from services.matching.arrangement import Arrangement
from services.matching.task import Task, check
from services.matching.wire import ARRANGEMENT, TASK

SOLVER = "services.matching.solver"
SECONDS = 60.0
"""Far beyond the 10 s that 2,000 people may take: for a machine that has much else to do."""
LIMIT = 16 * 1024 * 1024
"""Bytes of a round; one of 2,000 people has 300,000."""


async def arranged(task: Task, seconds: float = SECONDS) -> Arrangement:
    """The round; whoever is cancelled while waiting ends the process too.

    Raises ``ChildFailed`` when it is not solved in time, and ``Refused`` for a task that contradicts itself.
    """
    check(task)
    # A string within JSON: pydantic writes a year of history in a tenth of the time that json takes.
    question = (await asyncio.to_thread(TASK.dump_json, task)).decode()
    return ARRANGEMENT.validate_json(await ask(SOLVER, question, within=seconds, limit=LIMIT))
