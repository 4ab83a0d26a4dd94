"""A backend that refuses, breaks, hangs, lies: bounded, told once with a way on, and well again afterwards."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web

from keyboards.callbacks import Go
from sandbox.telegram import Person
from tests.faults.figures import Figures
from tests.support.proxy import TcpProxy
from tests.support.stage import Stage, addresses, answered, open_card, packed, shows, until

DEADLINE = 8.0
ANSWERED_WITHIN = 1.0

READS: dict[str, tuple[str, dict[str, Any], int]] = {
    "500": ("status", {"status": 500}, 1),
    "503": ("status", {"status": 503}, 3),
    "503 come later": ("status", {"status": 503, "retry_after": 30}, 1),
    "429": ("status", {"status": 429, "retry_after": 30}, 1),
    "hangs": ("hang", {}, 1),
    "reset": ("reset", {}, 2),
    "cut": ("cut", {}, 2),
    "html": ("html", {}, 1),
    "broken json": ("broken_json", {}, 1),
    "wrong types": ("wrong_types", {}, 1),
    "redirect": ("redirect", {}, 1),
    "huge": ("huge", {"size": 32 * 1024 * 1024}, 1),
    "drips": ("drip", {}, 1),
}
"""Fault, its options, and how often a read is sent before the person is told."""


async def _told(person: Person, data: str) -> tuple[float, float]:
    """Presses; seconds until the answer and until the screen that tells of trouble."""
    before = person.last
    toast = await answered(person, data)
    shown = await _seconds(lambda: person.last != before or None)
    await person.settle(10)
    return toast, toast + shown


async def _seconds(holds: Any) -> float:
    began = time.monotonic()
    await until(holds, within=12, pause=0.01)
    return time.monotonic() - began


async def _well_again(stage: Stage, person: Person, data: str) -> None:
    """The next clicks work; the breaker may keep its promise of a quick no for a moment."""
    stage.crm.faults.clear()
    for _ in range(30):
        await person.press(data, person.last.id, timeout=8, settle=True)
        if shows(person, "cd"):
            return
        await asyncio.sleep(0.5)
    raise AssertionError(person.last)


@pytest.mark.parametrize("fault", READS)
async def test_a_read_that_fails_is_told_once_with_retry(fault: str, polled: Stage, figures: Figures):
    kind, options, tries = READS[fault]
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        menu = ann.last
        polled.crm.faults.add(kind, "/events", **options)
        polled.crm.clear_requests()
        toast, shown = await _told(ann, packed("li"))
        sent = len([r for r in polled.crm.requests if r.path.endswith("/list")])
        figures.note(
            f"read, {fault}", answered_in_s=round(toast, 2), seconds_to_text=round(shown, 2), sent=sent
        )
        assert toast < ANSWERED_WITHIN
        assert shown < DEADLINE
        assert packed("li") in addresses(ann.last), ann.last
        assert len(ann.bot_messages) == 1
        assert ann.last.text != menu.text
        assert 1 <= sent <= max(tries, 1) * (1 if fault != "cut" else 2), sent
        if tries > 1:
            assert sent > 1
        await _well_again(polled, ann, packed("li"))
    assert "Traceback" not in log.getvalue()


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "500": ("status", {"status": 500}),
    "500 after the work": ("status", {"status": 500, "after": True}),
    "hangs": ("hang", {}),
    "hangs after the work": ("hang", {"after": True}),
    "reset": ("reset", {}),
    "reset after the work": ("reset", {"after": True}),
    "cut": ("cut", {}),
    "html": ("html", {}),
    "html after the work": ("html", {"after": True}),
    "broken json": ("broken_json", {}),
    "wrong types": ("wrong_types", {}),
    "503": ("status", {"status": 503, "retry_after": 30}),
    "429": ("status", {"status": 429, "retry_after": 30}),
    "redirect": ("redirect", {}),
}


@pytest.mark.parametrize("fault", WRITES)
async def test_a_write_is_sent_once_and_a_second_press_settles_it(
    fault: str, polled: Stage, figures: Figures
):
    kind, options = WRITES[fault]
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        before = len(polled.crm.events())
        await ann.press(packed("du", 3), ann.last.id, timeout=8, settle=True)
        save = shows(ann, "sv")
        assert save
        polled.crm.faults.add(kind, "/create$", method="POST", **options)
        toast, shown = await _told(ann, save)
        assert toast < ANSWERED_WITHIN
        assert shown < DEADLINE
        assert len(polled.crm.requests_to("/create$", "POST")) == 1
        assert ann.last.keyboard, ann.last
        assert len(ann.bot_messages) == 1
        polled.crm.faults.clear()
        title = polled.event(3)["title"]
        for _ in range(30):
            if len(polled.crm.events()) > before and shows(ann, "ed"):
                break
            await ann.press(save, ann.last.id, timeout=10, settle=True)
            await asyncio.sleep(0.3)
        created = polled.crm.events()[before:]
        figures.note(
            f"write, {fault}", seconds_to_text=round(shown, 2), lost=int(not created),
            doubled=max(0, len(created) - 1),
        )  # fmt: skip
        assert [event["title"] for event in created] == [title], ann.last
        assert shows(ann, "ed"), ann.last
    assert "Traceback" not in log.getvalue()


async def test_a_decision_whose_answer_is_lost_is_read_back_and_not_sent_twice(polled: Stage):
    async with polled.bot_here():
        ann = await polled.signed_in("administrator")
        number = polled.pending_events()[0]
        await open_card(ann, number)
        data = shows(ann, "ap")
        assert data
        polled.crm.faults.add("reset", "/approve$", method="POST", after=True)
        for _ in range(3):
            await ann.press(data, ann.last.id, timeout=10, settle=True)
        assert len(polled.crm.requests_to("/approve$", "POST")) == 1
        assert polled.event(number)["moderation_status"] == "approved"
        assert "✅" in ann.last.text or "pproved" in ann.last.text, ann.last


async def test_a_refused_connection_is_told_and_a_write_may_be_pressed_again(polled: Stage):
    port = int(polled.crm.url.rpartition(":")[2])
    proxy = TcpProxy(port)
    async with proxy, polled.bot_here(TABYS_API_URL=f"http://127.0.0.1:{proxy.port}") as log:
        ann = await polled.signed_in("administrator")
        number = polled.pending_events()[0]
        await open_card(ann, number)
        data = shows(ann, "ap")
        assert data
        await proxy.refuse()
        toast, shown = await _told(ann, data)
        assert toast < ANSWERED_WITHIN
        assert shown < DEADLINE
        assert polled.writes == []
        await proxy.open()
        for _ in range(20):
            await ann.press(data, ann.last.id, timeout=10, settle=True)
            if polled.event(number)["moderation_status"] == "approved":
                break
            await asyncio.sleep(0.3)
        assert len(polled.crm.requests_to("/approve$", "POST")) == 1
    assert "Traceback" not in log.getvalue()


async def test_after_a_refused_write_the_very_next_press_is_no_longer_pending(polled: Stage):
    async with polled.bot_here():
        ann = await polled.signed_in("administrator")
        number = polled.pending_events()[0]
        await open_card(ann, number)
        await ann.press(packed("de", number), ann.last.id, timeout=8, settle=True)
        data = shows(ann, "dx")
        assert data
        polled.crm.faults.add("status", "/events/admin/", method="GET", status=500, times=1)
        await ann.press(data, ann.last.id, timeout=8, settle=True)
        assert number in [event["id"] for event in polled.crm.events()]
        await ann.press(data, ann.last.id, timeout=8, settle=True)
        assert number not in [event["id"] for event in polled.crm.events()], (ann.last, ann.alerts)


async def test_the_token_never_reaches_another_host(polled: Stage):
    seen: list[Any] = []

    async def elsewhere(request: web.BaseRequest) -> web.Response:
        seen.append(dict(request.headers))
        return web.json_response([])

    runner = web.ServerRunner(web.Server(elsewhere), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        async with polled.bot_here():
            ann = await polled.signed_in("administrator")
            number = polled.pending_events()[0]
            await open_card(ann, number)
            data = shows(ann, "ap")
            assert data
            polled.crm.faults.add("redirect", ".*", location=f"http://127.0.0.1:{port}/stolen")
            await ann.press(packed("li"), ann.last.id, timeout=10, settle=True)
            await ann.press(packed("cd", 7), ann.last.id, timeout=10, settle=True)
            await ann.press(data, ann.last.id, timeout=10, settle=True)
    finally:
        await runner.cleanup()
    assert seen == []


async def test_one_slow_person_does_not_slow_the_others(polled: Stage):
    async with polled.bot_here():
        people = [
            await polled.signed_in(login, name=login) for login in ("administrator", "super_admin", "npo")
        ]
        slow, others = people[0], people[1:]
        polled.crm.faults.add("hang", "/events/admin/77$")
        await slow.press(packed("cd", 77), slow.last.id)
        slowest = 0.0
        for _ in range(20):
            for person in others:
                slowest = max(slowest, await answered(person, "me--"))
        assert slowest < ANSWERED_WITHIN
        await slow.settle(10)
        assert slow.unanswered == []
        assert packed("cd", 77) in addresses(slow.last)


@pytest.mark.parametrize("trouble", ["unknown name", "black hole", "slow drip", "lost answers", "latency"])
async def test_trouble_on_the_way_is_told_in_time_and_over_when_it_is_over(
    trouble: str, polled: Stage, figures: Figures
):
    port = int(polled.crm.url.rpartition(":")[2])
    async with TcpProxy(port) as proxy:
        # A name that no resolver knows, by RFC 6761; everything else goes through the proxy.
        host = "backend.invalid" if trouble == "unknown name" else "127.0.0.1"
        async with polled.bot_here() as _:
            ann = await polled.signed_in("administrator")
        async with polled.bot_here(TABYS_API_URL=f"http://{host}:{proxy.port}") as log:
            if trouble == "black hole":
                proxy.swallow()
            elif trouble == "slow drip":
                proxy.drip = 0.5
            elif trouble == "lost answers":
                proxy.swallow_answers()
            elif trouble == "latency":
                proxy.delay = 0.2
            toast, shown = await _told(ann, packed("li"))
            figures.note(trouble, answered_in_s=round(toast, 2), seconds_to_text=round(shown, 2))
            assert toast < ANSWERED_WITHIN
            assert shown < DEADLINE
            assert ann.unanswered == []
            if trouble == "latency":
                assert shows(ann, "cd"), ann.last
            else:
                assert packed("li") in addresses(ann.last), ann.last
            if trouble != "unknown name":
                proxy.calm()
                await _well_again(polled, ann, packed("li"))
        assert "Traceback" not in log.getvalue()


async def _there_and_back(person: Person, data: str) -> float:
    """Seconds until a list is shown; then the menu again. Polling confirms in order, so that is not waited for."""
    began = time.monotonic()
    await person.press(data, person.last.id)
    await until(lambda: shows(person, "cd"))
    took = time.monotonic() - began
    await person.press("me--", person.last.id)
    await until(lambda: not shows(person, "cd"))
    return took


async def test_a_slow_module_leaves_the_others_alone(polled: Stage, figures: Figures):
    async with polled.bot_here():
        people = [
            await polled.signed_in(login, name=login)
            for login in ("administrator", "super_admin", "government")
        ]
        other = people[1]
        quick = Go("li", "nw").pack()
        calm = [await _there_and_back(other, quick) for _ in range(5)]
        polled.crm.faults.add("hang", "/events")
        for _ in range(3):
            await people[0].press(packed("li"), people[0].last.id)
        slow = [await _there_and_back(other, quick) for _ in range(10)]
        figures.note(
            "one module hangs", other_module_calm_ms=round(1000 * max(calm)),
            other_module_slowest_ms=round(1000 * max(slow)),
        )  # fmt: skip
        assert max(slow) < DEADLINE / 2
