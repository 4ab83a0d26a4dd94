"""Every button pressed by everyone, and anything that only looks like a button."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keyboards.callbacks import Go, Press
from sandbox.telegram import Person
from tests.support.contract import outside
from tests.support.stage import Stage, addresses, packed

CALLBACKS = int(os.environ.get("FUZZ_CALLBACKS", "3000"))
SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
ROLES = ("super_admin", "administrator", "government", "npo", "msb", "volunteer_admin", "client")
OPS = tuple(str(op) for op in Press)
WRITES = ("ap", "rj", "dx", "sv", "bx")
ENDING = ("so", "lo")
SCREENS = 45


async def _walk(person: Person, number: int, screens: int = SCREENS) -> list[str]:
    """Addresses of all buttons within reach, the writing ones among them but not pressed."""
    found: dict[str, None] = {}
    waiting = [packed("cd", number), packed("de", number), packed("du", number), packed("li"), "me--"]
    seen: set[str] = set()
    kinds: Counter[str] = Counter()
    while waiting and len(seen) < screens:
        data = waiting.pop(0)
        kind = data[:4]
        if data in seen or kinds[kind] >= 3 or data[:2] in (*WRITES, *ENDING):
            continue
        seen.add(data)
        kinds[kind] += 1
        await person.press(data, person.last.id, timeout=8, settle=True)
        for one in addresses(person.last):
            found[one] = None
            waiting.append(one)
    return list(found)


async def _press_all(stage: Stage, person: Person, data: list[str]) -> None:
    """Presses everything, ten at a time, and holds each press to exactly one answer."""
    stage.telegram.clear_calls()
    queries = []
    for start in range(0, len(data), 10):
        for one in data[start : start + 10]:
            queries.append((await person.press(one, person.last.id)).query_id)
        await person.settle(20)
    _answered_once(stage, queries)


def _answered_once(stage: Stage, queries: list[str]) -> None:
    answers = Counter(
        call.params["callback_query_id"] for call in stage.telegram.calls.of("answerCallbackQuery")
    )
    assert [query for query in queries if answers[query] != 1] == []


@pytest.fixture
async def walked(polled: Stage):
    """A bot, an administrator who saw every screen, and the addresses on them."""
    async with polled.bot_here(LOGIN_RATE_LIMIT="100/min") as log:
        ann = await polled.signed_in("administrator", user_id=3001)
        number = polled.pending_events()[0]
        data = await _walk(ann, number)
        assert {one[:2] for one in data} >= {"li", "cd", "ap", "rj", "dx", "sv", "ed"}, data
        assert polled.writes == []
        polled.crm.clear_requests()
        yield polled, ann, data
    assert "Traceback" not in log.getvalue()


async def test_every_button_pressed_by_every_other_person_writes_nothing(walked):
    stage, _, seen = walked
    # One button of each kind, and all that write.
    data = [*{one[:2]: one for one in seen if one[:2] not in (*WRITES, *ENDING)}.values()]
    data += [one for one in seen if one[:2] in WRITES]
    for index, role in enumerate((*ROLES, "administrator2")):
        other = await stage.signed_in(role, name=role, user_id=3100 + index)
        await _press_all(stage, other, data)
        assert [f"{r.method} {r.path}" for r in stage.writes] == [], role
    assert _clicked(stage)
    guest = stage.telegram.person("Guest", user_id=3200, language_code="en")
    await guest.send("/start")
    await guest.settle(8)
    stage.crm.clear_requests()
    await _press_all(stage, guest, data)
    assert _clicked(stage) == []


def _clicked(stage: Stage) -> list[str]:
    """What updates asked the CRM for, by the update's number in their ids: jobs, which read each minute for whoever is
    signed in, have ids of their own."""
    return [
        one.path
        for one in stage.crm.requests
        if one.headers.get("x-request-id", "")[:1].isdigit() and "telegram-auth" not in one.path
    ]


async def test_every_button_after_signing_out_and_in_again_writes_nothing(walked):
    stage, ann, data = walked
    await ann.press("so--", ann.last.id, timeout=8, settle=True)
    stage.crm.clear_requests()
    await _press_all(stage, ann, data)
    assert [r.path for r in stage.crm.requests if "telegram-auth" not in r.path] == []
    ann = await stage.signed_in("administrator", user_id=3001)
    await _press_all(stage, ann, data)
    assert [f"{r.method} {r.path}" for r in stage.writes] == []


async def test_every_button_after_a_change_of_role_writes_nothing(walked):
    stage, ann, data = walked
    pressed = [one for one in data if one[:2] in WRITES and one[:2] != "sv"]
    for role in ("volunteer_admin", "npo", "government", "client", None):
        # A role is good for a minute: this one is older.
        stage.crm.set_role("administrator", role)
        stage.age(ann)
        await _press_all(stage, ann, pressed)
        assert [f"{r.method} {r.path}" for r in stage.writes] == [], role
        stage.crm.set_role("administrator", "administrator")
        ann = await stage.signed_in("administrator", user_id=3001)
        pressed = [one for one in await _walk(ann, stage.pending_events()[0], 12) if one[:2] in WRITES[:3]]
        assert pressed


async def test_every_button_after_the_admin_was_removed_changes_nothing(walked):
    stage, ann, data = walked
    before = stage.crm.events()
    stage.crm.delete_admin("administrator")
    await _press_all(stage, ann, [one for one in data if one[:2] in (*WRITES, "de", "cd", "li")])
    assert stage.crm.events() == before
    assert "session has ended" in ann.last.text or "/login" in ann.last.text, ann.last


def _drawn(strategy: st.SearchStrategy[str], many: int) -> list[str]:
    drawn: list[str] = []

    @settings(max_examples=many, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(value: str) -> None:
        drawn.append(value)

    draw()
    return [value for value in dict.fromkeys(drawn) if value and len(value.encode()) <= 64]


ANYTHING = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=64)


async def test_tampered_addresses_write_nothing_and_stay_inside_the_contract(walked):
    stage, ann, data = walked
    near = st.builds(
        _swap,
        st.sampled_from(data),
        st.sampled_from((None, *OPS)),
        st.sampled_from((None, 0, 1, 2, 7, 99, 10**9, 36**12 - 1)),
        st.sampled_from((None, "", "pt", "ti0", "ev999", "_", "9" * 20)),
        st.sampled_from(("", "A" * 14, "-" * 14, "_" * 16)),
    )
    await _press_all(stage, ann, _drawn(ANYTHING, 150))
    await _press_all(stage, ann, [one for one in _drawn(near, 350) if one[:2] not in ENDING])
    assert [f"{r.method} {r.path}" for r in stage.writes] == []
    assert outside(stage.crm.requests) == []


async def test_a_key_drawn_for_one_thing_is_good_for_nothing_else(walked):
    stage, ann, data = walked
    keyed = [Go.unpack(one) for one in data if one[:2] in WRITES]
    tampered = [
        Go(op, go.res, record, go.arg, go.view, go.key).pack()
        for go in keyed
        if go is not None and go.key
        for op in WRITES
        for record in (go.id, go.id + 1, 2)
        if (op, record) != (go.op, go.id) and op != "bx"
    ]
    assert tampered
    await _press_all(stage, ann, tampered)
    assert [f"{r.method} {r.path}" for r in stage.writes] == []


def _swap(base: str, op: str | None, record: int | None, arg: str | None, key: str) -> str:
    go = Go.unpack(base)
    if go is None:
        return base
    try:
        return Go(
            op or go.op,
            go.res,
            go.id if record is None else record,
            go.arg if arg is None else arg,
            go.view,
            key,
        ).pack()
    except ValueError:
        return "x"


async def test_random_presses_of_every_role_are_each_answered_once(polled: Stage):
    source = random.Random(20_26)
    async with polled.bot_here(LOG_LEVEL="ERROR") as log:
        people = [await polled.signed_in(role, name=role, user_id=4000 + i) for i, role in enumerate(ROLES)]
        guest = polled.telegram.person("Guest", user_id=4100, language_code="kk")
        await guest.send("/start")
        await guest.settle(8)
        people.append(guest)
        pressed, ends = 0, time.monotonic() + SECONDS
        while pressed < CALLBACKS and time.monotonic() < ends:
            polled.telegram.clear_calls()
            polled.crm.clear_requests()
            queries = [
                (
                    await person.press(_random(source), person.last.id, inaccessible=source.random() < 0.05)
                ).query_id
                for person in people
                for _ in range(12)
            ]
            pressed += len(queries)
            await polled.telegram.settle(30, 0.01)
            _answered_once(polled, queries)
            assert [f"{r.method} {r.path}" for r in polled.writes] == []
            assert outside(polled.crm.requests) == []
            await asyncio.gather(*(_back_in(polled, p, r) for p, r in zip(people[:-1], ROLES, strict=True)))
        print(f"\nfuzz: {pressed} presses by {len(people)} people, each answered once")  # noqa: T201
    assert "Traceback" not in log.getvalue(), log.getvalue()[-3000:]
    assert '"level":"error"' not in log.getvalue(), log.getvalue()[-3000:]


async def _back_in(stage: Stage, person: Person, role: str) -> None:
    """Whoever signed out by chance signs in again."""
    if not stage.redis.holds(f"tg_session:{person.id}"):
        await person.send(f"/login {stage.crm.otp(role)}")
        await person.settle(8)


def _random(source: random.Random) -> str:
    if source.random() < 0.15:
        return "".join(chr(source.randrange(1, 0x500)) for _ in range(source.randrange(1, 33)))[:32]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
    word = "".join(source.choice(letters) for _ in range(source.randrange(0, 12)))
    record = source.choice((0, 1, 7, source.randrange(210), source.randrange(36**11)))
    go = Go(
        source.choice(OPS),
        source.choice(("ev", "ev", "ev", "", "zz")),
        record,
        source.choice(("", "pt", "tit", "1", word)),
        source.choice(("", "", "2", "1-0", word)),
        source.choice(("", "", "A" * 14)),
    )
    try:
        return go.pack()
    except ValueError:
        return "x"
