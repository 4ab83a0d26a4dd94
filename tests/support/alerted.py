"""Persons who asked for alerts, and what they were told; for the suites with real processes."""

from __future__ import annotations

import json
from typing import Any

from sandbox.telegram.views import MessageView
from services.keys import AlertsKey, WatchesKey
from tests.flows.hand import Hand
from tests.support.stage import Stage, until

SOON = 20.0


async def watching(stage: Stage, login: str, user_id: int, name: str = "Ann") -> Hand:
    """Somebody who asked for alerts; what waited before is known."""
    hand = Hand(await stage.signed_in(login, name=name, user_id=user_id), "en")
    await hand.say("/settings")
    await hand.tap("alerts.title", "alerts.turn_on")
    await until(lambda: kept(stage, hand)["primed"], SOON)
    return hand


def kept(stage: Stage, hand: Hand) -> dict[str, Any]:
    """What is stored of what that person asked for."""
    with stage.redis.client() as client:
        raw = client.hget(WatchesKey.name, str(hand.person.id))
    return dict(json.loads(raw)) if raw else {"primed": False}


def change(stage: Stage, hand: Hand, **values: Any) -> None:
    """Changes what is stored, as time or the person would."""
    with stage.redis.client() as client:
        blob = json.dumps(kept(stage, hand) | values)
        client.hset(WatchesKey.name, str(hand.person.id), blob)


def a_minute_passes(stage: Stage, *hands: Hand) -> None:
    """What comes next is told in a message of its own."""
    for hand in hands:
        change(stage, hand, merged_at=kept(stage, hand)["merged_at"] - 61.0)


def lead_lapses(stage: Stage) -> None:
    """Whoever comes first looks from now on."""
    with stage.redis.client() as client:
        client.delete(AlertsKey.name)


def naming(hand: Hand, title: str) -> list[MessageView]:
    """The visible messages that have this title."""
    return [message for message in hand.person.bot_messages if title in message.text]


def decidable(hand: Hand, message: MessageView) -> bool:
    """True while the alert asks for a decision."""
    return any(hand.t("card.approve") == label for row in message.buttons for label in row)


async def press(hand: Hand, message: MessageView, key: str) -> None:
    """Presses a button of that very message."""
    wanted = hand.t(key)
    button = next(one for row in message.keyboard for one in row if one["text"] == wanted)
    await hand.person.press(button["callback_data"], message.id, timeout=10, settle=True)
