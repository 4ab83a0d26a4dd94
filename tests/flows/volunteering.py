"""What the flows of the volunteers' lists share: rows of the sandbox, filled forms, forged presses."""

from __future__ import annotations

from typing import Any

from keyboards.callbacks import Go, Place, Press
from sandbox.crm.groups.volunteers import tables
from sandbox.crm.store import Base
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import keyed

READERS = ("volunteer_admin", "government", "administrator", "super_admin")
WRITERS = ("volunteer_admin", "administrator", "super_admin")
STRANGERS = ("client", "msb", "npo")
LISTS = (
    "volunteers", "volunteer_events", "volunteer_applications", "task_reports", "purchases", "promotion_requests",
    "benefits", "status_requirements",
)  # fmt: skip


def rows(stage: Stage, table: type[Base], **wanted: Any) -> list[dict[str, Any]]:
    """The table's rows with these values, newest first as the lists have them."""
    found = [
        row for row in stage.crm.rows(table) if all(row[name] == value for name, value in wanted.items())
    ]
    return found[::-1]


def row(stage: Stage, table: type[Base], record_id: int) -> dict[str, Any]:
    """The table's row with that id."""
    return rows(stage, table, id=record_id)[0]


def balance(stage: Stage, volunteer_id: int) -> int | None:
    """The volunteer's coins; None without a balance."""
    found = rows(stage, tables.VolunteerBalance, volunteer_id=volunteer_id)
    return found[0]["balance"] if found else None


def poor(stage: Stage) -> set[int]:
    """Ids of the volunteers without a balance."""
    rich = {one["volunteer_id"] for one in rows(stage, tables.VolunteerBalance)}
    return {one["id"] for one in rows(stage, tables.Volunteer)} - rich


async def fill(hand: Hand, *answers: str | None) -> Hand:
    """Types the answers of a form, None for a step that is left out, and saves."""
    for answer in answers:
        await (hand.tap("form.skip") if answer is None else hand.say(answer))
    return await hand.tap("form.save")


async def forge(
    stage: Stage, hand: Hand, press: Press, code: str, record_id: int, arg: str = "", view: str = ""
) -> str:
    """What the bot says to a press that is not drawn, with the very key that it would draw for it."""
    said = await hand.forge(keyed(stage, hand, Go(press, code, record_id, arg, view)))
    # A slow press is answered before its work is done: then the screen says it.
    return said or hand.text.splitlines()[0]


def said(hand: Hand, text: str) -> bool:
    """True when the last press was answered with ``text``, or its screen begins with it because that took long."""
    return text == hand.toast or hand.text.startswith(text)


def under(event_id: int) -> str:
    """The place of an event's own list."""
    return Place(parent=event_id).pack()


def remove(stage: Stage, table: type[Base], record_id: int) -> None:
    """Takes a row out of the sandbox, as if somebody had deleted it there."""
    with stage.crm.room.db.session() as session:
        session.delete(session.get_one(table, record_id))
