"""Persons who decide what waits, and what the CRM got of it; for the suites with real processes."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.event_tables import Event
from sandbox.telegram import Person
from services.keys import DueDecisionsKey, OpenDecisionsKey
from tests.flows.hand import Hand
from tests.support.stage import Stage, until

PATIENCE = 15.0


async def decider(stage: Stage, login: str, name: str = "Ann", user_id: int | None = None) -> Hand:
    """Somebody who is signed in and has the inbox open."""
    hand = Hand(await stage.signed_in(login, name=name, user_id=user_id), "en")
    await hand.say("/approvals")
    return hand


async def go_to(hand: Hand, number: int, code: str = "ev") -> Hand:
    """The record as the one to decide, among those of its kind."""
    await hand.person.press(
        Go(Press.TRIAGE, code, number, code).pack(), hand.screen.id, timeout=PATIENCE, settle=True
    )
    return hand


async def from_the_first(hand: Hand, code: str = "ev") -> Hand:
    """The oldest record of that kind as the one to decide."""
    await hand.person.press(Go(Press.APPROVALS, code).pack(), hand.screen.id, timeout=PATIENCE, settle=True)
    return await hand.tap("approvals.one_by_one")


def at(hand: Hand) -> int:
    """The id of the record that is to be decided."""
    return Go.unpack(hand.data("approvals.full")).id


def calls(stage: Stage) -> Counter[int]:
    """How often the CRM was told a decision, by record."""
    found = stage.crm.requests_to("/(approve|reject|cancel)$", "POST")
    return Counter(int(request.path.split("/")[-2]) for request in found)


def state(stage: Stage, number: int) -> str:
    """What the CRM has of an event."""
    return str(stage.event(number)["moderation_status"])


def open_decisions(stage: Stage) -> dict[str, dict[str, object]]:
    """Ref -> what is decided and not yet carried out."""
    with stage.redis.client() as client:
        found = client.hgetall(OpenDecisionsKey.name)
    return {ref: json.loads(raw) for ref, raw in found.items()}


def lapse(stage: Stage, number: int, code: str = "ev") -> None:
    """The lease of a dead process on that decision runs out."""
    with stage.redis.client() as client:
        client.zadd(DueDecisionsKey.name, {f"{code}:0:{number}": time.time()})


async def carried_out(stage: Stage, *numbers: int, within: float = 25.0) -> None:
    """Returns when these are decided in the CRM and the bot knows it."""
    await until(lambda: all(state(stage, one) != "pending" for one in numbers), within)
    await until(lambda: not {f"ev:0:{one}" for one in numbers} & set(open_decisions(stage)), within)


def submit(stage: Stage, title: str, login: str = "npo") -> int:
    """The id of an event that this admin has just made in the CRM, and that waits."""
    with stage.crm.room.db.session() as session:
        event = Event(
            title=title, event_date=datetime(2027, 3, 14, 10), location="Қарағанды", format="Offline",
            description="сипаттама", admin_id=stage.crm.admin_id(login), moderation_status="pending",
            created_at=datetime.now(UTC).replace(tzinfo=None),
        )  # fmt: skip
        session.add(event)
        session.flush()
        return int(event.id)


def said_to(person: Person) -> str:
    """Everything that stands in the chat."""
    return "\n".join(message.text for message in person.messages)
