"""How updates arrive: repeated, out of order, unreadable."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.stage import Stage, open_card, press, shows, until


async def test_the_same_press_a_hundred_times_on_two_replicas_approves_once(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        ann = await pair.signed_in("administrator")
        number = pair.pending_events()[0]
        await open_card(ann, number)
        pressed = await press(ann, "ap")
        statuses = await pair.telegram.redeliver(pressed.update_id, 100)
        await until(lambda: pair.event(number)["moderation_status"] == "approved")
    approvals = pair.crm.requests_to(f"/{number}/approve$", "POST")
    answers = pair.telegram.calls.of("answerCallbackQuery")
    assert len(approvals) == 1
    assert set(statuses) <= {200, 503}
    assert [call.status for call in answers].count(200) == len(
        {c.params["callback_query_id"] for c in answers}
    )


async def test_a_press_delivered_a_hundred_times_at_once_approves_once(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        ann = await pair.signed_in("administrator")
        number = pair.pending_events()[0]
        await open_card(ann, number)
        data = shows(ann, "ap")
        assert data
        pressed = await ann.press(data, ann.last.id)
        # Not one has an answer yet: the copies race with the first.
        statuses = await pair.telegram.redeliver(pressed.update_id, 100)
        await ann.settle(15)
    assert len(pair.crm.requests_to(f"/{number}/approve$", "POST")) == 1
    assert set(statuses) <= {200, 503}
    assert pair.event(number)["moderation_status"] == "approved"
    assert ann.unanswered == []


async def test_the_same_command_a_hundred_times_on_two_replicas_is_answered_once(pair: Stage):
    async with pair.bot(0), pair.bot(1):
        await pair.registered()
        ann = await pair.signed_in("administrator")
        pair.telegram.clear_calls()
        number = await ann.send("/status")
        statuses = await pair.telegram.redeliver(number, 100)
        await ann.settle(15)
    assert len(pair.telegram.calls.of("sendMessage")) == 1
    assert set(statuses) <= {200, 503}
    assert len(ann.bot_messages) == 1


async def test_gaps_and_a_late_smaller_id_are_handled_in_each_persons_order(polled: Stage):
    order: dict[int | None, list[int]] = {}
    async with polled.bot(0):
        people = [polled.telegram.person(f"P{index}", language_code="en") for index in range(3)]
        sent: dict[int | None, list[int]] = {person.id: [] for person in people}
        for _ in range(6):
            for person in people:
                polled.telegram.state.updates.skip(1 + person.id % 7)
                await person.send("/help")
                sent[person.id].append(person.messages[-1].id)
        late = polled.telegram.state.updates
        smaller = min(late.history) - 5
        late.push_raw({"update_id": smaller, "message": _message(people[0], 9001)})
        await polled.telegram.settle(20)
        for call in polled.telegram.calls.of("deleteMessage"):
            if call.params["message_id"] in sent[call.chat_id]:
                order.setdefault(call.chat_id, []).append(call.params["message_id"])
    assert order == sent
    assert not polled.telegram.state.updates.pending


def _message(person, number: int) -> dict:
    return {
        "message_id": number,
        "date": 1,
        "chat": person.chat.info,
        "from": person.user,
        "text": "/help",
        "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
    }


UNREADABLE = {"message": {"message_id": "no number", "date": [], "chat": "none"}}


async def test_polling_serves_the_updates_around_one_that_cannot_be_parsed(
    polled: Stage, monkeypatch: pytest.MonkeyPatch
):
    async with polled.bot(0) as bot:
        ann, bob = (polled.telegram.person(name, language_code="en") for name in ("Ann", "Bob"))
        updates = polled.telegram.state.updates
        await ann.send("/help")
        bad = polled.telegram.push_raw(dict(UNREADABLE))
        await ann.send("/help")
        # No object and no number at all, as a broken server between us and Telegram might send them.
        strange = [["list"], "text", {"message": {}}, {"update_id": "seven"}]
        poll = updates.poll
        given: list[int] = []

        async def poll_with_strangers(offset, limit, patience):
            batch = await poll(offset, limit, patience)
            if batch and len(given) < 3:
                given.append(1)
                return [strange[0], *batch[:1], *strange[1:], *batch[1:]]
            return batch

        monkeypatch.setattr(updates, "poll", poll_with_strangers)
        for _ in range(4):
            await bob.send("/help")
            await asyncio.sleep(0.05)
        await polled.telegram.settle(10)
        assert len(ann.bot_messages) == 1
        assert len(bob.bot_messages) == 1
        assert not updates.pending
        lines = bot.lines
    assert [line["update_id"] for line in lines if line["event"] == "update_unreadable"] == [bad]
    assert given
    strangers = [line for line in lines if line["event"] == "unreadable update"]
    assert len(strangers) == len(strange)
    assert len(ann.messages) == len(bob.messages) == 1


async def test_webhook_serves_the_updates_around_one_that_cannot_be_parsed(hooked: Stage):
    async with hooked.bot(0) as bot:
        await hooked.registered()
        ann = hooked.telegram.person("Ann", language_code="en")
        await ann.send("/help")
        bad = hooked.telegram.push_raw(dict(UNREADABLE))
        strange: list[Any] = [b"[1]", b'"text"', {"message": {}}, b"7"]
        statuses = [await hooked.telegram.post_raw(body) for body in strange]
        await ann.send("/help")
        await hooked.telegram.settle(10)
        assert len(ann.messages) == 1
        assert statuses == [200] * 4
        assert hooked.telegram.state.webhook.waiting == 0
        lines = bot.lines
    assert [line["update_id"] for line in lines if line["event"] == "update_unreadable"] == [bad]
    assert len([line for line in lines if line["event"] == "unreadable update"]) == 4
