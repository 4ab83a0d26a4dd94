"""What administrators end, look at and note down holds on every replica at once."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from keyboards.callbacks import Go, Press
from sandbox.telegram import Person
from services.chain import Chain
from tests.support.replicas import serving, via
from tests.support.stage import Stage, open_card, packed, press, shows, until


async def go(person: Person, address: Go) -> None:
    await person.press(address.pack(), person.last.id, timeout=10, settle=True)


async def test_a_revoked_session_is_over_on_both_replicas_at_once(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        boss = await pair.signed_in("super_admin", name="Boss")
        npo = await pair.signed_in("npo", name="Npo")
        await go(boss, Go(Press.DEED, "ss", npo.id, "rv"))
        pressed = shows(boss, "dn")
        assert pressed
        await boss.press(pressed, boss.last.id, timeout=10, settle=True)
        pair.crm.clear_requests()
        for _ in range(6):
            await npo.press(packed("li"), npo.last.id, timeout=10, settle=True)
        assert pair.crm.requests == [], "no replica used the token, none asked for a new one"
        assert shows(npo, "st") is None


async def test_looking_on_holds_on_both_replicas_from_the_first_press(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        boss = await pair.signed_in("super_admin", name="Boss")
        number = pair.pending_events()[0]
        await open_card(boss, number)
        approve = shows(boss, "ap")
        assert approve
        shown = boss.last.id
        await boss.press(Go(Press.LOOK_AS, arg="administrator").pack(), shown, timeout=10)
        for _ in range(6):
            await boss.press(approve, boss.last.id, timeout=10, settle=True)
        assert pair.crm.requests_to(f"/{number}/approve$", "POST") == []
        await go(boss, Go(Press.LOOK_END))
        await open_card(boss, number)
        await press(boss, "ap")
        assert len(pair.crm.requests_to(f"/{number}/approve$", "POST")) == 1


async def test_two_replicas_write_one_unbroken_chain(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        people = [
            await pair.signed_in("administrator", name=f"P{number}", user_id=500 + number)
            for number in range(4)
        ]
        pending = pair.pending_events()[: len(people) * 2]

        async def decide(person: Person, numbers: list[int]) -> None:
            for number in numbers:
                await open_card(person, number)
                await press(person, "ap")

        await asyncio.gather(
            *(decide(person, pending[index :: len(people)]) for index, person in enumerate(people))
        )
    async with Redis.from_url(pair.redis.url, decode_responses=True) as client:
        verdict = await Chain(client, b"s" * 32).verify()
    assert verdict.broken is None
    assert verdict.entries == len(pending)


async def test_text_typed_at_once_is_read_by_the_screen_that_the_other_replica_showed(pair: Stage):
    async with serving(pair):
        ann = await pair.signed_in("administrator")
        for number in range(8):
            via(pair, 0)
            await ann.press(packed("li"), ann.last.id)
            await until(lambda: shows(ann, "cd"), pause=0.001)
            via(pair, 1)
            await ann.send(f"zzz{number}")
            await ann.settle(10)
            # The list itself searches; the search over everything would have no filters.
            assert shows(ann, "fl"), ann.last
            assert f"zzz{number}" in ann.last.text
            await ann.press("me--", ann.last.id, timeout=8, settle=True)
