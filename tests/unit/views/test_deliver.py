"""Whatever Telegram refuses, the person keeps a message with buttons."""

from __future__ import annotations

import pytest

from keyboards.buttons import Button
from keyboards.callbacks import Go, Press
from tests.unit.views.test_files import Desk, desk
from utils.html import Html
from views.deliver import Fate, Sent, Shown
from views.screen import Screen

__all__ = ("desk",)

MENU = Screen(Html("menu"), ((Button("Menu", Go(Press.MENU)),),))
TORN = Screen(Html("<b>torn"))
"""What Telegram cannot parse."""


@pytest.mark.parametrize("fresh", [False, True])
async def test_a_screen_that_telegram_refuses_leaves_the_old_one(desk: Desk, fresh: bool):
    shown = await desk.deliver.show(desk.person.id, None, MENU)
    assert shown is not None
    assert await desk.deliver.show(desk.person.id, shown, TORN, fresh=fresh) is None
    assert [(message.id, message.text) for message in desk.person.bot_messages] == [
        (shown.message_id, "menu")
    ]


async def test_a_new_message_takes_the_place_of_the_old_one(desk: Desk):
    shown = await desk.deliver.show(desk.person.id, None, MENU)
    sent = await desk.deliver.show(desk.person.id, shown, MENU, fresh=True)
    assert sent is not None
    assert shown != sent
    assert [message.id for message in desk.person.bot_messages] == [sent.message_id]


async def test_a_message_that_is_gone_is_replaced(desk: Desk):
    sent = await desk.deliver.show(desk.person.id, Shown(999), MENU)
    assert sent is not None
    assert desk.person.last.text == "menu"


async def test_telling_says_that_it_was_delivered(desk: Desk):
    assert await desk.deliver.tell(desk.person.id, MENU) == Sent(Fate.DELIVERED)
    assert desk.person.last.text == "menu"


async def test_telling_somebody_who_blocked_the_bot_or_never_was_there(desk: Desk):
    desk.person.block()
    assert (await desk.deliver.tell(desk.person.id, MENU)).fate is Fate.BLOCKED
    assert (await desk.deliver.tell(987654, MENU)).fate is Fate.BLOCKED


async def test_telling_hands_a_flood_limit_on_however_long(desk: Desk):
    desk.telegram.faults.add("flood", method="sendMessage", times=1, seconds=600)
    assert await desk.deliver.tell(desk.person.id, MENU) == Sent(Fate.LATER, 600.0)
    assert len(desk.telegram.calls.of("sendMessage")) == 1


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "empty", "reset"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_telling_never_sends_a_second_time_what_may_have_arrived(desk: Desk, kind: str, after: bool):
    desk.telegram.faults.add(kind, method="sendMessage", times=1, after=after)
    assert (await desk.deliver.tell(desk.person.id, MENU)).fate is Fate.UNKNOWN
    assert len(desk.telegram.calls.of("sendMessage")) == 1


async def test_telling_what_telegram_does_not_take(desk: Desk):
    assert (await desk.deliver.tell(desk.person.id, TORN)).fate is Fate.REFUSED


async def test_telling_while_telegram_cannot_be_reached_may_be_done_later(desk: Desk):
    await desk.telegram.stop()
    sent = await desk.deliver.tell(desk.person.id, MENU)
    assert sent.fate is Fate.LATER
    assert sent.wait > 0
