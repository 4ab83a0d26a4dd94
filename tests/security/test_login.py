"""Codes: how often one may try, what is deleted, what never shows anywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import os

import pytest

from sandbox.telegram import Person
from tests.support.stage import SECRET, TOKEN, Stage, packed, shows

WRONG = "ABCD2345"
BUDGET = 30


def _verified(stage: Stage) -> int:
    return len(stage.crm.requests_to("/verify-otp$"))


def _wrong(number: int) -> str:
    """A well-formed code that nobody has."""
    letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
    return "ZZ" + "".join(letters[number // 31**place % 31] for place in range(6))


SPELLINGS = (
    lambda code: code,
    lambda code: code.lower(),
    lambda code: " ".join(code),
    lambda code: f"{code[:4]}-{code[4:]}",
    lambda code: "".join(chr(ord(char) + 0xFEE0) for char in code),
    lambda code: code.replace("A", "А").replace("B", "В"),
    lambda code: code.title(),
)


async def test_the_sixth_try_in_a_minute_never_reaches_the_backend(pair: Stage):
    ann = pair.telegram.person("Ann", language_code="en")
    async with pair.bot(0):
        async with pair.bot(1):
            await pair.registered()
            for number in range(3):
                await ann.send(f"/login {_wrong(number)}")
                await ann.settle(8)
        # One replica is gone and comes back without any memory of its own.
        async with pair.bot(1):
            for number in range(3, 12):
                await ann.send(f"/login {SPELLINGS[number % len(SPELLINGS)](_wrong(number))}")
                await ann.settle(8)
            await ann.send(f"/start otp_{_wrong(20)}")
            await ann.send(_wrong(21))
            await ann.settle(8)
            sent = await ann.send(f"/login {_wrong(22)}")
            assert sent
            await ann.settle(8)
            assert _verified(pair) == 5
            # Not even the right one works now: whoever guesses does not learn that it was right.
            await ann.send(f"/login {pair.crm.otp('administrator')}")
            await ann.settle(8)
    assert _verified(pair) == 5
    assert shows(ann, "li") is None


async def test_every_spelling_counts_and_an_edit_is_no_try(polled: Stage):
    async with polled.bot_here():
        for index, spell in enumerate(SPELLINGS):
            person = polled.telegram.person(f"P{index}", user_id=7100 + index, language_code="en")
            await person.send(f"/login {spell(polled.crm.otp('administrator'))}")
            await person.settle(8)
            assert shows(person, "li"), spell("ABCD2345")
        before = _verified(polled)
        eve = polled.telegram.person("Eve", language_code="en")
        await eve.send("hello")
        await eve.settle(8)
        await eve.send("second")
        number = eve.messages[-1].id
        polled.telegram.state.updates.allowed = None
        await eve.edit(number, f"/login {polled.crm.otp('administrator')}")
        await eve.settle(8)
        assert _verified(polled) == before
        assert shows(eve, "li") is None


async def test_a_crowd_with_one_wrong_code_each_meets_the_bot_wide_budget(polled: Stage):
    async with polled.bot_here():
        admin = await polled.signed_in("administrator")
        before = _verified(polled)
        crowd = [
            polled.telegram.person(f"E{index}", user_id=8000 + index, language_code="en")
            for index in range(200)
        ]
        for index, person in enumerate(crowd):
            await person.send(f"/login {_wrong(index)}")
        await polled.telegram.settle(60)
        assert _verified(polled) - before == BUDGET
        assert all(person.bot_messages for person in crowd)
        await admin.press(packed("li"), admin.last.id, timeout=8, settle=True)
        assert shows(admin, "cd")


async def test_one_code_sent_twice_at_once_is_verified_once(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        ann, eve = (pair.telegram.person(name, language_code="en") for name in ("Ann", "Eve"))
        code = pair.crm.otp("administrator")
        pair.crm.faults.add("delay", "/verify-otp$", delay=0.4)
        await asyncio.gather(
            ann.send(f"/login {code}"), eve.send(f"/login {code}"), ann.send(f"/login {code}")
        )
        await pair.telegram.settle(15)
    assert _verified(pair) == 1
    with pair.redis.client() as client:
        assert len(client.keys("tg_session:*")) == 1


@pytest.mark.parametrize("outcome", ["right", "wrong", "backend down", "malformed", "start link", "bare"])
async def test_the_message_with_the_code_is_deleted(outcome: str, polled: Stage):
    async with polled.bot_here():
        ann = polled.telegram.person("Ann", language_code="en")
        code = polled.crm.otp("administrator")
        text = {
            "wrong": f"/login {WRONG}",
            "malformed": "/login ABC",
            "start link": f"/start otp_{code}",
            "bare": code,
        }.get(outcome, f"/login {code}")
        if outcome == "backend down":
            polled.crm.faults.add("hang", "/verify-otp$")
        await ann.send(text)
        number = ann.messages[-1].id
        await ann.settle(12)
        assert number not in [message.id for message in ann.messages]
        assert ann.bot_messages


class Secrets:
    """Everything that must show nowhere."""

    def __init__(self, *known: str) -> None:
        self.known = {value for value in known if value}

    def in_text(self, text: str) -> list[str]:
        return [value for value in self.known if value in text]


async def test_no_secret_in_logs_metrics_or_redis(hooked: Stage):
    key = os.urandom(32).hex()
    async with hooked.bot(
        LOG_LEVEL="DEBUG", SESSION_KEYS=key, TELEGRAM_BOT_LINK_SECRET="s3cret-of-the-link"
    ) as bot:
        await hooked.registered()
        codes = [hooked.crm.otp(login) for login in ("administrator", "npo", "super_admin")]
        people = [hooked.telegram.person(f"P{index}", language_code="en") for index in range(3)]
        await people[0].send(f"/login {codes[0]}")
        await people[1].start(f"otp_{codes[1]}")
        hooked.crm.faults.add("status", "/verify-otp$", status=500, times=1)
        await people[2].send(codes[2])
        spaced = " ".join(hooked.crm.otp("government"))
        await people[2].send(f"/login {spaced}")
        await people[0].send(f"/login {WRONG}")
        await hooked.telegram.settle(15)
        hooked.crm.expire_tokens()
        await people[0].press(packed("li"), people[0].last.id, timeout=8, settle=True)
        hooked.crm.faults.add("broken_json", "/events")
        await people[0].press(packed("cd", 7), people[0].last.id, timeout=8, settle=True)
        await people[0].send("/logout")
        await hooked.telegram.settle(15)
        metrics = (await bot.get("/metrics"))[1]
        log = bot.log.read_text()
        stored = json.dumps(hooked.redis.dump(), default=str, ensure_ascii=False)
    tokens = [
        request.headers.get("authorization", "").removeprefix("Bearer ") for request in hooked.crm.requests
    ]
    jwts = [token for token in tokens if token]
    assert jwts
    assert "eyJ" not in stored + log + metrics
    secrets = Secrets(
        *codes, *jwts, WRONG, spaced, spaced.replace(" ", ""), TOKEN, TOKEN.split(":")[1], SECRET, key,
        "s3cret-of-the-link",
    )  # fmt: skip
    assert secrets.in_text(log) == []
    assert secrets.in_text(metrics) == []
    assert secrets.in_text(stored) == []
    assert any(line.get("level") == "debug" for line in bot.lines), "not logging at DEBUG proves nothing"


async def test_a_session_copied_to_another_persons_key_is_refused(polled: Stage):
    async with polled.bot_here():
        await polled.signed_in("super_admin")
        eve = polled.telegram.person("Eve", language_code="en")
        await eve.send("/start")
        await eve.settle(8)
        with polled.redis.client() as client:
            blob = json.loads(client.get("tg_session:1001"))
            client.set(f"tg_session:{eve.id}", json.dumps(blob))
            polled.crm.clear_requests()
            await _refused(polled, eve)
            client.set(f"tg_session:{eve.id}", json.dumps(blob | {"telegram_user_id": eve.id}))
            await _refused(polled, eve)


async def _refused(stage: Stage, person: Person) -> None:
    await person.press(packed("li"), person.last.id, timeout=8, settle=True)
    assert shows(person, "cd") is None
    assert not [request for request in stage.crm.requests if "authorization" in request.headers]


async def test_a_rotated_key_still_reads_old_sessions_and_a_dropped_one_does_not(polled: Stage):
    old, new = os.urandom(32).hex(), base64.b64encode(os.urandom(32)).decode()
    async with polled.bot_here(SESSION_KEYS=old):
        ann = await polled.signed_in("administrator")
    verified = _verified(polled)
    async with polled.bot_here(SESSION_KEYS=f"{new},{old}"):
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert shows(ann, "cd")
    polled.crm.clear_requests()
    async with polled.bot_here(SESSION_KEYS=os.urandom(32).hex()):
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        spoken = [r for r in polled.crm.requests if "authorization" in r.headers]
        assert shows(ann, "cd") is None
        assert spoken == []
    assert verified == 1
