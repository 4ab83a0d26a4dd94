"""A super admin looks on as another role: its real screens, a banner on each, and not one write."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
import redis as redis_sync

from keyboards.callbacks import Go, Press
from services.keys import DraftsKey, UiKey
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.pictures import picture


async def looking(stage: Stage, role: str = "administrator", user_id: int = 9100) -> Hand:
    hand = await stage.hand("super_admin", name="Super", user_id=user_id)
    await hand.tap("office.title", "look.title")
    return await hand.tap(f"role.{role}")


def banner(hand: Hand) -> bool:
    """True when the screen says so and leads out."""
    said = hand.t("look.banner", role="#", until="#").partition("#")[0]
    assert (said in hand.text) == hand.sees("look.leave")
    return said in hand.text


def kept(stage: Stage, user_id: int = 9100) -> tuple[dict[str, str], dict[str, str]]:
    """The ui hash and the drafts of that person."""
    with redis_sync.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        return client.hgetall(UiKey(user_id).name), client.hgetall(DraftsKey(user_id).name)


@pytest.mark.parametrize("role", ["client", "volunteer_admin", "msb", "npo", "government", "administrator"])
async def test_the_menu_is_the_role_s_own(stage: Stage, role: str) -> None:
    real = await stage.hand(role, name="Real", user_id=9101)
    hand = await looking(stage, role)
    assert banner(hand)
    assert (hand.t("look.banner_owners") in hand.text) == (role in ("msb", "npo"))
    assert names(hand) - {hand.t("look.leave")} == names(real)


def names(hand: Hand) -> set[str]:
    """The buttons without their counters: what waits is counted for whoever asks."""
    return {re.sub(r" [·⏳] ?\d.*", "", label) for label in hand.labels if not label.startswith("⏳")}


async def test_the_banner_stands_on_every_screen_and_one_tap_leaves(stage: Stage) -> None:
    hand = await looking(stage)
    await hand.tap(hand.events)
    assert banner(hand)
    await hand.tap(hand.labels[0])
    assert banner(hand), "also under a photo"
    await hand.say("/status")
    assert banner(hand)
    assert hand.t("role.administrator") in hand.text
    await hand.say("/help")
    assert banner(hand)
    await hand.tap("look.leave")
    assert not banner(hand)
    assert hand.t("look.left") in hand.text
    await hand.say("/admin")
    assert hand.sees("admins.title")


async def test_what_the_role_may_not_open_stays_closed(stage: Stage) -> None:
    hand = await looking(stage, "npo")
    for data in ("liad", "liss", "liau", "livo"):
        said = await hand.forge(data)
        assert hand.t("error.forbidden_toast") in (said or hand.text), data
    assert await hand.forge("lk--..msb") == hand.t("look.blocked")


async def test_every_button_that_writes_is_drawn_and_does_nothing(stage: Stage) -> None:
    event = next(one for one in stage.crm.events() if one["moderation_status"] == "pending")
    hand = await looking(stage)
    ui, drafts = kept(stage)
    stage.crm.clear_requests()
    await hand.open(event["id"])
    assert hand.sees("card.approve")
    await hand.tap("card.approve")
    assert hand.toast == hand.t("look.blocked")
    for press in Press:
        for code, record in (("ev", event["id"]), ("ad", 10), ("ss", 9100), ("vo", 1)):
            for arg in ("", "ap", "rv", "o", "0"):
                if press not in (Press.LOOK_END, Press.SIGN_OUT):
                    await hand.forge(Go(press, code, record, arg).pack())
    assert stage.writes() == []
    assert stage.crm.requests_to("/(sessions|logout)", "DELETE") == []
    after, still = kept(stage)
    assert still == drafts
    assert after["look"] == ui["look"]
    assert stage.event(event["id"]) == event


async def test_typed_text_photos_and_links_write_nothing(stage: Stage) -> None:
    hand = await looking(stage)
    stage.crm.clear_requests()
    await hand.forge("crev")
    await hand.say("A new event")
    assert banner(hand)
    await hand.person.send_photo(picture())
    await hand.person.settle()
    assert hand.t("look.blocked") in hand.text
    await hand.say("/start link_ABCDEFGHJKLM")
    assert hand.t("link.looking") in hand.text
    assert stage.writes() == []
    assert kept(stage)[1] == {}


async def test_an_approve_drawn_meanwhile_is_void_after_it_lapsed(stage: Stage) -> None:
    event = next(one for one in stage.crm.events() if one["moderation_status"] == "pending")
    hand = await looking(stage)
    await hand.open(event["id"])
    drawn = hand.data("card.approve")
    _lapse(stage)
    stage.crm.clear_requests()
    await hand.forge(drawn)
    assert hand.t("look.lapsed") in hand.text
    assert not hand.sees("look.leave")
    await hand.forge(drawn)
    assert stage.writes() == []
    await hand.tap("card.approve")
    assert len(stage.writes()) == 1, "drawn in one's own role it works"


def _lapse(stage: Stage, user_id: int = 9100) -> None:
    """Half an hour passes."""
    with redis_sync.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        name = UiKey(user_id).name
        role = str(client.hget(name, "look")).partition(":")[0]
        client.hset(name, "look", f"{role}:1800")


async def test_it_ends_on_logout(stage: Stage) -> None:
    hand = await looking(stage)
    await hand.say("/logout")
    await hand.say(f"/login {stage.crm.otp('super_admin')}")
    assert not banner(hand)
    assert kept(stage)[0]["look"] == ""


async def test_a_lost_role_ends_it(stage: Stage) -> None:
    hand = await looking(stage)
    stage.crm.set_role("super_admin", "client")
    with redis_sync.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        blob = json.loads(str(client.get("tg_session:9100")))
        client.set("tg_session:9100", json.dumps(blob | {"checked_at": 1.0}), keepttl=True)
    await hand.say("/menu")
    assert not banner(hand)
    assert not hand.sees(hand.events)


async def test_others_go_on_as_themselves_meanwhile(stage: Stage) -> None:
    hand = await looking(stage, "npo")
    other = await stage.hand("administrator", name="Other", user_id=9102)
    event = next(one for one in stage.crm.events() if one["moderation_status"] == "pending")
    await asyncio.gather(other.open(event["id"]), hand.say("/menu"))
    await other.tap("card.approve")
    found: Any = stage.event(event["id"])
    assert found["moderation_status"] == "approved"
    assert banner(await hand.say("/menu"))


async def test_looking_on_is_in_the_audit(stage: Stage) -> None:
    hand = await looking(stage, "npo")
    await hand.tap("look.leave")
    await hand.say("/admin")
    await hand.tap("audit.title")
    assert hand.t("choice.audit_op.look_as") in hand.labels[0]


async def test_only_super_admins_may(stage: Stage) -> None:
    hand = await stage.hand("administrator", user_id=9103)
    await hand.say("/admin")
    assert not hand.sees("look.title")
    assert await hand.forge("lk--..npo") == hand.t("error.forbidden_toast")
    assert not banner(await hand.say("/menu"))
