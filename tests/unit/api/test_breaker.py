"""The breaker, on a clock of its own."""

from __future__ import annotations

import asyncio

import pytest

from api import Breaker, Broken, Cause, NotFound, State, Unavailable, UnknownOutcome
from tests.support.clock import Clock


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(threshold=3, window=10, pause=5, clock=clock)


def fail(breaker: Breaker, error: Exception | None = None, times: int = 1) -> None:
    for _ in range(times):
        error = error or Unavailable(Cause.CONNECT)
        with pytest.raises(type(error)), breaker.guard():
            raise error


def state(breaker: Breaker) -> State:
    return breaker.state


def succeed(breaker: Breaker) -> None:
    with breaker.guard():
        pass


def test_opens_after_enough_failures(breaker):
    fail(breaker, times=2)
    assert state(breaker) is State.CLOSED
    fail(breaker)
    assert state(breaker) is State.OPEN
    with pytest.raises(Unavailable) as caught, breaker.guard():
        raise AssertionError("was called")
    assert (caught.value.cause, caught.value.retry_after) == (Cause.OPEN, 5.0)


def test_success_in_between_starts_the_count_again(breaker):
    fail(breaker, times=2)
    succeed(breaker)
    fail(breaker, times=2)
    assert state(breaker) is State.CLOSED


def test_old_failures_do_not_count(breaker, clock):
    fail(breaker, times=2)
    clock.now += 11
    fail(breaker, times=2)
    assert state(breaker) is State.CLOSED


def test_one_probe_after_the_pause(breaker, clock):
    fail(breaker, times=3)
    clock.now += 5
    assert state(breaker) is State.HALF_OPEN
    with breaker.guard(), pytest.raises(Unavailable), breaker.guard():
        raise AssertionError("a second probe")
    assert state(breaker) is State.CLOSED


def test_failed_probe_opens_again(breaker, clock):
    fail(breaker, times=3)
    clock.now += 5
    fail(breaker)
    assert state(breaker) is State.OPEN


def test_cancelled_probe_leaves_room_for_the_next(breaker, clock):
    fail(breaker, times=3)
    clock.now += 5
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError
    succeed(breaker)
    assert state(breaker) is State.CLOSED


def test_lost_writes_count_and_answers_do_not(breaker):
    fail(breaker, UnknownOutcome(Cause.TIMEOUT), times=2)
    fail(breaker, NotFound())
    fail(breaker, Broken(status=500), times=5)
    fail(breaker, UnknownOutcome(Cause.STATUS, status=500), times=5)
    assert state(breaker) is State.CLOSED


def test_since_is_when_trouble_began(breaker, clock):
    assert breaker.since is None
    fail(breaker)
    first = breaker.since
    clock.now += 2
    assert first is not None
    assert breaker.since is not None
    assert 1.9 < (first - breaker.since).total_seconds() < 2.1
    succeed(breaker)
    assert breaker.since is None
