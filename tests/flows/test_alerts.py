"""Alerts: each new item once to each who asked for it, with its decision; what became of it follows everywhere."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import redis
from sqlalchemy import update

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.event_tables import Event
from services.alerts import Watch
from services.decisions import WINDOW
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES
from tests.support.stage import until

SOON = 15.0


@pytest.fixture
def more_env() -> dict[str, str]:
    return {"ALERTS_EVERY": "1"}


async def watching(stage: Stage, login: str, language: str = "en", user_id: int | None = None) -> Hand:
    """Somebody who asked for alerts, and what waited before is known."""
    hand = await stage.hand(login, language, user_id=user_id)
    await hand.say("/settings")
    await hand.tap("alerts.title", "alerts.turn_on")
    await until(lambda: stage.redis_hash("alerts:people", hand.person.id, '"primed": true'), SOON)
    return hand


def alerts(hand: Hand) -> list[Any]:
    """The messages that tell of something new, oldest first."""
    head = hand.t("alerts.new", kind="")
    return [one for one in hand.person.messages if head in one.text]


def summaries(hand: Hand) -> list[Any]:
    return [
        one
        for one in hand.person.messages
        if "🔔" in one.text and "new" in one.text and one not in alerts(hand)
    ]


async def test_one_new_item_one_alert_to_each_and_decided_under_it(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    other = await watching(stage, "super_admin", user_id=7002)
    number = stage.new_event("npo", "Жаңа форум")
    await until(lambda: alerts(hand) and alerts(other), SOON)
    await asyncio.sleep(3)
    assert len(alerts(hand)) == len(alerts(other)) == 1
    assert "Жаңа форум" in alerts(hand)[0].text
    assert hand.t("alerts.why") in alerts(hand)[0].text
    stage.crm.clear_requests()
    await press(hand, alerts(hand)[0], "card.approve")
    await until(lambda: [one for one in stage.writes() if f"/{number}/approve" in one.path], WINDOW + 5)
    name = stage.crm.admin("administrator").name
    await until(lambda: [one for one in other.person.messages if name in one.text], SOON)
    stamped = next(one for one in other.person.messages if name in one.text)
    assert "Жаңа форум" in stamped.text
    assert other.t("card.approve") not in str(stamped.buttons)
    assert len(stage.writes()) == 1


async def press(hand: Hand, message: Any, key: str) -> None:
    wanted = hand.t(key)
    button = next(one for row in message.keyboard for one in row if one["text"] == wanted)
    await hand.person.press(button["callback_data"], message.id, settle=True)


async def test_what_the_web_decides_follows(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    number = stage.new_event("npo", "Семинар")
    await until(lambda: alerts(hand), SOON)
    with stage.crm.room.db.session() as session:
        session.execute(update(Event).where(Event.id == number).values(moderation_status="rejected"))
        session.commit()
    await until(
        lambda: [one for one in hand.person.messages if hand.t("alerts.in_crm.rejected") in one.text], SOON
    )
    assert alerts(hand) == []


async def test_a_restart_tells_nothing_twice(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    stage.new_event("npo", "Ярмарка")
    await until(lambda: alerts(hand), SOON)
    await stage.restart()
    await asyncio.sleep(4)
    assert len(alerts(hand)) == 1


async def test_several_at_once_come_in_one_message_that_grows(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    for title in ("Первое", "Второе", "Третье"):
        stage.new_event("npo", title)
    await until(lambda: len(alerts(hand)) + len(summaries(hand)) >= 1, SOON)
    await asyncio.sleep(4)
    assert len(alerts(hand)) + len(summaries(hand)) <= 2
    said = "".join(one.text for one in (*alerts(hand), *summaries(hand)))
    assert all(title in said for title in ("Первое", "Второе", "Третье"))


async def test_who_did_not_ask_or_may_not_decide_hears_nothing(stage: Stage):
    asked = await watching(stage, "administrator", user_id=7001)
    silent = await stage.hand("super_admin", user_id=7002)
    volunteer = await watching(stage, "volunteer_admin", user_id=7003)
    stage.new_event("npo", "Закрытый показ")
    await until(lambda: alerts(asked), SOON)
    await asyncio.sleep(2)
    for hand in (silent, volunteer):
        assert "Закрытый показ" not in "".join(one.text for one in hand.person.messages)


async def test_government_and_msb_are_offered_no_kinds(stage: Stage):
    for login in ("government", "msb"):
        hand = await watching_nothing(stage, login)
        await hand.forge(Go(Press.ALERTS, arg="k").pack())
        assert "☑️" not in "".join(hand.labels)


async def watching_nothing(stage: Stage, login: str) -> Hand:
    hand = await stage.hand(login)
    await hand.say("/settings")
    await hand.tap("alerts.title", "alerts.turn_on")
    return hand


async def test_mute_and_kinds_hold_it_back(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    await hand.forge(Go(Press.ALERTS, "ev", arg="k").pack())
    stage.new_event("npo", "Не для меня")
    await asyncio.sleep(4)
    assert alerts(hand) == []
    await hand.forge(Go(Press.ALERTS, "ev", arg="k").pack())
    await hand.forge(Go(Press.ALERTS, arg="m").pack())
    assert hand.toast == hand.t("alerts.muted_toast")
    stage.new_event("npo", "Позже")
    await asyncio.sleep(4)
    assert "Позже" not in "".join(one.text for one in hand.person.messages)
    await hand.forge(Go(Press.ALERTS, arg="u").pack())
    await until(lambda: "Позже" in "".join(one.text for one in hand.person.messages), SOON)


@pytest.mark.parametrize("language", LOCALES)
async def test_settings_in_every_language(stage: Stage, language: str):
    hand = await watching(stage, "administrator", language)
    for arg in ("k", "q", "d", "q2", "d1", "m"):
        await hand.forge(Go(Press.ALERTS, arg=arg).pack())
        assert hand.screen.text
    assert "22:00-7:00" in hand.text
    assert "9:00" in hand.text
    assert hand.t("alerts.muted") in hand.text
    await hand.forge(Go(Press.ALERTS, arg="off").pack())
    assert hand.sees("alerts.turn_on")


def watch(**values: Any) -> Watch:
    return Watch(1, 2, "en", "Asia/Almaty", **values)


@pytest.mark.parametrize(
    ("quiet", "hour", "silent"),
    [("22-7", 23, True), ("22-7", 3, True), ("22-7", 7, False), ("22-7", 21, False), ("9-12", 9, True),
     ("9-12", 12, False), ("", 3, False)],
)  # fmt: skip
def test_quiet_hours_are_the_persons_own(quiet: str, hour: int, silent: bool):
    # Almaty is five hours ahead of UTC.
    moment = datetime(2026, 11, 21, hour, 30, tzinfo=UTC) - timedelta(hours=5)
    assert watch(quiet=quiet).is_silent(moment) is silent


def test_a_digest_comes_once_a_day():
    moment = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    assert watch(digest="9").digest_due(moment)
    assert not watch(digest="13").digest_due(moment)
    assert not watch(digest="9", digest_day="2026-11-21").digest_due(moment)
    assert watch(digest="9", digest_day="2026-11-20").digest_due(moment)


async def test_the_message_that_grows_keeps_what_stood_in_it(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    for title in ("Первое", "Второе", "Третье"):
        stage.new_event("npo", title)
        await until(partial(_told, hand, title), SOON)
    (many,) = summaries(hand)
    assert "Второе" in many.text
    assert "Третье" in many.text
    assert hand.t("alerts.many", n=2, count="2") in many.text


def _told(hand: Hand, title: str) -> bool:
    return title in texts(hand)


def texts(hand: Hand) -> str:
    return "\n".join(one.text for one in hand.person.messages)


async def test_what_comes_right_after_they_were_turned_on_is_told(stage: Stage):
    hand = await stage.hand("administrator", user_id=7001)
    await hand.say("/settings")
    await hand.tap("alerts.title", "alerts.turn_on")
    stage.new_event("npo", "Сразу после")
    await until(lambda: alerts(hand), SOON)
    assert "Сразу после" in texts(hand)


async def test_alerts_keep_nobody_signed_in(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    name = f"tg_session:{hand.person.id}"
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        blob = json.loads(client.get(name))
        aged = blob | {"checked_at": blob["checked_at"] - 90}
        client.set(name, json.dumps(aged), ex=500)
        await until(lambda: json.loads(client.get(name))["checked_at"] > aged["checked_at"], SOON)
        stage.new_event("npo", "Новое")
        await until(lambda: alerts(hand), SOON)
        assert client.ttl(name) <= 500
        assert json.loads(client.get(name))["last_activity"] == blob["last_activity"]


async def test_who_lost_the_role_is_told_nothing_from_that_moment(stage: Stage):
    """Although another one of that role reads for all, and the bot believes in a role for a minute."""
    hand = await watching(stage, "administrator", user_id=7001)
    stage.crm.add_admin("fallen", "administrator")
    fallen = await watching(stage, "fallen", user_id=7002)
    stage.crm.set_role("fallen", "volunteer_admin")
    stage.new_event("npo", "Не для всех")
    await until(lambda: alerts(hand), SOON)
    await asyncio.sleep(4)
    assert "Не для всех" not in texts(fallen)


async def test_a_kind_that_was_not_wanted_is_no_news_when_it_is_wanted_again(stage: Stage):
    hand = await watching(stage, "administrator", user_id=7001)
    await hand.forge(Go(Press.ALERTS, "ev", arg="k").pack())
    stage.new_event("npo", "Прошло мимо")
    await asyncio.sleep(4)
    await hand.forge(Go(Press.ALERTS, "ev", arg="k").pack())
    stage.new_event("npo", "Это уже новое")
    await until(lambda: "Это уже новое" in texts(hand), SOON)
    assert "Прошло мимо" not in texts(hand)
