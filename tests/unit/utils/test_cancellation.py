import asyncio
import contextlib

import pytest

from utils.cancellation import pass_on


async def test_nothing_for_a_task_that_goes_on():
    pass_on()


async def test_a_swallowed_cancellation_comes_back():
    async def stubborn() -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(1)
            pass_on()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
