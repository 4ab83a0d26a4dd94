"""Telegram that floods, breaks, resets, refuses: no lost update, no endless loop, never an error to the person."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.stage import Stage, answered, open_card, packed, press, shows, until

TROUBLE = ("went wrong", "did not work")


def _quiet(log: str) -> bool:
    """True when the bot logged no traceback; the sandbox, in the same process, logs the connections it resets."""
    return not any(
        "Traceback" in line and '"logger":"aiohttp.server"' not in line for line in log.splitlines()
    )


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "empty", "reset"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_one_bad_answer_to_the_screen_does_not_lose_it(kind: str, after: bool, polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        polled.telegram.faults.add(kind, method="editMessage.*|sendMessage", times=1, after=after)
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        await until(lambda: shows(ann, "cd"), within=4)
        assert ann.unanswered == []
        polled.telegram.faults.add(kind, method="editMessage.*|sendMessage", times=1, after=after)
        await ann.send("/status")
        await ann.settle(8)
        await until(lambda: not shows(ann, "cd"), within=4)
    assert _quiet(log.getvalue()), log.getvalue()
    assert not any(word in ann.last.text for word in TROUBLE)


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "empty", "reset", "flood"])
async def test_a_bad_answer_to_the_callback_answer_costs_nothing_but_the_toast(kind: str, polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        polled.telegram.faults.add(kind, method="answerCallbackQuery")
        await ann.press(packed("li"), ann.last.id)
        await until(lambda: shows(ann, "cd"), within=4)
        polled.telegram.faults.clear()
        await ann.press(packed("cd", 7), ann.last.id, timeout=8, settle=True)
        assert shows(ann, "ed")
    assert _quiet(log.getvalue()), log.getvalue()


async def test_retry_after_is_obeyed_and_the_screen_comes(polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        polled.telegram.clear_calls()
        polled.telegram.faults.add("flood", method="editMessageText", times=1, seconds=2)
        await ann.press(packed("li"), ann.last.id, timeout=8)
        await until(lambda: shows(ann, "cd"), within=6)
    edits = polled.telegram.calls.of("editMessageText")
    assert [call.status for call in edits] == [429, 200]
    assert edits[1].at - edits[0].at >= 2
    assert _quiet(log.getvalue())


async def test_a_long_flood_limit_is_not_hammered(polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        polled.telegram.clear_calls()
        polled.telegram.faults.add("flood", method="editMessageText|sendMessage", seconds=60)
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert len(polled.telegram.calls.of("editMessageText", "sendMessage")) <= 2
        polled.telegram.faults.clear()
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert shows(ann, "cd")
        assert ann.unanswered == []
    assert _quiet(log.getvalue())


async def test_not_modified_too_old_and_vanished_messages_are_no_errors(polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        for _ in range(3):
            await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert len(ann.bot_messages) == 1
        polled.telegram.state.queries.age = 0.0
        await ann.press(packed("cd", 7), ann.last.id)
        await until(lambda: shows(ann, "ed"), within=4)
        polled.telegram.state.queries.age = 150.0
        gone = ann.last.id
        ann.delete(gone)
        await ann.press(packed("li"), gone, timeout=8, settle=True)
        assert shows(ann, "cd")
        assert len(ann.bot_messages) == 1
        await ann.press(packed("cd", 7), ann.last.id, inaccessible=True, timeout=8, settle=True)
        assert shows(ann, "ed")
    assert _quiet(log.getvalue()), log.getvalue()
    assert '"level":"error"' not in log.getvalue()


async def test_a_person_who_blocked_the_bot_loses_nothing_and_stops_nobody(polled: Stage):
    async with polled.bot_here() as log:
        ann, bob = await polled.signed_in("administrator"), await polled.signed_in("npo", name="Bob")
        number = polled.pending_events()[0]
        await open_card(ann, number)
        data = shows(ann, "ap")
        assert data
        ann.chat.blocked = True
        await ann.press(data, ann.last.id, timeout=8)
        await bob.press(packed("li"), bob.last.id, timeout=8, settle=True)
        assert shows(bob, "cd")
        await until(lambda: polled.event(number)["moderation_status"] == "approved")
        await ann.send("/start")
        await ann.settle(8)
        assert shows(ann, "li")
        assert not polled.telegram.state.updates.pending
    assert _quiet(log.getvalue()), log.getvalue()


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "empty", "reset", "flood", "conflict"])
async def test_polling_goes_on_after_trouble_and_does_not_spin(kind: str, polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        polled.telegram.clear_calls()
        polled.telegram.faults.add(kind, method="getUpdates", seconds=1)
        await ann.send("/status")
        await asyncio.sleep(1.5)
        tries = len(polled.telegram.calls.of("getUpdates"))
        polled.telegram.faults.clear()
        await until(lambda: not shows(ann, "li") and ann.last, within=10)
        await ann.settle(10)
        assert tries <= 12
        assert not polled.telegram.state.updates.pending
    assert _quiet(log.getvalue()), log.getvalue()


async def test_a_second_poller_is_told_in_the_log_and_nothing_is_done_twice(polled: Stage):
    async with polled.bot(0), polled.bot(1) as second:
        ann = await polled.signed_in("administrator")
        number = polled.pending_events()[0]
        await open_card(ann, number)
        await press(ann, "ap", 20)
        await until(lambda: polled.event(number)["moderation_status"] == "approved")
        await asyncio.sleep(0.5)
        lines = [*second.lines]
    assert len(polled.crm.requests_to("/approve$", "POST")) == 1
    both = [*lines, *_other(polled)]
    assert any("another process polls" in str(line["event"]) for line in both)


def _other(stage: Stage) -> list[dict]:
    return stage.bot(0).lines


async def test_a_refused_token_ends_the_process_with_4_and_one_clear_line(polled: Stage):
    polled.telegram.faults.add("unauthorized")
    bot = polled.process().begin()
    try:
        assert await bot.exit_code(30) == 4
    finally:
        await bot.kill()
    assert [line["event"] for line in bot.lines if "TELEGRAM_BOT_TOKEN" in str(line["event"])] == [
        "Telegram refuses TELEGRAM_BOT_TOKEN"
    ]
    assert "Traceback" not in bot.log.read_text()


async def test_telegram_away_at_the_start_is_waited_for(polled: Stage):
    polled.telegram.faults.add("bad_gateway")
    bot = await polled.bot().begin()
    try:
        await until(lambda: len(polled.telegram.calls.of("getMe")) >= 2, within=15)
        polled.telegram.faults.clear()
        await bot.ready()
    finally:
        await bot.kill()


async def test_a_handler_that_raises_tells_the_person_an_id_that_stands_in_the_log(
    polled: Stage, monkeypatch: pytest.MonkeyPatch
):
    from handlers._engine import dispatch

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    async with polled.bot_here() as log:
        ann, bob = await polled.signed_in("administrator"), await polled.signed_in("npo", name="Bob")
        routes = dict(dispatch.RESOURCE_ROUTES)
        routes["cd"] = dispatch.ResourceRoute(broken, routes["cd"].op)
        monkeypatch.setattr(dispatch, "RESOURCE_ROUTES", routes)
        await ann.press(packed("cd", 7), ann.last.id, timeout=8, settle=True)
        known = ann.last.text.split()[-1]
        assert len(known) == 8
        assert f'"error_id":"{known}"' in log.getvalue()
        await bob.press(packed("li"), bob.last.id, timeout=8, settle=True)
        assert shows(bob, "cd")


async def test_a_handler_that_hangs_frees_the_person_at_the_deadline_and_hinders_nobody(
    polled: Stage, monkeypatch: pytest.MonkeyPatch
):
    from handlers._engine import dispatch

    async def hanging(*_: object) -> None:
        await asyncio.sleep(60)

    async with polled.bot_here() as log:
        ann, bob = await polled.signed_in("administrator"), await polled.signed_in("npo", name="Bob")
        routes = dict(dispatch.RESOURCE_ROUTES)
        routes["cd"] = dispatch.ResourceRoute(hanging, routes["cd"].op)
        monkeypatch.setattr(dispatch, "RESOURCE_ROUTES", routes)
        began = time.monotonic()
        before = ann.last
        pressed = await ann.press(packed("cd", 7), before.id)
        slowest = 0.0
        for _ in range(12):
            slowest = max(slowest, await answered(bob, "me--"))
        await until(lambda: any(one["query_id"] == pressed.query_id for one in ann.answers), within=1.5)
        await until(lambda: ann.last != before, within=10)
        assert time.monotonic() - began < 8.5
        assert slowest < 2
        assert _named(log.getvalue(), ann.last.text), ann.last
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert shows(ann, "cd")


def _named(log: str, text: str) -> bool:
    """True when an id of the text stands in the log."""
    return any(f'"error_id":"{word}"' in log for word in text.split() if len(word) == 8)
