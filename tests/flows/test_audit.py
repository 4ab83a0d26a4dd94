"""The audit: every act is there with before and after, is narrowed, searched, exported, and opens its record."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import redis as redis_sync

from keyboards.callbacks import to_base36
from services.keys import AuditKey
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.test_export import arrived, sheet


async def at_audit(stage: Stage) -> Hand:
    hand = await stage.hand("super_admin", name="Super", user_id=9000)
    return await hand.tap("office.title", "audit.title")


async def approved(stage: Stage, login: str = "administrator", user_id: int = 9001) -> int:
    """The event that somebody has just approved."""
    event = next(one for one in stage.crm.events() if one["moderation_status"] == "pending")
    hand = await stage.hand(login, name="Boss", user_id=user_id)
    await hand.open(event["id"])
    await hand.tap("card.approve")
    assert stage.event(event["id"])["moderation_status"] == "approved"
    return int(event["id"])


def entries(hand: Hand) -> list[str]:
    return [label for label in hand.labels if " · " in label]


async def test_who_did_what_with_before_and_after_and_the_record(stage: Stage) -> None:
    event = await approved(stage)
    hand = await at_audit(stage)
    assert len(entries(hand)) == 1
    assert "Данияр Омаров" in entries(hand)[0]
    assert f"#{event}" in entries(hand)[0]
    await hand.tap(f"#{event}")
    state = hand.t("choice.moderation_status.pending"), hand.t("choice.moderation_status.approved")
    assert f"{hand.t('filter.moderation_status')}: {state[0]} → {state[1]}" in hand.text
    assert hand.t("audit.number", number=1) in hand.text
    await hand.tap("audit.action.open")
    title = stage.event(event)["title"]
    assert str(title)[:20] in hand.text
    await hand.tap("audit.back")
    assert hand.t("audit.number", number=1) in hand.text


async def test_what_was_deleted_is_in_the_audit_and_its_record_is_gone(stage: Stage) -> None:
    boss = await stage.hand("administrator", name="Boss", user_id=9001)
    event = stage.crm.events()[0]
    await boss.open(event["id"])
    await boss.tap("card.delete", "delete.confirm")
    assert stage.event(event["id"]) is None
    hand = await at_audit(stage)
    await hand.tap(f"#{event['id']}")
    assert str(event["title"])[:20] in hand.text
    await hand.tap("audit.action.open")
    assert hand.toast == hand.t("error.gone_toast")


async def test_filters_by_person_module_op_and_day(stage: Stage) -> None:
    event = await approved(stage)
    hand = await stage.hand("super_admin", name="Super", user_id=9000)
    await hand.open(stage.crm.admin_id("newcomer"), "ad")
    await hand.tap("admins.action.approve", "admins.action.approve")
    await hand.say("/admin")
    await hand.tap("audit.title")
    assert len(entries(hand)) == 2
    boss = stage.crm.admin_id("administrator")
    for place, wanted in (
        (f"-0{_sized(boss)}", f"#{event}"),
        ("-00" + _sized(5), f"#{event}"),
        ("-000" + _sized(4), f"#{event}"),
        ("-000" + _sized(5), "Admin #"),
    ):
        await hand.forge(f"liau...{place}")
        assert len(entries(hand)) == 1, place
        assert wanted in entries(hand)[0]
    await hand.forge("liau...-00001")
    assert len(entries(hand)) == 2, "today"
    await hand.forge("liau...-00002")
    assert entries(hand) == [], "yesterday"


def _sized(number: int) -> str:
    assert number < 36
    return "0123456789abcdefghijklmnopqrstuvwxyz"[number]


async def test_search_by_name_number_and_day(stage: Stage) -> None:
    event = await approved(stage)
    hand = await at_audit(stage)
    today = datetime.now(ZoneInfo("Asia/Almaty")).date()
    for text, found in (
        ("данияр", 1), (f"#{event}", 1), ("nobody", 0), (f"{today:%d.%m.%Y}", 1), (f"{today:%Y-%m-%d}", 1),
        ("01.01.2001", 0),
    ):  # fmt: skip
        await hand.forge("liau")
        await hand.say(text)
        assert len(entries(hand)) == found, text


async def test_the_audit_is_exported(stage: Stage) -> None:
    event = await approved(stage)
    hand = await at_audit(stage)
    await hand.tap("export.button", "audit.field.changes", "export.make")
    head, *rows = sheet(stage, await arrived(hand))
    found = dict(zip(head, rows[0], strict=True))
    assert len(rows) == 1
    assert found[hand.t("audit.field.name")] == "Данияр Омаров"
    assert found[hand.t("audit.field.record_id")] in (event, str(event))
    assert hand.t("choice.moderation_status.approved") in str(found[hand.t("audit.field.changes")])


@pytest.mark.parametrize("login", ["administrator", "government", "npo"])
async def test_others_do_not_read_it(stage: Stage, login: str) -> None:
    await approved(stage)
    hand = await stage.hand(login, name="Curious", user_id=9005)
    with redis_sync.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        key = client.xrange(AuditKey.name)[0][0]
    milliseconds, count = key.split("-")
    for data in ("liau", f"cdau.{to_base36(int(milliseconds) * 1000 + int(count))}"):
        said = await hand.forge(data)
        assert hand.t("error.forbidden_toast") in (said or hand.text)
