"""When a call is made again: reads on passing trouble, writes only when surely nothing was sent."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from api.errors import BackendError, Cause, TooMany, Unavailable

T = TypeVar("T")

TRIES = 3
FIRST_WAIT = 0.1
LONGEST_WAIT = 1.0
RESERVE = 0.05
"""Seconds that must be left after waiting, or another try is pointless."""


async def retrying(attempt: Callable[[int], Awaitable[T]], *, write: bool, seconds: float) -> T:
    """The first useful result of ``attempt(number)``, number from 1, at most three within ``seconds``.

    A ``Retry-After`` is waited for when it fits into the time left; else the error is raised at once and
    carries it. Everything that is not worth another try is raised as it is.
    """
    ends = monotonic() + seconds
    try:
        return await attempt(1)
    except (Unavailable, TooMany) as error:
        failed: BackendError | None = error
    tries = 1

    async def next_try() -> T:
        # tenacity begins with the failed first try as its own: a call that succeeds does not pay for it.
        nonlocal failed, tries
        if failed is not None:
            first, failed = failed, None
            raise first
        tries += 1
        return await attempt(tries)

    policy = AsyncRetrying(
        retry=retry_if_exception(lambda error: _worth_it(error, tries, write=write)),
        wait=_wait,
        stop=lambda state: tries >= TRIES or monotonic() + state.upcoming_sleep + RESERVE > ends,
        reraise=True,
    )
    return await policy(next_try)


def _worth_it(error: BaseException, attempt: int, *, write: bool) -> bool:
    if isinstance(error, TooMany):
        return not write
    if not isinstance(error, Unavailable):
        return False
    match error.cause:
        # A write whose answer was lost is no ``Unavailable`` but an ``UnknownOutcome``: it never comes here.
        case Cause.CONNECT | Cause.STATUS:
            return True
        case Cause.RESET:
            return attempt == 1
        case _:
            return False


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, (Unavailable, TooMany)) else None
    if asked is not None:
        return asked
    if isinstance(error, Unavailable) and error.cause is Cause.RESET:
        return 0.0
    # Full jitter: callers that failed together do not come back together.
    return random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**state.attempt_number))  # noqa: S311
