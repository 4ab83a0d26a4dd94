"""Saved views: a list under a name, opened again with a tap, on the menu with its number."""

from __future__ import annotations

import json
import re

import pytest
import redis

from tests.flows.conftest import Stage
from tests.flows.hand import Hand

WAITING = "choice.moderation_status.pending"


async def narrowed(hand: Hand) -> Hand:
    """The list of events that wait."""
    await hand.say("/menu")
    return await hand.tap(hand.events, "list.filters", WAITING, "list.show")


async def saved(hand: Hand, name: str) -> Hand:
    """That list kept under a name."""
    await narrowed(hand)
    await hand.tap("views.save")
    return await hand.say(name)


async def to_views(hand: Hand) -> Hand:
    await hand.say("/menu")
    return await hand.tap(next(label for label in hand.labels if hand.t("views.title") in label))


async def pinned(hand: Hand, name: str) -> Hand:
    await saved(hand, name)
    return await hand.tap("views.pin")


def waiting(stage: Stage) -> int:
    return len([event for event in stage.crm.events() if event["moderation_status"] == "pending"])


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
async def test_a_narrowed_list_is_saved_under_a_typed_name_and_opens_again(stage: Stage, language: str):
    ann = await stage.hand("administrator", language)
    await ann.tap(ann.events)
    assert not ann.sees("views.save")
    await narrowed(ann)
    before = ann.seen()
    await ann.tap("views.save")
    assert ann.t("views.ask_name") in ann.text
    await ann.say('  Шешім   күтуде <b>& "x" ')
    assert 'Шешім күтуде <b>& "x"' in ann.text
    assert ann.t(WAITING) in ann.text
    await to_views(ann)
    await ann.tap("Шешім күтуде")
    assert ann.seen() == before
    await ann.tap("nav.home")
    assert len(ann.person.bot_messages) == 1


async def test_the_offered_name_takes_one_tap(stage: Stage):
    ann = await stage.hand("administrator")
    await narrowed(ann)
    await ann.tap("views.save", f"✓ {ann.t(WAITING)}")
    assert ann.toast == ann.t("views.saved")
    await to_views(ann)
    assert ann.sees(f"📅 {ann.t(WAITING)}")


async def test_a_blank_name_is_asked_for_again(stage: Stage):
    ann = await stage.hand("administrator")
    await narrowed(ann)
    await ann.tap("views.save")
    await ann.say("\u200b")
    assert ann.t("views.no_name") in ann.text
    await ann.say("Kept")
    await ann.tap("views.rename")
    await ann.say("\u200b")
    assert ann.t("views.no_name") in ann.text


async def test_a_long_name_fits_its_button(stage: Stage):
    ann = await stage.hand("administrator")
    await saved(ann, "Ұ" * 3000)
    await to_views(ann)
    assert ann.sees("ҰҰҰ")


async def test_the_search_lives_in_the_view_when_tokens_are_forgotten(stage: Stage):
    ann = await stage.hand("administrator")
    event = next(one for one in stage.crm.events() if len(one["title"]) > 12)
    await ann.tap(ann.events)
    await ann.say(event["title"])
    before = ann.seen()
    await ann.tap("views.save", "✓ «")
    with redis.Redis.from_url(stage.redis_url) as client:
        client.delete(*client.keys("*:search:*"))
    await to_views(ann)
    await ann.tap(event["title"][:10])
    assert ann.seen() == before


async def test_pinned_views_stand_on_the_menu_with_their_number_also_after_a_restart(stage: Stage):
    ann = await stage.hand("administrator")
    await pinned(ann, "Kept")
    await stage.restart()
    await ann.say("/menu")
    assert ann.sees(f"⭐ Kept · {waiting(stage)}")
    await ann.tap("⭐ Kept")
    assert ann.t(WAITING) in ann.text
    await to_views(ann)
    await ann.tap("views.manage", "views.unpin")
    await ann.tap("nav.home")
    assert not ann.sees("⭐ Kept")
    assert ann.sees("views.title")


async def test_the_number_is_as_the_list_is_now_and_missing_where_nobody_knows(stage: Stage):
    ann = await stage.hand("administrator")
    await pinned(ann, "Kept")
    number = waiting(stage)
    await ann.say("/menu")
    await ann.tap("⭐ Kept")
    await ann.tap(next(label for label in ann.labels if label.startswith("⏳")), "card.approve")
    await ann.say("/menu")
    assert ann.sees(f"⭐ Kept · {number - 1}")
    # More online events than are looked at, and the CRM does not count them.
    await ann.tap(ann.events, "list.filters", "choice.format.Online", "list.show", "views.save")
    await ann.say("Online")
    await ann.tap("views.pin", "nav.home")
    if len([event for event in stage.crm.events() if event["format"] == "Online"]) > 50:
        assert "⭐ Online" in ann.labels


async def test_the_menu_does_not_wait_for_slow_numbers(stage: Stage):
    ann = await stage.hand("administrator")
    await pinned(ann, "Kept")
    stage.crm.faults.add("delay", "/events/", delay=3.0)
    before = stage.telegram.state.clock()
    await ann.tap("nav.home")
    assert stage.telegram.state.clock() - before < 2.0
    assert "⭐ Kept" in ann.labels


async def test_no_more_than_four_are_pinned(stage: Stage):
    ann = await stage.hand("administrator")
    for number in range(5):
        await ann.say("/menu")
        await ann.tap(ann.events)
        await ann.say(f"search {number}")
        await ann.tap("views.save")
        await ann.say(f"Kept {number}")
        await ann.tap("views.pin")
    assert ann.t("views.too_many_pinned", limit=4) in ann.text
    await ann.say("/menu")
    assert [label[:8] for label in ann.labels if label.startswith("⭐ Kept")] == [
        f"⭐ Kept {n}"[:8] for n in range(4)
    ]


async def test_rename_delete_and_undo(stage: Stage):
    ann = await stage.hand("administrator")
    await saved(ann, "First")
    await ann.tap("views.rename")
    await ann.say("Second")
    assert "Second" in ann.text
    await ann.tap("views.delete")
    assert ann.t("views.deleted", name="Second") in ann.text
    await ann.tap("views.undo")
    assert "Second" in ann.text
    await ann.tap("views.delete", "nav.back")
    assert ann.t("views.none", limit=20) in ann.text
    await ann.tap("nav.home")
    assert not ann.sees("views.title")


async def test_buttons_of_a_deleted_view_do_nothing(stage: Stage):
    ann = await stage.hand("administrator")
    await saved(ann, "First")
    old = [ann.data(label) for label in ("views.open", "views.pin", "views.rename", "views.delete")]
    await ann.tap("views.delete")
    for data in old:
        await ann.forge(data)
        assert ann.t("stale.view") in ann.text
    await ann.forge("vo--..ffffffff")
    assert ann.t("stale.view") in ann.text


async def test_a_role_that_may_not_see_the_list_does_not_see_the_view(stage: Stage):
    ann = await stage.hand("administrator")
    await pinned(ann, "Kept")
    data = ann.data("views.open")
    stage.crm.set_role("administrator", "msb")
    with redis.Redis.from_url(stage.redis_url) as client:
        name = f"tg_session:{ann.person.id}"
        blob = json.loads(client.get(name))
        client.set(name, json.dumps(blob | {"role": "msb"}), keepttl=True)
    await ann.say("/menu")
    assert not ann.sees("Kept")
    assert not ann.sees("views.title")
    stage.crm.clear_requests()
    assert await ann.forge(data) == ann.t("error.forbidden_toast")
    assert not stage.crm.requests_to("/events/")
    await ann.forge("vl--")
    assert ann.t("views.none", limit=20) in ann.text
    stage.crm.set_role("administrator", "administrator")
    with redis.Redis.from_url(stage.redis_url) as client:
        client.set(name, json.dumps(blob | {"role": "administrator"}), keepttl=True)
    await ann.say("/menu")
    assert ann.sees("⭐ Kept")


async def test_another_admin_on_the_same_account_does_not_see_them(stage: Stage):
    ann = await stage.hand("administrator")
    await pinned(ann, "Kept")
    data = ann.data("views.open")
    await ann.say(f"/login {stage.crm.otp('super_admin')}")
    await ann.say("/menu")
    assert not ann.sees("Kept")
    await ann.forge(data)
    assert ann.t("stale.view") in ann.text
    await ann.say(f"/login {stage.crm.otp('administrator')}")
    await ann.say("/menu")
    assert ann.sees("⭐ Kept")


async def test_someone_elses_view_cannot_be_opened(stage: Stage):
    ann = await stage.hand("administrator")
    await saved(ann, "Kept")
    bob = await stage.hand("super_admin", name="Bob")
    for press in ("vo", "vm", "vr", "vd", "vu"):
        await bob.forge(f"{press}--..{ann.data('views.open').partition('..')[2]}")
        assert bob.t("stale.view") in bob.text
    await to_views(ann)
    assert ann.sees("Kept")


async def test_guests_have_none(stage: Stage):
    guest = await stage.hand(None)
    for data in ("vl--", "vo--..ffffffff", "vaev...-1", "vsev...-1"):
        await guest.forge(data)
        assert re.search(r"/login|sign", guest.text, re.IGNORECASE) or guest.t("session.needed") in guest.text
