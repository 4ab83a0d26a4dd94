"""Codes are guessed by nobody: every way around the limits is a test."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from api.errors import BackendError, Cause, CodeRefused, Unavailable, UnknownOutcome
from models.auth import Login as Confirmed
from services.keys import IdleKey, SessionKey
from services.login import (
    ALPHABET,
    Login,
    LoginLimits,
    LoginUnavailable,
    Refusal,
    Refused,
    SignedIn,
    Who,
    normalise,
)
from services.sessions import Sessions
from services.vault import Vault

ADA, BOB = 101, 202
CODE = "ABCD2345"


@dataclass
class Backend:
    """Codes it knows, bindings, and what it was asked."""

    codes: dict[str, int] = field(default_factory=lambda: {CODE: 7})
    bound: dict[int, int] = field(default_factory=dict)
    role: str = "npo"
    tried: list[str] = field(default_factory=list)
    reasons: tuple[str, ...] = ("unknown",)
    lost: bool = False
    down: BackendError | None = None
    gate: asyncio.Event | None = None

    async def verify(self, code: str, telegram_user_id: int, **names: str | None) -> Confirmed:
        self.tried.append(code)
        if self.gate:
            await self.gate.wait()
        if self.down:
            raise self.down
        if code not in self.codes:
            raise UnknownOutcome(Cause.RESET) if self.lost else CodeRefused(self.reasons)
        self.bound[telegram_user_id] = self.codes.pop(code)
        if self.lost:
            raise UnknownOutcome(Cause.RESET)
        return self._login(telegram_user_id)

    async def restore(self, telegram_user_id: int) -> Confirmed | None:
        return self._login(telegram_user_id) if telegram_user_id in self.bound else None

    async def logout(self, telegram_user_id: int) -> bool:
        if self.down:
            raise self.down
        return self.bound.pop(telegram_user_id, None) is not None

    def _login(self, user_id: int) -> Confirmed:
        return Confirmed(access_token="jwt", admin_id=self.bound[user_id], admin_name="Ada", role=self.role)


@pytest.fixture
def backend() -> Backend:
    return Backend()


def replica(redis: Redis, backend: Backend) -> Login:
    vault = Vault([b"k" * 32])
    sessions = Sessions(redis, vault, backend)
    return Login(backend, sessions, LoginLimits(redis, vault.hmac_secret("login")))


@pytest.fixture
def service(redis: Redis, backend: Backend) -> Login:
    return replica(redis, backend)


def wrong(number: int) -> str:
    return "ZZZZZZ" + ALPHABET[number // 30] + ALPHABET[number % 30]


@given(st.text(ALPHABET, min_size=8, max_size=8), st.data())
def test_every_way_to_type_a_code_is_understood(code: str, data: st.DataObject) -> None:
    alike = dict(zip("ABEKMHPCTYXS", "АВЕКМНРСТУХЅ", strict=True))

    def spelled(char: str) -> str:
        forms = [
            char,
            char.lower(),
            chr(ord(char) + 0xFEE0),
            alike.get(char, char),
            alike.get(char, char).lower(),
        ]
        return data.draw(st.sampled_from(["", " ", "-", "–", "\u200b", "\t"])) + data.draw(
            st.sampled_from(forms)
        )

    # Lower-case Cyrillic is folded like its capital.
    assert normalise("".join(map(spelled, code)) + "\n") == code


@given(st.text())
def test_whatever_is_taken_for_a_code_is_one(text: str) -> None:
    code = normalise(text)
    assert code is None or (len(code) == 8 and set(code) <= set(ALPHABET))


@pytest.mark.parametrize(
    "text", ["", "ABCD234", "ABCD23456", "ABCD234O", "ABCD2340", "ABCD234I", "ABCD234L", "ABCD_345"]
)
def test_anything_else_is_explained_without_a_call(text: str) -> None:
    assert normalise(text) is None


def test_a_very_long_text_costs_nothing() -> None:
    assert normalise("\ufdfa" * 1_000_000) is None
    assert normalise(" " * 100 + CODE) is None
    assert unicodedata.normalize("NFKC", "\ufdfa") != "\ufdfa"


async def test_a_malformed_code_reaches_nobody(service: Login, backend: Backend, now: float) -> None:
    assert await service.sign_in(Who(ADA), "hello", now) == Refusal(Refused.MALFORMED)
    assert backend.tried == []


async def test_a_good_code_signs_in(redis: Redis, service: Login, now: float) -> None:
    answer = await service.sign_in(Who(ADA, "ada", "Ada"), "abcd-2345", now)
    assert isinstance(answer, SignedIn)
    assert (answer.session.admin_id, answer.session.telegram_user_id) == (7, ADA)
    assert await redis.exists(SessionKey(ADA).name)


@pytest.mark.parametrize(
    ("reasons", "causes"),
    [
        (("unknown",), [Refused.UNKNOWN]),
        (("used",), [Refused.USED]),
        (("revoked", "expired"), [Refused.REVOKED, Refused.EXPIRED]),
        (("expired", "used"), [Refused.USED, Refused.EXPIRED]),
        ((), [Refused.UNKNOWN]),
    ],
)
async def test_the_exact_cause_is_told(
    service: Login, backend: Backend, now: float, reasons: tuple[str, ...], causes: list[Refused]
) -> None:
    backend.reasons = reasons
    answer = await service.sign_in(Who(ADA), wrong(0), now)
    assert isinstance(answer, Refusal)
    assert (answer.cause, list(answer.causes)) == (causes[0], causes)


async def test_the_sixth_try_in_a_minute_reaches_nobody(redis: Redis, backend: Backend, now: float) -> None:
    replicas = [replica(redis, backend), replica(redis, backend)]
    answers = [await replicas[n % 2].sign_in(Who(ADA), wrong(n), now + n) for n in range(5)]
    assert all(isinstance(one, Refusal) and one.cause is Refused.UNKNOWN for one in answers)
    for n, at in ((5, now + 5), (6, now + 59.9), (7, now + 59.9)):
        sixth = await replicas[n % 2].sign_in(Who(ADA), wrong(n), at)
        assert isinstance(sixth, Refusal)
        assert sixth.cause is Refused.WAIT
        assert sixth.wait >= 1
    assert len(backend.tried) == 5


async def test_the_minute_slides(redis: Redis, backend: Backend, now: float) -> None:
    limits = LoginLimits(redis, b"s" * 32)
    waits = [await limits.admit(ADA, f"{at}", now + at) for at in (0, 50, 51, 52, 53, 59, 60, 61, 109)]
    assert waits == [0, 0, 0, 0, 0, 1, 0, 49, 1]


async def test_parallel_tries_do_not_slip_through(redis: Redis, backend: Backend, now: float) -> None:
    await asyncio.gather(*(replica(redis, backend).sign_in(Who(ADA), wrong(n), now) for n in range(20)))
    assert len(backend.tried) == 5


async def test_failures_in_a_row_make_the_wait_grow(redis: Redis, now: float) -> None:
    limits = LoginLimits(redis, b"s" * 32, per_minute=1000)
    waits = []
    for _ in range(12):
        await limits.failed(ADA, now)
        waits.append(await limits.admit(ADA, "a", now))
    assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert await limits.admit(BOB, "b", now) == 0
    await limits.succeeded(ADA)
    assert await limits.admit(ADA, "a", now) == 0


async def test_a_success_forgets_the_failures(service: Login, backend: Backend, now: float) -> None:
    for n in range(4):
        await service.sign_in(Who(ADA), wrong(n), now + 61 * n)
    assert isinstance(await service.sign_in(Who(ADA), CODE, now + 300), SignedIn)
    await service.sign_in(Who(ADA), wrong(9), now + 400)
    await service.sign_in(Who(ADA), wrong(10), now + 401)
    assert len(backend.tried) == 7


async def test_two_hundred_strangers_are_stopped_together(redis: Redis, backend: Backend, now: float) -> None:
    backend.gate = asyncio.Event()
    services = [replica(redis, backend) for _ in range(2)]
    tries = [asyncio.create_task(services[n % 2].sign_in(Who(1000 + n), wrong(n), now)) for n in range(200)]
    await asyncio.sleep(0.5)
    assert len(backend.tried) == 30
    backend.gate.set()
    answers = await asyncio.gather(*tries)
    crowded = [one for one in answers if isinstance(one, Refusal) and one.cause is Refused.CROWDED]
    assert len(crowded) == 170
    assert len(backend.tried) == 30
    assert isinstance(await services[0].sign_in(Who(ADA), CODE, now + 61), SignedIn)


async def test_successes_do_not_use_up_the_budget(redis: Redis, backend: Backend, now: float) -> None:
    backend.codes = {wrong(n): n + 1 for n in range(40)}
    service = replica(redis, backend)
    answers = [await service.sign_in(Who(1000 + n), wrong(n), now) for n in range(40)]
    assert all(isinstance(one, SignedIn) for one in answers)


async def test_one_code_is_checked_once_at_a_time(redis: Redis, backend: Backend, now: float) -> None:
    backend.gate = asyncio.Event()
    first = asyncio.create_task(replica(redis, backend).sign_in(Who(ADA), CODE, now))
    async with asyncio.timeout(5):
        while not backend.tried:  # noqa: ASYNC110 - the call itself is the event
            await asyncio.sleep(0.005)
        assert await replica(redis, backend).sign_in(Who(BOB), CODE, now) == Refusal(Refused.BUSY)
    backend.gate.set()
    assert isinstance(await first, SignedIn)
    assert await replica(redis, backend).sign_in(Who(BOB), CODE, now) == Refusal(Refused.USED)
    assert await replica(redis, backend).sign_in(Who(ADA), CODE, now) == Refusal(Refused.SIGNED_IN)
    assert backend.tried == [CODE]


async def test_a_known_refusal_is_not_asked_again(service: Login, backend: Backend, now: float) -> None:
    backend.reasons = ("used", "expired")
    first = await service.sign_in(Who(ADA), wrong(0), now)
    assert await service.sign_in(Who(BOB), wrong(0), now) == first
    assert len(backend.tried) == 1


async def test_a_lost_answer_is_settled_by_asking(service: Login, backend: Backend, now: float) -> None:
    backend.lost = True
    assert isinstance(await service.sign_in(Who(ADA), CODE, now), SignedIn)


async def test_a_lost_refusal_signs_nobody_in(service: Login, backend: Backend, now: float) -> None:
    backend.lost = True
    assert await service.sign_in(Who(ADA), wrong(0), now) == Refusal(Refused.UNAVAILABLE)


async def test_a_lost_refusal_revives_no_session_that_had_ended(
    redis: Redis, service: Login, backend: Backend, now: float
) -> None:
    assert isinstance(await service.sign_in(Who(ADA), CODE, now), SignedIn)
    await redis.delete(SessionKey(ADA).name)
    backend.lost = True
    assert await service.sign_in(Who(ADA), wrong(0), now) == Refusal(Refused.UNAVAILABLE)
    assert not await redis.exists(SessionKey(ADA).name)


async def test_an_outage_of_the_backend_is_no_failure(service: Login, backend: Backend, now: float) -> None:
    backend.down = Unavailable(Cause.CONNECT)
    for _ in range(4):
        assert await service.sign_in(Who(ADA), CODE, now) == Refusal(Refused.UNAVAILABLE)
    backend.down = None
    assert isinstance(await service.sign_in(Who(ADA), CODE, now), SignedIn)


async def test_an_unknown_role_gets_no_session_and_no_binding(
    redis: Redis, service: Login, backend: Backend, now: float
) -> None:
    backend.role = "emperor"
    assert await service.sign_in(Who(ADA), CODE, now) == Refusal(Refused.UNKNOWN_ROLE)
    assert not await redis.exists(SessionKey(ADA).name, IdleKey.name)
    assert backend.bound == {}


async def test_without_redis_nobody_is_signed_in(backend: Backend, now: float) -> None:
    dead = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    with pytest.raises(LoginUnavailable):
        await replica(dead, backend).sign_in(Who(ADA), CODE, now)
    assert backend.tried == []
    await dead.aclose()


async def test_the_code_is_nowhere_in_redis_nor_in_a_log(
    redis: Redis, service: Login, backend: Backend, now: float, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        await service.sign_in(Who(ADA), CODE, now)
        await service.sign_in(Who(ADA), wrong(0), now)
    stored = []
    async for key in redis.scan_iter():
        stored += [str(key), str(await redis.dump(key))]
    assert not any(secret in text for secret in (CODE, wrong(0), "jwt") for text in [*stored, caplog.text])
