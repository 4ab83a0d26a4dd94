"""Alerts with two replicas: each thing once to each person, whoever leads; copies follow what becomes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp
import pytest

from services.lease import SECONDS as LEASE
from tests.flows.hand import Hand
from tests.support.alerted import (
    SOON,
    a_minute_passes,
    change,
    decidable,
    kept,
    lead_lapses,
    naming,
    press,
    watching,
)
from tests.support.deciding import calls, submit
from tests.support.replicas import serving
from tests.support.stage import Stage, until

QUICK = {"ALERTS_EVERY": "1"}
SELDOM = {"ALERTS_EVERY": "3600"}
FOLLOWS_WITHIN = 5.0


async def told(hands: list[Hand], title: str, within: float = SOON) -> None:
    """Returns when everybody was alerted of it."""
    await until(lambda: all(naming(hand, title) for hand in hands), within)


async def once(hands: list[Hand], *titles: str) -> None:
    """Fails when somebody was told of one of them not at all, or twice."""
    await asyncio.sleep(3.5)
    for hand in hands:
        assert {title: len(naming(hand, title)) for title in titles} == dict.fromkeys(titles, 1)


async def watchers(stage: Stage) -> list[Hand]:
    return [
        await watching(stage, "administrator", 7001),
        await watching(stage, "super_admin", 7002, "Bek"),
    ]


async def test_each_item_is_told_once_to_each_while_two_replicas_look(pair: Stage):
    async with serving(pair, **QUICK):
        hands = await watchers(pair)
        titles = [f"Форум {number}" for number in range(4)]
        for title in titles:
            submit(pair, title)
            await told(hands, title)
            a_minute_passes(pair, *hands)
            # The lead changes hands again and again.
            lead_lapses(pair)
        await once(hands, *titles)
        assert all(decidable(hand, naming(hand, title)[0]) for hand in hands for title in titles)


async def test_the_leader_is_killed_between_its_looks_and_another_takes_over(pair: Stage):
    async with pair.bot(0, **QUICK) as leader:
        await pair.registered()
        hands = await watchers(pair)
        submit(pair, "Алғашқы")
        await told(hands, "Алғашқы")
        a_minute_passes(pair, *hands)
        async with pair.bot(1, **QUICK):
            submit(pair, "Ортаншы")
            await leader.kill()
            await told(hands, "Ортаншы", LEASE + SOON)
            a_minute_passes(pair, *hands)
            submit(pair, "Соңғы")
            await told(hands, "Соңғы")
            await once(hands, "Алғашқы", "Ортаншы", "Соңғы")


async def test_killed_while_it_tells_nobody_is_told_twice(pair: Stage):
    """Between the note and the message a kill leaves an item untold: the inbox has it. It never comes twice."""
    async with pair.bot(0, **QUICK):
        await pair.registered()
        hands = await watchers(pair)
    titles = []
    pair.telegram.faults.add("latency", method="sendMessage", seconds=0.15)
    for number in range(6):
        titles.append(f"Жиын {number}")
        submit(pair, titles[-1])
        a_minute_passes(pair, *hands)
        lead_lapses(pair)
        async with pair.bot(number % 2, **QUICK):
            await asyncio.sleep(1.9 + 0.12 * number)
    lead_lapses(pair)
    async with pair.bot(0, **QUICK):
        submit(pair, "Ақырғы")
        a_minute_passes(pair, *hands)
        await told(hands, "Ақырғы")
        await asyncio.sleep(3.5)
    for hand in hands:
        counted = {title: len(naming(hand, title)) for title in titles}
        assert max(counted.values()) == 1, counted


async def alerted(stage: Stage, title: str) -> tuple[int, list[Hand]]:
    """A new record, and those who were alerted of it."""
    async with serving(stage, **QUICK):
        hands = await watchers(stage)
        number = submit(stage, title)
        await told(hands, title)
    lead_lapses(stage)
    return number, hands


async def seconds_until(holds: Callable[[], bool]) -> float:
    began = time.monotonic()
    await until(holds, 12.0, 0.05)
    return time.monotonic() - began


@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_copies_follow_what_the_web_decides(pair: Stage, verb: str):
    """Also when whoever sent them is gone, and the next look for what is new is far away."""
    number, hands = await alerted(pair, "Вебтегі шешім")
    async with serving(pair, **SELDOM):
        # The first look of a new leader is over.
        await asyncio.sleep(4.0)
        assert all(decidable(hand, naming(hand, "Вебтегі шешім")[0]) for hand in hands)
        token = pair.crm.token("super_admin")
        # One comes and one goes at the same time: no sum tells of it.
        submit(pair, "Тағы біреу")
        # As the web does it; what the bot sends is looked at elsewhere.
        headers = {"Authorization": f"Bearer {token}", "X-Sandbox-Page": "1"}
        async with aiohttp.ClientSession(headers=headers) as http:
            url = f"{pair.crm.url}/api/v2/events/admin/moderation/{number}/{verb}"
            async with http.post(url) as answer:
                assert answer.status == 200, await answer.text()
        word = hands[0].t(f"alerts.in_crm.{'approved' if verb == 'approve' else 'rejected'}")
        took = await seconds_until(
            lambda: all(word in naming(hand, "Вебтегі шешім")[0].text for hand in hands)
        )
        assert took < FOLLOWS_WITHIN, f"followed after {took:.1f} s"
        assert not any(decidable(hand, naming(hand, "Вебтегі шешім")[0]) for hand in hands)


async def test_copies_follow_what_the_bot_decides(pair: Stage):
    number, (ann, bek) = await alerted(pair, "Боттағы шешім")
    async with serving(pair, **SELDOM):
        await asyncio.sleep(4.0)
        await press(ann, naming(ann, "Боттағы шешім")[0], "card.approve")
        await until(lambda: calls(pair)[number] == 1, 15)
        name = pair.crm.admin("administrator").name
        took = await seconds_until(lambda: name in naming(bek, "Боттағы шешім")[0].text)
        assert took < FOLLOWS_WITHIN, f"followed after {took:.1f} s"
        assert not decidable(bek, naming(bek, "Боттағы шешім")[0])
        assert calls(pair) == {number: 1}


async def test_the_digest_of_a_day_comes_once_whoever_leads(pair: Stage):
    async with serving(pair, **QUICK):
        hand = await watching(pair, "administrator", 7001)
        # Midnight has always been today.
        change(pair, hand, digest="0")
        for title in ("Бірінші", "Екінші"):
            submit(pair, title)
        for _ in range(4):
            lead_lapses(pair)
            await asyncio.sleep(1.2)
        await until(lambda: kept(pair, hand)["digest_day"], SOON)
        await asyncio.sleep(3.0)
        why = hand.t("alerts.why_digest")
        assert len([one for one in hand.person.bot_messages if why in one.text]) == 1
        # Nothing else comes beside it.
        assert not any(decidable(hand, one) for one in hand.person.bot_messages)


async def test_what_came_while_it_was_quiet_is_told_once_afterwards(pair: Stage):
    async with serving(pair, **QUICK):
        hand = await watching(pair, "administrator", 7001)
        change(pair, hand, quiet="0-24")
        submit(pair, "Түнгі")
        lead_lapses(pair)
        await asyncio.sleep(4.0)
        assert naming(hand, "Түнгі") == []
        change(pair, hand, quiet="")
        await told([hand], "Түнгі")
        lead_lapses(pair)
        await once([hand], "Түнгі")


async def test_who_mutes_or_stops_on_one_replica_is_left_alone_by_the_other(pair: Stage):
    async with serving(pair, **QUICK):
        hand = await watching(pair, "administrator", 7001)
        other = await watching(pair, "super_admin", 7002, "Bek")
        change(pair, hand, muted_until=time.time() + 600)
        submit(pair, "Үнсіз")
        await told([other], "Үнсіз")
        await asyncio.sleep(3.0)
        assert naming(hand, "Үнсіз") == []
        await hand.say("/settings")
        await hand.tap("alerts.title", "alerts.turn_off")
        lead_lapses(pair)
        submit(pair, "Өшірулі")
        await until(lambda: naming(other, "Өшірулі"), SOON)
        await asyncio.sleep(3.0)
        assert naming(hand, "Өшірулі") == []
        with pair.redis.client() as client:
            assert client.hkeys("alerts:people") == [str(other.person.id)]
