"""How was it: three taps of a member, once, whoever presses and whatever the address says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis as redis_sync

from handlers.community import reminding
from handlers.community.feedback.address import Said
from keyboards.callbacks import Go, Press
from sandbox.crm.groups.community.tables import FeedbackRow, RoundRow
from sandbox.crm.groups.user_telegram import BOT_SECRET
from sandbox.telegram import Person
from services.keys import TellingKey
from services.tellings import Line
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support import community
from tests.support.errands import sent_out
from tests.support.stage import until

FEEDBACK = "/feedback$"


async def known(stage: Stage) -> None:
    """The bot has the backend's secret."""
    stage.env["TELEGRAM_BOT_LINK_SECRET"] = BOT_SECRET
    await stage.restart()


async def met(stage: Stage, language: str = "en") -> tuple[int, list[int], list[Person], list[Hand]]:
    """A group whose two members were told, and they."""
    await known(stage)
    await stage.hand("administrator")
    ids = community.members(stage.crm, 2)
    chats = [community.with_chat(stage.crm, stage.telegram, one, language=language) for one in ids]
    round_id = community.coffee_round(stage.crm, ids)
    await community.ordered(stage.redis_url, "coffee", round_id)
    await community.over(stage.redis_url, "coffee", round_id)
    (group,) = community.groups_of(stage.crm, round_id)
    return group["id"], ids, chats, [Hand(one, language) for one in chats]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_three_taps_in_the_members_language(stage: Stage, language: str):
    group, ids, chats, hands = await met(stage, language)
    hand = hands[0]
    stage.crm.clear_requests()
    told = hand.text
    await hand.tap("feedback.start")
    assert hand.t("feedback.ask") in hand.text
    await hand.tap("feedback.met")
    assert hand.t("feedback.rate") in hand.text
    await hand.tap("4 ⭐")
    assert hand.t("feedback.word") in hand.text
    assert stage.writes() == []
    await hand.tap("feedback.good.3")
    assert hand.t("feedback.done") in hand.text
    assert hand.labels == []
    (said,) = community.feedback_of(stage.crm, group)
    assert (said["member_id"], said["met"], said["rating"], said["note"]) == (
        ids[0], True, 4, hand.t("feedback.good.3"),
    )  # fmt: skip
    (sent,) = stage.crm.requests_to(FEEDBACK)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert headers["x-telegram-user-id"] == str(chats[0].id)
    assert headers["x-bot-secret"] == BOT_SECRET
    assert "authorization" not in headers
    assert next(one.text for one in chats[0].bot_messages) == told, "who the other one is stays readable"
    assert len(chats[0].bot_messages) == 2


@pytest.mark.parametrize(("word", "note"), [("feedback.missed.2", "No answer"), ("feedback.no_word", None)])
async def test_who_did_not_meet_is_asked_for_no_rating(stage: Stage, word: str, note: str | None):
    group, _, _, hands = await met(stage)
    await hands[0].tap("feedback.start", "feedback.not_met", word)
    (said,) = community.feedback_of(stage.crm, group)
    assert (said["met"], said["rating"], said["note"]) == (False, None, note)


async def test_it_counts_once(stage: Stage):
    group, ids, _, hands = await met(stage)
    hand = hands[0]
    await hand.tap("feedback.start", "feedback.met", "5 ⭐")
    data, message = hand.data("feedback.good.1"), hand.screen.id
    for _ in range(3):
        await hand.person.press(data, message, settle=True)
    assert len(community.feedback_of(stage.crm, group)) == 1
    await hand.person.press(Said(group, "en", met=True, rating=1, word=0).go().pack(), message, settle=True)
    assert hand.t("feedback.already") in hand.text
    (said,) = community.feedback_of(stage.crm, group)
    assert (said["member_id"], said["rating"]) == (ids[0], 5)
    await hands[1].tap("feedback.start", "feedback.met", "2 ⭐", "feedback.no_word")
    assert {one["rating"] for one in community.feedback_of(stage.crm, group)} == {5, 2}


async def test_somebody_else_says_nothing_about_it(stage: Stage):
    group, _, _, _ = await met(stage)
    stranger = await stage.hand(None, user_id=55_555)
    before = len(stage.crm.rows(FeedbackRow))
    for number in (group, 10**9):
        await stranger.forge(Said(number, "en", met=True, rating=5, word=1).go().pack())
        assert stranger.t("feedback.not_yours") in stranger.text
    assert len(stage.crm.rows(FeedbackRow)) == before
    assert all(
        {name.lower(): value for name, value in one.headers.items()}["x-telegram-user-id"] == "55555"
        for one in stage.crm.requests_to(FEEDBACK)
    )


@pytest.mark.parametrize("arg", ["", "x", "ey9", "ey55", "en4", "ey5500"])
async def test_what_no_button_says_does_nothing(stage: Stage, arg: str):
    _, _, _, hands = await met(stage)
    stage.crm.clear_requests()
    said = await hands[0].forge(Go(Press.FEEDBACK, id=31, arg=arg).pack())
    assert said == hands[0].t("feedback.stale")
    assert not stage.crm.requests_to(FEEDBACK)


async def test_a_round_that_was_called_off(stage: Stage):
    group, _, _, hands = await met(stage)
    with stage.crm.room.db.session() as session:
        for row in session.query(RoundRow).order_by(RoundRow.id.desc()).limit(1):
            row.status = "rolled_back"
    await hands[0].tap("feedback.start", "feedback.met", "5 ⭐", "feedback.good.1")
    assert hands[0].t("feedback.called_off") in hands[0].text
    assert community.feedback_of(stage.crm, group) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "status", "status": 503}, "feedback.unsure"),
        ({"kind": "reset", "after": True}, "feedback.unsure"),
    ],
)
async def test_a_lost_answer_may_be_pressed_again_and_counts_once(
    stage: Stage, fault: dict[str, Any], said: str
):
    group, _, _, hands = await met(stage)
    hand = hands[0]
    await hand.tap("feedback.start", "feedback.met", "5 ⭐")
    stage.crm.faults.add(fault.pop("kind"), FEEDBACK, times=1, **fault)
    await hand.tap("feedback.good.1")
    assert hand.toast in (hand.t(said), hand.t("feedback.unavailable"))
    await hand.tap("feedback.good.1")
    assert hand.t("feedback.done") in hand.text
    assert len(community.feedback_of(stage.crm, group)) == 1


async def test_an_admin_who_is_a_member_keeps_their_own_screen(stage: Stage):
    await known(stage)
    ids = community.members(stage.crm, 2)
    chats = [community.with_chat(stage.crm, stage.telegram, one) for one in ids]
    hand = await stage.hand("administrator", user_id=chats[0].id)
    menu = hand.screen.id
    round_id = community.coffee_round(stage.crm, ids)
    await community.ordered(stage.redis_url, "coffee", round_id)
    await community.over(stage.redis_url, "coffee", round_id)
    await hand.tap("feedback.start", "feedback.met", "5 ⭐", "feedback.good.1")
    assert hand.t("feedback.done") in hand.text
    await hand.say("/status")
    texts = [one.text for one in hand.person.bot_messages]
    assert any(hand.t("tell.coffee.head") in one for one in texts)
    assert any(hand.t("feedback.done") in one for one in texts)
    assert menu not in [one.id for one in hand.person.bot_messages], "the menu was their screen, and gave way"


async def test_a_bot_without_the_secret_says_so(stage: Stage):
    guest = await stage.hand(None, user_id=55_555)
    await guest.forge(Said(31, "en").go().pack())
    assert guest.toast == guest.t("feedback.closed")
    assert not stage.crm.requests_to(FEEDBACK)


# --- asked once more --------------------------------------------------------------------------------------


async def asked(stage: Stage) -> None:
    """The job has run once more."""
    before = len(stage.crm.requests_to("/coffee/rounds$"))
    await sent_out(stage.redis_url, reminding.JOB)
    await until(lambda: len(stage.crm.requests_to("/coffee/rounds$")) > before)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is welcome at any hour."""
    monkeypatch.setattr(reminding, "HOURS", (0, 24))


def days_ago(number: int) -> Any:
    return datetime.now(UTC).date() - timedelta(days=number)


async def test_groups_that_said_nothing_are_asked_once_three_days_later(stage: Stage, always: None):
    await known(stage)
    ids = community.members(stage.crm, 10)
    chats = [community.with_chat(stage.crm, stage.telegram, one) for one in ids]
    community.change(stage.crm, ids[1], channel="email", email="a@example.com")
    due = community.coffee_round(stage.crm, ids[0:2], ids[2:4], on=days_ago(4), told=True)
    community.coffee_round(stage.crm, ids[4:6], on=days_ago(1), told=True)
    community.coffee_round(stage.crm, ids[6:8], on=days_ago(40), told=True)
    untold = community.coffee_round(stage.crm, ids[8:10], on=days_ago(4))
    answered = community.groups_of(stage.crm, due)[1]["id"]
    with stage.crm.room.db.session() as session:
        session.add(FeedbackRow(group_id=answered, member_id=ids[2], met=True, rating=5))
    await stage.hand("administrator")
    await asked(stage)
    found = await community.over(stage.redis_url, "ask", due)
    assert found.members(Line.SENT) == [ids[0]]
    assert found.members(Line.DECLINED) == [ids[1]]
    assert [len(one.bot_messages) for one in chats] == [1] + [0] * 9
    assert community.name_of(stage.crm, ids[1]) in chats[0].bot_messages[0].text
    assert not stage.crm.room.outside.mails
    for _ in range(3):
        await asked(stage)
    assert [len(one.bot_messages) for one in chats] == [1] + [0] * 9
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        assert not client.exists(TellingKey("ask", untold).name)
    hand = Hand(chats[0], "en")
    await hand.tap("feedback.met", "3 ⭐", "feedback.no_word")
    group = community.groups_of(stage.crm, due)[0]["id"]
    assert [one["rating"] for one in community.feedback_of(stage.crm, group)] == [3]


async def test_nobody_is_asked_at_night_or_without_a_secret(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    ids = community.members(stage.crm, 2)
    chats = [community.with_chat(stage.crm, stage.telegram, one) for one in ids]
    due = community.coffee_round(stage.crm, ids, on=days_ago(4), told=True)
    await stage.hand("administrator")
    monkeypatch.setattr(reminding, "HOURS", (0, 24))
    stage.crm.clear_requests()
    await sent_out(stage.redis_url, reminding.JOB)
    await known(stage)
    await stage.hand("administrator", name="Ann", user_id=2007)
    monkeypatch.setattr(reminding, "HOURS", (0, 0))
    await sent_out(stage.redis_url, reminding.JOB)
    await stage.hand("super_admin", name="Serik", user_id=2002)
    assert not stage.crm.requests_to("/coffee/rounds")
    assert not any(one.bot_messages for one in chats)
    monkeypatch.setattr(reminding, "HOURS", (0, 24))
    await asked(stage)
    await community.over(stage.redis_url, "ask", due)
    assert [len(one.bot_messages) for one in chats] == [1, 1]
