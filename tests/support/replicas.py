"""Two replicas of the bot behind one webhook, or one that polls; and which of them a press goes to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.support.nursery import Replica
from tests.support.stage import Stage

MODES = ("polling", "two replicas")


@asynccontextmanager
async def serving(stage: Stage, **env: str) -> AsyncIterator[list[Replica]]:
    """As many bots as the stage has, all at work."""
    async with AsyncExitStack() as stack:
        bots = [
            await stack.enter_async_context(stage.bot(number, **env))
            for number in range(max(1, len(stage.ports)))
        ]
        if stage.ports:
            await stage.registered()
        yield bots


def via(stage: Stage, *numbers: int) -> None:
    """What is sent from now on goes to these replicas in turn; a bot that polls gets it anyway."""
    hook = stage.telegram.state.webhook
    if hook is not None:
        hook.config.targets[:] = [f"http://127.0.0.1:{stage.ports[number]}/hook" for number in numbers]
