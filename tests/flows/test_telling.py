"""Members are told of a match: in their channel and language, each once, whatever comes in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis as redis_sync
from sqlalchemy import update

from handlers.community.telling import running
from handlers.community.telling.screens import go_to
from keyboards.callbacks import Press
from sandbox.crm.groups.community.tables import RoundRow
from sandbox.crm.groups.user_telegram import BOT_SECRET
from sandbox.telegram import Person
from services.audit import Audit
from services.keys import TellingKey
from services.redis_client import open_redis
from services.tellings import Line, State
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import keyed
from tests.support import community
from tests.support.stage import until

MAIL = "/api/v2/admin/emails/send"
NOTIFIED = "/notified$"
COFFEE = "Your random coffee"


def people(stage: Stage, count: int, **columns: Any) -> tuple[list[int], list[Person]]:
    """Members who are told in chats of their own."""
    ids = community.members(stage.crm, count)
    return ids, [community.with_chat(stage.crm, stage.telegram, one, **columns) for one in ids]


def ids_of(hand: Hand, stage: Stage, login: str = "administrator") -> tuple[int, int]:
    return hand.person.id, stage.crm.admin_id(login)


async def told(
    stage: Stage, round_id: int, hand: Hand | None = None, login: str = "administrator", **more: Any
) -> Any:
    """The telling of a round that this person ordered, once it is over."""
    by = ids_of(hand, stage, login) if hand is not None else (0, 0)
    await community.ordered(stage.redis_url, "coffee", round_id, *by, **more)
    return await community.over(stage.redis_url, "coffee", round_id)


def wake(stage: Stage, kind: str, record_id: int) -> None:
    """What waits has waited long enough."""
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        client.hset(TellingKey(kind, record_id).name, "asked", "0")


# --- channels and languages -------------------------------------------------------------------------------


async def test_everybody_is_told_in_their_own_channel_and_language(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 8)
    change = {
        0: {"language": "kk"}, 1: {"language": "ru", "channel": "both", "email": "both@example.com"},
        2: {"channel": "email", "email": "mail@example.com", "language": "ru"}, 3: {"channel": "none"},
        4: {"notify_matches": False}, 5: {"telegram_user_id": None}, 7: {"about": "<b>I & you</b> 👩‍👩‍👧"},
    }  # fmt: skip
    for index, columns in change.items():
        community.change(stage.crm, ids[index], **columns)
    chats[6].block()
    round_id = community.coffee_round(stage.crm, ids[0:2], ids[2:4], ids[4:6], ids[6:8])
    found = await told(stage, round_id, hand)
    assert found.state is State.DONE
    assert found.lines == {
        (ids[0], "telegram"): "sent", (ids[1], "telegram"): "sent", (ids[1], "email"): "sent",
        (ids[2], "email"): "sent", (ids[3], "-"): "declined", (ids[4], "-"): "declined", (ids[5], "-"): "no_way",
        (ids[6], "telegram"): "blocked", (ids[7], "telegram"): "sent",
    }  # fmt: skip
    assert hand.t("tell.coffee.head") == COFFEE
    for index, language in ((0, "kk"), (1, "ru"), (7, "en")):
        (message,) = chats[index].bot_messages
        assert Hand(chats[index], language).t("tell.coffee.head") in message.text
        other = ids[index - 1 if index else 1]
        assert community.name_of(stage.crm, other) in message.text
    assert [len(chats[index].bot_messages) for index in (2, 3, 4, 5, 6)] == [0] * 5
    mails = {one.recipient: one for one in stage.crm.room.outside.mails}
    assert set(mails) == {"both@example.com", "mail@example.com"}
    assert community.name_of(stage.crm, ids[3]) in mails["mail@example.com"].body_html
    channels = [row["channel"] for row in community.groups_of(stage.crm, round_id)]
    assert channels == ["both", "email", "none", "telegram"]
    (row,) = [one for one in stage.crm.rows(RoundRow) if one["id"] == round_id]
    assert row["status"] == "notified"


async def test_whoever_ordered_it_is_told_what_became_of_it_and_others_who_asked(stage: Stage):
    hand, other = (
        await stage.hand("administrator"),
        await stage.hand("super_admin", name="Serik", user_id=2002),
    )
    stranger = await stage.hand("npo", name="Bek", user_id=2003)
    ids, chats = people(stage, 4)
    chats[1].block()
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:])
    before = len(stranger.person.bot_messages)
    await told(stage, round_id, hand, reports=(other.person.id, stranger.person.id))
    for one in (hand, other):
        await until(one.reads("Told: 3"))
        assert "Blocked the bot: 1" in one.text
        assert one.sees(community.name_of(stage.crm, ids[1]))
        await one.tap(community.name_of(stage.crm, ids[1]))
        assert community.name_of(stage.crm, ids[1]) in one.text
    assert len(stranger.person.bot_messages) == before, "a report names members: not to who may not read them"


async def test_how_to_reach_the_other_is_a_mention_or_an_address(stage: Stage):
    await stage.hand("administrator")
    ids, chats = people(stage, 4)
    community.change(stage.crm, ids[1], channel="email", email="b@example.com", telegram_user_id=None)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:])
    await told(stage, round_id)
    assert "b@example.com" in chats[0].bot_messages[0].text
    mention = chats[2].bot_messages[0].raw["entities"]
    assert any(one["type"] == "text_mention" and one["user"]["id"] == chats[3].id for one in mention)


async def test_a_round_is_told_from_its_card_and_the_card_says_how_it_went(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 6)
    community.change(stage.crm, ids[4], channel="none")
    chats[0].block()
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:4], ids[4:])
    await hand.open(round_id, "cf")
    assert hand.sees("coffee_rounds.action.roll_back")
    await hand.tap("coffee_rounds.action.telling")
    assert hand.t("tellings.before", n=5, count="5") in hand.text
    assert community.name_of(stage.crm, ids[4]) in hand.text
    assert not any(one.bot_messages for one in chats)
    await hand.tap("tellings.now")
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted((*ids[1:4], ids[5]))
    await until(lambda: hand.t("tellings.done") in hand.text)
    assert len(hand.person.bot_messages) == 1, "it was the screen that they looked at"
    await hand.tap("nav.back")
    assert hand.t("tellings.mark.done") in hand.text
    assert hand.t("tellings.mark.blocked", count="1") in hand.text
    assert not hand.sees("coffee_rounds.action.roll_back")
    reader = await stage.hand("government", name="Gul", user_id=2004)
    await reader.open(round_id, "cf")
    await reader.tap("coffee_rounds.action.telling")
    assert reader.t("tellings.done") in reader.text
    assert not reader.sees("🔁")


# --- once -------------------------------------------------------------------------------------------------


async def test_however_often_it_is_ordered_nobody_is_told_twice(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 6)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:4], ids[4:])
    for _ in range(4):
        await community.ordered(stage.redis_url, "coffee", round_id, *ids_of(hand, stage))
    await community.over(stage.redis_url, "coffee", round_id)
    await community.ordered(stage.redis_url, "coffee", round_id, *ids_of(hand, stage))
    await asyncio.sleep(0.5)
    assert set(community.received(chats, COFFEE).values()) == {1}
    assert len(stage.crm.requests_to(NOTIFIED)) == 3


async def test_what_redis_forgot_the_crm_still_knows(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    await told(stage, round_id, hand)
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        client.delete(TellingKey("coffee", round_id).name)
    found = await told(stage, round_id, hand)
    assert (found.state, found.total, found.lines) == (State.DONE, 0, {})
    assert set(community.received(chats, COFFEE).values()) == {1}


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "empty", "reset"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_message_that_may_have_arrived_is_unclear_and_told_again_only_by_a_person(
    stage: Stage, kind: str, after: bool
):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 4)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:])
    stage.telegram.faults.add(kind, method="sendMessage", chat_id=chats[0].id, times=1, after=after)
    found = await told(stage, round_id, hand)
    assert found.members(Line.UNCLEAR) == [ids[0]]
    assert found.members(Line.SENT) == sorted(ids[1:])
    assert community.received(chats, COFFEE)[chats[0].id] == int(after)
    assert all(row["notified_at"] for row in community.groups_of(stage.crm, round_id))
    await until(lambda: "nobody knows: 1" in hand.text)
    assert hand.t("tellings.twice") in hand.text
    await hand.tap("🔁")
    assert hand.toast == hand.t("tellings.begun")
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted(ids)
    assert community.received(chats, COFFEE) == {one.id: 1 for one in chats} | {chats[0].id: 1 + int(after)}


async def test_told_again_once_they_can_be_reached(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 4)
    chats[0].block()
    community.change(stage.crm, ids[2], telegram_user_id=None)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:])
    await told(stage, round_id, hand)
    await until(lambda: "Blocked the bot: 1" in hand.text)
    again, message = hand.data("🔁"), hand.screen.id
    chats[0].chat.blocked = False
    community.with_chat(stage.crm, stage.telegram, ids[2])
    for _ in range(3):
        await hand.person.press(again, message, settle=True)
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted(ids)
    assert (found.turn, set(found.lines.values())) == (1, {"sent"})
    await hand.person.press(again, message, settle=True)
    await asyncio.sleep(0.3)
    assert set(community.received(chats, COFFEE).values()) == {1}
    client = open_redis(stage.redis_url)
    ops = [one.op for one in (await Audit(client).page()).entries]
    await client.aclose()
    assert ops.count("tell again") == 1


# --- limits, silence, and what ends it --------------------------------------------------------------------


async def test_telegrams_limits_are_waited_out_and_everybody_is_told(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 6)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:4], ids[4:])
    stage.telegram.clear_calls()
    stage.telegram.faults.add("flood", method="sendMessage", chat_id=chats[0].id, times=1, seconds=2)
    found = await told(stage, round_id, hand)
    assert found.members(Line.SENT) == sorted(ids)
    assert set(community.received(chats, COFFEE).values()) == {1}
    calls = [
        one for one in stage.telegram.calls.of("sendMessage") if one.params.get("chat_id") != hand.person.id
    ]
    (refused,) = [one.at for one in calls if one.status == 429]
    # What was on its way already may still arrive.
    assert not [one for one in calls if refused + 0.5 < one.at < refused + 1.9]
    tries = [one for one in calls if str(one.params.get("chat_id")) == str(chats[0].id)]
    assert [one.status for one in tries] == [429, 200]
    assert tries[1].at - tries[0].at >= 1.9


async def test_a_wait_beyond_a_workers_time_is_handed_on(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "AT_WORK", 1.0)
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    stage.telegram.faults.add("flood", method="sendMessage", chat_id=chats[0].id, times=1, seconds=4)
    await community.ordered(stage.redis_url, "coffee", round_id, *ids_of(hand, stage))
    await until(lambda: hand.t("tellings.silent") in hand.text)
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted(ids)
    assert set(community.received(chats, COFFEE).values()) == {1}


async def test_a_round_that_was_taken_back_meanwhile_stops_it(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    with stage.crm.room.db.session() as session:
        session.execute(update(RoundRow).where(RoundRow.id == round_id).values(status="rolled_back"))
    found = await told(stage, round_id, hand)
    assert (found.state, found.why, found.lines) == (State.BROKEN, "tellings.rolled_back", {})
    await until(lambda: hand.t("tellings.rolled_back") in hand.text)
    assert not hand.sees("🔁")
    assert not any(one.bot_messages for one in chats)


async def test_a_round_taken_back_between_two_groups_stops_it(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "AT_ONCE", 1)
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 4)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:])
    stage.crm.faults.add("status", NOTIFIED, status=409, times=1)
    found = await told(stage, round_id, hand)
    assert (found.state, found.why) == (State.BROKEN, "tellings.rolled_back")
    assert set(found.members(Line.SENT)) == set(ids[:2])
    assert not chats[2].bot_messages
    await until(lambda: "Told: 2" in hand.text)


async def test_a_crm_that_is_silent_is_waited_for(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "PAUSES", (0.1,))
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 4)
    round_id = community.coffee_round(stage.crm, ids[:2], ids[2:])
    stage.crm.faults.add("status", NOTIFIED, status=503)
    await community.ordered(stage.redis_url, "coffee", round_id, *ids_of(hand, stage))
    await until(lambda: hand.t("tellings.unavailable") in hand.text)
    stage.crm.faults.clear()
    wake(stage, "coffee", round_id)
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted(ids)
    assert set(community.received(chats, COFFEE).values()) == {1}
    assert all(row["notified_at"] for row in community.groups_of(stage.crm, round_id))


async def test_a_lost_answer_about_a_group_is_asked_for_again(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "PAUSES", (0.1, 0.1))
    hand = await stage.hand("administrator")
    ids, _ = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    stage.crm.faults.add("reset", NOTIFIED, after=True, times=1)
    found = await told(stage, round_id, hand)
    assert found.state is State.DONE
    assert all(row["notified_at"] for row in community.groups_of(stage.crm, round_id))


async def test_letters_that_cannot_be_sent_leave_the_round_open_to_be_taken_back(stage: Stage):
    hand = await stage.hand("administrator")
    ids, _ = people(stage, 2, channel="email")
    for one in ids:
        community.change(stage.crm, one, email=f"m{one}@example.com")
    stage.crm.room.outside.mail = False
    round_id = community.coffee_round(stage.crm, ids)
    found = await told(stage, round_id, hand)
    assert set(found.lines.values()) == {"failed:mail"}
    assert not any(row["notified_at"] for row in community.groups_of(stage.crm, round_id))
    stage.crm.room.outside.mail = True
    await until(lambda: "Not sent: 2" in hand.text)
    await hand.tap("🔁")
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted(ids)
    assert all(row["notified_at"] for row in community.groups_of(stage.crm, round_id))
    assert len(stage.crm.room.outside.mails) == 2


# --- whose session ----------------------------------------------------------------------------------------


async def test_when_its_session_ended_another_one_goes_on(stage: Stage):
    hand = await stage.hand("administrator")
    await stage.hand("government", name="Gul", user_id=2004)
    await stage.hand("super_admin", name="Serik", user_id=2002)
    ids, chats = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    by = ids_of(hand, stage)
    await hand.say("/logout")
    await community.ordered(stage.redis_url, "coffee", round_id, *by)
    assert (await community.over(stage.redis_url, "coffee", round_id)).state is State.DONE
    assert set(community.received(chats, COFFEE).values()) == {1}
    wrote = stage.crm.requests_to(NOTIFIED)
    assert len(wrote) == 1


async def test_without_anybody_who_may_it_waits_and_says_so_once(stage: Stage):
    hand = await stage.hand("administrator")
    await stage.hand("government", name="Gul", user_id=2004)
    ids, chats = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    by = ids_of(hand, stage)
    await hand.say("/logout")
    await community.ordered(stage.redis_url, "coffee", round_id, *by)
    await until(lambda: hand.t("tellings.nobody") in hand.text)
    count = len(hand.person.bot_messages)
    wake(stage, "coffee", round_id)
    await until(lambda: not chats[0].bot_messages)
    await asyncio.sleep(6.0)
    assert len(hand.person.bot_messages) == count
    assert not any(one.bot_messages for one in chats)
    await stage.hand("super_admin", name="Serik", user_id=2002)
    wake(stage, "coffee", round_id)
    assert (await community.over(stage.redis_url, "coffee", round_id)).state is State.DONE
    assert set(community.received(chats, COFFEE).values()) == {1}


# --- screens ----------------------------------------------------------------------------------------------


async def test_progress_and_a_stop(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "AT_ONCE", 1)
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 12)
    round_id = community.coffee_round(stage.crm, *(ids[number : number + 2] for number in range(0, 12, 2)))
    stage.telegram.faults.add("latency", method="sendMessage", seconds=0.7)
    await community.ordered(stage.redis_url, "coffee", round_id, *ids_of(hand, stage))
    await hand.forge(go_to(Press.TELL_STATE, "coffee", round_id).pack())
    await until(lambda: "▓" in hand.text)
    await hand.tap("export.stop")
    stage.telegram.faults.clear()
    await until(lambda: hand.t("tellings.stopped") in hand.text)
    await asyncio.sleep(1.0)
    found = await community.standing(stage.redis_url, "coffee", round_id)
    assert found.state is State.STOPPED
    sent = community.received(chats, COFFEE)
    assert 0 < sum(sent.values()) < 12
    # Whoever was told of it cannot be taken back any more.
    for row in community.groups_of(stage.crm, round_id):
        reached = any(sent[chats[ids.index(one)].id] for one in row["member_ids"])
        assert bool(row["notified_at"]) == reached
    await hand.forge(go_to(Press.TELL_STATE, "coffee", round_id).pack())
    await hand.tap("🔁")
    found = await community.over(stage.redis_url, "coffee", round_id)
    assert found.members(Line.SENT) == sorted(ids)
    assert set(community.received(chats, COFFEE).values()) == {1}
    assert all(row["notified_at"] for row in community.groups_of(stage.crm, round_id))


@pytest.mark.parametrize("role", ["government", "npo", "msb", "volunteer_admin", "client"])
async def test_who_may_not_write_has_nobody_told(stage: Stage, role: str):
    await stage.hand("administrator", name="Ann", user_id=2005)
    ids, chats = people(stage, 2)
    chats[0].block()
    round_id = community.coffee_round(stage.crm, ids)
    await told(stage, round_id)
    hand = await stage.hand(role, user_id=2006)
    stage.crm.clear_requests()
    before = await community.standing(stage.redis_url, "coffee", round_id)
    for press in (Press.TELL_NOW, Press.TELL_STOP, Press.TELL_AGAIN):
        go = go_to(press, "coffee", round_id, 0 if press == Press.TELL_AGAIN else None)
        await hand.forge(keyed(stage, hand, go))
    await hand.forge(go_to(Press.TELL_STATE, "coffee", round_id).pack())
    assert (hand.t("tellings.done") in hand.text) == (role == "government")
    assert not hand.sees("🔁")
    assert await community.standing(stage.redis_url, "coffee", round_id) == before
    assert [one for one in stage.writes() if "community" in one.path] == []


async def test_looking_on_shows_it_and_writes_nothing(stage: Stage):
    hand = await stage.hand("super_admin")
    ids, chats = people(stage, 2)
    chats[0].block()
    round_id = community.coffee_round(stage.crm, ids)
    await told(stage, round_id)
    await hand.say("/menu")
    await hand.tap("office.title", "look.title", "role.administrator")
    await hand.forge(go_to(Press.TELL_STATE, "coffee", round_id).pack())
    assert "Told: 1" in hand.text
    before = await community.standing(stage.redis_url, "coffee", round_id)
    await hand.forge(hand.data("🔁"))
    assert await community.standing(stage.redis_url, "coffee", round_id) == before


async def test_a_big_round_keeps_the_pace(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 60)
    round_id = community.coffee_round(stage.crm, *(ids[number : number + 2] for number in range(0, 60, 2)))
    stage.telegram.clear_calls()
    stage.telegram.state.flood.set(30, None)
    found = await told(stage, round_id, hand)
    assert found.members(Line.SENT) == sorted(ids)
    assert set(community.received(chats, COFFEE).values()) == {1}
    at = sorted(one.at for one in stage.telegram.calls.of("sendMessage"))
    assert max(sum(1 for one in at if since <= one < since + 1) for since in at) <= 27
    assert stage.telegram.state.flood.refused == 0


async def test_a_member_without_a_secret_of_the_bot_sees_no_button(stage: Stage):
    hand = await stage.hand("administrator")
    ids, chats = people(stage, 2)
    round_id = community.coffee_round(stage.crm, ids)
    await told(stage, round_id, hand)
    assert chats[0].bot_messages[0].buttons == []
    stage.env["TELEGRAM_BOT_LINK_SECRET"] = BOT_SECRET
    await stage.restart()
    round_id = community.coffee_round(stage.crm, ids)
    await told(stage, round_id, hand)
    assert chats[0].bot_messages[-1].buttons == [["How was it?"]]
