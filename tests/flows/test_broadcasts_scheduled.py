"""Scheduled broadcasts are sent by the bot: when due, once; asked about when late (contract section 6)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
import redis
from sqlalchemy import update

from handlers.broadcasts import sending
from sandbox.crm.groups.broadcasts.tables import Broadcast
from sandbox.crm.tables import TelegramSession
from services.audit import Audit
from services.redis_client import open_redis
from tests.flows.broadcasts_stage import drawn, made, minute, row, rows, scheduled, sends
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support.errands import sent_out
from tests.support.stage import until

DUE = timedelta(minutes=3)
LATE = timedelta(hours=2)


def questions(hand: Hand) -> list[str]:
    """The texts that ask about a broadcast which was not sent."""
    found = [message.text for message in hand.person.bot_messages]
    return [text for text in found if hand.t("broadcasts.not_sent") in text]


async def test_what_is_due_is_sent_once_and_noted(stage: Stage):
    number = scheduled(stage, ago=DUE)
    later, draft = scheduled(stage, ago=-timedelta(minutes=3)), made(stage)
    hand = await stage.hand("administrator")
    before = hand.seen()
    for _ in range(3):
        await minute(stage)
    await until(lambda: row(stage, number)["status"] == "sent")
    assert sends(stage, number) == 1
    assert [row(stage, one)["status"] for one in (later, draft)] == ["scheduled", "draft"]
    assert hand.seen() == before
    client = open_redis(stage.redis_url)
    (entry,) = [one for one in (await Audit(client).page()).entries if one.op == "send scheduled"]
    await client.aclose()
    assert (entry.record_id, entry.admin_id) == (number, stage.crm.admin_id("administrator"))


async def test_it_goes_out_with_the_session_of_whoever_scheduled_it(stage: Stage):
    number = scheduled(stage, "super_admin", ago=DUE)
    await stage.hand("super_admin", name="Berik")
    await stage.hand("administrator")
    await minute(stage)
    (sent,) = [one for one in stage.crm.requests if one.path.endswith(f"/{number}/send")]
    assert admin_of(stage, sent.headers["authorization"]) == stage.crm.admin_id("super_admin")


async def test_another_administrator_s_session_does_when_the_author_is_gone(stage: Stage):
    number = scheduled(stage, "super_admin", ago=DUE)
    await stage.hand("administrator")
    await minute(stage)
    await until(lambda: row(stage, number)["status"] == "sent")


def admin_of(stage: Stage, header: str) -> int:
    return stage.crm.room.tokens.admin_id(header.removeprefix("Bearer "))


@pytest.mark.parametrize("login", ["npo", "government", "client"])
async def test_nobody_else_s_session_is_asked_to(stage: Stage, login: str):
    number = scheduled(stage, ago=DUE)
    await stage.hand(login)
    stage.crm.clear_requests()
    await idle_minute(stage)
    assert stage.crm.requests == []
    assert row(stage, number)["status"] == "scheduled"


async def test_a_role_that_was_taken_away_sends_nothing(stage: Stage):
    number = scheduled(stage, ago=DUE)
    hand = await stage.hand("administrator")
    stage.crm.set_role("administrator", "npo")
    age(stage, hand)
    await idle_minute(stage)
    assert row(stage, number)["status"] == "scheduled"


async def test_a_revoked_session_sends_nothing_although_its_token_lives(stage: Stage):
    """Contract Q12."""
    number = scheduled(stage, ago=DUE)
    hand = await stage.hand("administrator")
    with stage.crm.room.db.session() as session:
        session.execute(update(TelegramSession).values(is_active=False))
    age(stage, hand)
    await idle_minute(stage)
    assert row(stage, number)["status"] == "scheduled"


async def idle_minute(stage: Stage) -> None:
    """The job of people who may not: it does not get as far as asking for broadcasts."""
    await sent_out(stage.redis_url, sending.JOB)
    await asyncio.sleep(1.0)


def age(stage: Stage, hand: Hand) -> None:
    """Makes the last check of that session a minute and a half older."""
    with redis.Redis.from_url(stage.redis_url) as client:
        name = f"tg_session:{hand.person.id}"
        blob = json.loads(client.get(name))
        client.set(name, json.dumps(blob | {"checked_at": blob["checked_at"] - 90}), keepttl=True)


async def test_the_job_keeps_no_session_alive(stage: Stage):
    hand = await stage.hand("administrator")
    age(stage, hand)
    with redis.Redis.from_url(stage.redis_url) as client:
        client.expire(f"tg_session:{hand.person.id}", 500)
        await minute(stage)
        assert 0 < client.ttl(f"tg_session:{hand.person.id}") <= 500


async def test_a_lost_answer_is_read_back_and_not_repeated(stage: Stage):
    number = scheduled(stage, ago=DUE)
    await stage.hand("administrator")
    stage.crm.faults.add("reset", "/send$", after=True)
    await minute(stage)
    await minute(stage)
    await until(lambda: row(stage, number)["status"] == "sent")
    assert sends(stage, number) == 1


async def test_an_answer_that_tells_nothing_waits_before_it_is_tried_again(stage: Stage):
    number = scheduled(stage, ago=DUE)
    await stage.hand("administrator")
    stage.crm.faults.add("reset", "/send$", times=1)
    await minute(stage)
    await minute(stage)
    assert sends(stage, number) == 1
    with redis.Redis.from_url(stage.redis_url) as client:
        assert 0 < client.ttl(f"once:broadcast_send:{number}") <= 90
        client.delete(f"once:broadcast_send:{number}")
    await minute(stage)
    await until(lambda: row(stage, number)["status"] == "sent")
    assert sends(stage, number) == 2


async def test_a_backend_that_has_no_time_is_asked_again_the_next_minute(stage: Stage):
    number = scheduled(stage, ago=DUE)
    await stage.hand("administrator")
    stage.crm.faults.add("status", "/send$", status=429, times=1)
    await minute(stage)
    await minute(stage)
    await until(lambda: row(stage, number)["status"] == "sent")


async def test_one_that_was_sent_by_hand_meanwhile_is_left(stage: Stage):
    number = scheduled(stage, ago=DUE)
    hand = await stage.hand("administrator")
    await hand.open(number, "bc")
    await hand.tap("broadcasts.action.send", "broadcasts.action.send")
    await minute(stage)
    await minute(stage)
    assert sends(stage, number) == 1


# --- late ---------------------------------------------------------------------------------------------------


async def test_a_late_one_is_not_sent_its_author_is_asked_once(stage: Stage):
    number = scheduled(stage, ago=LATE, title="Works <on> Saturday")
    author, other = await stage.hand("administrator", "ru"), await stage.hand("super_admin", name="Berik")
    for _ in range(3):
        await minute(stage)
    assert sends(stage, number) == 0
    assert len(questions(author)) == 1
    assert questions(other) == []
    assert "Works <on> Saturday" in author.text
    assert author.labels == [
        f"📤 {author.t('broadcasts.action.send')}", author.t("broadcasts.keep"), author.t("card.delete"),
    ]  # fmt: skip


async def test_without_the_author_all_administrators_are_asked_once(stage: Stage):
    number = scheduled(stage, "super_admin", ago=LATE)
    hands = [
        await stage.hand("administrator"),
        await stage.hand("administrator2", name="Berik"),
        await stage.hand("npo", name="Saule"),
    ]
    await minute(stage)
    await stage.hand("super_admin", name="Dana")
    await minute(stage)
    assert [len(questions(hand)) for hand in hands] == [1, 1, 0]
    assert sends(stage, number) == 0


async def test_somebody_who_cannot_be_reached_is_not_waited_for(stage: Stage):
    number = scheduled(stage, "super_admin", ago=LATE)
    author, other = await stage.hand("super_admin"), await stage.hand("administrator", name="Berik")
    author.person.block()
    await minute(stage)
    assert len(questions(other)) == 1
    assert sends(stage, number) == 0


async def test_the_question_is_answered_by_sending(stage: Stage):
    number = scheduled(stage, ago=LATE)
    hand = await stage.hand("administrator")
    await minute(stage)
    await hand.tap("broadcasts.action.send")
    assert sends(stage, number) == 0
    await hand.tap("broadcasts.action.send")
    assert sends(stage, number) == 1
    await until(lambda: row(stage, number)["status"] == "sent")


async def test_the_question_is_answered_by_keeping(stage: Stage):
    number = scheduled(stage, ago=LATE)
    hand = await stage.hand("administrator")
    await minute(stage)
    await hand.tap("broadcasts.keep")
    assert hand.t("broadcasts.missed") in hand.text
    assert {"ed", "de", "dd:sd"} <= drawn(hand)
    await minute(stage)
    assert (row(stage, number)["status"], sends(stage, number)) == ("scheduled", 0)
    assert questions(hand) == []


async def test_the_question_is_answered_by_deleting(stage: Stage):
    number = scheduled(stage, ago=LATE)
    hand = await stage.hand("administrator")
    await minute(stage)
    await hand.tap("card.delete", "delete.confirm")
    assert all(one["id"] != number for one in rows(stage))


async def test_what_is_late_anew_after_another_time_is_asked_about_anew(stage: Stage):
    number = scheduled(stage, ago=LATE)
    hand = await stage.hand("administrator")
    await minute(stage)
    with stage.crm.room.db.session() as session:
        one = session.get_one(Broadcast, number)
        assert one.scheduled_at is not None
        one.scheduled_at += timedelta(minutes=20)
    await minute(stage)
    assert len(questions(hand)) == 2


async def test_what_stood_there_for_weeks_is_left_alone(stage: Stage):
    number = scheduled(stage, ago=timedelta(days=8))
    hand = await stage.hand("administrator")
    await minute(stage)
    assert questions(hand) == []
    assert sends(stage, number) == 0


async def test_one_that_the_backend_refuses_is_asked_about(stage: Stage):
    number = scheduled(stage, ago=DUE, target_audience="by_role", target_role="government")
    hand = await stage.hand("administrator")
    await minute(stage)
    await minute(stage)
    assert len(questions(hand)) == 1
    assert hand.t("broadcasts.nobody") in questions(hand)[0]
    assert row(stage, number)["status"] == "scheduled"
