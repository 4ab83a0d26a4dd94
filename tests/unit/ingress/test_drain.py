import asyncio
import os
import signal

import pytest

from ingress.bot_api import TokenRefused
from ingress.drain import Drain, Together, serve
from tests.unit.ingress.telegram import until


class Updates:
    """An ingress that notes what it is told."""

    def __init__(self, clean: bool = True) -> None:
        self.clean = clean
        self.stopped = asyncio.Event()
        self.limit = 0.0
        self.error: Exception | None = None

    async def run(self) -> None:
        if self.error:
            raise self.error
        await self.stopped.wait()

    async def stop(self, limit: float) -> bool:
        self.limit = limit
        self.stopped.set()
        return self.clean


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("clean", [True, False])
async def test_a_signal_turns_readiness_off_and_then_stops(number: signal.Signals, clean: bool):
    order: list[str] = []
    updates = Updates(clean)
    drain = Drain(lambda: order.append(f"not ready, stopped={updates.stopped.is_set()}"))
    with drain.signals():
        serving = asyncio.create_task(serve(updates, drain, limit=3))
        await asyncio.sleep(0.01)
        os.kill(os.getpid(), number)
        assert await serving is clean
    assert order == ["not ready, stopped=False"]
    assert updates.limit == 3
    assert drain.requested


async def test_a_second_signal_stops_hard():
    exits: list[bool] = []
    drain = Drain(lambda: None, exit_now=lambda: exits.append(True))
    with drain.signals():
        os.kill(os.getpid(), signal.SIGTERM)
        await drain.wait()
        assert not exits
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: exits == [True])


async def test_a_refused_token_reaches_the_caller():
    updates = Updates()
    updates.error = TokenRefused("401")
    with pytest.raises(TokenRefused):
        await serve(updates, Drain(lambda: None))
    assert not updates.limit


async def test_several_ways_of_taking_work_run_and_stop_together():
    one, two = Updates(), Updates()
    drain = Drain(lambda: None)
    serving = asyncio.create_task(serve(Together(one, two), drain, limit=3))
    await asyncio.sleep(0)
    drain.request()
    assert await serving is True
    assert (one.limit, two.limit) == (3, 3)


async def test_one_that_does_not_finish_is_told():
    drain = Drain(lambda: None)
    drain.request()
    assert await serve(Together(Updates(), Updates(clean=False)), drain) is False


async def test_a_refused_token_ends_the_others_too():
    refused, ended = Updates(), asyncio.Event()
    refused.error = TokenRefused("401")

    class Jobs(Updates):
        async def run(self) -> None:
            try:
                await super().run()
            finally:
                await asyncio.sleep(0.01)
                ended.set()

    with pytest.raises(TokenRefused):
        await serve(Together(Jobs(), refused), Drain(lambda: None))
    assert ended.is_set()
