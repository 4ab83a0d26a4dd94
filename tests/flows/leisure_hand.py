"""What the flows of leisure share: who may what, rows of the CRM, forms filled by what the screen asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from handlers.leisure import PLACES, PROMOS, TICKETS
from handlers.leisure_shared import CATEGORIES, PLACE_PHOTOS, TICKET_PHOTOS
from keyboards.callbacks import Go
from resources.resource import Resource
from sandbox.crm.groups.leisure.tables import (
    LeisureCategory,
    Place,
    PlacePicture,
    Promo,
    Ticket,
    TicketPicture,
)
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import keyed

TABLES: Mapping[str, Any] = {
    "pl": Place,
    "tk": Ticket,
    "pm": Promo,
    "lc": LeisureCategory,
    "lg": PlacePicture,
    "tg": TicketPicture,
}
CONTENT: Mapping[str, Resource[Any]] = {"pl": PLACES, "tk": TICKETS, "pm": PROMOS}
STANDING: Mapping[str, Resource[Any]] = {**CONTENT, "lc": CATEGORIES}
GALLERIES: Mapping[str, Resource[Any]] = {"lg": PLACE_PHOTOS, "tg": TICKET_PHOTOS}
READERS = ("msb", "government", "administrator", "super_admin")
DECIDERS = ("administrator", "super_admin")
WRITERS = ("msb", *DECIDERS)
OTHERS = ("client", "volunteer_admin", "npo")


def rows(stage: Stage, code: str, **wanted: Any) -> list[dict[str, Any]]:
    """The CRM's rows of that resource with these values, by id."""
    found = stage.crm.rows(TABLES[code])
    return [row for row in found if all(row[name] == value for name, value in wanted.items())]


def row(stage: Stage, code: str, record_id: int) -> dict[str, Any] | None:
    """The row as the CRM has it now; None when it is gone."""
    return next(iter(rows(stage, code, id=record_id)), None)


def own(stage: Stage, code: str, login: str = "msb", **wanted: Any) -> dict[str, Any]:
    """A row of that admin's."""
    return rows(stage, code, admin_id=stage.crm.admin_id(login), **wanted)[-1]


def foreign(stage: Stage, code: str, **wanted: Any) -> dict[str, Any]:
    """A row that is not msb's."""
    mine = stage.crm.admin_id("msb")
    return next(one for one in rows(stage, code, **wanted) if one["admin_id"] != mine)


def title_of(record: Mapping[str, Any]) -> str:
    """The title as an English reader sees it, without what the screen folds."""
    return " ".join(str(record["title_ru"]).split())


async def fill(hand: Hand, resource: Resource[Any], answers: Mapping[str, str], until: str = "") -> None:
    """Answers the steps of a new record: a label is tapped, a text typed, what has no answer skipped."""
    for name in resource.form:
        if name == until:
            return
        assert hand.t(f"{resource.key}.field.{name}") in hand.text, hand.text
        value = answers.get(name)
        if value is None:
            await hand.tap("form.skip")
        elif hand.sees(value):
            await hand.tap(value)
        else:
            await hand.say(value)
    assert hand.t("form.summary") in hand.text


async def refused(stage: Stage, hand: Hand, go: Go) -> None:
    """Presses what is not drawn, with the very key the bot would draw: nothing opens and nothing is written."""
    said = await hand.forge(keyed(stage, hand, go))
    # A press that takes long is answered before its end, then without a word.
    assert said in (hand.t("error.forbidden_toast"), ""), go
    assert not any(hand.sees(label) for label in ("nav.cancel", "form.save", "delete.confirm")), go
    assert stage.writes() == [], go


def instant(*parts: int) -> datetime:
    """What the CRM keeps for that clock in Almaty (UTC+5): naive UTC."""
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour - 5, minute, tzinfo=UTC).replace(tzinfo=None)
