"""Whatever Telegram refuses, the person keeps a message with buttons."""

from __future__ import annotations

import pytest

from keyboards.buttons import Button
from keyboards.callbacks import Go, Press
from tests.unit.views.test_files import Desk, desk
from utils.html import Html
from views.deliver import Shown
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
