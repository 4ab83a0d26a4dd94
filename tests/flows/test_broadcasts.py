"""Broadcasts: written, looked at, sent, followed, by those who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import aiohttp
import pytest
import redis

from keyboards.callbacks import Go, Press
from services.keys import UiKey
from services.operation_keys import OperationKeys
from services.preferences import UiField
from services.vault import Vault
from tests.flows.broadcasts_stage import card, deliveries, drawn, made, row, rows, sends
from tests.flows.conftest import TOKEN, Stage
from tests.flows.hand import Hand
from tests.support.stage import until

HEAD = "📢 Объявление от администрации\n\n"
BOLD = [{"type": "bold", "offset": 0, "length": 4}]


async def begin(stage: Stage, login: str = "administrator", language: str = "en") -> Hand:
    hand = await stage.hand(login, language)
    await hand.say("/admin")
    return await hand.tap("broadcasts.title", "list.new")


async def written(stage: Stage, *audience: str, when: str | None = None) -> Hand:
    """A person before the summary of a broadcast."""
    hand = await begin(stage)
    await hand.say("Saturday")
    await hand.person.send("Dear <colleagues> & all", entities=BOLD)
    await hand.person.settle()
    await hand.tap(*audience)
    return await (hand.say(when) if when else hand.tap("form.skip"))


async def test_formatting_is_kept_and_everything_else_is_text(stage: Stage):
    hand = await written(stage, "choice.broadcasts_audience.all_telegram_users")
    await hand.tap("form.save")
    (new,) = [one for one in rows(stage) if one["title"] == "Saturday"]
    assert new["message"] == "<b>Dear</b> &lt;colleagues&gt; &amp; all"
    assert (new["status"], new["target_audience"], new["target_role"]) == (
        "draft",
        "all_telegram_users",
        None,
    )
    assert "Dear <colleagues> & all" in hand.text


async def test_a_role_is_asked_for_only_where_one_is_meant(stage: Stage):
    hand = await begin(stage)
    await hand.say("For NPOs")
    await hand.say("Hello")
    await hand.tap("choice.broadcasts_audience.by_role")
    assert hand.t("broadcasts.hint.target_role") in hand.text
    await hand.tap("choice.broadcasts_role.npo", "form.skip", "form.save")
    (new,) = [one for one in rows(stage) if one["title"] == "For NPOs"]
    assert (new["target_audience"], new["target_role"]) == ("by_role", "npo")


async def test_the_audience_of_one_role_is_not_saved_without_the_role(stage: Stage):
    number = made(stage)
    hand = await card(stage, number)
    await hand.tap("card.edit", "broadcasts.field.target_audience", "choice.broadcasts_audience.by_role")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("broadcasts.check.role") in hand.text
    assert stage.writes() == []


async def test_a_message_that_telegram_would_refuse_is_not_taken(stage: Stage):
    hand = await begin(stage)
    await hand.say("Long")
    # 4,096 units fit into a message, but not behind the CRM's heading.
    await hand.say("ә" * 4070)
    assert hand.t("broadcasts.hint.message") in hand.text
    assert "4,064" in hand.text
    await hand.say("😀" * 2031)
    assert hand.t("broadcasts.hint.target_audience") in hand.text


async def test_a_time_is_the_person_s_and_reaches_the_crm_as_naive_utc(stage: Stage):
    """Contract Q11."""
    hand = await written(stage, "choice.broadcasts_audience.admins_only", when="25.12.2027 10:00")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert stage.writes()[0].json["scheduled_at"] == "2027-12-25T05:00:00"
    (new,) = [one for one in rows(stage) if one["title"] == "Saturday"]
    assert (new["status"], new["scheduled_at"]) == ("scheduled", datetime(2027, 12, 25, 5))
    assert "10:00 (UTC+5)" in hand.text


async def test_a_time_can_be_moved_but_not_taken_away(stage: Stage):
    number = made(stage, status="scheduled", scheduled_at=datetime(2027, 12, 25, 5))
    hand = await card(stage, number)
    await hand.tap("card.edit", "broadcasts.field.scheduled_at")
    assert not hand.sees("form.clear")
    await hand.say("26.12.2027 10:00")
    await hand.tap("form.save")
    assert row(stage, number)["scheduled_at"] == datetime(2027, 12, 26, 5)


async def test_the_preview_is_what_people_get_and_the_test_goes_to_one_person(stage: Stage):
    number = made(stage, message="<b>Dear</b> <i>all</i> &amp; more")
    other = await stage.hand("super_admin", name="Berik")
    hand = await card(stage, number)
    before = len(other.person.bot_messages)
    stage.crm.clear_requests()
    await hand.tap("broadcasts.action.preview")
    assert hand.text == HEAD + "Dear all & more"
    assert "<b>Dear</b> <i>all</i>" in hand.screen.html
    living = hand.screen.id
    await hand.tap("broadcasts.to_me")
    assert hand.toast == hand.t("broadcasts.sent_to_me")
    assert hand.text == HEAD + "Dear all & more"
    assert hand.screen.id != living
    assert [button["callback_data"] for line in hand.screen.keyboard for button in line] == [
        f"broadcast:read:{number}"
    ]
    assert len(other.person.bot_messages) == before
    assert stage.writes() == []


@pytest.mark.parametrize("message", ["<b>open", "a < b", "<h1>no</h1>", "x" * 4090])
async def test_what_telegram_refuses_is_said_and_cannot_be_sent(stage: Stage, message: str):
    number = made(stage, message=message)
    hand = await card(stage, number)
    assert "dd:sd" not in drawn(hand)
    await hand.tap("broadcasts.action.preview")
    assert hand.t("broadcasts.too_long" if len(message) > 99 else "broadcasts.unsound") in hand.text
    assert not hand.sees("broadcasts.to_me")


@pytest.mark.parametrize(("audience", "role", "count"), [
    ("all_telegram_users", None, 4), ("active_sessions", None, 4), ("admins_only", None, 3), ("by_role", "npo", 2),
])  # fmt: skip
async def test_sending_names_how_many_get_it(stage: Stage, audience: str, role: str | None, count: int):
    """Counted from the sessions as the backend counts: the backend does not say beforehand."""
    known = [one["telegram_user_id"] for one in stage.crm.sessions() if one["is_active"]]
    assert known == []
    for number, login in enumerate(("npo", "npo", "client")):
        await stage.hand(login, user_id=8000 + number)
    broadcast = made(stage, target_audience=audience, target_role=role)
    hand = await card(stage, broadcast)
    await hand.tap("broadcasts.action.send")
    assert f"It goes to {count} people" in hand.text
    assert sends(stage, broadcast) == 0
    await hand.tap("broadcasts.action.send")
    assert hand.toast == hand.t("broadcasts.done.send")
    assert row(stage, broadcast)["total_recipients"] == count
    await until(lambda: row(stage, broadcast)["status"] == "sent")
    assert len(deliveries(stage, broadcast)) == count


async def test_nobody_to_send_to_is_told_before_and_after(stage: Stage):
    number = made(stage, target_audience="by_role", target_role="government")
    hand = await card(stage, number)
    await hand.tap("broadcasts.action.send")
    assert hand.t("broadcasts.nobody") in hand.text
    await hand.tap("broadcasts.action.send")
    assert hand.t("broadcasts.nobody") in hand.text
    assert row(stage, number)["status"] == "draft"


async def test_two_persons_at_once_send_it_once(stage: Stage):
    number = made(stage)
    first, second = await card(stage, number), await card(stage, number, "super_admin", name="Berik")
    for hand in (first, second):
        await hand.tap("broadcasts.action.send")
    # Nothing happens to the first one for a while: only the claim keeps the second one from sending, too.
    stage.crm.faults.add("hang", "/send$")
    await first.person.press(first.data("broadcasts.action.send"), first.screen.id)
    await until(lambda: sends(stage, number))
    await second.person.press(second.data("broadcasts.action.send"), second.screen.id)
    await until(lambda: second.toast == second.t("deed.not_now"), 4)
    await first.person.settle(12)
    assert first.t("error.unknown_outcome") in first.text
    assert sends(stage, number) == 1


async def test_a_lost_answer_is_read_back(stage: Stage):
    number = made(stage)
    hand = await card(stage, number)
    await hand.tap("broadcasts.action.send")
    stage.crm.faults.add("reset", "/send$", times=1, after=True)
    await hand.tap("broadcasts.action.send")
    assert hand.toast == hand.t("broadcasts.done.send")
    assert sends(stage, number) == 1


@pytest.mark.parametrize("status", ["sending", "sent", "failed"])
async def test_what_went_out_is_neither_changed_nor_deleted(stage: Stage, status: str):
    number = made(stage, status=status, total_recipients=3, sent_count=3, sent_at=datetime(2026, 1, 1))
    hand = await card(stage, number)
    assert {"ed", "de", "dd:sd"}.isdisjoint(drawn(hand))
    stage.crm.clear_requests()
    for op in (Press.EDIT, Press.DELETE):
        await hand.forge(Go(op, "bc", number).pack())
        assert hand.t("deed.not_now") in hand.text
    await hand.forge(keyed(stage, hand, Go(Press.DEED_NOW, "bc", number, "sd")))
    assert hand.t("deed.not_now") == hand.toast
    assert stage.writes() == []


def keyed(stage: Stage, hand: Hand, go: Go) -> str:
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        epoch = str(client.hget(UiKey(hand.person.id).name, UiField.EPOCH) or "")
    keys = OperationKeys(Vault.of([], TOKEN).hmac_secret("operations"))
    now = stage.telegram.state.clock()
    return replace(go, key=keys.draw(epoch, hand.person.id, go.scope, now)).pack()


@pytest.mark.parametrize("status", ["draft", "scheduled", "cancelled"])
async def test_what_did_not_go_out_can_be_deleted(stage: Stage, status: str):
    when = datetime(2027, 1, 1) if status == "scheduled" else None
    number = made(stage, status=status, scheduled_at=when)
    hand = await card(stage, number)
    await hand.tap("card.delete", "delete.confirm")
    assert all(one["id"] != number for one in rows(stage))


async def test_the_rest_is_sent_only_where_something_waits(stage: Stage):
    for number in range(2):
        await stage.hand("npo", user_id=8000 + number)
    broadcast = made(stage)
    stage.crm.room.outside.telegram = False
    hand = await card(stage, broadcast)
    await hand.tap("broadcasts.action.send", "broadcasts.action.send")
    await until(lambda: row(stage, broadcast)["status"] == "failed")
    stage.crm.room.outside.telegram = True
    await hand.open(broadcast, "bc")
    await hand.tap("broadcasts.action.retry")
    assert hand.t("broadcasts.ask.retry") in hand.text
    await hand.tap("broadcasts.action.retry")
    await until(lambda: row(stage, broadcast)["sent_count"] == 3)
    await hand.open(broadcast, "bc")
    assert "dd:ry" not in drawn(hand)
    assert "3 of 3" in hand.text


async def test_statistics_are_counted_by_the_bot(stage: Stage):
    """Contract 2.11: the backend's success_rate is always 0."""
    stage.crm.room.outside.blocked.add("8001")
    people = [await stage.hand("npo", user_id=8000 + number) for number in range(3)]
    broadcast = made(stage)
    hand = await card(stage, broadcast)
    await hand.tap("broadcasts.action.send", "broadcasts.action.send")
    await until(lambda: row(stage, broadcast)["status"] == "sent")
    for reader in (people[0], people[2], people[2]):
        await reader.forge(f"broadcast:read:{broadcast}")
    await hand.open(broadcast, "bc")
    await hand.tap("broadcasts.action.statistics")
    for name, value in (("total", 4), ("arrived", 3), ("failed", 1), ("readers", 2), ("rate", "75 %")):
        assert f"{hand.t(f'broadcasts.stats.{name}')}: {value}" in hand.text
    assert hand.t("broadcasts.stats.waiting") not in hand.text


async def test_counters_that_a_retry_overwrote_are_called_unknown(stage: Stage):
    number = made(stage, status="sent", total_recipients=9, sent_at=datetime(2026, 1, 1))
    hand = await card(stage, number)
    await hand.tap("broadcasts.action.statistics")
    assert f"{hand.t('broadcasts.stats.untold')}: 9" in hand.text
    assert hand.t("broadcasts.untold_why") in hand.text


async def test_the_backend_s_own_notices_are_marked_and_can_be_filtered_away(stage: Stage):
    """Contract Q20."""
    hand = await stage.hand("administrator")
    await hand.say("/admin")
    await hand.tap("broadcasts.title")
    assert any("🤖" in label and "Уведомление о модерации" in label for label in hand.labels)
    await hand.tap("list.filters", "choice.broadcasts_origin.person", "list.show")
    while True:
        assert not any("Уведомление о модерации" in label for label in hand.labels)
        if not hand.sees("pager.next"):
            break
        await hand.tap("pager.next")
    assert hand.labels


@pytest.mark.parametrize("login", ["administrator", "client", None])
async def test_the_button_of_the_backend_s_message_gets_one_toast_and_changes_nothing(
    stage: Stage, login: str | None
):
    """Contract Q20: the backend sends with the bot's own token, so the presses arrive here."""
    hand = await stage.hand(login)
    living, before = hand.seen(), len(hand.person.answers)
    announced = stage.telegram.person("Aida", user_id=hand.person.id)
    message = await say_as_the_backend(stage, hand, 17)
    for _ in range(3):
        press = await hand.person.press("broadcast:read:17", message, settle=True)
        assert press.answer is not None
        assert press.answer["text"] == hand.t("broadcasts.noted")
    assert len(hand.person.answers) == before + 3
    assert announced.last.id == message
    assert announced.last.text == "Announcement"
    await hand.person.press(Go(Press.HELP).pack(), message - 1, settle=True)
    assert living[0] != ""


async def say_as_the_backend(stage: Stage, hand: Hand, number: int) -> int:
    """A message that the backend sent with the bot's token; its id."""
    url = f"{stage.telegram.url}/bot{TOKEN}/sendMessage"
    button = {"text": "✅", "callback_data": f"broadcast:read:{number}"}
    body = {
        "chat_id": hand.person.id,
        "text": "Announcement",
        "reply_markup": {"inline_keyboard": [[button]]},
    }
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        return int((await answer.json())["result"]["message_id"])
