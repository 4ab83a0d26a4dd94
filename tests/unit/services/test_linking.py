"""Links are limited like logins, and told apart."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from api.errors import (
    BackendError,
    Cause,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from services.linking import Linked, Linking, Result
from services.login import LoginLimits, Who

NOW = 1_800_000_000.0
TOKEN = "token-of-the-site"


class Site:
    """The backend: answers with an error, or links."""

    def __init__(self) -> None:
        self.error: BackendError | None = None
        self.linked: bool | BackendError = False
        self.asked: list[tuple[str, int]] = []
        self.pause = 0.0

    async def confirm(
        self, token: str, chat_id: int, *, username: str | None = None, first_name: str | None = None
    ) -> None:
        self.asked.append((token, chat_id))
        await asyncio.sleep(self.pause)
        if self.error is not None:
            raise self.error

    async def is_linked(self, chat_id: int) -> bool:
        if isinstance(self.linked, BackendError):
            raise self.linked
        return self.linked


@pytest.fixture
def site() -> Site:
    return Site()


def linking(redis: Redis, site: Site, *, set_up: bool = True, budget: int = 30) -> Linking:
    limits = LoginLimits(redis, b"s" * 32, per_minute=5, budget=budget, scope="link")
    return Linking(site, limits, set_up=set_up)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (None, Linked.DONE), (Refused("x", status=400), Linked.EXPIRED), (NotFound("x", status=404), Linked.UNKNOWN),
        (Forbidden("x", status=403), Linked.NOT_SET_UP), (Conflict("x", status=409), Linked.TAKEN),
        (Invalid((), "x", status=422), Linked.MALFORMED), (Unavailable(Cause.CONNECT), Linked.UNAVAILABLE),
        (Refused("x", status=418), Linked.UNAVAILABLE),
    ],
)  # fmt: skip
async def test_each_outcome(redis: Redis, site: Site, error: BackendError | None, what: Linked) -> None:
    site.error = error
    assert await linking(redis, site).link(Who(1), TOKEN, NOW) == Result(what)
    assert site.asked == [(TOKEN, 1)]


@pytest.mark.parametrize(
    ("linked", "what"),
    [(True, Linked.DONE), (False, Linked.UNAVAILABLE), (Unavailable(Cause.CONNECT), Linked.UNSURE)],
)
async def test_a_lost_answer(redis: Redis, site: Site, linked: bool | BackendError, what: Linked) -> None:
    site.error, site.linked = UnknownOutcome(Cause.RESET), linked
    assert await linking(redis, site).link(Who(1), TOKEN, NOW) == Result(what)


@pytest.mark.parametrize("token", ["", "short", "a" * 60, "with space-in-it", "кириллица-токен"])
async def test_what_is_no_token_is_not_asked_about(redis: Redis, site: Site, token: str) -> None:
    assert (await linking(redis, site).link(Who(1), token, NOW)).what is Linked.MALFORMED
    assert (await linking(redis, site, set_up=False).link(Who(1), TOKEN, NOW)).what is Linked.NOT_SET_UP
    assert site.asked == []


async def test_two_presses_of_one_link_ask_once(redis: Redis, site: Site) -> None:
    site.pause = 0.1
    service = linking(redis, site)
    found = await asyncio.gather(*(service.link(Who(1), TOKEN, NOW) for _ in range(3)))
    assert sorted(one.what for one in found) == sorted((Linked.BUSY, Linked.BUSY, Linked.DONE))
    assert (await service.link(Who(1), TOKEN, NOW)).what is Linked.ALREADY
    assert (await service.link(Who(2), TOKEN, NOW)).what is Linked.UNKNOWN
    assert len(site.asked) == 1


async def test_guesses_of_one_person_end_after_five(redis: Redis, site: Site) -> None:
    site.error = NotFound("x", status=404)
    service = linking(redis, site)
    for number in range(5):
        await service.link(Who(1), f"guess-number-{number}", NOW)
    waiting = await service.link(Who(1), "guess-number-9", NOW)
    assert waiting.what is Linked.WAIT
    assert waiting.wait > 0
    assert len(site.asked) == 5


async def test_guesses_of_many_end_with_the_budget_and_good_links_take_none_of_it(
    redis: Redis, site: Site
) -> None:
    service = linking(redis, site, budget=3)
    for number in range(5):
        assert (await service.link(Who(number), f"good-number-{number}", NOW)).what is Linked.DONE
    site.error = NotFound("x", status=404)
    found = [(await service.link(Who(9 + number), f"guess-number-{number}", NOW)).what for number in range(5)]
    assert found == [Linked.UNKNOWN] * 3 + [Linked.WAIT] * 2


async def test_no_token_is_kept_in_redis(redis: Redis, site: Site) -> None:
    await linking(redis, site).link(Who(1), TOKEN, NOW)
    assert not [key for key in await redis.keys("*") if TOKEN in str(key)]
