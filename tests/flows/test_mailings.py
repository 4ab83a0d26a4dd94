"""Notifications and e-mails: written, counted, sent in batches, stopped, and told what became of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, update

from handlers.mailings import kinds
from keyboards.callbacks import Go, Press
from sandbox.crm.groups.notifications import Notification
from sandbox.crm.groups.users import User
from sandbox.crm.tables import Admin
from services.audit import Audit
from services.redis_client import open_redis
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support.stage import until

SEND = "/api/v2/notifications/admin/send"
MAIL = "/api/v2/admin/emails/send"


def told(stage: Stage, title: str) -> list[int]:
    """The users who got a notification of that Russian title."""
    return [one["user_id"] for one in stage.crm.rows(Notification) if one["title_ru"] == title]


def active(stage: Stage, kind: str = "") -> list[int]:
    return [
        one["id"]
        for one in stage.crm.rows(User)
        if one["status"].lower() == "active" and kind in ("", one["user_type"].lower())
    ]


async def begin(stage: Stage, name: str, login: str = "administrator", **who: Any) -> Hand:
    hand = await stage.hand(login, **who)
    await hand.say("/admin")
    return await hand.tap(f"{name}.title", "list.new")


async def notice(stage: Stage, audience: str = "choice.notifications_audience.all", **who: Any) -> Hand:
    """A person before the preview of a notification."""
    hand = await begin(stage, "notifications", **who)
    await hand.say("Гранты <открыты>")
    await hand.say("Гранттар & басқа")
    await hand.say("Заходите")
    await hand.tap("form.skip", audience)
    return hand


async def over(hand: Hand) -> Hand:
    """The screen says what became of it."""
    result = hand.t("mailings.sent", n=2, count="").strip()
    await until(lambda: result in hand.text and not hand.sees("export.stop"))
    return hand


async def test_a_notification_is_looked_at_counted_and_sent_to_all_active_users(stage: Stage):
    hand = await notice(stage)
    stage.crm.clear_requests()
    await hand.tap("form.look")
    count = len(active(stage))
    assert "Гранты <открыты>" in hand.text
    assert "Гранттар & басқа" in hand.text
    assert f"{count} recipients" in hand.text
    assert hand.t("mailings.for_good") in hand.text
    assert stage.writes() == []
    await hand.tap(hand.t("mailings.send", n=count, count=str(count)))
    await over(hand)
    assert sorted(told(stage, "Гранты <открыты>")) == sorted(active(stage))
    (sent,) = stage.crm.requests_to(SEND)
    assert sorted(sent.json["user_ids"]) == active(stage)
    assert "send_to_all" not in sent.json
    assert sent.json["title_kz"] == "Гранттар & басқа"
    client = open_redis(stage.redis_url)
    (entry,) = [one for one in (await Audit(client).page()).entries if one.op == "send"]
    await client.aclose()
    assert (entry.resource, entry.after["recipients"]) == ("notifications", count)


@pytest.mark.parametrize("kind", ["individual", "organization"])
async def test_users_of_one_kind(stage: Stage, kind: str):
    hand = await notice(stage, f"choice.notifications_audience.{kind}")
    await hand.tap("form.look", "📤")
    await over(hand)
    assert sorted(told(stage, "Гранты <открыты>")) == sorted(active(stage, kind))


async def test_users_are_picked_by_name(stage: Stage):
    hand = await notice(stage, "choice.notifications_audience.chosen")
    picked = [label for label in hand.labels if label.startswith("☐")][:2]
    for label in picked:
        await hand.tap(label)
    await hand.tap("form.next", "form.look")
    assert "2 recipients" in hand.text
    await hand.tap("📤")
    await over(hand)
    assert len(told(stage, "Гранты <открыты>")) == 2


async def test_batches_progress_and_stop(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(kinds.KINDS, "nt", kinds.Kind(5, kinds.users, kinds.notification))
    hand = await notice(stage)
    await hand.tap("form.look")
    stage.crm.faults.add("delay", SEND, delay=1.2)
    await hand.tap("📤")
    assert hand.sees("export.stop")
    await until(lambda: "▓" in hand.text)
    known = len(stage.crm.requests_to(SEND))
    await hand.tap("export.stop")
    assert hand.t("mailings.stopped") in hand.text
    stage.crm.faults.clear()
    await asyncio.sleep(2.0)
    sent = len(stage.crm.requests_to(SEND))
    assert known <= sent <= known + 1
    assert len(told(stage, "Гранты <открыты>")) == 5 * sent
    left = len(active(stage)) - 5 * sent
    # The batch that was on its way is counted when the screen is drawn the next time.
    await hand.forge(Go(Press.MAIL_STATE, "nt").pack())
    await hand.tap(hand.t("mailings.rest", n=left, count=str(left)))
    await over(hand)
    assert sorted(told(stage, "Гранты <открыты>")) == sorted(active(stage))


async def test_a_user_that_is_gone_is_told_and_the_others_are_reached(stage: Stage):
    hand = await notice(stage, "choice.notifications_audience.chosen")
    for label in [label for label in hand.labels if label.startswith("☐")][:3]:
        await hand.tap(label)
    await hand.tap("form.next", "form.look")
    draft = Go.unpack(hand.data("📤"))
    assert draft is not None
    with stage.crm.room.db.session() as session:
        session.execute(delete(User).where(User.id == 1))
    await hand.tap("📤")
    await over(hand)
    assert hand.t("mailings.failed", n=1, count="1") in hand.text
    assert len(told(stage, "Гранты <открыты>")) == 2
    # The backend does not know it: another try would help nobody.
    assert not hand.sees("🔁")


async def test_a_lost_answer_is_counted_as_unknown_and_never_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(kinds.KINDS, "nt", kinds.Kind(10, kinds.users, kinds.notification))
    hand = await notice(stage)
    await hand.tap("form.look")
    stage.crm.faults.add("reset", SEND, after=True, times=1)
    await hand.tap("📤")
    await over(hand)
    assert hand.t("mailings.unknown", n=10, count="10") in hand.text
    assert sorted(told(stage, "Гранты <открыты>")) == sorted(active(stage))
    assert not hand.sees("🔁")


async def test_a_backend_that_breaks_keeps_the_rest_back(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(kinds.KINDS, "nt", kinds.Kind(5, kinds.users, kinds.notification))
    hand = await notice(stage)
    await hand.tap("form.look")
    stage.crm.faults.add("status", SEND, status=500)
    await hand.tap("📤")
    await over(hand)
    assert hand.t("mailings.lost") in hand.text
    assert hand.t("mailings.unknown", n=15, count="15") in hand.text
    assert len(stage.crm.requests_to(SEND)) == 3
    left = len(active(stage)) - 15
    stage.crm.faults.clear()
    await hand.tap("🔁")
    await over(hand)
    assert len(told(stage, "Гранты <открыты>")) == left


async def test_a_second_press_and_a_second_mailing_send_nothing_twice(stage: Stage):
    hand = await notice(stage)
    await hand.tap("form.look")
    data, message = hand.data("📤"), hand.screen.id
    stage.crm.faults.add("delay", SEND, delay=1.0)
    for _ in range(3):
        await hand.person.press(data, message, settle=True)
    await over(hand)
    assert sorted(told(stage, "Гранты <открыты>")) == sorted(active(stage))


async def test_a_sign_out_in_between_keeps_the_rest_back(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(kinds.KINDS, "nt", kinds.Kind(5, kinds.users, kinds.notification))
    hand = await notice(stage)
    await hand.tap("form.look")
    stage.crm.faults.add("delay", SEND, delay=0.5)
    await hand.tap("📤")
    await until(lambda: stage.crm.requests_to(SEND))
    await hand.say("/logout")
    stage.crm.faults.clear()
    await asyncio.sleep(1.5)
    sent = len(stage.crm.requests_to(SEND))
    assert sent < 4
    assert len(told(stage, "Гранты <открыты>")) == 5 * sent


async def test_the_list_of_sent_ones_is_searched_and_filtered(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.say("/admin")
    await hand.tap("notifications.title")
    await hand.say("завтра")
    assert hand.labels
    cards = [label for label in hand.labels if "·" in label]
    assert cards
    assert all("завтра" in label.lower() or "ертең" in label.lower() for label in cards)
    await hand.tap(cards[0])
    assert hand.t("choice.notifications_type.reminder") in hand.text


@pytest.mark.parametrize("login", ["npo", "msb", "government", "volunteer_admin", "client"])
@pytest.mark.parametrize("code", ["nt", "em"])
async def test_the_backend_lets_every_role_the_bot_does_not(stage: Stage, login: str, code: str):
    """Contract 5.2: notifications are open to every role there."""
    hand = await stage.hand(login)
    stage.crm.clear_requests()
    for op in (Press.CREATE, Press.LIST, Press.MAIL_STATE, Press.MAIL_STOP, Press.MAIL_REST):
        said = await hand.forge(Go(op, code, arg="abc").pack())
        # Where the menu took its time, the toast stands above it.
        assert hand.t("error.forbidden_toast") in (said, hand.text.splitlines()[0])
    assert stage.writes() == []


# --- e-mails ------------------------------------------------------------------------------------------------


async def letter(stage: Stage, *audience: str, login: str = "administrator") -> Hand:
    """A person before the preview of a letter."""
    hand = await begin(stage, "emails", login)
    await hand.say("Reports <October>")
    await hand.person.send(
        "Dear all\n\nPlease <read> this", entities=[{"type": "bold", "offset": 0, "length": 4}]
    )
    await hand.person.settle()
    return await hand.tap(*audience)


def mails(stage: Stage) -> list[str]:
    return [one.recipient for one in stage.crm.room.outside.mails]


def with_address(stage: Stage, role: str = "") -> list[str]:
    return [one["email"] for one in stage.crm.rows(Admin) if one["email"] and role in ("", one["role"])]


async def test_a_letter_goes_to_the_admins_who_have_an_address(stage: Stage):
    hand = await letter(stage, "choice.emails_audience.admins")
    await hand.tap("form.look")
    assert "Reports <October>" in hand.text
    assert f"{len(with_address(stage))} recipients" in hand.text
    await hand.tap("📤")
    await over(hand)
    assert sorted(mails(stage)) == sorted(with_address(stage))
    mail = stage.crm.room.outside.mails[0]
    assert mail.subject == "Reports <October>"
    assert mail.body_html == "<b>Dear</b> all<br>\n<br>\nPlease &lt;read&gt; this"


async def test_a_letter_to_oneself_goes_to_nobody_else(stage: Stage):
    _give_address(stage, "administrator", "me@example.kz")
    hand = await letter(stage, "choice.emails_audience.admins")
    await hand.tap("form.look", "mailings.to_me")
    assert hand.toast == hand.t("mailings.sent_to_me")
    assert mails(stage) == ["me@example.kz"]
    assert hand.sees("📤")


async def test_without_an_address_of_one_s_own_that_is_said(stage: Stage):
    _give_address(stage, "administrator", None)
    hand = await letter(stage, "choice.emails_audience.organizations")
    await hand.tap("form.look", "mailings.to_me")
    assert hand.toast == hand.t("mailings.no_address")
    assert mails(stage) == []


def _give_address(stage: Stage, login: str, email: str | None) -> None:
    with stage.crm.room.db.session() as session:
        session.execute(update(Admin).where(Admin.login == login).values(email=email))


async def test_failed_addresses_are_named_and_only_they_are_tried_again(stage: Stage):
    hand = await letter(stage, "choice.emails_audience.typed")
    await hand.say("a@example.kz, b@example.kz\nA@example.kz; c@example.kz")
    stage.crm.room.outside.refused.add("b@example.kz")
    await hand.tap("form.look")
    assert "3 recipients" in hand.text
    await hand.tap("📤")
    await over(hand)
    assert "b@example.kz" in hand.text
    assert hand.t("mailings.failed", n=1, count="1") in hand.text
    stage.crm.room.outside.refused.clear()
    await hand.tap("🔁")
    await over(hand)
    assert sorted(mails(stage)) == ["a@example.kz", "b@example.kz", "c@example.kz"]


async def test_mail_that_does_not_work_is_no_success(stage: Stage):
    """Contract 2.12: a 200 also when nothing could be sent."""
    stage.crm.room.outside.mail = False
    hand = await letter(stage, "choice.emails_audience.typed")
    await hand.say("a@example.kz, b@example.kz")
    await hand.tap("form.look", "📤")
    await over(hand)
    assert hand.t("mailings.sent", n=0, count="0") in hand.text
    assert hand.t("mailings.failed", n=2, count="2") in hand.text


async def test_more_than_fit_into_one_call_go_in_several(stage: Stage):
    hand = await letter(stage, "choice.emails_audience.typed")
    await hand.say("\n".join(f"person{number}@example.kz" for number in range(130)))
    await hand.tap("form.look", "📤")
    await over(hand)
    assert len(set(mails(stage))) == len(mails(stage)) == 130
    assert all(1 <= len(one.json["recipients"]) <= 100 for one in stage.crm.requests_to(MAIL))


async def test_an_address_that_only_the_backend_refuses_stops_nobody_else(stage: Stage):
    hand = await letter(stage, "choice.emails_audience.typed")
    await hand.say("a@example.kz, b@c..example.kz, d@example.kz")
    await hand.tap("form.look", "📤")
    await over(hand)
    assert sorted(mails(stage)) == ["a@example.kz", "d@example.kz"]
    assert "b@c..example.kz" in hand.text


async def test_a_wrong_address_is_named_while_it_is_typed(stage: Stage):
    hand = await letter(stage, "choice.emails_audience.typed")
    await hand.say("a@example.kz, nonsense")
    assert hand.t("field.error.address", address="nonsense") in hand.text
